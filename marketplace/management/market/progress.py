"""Progress bars on a terminal, a line a step elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

T = TypeVar("T")


def bars(console: Console) -> Callable[[str, Iterable[T], int], Iterator[T]]:
    """Return a progress function that draws one bar a step on `console`."""

    def each(title: str, things: Iterable[T], count: int) -> Iterator[T]:
        if not count:
            return
        columns = (TextColumn("{task.description:>18}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console) as progress:
            task = progress.add_task(title, total=count)
            for thing in things:
                yield thing
                progress.advance(task)

    return each

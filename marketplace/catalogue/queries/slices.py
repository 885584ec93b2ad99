"""Long lists of ids, a slice at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

BATCH = 5_000
T = TypeVar("T")


def slices(things: Iterable[T]) -> Iterator[list[T]]:
    """Return `things`, each once, in lists that a query can name."""
    every = list(dict.fromkeys(things))
    for start in range(0, len(every), BATCH):
        yield every[start : start + BATCH]

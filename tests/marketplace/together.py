"""Several of me at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection


def run_together(work: Callable[[], Any], twins: int) -> list[Any]:
    """Run `work` in `twins` threads at once, each with its own connection; return what each brought."""
    gate = threading.Barrier(twins)
    results: list[Any] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            gate.wait()
            results.append(work())
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(twins)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    return results

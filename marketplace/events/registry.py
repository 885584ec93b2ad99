"""Who wants to hear of which fact, and who looks after what is overdue. Filled by each app's handlers.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

RELAY = "system:relay"


@dataclass(frozen=True)
class Fact:
    """A recorded event as its handlers see it; `at` is when it happened."""

    id: int
    name: str
    source_ref: str
    payload: dict[str, Any]
    at: datetime


Handler = Callable[[Fact], None]
Sweep = Callable[[datetime], int]

HANDLERS: dict[str, list[Handler]] = defaultdict(list)
SWEEPS: list[Sweep] = []


def name_of(function: Callable[..., Any]) -> str:
    """Return the name by which the inbox remembers a handler."""
    return f"{function.__module__}.{function.__qualname__}"


def handles(event: type | str) -> Callable[[Handler], Handler]:
    """Register a handler of `event` (its class or its name). It runs in a transaction of its own, once a fact."""

    def register(handler: Handler) -> Handler:
        HANDLERS[event if isinstance(event, str) else event.__qualname__].append(handler)
        return handler

    return register


def sweeps(sweep: Sweep) -> Sweep:
    """Register a sweep: `sweep(at)` looks for overdue work of its app, sees to it, and returns how much it found."""
    SWEEPS.append(sweep)
    return sweep

"""One awarded order turned into dated work within the hours that factories have left.

Pieces are whole, minutes are whole; how long a piece takes is an exact rational.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from math import ceil, floor
from typing import Any

from marketplace.kernel.refusals import BadValue
from procurement.engines.reasons import Reason

MOST_PIECES = 10**9


@dataclass(frozen=True)
class Day:
    """The minutes that a factory has left on a day, by resource."""

    day: date
    left: Mapping[str, int]


@dataclass(frozen=True)
class Workshop:
    """A factory that can make the order.

    minutes_per_unit   by resource, >= 0; every resource named here must stand in each day's `left`
    setup_minutes      by resource, taken once, on the first day the order is worked on here
    days               at most one entry a date
    """

    factory: str
    minutes_per_unit: Mapping[str, Fraction]
    setup_minutes: Mapping[str, int]
    days: tuple[Day, ...]

    def minutes(self, quantity: int, *, first: bool) -> dict[str, int]:
        """The minutes that `quantity` pieces take on one day, rounded up, with the setup on the first day."""
        return {
            resource: ceil(quantity * each) + (self.setup_minutes.get(resource, 0) if first else 0)
            for resource, each in self.minutes_per_unit.items()
        }

    def most(self, day: Day, *, first: bool, wanted: int) -> int:
        """How many of `wanted` pieces fit into the minutes left on a day."""
        most = wanted
        for resource, each in self.minutes_per_unit.items():
            free = day.left[resource] - (self.setup_minutes.get(resource, 0) if first else 0)
            if free < 0:
                return 0
            most = min(most, floor(free / each) if each else most)
        return most


@dataclass(frozen=True)
class WorkOrderProblem:
    """What is to be made, when, and where there are hours.

    release    first day of work      due       last day that is not late
    latest     last day of work (the last day that any workshop knows, when None)
    max_days   at most this many (factory, day) entries (None: any number)

    :raises BadValue: a quantity below 1, days out of order, a factory or a date twice, negative minutes, a resource
        without its minutes.
    """

    quantity: int
    release: date
    due: date
    workshops: tuple[Workshop, ...]
    latest: date | None = None
    max_days: int | None = None

    def __post_init__(self) -> None:
        _check(self)

    @cached_property
    def open_days(self) -> dict[str, list[Day]]:
        """Each factory's days between release and latest, in order."""
        last = self.latest or date.max
        return {
            shop.factory: sorted((one for one in shop.days if self.release <= one.day <= last), key=lambda one: one.day)
            for shop in self.workshops
        }

    def to_json(self) -> bytes:
        """Write the problem; the same problem gives the same bytes."""
        return json.dumps(_written(self), separators=(",", ":"), ensure_ascii=False).encode()

    def sha256(self) -> str:
        return hashlib.sha256(self.to_json()).hexdigest()


@dataclass(frozen=True)
class WorkDay:
    """`quantity` pieces at a factory on a day, and the minutes they take by resource, setup included."""

    factory: str
    day: date
    quantity: int
    minutes: Mapping[str, int]


@dataclass(frozen=True)
class Bounds:
    """What no plan can beat, in whole numbers: pieces unmet, then the day it finishes, then (factory, day) entries."""

    unmet: int
    finish: date | None
    days: int


@dataclass(frozen=True)
class WorkPlan:
    """Dated work, with reasons and a bound.

    status   `proved` when the plan meets its bounds, `optimal` when only the solver says that none is better,
             `feasible` when the time ran out
    unmet    pieces that no factory has hours for
    """

    status: str
    problem_sha256: str
    lines: tuple[WorkDay, ...]
    unmet: int
    bounds: Bounds
    why: tuple[Reason, ...] = field(default=())

    @property
    def finish(self) -> date | None:
        return max((line.day for line in self.lines), default=None)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "work_plan",
            "status": self.status,
            "problem_sha256": self.problem_sha256,
            "lines": [
                {
                    "factory": one.factory,
                    "day": one.day.isoformat(),
                    "quantity": one.quantity,
                    "minutes": dict(one.minutes),
                }
                for one in self.lines
            ],
            "unmet": self.unmet,
            "bound": {
                "unmet": self.bounds.unmet,
                "finish": self.bounds.finish and self.bounds.finish.isoformat(),
                "days": self.bounds.days,
            },
            "why": [one.to_json() for one in self.why],
        }


def _refuse(place: str, value: object, reason: str) -> None:
    raise BadValue(place=place, value=value, reason=reason)


def _check(problem: WorkOrderProblem) -> None:
    if not 1 <= problem.quantity <= MOST_PIECES:
        _refuse("quantity", problem.quantity, f"not between 1 and {MOST_PIECES}")
    if problem.due < problem.release:
        _refuse("due", problem.due, f"before the release {problem.release}")
    if problem.latest is not None and problem.latest < problem.release:
        _refuse("latest", problem.latest, f"before the release {problem.release}")
    if problem.max_days is not None and problem.max_days < 1:
        _refuse("max_days", problem.max_days, "less than 1")
    names = [one.factory for one in problem.workshops]
    if len(set(names)) != len(names):
        _refuse("workshops", next(one for one in names if names.count(one) > 1), "stands twice")
    for shop in problem.workshops:
        _check_workshop(shop)


def _check_workshop(shop: Workshop) -> None:
    if not shop.minutes_per_unit:
        _refuse(f"{shop.factory}.minutes_per_unit", None, "no resource")
    for resource, each in shop.minutes_per_unit.items():
        if isinstance(each, float) or each < 0:
            _refuse(f"{shop.factory}.minutes_per_unit.{resource}", each, "negative or not exact")
    for resource, minutes in shop.setup_minutes.items():
        if resource not in shop.minutes_per_unit:
            _refuse(f"{shop.factory}.setup_minutes", resource, "unknown resource")
        if minutes < 0:
            _refuse(f"{shop.factory}.setup_minutes.{resource}", minutes, "negative")
    if len({one.day for one in shop.days}) != len(shop.days):
        _refuse(f"{shop.factory}.days", None, "a date stands twice")
    for one in shop.days:
        for resource in shop.minutes_per_unit:
            if one.left.get(resource, -1) < 0:
                _refuse(f"{shop.factory}.{one.day}.{resource}", one.left.get(resource), "no minutes, or negative")


def _written(problem: WorkOrderProblem) -> dict[str, Any]:
    return {
        "kind": "work_order",
        "quantity": problem.quantity,
        "release": problem.release.isoformat(),
        "due": problem.due.isoformat(),
        "latest": problem.latest and problem.latest.isoformat(),
        "max_days": problem.max_days,
        "factories": [
            {
                "factory": shop.factory,
                "minutes_per_unit": {name: str(Fraction(each)) for name, each in shop.minutes_per_unit.items()},
                "setup_minutes": dict(shop.setup_minutes),
                "days": [{"day": one.day.isoformat(), "left": dict(one.left)} for one in shop.days],
            }
            for shop in problem.workshops
        ],
    }

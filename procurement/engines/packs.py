"""Packs, tolerance and minimum order; and who gets what when there is less than was asked.

A member asks for a firm quantity and a tolerance: how much more it would take to complete a pack.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from marketplace.kernel.refusals import BadValue
from procurement.engines.reasons import Reason

ZERO = Decimal(0)


@dataclass(frozen=True)
class PackCount:
    """How much a pool orders.

    packs      whole packs
    quantity   packs x pack size
    tolerance  how much of the tolerance it takes to fill them
    left       firm quantity that no pack serves
    missing    how much more firm quantity would let every firm unit be served (0 when it is)
    why        `whole_packs`, `completed_by_tolerance`, `below_minimum` or `nothing_wanted`
    """

    packs: int
    quantity: Decimal
    tolerance: Decimal
    left: Decimal
    missing: Decimal
    why: Reason


def count_packs(
    firm: Decimal,
    tolerance: Decimal,
    *,
    pack: Decimal,
    minimum: Decimal = ZERO,
    step: Decimal = Decimal(1),
) -> PackCount:
    """Count the packs that a pool orders.

    floor(firm / pack), plus one if the remainder r > 0 and r + tolerance >= pack. Tolerance completes at most one pack
    and never fills one alone. When the packs hold less than the minimum order, nothing is ordered.

    firm, tolerance   sums over the pool, >= 0, in the product's unit
    pack              units in a pack, > 0
    minimum           the supplier's minimum order in the same unit (not in packs), >= 0
    step              the smallest quantity that can be asked for, > 0; only `missing` depends on it

    :raises BadValue: a quantity that is negative or no number, a pack or a step of nothing.

    Source: the group-ordering rule of Foodsoft (order article, units to order), restated in docs/algorithms/packs.md;
    worked by hand in tests/worked_examples/test_packs_and_tolerance.py.
    """
    for place, value in (("firm", firm), ("tolerance", tolerance), ("minimum", minimum)):
        _amount(place, value)
    for place, value in (("pack", pack), ("step", step)):
        if _amount(place, value) == 0:
            raise BadValue(place=place, value=value, reason="nothing")
    packs, rest = int(firm // pack), firm % pack
    completed = rest > 0 and rest + tolerance >= pack
    packs += completed
    enough = packs * pack >= minimum
    short = _missing(firm, tolerance, pack, minimum, step)
    if not packs or not enough:
        facts = {"firm": str(firm), "pack": str(pack), "minimum": str(minimum), "missing": str(short)}
        return PackCount(0, ZERO, ZERO, firm, short, Reason("below_minimum" if firm else "nothing_wanted", facts))
    quantity = packs * pack
    why = "completed_by_tolerance" if completed else "whole_packs"
    facts = {"packs": str(packs), "pack": str(pack), "remainder": str(rest)}
    return PackCount(packs, quantity, max(ZERO, quantity - firm), max(ZERO, firm - quantity), short, Reason(why, facts))


def _missing(firm: Decimal, tolerance: Decimal, pack: Decimal, minimum: Decimal, step: Decimal) -> Decimal:
    """How much more firm quantity serves every firm unit in packs that reach the minimum."""
    packs = max(_up(firm, pack), _up(minimum, pack), 1)
    helping = min(tolerance, pack - step) if pack > step else ZERO
    return max(ZERO, packs * pack - helping - firm)


def _up(amount: Decimal, pack: Decimal) -> int:
    whole, rest = divmod(amount, pack)
    return int(whole) + (rest > 0)


def _amount(place: str, value: Decimal) -> Decimal:
    if not isinstance(value, Decimal):
        raise TypeError(f"{place} takes a Decimal, not {type(value).__name__}")
    if not value.is_finite() or value < 0:
        raise BadValue(place=place, value=value, reason="negative" if value.is_finite() else "not a number")
    return value


@dataclass(frozen=True)
class Row:
    """One entry of a member: what it added at one time. Rows compete, not members: a later top-up queues behind others.

    ref        names the row; no two are alike
    sequence   orders rows of the same instant (the smaller came first); then `ref` does
    priority   the higher is served first where that is the rule (procurement/engines/allocation_rules.py)
    """

    ref: str
    member: str
    firm: Decimal
    tolerance: Decimal
    at: datetime
    sequence: int = 0
    priority: int = 0

    @property
    def age(self) -> tuple[datetime, int, str]:
        """What orders rows: the oldest first."""
        return (self.at, self.sequence, self.ref)


@dataclass(frozen=True)
class Share:
    """What a row gets of the firm quantity and of the tolerance that it asked for, and why.

    `why` is `full`, `firm_full` (not all of the tolerance was needed), `part` or `nothing_left`; its facts say how much
    older rows took before it.
    """

    ref: str
    member: str
    firm: Decimal
    tolerance: Decimal
    why: Reason

    @property
    def quantity(self) -> Decimal:
        return self.firm + self.tolerance


@dataclass(frozen=True)
class FirstCome:
    """Shares, oldest row first, and what nobody asked for."""

    shares: tuple[Share, ...]
    left_over: Decimal

    @property
    def by_member(self) -> Mapping[str, Decimal]:
        found: dict[str, Decimal] = {}
        for share in self.shares:
            found[share.member] = found.get(share.member, ZERO) + share.quantity
        return found


def allocate_first_come(rows: Sequence[Row], available: Decimal) -> FirstCome:
    """Share scarce goods: firm quantities first, oldest row first; then, if anything is left, tolerances likewise.

    rows        in any order; equal instants are ordered by `sequence`, then by `ref`
    available   what there is to share, >= 0, in the rows' unit
    returns     one share a row; shares and `left_over` sum exactly to `available`
    cost        O(n log n)

    :raises BadValue: a quantity that is negative or no number, a ref that stands twice.

    Source: the first-come rule of Foodsoft (group order article, result), docs/algorithms/packs.md; worked by hand in
    tests/worked_examples/test_packs_and_tolerance.py.
    """
    _amount("available", available)
    _distinct(rows)
    queue = sorted(rows, key=lambda row: row.age)
    firm, rest = _pass([row.firm for row in queue], available)
    tolerance, rest = _pass([row.tolerance for row in queue], rest)
    ahead = ZERO
    shares = []
    for row, got, more in zip(queue, firm, tolerance, strict=True):
        shares.append(Share(row.ref, row.member, got, more, _why(row, got, more, ahead)))
        ahead += got
    return FirstCome(tuple(shares), rest)


def _distinct(rows: Sequence[Row]) -> None:
    seen: set[str] = set()
    for row in rows:
        _amount(f"{row.ref}.firm", row.firm)
        _amount(f"{row.ref}.tolerance", row.tolerance)
        if row.ref in seen:
            raise BadValue(place="rows", value=row.ref, reason="stands twice")
        seen.add(row.ref)


def _pass(wanted: Sequence[Decimal], rest: Decimal) -> tuple[list[Decimal], Decimal]:
    got = []
    for amount in wanted:
        got.append(min(amount, rest))
        rest -= got[-1]
    return got, rest


def _why(row: Row, got: Decimal, more: Decimal, ahead: Decimal) -> Reason:
    facts = {"wanted": str(row.firm), "tolerance": str(row.tolerance), "got": str(got + more), "ahead": str(ahead)}
    if got == row.firm:
        return Reason("full" if more == row.tolerance else "firm_full", facts)
    return Reason("part" if got else "nothing_left", facts)

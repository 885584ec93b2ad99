"""The filling phase: which changes reduce what a pool lacks."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from procurement.engines import packs
from procurement.pools.rules.text import plain

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Sums:
    """What the members of a pool want together: firm quantity, and tolerance beyond."""

    firm: Decimal
    tolerance: Decimal

    def plus(self, firm: Decimal, tolerance: Decimal) -> Sums:
        return Sums(self.firm + firm, self.tolerance + tolerance)


@dataclass(frozen=True)
class Shortage:
    """What a pool would order, and how much more firm quantity would serve every firm unit in whole packs."""

    packs: int
    missing: Decimal


def shortage(sums: Sums, *, pack: Decimal, minimum: Decimal) -> Shortage:
    """Return what `sums` lack; packs are counted whether they reach the minimum or not."""
    lacking = packs.count_packs(sums.firm, sums.tolerance, pack=pack, minimum=minimum).missing
    return Shortage(packs.count_packs(sums.firm, sums.tolerance, pack=pack).packs, lacking)


def eases(sums: Sums, firm: Decimal, tolerance: Decimal, *, pack: Decimal, minimum: Decimal) -> bool:
    """Return whether a change by `firm` and `tolerance` is taken in the filling phase.

    It is when more tolerance is offered and nothing else changes; or when less is missing, no pack is lost and no
    tolerance taken back; or when tolerance becomes firm, one to one.

    Source: the fill-up phase of Foodsoft (enforced box fill); worked by hand in
    tests/procurement/pools/test_filling.py.
    """
    if not firm and tolerance >= 0:
        return True
    if firm > 0 and tolerance == -firm:
        return True
    before = shortage(sums, pack=pack, minimum=minimum)
    after = shortage(sums.plus(firm, tolerance), pack=pack, minimum=minimum)
    return tolerance >= 0 and after.missing < before.missing and after.packs >= before.packs


def missing_text(sums: Sums, *, pack: Decimal, minimum: Decimal) -> str:
    """Return what `sums` lack as people read it."""
    return plain(shortage(sums, pack=pack, minimum=minimum).missing)

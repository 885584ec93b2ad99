"""Who gets what: whole packs when a pool freezes, what came when goods arrive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from procurement.engines import packs
from procurement.engines.reasons import Reason
from procurement.pools.rules.text import plain

NOTHING = Decimal(0)
ALLOCATION_RULES = ("first_come",)


@dataclass(frozen=True)
class Want:
    """What a member asked for, and what it was allocated and given so far; `order` breaks ties of the same instant."""

    ref: str
    quantity: Decimal
    tolerance: Decimal
    at: datetime
    order: int
    allocated: Decimal = NOTHING
    delivered: Decimal = NOTHING


@dataclass(frozen=True)
class Plan:
    """What a pool orders, and the share of every member by commitment ref; the shares add up to `ordered`."""

    ordered: Decimal
    why: Reason
    shares: Mapping[str, packs.Share]

    def to_json(self) -> dict[str, object]:
        return {"ordered": plain(self.ordered), "why": self.why.to_json()}


def plan_packs(wants: Sequence[Want], *, pack: Decimal, minimum: Decimal, capacity: Decimal | None) -> Plan:
    """Return the whole packs that a pool orders and who gets what of them, first come first served.

    The tolerance of the members may complete one pack, unless that would go beyond the capacity.
    """
    firm = sum((want.quantity for want in wants), NOTHING)
    tolerance = sum((want.tolerance for want in wants), NOTHING)
    count = packs.count_packs(firm, tolerance, pack=pack, minimum=minimum)
    if capacity is not None and count.quantity > capacity:
        count = packs.count_packs(firm, NOTHING, pack=pack, minimum=minimum)
    rows = [packs.Row(want.ref, want.ref, want.quantity, want.tolerance, want.at, want.order) for want in wants]
    shared = packs.allocate_first_come(rows, count.quantity)
    return Plan(count.quantity, count.why, {share.ref: share for share in shared.shares})


def share_arrival(wants: Sequence[Want], came: Decimal) -> dict[str, packs.Share]:
    """Return what each member gets of an arrival, first come first served over what is still due to it.

    Of what a member was allocated, the part within its firm quantity is served before anybody's tolerance.
    """
    rows = []
    for want in wants:
        firm = max(min(want.quantity, want.allocated) - want.delivered, NOTHING)
        rows.append(packs.Row(want.ref, want.ref, firm, want.allocated - want.delivered - firm, want.at, want.order))
    return {share.ref: share for share in packs.allocate_first_come(rows, came).shares}


def allocation_rule(standing: str) -> str:
    """Return the rule a new pool names: the standing one where pools know it, else first come first served."""
    return standing if standing in ALLOCATION_RULES else ALLOCATION_RULES[0]

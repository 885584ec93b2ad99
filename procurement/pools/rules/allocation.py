"""Who gets what: whole packs when a pool freezes, what came when goods arrive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from procurement.engines import packs
from procurement.engines.allocation_rules import ALLOCATION_RULES, allocate
from procurement.engines.reasons import Reason
from procurement.pools.rules.text import plain

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Want:
    """One row of what was asked for, and what it was allocated and given so far.

    member    whose it is: rules that treat members alike add up its rows
    order     breaks ties of the same instant
    priority  counts under the rule of that name alone
    """

    ref: str
    quantity: Decimal
    tolerance: Decimal
    at: datetime
    order: int
    allocated: Decimal = NOTHING
    delivered: Decimal = NOTHING
    member: str = ""
    priority: int = 0

    def row(self, firm: Decimal, tolerance: Decimal) -> packs.Row:
        """Return the want as the rules take it, with these quantities."""
        return packs.Row(self.ref, self.member or self.ref, firm, tolerance, self.at, self.order, self.priority)


@dataclass(frozen=True)
class Plan:
    """What a pool orders, and the share of every row by commitment ref; the shares add up to `ordered`."""

    ordered: Decimal
    why: Reason
    shares: Mapping[str, packs.Share]
    rule: str = ALLOCATION_RULES[0]

    def to_json(self) -> dict[str, object]:
        return {"ordered": plain(self.ordered), "why": self.why.to_json(), "rule": self.rule}


def plan_packs(
    wants: Sequence[Want],
    *,
    pack: Decimal,
    minimum: Decimal,
    capacity: Decimal | None,
    rule: str = ALLOCATION_RULES[0],
) -> Plan:
    """Return the whole packs that a pool orders, and who gets what of them by the rule that it named beforehand.

    The tolerance of the members may complete one pack, unless that would go beyond the capacity.
    """
    firm = sum((want.quantity for want in wants), NOTHING)
    tolerance = sum((want.tolerance for want in wants), NOTHING)
    count = packs.count_packs(firm, tolerance, pack=pack, minimum=minimum)
    if capacity is not None and count.quantity > capacity:
        count = packs.count_packs(firm, NOTHING, pack=pack, minimum=minimum)
    rows = [want.row(want.quantity, want.tolerance) for want in wants]
    shared = allocate(rule, rows, count.quantity)
    return Plan(count.quantity, count.why, {share.ref: share for share in shared.shares}, rule)


def smaller_arrival(plan: Plan, wants: Sequence[Want], available: Decimal) -> Plan:
    """Return who would get what if of all that the plan orders only `available` came."""
    there = min(available, plan.ordered)
    bound = [replace(want, allocated=plan.shares[want.ref].quantity, delivered=NOTHING) for want in wants]
    facts = {"available": plain(there), "ordered": plain(plan.ordered)}
    return Plan(there, Reason("smaller_arrival", facts), share_arrival(bound, there, plan.rule), plan.rule)


def share_arrival(wants: Sequence[Want], came: Decimal, rule: str = ALLOCATION_RULES[0]) -> dict[str, packs.Share]:
    """Return what each row gets of an arrival, by the pool's rule over what is still due to it.

    Of what a row was allocated, the part within its firm quantity is served before anybody's tolerance.
    """
    rows = []
    for want in wants:
        firm = max(min(want.quantity, want.allocated) - want.delivered, NOTHING)
        rows.append(want.row(firm, want.allocated - want.delivered - firm))
    return {share.ref: share for share in allocate(rule, rows, came).shares}


def plan_of_bound(wants: Sequence[Want], *, pack: Decimal, step: Decimal, rule: str) -> Plan:
    """Return the whole packs that bound rows still fill, and who gets what of them; nobody gets more than it had.

    step  what every share stays a multiple of: the published lot is counted in it
    """
    held = sum((want.allocated for want in wants), NOTHING)
    ordered = held // pack * pack
    shared = allocate(rule, [want.row(want.allocated, NOTHING) for want in wants], ordered, step=step)
    facts = {"held": plain(held), "pack": plain(pack)}
    return Plan(ordered, Reason("packs_counted_anew", facts), {share.ref: share for share in shared.shares}, rule)


def plan_as_bound(wants: Sequence[Want], rule: str) -> Plan:
    """Return what bound rows are to get, as it stands."""
    shares = {}
    for want in wants:
        firm = min(want.quantity, want.allocated)
        facts = {"got": plain(want.allocated), "wanted": plain(want.quantity), "tolerance": plain(want.tolerance)}
        why = Reason("full" if want.allocated >= want.quantity else "bound_to_less", facts)
        shares[want.ref] = packs.Share(want.ref, want.member or want.ref, firm, want.allocated - firm, why)
    ordered = sum((want.allocated for want in wants), NOTHING)
    return Plan(ordered, Reason("as_bound", {"ordered": plain(ordered)}), shares, rule)


def allocation_rule(standing: str) -> str:
    """Return the rule a new pool names: the standing one where pools know it, else first come first served."""
    return standing if standing in ALLOCATION_RULES else ALLOCATION_RULES[0]

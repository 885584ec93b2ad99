"""Small judgements about pools: live figures, deposits, how a window is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import TypeGuard

from marketplace.kernel.money import Money, Rate
from marketplace.kernel.periods import Period, iso_week_of, month_of, window_label
from marketplace.kernel.words import gettext_noop
from procurement.engines import packs
from procurement.engines.reasons import Reason

NOTHING = Decimal(0)
ALLOCATION_RULES = ("first_come",)
FREEZES_BEFORE = timedelta(days=14)  # a pool that opens by itself freezes that long before its window begins

# Where indicative steps come from, best first; sealed prices are never among them.
SOURCES = {
    "framework": gettext_noop("Indicative: tiers of a framework contract"),
    "price_list": gettext_noop("Indicative: a published price list"),
    "last_award": gettext_noop("Indicative: the last award of this product"),
    "none": gettext_noop("No indicative price is known yet"),
}

# What is said for each reason that a commitment keeps; its facts fill the blanks.
WORDS = {
    "full": gettext_noop("You get all you asked for: {got}."),
    "firm_full": gettext_noop("You get your quantity: {got}; your tolerance was not all needed."),
    "part": gettext_noop("You get {got} of {wanted}: {ahead} was asked for before you, and the packs were full."),
    "nothing_left": gettext_noop("No pack was left: {ahead} was asked for before you."),
    "below_minimum": gettext_noop("The pool gathered too little for one order: {firm}; {missing} was missing."),
    "nothing_wanted": gettext_noop("Nobody was in the pool."),
    "no_cover": gettext_noop("The deposit of {deposit} was not covered: {available} was there."),
    "pool_failed": gettext_noop("The pool was stopped. {why}"),
    "price_above_ceiling": gettext_noop("The price is above your ceiling: {why}."),
    "price_above_every_ceiling": gettext_noop("The price is above everybody's ceiling."),
    "deposit_not_asked": gettext_noop("No deposit is asked."),
    "deposit_without_price": gettext_noop("No deposit: no ceiling, indicative or stated price is known."),
    "deposit_on_ceiling": gettext_noop("Deposit {deposit}: {percent} % of {quantity} at your ceiling {price}."),
    "deposit_on_indicative": gettext_noop(
        "Deposit {deposit}: {percent} % of {quantity} at the indicative price {price}."
    ),
    "deposit_on_stated": gettext_noop(
        "Deposit {deposit}: {percent} % of {quantity} at the price of your request, {price}."
    ),
    "delivered_in_full": gettext_noop("{share} came: all that was still due to you."),
    "delivered_short": gettext_noop("{share} came of {due} still due to you; older commitments were served first."),
}


@dataclass(frozen=True)
class Step:
    """From this quantity of the whole pool on, a unit would cost about this much."""

    from_quantity: Decimal
    unit_price: Rate


@dataclass(frozen=True)
class Indicative:
    """Price steps that promise nothing, with where they come from (a key of SOURCES), lowest quantity first."""

    source: str
    steps: tuple[Step, ...] = ()

    @property
    def label(self) -> str:
        return SOURCES[self.source]

    def at(self, quantity: Decimal) -> Step | None:
        """Return the step that `quantity` has reached, None below the first."""
        reached = [step for step in self.steps if step.from_quantity <= quantity]
        return reached[-1] if reached else None

    def after(self, quantity: Decimal) -> Step | None:
        """Return the next step above `quantity` that would be cheaper than the present one."""
        here = self.at(quantity)
        ahead = (s for s in self.steps if s.from_quantity > quantity)
        return next((s for s in ahead if here is None or s.unit_price.amount < here.unit_price.amount), None)


@dataclass(frozen=True)
class Gathered:
    """What a pool holds at this moment, in its unit; `tolerance` is what all members would take beyond."""

    joined: Decimal
    tolerance: Decimal
    members: int
    pack_size: Decimal
    minimum: Decimal
    capacity: Decimal | None
    freeze_at: datetime


@dataclass(frozen=True)
class LiveFigures:
    """What members and newcomers look at while a pool is open.

    goal               what the fill bar runs to: the capacity, else the minimum, else the next step; None without any
    fill_percent       joined of goal, one decimal, never above 100
    packs              whole packs that freezing now would order
    missing_to_pack    what would complete the pack that is begun, tolerance not counted; 0 when none is begun
    missing_to_minimum what is missing before the pool may be tendered at all
    missing_to_step    what is missing to the next cheaper step; None when there is none
    days_left          whole days until it freezes, 0 when due
    """

    joined: Decimal
    members: int
    goal: Decimal | None
    fill_percent: Decimal | None
    remaining: Decimal | None
    packs: int
    missing_to_pack: Decimal
    missing_to_minimum: Decimal
    present_step: Step | None
    next_step: Step | None
    missing_to_step: Decimal | None
    days_left: int
    indicative: Indicative


def live_figures(now: Gathered, indicative: Indicative, at: datetime) -> LiveFigures:
    """Return what is gathered, what is missing to each next thing, and how long there is still time."""
    ahead = indicative.after(now.joined)
    goal = now.capacity or now.minimum or (ahead.from_quantity if ahead else None)
    begun = now.joined % now.pack_size
    plan = packs.count_packs(now.joined, now.tolerance, pack=now.pack_size)
    return LiveFigures(
        joined=now.joined,
        members=now.members,
        goal=goal,
        fill_percent=_percent(now.joined, goal) if goal else None,
        remaining=None if now.capacity is None else now.capacity - now.joined,
        packs=plan.packs,
        missing_to_pack=now.pack_size - begun if begun else NOTHING,
        missing_to_minimum=max(now.minimum - now.joined, NOTHING),
        present_step=indicative.at(now.joined),
        next_step=ahead,
        missing_to_step=ahead.from_quantity - now.joined if ahead else None,
        days_left=max((now.freeze_at - at).days, 0),
        indicative=indicative,
    )


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return min(part * 100 / whole, Decimal(100)).quantize(Decimal("0.1"), ROUND_DOWN)


def deposit_key(commitment_ref: str) -> str:
    """Return the key under which the ledger holds a commitment's deposit."""
    return f"deposit:{commitment_ref}"


@dataclass(frozen=True)
class Deposit:
    """What is held of a member when its pool freezes, and why that much."""

    amount: Money
    why: Reason


def deposit_of(
    allocated: Decimal,
    percent: Decimal,
    currency: str,
    *,
    ceiling: Decimal | None,
    indicative: Decimal | None,
    stated: Decimal | None,
) -> Deposit:
    """Return `percent` of what the allocation may cost, rounded half up once to the smallest coin.

    The price is the member's ceiling, else the indicative step that its pool has reached, else the price stated with
    its request. Without any of them the deposit is zero, and the reason says so.
    """
    zero = Money.zero(currency)
    if not percent:
        return Deposit(zero, Reason("deposit_not_asked"))
    for basis, price in (("ceiling", ceiling), ("indicative", indicative), ("stated", stated)):
        if price is not None:
            amount = Money.rounded(allocated * price * percent / 100, currency, ROUND_HALF_UP)
            facts = {"percent": plain(percent), "quantity": plain(allocated), "price": plain(price)}
            return Deposit(amount, Reason(f"deposit_on_{basis}", {**facts, "deposit": str(amount)}))
    return Deposit(zero, Reason("deposit_without_price"))


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


def plain(number: Decimal) -> str:
    """Return `number` without the zeros that say nothing."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def readable(reason: Mapping[str, object]) -> dict[str, object]:
    """Return a kept reason's facts as people read them: numbers without the zeros that say nothing."""
    return {name: plain(Decimal(fact)) if _is_number(fact) else fact for name, fact in reason.items()}


def _is_number(fact: object) -> TypeGuard[str]:
    return isinstance(fact, str) and fact.isascii() and fact.replace(".", "", 1).isdigit()


def trimmed(number: Decimal) -> Decimal:
    """Return `number` without the zeros that say nothing, never in powers of ten."""
    return Decimal(plain(number))


def window_text(start: date, end: date) -> str:
    """Return how people write the window [start, end): `2012-07`, `2012-W31`, or its first and last day."""
    window = Period(start, end)
    if window == month_of(start):
        return window_label(start, "month")
    if window == iso_week_of(start):
        return window_label(start, "week")
    return f"{start.isoformat()} - {window.last_day.isoformat()}"


def verbs_of_pool(machine_verbs: Sequence[str], joinable: bool, buyer: bool, staff: bool) -> list[str]:
    """Return what the asker may do to a pool: buyers join while it is open, staff freeze it or let it fail."""
    mine = ["join"] if joinable and buyer else []
    return mine + [verb for verb in machine_verbs if staff and verb in {"freeze", "fail"}]

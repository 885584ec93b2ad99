"""Live figures of an open pool: what is gathered, what is missing to each next thing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from marketplace.kernel.money import Rate
from procurement.engines import packs
from procurement.pools.rules.words import SOURCES

NOTHING = Decimal(0)
FREEZES_BEFORE = timedelta(days=14)  # a pool that opens by itself freezes that long before its window begins


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

"""Seeded schedules: several buyers join, raise, lower, turn, leave and freeze one pool at the same time.

A schedule is a pool with its terms and one script a buyer, all drawn from one seed. Each script runs on a thread with a
connection of its own; between two schedules the threads wait for one another, so that the deeds of one schedule meet.
Schedules are checked in chunks, after the deeds: nothing writes the pools of a finished schedule any more.
"""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any, NamedTuple

from django.db import connections

from marketplace.kernel.money import Rate
from marketplace.kernel.refusals import Refusal
from procurement.engines.packs import count_packs
from procurement.engines.wants import Level
from procurement.pools import use_cases as pools
from procurement.pools.models import Commitment, Pool
from procurement.pools.rules import ALLOCATION_RULES
from procurement.pools.states import JOINABLE, LIVE
from tests.procurement.pools.scene import FREEZE, NOON, WHO

ACTORS = 3
DEEDS = 3
ANSWERS = {
    "done", "pool_full", "pool_frozen", "own_commitment_exists", "only_what_fills", "stale_write", "illegal_move",
    "bad_value", "beyond_member_limit",
}  # fmt: skip


@dataclass
class Schedule:
    """One seed's pool and scripts; `went` gets what each deed came to, `held` what each buyer was told it holds."""

    seed: int
    terms: dict[str, Any]
    scripts: list[list[tuple[Any, ...]]]
    pool: str = ""
    went: list[tuple[int, str, str]] = field(default_factory=list)
    held: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


def draw(seed: int) -> Schedule:
    """Return the schedule of a seed."""
    dice = random.Random(seed)
    capacity = Decimal(dice.randint(8, 40)) if dice.random() < 0.8 else None
    terms = {
        "capacity": capacity,
        "pack_size": Decimal(dice.choice([1, 2, 5, 10])),
        "minimum": Decimal(dice.choice([0, 0, 10, 20])),
        "allocation_rule": dice.choice(ALLOCATION_RULES),
        "fills_from": NOON if dice.random() < 0.15 else None,
    }
    scripts = [[_deed(dice, first=n == 0) for n in range(DEEDS)] for _ in range(ACTORS)]
    if dice.random() < 0.5:
        scripts[dice.randrange(ACTORS)].insert(dice.randint(1, DEEDS), ("freeze",))
    return Schedule(seed, terms, scripts)


def _deed(dice: random.Random, *, first: bool) -> tuple[Any, ...]:
    verb = dice.choice(["join", "join", "curve"] if first else ["join", "raise", "raise", "lower", "change", "leave"])
    return verb, Decimal(dice.randint(1, 14)), Decimal(dice.choice([0, 0, 1, 3]))


class Stage:
    """The buyers on whom schedules are played, one thread each."""

    def __init__(self, product_id: int, buyers: Sequence[str]) -> None:
        self.product_id, self.buyers = product_id, list(buyers)

    def play(self, schedules: Sequence[Schedule]) -> float:
        """Run the schedules one after the other, their scripts at the same time; return the seconds it took."""
        self._open(schedules)
        gate = Barrier(ACTORS)
        started = time.perf_counter()
        with ThreadPoolExecutor(ACTORS) as threads:
            runs = [threads.submit(self._act, place, schedules, gate) for place in range(ACTORS)]
            for run in runs:
                run.result()
        return time.perf_counter() - started

    def _open(self, schedules: Sequence[Schedule]) -> None:
        for schedule in schedules:
            schedule.pool = f"PL-SOAK-{schedule.seed}"
        Pool.objects.bulk_create(
            Pool(
                ref=schedule.pool,
                product_id=self.product_id,
                region=f"soak {schedule.seed}",
                window_start=date(2026, 4, 1),
                window_end=date(2026, 5, 1),
                currency="CNY",
                unit="C62",
                freeze_at=FREEZE,
                opened_at=NOON,
                opened_by="user:wei",
                **schedule.terms,
            )
            for schedule in schedules
        )

    def _act(self, place: int, schedules: Sequence[Schedule], gate: Barrier) -> None:
        try:
            for schedule in schedules:
                gate.wait(timeout=120)
                mine = ""
                for verb, *amounts in schedule.scripts[place]:
                    code, mine = self._take(schedule, place, verb, mine, *amounts)
                    schedule.went.append((place, verb, code))
        except BaseException:
            gate.abort()
            raise
        finally:
            connections.close_all()

    def _take(self, schedule: Schedule, place: int, verb: str, mine: str, *amounts: Decimal) -> tuple[str, str]:
        """Take one deed; return what it came to, and the row by which the buyer stands in the pool."""
        if verb not in {"freeze", "join", "curve"} and not mine:
            verb = "join"
        who = Actor(schedule.pool, self.buyers[place], mine, schedule.held[place])
        try:
            mine, schedule.held[place] = DEEDS_OF[verb](who, *amounts)
        except Refusal as refusal:
            return refusal.code, mine
        return "done", mine


class Actor(NamedTuple):
    """A buyer before its next deed: the pool, itself, the row by which it stands there, and what it holds."""

    pool: str
    buyer: str
    row: str
    held: Decimal


Answer = tuple[str, Decimal]


def _join(who: Actor, firm: Decimal, more: Decimal) -> Answer:
    return pools.join_pool(pool_ref=who.pool, buyer_ref=who.buyer, quantity=firm, tolerance=more, **WHO), firm


def _curve(who: Actor, firm: Decimal, more: Decimal) -> Answer:
    levels = [Level(Decimal(10), firm), Level(Decimal(8), firm + more + 1)]
    return pools.join_pool(pool_ref=who.pool, buyer_ref=who.buyer, curve=levels, **WHO), levels[-1].quantity


def _raise(who: Actor, firm: Decimal, more: Decimal) -> Answer:
    ceiling = Rate(Decimal(9), "CNY")
    pools.raise_commitment(commitment_ref=who.row, quantity=firm, tolerance=more, ceiling=ceiling, **WHO)
    return who.row, who.held + firm


def _lower(who: Actor, firm: Decimal, more: Decimal) -> Answer:
    return pools.lower_commitment(commitment_ref=who.row, quantity=firm, **WHO), who.held - firm


def _change(who: Actor, firm: Decimal, more: Decimal) -> Answer:
    pools.change_commitment(commitment_ref=who.row, quantity=firm, tolerance=more, **WHO)
    return who.row, firm


def _leave(who: Actor, firm: Decimal, more: Decimal) -> Answer:
    pools.leave_pool(commitment_ref=who.row, **WHO)
    return "", Decimal(0)


def _freeze(who: Actor) -> Answer:
    pools.freeze_pool(pool_ref=who.pool, **WHO)
    return who.row, who.held


DEEDS_OF: dict[str, Callable[..., Answer]] = {
    "join": _join, "curve": _curve, "raise": _raise, "lower": _lower, "change": _change, "leave": _leave,
    "freeze": _freeze,
}  # fmt: skip


def faults(schedules: Sequence[Schedule]) -> list[str]:
    """Return what does not hold after the schedules, nothing when everything does (see `test_schedules`)."""
    refs = {schedule.pool: schedule for schedule in schedules}
    rows: dict[str, list[Commitment]] = defaultdict(list)
    for row in Commitment.objects.filter(pool__ref__in=refs).select_related("pool", "buyer").order_by("id"):
        rows[row.pool.ref].append(row)
    wrong = []
    for pool in Pool.objects.filter(ref__in=refs):
        for fault in (*_sums(pool, rows[pool.ref]), *_frozen(pool, rows[pool.ref])):
            wrong.append(f"seed {refs[pool.ref].seed}: {fault}")
    for schedule in schedules:
        odd = {code for _, _, code in schedule.went} - ANSWERS
        wrong += [f"seed {schedule.seed}: answered {code}" for code in sorted(odd)]
    return wrong


def unkept(schedules: Sequence[Schedule], buyers: Sequence[str]) -> list[str]:
    """Return where a buyer does not hold what it was last told that it holds; dropped at freezing still counts."""
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    rows = Commitment.objects.filter(pool__ref__in=[one.pool for one in schedules]).exclude(state="left")
    for pool, buyer, quantity in rows.values_list("pool__ref", "buyer__ref", "quantity"):
        found[pool, buyer] += quantity
    return [
        f"seed {one.seed}: {buyer} was told {one.held[place]}, holds {found[one.pool, buyer]}"
        for one in schedules
        for place, buyer in enumerate(buyers[:ACTORS])
        if found[one.pool, buyer] != one.held[place]
    ]


def _sums(pool: Pool, rows: Sequence[Commitment]) -> list[str]:
    live = [row for row in rows if row.state in LIVE]
    wrong = []
    for column, name in (("joined", "quantity"), ("tolerance_joined", "tolerance"), ("ordered", "allocated")):
        found = sum((getattr(row, name) for row in live), Decimal(0))
        if getattr(pool, column) != found:
            wrong.append(f"{column} {getattr(pool, column)}, its rows say {found}")
    if pool.capacity is not None and max(pool.joined, pool.ordered) > pool.capacity:
        wrong.append(f"oversold: {pool.joined} joined, {pool.ordered} ordered of {pool.capacity}")
    wrong += [f"{row.ref} got {row.allocated}" for row in live if row.allocated > row.quantity + row.tolerance]
    wrong += [f"{row.ref} is gone and has {row.allocated}" for row in rows if row.state not in LIVE and row.allocated]
    return wrong


def _frozen(pool: Pool, rows: Sequence[Commitment]) -> list[str]:
    """Return what is wrong with what a frozen pool orders: all packs that its members fill, shared to the last unit."""
    if pool.state in JOINABLE:
        return []
    asked = [row for row in rows if row.state != "left"]
    firm = sum((row.quantity for row in asked), Decimal(0))
    more = sum((row.tolerance for row in asked), Decimal(0))
    wanted = count_packs(firm, more, pack=pool.pack_size, minimum=pool.minimum).quantity
    if pool.capacity is not None and wanted > pool.capacity:
        wanted = count_packs(firm, Decimal(0), pack=pool.pack_size, minimum=pool.minimum).quantity
    if pool.ordered != wanted or (pool.state == "failed") != (wanted == 0):
        return [f"{pool.state}: orders {pool.ordered}, {wanted} could be filled"]
    return []


def unsold(schedules: Sequence[Schedule], newcomer: str) -> list[str]:
    """Return the open pools of which something is neither held by anybody nor to be had, or of which too much is.

    A buyer that was not there before takes all that the rows leave, to the last unit, and is refused one unit more.
    """
    wrong = []
    for pool in Pool.objects.filter(ref__in=[one.pool for one in schedules], state="open", fills_from=None):
        if pool.capacity is None:
            continue
        left = pool.capacity - sum((row.quantity for row in pool.commitments.filter(state__in=LIVE)), Decimal(0))
        for asked, expected in ((left + 1, "pool_full"), (left, "done")):
            if asked and (code := _try(pool.ref, newcomer, asked)) != expected:
                wrong.append(f"{pool.ref}: {asked} of {left} left: {code}")
    return wrong


def _try(pool: str, buyer: str, quantity: Decimal) -> str:
    try:
        pools.join_pool(pool_ref=pool, buyer_ref=buyer, quantity=quantity, by="user:wei", at=NOON + timedelta(hours=1))
    except Refusal as refusal:
        return refusal.code
    return "done"


def answers(schedules: Sequence[Schedule]) -> Counter[str]:
    """Return what the deeds came to, to see that schedules do meet."""
    return Counter(f"{verb}:{code}" for schedule in schedules for _, verb, code in schedule.went)

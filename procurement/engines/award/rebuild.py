"""The search: take some lots apart, plan them again one by one within the room that is left, keep what is cheaper.

Machine code over whole arrays. A move closes a winner and opens another, turns a package over, or frees a few lots;
worse awards are kept with a chance that falls with the temperature.

Source: Schrimpf, Schneider, Stamm-Wilbrandt and Dueck, Record breaking optimization results using the ruin and
recreate principle, Journal of Computational Physics 159, 2000.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from procurement.engines.award.plans import BARRED, FORCED, FREE, Asked, Plan, Table, plan_lot
from procurement.engines.award.sending import NEVER, Integers, Reals, compiled

RUINED_MOST = 7
LEANING = 10.0  # how much likelier a supplier that the bound likes is to be opened, and to stay
TURNED = 0.05  # of the moves turn a package over
HANDED_BACK = 0.8  # of the lots of a supplier whose package is taken are planned again


class Limits(NamedTuple):
    """The rules in numbers; `price` by package, `room` by supplier."""

    winners_min: int
    winners_max: int
    winners_per_lot: int
    fixed_cost: int
    room: Integers
    price: Integers


class Standing(NamedTuple):
    """An award by lot: sources, tiers, units by source and region, how many sources; what the lot costs without fixed
    costs and packages' prices; by supplier, units and lots; by package, taken or not; the total in `total[0]`.
    """

    source: Integers
    tier: Integers
    sent: Integers
    size: Integers
    cost: Integers
    units: Integers
    lots: Integers
    taken: Integers
    total: Integers


@compiled
def copy_to(one: Standing, other: Standing) -> None:
    """Write an award over another."""
    other.source[:] = one.source
    other.tier[:] = one.tier
    other.sent[:] = one.sent
    other.size[:] = one.size
    other.cost[:] = one.cost
    other.units[:] = one.units
    other.lots[:] = one.lots
    other.taken[:] = one.taken
    other.total[:] = one.total


@compiled
def copy_lots(one: Standing, other: Standing, lots: Integers, count: int) -> None:
    """Write over another award what differs when only these lots do."""
    for at in range(count):
        lot = lots[at]
        size = one.size[lot]
        for place in range(size):
            other.source[lot, place], other.tier[lot, place] = one.source[lot, place], one.tier[lot, place]
        for place in range(size + 1):
            for region in range(one.sent.shape[2]):
                other.sent[lot, place, region] = one.sent[lot, place, region]
        other.size[lot], other.cost[lot] = size, one.cost[lot]
    other.units[:] = one.units
    other.lots[:] = one.lots
    other.taken[:] = one.taken
    other.total[:] = one.total


@compiled
def book(table: Table, state: Standing, lot: int, sign: int) -> None:
    """Add a lot's plan to what suppliers deliver (+1), or take it off (-1)."""
    for place in range(state.size[lot]):
        supplier = table.supplier[lot, state.source[lot, place]]
        new = True
        for other in range(place):
            if table.supplier[lot, state.source[lot, other]] == supplier:
                new = False
        if new:
            state.lots[supplier] += sign
        for region in range(table.demand.shape[1]):
            state.units[supplier] += sign * state.sent[lot, place, region]


@compiled
def worth(table: Table, state: Standing, lot: int) -> int:
    """Return what a lot's plan costs, without fixed costs and packages' prices."""
    regions = table.demand.shape[1]
    size = state.size[lot]
    money = 0
    for region in range(regions):
        money += state.sent[lot, size, region] * table.reserve[lot]
    for place in range(size):
        one, tier = state.source[lot, place], state.tier[lot, place]
        money += table.beyond[lot, one, tier]
        for region in range(regions):
            money += state.sent[lot, place, region] * (table.price[lot, one, tier] + table.landed[lot, one, region])
    return money


@compiled
def weigh(state: Standing, limits: Limits) -> int:
    """Return an award's total, or NEVER where a rule is broken."""
    winners, money = 0, 0
    for supplier in range(len(limits.room)):
        if state.units[supplier] > limits.room[supplier]:
            return NEVER
        if state.lots[supplier] > 0:
            winners += 1
    if winners < limits.winners_min or winners > limits.winners_max:
        return NEVER
    for lot in range(len(state.cost)):
        money += state.cost[lot]
    for package in range(len(limits.price)):
        money += state.taken[package] * limits.price[package]
    return money + winners * limits.fixed_cost


class Bench(NamedTuple):
    """Room for one move: who may win, the terms of a lot, and the lots taken apart."""

    open: Integers
    room: Integers
    charge: Integers
    share: Integers
    mu: Integers
    may: Integers
    ruined: Integers
    marked: Integers
    by: Integers


@compiled
def plan_again(table: Table, limits: Limits, state: Standing, bench: Bench, lot: int) -> bool:
    """Plan one ruined lot within the room that is left; return whether it can be planned at all."""
    winners = 0
    for supplier in range(len(limits.room)):
        if state.lots[supplier] > 0:
            winners += 1
    for supplier in range(len(limits.room)):
        bench.room[supplier] = limits.room[supplier] - state.units[supplier]
        bench.charge[supplier] = 0 if state.lots[supplier] > 0 else limits.fixed_cost
    for one in range(table.sources[lot]):
        supplier, package = table.supplier[lot, one], table.package[lot, one]
        able = state.lots[supplier] > 0 or winners < limits.winners_max
        if package >= 0:
            bench.may[one] = FORCED if state.taken[package] else BARRED
        else:
            bench.may[one] = FREE if able and bench.open[supplier] else BARRED
    asked = Asked(1, bench.mu, bench.charge, bench.share, bench.room, bench.may, limits.winners_per_lot)
    plan = Plan(state.source[lot], state.tier[lot], state.sent[lot])
    value, size = plan_lot(table, lot, asked, plan, 0)
    if value == NEVER:
        return False
    state.size[lot] = size
    state.cost[lot] = worth(table, state, lot)
    book(table, state, lot, 1)
    return True


@compiled
def ruin(bench: Bench, count: int, lot: int) -> int:
    """Mark a lot to be taken apart; return how many are."""
    if bench.marked[lot]:
        return count
    bench.marked[lot] = 1
    bench.ruined[count] = lot
    return count + 1


@compiled
def choose(table: Table, limits: Limits, state: Standing, bench: Bench, liked: Reals, swaps: float) -> int:
    """Draw a move: what is opened, closed or turned over is written down; return how many lots are taken apart."""
    lots, suppliers, count = len(state.cost), len(limits.room), 0
    bench.marked[:] = 0
    for supplier in range(suppliers):
        bench.open[supplier] = 1 if state.lots[supplier] > 0 else 0
    kind = np.random.random()
    if kind < swaps:
        closed, opened = -1, -1
        first_closed, first_opened, winners = NEVER * 1.0, NEVER * 1.0, 0
        for supplier in range(suppliers):
            wait = -np.log(max(np.random.random(), 1e-12))
            if state.lots[supplier] > 0:
                winners += 1
                wait /= 1.0 + LEANING * (1.0 - liked[supplier])
                if wait < first_closed:
                    closed, first_closed = supplier, wait
            else:
                wait /= 1.0 + LEANING * liked[supplier]
                if wait < first_opened:
                    opened, first_opened = supplier, wait
        if closed >= 0 and (kind < 0.85 * swaps or winners > limits.winners_min):
            bench.open[closed] = 0
            for lot in range(lots):
                for place in range(state.size[lot]):
                    if table.supplier[lot, state.source[lot, place]] == closed:
                        count = ruin(bench, count, lot)
                        package = table.package[lot, state.source[lot, place]]
                        if package >= 0:
                            state.taken[package] = 0
        if opened >= 0 and kind < 0.9 * swaps:
            bench.open[opened] = 1
            for lot in range(lots):
                for one in range(table.sources[lot]):
                    if table.supplier[lot, one] == opened and np.random.random() < 0.7:
                        count = ruin(bench, count, lot)
    elif kind < swaps + TURNED and len(limits.price) > 0:
        package = np.random.randint(len(limits.price))
        state.taken[package] = 1 - state.taken[package]
        owner = -1
        for lot in range(lots):
            for one in range(table.sources[lot]):
                if table.package[lot, one] == package:
                    count = ruin(bench, count, lot)
                    owner = table.supplier[lot, one]
        if owner >= 0 and state.taken[package]:  # its supplier needs the room
            bench.open[owner] = 1
            for lot in range(lots):
                for place in range(state.size[lot]):
                    if table.supplier[lot, state.source[lot, place]] == owner and np.random.random() < HANDED_BACK:
                        count = ruin(bench, count, lot)
    else:
        count = ruin(bench, count, np.random.randint(lots))
        wanted = 2 + np.random.randint(RUINED_MOST - 1)
        if np.random.random() < 0.5:
            for _ in range(wanted - 1):
                count = ruin(bench, count, np.random.randint(lots))
        else:
            first = bench.ruined[0]
            for _ in range(4 * wanted):
                lot = np.random.randint(lots)
                if count < wanted and related(table, state, first, lot):
                    count = ruin(bench, count, lot)
    for lot in range(lots):  # a package is taken apart whole
        for place in range(state.size[lot]):
            package = table.package[lot, state.source[lot, place]]
            if package >= 0 and not state.taken[package]:
                count = ruin(bench, count, lot)
    return count


@compiled
def related(table: Table, state: Standing, lot: int, other: int) -> bool:
    """Whether some supplier delivers in both lots."""
    for place in range(state.size[lot]):
        for there in range(state.size[other]):
            if table.supplier[lot, state.source[lot, place]] == table.supplier[other, state.source[other, there]]:
                return True
    return False


@compiled
def move(
    table: Table, limits: Limits, state: Standing, bench: Bench, mu: Integers, liked: Reals, swaps: float
) -> tuple[bool, int]:
    """Take lots apart and plan them again; return whether an award came of it, and how many lots."""
    count = choose(table, limits, state, bench, liked, swaps)
    for at in range(count):
        book(table, state, bench.ruined[at], -1)
    for at in range(count - 1, 0, -1):
        other = np.random.randint(at + 1)
        bench.ruined[at], bench.ruined[other] = bench.ruined[other], bench.ruined[at]
    at = 0
    for later in range(count):  # lots with a package's part first, for their units are spoken for
        lot = bench.ruined[later]
        for one in range(table.sources[lot]):
            if table.package[lot, one] >= 0 and state.taken[table.package[lot, one]]:
                bench.ruined[later], bench.ruined[at] = bench.ruined[at], lot
                at += 1
                break
    guide = np.random.randint(4)  # 0: each lot for itself; else room is priced
    for supplier in range(len(mu)):
        bench.mu[supplier] = mu[supplier] * guide // 2
    for at in range(count):
        if not plan_again(table, limits, state, bench, bench.ruined[at]):
            return False, count
    state.total[0] = weigh(state, limits)
    return state.total[0] < NEVER, count


@compiled
def bench_of(table: Table, limits: Limits) -> Bench:
    """Return room for moves."""
    lots, suppliers = len(table.sources), len(limits.room)
    return Bench(
        np.ones(suppliers, np.int64),
        np.zeros(suppliers, np.int64),
        np.zeros(suppliers, np.int64),
        np.zeros(max(1, len(limits.price)), np.int64),
        np.zeros(suppliers, np.int64),
        np.zeros(table.supplier.shape[1], np.int64),
        np.zeros(lots, np.int64),
        np.zeros(lots, np.int64),
        np.zeros(suppliers, np.int64),
    )


@compiled
def seeded(seed: int) -> None:
    """Seed the machine code's own chance."""
    np.random.seed(seed)


@compiled
def improve(
    table: Table,
    limits: Limits,
    state: Standing,
    spare: Standing,
    best: Standing,
    mu: Integers,
    liked: Reals,
    moves: int,
    hot: float,
    cold: float,
    swaps: float,
) -> int:
    """Move `moves` times while the temperature falls from `hot` to `cold`; return how many moves were kept."""
    bench = bench_of(table, limits)
    kept = 0
    copy_to(state, spare)
    for turn in range(moves):
        heat = hot * (cold / hot) ** (turn / moves)
        able, count = move(table, limits, state, bench, mu, liked, swaps)
        if able and state.total[0] - spare.total[0] <= -heat * np.log(max(np.random.random(), 1e-12)):
            copy_lots(state, spare, bench.ruined, count)
            kept += 1
            if state.total[0] < best.total[0]:
                copy_to(state, best)
        else:
            copy_lots(spare, state, bench.ruined, count)
    return kept

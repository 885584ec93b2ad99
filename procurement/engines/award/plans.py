"""Machine code for one lot: the cheapest plan of who delivers it, found exactly in 64-bit integers.

A source is a bid or a package's part in the lot. A plan picks sources, a tier for each, and sends units to regions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from procurement.engines.award.sending import NEVER, Integers, compiled, desk_of, send, unserved

BARRED, FREE, FORCED = 0, 1, 2  # what may become of a source


class Table(NamedTuple):
    """Every lot's sources in whole arrays, padded to the longest: lot x source x tier, lot x source x region.

    sources    how many a lot has
    supplier   whose source it is
    tiers      how many tiers in reach
    low, high  units of a tier; high is cut to what demand and the supplier's limit leave
    price      money a unit at the tier, criteria included; beyond: what the units below cost beyond it
    landed     freight a unit
    package    the package of a part, or -1
    demand, reserve   by lot (and region)
    """

    sources: Integers
    supplier: Integers
    tiers: Integers
    low: Integers
    high: Integers
    price: Integers
    beyond: Integers
    landed: Integers
    package: Integers
    demand: Integers
    reserve: Integers


class Asked(NamedTuple):
    """The terms on which a lot is planned.

    scale    what money is multiplied by; mu, charge, share and room are in scaled money and units
    mu       by supplier: extra cost of each unit
    charge   by supplier: extra cost of using it in the lot
    share    by package: extra cost of its part in the lot
    room     by supplier: units it may still deliver
    may      by source of the lot: BARRED, FREE or FORCED
    most     suppliers that may deliver the lot
    """

    scale: int
    mu: Integers
    charge: Integers
    share: Integers
    room: Integers
    may: Integers
    most: int


class Plan(NamedTuple):
    """A plan: sources and tiers by place, units by place and region; the place after the last is left unserved."""

    source: Integers
    tier: Integers
    sent: Integers


@compiled
def plan_lot(table: Table, lot: int, asked: Asked, plan: Plan, hinted: int) -> tuple[int, int]:
    """Return the least cost of a lot on these terms and how many sources its plan has; NEVER where there is none.

    `plan` takes the plan; its first `hinted` places name a plan to begin from. Every set of sources and tiers is tried
    whose cost without ranges is below the best so far.
    """
    regions = table.demand.shape[1]
    demand, reserve = table.demand[lot], table.reserve[lot] * asked.scale
    count = 0
    names = np.empty(table.sources[lot], np.int64)
    rank = np.empty(table.sources[lot], np.int64)
    forced = 0
    for one in range(table.sources[lot]):
        supplier = table.supplier[lot, one]
        if asked.may[one] == BARRED or table.low[lot, one, 0] > asked.room[supplier]:
            if asked.may[one] == FORCED:
                return NEVER, 0
            continue
        worth = asked.charge[supplier]
        cheapest = NEVER
        for tier in range(table.tiers[lot, one]):
            cheapest = min(cheapest, table.price[lot, one, tier])
        for region in range(regions):
            worth += demand[region] * ((cheapest + table.landed[lot, one, region]) * asked.scale + asked.mu[supplier])
        if asked.may[one] == FORCED:
            worth = -NEVER
            forced += 1
        at = count
        while at > 0 and rank[at - 1] > worth:
            rank[at], names[at] = rank[at - 1], names[at - 1]
            at -= 1
        rank[at], names[at] = worth, one
        count += 1
    tiers = table.price.shape[2]
    unit = np.empty((count, tiers, regions), np.int64)
    fixed = np.empty((count, tiers), np.int64)
    ceiling = np.empty((count, tiers), np.int64)
    reach = np.zeros(count, np.int64)
    least_unit = np.full((count + 1, regions), NEVER, np.int64)
    least_fixed = np.full(count, NEVER, np.int64)
    for at in range(count):
        one = names[at]
        supplier = table.supplier[lot, one]
        for tier in range(table.tiers[lot, one]):
            if table.low[lot, one, tier] > asked.room[supplier]:
                break
            reach[at] = tier + 1
            ceiling[at, tier] = min(table.high[lot, one, tier], asked.room[supplier])
            fixed[at, tier] = table.beyond[lot, one, tier] * asked.scale
            if table.package[lot, one] >= 0:
                fixed[at, tier] += asked.share[table.package[lot, one]]
            least_fixed[at] = min(least_fixed[at], fixed[at, tier])
            for region in range(regions):
                unit[at, tier, region] = (
                    table.price[lot, one, tier] + table.landed[lot, one, region]
                ) * asked.scale + asked.mu[supplier]
                least_unit[at, region] = min(least_unit[at, region], unit[at, tier, region])
    onward = np.full((count + 1, regions), NEVER, np.int64)
    gifts = np.zeros(count + 1, np.int64)  # what sources from here on could bring in by being used
    several = False  # whether some supplier has several sources
    for at in range(count - 1, -1, -1):
        gifts[at] = gifts[at + 1] + min(0, least_fixed[at])
        for other in range(at):
            if table.supplier[lot, names[other]] == table.supplier[lot, names[at]]:
                several = True
        for region in range(regions):
            onward[at, region] = min(onward[at + 1, region], least_unit[at, region])
    desk = desk_of(count, regions)
    cost, low, high, sent = desk.cost, desk.low, desk.high, desk.sent
    wanted = 0
    for region in range(regions):
        wanted += demand[region]
    best, size = NEVER, 0
    if forced == 0:
        best = 0
        for region in range(regions):
            best += reserve * demand[region]
    kept_source, kept_tier = np.empty(count, np.int64), np.empty(count, np.int64)
    kept_sent = np.zeros((count + 1, regions), np.int64)
    for region in range(regions):
        kept_sent[0, region] = demand[region]
    if hinted > 0 and forced == 0:
        money, able, used = 0, True, 0
        for place in range(hinted):
            at = -1
            for other in range(count):
                if names[other] == plan.source[place]:
                    at = other
            if at < 0 or plan.tier[place] >= reach[at]:
                able = False
                break
            new = True
            for other in range(place):
                if table.supplier[lot, names[at]] == table.supplier[lot, plan.source[other]]:
                    new = False
            tier = plan.tier[place]
            money += fixed[at, tier]
            if new:
                money += asked.charge[table.supplier[lot, names[at]]]
                used += 1
            low[place], high[place] = table.low[lot, names[at], tier], ceiling[at, tier]
            for region in range(regions):
                cost[place, region] = unit[at, tier, region]
        if able and used <= asked.most:
            paid = send(desk, hinted, demand, reserve, best - money)
            if paid < NEVER and paid + money < best:
                best, size = paid + money, hinted
                for place in range(hinted):
                    kept_source[place], kept_tier[place] = plan.source[place], plan.tier[place]
                for place in range(hinted + 1):
                    for region in range(regions):
                        kept_sent[place, region] = sent[place, region]
    at_source = np.empty(count + 1, np.int64)
    at_tier = np.empty(count + 1, np.int64)
    money_at = np.zeros(count + 1, np.int64)
    used_at = np.zeros(count + 1, np.int64)
    least_sold_at = np.zeros(count + 2, np.int64)
    most_sold_at = np.zeros(count + 2, np.int64)
    least = np.empty((count + 1, regions), np.int64)
    for region in range(regions):
        least[0, region] = reserve
    depth = 0
    at_source[0], at_tier[0] = 0, (reach[0] if count else 0)
    while depth >= 0:
        at = at_source[depth]
        if at >= count:
            depth -= 1
            continue
        at_tier[depth] -= 1
        tier = at_tier[depth]
        if tier < 0:
            if at < forced:
                depth -= 1  # a forced source is never passed over
                continue
            at_source[depth] += 1
            at_tier[depth] = reach[at + 1] if at + 1 < count else 0
            continue
        if tier == reach[at] - 1 and at >= forced:
            bound = money_at[depth] + gifts[at]
            for region in range(regions):
                bound += demand[region] * min(least[depth, region], onward[at, region])
            if bound >= best:
                depth -= 1
                continue
        supplier = table.supplier[lot, names[at]]
        new = True
        for place in range(depth):
            if table.supplier[lot, names[at_source[place]]] == supplier:
                new = False
        used = used_at[depth] + (1 if new else 0)
        money = money_at[depth] + (asked.charge[supplier] if new else 0)
        more = several or used < asked.most
        bound = money + least_fixed[at] + (gifts[at + 1] if more else 0)
        for region in range(regions):
            lowest = min(least[depth, region], least_unit[at, region])
            bound += demand[region] * (min(lowest, onward[at + 1, region]) if more else lowest)
        if used > asked.most or (bound >= best and at >= forced):
            at_tier[depth] = 0
            continue
        money += fixed[at, tier]
        alone, extended = money, money + gifts[at + 1]
        for region in range(regions):
            cost[depth, region] = unit[at, tier, region]
            lowest = min(least[depth, region], unit[at, tier, region])
            least[depth + 1, region] = lowest
            alone += demand[region] * lowest
            extended += demand[region] * min(lowest, onward[at + 1, region])
        low[depth], high[depth] = table.low[lot, names[at], tier], ceiling[at, tier]
        least_sold_at[depth + 1] = least_sold_at[depth] + low[depth]
        most_sold_at[depth + 1] = most_sold_at[depth] + high[depth]
        if least_sold_at[depth + 1] > wanted:
            continue
        if alone < best and at + 1 >= forced and most_sold_at[depth + 1] < wanted:
            alone += unserved(demand, reserve, least[depth + 1], wanted - most_sold_at[depth + 1])
        if alone < best and at + 1 >= forced:
            paid = send(desk, depth + 1, demand, reserve, best - money)
            if paid < NEVER and paid + money < best:
                best, size = paid + money, depth + 1
                for place in range(depth + 1):
                    kept_source[place], kept_tier[place] = names[at_source[place]], at_tier[place]
                for place in range(depth + 2):
                    for region in range(regions):
                        kept_sent[place, region] = sent[place, region]
        if (extended < best or at + 1 < forced) and at + 1 < count:
            depth += 1
            money_at[depth], used_at[depth] = money, used
            at_source[depth], at_tier[depth] = at + 1, reach[at + 1]
    if best == NEVER or size > len(plan.source):
        return NEVER, 0
    for place in range(size):
        plan.source[place], plan.tier[place] = kept_source[place], kept_tier[place]
    for place in range(size + 1):
        for region in range(regions):
            plan.sent[place, region] = kept_sent[place, region]
    return best, size


@compiled
def plan_lots(
    table: Table,
    first: int,
    last: int,
    scale: int,
    mu: Integers,
    charge: Integers,
    share: Integers,
    room: Integers,
    may: Integers,
    most: int,
    source: Integers,
    tier: Integers,
    sent: Integers,
    size: Integers,
    value: Integers,
) -> None:
    """Plan the lots from `first` up to `last` on terms by lot, beginning from the plans that stand in the arrays."""
    for lot in range(first, last):
        asked = Asked(scale, mu, charge[lot], share[lot], room, may[lot], most)
        plan = Plan(source[lot], tier[lot], sent[lot])
        value[lot], size[lot] = plan_lot(table, lot, asked, plan, size[lot])

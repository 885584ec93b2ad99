"""Small award problems to draw, and the cheapest award of each by trying everything."""

from __future__ import annotations

from itertools import product
from typing import Any

from hypothesis import strategies as st

Problem = dict[str, Any]


@st.composite
def small_problems(draw: st.DrawFn, max_bids: int = 4, max_packages: int = 1) -> Problem:
    """A valid problem of at most two lots, two regions, three suppliers and demands of three."""
    regions = ["R0", "R1"][: draw(st.integers(1, 2))]
    lots = [
        {
            "lot": f"L{i}",
            "demand": {region: draw(st.integers(0, 3)) for region in regions},
            "reserve": draw(st.integers(0, 30)),
        }
        for i in range(draw(st.integers(1, 2)))
    ]
    suppliers = [
        {"supplier": f"S{i}", "capacity": draw(st.integers(1, 8)), "share_cap": draw(st.integers(2, 12))}
        for i in range(draw(st.integers(1, 3)))
    ]
    names = [one["supplier"] for one in suppliers], [one["lot"] for one in lots]
    winners_min = draw(st.sampled_from([0, 0, 1, 2]))
    return {
        "kind": "award",
        "mode": draw(st.sampled_from(["all_units", "incremental"])),
        "regions": regions,
        "lots": lots,
        "suppliers": suppliers,
        "bids": [draw(_bid(f"B{i}", *names, regions)) for i in range(draw(st.integers(0, max_bids)))],
        "packages": [draw(_package(f"P{i}", *names, regions)) for i in range(draw(st.integers(0, max_packages)))],
        "rules": {
            "winners_min": winners_min,
            "winners_max": winners_min + draw(st.integers(0, 2)),
            "winners_per_lot": draw(st.integers(1, 3)),
            "fixed_cost_per_winner": draw(st.integers(0, 10)),
        },
    }


@st.composite
def _bid(draw: st.DrawFn, name: str, suppliers: list[str], lots: list[str], regions: list[str]) -> Problem:
    start, tiers = draw(st.integers(1, 2)), []
    for _ in range(draw(st.integers(1, 3))):
        end = start + draw(st.integers(0, 2))
        tiers.append({"from": start, "to": end, "price": draw(st.integers(0, 20))})
        start = end + 1
    return {
        "bid": name,
        "supplier": draw(st.sampled_from(suppliers)),
        "lot": draw(st.sampled_from(lots)),
        "tiers": tiers,
        "freight": {region: draw(st.integers(0, 5)) for region in regions},
        "criteria": draw(st.integers(0, 3)),
    }


@st.composite
def _package(draw: st.DrawFn, name: str, suppliers: list[str], lots: list[str], regions: list[str]) -> Problem:
    named = draw(st.lists(st.sampled_from(lots), min_size=1, unique=True))
    return {
        "package": name,
        "supplier": draw(st.sampled_from(suppliers)),
        "quantities": {lot: draw(st.integers(1, 3)) for lot in named},
        "price": draw(st.integers(0, 60)),
        "freight": {lot: {region: draw(st.integers(0, 5)) for region in regions} for lot in named},
        "criteria": {lot: draw(st.integers(0, 3)) for lot in named},
    }


def cheapest(problem: Problem) -> int | None:
    """Return the least total over all awards, or None when there is none: every spread of every offer is tried."""
    regions = problem["regions"]
    room = {(lot["lot"], region): lot["demand"][region] for lot in problem["lots"] for region in regions}
    offers = [_bid_choices(problem, bid) for bid in problem["bids"]]
    offers += [_package_choices(problem, one) for one in problem["packages"]]
    reserve = {lot["lot"]: lot["reserve"] for lot in problem["lots"]}
    best: int | None = None

    def grow(place: int, left: dict[tuple[str, str], int], chosen: list[Any], money: int) -> None:
        nonlocal best
        if place == len(offers):
            if _allowed(problem, chosen):
                suppliers = {choice[0] for choice in chosen}
                total = money + sum(units * reserve[lot] for (lot, _), units in left.items())
                total += len(suppliers) * problem["rules"]["fixed_cost_per_winner"]
                best = total if best is None else min(best, total)
            return
        grow(place + 1, left, chosen, money)
        for choice in offers[place]:
            after = dict(left)
            for key, units in choice[1].items():
                after[key] -= units
            if min(after.values()) >= 0:
                grow(place + 1, after, [*chosen, choice], money + choice[2])

    grow(0, room, [], 0)
    return best


def _bid_choices(problem: Problem, bid: Problem) -> list[Any]:
    """(supplier, {(lot, region): units}, money) for each way to use the bid."""
    demand = next(lot["demand"] for lot in problem["lots"] if lot["lot"] == bid["lot"])
    choices = []
    for spread in product(*(range(demand[region] + 1) for region in problem["regions"])):
        units = sum(spread)
        if bid["tiers"][0]["from"] <= units <= bid["tiers"][-1]["to"]:
            sent = dict(zip(((bid["lot"], region) for region in problem["regions"]), spread, strict=True))
            landed = sum(n * (bid["freight"][region] + bid["criteria"]) for (_, region), n in sent.items())
            choices.append((bid["supplier"], sent, _goods(problem["mode"], bid["tiers"], units) + landed))
    return choices


def _goods(mode: str, tiers: list[Problem], units: int) -> int:
    prices = []
    for unit in range(1, units + 1):
        prices.append(next(tier["price"] for tier in tiers if unit <= tier["to"]))
    return sum(prices) if mode == "incremental" else units * prices[-1]


def _package_choices(problem: Problem, package: Problem) -> list[Any]:
    ways = []
    for lot, units in package["quantities"].items():
        spreads = product(range(units + 1), repeat=len(problem["regions"]))
        ways.append([(lot, spread) for spread in spreads if sum(spread) == units])
    choices = []
    for way in product(*ways):
        sent, money = {}, package["price"]
        for lot, spread in way:
            for region, n in zip(problem["regions"], spread, strict=True):
                sent[lot, region] = n
                money += n * (package["freight"][lot][region] + package["criteria"][lot])
        choices.append((package["supplier"], sent, money))
    return choices


def _allowed(problem: Problem, chosen: list[Any]) -> bool:
    rules = problem["rules"]
    sold: dict[str, int] = {}
    winners: dict[str, set[str]] = {}
    for supplier, sent, _ in chosen:
        sold[supplier] = sold.get(supplier, 0) + sum(sent.values())
        for lot, _region in sent:
            winners.setdefault(lot, set()).add(supplier)
    limit = {one["supplier"]: min(one["capacity"], one["share_cap"]) for one in problem["suppliers"]}
    return (
        rules["winners_min"] <= len(sold) <= rules["winners_max"]
        and all(len(one) <= rules["winners_per_lot"] for one in winners.values())
        and all(units <= limit[supplier] for supplier, units in sold.items())
    )

"""Checking a pooling decision from the files alone: the problem's bytes, pools.csv and the decision.

It shares no code with the optimiser: it reads text, follows every line, adds up in Python's own integers, proves bounds
from the stored values, and tries everything in components of few lines.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Any, NamedTuple

Json = Mapping[str, Any]
POOL_COST = 5000


class Line(NamedTuple):
    """One request line as the file has it."""

    line: int
    product: int
    region: int
    quantity: int
    earliest: int
    deadline: int
    ceiling: int


Tiers = dict[int, tuple[list[int], list[int]]]


def check_pooling(lines: bytes, tiers: bytes, pools: bytes, decision: Json | bytes | str, *, tried: int = 6) -> list[str]:
    """Return what is wrong with a decision, an empty list when it is valid and its small components' bounds are true.

    lines, tiers   the raw bytes of the problem's files
    pools          the bytes of pools.csv
    decision       the decision, parsed or as text
    tried          components of at most so many lines are solved again by trying everything

    Total and counts are derived anew; the bound may not lie above what a decision costs, where everything was tried.
    """
    answer: Json = json.loads(decision) if isinstance(decision, bytes | str) else decision
    if answer.get("kind") != "pooling":
        return [f"kind is {answer.get('kind')!r}, not 'pooling'"]
    if answer.get("problem_sha256") != hashlib.sha256(lines + tiers).hexdigest():
        return ["problem_sha256 is not of these bytes"]
    wants = [Line(*map(int, row)) for row in _rows(lines)]
    closing = _closings(pools)
    wrong = list(_wrong_keys(wants, closing))
    if wrong:
        return wrong
    prices = read_tiers(tiers)
    wrong = [text for want in wants for text in _wrong_window(want, closing[want.line])]
    wrong += _wrong_ceilings(wants, closing, prices)
    return wrong or list(_wrong_sums(wants, closing, prices, answer, tried))


def check_values(
    lines: bytes, tiers: bytes, value: Mapping[int, int], bound: Mapping[int, int], component: Mapping[int, int]
) -> list[str]:
    """Return which components' bounds the stored values do not prove, in exact fractions.

    value       per line, what it is paid, in 1/256 minor unit
    component   per line, its component's number; `bound` is by that number
    """
    prices = read_tiers(tiers)
    members: dict[int, list[Line]] = defaultdict(list)
    for row in _rows(lines):
        want = Line(*map(int, row))
        if want.line in component:
            members[component[want.line]].append(want)
    wrong = []
    for number, wants in members.items():
        proved = prove(wants, [value[want.line] for want in wants], prices[wants[0].product])
        if bound[number] > math.ceil(proved):
            wrong.append(f"component {number}: bound {bound[number]} is above {float(proved)} that its values prove")
    return wrong


def _rows(text: bytes) -> Iterator[list[str]]:
    rows = csv.reader(io.StringIO(text.decode()))
    next(rows)
    return (row for row in rows if row)


def read_tiers(text: bytes) -> Tiers:
    """Return each product's starts and prices, by rising start."""
    found: Tiers = {}
    for product, start, price in sorted(tuple(map(int, row)) for row in _rows(text)):
        starts, prices = found.setdefault(product, ([], []))
        starts.append(start)
        prices.append(price)
    return found


def _closings(pools: bytes) -> dict[str, list[str]] | Any:
    found: dict[int, list[str]] = defaultdict(list)
    for row in _rows(pools):
        found[int(row[0])].append(row[1])
    return found


def _wrong_keys(wants: Sequence[Line], closing: dict[int, list[str]]) -> Iterator[str]:
    known = {want.line for want in wants}
    for line, days in closing.items():
        if line not in known:
            yield f"line {line} is not in the problem"
        elif len(days) > 1:
            yield f"line {line} stands {len(days)} times"
    for line in known - closing.keys():
        yield f"line {line} is not decided"


def _day(days: Sequence[str]) -> int | None:
    return int(days[0]) if days[0] else None


def _wrong_window(want: Line, days: Sequence[str]) -> Iterator[str]:
    day = _day(days)
    if day is not None and not want.earliest <= day <= want.deadline:
        yield f"line {want.line} closes on {day}, not within {want.earliest} to {want.deadline}"


def _volumes(wants: Sequence[Line], closing: Mapping[int, Sequence[str]]) -> dict[tuple[int, int, int], int]:
    volume: dict[tuple[int, int, int], int] = defaultdict(int)
    for want in wants:
        day = _day(closing[want.line])
        if day is not None:
            volume[want.product, want.region, day] += want.quantity
    return volume


def price_at(tiers: tuple[list[int], list[int]], volume: int) -> int:
    """Return the price of the tier a quantity falls in."""
    return tiers[1][bisect_right(tiers[0], volume) - 1]


def _wrong_ceilings(wants: Sequence[Line], closing: Mapping[int, Sequence[str]], prices: Tiers) -> Iterator[str]:
    volume = _volumes(wants, closing)
    for want in wants:
        day = _day(closing[want.line])
        if day is not None and want.ceiling:
            price = price_at(prices[want.product], volume[want.product, want.region, day])
            if price > want.ceiling:
                yield f"line {want.line} pays {price}, above its ceiling {want.ceiling}"


def _wrong_sums(
    wants: Sequence[Line], closing: Mapping[int, Sequence[str]], prices: Tiers, answer: Json, tried: int
) -> Iterator[str]:
    volume = _volumes(wants, closing)
    pieces = cut(wants)
    costs = [_cost(piece, closing, volume, prices) for piece in pieces]
    bounds = [
        cheapest(piece, prices[piece[0].product]) if len(piece) <= tried else None for piece in pieces
    ]
    at_most = sum(cost if low is None else low for cost, low in zip(costs, bounds, strict=True))
    yield from _unequal("total", answer, sum(costs))
    yield from _unequal("pools", answer, len(volume))
    yield from _unequal("components", answer, len(pieces))
    if not answer["bound"] <= at_most:
        yield f"bound {answer['bound']} is above {at_most}, what a decision costs at most"
    not_exact = sum(low is not None and cost > low for cost, low in zip(costs, bounds, strict=True))
    if not 0 <= answer["exact_components"] <= len(pieces) - not_exact:
        yield f"exact_components {answer['exact_components']}: {not_exact} of {len(pieces)} can be bettered"
    if not 0 <= answer["exact_quantity_share"] <= 1:
        yield f"exact_quantity_share {answer['exact_quantity_share']} is no share"
    if answer["exact_components"] == len(pieces) and answer["bound"] != answer["total"]:
        yield "every component is said to be exact, and the bound is not the total"


def _unequal(key: str, answer: Json, derived: int) -> Iterator[str]:
    if type(answer.get(key)) is not int or answer[key] != derived:
        yield f"{key} is {answer.get(key)!r}, derived {derived}"


def _cost(
    piece: Sequence[Line],
    closing: Mapping[int, Sequence[str]],
    volume: Mapping[tuple[int, int, int], int],
    prices: Tiers,
) -> int:
    tiers = prices[piece[0].product]
    total, days = 0, set()
    for want in piece:
        day = _day(closing[want.line])
        if day is None:
            total += want.quantity * (tiers[1][0] * 11 // 10)
        else:
            days.add(day)
            total += want.quantity * price_at(tiers, volume[want.product, want.region, day])
    return total + POOL_COST * len(days)


def cut(wants: Sequence[Line]) -> list[list[Line]]:
    """Return the maximal runs of overlapping windows of one product and region."""
    pieces: list[list[Line]] = []
    falling = sorted(wants, key=lambda want: (want.product, want.region, want.earliest))
    for _, group in groupby(falling, key=lambda want: (want.product, want.region)):
        until = -1
        for want in group:
            if want.earliest > until:
                pieces.append([])
            pieces[-1].append(want)
            until = max(until, want.deadline)
    return pieces


def cheapest(piece: Sequence[Line], tiers: tuple[list[int], list[int]]) -> int:
    """Return the least a component can cost, by trying a day of its own or leaving out for every line in turn."""
    days = sorted({want.deadline for want in piece})
    out = tiers[1][0] * 11 // 10
    best = sum(want.quantity for want in piece) * out

    def go(place: int, chosen: list[int | None]) -> None:
        nonlocal best
        if place == len(piece):
            best = min(best, _try(piece, chosen, tiers, out))
            return
        for day in [None, *days]:
            if day is None or piece[place].earliest <= day <= piece[place].deadline:
                go(place + 1, [*chosen, day])

    go(0, [])
    return best


def _try(piece: Sequence[Line], chosen: Sequence[int | None], tiers: tuple[list[int], list[int]], out: int) -> int:
    total = 0
    for day in set(chosen):
        joined = [want for want, other in zip(piece, chosen, strict=True) if other == day]
        volume = sum(want.quantity for want in joined)
        if day is None:
            total += volume * out
            continue
        price = price_at(tiers, volume)
        if any(want.ceiling and want.ceiling < price for want in joined):
            return 2**200
        total += POOL_COST + volume * price
    return total


def prove(piece: Sequence[Line], value: Sequence[int], tiers: tuple[list[int], list[int]]) -> Fraction:
    """Return the lower bound that values prove: their sum less each day's best surplus (docs/algorithms/pooling.md)."""
    out = tiers[1][0] * 11 // 10
    paid = [min(Fraction(one, 256), Fraction(want.quantity * out)) for want, one in zip(piece, value, strict=True)]
    worth = sum(paid, Fraction(0))
    for day in sorted({want.deadline for want in piece}):
        here = [(one / w.quantity, w) for w, one in zip(piece, paid, strict=True) if w.earliest <= day <= w.deadline]
        here.sort(key=lambda pair: -pair[0])
        worth -= max([Fraction(0), *(_surplus(here, start, price) for start, price in zip(*tiers, strict=True))])
    return worth


def _surplus(here: Sequence[tuple[Fraction, Line]], start: int, price: int) -> Fraction:
    surplus, volume = Fraction(-POOL_COST), 0
    for each, want in here:
        if want.ceiling and want.ceiling < price:
            continue
        part = want.quantity if each >= price else min(want.quantity, max(0, start - volume))
        surplus += part * (each - price)
        volume += part
    return surplus if volume >= start else Fraction(0)

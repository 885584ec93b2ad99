"""Machine code: compiled functions, and sending a lot's demand from a few sources at least cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, ParamSpec, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

P = ParamSpec("P")
R = TypeVar("R")

Integers = NDArray[np.int64]
Reals = NDArray[np.float64]

NEVER = 2**62  # beyond every amount


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile on first call; the machine code is kept beside the source for later processes."""
    ready: Callable[P, R] = numba.njit(cache=True, nogil=True)(function)
    return ready


class Desk(NamedTuple):
    """Room to work on one set of sources: by place among the set, then region.

    cost, low, high   the terms; sent, sold  the answer
    step, by          between two places, the cheapest way to move a unit, and through which region
    far, before       shortest ways from where it starts
    """

    cost: Integers
    low: Integers
    high: Integers
    sent: Integers
    sold: Integers
    step: Integers
    by: Integers
    far: Integers
    before: Integers


@compiled
def desk_of(count: int, regions: int) -> Desk:
    """Return room for sets of up to `count` sources."""
    places = count + 1
    return Desk(
        np.empty((places, regions), np.int64),
        np.empty(places, np.int64),
        np.empty(places, np.int64),
        np.empty((places, regions), np.int64),
        np.empty(places, np.int64),
        np.empty((places, places), np.int64),
        np.empty((places, places), np.int64),
        np.empty(places, np.int64),
        np.empty(places, np.int64),
    )


@compiled
def begin(desk: Desk, count: int, demand: Integers, reserve: int) -> int:
    """Send every region's demand from its cheapest source or nowhere; return what that costs."""
    paid = 0
    for region in range(len(demand)):
        desk.cost[count, region] = reserve
    for one in range(count + 1):
        desk.sold[one] = 0
    for region in range(len(demand)):
        best, least = count, reserve
        for one in range(count):
            desk.sent[one, region] = 0
            if desk.cost[one, region] < least:
                best, least = one, desk.cost[one, region]
        desk.sent[count, region] = 0
        desk.sent[best, region] = demand[region]
        desk.sold[best] += demand[region]
        paid += least * demand[region]
    return paid


@compiled
def ways(desk: Desk, count: int, wrong: int, too_much: bool) -> None:
    """Find the shortest ways on which units leave `wrong`, or come to it."""
    regions = desk.sent.shape[1]
    for giver in range(count + 1):
        desk.far[giver] = NEVER
        for taker in range(count + 1):
            desk.step[giver, taker] = NEVER
    desk.far[wrong] = 0
    for region in range(regions):
        for giver in range(count + 1):
            if desk.sent[giver, region] > 0:
                for taker in range(count + 1):
                    more = desk.cost[taker, region] - desk.cost[giver, region]
                    if taker != giver and more < desk.step[giver, taker]:
                        desk.step[giver, taker], desk.by[giver, taker] = more, region
    changed = True
    while changed:
        changed = False
        for one in range(count + 1):
            if desk.far[one] == NEVER:
                continue
            for other in range(count + 1):
                step = desk.step[one, other] if too_much else desk.step[other, one]
                if other != one and step < NEVER and desk.far[one] + step < desk.far[other]:
                    desk.far[other], desk.before[other] = desk.far[one] + step, one
                    changed = True


@compiled
def send(desk: Desk, count: int, demand: Integers, reserve: int, stop: int) -> int:
    """Return the least cost of sending all demand from `count` sources or nowhere, or NEVER once it reaches `stop`.

    Every region starts at its cheapest source; sources beyond their range are mended along shortest paths, so that what
    has been paid is a lower bound at every step.
    """
    low, high, sold = desk.low, desk.high, desk.sold
    paid = begin(desk, count, demand, reserve)
    while True:
        if paid >= stop:
            return NEVER
        wrong, too_much = -1, False
        for one in range(count):
            if sold[one] > high[one]:
                wrong, too_much = one, True
                break
            if sold[one] < low[one]:
                wrong = one
        if wrong < 0:
            return paid
        ways(desk, count, wrong, too_much)
        end, least = -1, NEVER
        for one in range(count + 1):
            if one != wrong and desk.far[one] < least:
                able = one == count or (sold[one] < high[one] if too_much else sold[one] > low[one])
                if able:
                    end, least = one, desk.far[one]
        if end < 0:
            return NEVER
        if too_much:
            units = sold[wrong] - high[wrong]
            if end < count:
                units = min(units, (low[end] if sold[end] < low[end] else high[end]) - sold[end])
        else:
            units = low[wrong] - sold[wrong]
            if end < count:
                units = min(units, sold[end] - (high[end] if sold[end] > high[end] else low[end]))
        at = end
        while at != wrong:
            giver, taker = (desk.before[at], at) if too_much else (at, desk.before[at])
            units = min(units, desk.sent[giver, desk.by[giver, taker]])
            at = desk.before[at]
        at = end
        while at != wrong:
            giver, taker = (desk.before[at], at) if too_much else (at, desk.before[at])
            region = desk.by[giver, taker]
            desk.sent[giver, region] -= units
            desk.sent[taker, region] += units
            at = desk.before[at]
        giver, taker = (wrong, end) if too_much else (end, wrong)
        sold[giver] -= units
        sold[taker] += units
        paid += units * least


@compiled
def unserved(demand: Integers, reserve: int, least: Integers, units: int) -> int:
    """Return what it costs at least to leave `units` unserved that would be served at `least` by region."""
    regions = len(demand)
    money = 0
    gone = np.zeros(regions, np.bool_)
    while units > 0:
        best, gap = -1, NEVER
        for region in range(regions):
            if not gone[region] and reserve - least[region] < gap:
                best, gap = region, reserve - least[region]
        if best < 0:
            return money
        gone[best] = True
        money += gap * min(units, demand[best])
        units -= demand[best]
    return money

"""A valid allocation, made order by order, then improved by taking some orders out and putting them back.

Source: Schrimpf, Schneider, Stamm-Wilbrandt and Dueck, Record breaking optimization results using the ruin and recreate
principle, Journal of Computational Physics 159, 2000.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from procurement.engines.allocation.network import AllocationProblem, NetworkLine, Order, Shop
from procurement.engines.linear import SEED, Stopwatch

Work = list[tuple[Shop, int, int]]  # (factory, day, pieces), a factory's days in order


class Search:
    """Room by factory and day, and where every order is made."""

    def __init__(self, problem: AllocationProblem) -> None:
        self.problem = problem
        days, shops = range(problem.days), problem.factories
        self.machine = {shop.factory: [shop.machine_work(day) for day in days] for shop in shops}
        self.labour = {shop.factory: [shop.labour_work(day) for day in days] for shop in shops}
        self.work: dict[str, Work] = {}
        self.cost: dict[str, int] = {}

    def run(self, watch: Stopwatch, most_rounds: int = 200_000) -> None:
        """Fill in the order of due dates, then ruin and recreate until the time or the rounds are over."""
        orders = self.problem.orders
        for order in sorted(orders, key=lambda one: (one.due, -one.price * one.quantity)):
            self._insert(order)
        chance = random.Random(SEED)  # noqa: S311
        rounds = 0
        while orders and watch.left > 0 and rounds < most_rounds:
            self._again(self._some(chance), chance)
            rounds += 1

    def lines(self) -> tuple[NetworkLine, ...]:
        return tuple(
            NetworkLine(order.order, shop.factory, day, pieces)
            for order in self.problem.orders
            for shop, day, pieces in self.work[order.order]
        )

    def unmet(self) -> dict[str, int]:
        made = {name: sum(pieces for *_, pieces in work) for name, work in self.work.items()}
        orders = self.problem.orders
        return {one.order: one.quantity - made[one.order] for one in orders if made[one.order] < one.quantity}

    def _some(self, chance: random.Random) -> list[Order]:
        """One order, and a few that compete with it for the same factories at the same time."""
        seed = chance.choice(self.problem.orders)
        shops = {shop.factory for shop in self.problem.shops_for[seed.order]}
        near = [
            one
            for one in self.problem.orders
            if one is not seed
            and one.release <= seed.due
            and seed.release <= one.due
            and any(shop.factory in shops for shop, *_ in self.work[one.order])
        ]
        return [seed, *chance.sample(near, min(len(near), chance.randint(1, 8)))]

    def _again(self, orders: list[Order], chance: random.Random) -> None:
        """Take orders out and put them back in another order; keep what is not dearer."""
        before = {one.order: (self.work[one.order], self.cost[one.order]) for one in orders}
        for one in orders:
            self._book(one, self.work[one.order], -1)
        chance.shuffle(orders)
        for one in orders:
            self._insert(one)
        if sum(self.cost[one.order] for one in orders) <= sum(cost for _, cost in before.values()):
            return
        for one in orders:
            self._book(one, self.work[one.order], -1)
        for one in orders:
            self.work[one.order], self.cost[one.order] = before[one.order]
            self._book(one, self.work[one.order], 1)

    def _book(self, order: Order, work: Work, sign: int) -> None:
        seen: set[str] = set()
        for shop, day, pieces in work:
            machine = pieces * order.machine_seconds * 100 + (0 if shop.factory in seen else shop.setup_work)
            seen.add(shop.factory)
            self.machine[shop.factory][day] -= sign * machine
            self.labour[shop.factory][day] -= sign * pieces * order.labour_seconds * 100

    def _insert(self, order: Order) -> None:
        """Make an order where it is cheapest now: at one factory, or at several from the cheapest on."""
        least = self.problem.least_share(order)
        offers = []
        for shop in self.problem.shops_for[order.order]:
            run = self._run(order, shop, order.quantity)
            made = sum(pieces for *_, pieces in run)
            if made >= least:
                offers.append((self._money(order, run) / made, shop.factory, run, made))
        offers.sort(key=lambda one: one[:2])
        candidates: list[Work] = [[]]
        candidates += [run for *_, run, made in offers if made == order.quantity][:1]
        candidates.append(self._split(order, [run for *_, run, _ in offers], least))
        best = min(candidates, key=lambda work: self._money(order, work))
        self.work[order.order], self.cost[order.order] = best, self._money(order, best)
        self._book(order, best, 1)

    def _split(self, order: Order, runs: Sequence[Work], least: int) -> Work:
        """Take factories from the cheapest on; leave the next one its least share."""
        taken: list[Work] = []
        left = order.quantity
        for run in runs[: self.problem.rules.factories_per_order]:
            made = sum(pieces for *_, pieces in run)
            if left < least:
                spare = sum(pieces for *_, pieces in taken[-1]) - (least - left) if taken else 0
                if not left or spare < least:
                    break
                taken[-1] = _cut(taken[-1], spare)
                left = least
            taken.append(_cut(run, min(left, made)))
            left -= min(left, made)
        return [step for run in taken for step in run]

    def _run(self, order: Order, shop: Shop, wanted: int) -> Work:
        """What a factory can make of an order, from its first free day on."""
        machine, labour = self.machine[shop.factory], self.labour[shop.factory]
        per_machine, per_labour = order.machine_seconds * 100, order.labour_seconds * 100
        run: Work = []
        for day in range(order.release, self.problem.last_day(order) + 1):
            free = machine[day] - (0 if run else shop.setup_work)
            if free < per_machine or labour[day] < per_labour:
                continue
            pieces = wanted
            if per_machine:
                pieces = min(pieces, free // per_machine)
            if per_labour:
                pieces = min(pieces, labour[day] // per_labour)
            if pieces > 0 and free >= 0:
                run.append((shop, day, pieces))
                wanted -= pieces
            if not wanted:
                break
        return run

    def _money(self, order: Order, work: Work) -> int:
        made = money = 0
        seen: set[str] = set()
        for shop, day, pieces in work:
            made += pieces
            money += pieces * self.problem.unit_cost(order, shop, day)
            if shop.factory not in seen:
                seen.add(shop.factory)
                money += 100 * shop.setup_cost
        return money + (order.quantity - made) * self.problem.unmet_cost(order)


def _cut(run: Work, pieces: int) -> Work:
    """The first `pieces` of a run."""
    kept: Work = []
    for shop, day, made in run:
        if pieces:
            kept.append((shop, day, min(made, pieces)))
            pieces -= kept[-1][2]
    return kept

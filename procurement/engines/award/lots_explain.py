"""Between which prices each loser would have won, from the lots' bound and from awards that hold it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from procurement.engines.award.decision import Mix, Rejected
from procurement.engines.award.lots import Lots
from procurement.engines.award.model import fits, most_of
from procurement.engines.award.plans import BARRED, FORCED, Asked, Plan, plan_lot
from procurement.engines.award.pricing import PLACES, Pricer, Prices, allowed
from procurement.engines.award.problem import Bid, Package
from procurement.engines.award.rebuild import Standing, worth
from procurement.engines.award.sending import NEVER
from procurement.engines.linear import Stopwatch
from procurement.engines.reasons import Reason


class Losers:
    """Says of each loser between which discounts it would have won.

    at_least   in exact arithmetic: no award that uses the offer costs less than the bound with it forced in
    at_most    an award with it in its lot, all other lots as awarded, costs the total at that discount
    """

    def __init__(
        self, lots: Lots, mix: Mix | None, state: Standing, *, prices: Prices, pricer: Pricer, total: int
    ) -> None:
        self.lots, self.mix, self.state, self.prices, self.total = lots, mix or Mix(), state, prices, total
        self.bound = pricer.bound(prices, {})
        self.pricer = pricer
        self.value = pricer.plans.value.copy()
        self.may = allowed(lots, {})

    def all(self, watch: Stopwatch) -> tuple[Rejected, ...]:
        """One entry for every bid and package that lost; intervals stay open where the time is over."""
        problem, used = self.lots.problem, self.mix.bought()
        taken = {one.package for one in self.mix.packages}
        places = {
            source.bid: (lot, at)
            for lot, sources in enumerate(self.lots.sources)
            for at, source in enumerate(sources)
            if isinstance(source, Bid)
        }
        bids = [self._bid(one, places.get(one.bid), watch) for one in problem.bids if one.bid not in used]
        return tuple(bids + [self._package(one, watch) for one in problem.packages if one.package not in taken])

    def _bid(self, bid: Bid, place: tuple[int, int] | None, watch: Stopwatch) -> Rejected:
        problem = self.lots.problem
        if place is None:
            facts = {"least": bid.tiers[0].start, "most": most_of(problem, bid)}
            return Rejected(bid.bid, Reason("cannot_fit", facts), "never")
        least, most, units = Fraction(0), None, None
        if watch.left > 0:
            forced = self._forced(*place)
            if forced is not None and self.bound is not None:
                floor = self.bound + Fraction(forced - int(self.value[place[0]]), self.pricer.scale)
                least = max(Fraction(0), (floor - self.total) / most_of(problem, bid))
            most, units = self._in_its_lot(*place)
        return Rejected(bid.bid, _reason(least), "interval", least, None if most is None else max(least, most), units)

    def _package(self, package: Package, watch: Stopwatch) -> Rejected:
        if not fits(self.lots.problem, package):
            return Rejected(package.package, Reason("cannot_fit", {"quantity": package.quantity}), "never")
        least = Fraction(0)
        if watch.left > 0 and self.bound is not None:
            number = self.lots.packages.index(package)
            extra = sum(self._part(lot, number) for lot in self._lots_of(number))
            price = package.price * self.pricer.scale - int(self.prices.share[:, number].sum())
            floor = self.bound + Fraction(extra + max(0, price), self.pricer.scale)
            least = max(Fraction(0), floor - self.total)
        return Rejected(package.package, _reason(least), "interval", least)

    def _lots_of(self, package: int) -> Iterator[int]:
        yield from np.nonzero((self.lots.table.package == package).any(axis=1))[0].tolist()

    def _part(self, lot: int, package: int) -> int:
        at = int(np.nonzero(self.lots.table.package[lot] == package)[0][0])
        forced = self._forced(lot, at)
        return 0 if forced is None else forced - int(self.value[lot])

    def _forced(self, lot: int, at: int) -> int | None:
        """The cheapest plan of a lot with one source in it, at the bound's prices."""
        prices, rules = self.prices, self.lots.problem.rules
        may = self.may[lot].copy()
        may[at] = FORCED
        asked = Asked(
            self.pricer.scale, prices.mu, prices.charge[lot], prices.share[lot], self.lots.limit, may,
            rules.winners_per_lot,
        )  # fmt: skip
        value, _ = plan_lot(self.lots.table, lot, asked, _blank(self.lots), 0)
        return None if value == NEVER else int(value)

    def _in_its_lot(self, lot: int, at: int) -> tuple[Fraction | None, int | None]:
        """What an award with a bid in its lot, all else as awarded, costs more, a unit of the bid; and the units."""
        table, state, rules = self.lots.table, self.state, self.lots.problem.rules
        size, winners = int(state.size[lot]), state.lots > 0
        here = table.supplier[lot, state.source[lot, :size]]
        room, fee = self.lots.limit - state.units, np.where(winners, 0, rules.fixed_cost_per_winner)
        for place, supplier in enumerate(here):
            room[supplier] += int(state.sent[lot, place].sum())
        may = np.where(winners[table.supplier[lot]], 1, BARRED)
        may[table.package[lot] >= 0] = BARRED
        may[state.source[lot, :size][table.package[lot, state.source[lot, :size]] >= 0]] = FORCED
        supplier = int(table.supplier[lot, at])
        if not winners[supplier] and int(winners.sum()) >= rules.winners_max:
            return None, None
        may[at] = FORCED
        still = {int(one) for one in here if state.lots[one] == 1}  # winners in this lot only must stay
        nothing = np.zeros_like(self.prices.mu)
        asked = Asked(1, nothing, fee, np.zeros_like(self.prices.share[lot]), room, may, rules.winners_per_lot)
        plan = _blank(self.lots)
        value, count = plan_lot(table, lot, asked, plan, 0)
        names = {int(table.supplier[lot, plan.source[place]]) for place in range(int(count))}
        gone = len(still - names)
        if value == NEVER or int(winners.sum()) + (not winners[supplier]) - gone < rules.winners_min:
            return None, None
        units = int(sum(plan.sent[place].sum() for place in range(int(count)) if plan.source[place] == at))
        more = int(value) - gone * rules.fixed_cost_per_winner - int(worth(table, state, lot))
        return Fraction(more, units), units


def _blank(lots: Lots) -> Plan:
    regions = lots.table.demand.shape[1]
    return Plan(np.zeros(PLACES, np.int64), np.zeros(PLACES, np.int64), np.zeros((PLACES + 1, regions), np.int64))


def _reason(least: Fraction) -> Reason:
    return Reason("dearer" if least > 0 else "no_cheaper", {"by": str(least)})

"""The largest consistent tier of each supplier's curve, and which supplier is cheapest for the members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np

from procurement.engines.allocation_rules import allocate
from procurement.engines.clearing.columns import ANY_PRICE, ColumnsCleared, PriceColumns, clear_columns
from procurement.engines.clearing.curves import Demand, Market, PriceCurve, Want, check_market, wants_of
from procurement.engines.clearing.outcome import Clearing, NextStep, Outcome, Place, Tried
from procurement.engines.exact import PLACES, SCALE, decimal_of, millionths, text_of
from procurement.engines.packs import Row
from procurement.engines.reasons import Reason

_FEE = 100 * SCALE  # a fee of 100 per cent, in millionths of a per cent
_LANDED_PLACES = PLACES + 8  # money times (1 + fee)
_NEVER = -1  # the limit of a level that freight alone exceeds


def clear_market(market: Market) -> Clearing:
    """Clear one closing: the price, who is in and out and why, every tier tried, and the next step.

    For each supplier the tier with the largest start that its own demand reaches; a level accepts a price when goods x
    (1 + fee) + the member's freight is not above it. One supplier is chosen: the one at whose price members gain most,
    the sum over what is served of level - landed price; a want at any price counts as the dearest first tier that
    anybody offers that member. Ties: the lower price, then the larger sale, then the supplier's name.

    cost   O(levels x suppliers x log tiers), and O(n log n) where goods are scarce

    :raises BadValue: a curve that rises, falls or overlaps where it must not, a number that cannot be one, a name that
        stands twice, no price curve, more than 64 bits hold.

    Source: docs/algorithms/clearing.md; worked by hand in tests/worked_examples/test_clearing.py.
    """
    check_market(market)
    wants = [wants_of(demand) for demand in market.demands]
    values = _dearest(market)
    found = [_Closing(market, curve, wants, values).outcome() for curve in market.curves]
    found.sort(key=_standing)
    return Clearing(tuple(found), _why(found))


def _standing(outcome: Outcome) -> tuple[object, ...]:
    if outcome.tier is None:
        missing = outcome.next_step.missing if outcome.next_step else Decimal("Infinity")
        return (1, missing, 0, 0, outcome.supplier)
    return (0, -outcome.gain, outcome.tier.price, -outcome.sold, outcome.supplier)


def _why(found: Sequence[Outcome]) -> Reason:
    best = found[0]
    if best.tier is None:
        missing = None if best.next_step is None else str(best.next_step.missing)
        return Reason("no_tier_reached", {"supplier": best.supplier, "missing": missing})
    facts = {"supplier": best.supplier, "start": str(best.tier.start), "price": str(best.tier.price)}
    if len(found) == 1:
        return Reason("largest_start_reached", {**facts, "demand": str(best.demand)})
    second = str(found[1].gain) if found[1].tier else None
    return Reason("members_gain_most", {**facts, "gain": str(best.gain), "second": second})


def _dearest(market: Market) -> list[int]:
    """Return for each member the dearest landed first tier that anybody offers it: a want at any price counts as it."""
    fee = millionths("fee_percent", market.fee_percent)
    first = [(curve, millionths("price", curve.tiers[0].price)) for curve in market.curves]
    return [
        max(_landed(price, _freight(curve, demand.member), fee) for curve, price in first) for demand in market.demands
    ]


def _freight(curve: PriceCurve, member: str) -> int:
    freight = curve.freight.get(member)
    return 0 if freight is None else millionths(f"{curve.supplier}.freight.{member}", freight)


def _landed(price: int, freight: int, fee: int) -> int:
    """Return goods x (1 + fee) + freight, in units of 10 ** -_LANDED_PLACES."""
    return price * (_FEE + fee) + freight * _FEE


def _money(amount: int, places: int) -> Decimal:
    """Return an integer of `places` places as an exact Decimal."""
    with localcontext() as context:
        context.prec = 80
        value = Decimal(amount).scaleb(-places)
        whole = value.to_integral_value()
        return whole if value == whole else value.normalize()


@dataclass(frozen=True)
class _Closing:
    """One curve against all demand; `values` are what wants at any price count as, by member."""

    market: Market
    curve: PriceCurve
    wants: Sequence[tuple[Want, ...]]
    values: Sequence[int]

    def outcome(self) -> Outcome:
        fee = millionths("fee_percent", self.market.fee_percent)
        freights = [_freight(self.curve, demand.member) for demand in self.market.demands]
        columns = self._columns()
        cleared = clear_columns(*self._lines(freights, fee), columns)
        tried = _tried(self.curve, columns, cleared)
        place = cleared.place
        price = None if place is None else int(columns.prices[place])
        landed = [None if price is None else _landed(price, freight, fee) for freight in freights]
        wanted = self._wanted(cleared)
        got = self._got(wanted, cleared)
        return Outcome(
            supplier=self.curve.supplier,
            tier=None if place is None else self.curve.tiers[place],
            demand=decimal_of(int(sum(wanted))),
            sold=decimal_of(cleared.sold),
            places=tuple(self._places(wanted, got, landed)),
            tried=tried,
            next_step=_next_step(tried, place),
            gain=_money(self._gain({one: amount for one, (amount, _) in got.items()}, landed), PLACES + _LANDED_PLACES),
        )

    def _columns(self) -> PriceColumns:
        curve = self.curve
        starts = np.array([millionths("start", tier.start) for tier in curve.tiers], dtype=np.int64)
        prices = np.array([millionths("price", tier.price) for tier in curve.tiers], dtype=np.int64)
        capacity = None if curve.capacity is None else millionths("capacity", curve.capacity)
        return PriceColumns(starts, prices, capacity, 1 if curve.pack is None else millionths("pack", curve.pack))

    def _lines(self, freights: Sequence[int], fee: int) -> tuple[list[int], list[int]]:
        """Return every want's quantity and the dearest goods price that it accepts."""
        quantities, limits = [], []
        for wants, freight in zip(self.wants, freights, strict=True):
            for want in wants:
                quantities.append(want.quantity)
                limits.append(ANY_PRICE if want.price is None else _limit(want.price - freight, fee))
        return quantities, limits

    def _wanted(self, cleared: ColumnsCleared) -> list[int]:
        """Return what each member wants at the price that is reached."""
        joins = iter(cleared.joins.tolist())
        return [sum(want.quantity for want in wants if next(joins)) for wants in self.wants]

    def _got(self, wanted: Sequence[int], cleared: ColumnsCleared) -> Mapping[str, tuple[int, Reason | None]]:
        """Return what each member gets, with the allocation rule's reason where goods are scarce."""
        demands = self.market.demands
        if cleared.sold == sum(wanted):
            return {one.member: (amount, None) for one, amount in zip(demands, wanted, strict=True)}
        rows = [_row(one, amount) for one, amount in zip(demands, wanted, strict=True)]
        shares = allocate(self.market.rule, rows, decimal_of(cleared.sold), step=self.market.step).shares
        return {share.member: (millionths("got", share.quantity), share.why) for share in shares}

    def _places(
        self, wanted: Sequence[int], got: Mapping[str, tuple[int, Reason | None]], landed: Sequence[int | None]
    ) -> list[Place]:
        found = []
        for demand, wants, want, cost in zip(self.market.demands, self.wants, wanted, landed, strict=True):
            amount, why = got[demand.member]
            whole = sum(one.quantity for one in wants)
            money = None if cost is None else _money(cost, _LANDED_PLACES)
            reason = why if why is not None and amount < want else _reason(wants, want, money)
            found.append(
                Place(demand.member, decimal_of(want), decimal_of(amount), decimal_of(whole - amount), money, reason)
            )
        return found

    def _gain(self, got: Mapping[str, int], landed: Sequence[int | None]) -> int:
        """Return the sum over what is served of level - landed price: a member's dearest levels are served first."""
        gain = 0
        for demand, wants, dearest, cost in zip(self.market.demands, self.wants, self.values, landed, strict=True):
            left = got[demand.member]
            for want in wants if cost is not None else ():
                served = min(left, want.quantity)
                gain += served * ((dearest if want.price is None else want.price * _FEE) - (cost or 0))
                left -= served
        return gain


def _limit(money: int, fee: int) -> int:
    """Return the dearest goods price, in millionths, that leaves the landed price within `money` + freight."""
    return _NEVER if money < 0 else money * _FEE // (_FEE + fee)


def _row(demand: Demand, amount: int) -> Row:
    firm = decimal_of(amount)
    return Row(demand.member, demand.member, firm, Decimal(0), demand.at, demand.sequence, demand.priority)


def _reason(wants: Sequence[Want], wanted: int, landed: Decimal | None) -> Reason:
    """Say why a member that was not cut short stands where it does."""
    if not wants:
        return Reason("wants_nothing")
    whole = text_of(sum(want.quantity for want in wants))
    if landed is None:
        return Reason("no_tier_reached", {"whole": whole})
    facts = {"landed": format(landed, "f"), "wanted": text_of(wanted), "whole": whole}
    if not wanted:
        return Reason("price_above_levels", {**facts, "level": text_of(wants[0].price or 0)})
    if wanted == sum(want.quantity for want in wants):
        return Reason("in_full", facts)
    beyond = next(want for want, total in _running(wants) if total > wanted)
    return Reason("in_part", {**facts, "level": text_of(beyond.price or 0)})


def _running(wants: Sequence[Want]) -> list[tuple[Want, int]]:
    total, found = 0, []
    for want in wants:
        total += want.quantity
        found.append((want, total))
    return found


def _tried(curve: PriceCurve, columns: PriceColumns, cleared: ColumnsCleared) -> tuple[Tried, ...]:
    found = []
    for place, tier in enumerate(curve.tiers):
        demand = int(cleared.demand[place])
        missing = columns.wanting(place, demand)
        sold = decimal_of(columns.sellable(demand))
        found.append(Tried(tier, decimal_of(demand), sold, None if missing is None else decimal_of(missing)))
    return tuple(found)


def _next_step(tried: Sequence[Tried], place: int | None) -> NextStep | None:
    """Return the tier that lacks least, ties to the cheaper; once one is reached, among the cheaper ones."""
    price = None if place is None else tried[place].tier.price
    ahead = [
        (one.missing, one.tier.price, one.tier)
        for one in tried
        if one.missing and (price is None or one.tier.price < price)
    ]
    if not ahead:
        return None
    missing, cheaper, tier = min(ahead, key=lambda one: one[:2])
    return NextStep(tier, missing, None if price is None else 1 - Fraction(cheaper) / Fraction(price))

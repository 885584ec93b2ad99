"""What buyers want at which price, and what suppliers ask at which quantity; both are read strictly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from marketplace.kernel.refusals import BadValue
from procurement.engines.allocation_rules import ALLOCATION_RULES
from procurement.engines.exact import millionths

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Level:
    """At this landed price (goods, freight and fee, before VAT) or below, `quantity` is wanted; None: at any price."""

    price: Decimal | None
    quantity: Decimal


@dataclass(frozen=True)
class Demand:
    """A member's demand curve: levels with falling price and rising quantity.

    A want at a dearer level counts at every cheaper one, so a level states the whole quantity wanted there, not what it
    adds. `at`, `sequence` and `priority` speak where goods are scarce (engines.packs.Row).
    """

    member: str
    levels: tuple[Level, ...]
    at: datetime = LONG_AGO
    sequence: int = 0
    priority: int = 0


@dataclass(frozen=True)
class Tier:
    """From `start` units on, every unit costs `price`; a start of 0 means any quantity."""

    start: Decimal
    price: Decimal


@dataclass(frozen=True)
class PriceCurve:
    """A supplier's all-units tiers: starts rise, prices never do; the first start is the minimum order.

    capacity   most that it sells, None without an end
    pack       it sells whole packs of that many units; None: any quantity
    freight    what a unit costs a member beside the price, by member; who is not named pays none
    """

    supplier: str
    tiers: tuple[Tier, ...]
    capacity: Decimal | None = None
    pack: Decimal | None = None
    freight: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Market:
    """One closing: demand curves, price curves, and the rules named beforehand.

    rule          shares what is scarce (engines.allocation_rules), in multiples of `step`
    fee_percent   the service fee in per cent of the goods' price
    """

    demands: tuple[Demand, ...]
    curves: tuple[PriceCurve, ...]
    rule: str = "first_come"
    fee_percent: Decimal = Decimal(0)
    step: Decimal = Decimal(1)


def demand_of_rows(member: str, rows: Iterable[tuple[Decimal | None, Decimal]]) -> Demand:
    """Return the demand curve of wants that each have a ceiling of their own (None: any price) and a quantity."""
    added: dict[Decimal | None, Decimal] = {}
    for price, quantity in rows:
        added[price] = added.get(price, Decimal(0)) + quantity
    levels, total = [], Decimal(0)
    for price in sorted(added, key=lambda one: (one is not None, -(one or 0))):
        total += added[price]
        levels.append(Level(price, total))
    return Demand(member, tuple(levels))


@dataclass(frozen=True)
class Want:
    """What one level adds to the dearer ones, in millionths; `price` None: at any price."""

    price: int | None
    quantity: int


def wants_of(demand: Demand) -> tuple[Want, ...]:
    """Return what each level adds, dearest first; levels that add nothing are left out.

    :raises BadValue: a price that is not below the one before, a quantity that falls, a level without price that is not
        the first, a number that cannot be one.
    """
    wants, before, total = [], None, 0
    for place, level in enumerate(demand.levels):
        here = f"{demand.member}.levels[{place}]"
        price = None if level.price is None else millionths(f"{here}.price", level.price)
        quantity = millionths(f"{here}.quantity", level.quantity)
        if place and price is None:
            raise BadValue(place=f"{here}.price", value=None, reason="any price stands first or not at all")
        if place and before is not None and price is not None and price >= before:
            reason = "stands twice" if price == before else "rises: levels begin with the dearest"
            raise BadValue(place=f"{here}.price", value=level.price, reason=reason)
        if quantity < total:
            reason = "falls: a want at a dearer level counts at every cheaper one"
            raise BadValue(place=f"{here}.quantity", value=level.quantity, reason=reason)
        if quantity > total:
            wants.append(Want(price, quantity - total))
        before, total = price, quantity
    return tuple(wants)


def check_market(market: Market) -> None:
    """Refuse what no clearing can be made of.

    :raises BadValue: no price curve, a member or supplier twice, tiers out of order, a rule nobody knows, a number that
        cannot be one.
    """
    if market.rule not in ALLOCATION_RULES:
        raise BadValue(place="rule", value=market.rule, reason=f"none of {', '.join(ALLOCATION_RULES)}")
    if millionths("fee_percent", market.fee_percent) > 100 * 10**6:
        raise BadValue(place="fee_percent", value=market.fee_percent, reason="above 100")
    if not market.curves:
        raise BadValue(place="suppliers", value=None, reason="no price curve")
    _once("members", [one.member for one in market.demands])
    _once("suppliers", [one.supplier for one in market.curves])
    for curve in market.curves:
        _check_curve(curve)


def _once(place: str, names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise BadValue(place=place, value=name, reason="stands twice")
        seen.add(name)


def _check_curve(curve: PriceCurve) -> None:
    here = curve.supplier
    if not curve.tiers:
        raise BadValue(place=f"{here}.tiers", value=None, reason="no tier")
    for name, value in (("capacity", curve.capacity), ("pack", curve.pack)):
        if value is not None and not millionths(f"{here}.{name}", value):
            raise BadValue(place=f"{here}.{name}", value=value, reason="nothing")
    for place, tier in enumerate(curve.tiers):
        millionths(f"{here}.tiers[{place}].start", tier.start)
        millionths(f"{here}.tiers[{place}].price", tier.price)
        if not place:
            continue
        before = curve.tiers[place - 1]
        if tier.start <= before.start:
            reason = f"overlaps: not above {before.start}"
            raise BadValue(place=f"{here}.tiers[{place}].start", value=tier.start, reason=reason)
        if tier.price > before.price:
            reason = f"rises above {before.price}"
            raise BadValue(place=f"{here}.tiers[{place}].price", value=tier.price, reason=reason)

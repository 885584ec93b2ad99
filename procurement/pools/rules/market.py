"""What the indicative price steps and everybody's wants come to while a pool is open; nothing of it binds anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction

from marketplace.kernel.money import Money
from procurement.engines.clearing import Market, Outcome, PriceCurve, Tier, Tried, clear_market, demand_of_rows
from procurement.engines.sharing.equal_price import paid_less_than_they_bring
from procurement.pools.rules.live import Indicative

NOTHING = Decimal(0)
Wants = Sequence[tuple[Decimal | None, Decimal]]  # ceiling (None: any price) and quantity


@dataclass(frozen=True)
class Asked:
    """What a pool's rows want, by ceiling: the asker's own, all others', and of these the largest other member's.

    largest   None where there are too few others for it to stay unknown how much one of them wants
    """

    mine: Wants
    others: Wants
    largest: Wants | None

    @property
    def all(self) -> Wants:
        return [*self.mine, *self.others]


def total(wants: Wants) -> Decimal:
    """Return the quantity that is wanted at all."""
    return sum((quantity for _, quantity in wants), NOTHING)


def curve_of(indicative: Indicative) -> PriceCurve | None:
    """Return the indicative steps as a price curve; a step that is not cheaper than the one before says nothing."""
    tiers: list[Tier] = []
    for step in indicative.steps:
        price = step.unit_price.amount
        if not tiers or (step.from_quantity > tiers[-1].start and price < tiers[-1].price):
            tiers.append(Tier(step.from_quantity, price))
    return PriceCurve(indicative.source, tuple(tiers)) if tiers else None


def clear_indicative(indicative: Indicative, wants: Wants, fee_percent: Decimal) -> Outcome | None:
    """Return what the wants come to on the indicative steps, None without any step.

    A ceiling is a landed price. Freight is not known before the tender and left out; the fee counts.
    """
    curve = curve_of(indicative)
    if curve is None:
        return None
    demand = demand_of_rows("all", [(ceiling, quantity) for ceiling, quantity in wants if quantity])
    return clear_market(Market((demand,), (curve,), fee_percent=fee_percent)).outcomes[0]


@dataclass(frozen=True)
class CurveRow:
    """A price step with what is wanted at its price; `kind` is `here`, `next` or nothing."""

    tried: Tried
    kind: str

    @property
    def start(self) -> Decimal:
        return self.tried.tier.start

    @property
    def price(self) -> Decimal:
        return self.tried.tier.price


def curve_rows(outcome: Outcome) -> tuple[CurveRow, ...]:
    """Return every step with its demand, marked where the pool stands and which step is next."""
    ahead = outcome.next_step.tier if outcome.next_step else None
    kinds = {tier: kind for tier, kind in ((ahead, "next"), (outcome.tier, "here")) if tier is not None}
    return tuple(CurveRow(one, kinds.get(one.tier, "")) for one in outcome.tried)


@dataclass(frozen=True)
class Worth:
    """What joining with a quantity would bring, by the indicative steps; prices are goods a unit, before VAT.

    alone            what the quantity would cost by itself; None when it is less than anybody sells
    before           what the others pay without us
    together         what everybody pays with us; None when no step is reached
    landed           `together` with the service fee
    cost             landed x quantity
    saved            what the quantity costs alone less `cost`, which may be negative; None without one of them
    without_largest  what we pay if the largest other member leaves; None when no step is reached then
    enough           whether so many others are in the pool that this does not tell what one of them wants
    others           whether anybody else is in the pool
    share            our part of the whole quantity
    too_large        whether we are beyond the part from which bringing more earns us less (see `beyond_peak`)
    """

    quantity: Decimal
    alone: Decimal | None
    before: Decimal | None
    together: Decimal | None
    landed: Decimal | None
    cost: Money | None
    saved: Money | None
    without_largest: Decimal | None
    enough: bool
    others: bool
    share: Fraction
    too_large: bool

    @property
    def percent(self) -> Decimal | None:
        """By how many per cent of the price alone we pay less, fee included; one decimal, rounded half up."""
        if not self.alone or self.landed is None:
            return None
        return ((self.alone - self.landed) * 100 / self.alone).quantize(Decimal("0.1"), ROUND_HALF_UP)


def worth_joining(
    indicative: Indicative, asked: Asked, quantity: Decimal, *, fee_percent: Decimal, currency: str
) -> Worth:
    """Return what being in the pool with `quantity`, at any price, brings us; what we have in it so far is replaced."""

    def price(*wants: Wants) -> Decimal | None:
        outcome = clear_indicative(indicative, [one for some in wants for one in some], fee_percent)
        return outcome.tier.price if outcome and outcome.tier else None

    ours: Wants = [(None, quantity)]
    alone, together = price(ours), price(ours, asked.others)
    landed = None if together is None else together * (100 + fee_percent) / 100
    cost = None if landed is None else Money.rounded(landed * quantity, currency)
    saved = None if alone is None or cost is None else Money.rounded(alone * quantity, currency) - cost
    whole = quantity + total(asked.others)
    return Worth(
        quantity=quantity,
        alone=alone,
        before=price(asked.others),
        together=together,
        landed=landed,
        cost=cost,
        saved=saved,
        without_largest=None if asked.largest is None else price(ours, without(asked.others, asked.largest)),
        enough=asked.largest is not None,
        others=bool(asked.others),
        share=Fraction(quantity) / Fraction(whole) if whole else Fraction(0),
        too_large=beyond_peak(quantity, whole),
    )


def without(wants: Wants, gone: Wants) -> Wants:
    """Return the wants that are left when `gone`, which are among them, leave."""
    left = dict(wants)
    for ceiling, quantity in gone:
        left[ceiling] -= quantity
    return [(ceiling, quantity) for ceiling, quantity in left.items() if quantity]


def beyond_peak(own: Decimal, whole: Decimal) -> bool:
    """Return whether a member is so large that bringing more earns it less under one price for all (38.2 %).

    Source: Schotanus, Unfair allocation of gains under equal price in cooperative purchasing, IPSERA 2005; derived at
    `engines.sharing.paid_less_than_they_bring`.
    """
    parts = [Fraction(own), Fraction(whole - own)]
    return all(parts) and 0 in paid_less_than_they_bring(parts)


def in_tenths(percent: Decimal) -> Decimal:
    """Return a percentage in whole tenths of the order: finer ones would let others' quantities be found by trying."""
    return (percent / 10).to_integral_value(ROUND_HALF_UP) * 10


def part_of(ordered: Decimal, percent: Decimal) -> Decimal:
    """Return `percent` of an order as it might arrive: whole units where the order is in whole units."""
    part = ordered * percent / 100
    return part.quantize(Decimal(1) if ordered == ordered.to_integral_value() else Decimal("0.000001"), ROUND_DOWN)

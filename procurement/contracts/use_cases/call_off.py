"""A frozen pool is served from a framework: its quantity is taken from the ceiling, and an order is placed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q

from marketplace.events import use_cases as events_
from marketplace.foundation.fields import exact, less, more
from marketplace.kernel.clock import business_date
from marketplace.kernel.money import Money, Rate
from marketplace.kernel.refusals import BadValue, Refusal
from marketplace.kernel.words import gettext_noop
from procurement.contracts import events, models
from procurement.contracts.rules import Bound, Cleared, PriceStep, clear_call_off
from procurement.contracts.states import FrameworkState
from procurement.contracts.use_cases.loading import load_framework
from procurement.contracts.use_cases.orders import AwardedLine, place_orders
from procurement.pools import queries as pools
from procurement.pools import use_cases as pools_
from procurement.pools.queries import PoolView


class CeilingReached(Refusal):
    """The framework has less left than is called off."""

    code = "ceiling_reached"
    words = gettext_noop("{framework} has {left} ({left_money}) left; {quantity} ({amount}) are called off.")


class FrameworkNotOpen(Refusal):
    """Not agreed, suspended or ended, or the day lies outside its period."""

    code = "framework_not_open"
    words = gettext_noop("{framework} is {state}; it is called off from {starts_on} up to {last_day}.")


class BelowFirstStep(Refusal):
    """What is left of the pool after its ceilings is less than the framework's first step."""

    code = "below_first_step"
    words = gettext_noop("{framework} begins at {first}; only {quantity} of {pool} would be called off at its prices.")


@transaction.atomic
def call_off(*, framework_ref: str, pool_ref: str, by: str, at: datetime) -> str:
    """Serve a frozen pool from a framework, at the step its quantity reaches; return the call-off's ref.

    Members whose ceiling lies below the landed price drop out without penalty, and the rest is priced again, as in an
    award. What is called is taken from the framework by one conditional update, quantity and money together.

    :raises NotFound: no such framework or pool.
    :raises BadValue: the pool is of another product, unit or currency.
    :raises FrameworkNotOpen: not agreed, suspended, ended, before its period or after it.
    :raises BelowFirstStep: what would be called is less than the first step.
    :raises CeilingReached: less is left than would be called.
    :raises IllegalMove: the pool is not frozen.
    :raises StaleWrite: the pool's members changed meanwhile: call off again.
    """
    framework, pool = load_framework(framework_ref), pools.pool(pool_ref)
    _must_fit(framework, pool)
    today = business_date(at)
    cleared = _clear(framework, pool)
    price = cleared.unit_price
    if price is None:
        _must_be_open(framework, today)
        first = min(step.from_quantity for step in framework.steps.all())
        raise BelowFirstStep(framework=framework_ref, first=first, quantity=cleared.quantity, pool=pool_ref)
    amount = amount_of(framework, cleared.quantity, price)
    _take(framework, cleared.quantity, amount, today)
    ref = events_.next_ref("CO", at=at)
    _award(framework, pool, cleared, by=by, at=at)
    models.CallOff.objects.create(
        ref=ref,
        framework=framework,
        pool_id=pool.id,
        quantity=cleared.quantity,
        unit_price=price,
        amount_minor=amount.minor,
        why={"rounds": cleared.rounds, "dropped": dict(cleared.dropped)},
        called_by=by,
        called_at=at,
    )
    _order(framework, pool, ref, cleared.quantity, price, by=by, at=at)
    called = events.PoolCalledOff(
        ref, framework_ref, pool_ref, cleared.quantity, price, amount.minor, framework.currency
    )
    events_.record(called, source_ref=ref, at=at)
    return ref


def amount_of(framework: models.Framework, quantity: Decimal, price: Decimal) -> Money:
    """Return goods and freight of so much, as orders reckon them: each rounded half-up to the coin."""
    goods, freight = Rate(price, framework.currency), Rate(framework.unit_freight, framework.currency)
    return goods.times(quantity) + freight.times(quantity)


def _must_fit(framework: models.Framework, pool: PoolView) -> None:
    for place, wanted, got in (
        ("product", framework.product_id, pool.product_id),
        ("unit", framework.unit, pool.unit),
        ("currency", framework.currency, pool.currency),
    ):
        if wanted != got:
            raise BadValue(place=f"{pool.ref}.{place}", value=got, reason=gettext_noop("the framework has another"))


def _clear(framework: models.Framework, pool: PoolView) -> Cleared:
    bound = [
        Bound(member.commitment_ref, member.quantity, member.ceiling)
        for member in pools.members(pool.ref)
        if member.quantity > 0
    ]
    steps = [PriceStep(step.from_quantity, step.unit_price) for step in framework.steps.all()]
    return clear_call_off(bound, steps, framework.unit_freight, pool.fee_percent)


def _take(framework: models.Framework, quantity: Decimal, amount: Money, today: date) -> None:
    """Take so much from what the framework has left, or nothing."""
    room = Q(ceiling__isnull=True) | Q(called__lte=F("ceiling") - exact(quantity))
    money = Q(ceiling_minor__isnull=True) | Q(called_minor__lte=F("ceiling_minor") - amount.minor)
    open_now = models.Framework.objects.filter(
        pk=framework.pk, state=FrameworkState.AGREED.value, starts_on__lte=today, ends_on__gt=today
    )
    if open_now.filter(room, money).update(
        called=more("called", quantity), called_minor=F("called_minor") + amount.minor
    ):
        return
    framework.refresh_from_db()
    _must_be_open(framework, today)
    raise CeilingReached(
        framework=framework.ref,
        quantity=quantity,
        amount=str(amount),
        left="-" if framework.ceiling is None else framework.ceiling - framework.called,
        left_money="-"
        if framework.ceiling_minor is None
        else str(Money.from_minor(framework.ceiling_minor - framework.called_minor, framework.currency)),
    )


def _must_be_open(framework: models.Framework, today: date) -> None:
    if framework.state != FrameworkState.AGREED or not framework.starts_on <= today < framework.ends_on:
        raise FrameworkNotOpen(
            framework=framework.ref,
            state=framework.state,
            starts_on=framework.starts_on.isoformat(),
            last_day=(framework.ends_on - timedelta(days=1)).isoformat(),
        )


def _award(framework: models.Framework, pool: PoolView, cleared: Cleared, *, by: str, at: datetime) -> None:
    pools_.start_tendering(pool_refs=[pool.ref], tender_ref=framework.ref, by=by, at=at)
    pools_.record_award(
        pool_ref=pool.ref,
        unit_price=Rate((cleared.unit_price or Decimal(0)) + framework.unit_freight, framework.currency),
        dropped=cleared.dropped,
        ordered=cleared.quantity,
        by=by,
        at=at,
    )


def _order(
    framework: models.Framework, pool: PoolView, ref: str, quantity: Decimal, price: Decimal, *, by: str, at: datetime
) -> None:
    line = AwardedLine(
        lot_ref=framework.ref,
        pool_ref=pool.ref,
        supplier_ref=framework.supplier.ref,
        product_id=framework.product_id,
        region=pool.region,
        quantity=quantity,
        unit_price=Rate(price, framework.currency),
        unit_freight=Rate(framework.unit_freight, framework.currency),
    )
    due_on = business_date(at) + timedelta(days=framework.lead_days)
    place_orders(award_ref=ref, tender_ref=framework.ref, lines=[line], due_on=due_on, by=by, at=at)


def give_back(order: models.PurchaseOrder, *, why: str, by: str, at: datetime) -> None:
    """Give what an order called off back to its framework; an order of an award has none."""
    called = _of(order)
    if called is None:
        return
    called.move("give_back", by=by, at=at, why=why)
    _lower(called, called.quantity, called.amount_minor)


def lower_call_off(order: models.PurchaseOrder, quantity: Decimal, price: Decimal, *, by: str, at: datetime) -> None:
    """Let an order's call-off be so much at this price, and give the difference back to its framework."""
    called = _of(order)
    if called is None:
        return
    amount = amount_of(called.framework, quantity, price).minor
    less_of, less_money = called.quantity - quantity, called.amount_minor - amount
    called.move("lower", by=by, at=at, quantity=quantity, unit_price=price, amount_minor=amount)
    _lower(called, less_of, less_money)


def _of(order: models.PurchaseOrder) -> models.CallOff | None:
    return models.CallOff.objects.select_related("framework").filter(ref=order.award_ref).first()


def _lower(called: models.CallOff, quantity: Decimal, minor: int) -> None:
    models.Framework.objects.filter(pk=called.framework_id).update(
        called=less("called", quantity), called_minor=F("called_minor") - minor
    )

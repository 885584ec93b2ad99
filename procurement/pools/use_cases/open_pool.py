"""Open one pool by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from marketplace.catalogue import queries as catalogue
from marketplace.events import use_cases as events_
from marketplace.kernel.money import Rate, minor_digits
from marketplace.kernel.refusals import BadValue, Refusal
from marketplace.kernel.words import gettext_noop
from procurement.pools import events, models, rules
from procurement.pools.states import JOINABLE
from procurement.pools.use_cases.loading import must_be_exact


class PoolOpenAlready(Refusal):
    """A pool for the same need is open: join that one."""

    code = "pool_open_already"
    words = gettext_noop("{pool} is open for the same product, region, window and currency.")


def open_pool(
    *,
    product_ref: str,
    window_start: date,
    window_end: date,
    freeze_at: datetime,
    region: str = "",
    currency: str = "CNY",
    minimum: Decimal = Decimal(0),
    capacity: Decimal | None = None,
    deposit_percent: Decimal | None = None,
    fee_percent: Decimal | None = None,
    as_agent: bool = False,
    framework_tiers: Sequence[tuple[Decimal, Rate]] = (),
    by: str,
    at: datetime,
) -> str:
    """Open a pool of one product and return its ref. What is not given follows the standing rule of the category.

    window           [window_start, window_end), days
    region           empty gathers all regions
    minimum          below which it fails when it freezes, >= 0, in the product's base unit
    capacity         what it takes at most, > 0, or None
    framework_tiers  (from quantity, unit price) of a framework contract, shown as indicative steps

    :raises NotFound: no such product.
    :raises BadValue: a window that does not run forward, a freeze in the past, an impossible quantity or share.
    :raises PoolOpenAlready: one is open for the same need.
    """
    product = catalogue.product(product_ref)
    rule = catalogue.rule_for(product.id)
    pool = models.Pool(
        product_id=product.id,
        region=region,
        window_start=window_start,
        window_end=window_end,
        currency=currency,
        unit=product.unit,
        pack_size=rule.pack_size,
        minimum=minimum,
        capacity=capacity,
        deposit_percent=rule.deposit_percent if deposit_percent is None else deposit_percent,
        fee_percent=rule.fee_percent if fee_percent is None else fee_percent,
        allocation_rule=rules.allocation_rule(rule.allocation_rule),
        as_agent=as_agent,
        freeze_at=freeze_at,
        opened_at=at,
        opened_by=by,
        indicative=_kept(framework_tiers),
    )
    _check(pool, at)
    try:
        return _open(pool, at)
    except IntegrityError:
        _explain_twice(pool)
        raise


def _kept(tiers: Sequence[tuple[Decimal, Rate]]) -> dict[str, object] | None:
    if not tiers:
        return None
    steps = [[format(quantity, "f"), format(rate.amount, "f")] for quantity, rate in sorted(tiers, key=lambda t: t[0])]
    return {"source": "framework", "steps": steps}


def _check(pool: models.Pool, at: datetime) -> None:
    """Refuse what the constraints would refuse, with words."""
    try:
        minor_digits(pool.currency)
    except ValueError as error:
        raise BadValue(place="currency", value=pool.currency, reason=str(error)) from None
    shares = (("deposit_percent", pool.deposit_percent), ("fee_percent", pool.fee_percent))
    for place, amount in (*shares, ("minimum", pool.minimum)):
        must_be_exact(place, amount)
    if pool.capacity is not None:
        must_be_exact("capacity", pool.capacity, above=Decimal(0))
    for place, value, good, reason in (
        ("window_end", pool.window_end, pool.window_start < pool.window_end, "the window must run forward"),
        ("freeze_at", pool.freeze_at.isoformat(), pool.freeze_at > at, "it must lie ahead"),
        *((place, share, share <= 100, "it must lie between 0 and 100") for place, share in shares),
    ):
        if not good:
            raise BadValue(place=place, value=value, reason=reason)


@transaction.atomic
def _open(pool: models.Pool, at: datetime) -> str:
    pool.ref = events_.next_ref("PL", at=at)
    pool.save(force_insert=True)
    fact = events.PoolOpened(pool.ref, pool.product_id, pool.region, pool.window_start, pool.window_end, pool.freeze_at)
    events_.record(fact, source_ref=pool.ref, at=at)
    return pool.ref


def _explain_twice(wish: models.Pool) -> None:
    same = models.Pool.objects.filter(
        product_id=wish.product_id,
        region=wish.region,
        window_start=wish.window_start,
        window_end=wish.window_end,
        currency=wish.currency,
        unit=wish.unit,
        state__in=JOINABLE,
    )
    for ref in same.values_list("ref", flat=True):
        raise PoolOpenAlready(pool=ref)

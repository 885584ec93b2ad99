"""Open one pool by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.queries import PoolRule
from marketplace.events import use_cases as events_
from marketplace.kernel.clock import midnight
from marketplace.kernel.money import Rate, minor_digits
from marketplace.kernel.periods import KNOWN
from marketplace.kernel.refusals import BadValue, Refusal
from marketplace.kernel.regions import region_name
from marketplace.kernel.words import gettext_noop
from procurement.pools import events, models, rules
from procurement.pools.states import JOINABLE
from procurement.pools.use_cases.loading import must_be_exact

T = TypeVar("T")
LEAST_GATHERING = timedelta(days=1)


class PoolOpenAlready(Refusal):
    """A pool for the same need is open: join that one."""

    code = "pool_open_already"
    words = gettext_noop("{pool} is open for the same product, region, window and currency.")


@dataclass(frozen=True)
class Hub:
    """A place at which a pool of several regions gathers goods."""

    name: str
    region: str
    address: str = ""


def open_pool(
    *,
    product_ref: str,
    window_start: date,
    window_end: date,
    freeze_at: datetime,
    region: str = "",
    currency: str = "CNY",
    kind: str = rules.BULK,
    minimum: Decimal | None = None,
    capacity: Decimal | None = None,
    member_limit: Decimal | None = None,
    deposit_percent: Decimal | None = None,
    fee_percent: Decimal | None = None,
    allocation_rule: str | None = None,
    fallbacks: Sequence[str] | None = None,
    hubs: Sequence[Hub] = (),
    as_agent: bool = False,
    framework_tiers: Sequence[tuple[Decimal, Rate]] = (),
    by_buyer: bool = False,
    by: str,
    at: datetime,
) -> str:
    """Open a pool of one product and return its ref. What is not given follows the standing rule of the category.

    window           [window_start, window_end), days
    region           empty gathers all regions
    kind             `bulk`; or `sample`: single pieces below the factory's minimum, for the service fee of samples
    minimum          below which it falls back when it freezes, >= 0, in the product's base unit; a sample pool has none
    capacity         what it takes at most, > 0, or None
    member_limit     what a member may have of it at most, > 0, or None
    allocation_rule  who gets what when there is not enough, one of `rules.ALLOCATION_RULES`
    fallbacks        what is tried when the minimum is missed, in this order, out of `rules.FALLBACKS`
    hubs             where a pool of all regions gathers goods; each member names one
    framework_tiers  (from quantity, unit price) of a framework contract, shown as indicative steps
    by_buyer         a buyer opens it: one pool gathers all demand of its need, so a buyer names none of the terms that
                     would hold others' demand back, and freezes it a day from now at the earliest and before its window

    :raises NotFound: no such product.
    :raises BadValue: a window that does not run forward, a freeze in the past, an impossible quantity or share, a kind,
        rule or fallback that nobody knows, hubs of a pool of one region, a sample pool with a minimum or without a
        limit a member, a term that is not a buyer's to name.
    :raises PoolOpenAlready: one is open for the same need.
    """
    if by_buyer:
        named = {"minimum": minimum, "capacity": capacity, "allocation_rule": allocation_rule, "fallbacks": fallbacks}
        _must_be_a_buyers({**named, "hubs": hubs or None}, window_start, freeze_at, at)
    product = catalogue.product(product_ref)
    rule = catalogue.rule_for(product.id)
    sample = kind == rules.SAMPLE
    standing_fee = rule.sample_fee_percent if sample else rule.fee_percent
    pool = models.Pool(
        product_id=product.id,
        kind=kind,
        region=region_name(region),
        window_start=window_start,
        window_end=window_end,
        currency=currency,
        unit=product.unit,
        minimum=_known(minimum, Decimal(0) if sample else rule.minimum),
        capacity=capacity,
        member_limit=member_limit,
        as_agent=as_agent,
        freeze_at=freeze_at,
        opened_at=at,
        opened_by=by,
        indicative=_kept(framework_tiers),
        **{
            **standing_terms(rule, freeze_at),
            "pack_size": Decimal(1) if sample else rule.pack_size,
            "fee_percent": _known(fee_percent, standing_fee),
            "deposit_percent": _known(deposit_percent, rule.deposit_percent),
            "allocation_rule": _known(allocation_rule, rules.allocation_rule(rule.allocation_rule)),
            "fallbacks": list(_known(fallbacks, rule.fallbacks)),
        },
    )
    _check(pool, at)
    _check_choices(pool, hubs)
    try:
        return _open(pool, hubs, at)
    except IntegrityError:
        _explain_twice(pool)
        raise


def _must_be_a_buyers(
    terms: Mapping[str, object | None], window_start: date, freeze_at: datetime, at: datetime
) -> None:
    """Refuse what would let one buyer hold back what others need."""
    for place, value in terms.items():
        if value is not None:
            raise BadValue(place=place, value=value, reason="follows its category's standing rule")
    for good, reason in (
        (freeze_at >= at + LEAST_GATHERING, "a buyer's pool gathers for a day at least"),
        (freeze_at <= midnight(window_start), "a buyer's pool freezes before its window begins"),
    ):
        if not good:
            raise BadValue(place="freeze_at", value=freeze_at.isoformat(), reason=reason)


def _known(given: T | None, standing: T) -> T:
    return standing if given is None else given


def standing_terms(rule: PoolRule, freeze_at: datetime) -> dict[str, Any]:
    """Return what a new pool that freezes then takes from the standing rule of its category."""
    return {
        "pack_size": rule.pack_size,
        "deposit_percent": rule.deposit_percent,
        "fee_percent": rule.fee_percent,
        "withdrawal_percent": rule.withdrawal_percent,
        "allocation_rule": rules.allocation_rule(rule.allocation_rule),
        "fallbacks": [name for name in rule.fallbacks if name in rules.FALLBACKS],
        "extend_days": rule.extend_days,
        "fills_from": freeze_at - timedelta(days=rule.filling_days) if rule.filling_days else None,
        "smaller_pack": rule.smaller_pack,
    }


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
        ("window_start", pool.window_start, pool.window_start in KNOWN, "beyond the years 2000 to 2199"),
        ("window_end", pool.window_end, pool.window_end <= KNOWN.end, "beyond the years 2000 to 2199"),
        (
            "freeze_at",
            pool.freeze_at.isoformat(),
            pool.freeze_at.date() < KNOWN.last_day,
            "beyond the years 2000 to 2199",
        ),
        ("window_end", pool.window_end, pool.window_start < pool.window_end, "the window must run forward"),
        ("freeze_at", pool.freeze_at.isoformat(), pool.freeze_at > at, "it must lie ahead"),
        *((place, share, share <= 100, "it must lie between 0 and 100") for place, share in shares),
    ):
        if not good:
            raise BadValue(place=place, value=value, reason=reason)


def _check_choices(pool: models.Pool, hubs: Sequence[Hub]) -> None:
    """Refuse what nobody knows, with words."""
    names = [hub.name for hub in hubs]
    sample = pool.kind == rules.SAMPLE
    if pool.member_limit is not None:
        must_be_exact("member_limit", pool.member_limit, above=Decimal(0))
    for place, value, good, reason in (
        ("kind", pool.kind, pool.kind in rules.KINDS, "one of " + ", ".join(rules.KINDS)),
        ("minimum", pool.minimum, not (sample and pool.minimum), "a sample pool has no minimum"),
        ("member_limit", "", pool.member_limit is not None or not sample, "a sample pool says what a member may have"),
        (
            "allocation_rule",
            pool.allocation_rule,
            pool.allocation_rule in rules.ALLOCATION_RULES,
            "one of " + ", ".join(rules.ALLOCATION_RULES),
        ),
        (
            "fallbacks",
            ", ".join(pool.fallbacks),
            set(pool.fallbacks) <= set(rules.FALLBACKS) and len(set(pool.fallbacks)) == len(pool.fallbacks),
            "each once, out of " + ", ".join(rules.FALLBACKS),
        ),
        ("hubs", ", ".join(names), not (hubs and pool.region), "a pool of one region has no hubs"),
        ("hubs", ", ".join(names), all(hub.name and hub.region for hub in hubs), "each has a name and a region"),
        ("hubs", ", ".join(names), len(set(names)) == len(names), "each stands once"),
    ):
        if not good:
            raise BadValue(place=place, value=value, reason=reason)


@transaction.atomic
def _open(pool: models.Pool, hubs: Sequence[Hub], at: datetime) -> str:
    pool.ref = events_.next_ref("PL", at=at)
    pool.save(force_insert=True)
    models.PoolHub.objects.bulk_create(
        models.PoolHub(pool=pool, name=hub.name, region=region_name(hub.region), address=hub.address) for hub in hubs
    )
    fact = events.PoolOpened(pool.ref, pool.product_id, pool.region, pool.window_start, pool.window_end, pool.freeze_at)
    events_.record(fact, source_ref=pool.ref, at=at)
    return pool.ref


def _explain_twice(wish: models.Pool) -> None:
    same = models.Pool.objects.filter(
        kind=wish.kind,
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

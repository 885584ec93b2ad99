"""Pools and their members as others see them, live figures, and who may look at what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from django.db.models import Count, F, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber

from marketplace.catalogue import queries as catalogue
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money, Rate
from marketplace.kernel.periods import Period
from marketplace.kernel.refusals import NotFound
from marketplace.parties import queries as parties
from procurement.pools import models
from procurement.pools.rules import (
    Gathered,
    Indicative,
    LiveFigures,
    Step,
    live_figures,
    window_text,
)
from procurement.pools.states import BINDING, JOINABLE, LIVE, PRICED, CommitmentState, PoolState

T = TypeVar("T")


@dataclass(frozen=True)
class PoolView:
    """A pool as other apps see it; quantities in `unit`, prices per unit."""

    id: int
    ref: str
    state: str
    product_id: int
    region: str
    window_start: date
    window_end: date
    currency: str
    unit: str
    pack_size: Decimal
    minimum: Decimal
    capacity: Decimal | None
    joined: Decimal
    ordered: Decimal
    delivered: Decimal
    deposit_percent: Decimal
    fee_percent: Decimal
    allocation_rule: str
    as_agent: bool
    freeze_at: datetime
    unit_price: Rate | None
    tender_ref: str

    @property
    def window(self) -> str:
        return window_text(self.window_start, self.window_end)


@dataclass(frozen=True)
class Member:
    """One live commitment of a pool; `quantity` is what it was allocated (what it asked, before freezing)."""

    commitment_ref: str
    commitment_id: int
    buyer_id: int
    buyer_ref: str
    quantity: Decimal
    tolerance: Decimal
    ceiling: Decimal | None
    region: str
    joined_at: datetime
    line_id: int | None
    asked: Decimal
    delivered: Decimal
    stated_price: Decimal | None
    deposit_minor: int
    state: str
    priority: int


def pool(ref: str) -> PoolView:
    """Return the pool named `ref`.

    :raises NotFound: there is none.
    """
    found = models.Pool.objects.filter(ref=ref).first()
    if found is None:
        raise NotFound(what="pool", ref=ref)
    return _view(found)


def pools(refs: Iterable[str]) -> dict[str, PoolView]:
    """Return the pools among `refs` that exist, by ref."""
    return {row.ref: _view(row) for some in slices(refs) for row in models.Pool.objects.filter(ref__in=some)}


def _view(row: models.Pool) -> PoolView:
    price = None if row.unit_price is None else Rate(row.unit_price, row.currency)
    same = {name: getattr(row, name) for name in PoolView.__dataclass_fields__ if name not in {"id", "unit_price"}}
    return PoolView(id=row.pk, unit_price=price, **same)


def members(pool_ref: str) -> list[Member]:
    """Return the live commitments of a pool, oldest first."""
    return members_of([pool_ref]).get(pool_ref, [])


def members_of(pool_refs: Iterable[str]) -> dict[str, list[Member]]:
    """Return the live commitments of each pool, oldest first; few queries however many pools."""
    found: list[models.Commitment] = []
    for some in slices(pool_refs):
        rows = models.Commitment.objects.filter(pool__ref__in=some, state__in=LIVE)
        found += rows.select_related("pool").order_by("pool_id", "joined_at", "id")
    buyers = parties.refs_by_id({row.buyer_id for row in found})
    grouped: dict[str, list[Member]] = {}
    for row in found:
        grouped.setdefault(row.pool.ref, []).append(_member(row, buyers[row.buyer_id]))
    return grouped


def _member(row: models.Commitment, buyer_ref: str) -> Member:
    return Member(
        commitment_ref=row.ref,
        commitment_id=row.pk,
        buyer_id=row.buyer_id,
        buyer_ref=buyer_ref,
        quantity=row.quantity if row.pool.state in JOINABLE else row.allocated,
        tolerance=row.tolerance,
        ceiling=row.ceiling,
        region=row.region,
        joined_at=row.joined_at,
        line_id=row.line_id,
        asked=row.quantity,
        delivered=row.delivered,
        stated_price=row.stated_price,
        deposit_minor=row.deposit_minor,
        state=row.state,
        priority=row.priority,
    )


def frozen_pools() -> list[PoolView]:
    """Return the pools that wait for a tender, in the order of product, window and region."""
    rows = models.Pool.objects.filter(state=PoolState.FROZEN.value)
    return [_view(row) for row in rows.order_by("product_id", "window_start", "region", "id")]


def due_to_freeze(at: datetime) -> list[str]:
    """Return the refs of open pools whose time has come, longest overdue first."""
    due = models.Pool.objects.filter(state__in=JOINABLE, freeze_at__lte=at)
    return list(due.order_by("freeze_at", "id").values_list("ref", flat=True))


def due_to_fill(at: datetime) -> list[str]:
    """Return the refs of open pools whose filling phase has come, longest overdue first."""
    due = models.Pool.objects.filter(state=PoolState.OPEN.value, fills_from__lte=at, freeze_at__gt=at)
    return list(due.order_by("fills_from", "id").values_list("ref", flat=True))


def with_offers() -> QuerySet[models.Pool]:
    """Return the frozen pools in which somebody offers its place; any verified buyer may look at such an offer."""
    some = models.Commitment.objects.filter(state=CommitmentState.BOUND.value, offered_at__isnull=False)
    return models.Pool.objects.filter(state__in=BINDING, pk__in=some.values("pool_id"))


def offered(pool_ref: str) -> QuerySet[models.Commitment]:
    """Return the bound commitments of a pool whose buyers look for somebody to take their place, oldest first."""
    bound = models.Commitment.objects.filter(pool__ref=pool_ref, state=CommitmentState.BOUND.value)
    return bound.filter(offered_at__isnull=False).order_by("offered_at", "id")


def indicative_steps(pool_ref: str) -> Indicative:
    """Return what a unit may cost, by the pool's quantity: framework tiers, else a price list, else the last award.

    :raises NotFound: there is no such pool.
    """
    return indicative_of(_row(pool_ref))


def _row(ref: str) -> models.Pool:
    found = models.Pool.objects.filter(ref=ref).first()
    if found is None:
        raise NotFound(what="pool", ref=ref)
    return found


def indicative_of(row: models.Pool) -> Indicative:
    """Return the indicative steps of a pool at hand (see `indicative_steps`)."""
    return indicatives_of([row])[row.pk]


def indicatives_of(rows: Sequence[models.Pool]) -> dict[int, Indicative]:
    """Return the indicative steps of pools at hand, by row id; three queries at most."""
    bare = [row for row in rows if not row.indicative]
    listed = catalogue.price_lists(row.product_id for row in bare)
    awards = _last_awards([row for row in bare if (row.product_id, row.currency) not in listed])
    found = {}
    for row in rows:
        here = (row.product_id, row.currency)
        if row.indicative:
            kept = ((Decimal(start), Rate(Decimal(price), row.currency)) for start, price in row.indicative["steps"])
            found[row.pk] = Indicative(row.indicative["source"], tuple(Step(*pair) for pair in kept))
        elif here in listed:
            found[row.pk] = Indicative("price_list", tuple(Step(*pair) for pair in listed[here]))
        elif last := next((rate for pk, rate in awards.get(here, []) if pk != row.pk), None):
            found[row.pk] = Indicative("last_award", (Step(Decimal(0), last),))
        else:
            found[row.pk] = Indicative("none")
    return found


def _last_awards(rows: Sequence[models.Pool]) -> dict[tuple[int, str], list[tuple[int, Rate]]]:
    """Return the last two awarded pools with their price, latest first, by product and currency."""
    if not rows:
        return {}
    each = [F("product_id"), F("currency")]
    priced = models.Pool.objects.filter(product_id__in={row.product_id for row in rows}, state__in=PRICED)
    latest = priced.annotate(nth=Window(RowNumber(), partition_by=each, order_by=F("id").desc())).filter(nth__lte=2)
    found: dict[tuple[int, str], list[tuple[int, Rate]]] = {}
    for pk, product_id, currency, price in latest.order_by("-id").values_list(
        "pk", "product_id", "currency", "unit_price"
    ):
        if price is not None:
            found.setdefault((product_id, currency), []).append((pk, Rate(price, currency)))
    return found


def awarded_prices(product_ids: Iterable[int], currency: str, span: Period) -> list[tuple[str, int, Decimal, Decimal]]:
    """Return (pool ref, product id, ordered, unit price above zero) of pools awarded for windows begun in `span`."""
    rows = models.Pool.objects.filter(window_start__gte=span.start, window_start__lt=span.end, state__in=PRICED)
    priced = rows.filter(product_id__in=list(product_ids), currency=currency, unit_price__gt=0, ordered__gt=0)
    found = priced.order_by("id").values_list("ref", "product_id", "ordered", "unit_price")
    return [(ref, product, ordered, price) for ref, product, ordered, price in found if price is not None]


def live(pool_ref: str, at: datetime) -> LiveFigures:
    """Return the pool's live figures: fill, next steps, what is missing, days left.

    :raises NotFound: there is no such pool.
    """
    row = _row(pool_ref)
    return lives([row], at)[row.pk]


def lives(rows: Sequence[models.Pool], at: datetime) -> dict[int, LiveFigures]:
    """Return the live figures of pools at hand, by row id; four queries at most however many there are."""
    members = models.Commitment.objects.filter(pool__in=[row.pk for row in rows], state__in=LIVE).values("pool_id")
    sums = members.annotate(tolerance=Sum("tolerance"), members=Count("buyer_id", distinct=True))
    wished = {found["pool_id"]: (found["tolerance"], found["members"]) for found in sums.order_by()}
    steps = indicatives_of(rows)
    found = {}
    for row in rows:
        tolerance, count = wished.get(row.pk, (Decimal(0), 0))
        now = Gathered(row.joined, tolerance, count, row.pack_size, row.minimum, row.capacity, row.freeze_at)
        found[row.pk] = live_figures(now, steps[row.pk], at)
    return found


def pools_for(actor: Actor) -> QuerySet[models.Pool]:
    """Return the pools the actor may look at: open ones for any verified buyer, and those it stands in; staff all."""
    rows = models.Pool.objects.select_related("product")
    if actor.staff:
        return rows
    if not actor.organisation:
        return rows.none()
    own = Q(pk__in=models.Commitment.objects.filter(buyer__ref=actor.organisation).values("pool_id"))
    return rows.filter(own | Q(state__in=JOINABLE)) if "buyer" in actor.roles else rows.filter(own)


def near(actor: Actor) -> QuerySet[models.Pool]:
    """Return the open pools in the region of the actor's organisation, and those of all regions, soonest first."""
    rows = pools_for(actor).filter(state__in=JOINABLE)
    if actor.organisation:
        region = parties.organisation(actor.organisation).region
        if region:
            rows = rows.filter(region__in=["", region])
    return rows.order_by("freeze_at", "id")


def commitments_for(actor: Actor) -> QuerySet[models.Commitment]:
    """Return the commitments of the actor's own organisation; staff see all."""
    rows = models.Commitment.objects.select_related("pool", "hub")
    return rows if actor.staff else rows.filter(buyer__ref=actor.organisation)


def own_part(actor: Actor, pool_ref: str) -> list[models.Commitment]:
    """Return the commitments of the actor's own organisation in one pool, past ones too, oldest first."""
    rows = models.Commitment.objects.filter(pool__ref=pool_ref, buyer__ref=actor.organisation)
    return list(rows.select_related("pool", "hub").order_by("id"))


def changes_of(actor: Actor, pool_ref: str) -> QuerySet[models.CommitmentChange]:
    """Return how the actor's own organisation changed what it wants of a pool, oldest first; staff see all."""
    rows = models.CommitmentChange.objects.filter(pool__ref=pool_ref).order_by("id")
    return rows if actor.staff else rows.filter(buyer__ref=actor.organisation)


def demand_by_hub(pool_ref: str) -> dict[str, Decimal]:
    """Return how much of a pool goes to each of its hubs, by name: what is bound, or asked while it takes joins."""
    pool = _row(pool_ref)
    column = "quantity" if pool.state in JOINABLE else "allocated"
    rows = pool.commitments.filter(state__in=LIVE, hub__isnull=False).order_by().values_list("hub__name")
    found = dict(rows.annotate(Sum(column)))
    return {hub.name: found.get(hub.name, Decimal(0)) for hub in pool.hubs.order_by("id")}


def deposits_of(commitment_ids: Iterable[int]) -> dict[int, Money]:
    """Return what was held of these commitments, or stands as their advances since they were ordered; no zeros."""
    found = {}
    for some in slices(commitment_ids):
        rows = models.Commitment.objects.filter(pk__in=some, deposit_minor__gt=0, state__in=LIVE).order_by("pk")
        found.update({row.pk: Money.from_minor(row.deposit_minor, row.currency) for row in rows})
    return found


def buyers() -> list[str]:
    """Return the refs of the organisations that stand in any pool, oldest first."""
    ids = models.Commitment.objects.filter(state__in=LIVE).order_by().values_list("buyer_id", flat=True).distinct()
    return [ref for _, ref in sorted(parties.refs_by_id(ids).items())]


def shared_pools() -> int:
    """Return how many pools hold two buyers or more."""
    live = models.Commitment.objects.filter(state__in=LIVE).order_by().values("pool")
    return live.annotate(n=Count("buyer", distinct=True)).filter(n__gte=2).count()


def stands_for(product_id: int, window_start: date) -> bool:
    """Return whether any pool of a product was ever opened for the window that begins then."""
    return models.Pool.objects.filter(product_id=product_id, window_start=window_start).exists()


def market_plan(ref: str) -> models.MarketPlan:
    """Return a plan of a whole market, with what it comes to.

    :raises NotFound: there is no such plan.
    """
    found = models.MarketPlan.objects.filter(ref=ref).first()
    if found is None:
        raise NotFound(what="market plan", ref=ref)
    return found


def slices(things: Iterable[T], size: int = 5_000) -> Iterator[list[T]]:
    """Yield `things`, once each, in lists short enough for one statement."""
    every = list(dict.fromkeys(things))
    for start in range(0, len(every), size):
        yield every[start : start + size]

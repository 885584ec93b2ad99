"""Everything anyone may ask about tenders. Before opening nothing here tells of a bid, but a bidder's own receipt."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Prefetch, Q, QuerySet

from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import NotFound
from procurement.pools import queries as pools
from procurement.tenders import models
from procurement.tenders.rules.bid_terms import BidTerms
from procurement.tenders.rules.offer_values import PRICE_PLACES
from procurement.tenders.rules.offers import LotTerms, OfferTerms
from procurement.tenders.rules.procedures import TO_ALL
from procurement.tenders.rules.sealing import receipt_key
from procurement.tenders.states import OPEN_TO_READ, InvitationState, TenderState

OPEN_REASONS = frozenset({"code", "landed", "weighted", "packages"})
HALF_A_MILLIONTH = Decimal("0.0000005")  # what the last of six decimals leaves over at most


@dataclass(frozen=True)
class LotView:
    """A lot as other apps see it: what each region wants, in `unit`, in whole multiples of `step`."""

    ref: str
    position: int
    description: str
    product_id: int | None
    unit: str
    quantity: Decimal | None
    step: Decimal
    pools: dict[str, str]  # region: pool's ref
    regions: dict[str, Decimal]


@dataclass(frozen=True)
class TenderView:
    """A tender as other apps see it."""

    ref: str
    state: str
    title: str
    currency: str
    procedure: str
    bids_until: datetime
    standstill_until: datetime | None
    historic: bool
    lots: tuple[LotView, ...]


@dataclass(frozen=True)
class AwardLineView:
    """What one supplier delivers of a lot to a region's pool, at its own price of goods and freight a unit."""

    lot_ref: str
    product_id: int | None
    pool_ref: str
    region: str
    supplier_ref: str
    quantity: Decimal
    unit_price: Decimal
    freight: Decimal
    why: dict[str, Any]


@dataclass(frozen=True)
class AwardView:
    """An award as other apps see it; `bound` says below what no award of the same demand costs."""

    ref: str
    tender_ref: str
    rounds: int
    total: Money
    bound: Money
    proved: bool
    lines: tuple[AwardLineView, ...]
    rejected: tuple[dict[str, Any], ...]


def tender(ref: str) -> TenderView:
    """Return the tender named `ref` with its lots.

    :raises NotFound: there is none.
    """
    row = models.Tender.objects.filter(ref=ref).first()
    if row is None:
        raise NotFound(what="tender", ref=ref)
    return TenderView(
        row.ref,
        row.state,
        row.title,
        row.currency,
        row.procedure,
        row.bids_until,
        row.standstill_until,
        row.historic,
        tuple(_lots(row)),
    )


def _lots(row: models.Tender) -> list[LotView]:
    parts: dict[int, list[models.LotPool]] = defaultdict(list)
    for part in models.LotPool.objects.filter(lot__tender=row).order_by("id"):
        parts[part.lot_id].append(part)
    return [
        LotView(
            lot.ref,
            lot.position,
            lot.description,
            lot.product_id,
            lot.unit,
            lot.quantity,
            lot.step,
            {part.region: part.pool_ref for part in parts[lot.pk]},
            {part.region: part.quantity for part in parts[lot.pk]},
        )
        for lot in row.lots.order_by("position")
    ]


def terms_of(row: models.Tender) -> OfferTerms:
    """Return what an offer must fit: the lots in their order, and what was published about bids."""
    regions: dict[int, list[str]] = defaultdict(list)
    for lot_id, region in models.LotPool.objects.filter(lot__tender=row).order_by("id").values_list("lot_id", "region"):
        regions[lot_id].append(region)
    lots = (
        LotTerms(lot.ref, lot.step, tuple(regions[lot.pk]), lot.quantity, lot.reference)
        for lot in row.lots.order_by("position")
    )
    return OfferTerms(tuple(lots), row.currency, BidTerms.read(row.rules))


def award(ref: str) -> AwardView:
    """Return the award named `ref`.

    :raises NotFound: there is none.
    """
    row = models.Award.objects.filter(ref=ref).select_related("tender").first()
    if row is None:
        raise NotFound(what="award", ref=ref)
    lines = row.lines.select_related("lot", "lot_pool").order_by("id")
    return AwardView(
        ref=row.ref,
        tender_ref=row.tender.ref,
        rounds=row.rounds,
        total=Money.from_minor(row.total_minor, row.currency),
        bound=Money.from_minor(row.bound_minor, row.currency),
        proved=row.proved,
        lines=tuple(_line(line) for line in lines),
        rejected=tuple(row.rejected),
    )


def _line(line: models.AwardLine) -> AwardLineView:
    return AwardLineView(
        line.lot.ref,
        line.lot.product_id,
        line.lot_pool.pool_ref,
        line.region,
        line.supplier_ref,
        line.quantity,
        line.unit_price,
        line.freight,
        line.why,
    )


def award_of(tender_ref: str) -> str | None:
    """Return the ref of a tender's award, None while it has none."""
    return models.Award.objects.filter(tender__ref=tender_ref).values_list("ref", flat=True).first()


def refs_in(state: str) -> list[str]:
    """Return the refs of the tenders in `state`, oldest first; those imported from elsewhere are not asked for."""
    rows = models.Tender.objects.filter(state=state, historic=False)
    return list(rows.order_by("id").values_list("ref", flat=True))


def due_to_close(at: datetime) -> list[str]:
    """Return the refs of published tenders whose closing time has come, oldest first."""
    due = models.Tender.objects.filter(state=TenderState.PUBLISHED.value, bids_until__lte=at)
    return list(due.order_by("bids_until", "id").values_list("ref", flat=True))


def due_to_conclude(at: datetime) -> list[str]:
    """Return the refs of awarded tenders that stood still long enough, oldest first.

    Those without a standstill wait for whoever concludes them, those that somebody wants to cancel or complained about
    for an answer.
    """
    due = models.Tender.objects.filter(
        state=TenderState.AWARDED.value,
        standstill_days__gt=0,
        standstill_until__lte=at,
        cancel_asked_by="",
        complaints_open=0,
    )
    return list(due.order_by("standstill_until", "id").values_list("ref", flat=True))


def tenders_for(actor: Actor) -> QuerySet[models.Tender]:
    """Return the tenders the actor may look at; staff see all.

    Suppliers and factories: published ones they may bid in, later ones they bid in. Buyers: those that tender a pool
    of theirs.
    """
    rows = models.Tender.objects.all()
    if actor.staff:
        return rows
    if not actor.organisation:
        return rows.none()
    may_bid = Q(procedure__in=TO_ALL) | _invited(actor)
    seen = Q(pk__in=models.SealedBid.objects.filter(supplier__ref=actor.organisation).values("tender_id"))
    if {"supplier", "factory"} & actor.roles:
        seen |= may_bid & Q(state=TenderState.PUBLISHED.value)
    if "buyer" in actor.roles:
        tendered = models.LotPool.objects.filter(pool_id__in=pools.pools_for(actor).values("pk")).values(
            "lot__tender_id"
        )
        seen |= Q(pk__in=tendered) & ~Q(state=TenderState.DRAFT.value)
    return rows.filter(seen)


def _invited(actor: Actor) -> Q:
    return Q(
        pk__in=models.Invitation.objects.filter(
            supplier__ref=actor.organisation, state=InvitationState.INVITED.value
        ).values("tender_id")
    )


def open_tenders_for(actor: Actor) -> QuerySet[models.Tender]:
    """Return the published tenders the actor's organisation may bid in; staff see all published ones."""
    rows = models.Tender.objects.filter(state=TenderState.PUBLISHED.value)
    if actor.staff:
        return rows
    if not {"supplier", "factory"} & actor.roles:
        return rows.none()
    return rows.filter(Q(procedure__in=TO_ALL) | _invited(actor))


def bids_for(actor: Actor) -> QuerySet[models.SealedBid]:
    """Return the bids of the actor's own organisation, and for staff those of opened tenders: never a rival's.

    While auctions are left, staff see none either: who bids there is masked.
    """
    rows = models.SealedBid.objects.select_related("tender", "opened")
    if actor.staff:
        return rows.filter(tender__state__in=OPEN_TO_READ, tender__auctions_left=0)
    return rows.filter(supplier__ref=actor.organisation) if actor.organisation else rows.none()


def awards_for(actor: Actor) -> QuerySet[models.Award]:
    """Return the awards of tenders the actor may look at."""
    return models.Award.objects.filter(tender__in=tenders_for(actor)).select_related("tender")


def with_lots(row: models.Tender) -> models.Tender:
    """Return the tender with its lots at hand, each with what its regions want."""
    return models.Tender.objects.prefetch_related(
        Prefetch("lots", models.Lot.objects.order_by("position")),
        Prefetch("lots__pools", models.LotPool.objects.order_by("id"), to_attr="wanted"),
    ).get(pk=row.pk)


def with_lines(row: models.Award, actor: Actor) -> models.Award:
    """Return the award with its lines at hand, and as `lost` why the actor's own offers lost.

    Staff see all; others see of a winner's reason nothing that tells who came next, and at which price.
    """
    lines = models.AwardLine.objects.select_related("lot", "opened_bid").order_by("id")
    found = models.Award.objects.select_related("tender").prefetch_related(Prefetch("lines", lines)).get(pk=row.pk)
    found.lost = [one for one in row.rejected if actor.staff or one["supplier"] == actor.organisation]
    if not actor.staff:
        for line in found.lines.all():
            line.why = {key: value for key, value in line.why.items() if key in OPEN_REASONS}
    return found


def public_key_of_receipts() -> bytes:
    """Return the Ed25519 key by which anybody checks the platform's receipts."""
    return receipt_key(str(settings.BID_KEY_SECRET).encode())


def instant_of_record() -> datetime:
    """Return the later of our clock and the database's: a bid is late as soon as either says so."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT clock_timestamp()")
            theirs: datetime = cursor.fetchone()[0]
        else:
            cursor.execute("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")
            theirs = datetime.fromisoformat(cursor.fetchone()[0]).replace(tzinfo=UTC)
    return max(clock.now(), theirs)


def verify() -> list[str]:
    """Return what of the awards does not add up; empty when all is well."""
    return [*_wrong_lots(), *_wrong_totals(), *_wrong_rounds()]


def _wrong_lots() -> list[str]:
    wrong = []
    rows = models.LotPool.objects.filter(live=True, lot__tender__state__in=["awarded", "contracted"])
    ordered = {ref: view.ordered for ref, view in pools.pools(rows.values_list("pool_ref", flat=True)).items()}
    given: dict[str, Decimal] = defaultdict(Decimal)
    for ref, quantity in models.AwardLine.objects.filter(
        lot_pool__in=rows, award__set_aside_at__isnull=True
    ).values_list("lot_pool__pool_ref", "quantity"):
        given[ref] += quantity
    for ref, quantity in ordered.items():
        if given[ref] != quantity:
            wrong.append(f"{ref} orders {quantity}, its award gives {given[ref]}")
    return wrong


def _wrong_totals() -> list[str]:
    """Check that each award costs what its lines add up to, with the published cost of each winner.

    A price that is a mean has six decimals; an award may be off by what those leave over.
    """
    wrong = []
    for row in models.Award.objects.select_related("tender"):
        lines = list(row.lines.values_list("supplier_ref", "quantity", "unit_price", "freight"))
        paid = sum((quantity * (price + freight) for _, quantity, price, freight in lines), Decimal(0))
        rests = (quantity for _, quantity, *prices in lines for price in prices if price != round(price, PRICE_PLACES))
        winners = Money.from_minor(row.tender.rules.get("fixed_cost_minor", 0), row.currency).amount
        total = Money.rounded(paid + winners * len({line[0] for line in lines}), row.currency)
        slack = Money.rounded(sum(rests, Decimal(0)) * HALF_A_MILLIONTH, row.currency).minor
        if abs(total.minor - row.total_minor) > slack + (1 if slack else 0):
            wrong.append(f"{row.ref} says {Money.from_minor(row.total_minor, row.currency)}, its lines say {total}")
    return wrong


def _wrong_rounds() -> list[str]:
    """Check that every stored problem is the one its decision was made on."""
    rows = models.AwardRound.objects.values_list("award__ref", "part", "round", "problem", "problem_sha256")
    return [
        f"{ref} part {part} round {number}: the problem is not the one that was decided"
        for ref, part, number, problem, sha256 in rows.iterator()
        if hashlib.sha256(problem.encode()).hexdigest() != sha256
    ]

"""Opened offers side by side, for staff from opening on and for the buyers of its pools once it is awarded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Q, QuerySet

from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from procurement.engines.screens import Spread, spread_of
from procurement.tenders import models
from procurement.tenders.queries.reading import tenders_for
from procurement.tenders.rules.bid_terms import BidTerms
from procurement.tenders.rules.comparing import Priced, priced, weigh
from procurement.tenders.rules.flagging import KINDS
from procurement.tenders.rules.offers import Tier
from procurement.tenders.states import OPEN_TO_READ, TenderState

AWARDED = (TenderState.AWARDED.value, TenderState.CONTRACTED.value)


@dataclass
class ComparedOffer:
    """One bidder's offer for one lot; `price` is None for a schedule of lines, which has a total instead."""

    bid_id: int
    supplier_ref: str
    supplier_name: str
    tiers: tuple[Tier, ...]
    price: Priced | None
    total: Money | None
    complete: bool
    lead_days: int | None
    co2: Decimal | None
    life_cycle: Decimal | None
    won: Decimal
    rank: int = 0
    flags: list[str] = field(default_factory=list)

    @property
    def counts(self) -> Fraction | None:
        """What the offer is ranked by, None when it is not."""
        if self.price is not None:
            return Fraction(self.price.landed if self.price.weighted is None else self.price.weighted)
        return Fraction(self.total.amount) if self.total and self.complete else None


@dataclass
class ComparedLot:
    """A lot with its offers, the best first; `spread` says how their prices lie, where there are three or more."""

    lot: models.Lot
    wanted: Decimal | None
    offers: list[ComparedOffer]
    spread: Spread | None


@dataclass
class Comparison:
    """A tender's offers, lot by lot, with the packages and the flags on all of them."""

    tender: models.Tender
    published: BidTerms
    bids: list[models.OpenedBid]
    lots: list[ComparedLot]
    packages: list[models.BidPackage]
    flags: list[models.BidFlag]


def comparable_for(actor: Actor) -> QuerySet[models.Tender]:
    """Return the tenders whose offers the actor may see side by side: never one its own firm bid in.

    While an auction is to come or runs, nobody may: names are masked until the tender's last one is over.
    """
    if actor.staff:
        return tenders_for(actor).filter(state__in=OPEN_TO_READ, auctions_left=0)
    if "buyer" not in actor.roles:
        return models.Tender.objects.none()
    mine = models.OpenedBid.objects.filter(supplier__ref=actor.organisation).values("tender_id")
    member = Actor(by=actor.by, organisation=actor.organisation, roles=frozenset({"buyer"}))
    return tenders_for(member).filter(state__in=AWARDED).exclude(pk__in=mine)


def comparison(tender: models.Tender) -> Comparison:
    """Return the offers of an opened tender, side by side."""
    published = BidTerms.read(tender.rules)
    bids = list(models.OpenedBid.objects.filter(tender=tender).order_by("received_at", "id"))
    flags = list(models.BidFlag.objects.filter(tender=tender).select_related("lot", "opened_bid").order_by("id"))
    found = _offers(tender, published)
    lots = [_lot(lot, found[lot.pk], flags) for lot in _lots(tender)]
    packages = models.BidPackage.objects.filter(opened_bid__tender=tender, opened_bid__rejected="")
    with_lots = packages.select_related("opened_bid").prefetch_related("lots__lot").order_by("id")
    return Comparison(tender, published, bids, lots, list(with_lots), flags)


def _lots(tender: models.Tender) -> QuerySet[models.Lot]:
    return tender.lots.prefetch_related("pools").order_by("position")


def _lot(lot: models.Lot, offers: list[ComparedOffer], flags: Iterable[models.BidFlag]) -> ComparedLot:
    ranked = sorted(offers, key=lambda one: (one.counts is None, one.counts or 0))
    for rank, one in enumerate(ranked, start=1):
        one.rank = rank if one.counts is not None else 0
        one.flags = [flag.kind for flag in flags if flag.lot_id == lot.pk and flag.opened_bid_id == one.bid_id]
    prices = [float(one.counts) for one in ranked if one.counts]
    return ComparedLot(lot, _wanted(lot), ranked, spread_of(prices) if len(prices) > 2 else None)


def _wanted(lot: models.Lot) -> Decimal | None:
    parts = [part.quantity for part in lot.pools.all()]
    return sum(parts, Decimal(0)) if parts else lot.quantity


def _offers(tender: models.Tender, published: BidTerms) -> dict[int, list[ComparedOffer]]:
    pooled = {lot.pk: {part.region: part.quantity for part in lot.pools.all()} for lot in _lots(tender)}
    tiers: dict[int, list[Tier]] = defaultdict(list)
    if any(pooled.values()):
        rows = models.BidTier.objects.filter(lot_offer__opened_bid__tender=tender).order_by("lot_offer_id", "position")
        for row in rows:
            tiers[row.lot_offer_id].append(Tier(row.from_quantity, row.to_quantity, row.unit_price))
    won: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for bid_id, lot_id, quantity in models.AwardLine.objects.filter(
        award__tender=tender, award__set_aside_at=None
    ).values_list("opened_bid_id", "lot_id", "quantity"):
        won[bid_id, lot_id] += quantity
    found: dict[int, list[ComparedOffer]] = defaultdict(list)
    offers = models.LotOffer.objects.filter(opened_bid__tender=tender, opened_bid__rejected="")
    for one in offers.select_related("opened_bid", "lot").order_by("opened_bid__received_at", "id"):
        got, said = won[one.opened_bid_id, one.lot_id], tuple(tiers[one.pk])
        price = _price(published, one, said, pooled[one.lot_id], got)
        found[one.lot_id].append(_offer(one, said, price, got, tender.currency))
    return found


def _price(
    published: BidTerms, one: models.LotOffer, tiers: tuple[Tier, ...], wanted: dict[str, Decimal], won: Decimal
) -> Priced | None:
    if not wanted:
        return None
    freight = {region: Decimal(cost) for region, cost in one.freight.items()}
    price = priced(tiers, freight, wanted, won or sum(wanted.values(), Decimal(0)), published.mode)
    if price is None:
        return None
    return weigh(price, published.scoring, one.opened_bid.chosen, one.lot.reference, (one.co2, one.life_cycle))


def _offer(
    one: models.LotOffer, tiers: tuple[Tier, ...], price: Priced | None, won: Decimal, currency: str
) -> ComparedOffer:
    bid = one.opened_bid
    return ComparedOffer(
        bid_id=bid.pk,
        supplier_ref=bid.supplier_ref,
        supplier_name=bid.supplier_name,
        tiers=tiers,
        price=price,
        total=None if one.total_minor is None else Money.from_minor(one.total_minor, currency),
        complete=one.complete,
        lead_days=one.lead_days,
        co2=one.co2,
        life_cycle=one.life_cycle,
        won=won,
    )


def own_prices(tender: models.Tender, supplier_ref: str) -> list[tuple[models.Lot, Priced]]:
    """Return what one bidder's offers came to, lot by lot: never a rival's."""
    return [
        (compared.lot, one.price)
        for compared in comparison(tender).lots
        for one in compared.offers
        if one.supplier_ref == supplier_ref and one.price is not None
    ]


def why_awarded_for(actor: Actor) -> QuerySet[models.Award]:
    """Return the awards of which the actor may see all reasons: those whose offers it may see side by side."""
    return models.Award.objects.filter(tender__in=comparable_for(actor)).select_related("tender", "override")


def overrides_for(actor: Actor) -> QuerySet[models.AwardOverride]:
    """Return the wishes to award against the engine; staff alone see them, and the buyers of what was awarded so."""
    rows = models.AwardOverride.objects.select_related("tender")
    return rows if actor.staff else rows.filter(Q(award__tender__in=comparable_for(actor)))


def asked_to_justify(actor: Actor) -> QuerySet[models.BidFlag]:
    """Return the low prices that the actor's firm is asked to justify; staff see all that were asked."""
    rows = models.BidFlag.objects.filter(asked_at__isnull=False).select_related("tender", "lot", "opened_bid")
    return rows if actor.staff else rows.filter(opened_bid__supplier__ref=actor.organisation)


def opened_refs() -> list[str]:
    """Return the refs of all tenders whose bids may be looked at, oldest first."""
    return list(models.Tender.objects.filter(state__in=OPEN_TO_READ).order_by("id").values_list("ref", flat=True))


def screening(refs: Iterable[str]) -> dict[str, Any]:
    """Return what the screens found about these tenders: flags by kind, their figures, spreads of lots."""
    rows = models.Tender.objects.filter(ref__in=list(refs)).order_by("id")
    flags = models.BidFlag.objects.filter(tender__in=rows).select_related("tender").order_by("id")
    spreads = [
        {
            "tender": row.source or row.ref,
            "lot": one.lot.schedule or one.lot.ref,
            "bids": one.spread.bids,
            "variation": round(one.spread.variation, 4),
            "distance": None if one.spread.distance is None else round(one.spread.distance, 2),
        }
        for row in rows
        for one in comparison(row).lots
        if one.spread is not None
    ]
    found = [
        {"tender": one.tender.source or one.tender.ref, "kind": one.kind, "about": one.about, "figures": one.figures}
        for one in flags
    ]
    return {
        "tenders": len(rows),
        "flags": {kind: sum(1 for one in found if one["kind"] == kind) for kind in KINDS},
        "found": found,
        "spreads": spreads,
    }

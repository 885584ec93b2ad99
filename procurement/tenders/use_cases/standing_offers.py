"""What is wanted of an opened tender and what is offered for it, as it stands: what an award is decided from."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from procurement.pools import queries as pools
from procurement.tenders import models, queries
from procurement.tenders.rules.auctioning import lowered
from procurement.tenders.rules.bid_terms import BidTerms
from procurement.tenders.rules.cases import Case, Demand, LotCase, Member
from procurement.tenders.rules.offers import Bundled, LotOffer, PackageOffer, Tier
from procurement.tenders.rules.terms import AwardRules


def case_of(tender: models.Tender, at: datetime | None = None) -> Case:
    """Return what is wanted of the tender and what is offered; a pool that failed wants nothing.

    at  when the award is made: bids that bind no more by then are left out; None: all that stand
    """
    wanted, offers = _demands(tender), _offers(tender, at)
    lots = [lot for lot in models.Lot.objects.filter(tender=tender).order_by("position") if lot.pk in wanted]
    bids = list(_standing(tender, at).order_by("received_at", "id"))
    published = BidTerms.read(tender.rules)
    return Case(
        lots=tuple(
            LotCase(lot.ref, lot.step, lot.reserve, tuple(wanted[lot.pk]), tuple(offers[lot.pk]), lot.reference)
            for lot in lots
        ),
        capacities={row.supplier_ref: row.capacity for row in bids if row.capacity is not None},
        rules=AwardRules.read(tender.rules),
        currency=tender.currency,
        packages=tuple(_packages(tender, at)),
        mode=published.mode,
        scoring=published.scoring,
        chosen={row.supplier_ref: row.chosen for row in bids},
    )


def case_sha256(case: Case) -> str:
    """Return the digest of all that an award is decided from: it changes when a bid, a member or a rule does."""
    return hashlib.sha256(repr(case).encode()).hexdigest()


def lapsed_of(tender: models.Tender, at: datetime) -> list[dict[str, Any]]:
    """Return the offers whose bid binds no more at `at`, as offers that no price would have let win."""
    rows = models.LotOffer.objects.filter(opened_bid__tender=tender, opened_bid__valid_until__lt=at)
    return [
        {"lot": lot, "supplier": supplier, "code": "validity_over", "how": "never"}
        for lot, supplier in rows.order_by("id").values_list("lot__ref", "opened_bid__supplier_ref")
    ]


def _standing(tender: models.Tender, at: datetime | None) -> QuerySet[models.OpenedBid]:
    """Return the opened bids that stand and, where an instant is said, still bind."""
    rows = models.OpenedBid.objects.filter(tender=tender, rejected="")
    return rows if at is None else rows.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=at))


def _demands(tender: models.Tender) -> dict[int, list[Demand]]:
    parts = list(models.LotPool.objects.filter(lot__tender=tender, live=True).order_by("id"))
    members = pools.members_of(part.pool_ref for part in parts)
    found = pools.pools(part.pool_ref for part in parts)
    wanted: dict[int, list[Demand]] = defaultdict(list)
    for part in parts:
        if found[part.pool_ref].state != "tendering":
            continue
        pool = found[part.pool_ref]
        bound = tuple(
            Member(one.commitment_ref, one.quantity, one.ceiling, one.buyer_ref, one.priority)
            for one in members.get(part.pool_ref, [])
            if one.quantity > 0
        )
        wanted[part.lot_id].append(
            Demand(part.pool_ref, part.region, pool.fee_percent, bound, rule=pool.allocation_rule)
        )
    return wanted


def _offers(tender: models.Tender, at: datetime | None) -> dict[int, list[tuple[str, LotOffer]]]:
    """Return what stands, by lot, in the order in which the bids were received; at the prices of an auction."""
    auctioned = queries.auctioned(tender)
    tiers: dict[int, list[Tier]] = defaultdict(list)
    rows = models.BidTier.objects.filter(lot_offer__opened_bid__tender=tender).order_by("lot_offer_id", "position")
    for row in rows:
        tiers[row.lot_offer_id].append(Tier(row.from_quantity, row.to_quantity, row.unit_price))
    found: dict[int, list[tuple[str, LotOffer]]] = defaultdict(list)
    offers = models.LotOffer.objects.filter(opened_bid__in=_standing(tender, at)).select_related("opened_bid", "lot")
    for one in offers.order_by("opened_bid__received_at", "opened_bid_id", "id"):
        prices = lowered(tiers[one.pk], *auctioned[one.pk]) if one.pk in auctioned else tuple(tiers[one.pk])
        offer = LotOffer(one.lot.ref, prices, _freight(one.freight), one.lead_days, one.co2, one.life_cycle)
        found[one.lot_id].append((one.opened_bid.supplier_ref, offer))
    return found


def _packages(tender: models.Tender, at: datetime | None) -> Iterator[tuple[str, PackageOffer]]:
    bids = _standing(tender, at)
    held: dict[int, list[Bundled]] = defaultdict(list)
    for one in models.PackageLot.objects.filter(package__opened_bid__in=bids).select_related("lot").order_by("id"):
        bundled = Bundled(one.lot.ref, one.quantity, _freight(one.freight), one.co2, one.life_cycle)
        held[one.package_id].append(bundled)
    rows = models.BidPackage.objects.filter(opened_bid__in=bids).select_related("opened_bid")
    for row in rows.order_by("opened_bid__received_at", "opened_bid_id", "id"):
        yield row.opened_bid.supplier_ref, PackageOffer(row.name, row.price, tuple(held[row.pk]))


def _freight(said: dict[str, str]) -> dict[str, Decimal]:
    return {region: Decimal(cost) for region, cost in said.items()}

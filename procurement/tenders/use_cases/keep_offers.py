"""Keep what opened bids say: lots with their tiers, packages, validity, merit; prices in the tender's currency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from marketplace.parties import queries as parties
from procurement.tenders import models
from procurement.tenders.rules.offers import Bundled, LotOffer, Offer, OfferTerms

BATCH = 2_000
Read = tuple[
    models.SealedBid, Offer | None, str, Mapping[str, str] | None
]  # bid, offer, why rejected, with which facts


def keep_offers(
    tender: models.Tender,
    readings: Sequence[Read],
    firms: Mapping[str, parties.OrganisationView],
    terms: OfferTerms,
) -> None:
    """Write one opened bid for each reading, with all that it offers."""
    opened = models.OpenedBid.objects.bulk_create(
        _opened(tender, one, firms.get(one[0].supplier_ref), terms) for one in readings
    )
    offers = [
        (row, offer.in_money_of_tender(row.rate))
        for row, (_, offer, _, _) in zip(opened, readings, strict=True)
        if offer is not None
    ]
    lines = {line.lot.ref: line for line in models.LotLine.objects.filter(lot__tender=tender).select_related("lot")}
    _keep_lots([(row, lot) for row, offer in offers for lot in offer.lots], lines)
    _keep_packages(offers, lines)


def _opened(
    tender: models.Tender, read: Read, firm: parties.OrganisationView | None, terms: OfferTerms
) -> models.OpenedBid:
    bid, offer, rejected, why = read
    row = models.OpenedBid(
        tender=tender,
        sealed=bid,
        supplier_id=bid.supplier_id,
        supplier_ref=bid.supplier_ref,
        supplier_name=firm.legal_name if firm else "",
        received_at=bid.received_at,
        rejected=rejected,
        why=why,
    )
    if offer is not None:
        row.capacity, row.currency = offer.capacity, offer.currency or tender.currency
        row.rate, row.said = terms.rate_of(offer.currency), offer.document()
        row.valid_until = valid_until(tender.bids_until, offer.valid_days)
        row.chosen, row.file = dict(offer.chosen), dict(offer.file)
    return row


def valid_until(bids_until: datetime, days: int | None) -> datetime | None:
    """Return until when a bid binds; None: without end."""
    return None if days is None else bids_until + timedelta(days=days)


def _keep_lots(said: Sequence[tuple[models.OpenedBid, LotOffer]], lines: Mapping[str, models.LotLine]) -> None:
    offers = models.LotOffer.objects.bulk_create(
        (
            models.LotOffer(
                opened_bid=row,
                lot_id=lines[lot.lot_ref].lot_id,
                freight=_freight(lot),
                lead_days=lot.lead_days,
                co2=lot.co2,
                life_cycle=lot.life_cycle,
            )
            for row, lot in said
        ),
        batch_size=BATCH,
    )
    tiers = (
        models.BidTier(
            lot_offer=offer,
            line=lines[lot.lot_ref],
            position=position,
            from_quantity=tier.start,
            to_quantity=tier.end,
            unit_price=tier.price,
        )
        for offer, (_, lot) in zip(offers, said, strict=True)
        for position, tier in enumerate(lot.tiers, start=1)
    )
    models.BidTier.objects.bulk_create(tiers, batch_size=BATCH)


def _keep_packages(offers: Sequence[tuple[models.OpenedBid, Offer]], lines: Mapping[str, models.LotLine]) -> None:
    said = [(row, package) for row, offer in offers for package in offer.packages]
    packages = models.BidPackage.objects.bulk_create(
        (models.BidPackage(opened_bid=row, name=one.name, price=one.price) for row, one in said), batch_size=BATCH
    )

    def held() -> Iterator[models.PackageLot]:
        for package, (_, one) in zip(packages, said, strict=True):
            for lot in one.lots:
                yield models.PackageLot(
                    package=package,
                    lot_id=lines[lot.lot_ref].lot_id,
                    quantity=lot.quantity,
                    freight=_freight(lot),
                    co2=lot.co2,
                    life_cycle=lot.life_cycle,
                )

    models.PackageLot.objects.bulk_create(held(), batch_size=BATCH)


def _freight(lot: LotOffer | Bundled) -> dict[str, str]:
    return {region: _plain(cost) for region, cost in lot.freight.items()}


def _plain(number: Decimal) -> str:
    return format(number, "f")

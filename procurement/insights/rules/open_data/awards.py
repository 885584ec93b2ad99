"""The awards' part of a release: one for each supplier that won, one for each lot that nobody won of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from marketplace.kernel.money import Money
from procurement.insights.rules.open_data.parts import amount, instant, item
from procurement.insights.rules.open_data.source import Known, Source
from procurement.tenders.rules.published import PublicAward, PublicTender, PublicWin

NO_BID = "No bid stood for this lot."
SET_ASIDE = "A complaint was upheld: the tender is evaluated anew."
NO_DELIVERY = "No bid for this lot could be accepted within what its buyers are bound to pay."


def suppliers_of(tender: PublicTender, at: datetime) -> list[str]:
    """Return who had won something by `at`, in the order of the lines."""
    return list(dict.fromkeys(win.supplier_ref for one in tender.awards if one.at <= at for win in one.wins))


def award_parts(source: Source, known: Known) -> list[dict[str, Any]]:
    """Return every award made by then, set aside or not, and of a tender that failed one unsuccessful for each lot."""
    tender, at = source.tender, source.at
    made = [one for one in tender.awards if one.at <= at]
    parts = [part for one in made for part in _award(source, known, one)]
    if source.step.awards == "unsuccessful":
        parts += [_nobody(tender.ref, lot.ref, at, source.why or NO_DELIVERY) for lot in tender.lots]
    return parts


def award_id(award_ref: str, supplier_ref: str) -> str:
    """Return the id of what one supplier won of an award; its order names it."""
    return f"{award_ref}-{supplier_ref}"


def _award(source: Source, known: Known, award: PublicAward) -> Iterator[dict[str, Any]]:
    tender, at = source.tender, source.at
    aside = award.set_aside_at is not None and award.set_aside_at <= at
    status = "cancelled" if aside else source.step.awards
    reason = SET_ASIDE if aside else source.why
    for supplier in dict.fromkeys(win.supplier_ref for win in award.wins):
        wins = [win for win in award.wins if win.supplier_ref == supplier]
        part: dict[str, Any] = {
            "id": award_id(award.ref, supplier),
            "status": status,
            "date": instant(award.at),
            "value": amount(_worth(wins, tender.currency), tender.currency),
            "suppliers": [known.parties[supplier].reference],
            "relatedLots": list(dict.fromkeys(win.lot_ref for win in wins)),
            "items": [*_won(tender, wins, known)],
            "x_lowerBound": amount(Money.from_minor(award.bound_minor, tender.currency).amount, tender.currency),
            "x_proved": award.proved,
        }
        if award.override_cost_minor is not None:
            more = Money.from_minor(award.override_cost_minor, tender.currency).amount
            part["x_overrideCost"] = amount(more, tender.currency)
        if status == "cancelled" and reason:
            part["description"] = reason
        yield part
    for ref, was_bid_for in award.lots_without:
        yield _nobody(award.ref, ref, award.at, NO_DELIVERY if was_bid_for else NO_BID)


def _nobody(award_ref: str, lot_ref: str, at: datetime, why: str) -> dict[str, Any]:
    return {
        "id": f"{award_ref}-{lot_ref}",
        "status": "unsuccessful",
        "date": instant(at),
        "description": why,
        "relatedLots": [lot_ref],
    }


def _worth(wins: list[PublicWin], currency: str) -> Decimal:
    paid = sum((win.quantity * (win.unit_price + win.freight) for win in wins), Decimal(0))
    return Money.rounded(paid, currency).amount


def _won(tender: PublicTender, wins: list[PublicWin], known: Known) -> Iterator[dict[str, Any]]:
    lots = {lot.ref: lot for lot in tender.lots}
    places = {(lot.ref, region): n for lot in tender.lots for n, (region, _) in enumerate(lot.regions, start=1)}
    for win in wins:
        lot = lots[win.lot_ref]
        yield item(
            f"{lot.ref}-{places.get((lot.ref, win.region), 1)}",
            lot=lot.ref,
            description=f"{lot.description}, {win.region}" if win.region else lot.description,
            product=known.product(lot.product_id),
            quantity=win.quantity,
            unit=lot.unit,
            price=amount(win.unit_price, tender.currency),
        )

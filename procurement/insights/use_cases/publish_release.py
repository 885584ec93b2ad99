"""Publish what happened to a tender as open data: one release for each fact."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from marketplace.catalogue import queries as catalogue
from marketplace.kernel.refusals import NotFound
from marketplace.parties import queries as parties
from procurement.contracts import queries as contracts
from procurement.contracts.rules.published import PublicOrder
from procurement.insights import models
from procurement.insights.rules.open_data import STEPS, Known, Party, Source, build_release, is_withheld, write
from procurement.tenders import queries as tenders
from procurement.tenders.rules.published import PublicTender


@transaction.atomic
def publish_release(
    *, fact: int, name: str, source_ref: str, payload: Mapping[str, Any], at: datetime, now: datetime
) -> str:
    """Write the release of a recorded fact and return its id; '' where the fact is not published.

    fact   number of the event; a second time for the same one changes nothing
    at     when it happened: the release tells what stood then
    now    when it is published

    Not published are drafts, tenders by invitation before somebody has won, and orders that come from no tender.

    :raises IntegrityError: a twin published another fact of the tender at this moment: try again.
    """
    known = models.Release.objects.filter(fact=fact).values_list("release_id", flat=True).first()
    source = None if known is not None else _source(name, source_ref, payload, at)
    if source is None:
        return known or ""
    ocid = f"{settings.OCDS_PREFIX}-{source.tender.ref}"
    last = models.Release.objects.filter(ocid=ocid).order_by("-number").first()
    number = last.number + 1 if last else 1
    document = write(build_release(source, _known(source), ocid=ocid, release_id=f"{ocid}-{number:04d}"))
    row = models.Release.objects.create(
        fact=fact,
        ocid=ocid,
        number=number,
        release_id=f"{ocid}-{number:04d}",
        tender_ref=source.tender.ref,
        at=at,
        tags=list(source.step.tags),
        kind=source.step.kind,
        title=source.tender.title,
        tender_status=source.step.tender,
        bids_until=source.tender.closing_time(at),
        document=document,
        sha256=hashlib.sha256(document.encode()).hexdigest(),
        previous_sha256=last.sha256 if last else "",
        published_at=now,
    )
    return row.release_id


def _source(name: str, source_ref: str, payload: Mapping[str, Any], at: datetime) -> Source | None:
    """Return what the fact is about as it may be published; None where it may not."""
    step = STEPS[name]
    order = contracts.public_order(payload["order_ref"]) if step.contract else None
    tender = _tender(order.tender_ref if order else payload.get("tender_ref", source_ref))
    if tender is None or is_withheld(step, invited=tender.invited, published=tender.published_at is not None):
        return None
    if step.contract and order is None:
        return None
    change = str(payload.get("change_ref", ""))
    why = contracts.why_changed(change) if change else str(payload.get("why", ""))
    return Source(step, at, tender, order, why=why, change_ref=change)


def _tender(ref: str) -> PublicTender | None:
    try:
        return tenders.public_tender(ref)
    except NotFound:
        return None


def _known(source: Source) -> Known:
    """Return the names and codes that the release needs, in two queries."""
    refs = {parties.PLATFORM, *_suppliers(source.tender, source.order)}
    found = {
        ref: Party(one.ref, one.legal_name, one.country, one.region) for ref, one in parties.organisations(refs).items()
    }
    ids = {lot.product_id for lot in source.tender.lots if lot.product_id is not None}
    ids |= {line.product_id for line in source.order.lines} if source.order else set()
    products = {number: (one.code, one.category_code) for number, one in catalogue.products_by_id(ids).items()}
    return Known(buyer=found[parties.PLATFORM], parties=found, products=products)


def _suppliers(tender: PublicTender, order: PublicOrder | None) -> set[str]:
    won = {win.supplier_ref for award in tender.awards for win in award.wins}
    return won | ({order.supplier_ref} if order else set())

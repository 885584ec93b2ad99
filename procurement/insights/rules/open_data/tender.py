"""The tender's part of a release."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from procurement.insights.rules.open_data.parts import instant, item
from procurement.insights.rules.open_data.source import Known, Source
from procurement.tenders.rules.published import PublicLot, PublicPaper, PublicTender

BY_PRICE = "The cheapest valid mix of bids by cost of goods and freight."
BY_MERIT = "The best valid mix of bids by cost of goods and freight, weighted by the published merits."
METHODS = {"invited": "selective"}
FORMATS = {
    "pdf": "application/pdf",
    "csv": "text/csv",
    "txt": "text/plain",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def planning_part(tender: PublicTender) -> dict[str, Any]:
    """Return why the tender is held: nothing of who wants how much."""
    regions = sorted({region for lot in tender.lots for region, _ in lot.regions if region})
    where = f" for delivery in {', '.join(regions)}" if regions else ""
    return {"rationale": f"Demand of several buyers is pooled and put to suppliers once{where}."}


def tender_part(source: Source, known: Known) -> dict[str, Any]:
    """Return the tender as it stood at the fact; why is told where it was called off or came to nothing."""
    tender, step, at = source.tender, source.step, source.at
    part: dict[str, Any] = {
        "id": tender.ref,
        "title": tender.title,
        "status": step.tender,
        "procuringEntity": known.buyer.reference,
        "procurementMethod": METHODS.get(tender.procedure, "open"),
        "procurementMethodDetails": tender.procedure,
        "mainProcurementCategory": "goods",
        "awardCriteria": "ratedCriteria" if tender.scored else "priceOnly",
        "awardCriteriaDetails": BY_MERIT if tender.scored else BY_PRICE,
        "submissionMethod": ["electronicSubmission"],
        "tenderPeriod": _period(tender.published_at, tender.closing_time(at)),
        "lots": [_lot(source, lot) for lot in tender.lots],
        "items": _items(tender, known),
    }
    if not tender.invited:
        part.update(_dialogue(tender, at))
    if source.why and step.tender in {"cancelled", "unsuccessful"}:
        part["x_statusDetails"] = source.why
    if tender.terms_sha256:
        part["x_termsSha256"] = tender.terms_sha256
    part.update(_box(tender, at))
    if tender.bids is not None and tender.bids.at <= at:
        part["numberOfTenderers"] = tender.bids.opened
    if step.awards in {"pending", "active"} and tender.standstill_until is not None:
        part["awardPeriod"] = _period(tender.opened_at, tender.standstill_until)
    return part


def statistics(tender: PublicTender, at: datetime) -> list[dict[str, Any]]:
    """Return how many bids there were; nothing before they were opened."""
    bids = tender.bids
    if bids is None or bids.at > at:
        return []
    counts = {"bids": bids.opened, "validBids": bids.opened - bids.rejected, "disqualifiedBids": bids.rejected}
    return [{"id": name, "measure": name, "value": value, "date": instant(bids.at)} for name, value in counts.items()]


def _lot(source: Source, lot: PublicLot) -> dict[str, Any]:
    step, at = source.step, source.at
    standing = [
        one for one in source.tender.awards if one.at <= at and (one.set_aside_at is None or one.set_aside_at > at)
    ]
    lost = {ref for one in standing for ref, _ in one.lots_without}
    status = "unsuccessful" if step.awards == "active" and lot.ref in lost else step.tender
    return {"id": lot.ref, "title": f"{lot.position}. {lot.description}", "status": status}


def _items(tender: PublicTender, known: Known) -> list[dict[str, Any]]:
    return [
        item(
            f"{lot.ref}-{number}",
            lot=lot.ref,
            description=f"{lot.description}, {region}" if region else lot.description,
            product=known.product(lot.product_id),
            quantity=quantity,
            unit=lot.unit,
        )
        for lot in tender.lots
        for number, (region, quantity) in enumerate(lot.regions, start=1)
    ]


def _dialogue(tender: PublicTender, at: datetime) -> dict[str, Any]:
    """Return questions, amendments and papers as they were public at `at`; parts with nothing in them are left out."""
    answers = [one for one in tender.answers if one.at <= at]
    part: dict[str, Any] = {
        "enquiryPeriod": _period(tender.published_at, tender.questions_until or tender.closing_time(at)),
        "hasEnquiries": bool(answers),
    }
    enquiries = [
        {"id": one.ref, "description": one.question, "answer": one.answer, "dateAnswered": instant(one.at)}
        for one in answers
    ]
    amendments = [
        {"id": one.ref, "date": instant(one.at), "rationale": one.summary, "description": _moved(one.bids_until)}
        for one in tender.amendments
        if one.at <= at
    ]
    papers = [_paper(one) for one in tender.papers if one.since <= at]
    lists = {"enquiries": enquiries, "amendments": amendments, "documents": papers}
    return {**part, **{name: rows for name, rows in lists.items() if rows}}


def _moved(bids_until: datetime | None) -> str:
    return f"Bids are taken until {instant(bids_until)}." if bids_until else "The closing time stays."


def _paper(paper: PublicPaper) -> dict[str, Any]:
    return {
        "id": paper.ref,
        "documentType": "biddingDocuments",
        "title": paper.title or paper.file_name,
        "format": FORMATS.get(paper.kind, "application/octet-stream"),
        "datePublished": instant(paper.since),
        "x_sha256": paper.sha256,
        "x_bytes": paper.size,
    }


def _box(tender: PublicTender, at: datetime) -> dict[str, Any]:
    """Return what binds the box: from closing on a digest that tells nothing of it, from opening on the root itself.

    The root of an empty box, or of a box with one bid, would tell so; nobody computes the digest of its signature.
    """
    if not tender.root or tender.closing_time(at) > at:
        return {}
    digest = {"x_receiptsRootSignatureSha256": hashlib.sha256(tender.root_signature).hexdigest()}
    if tender.opened_at is None or tender.opened_at > at:
        return digest
    return {**digest, "x_receiptsRoot": tender.root, "x_receiptsRootSignature": tender.root_signature.hex()}


def _period(start: datetime | None, end: datetime) -> dict[str, Any]:
    period: dict[str, Any] = {"startDate": instant(start)} if start else {}
    period["endDate"] = instant(end)
    if start:
        period["durationInDays"] = max(0, -((start - end) // timedelta(days=1)))
    return period

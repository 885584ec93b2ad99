"""Build one release: values in, a document of the Open Contracting Data Standard 1.1 out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from procurement.insights.rules.open_data.awards import award_parts, suppliers_of
from procurement.insights.rules.open_data.contracts import contract_part
from procurement.insights.rules.open_data.parts import instant
from procurement.insights.rules.open_data.source import Known, Party, Source
from procurement.insights.rules.open_data.tender import planning_part, statistics, tender_part
from procurement.tenders.rules.published import PublicTender


def build_release(source: Source, known: Known, *, ocid: str, release_id: str) -> dict[str, Any]:
    """Return the release of one fact: what stood at its instant, and nothing that became public later.

    A release about a tender or an award tells the whole tender as it then stood, one about an order the order alone.
    Counts of bids stand in it from opening on, suppliers from an award on, and only those who won.
    """
    tender, step, at = source.tender, source.step, source.at
    release: dict[str, Any] = {
        "ocid": ocid,
        "id": release_id,
        "date": instant(at),
        "tag": list(step.tags),
        "initiationType": "tender",
        "language": "en",
        "parties": [*_parties(source, known)],
        "buyer": known.buyer.reference,
    }
    if step.contract and source.order is not None:
        release["tender"] = {"id": tender.ref, "status": step.tender}
        release["contracts"] = [contract_part(source, known, source.order)]
        return release
    if "planning" in step.tags:
        release["planning"] = planning_part(tender)
    release["tender"] = tender_part(source, known)
    bids = statistics(tender, at)
    if bids:
        release["bids"] = {"statistics": bids}
    if step.awards:
        awards = award_parts(source, known)
        release.update({"awards": awards} if awards else {})
    if tender.retender_of and tender.published_at is not None:
        release["relatedProcesses"] = [_earlier(tender, ocid)]
    return release


def _parties(source: Source, known: Known) -> Iterable[dict[str, Any]]:
    yield _party(known.buyer, ["buyer", "procuringEntity"])
    won = suppliers_of(source.tender, source.at) if source.step.awards else []
    ordered = [source.order.supplier_ref] if source.order and source.step.contract else []
    for ref in dict.fromkeys([*won, *ordered]):
        if ref in known.parties and ref != known.buyer.ref:
            yield _party(known.parties[ref], ["supplier", "tenderer"])


def _party(party: Party, roles: list[str]) -> dict[str, Any]:
    address = {"region": party.region, "countryName": party.country}
    return {
        "id": party.ref,
        "name": party.name,
        "address": {key: value for key, value in address.items() if value},
        "roles": roles,
    }


def _earlier(tender: PublicTender, ocid: str) -> dict[str, Any]:
    prefix = ocid.removesuffix(tender.ref)
    return {
        "id": tender.retender_of,
        "relationship": ["unsuccessfulProcess"],
        "scheme": "ocid",
        "identifier": f"{prefix}{tender.retender_of}",
    }

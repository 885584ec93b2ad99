"""A whole round of the market, and all of it as open data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client

from procurement.insights import queries
from tests.procurement.insights.ocds import check
from tests.small_market import SmallMarket

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_round_is_published_from_tender_to_the_end_of_its_orders(tmp_path: Path, shared: Path) -> None:
    market = SmallMarket(tmp_path)
    market.bring_needs()
    market.cycle.run()
    client = Client()

    package = json.loads(client.get("/api/v1/ocds/releases/?page_size=500").content)
    records = [
        json.loads(client.get(f"/api/v1/ocds/records/{ocid}/").content)
        for ocid in sorted({release["ocid"] for release in package["releases"]})
    ]

    assert [fault for one in [package, *records] for fault in check(shared, one).wrong] == []
    compiled = [record["records"][0]["compiledRelease"] for record in records]
    assert {one["tender"]["status"] for one in compiled} == {"complete"}
    contracts = [contract for one in compiled for contract in one["contracts"]]
    assert {contract["status"] for contract in contracts} == {"terminated"}
    assert {stone["status"] for contract in contracts for stone in contract["milestones"]} == {"met"}
    assert queries.verify_releases() == []

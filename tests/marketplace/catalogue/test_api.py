"""The catalogue through the API."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from marketplace.catalogue import models
from tests.cast import Player, enter

pytestmark = pytest.mark.django_db
API = "/api/v1"


def as_(player: Player) -> APIClient:
    client = APIClient()
    client.force_authenticate(player.user)
    return client


@pytest.fixture
def bei(db: Any) -> Player:
    """Staff too: what one enters another reviews."""
    return enter("bei", staff=True)


@pytest.fixture
def bolt(wei: Player) -> str:
    as_(wei).post(f"{API}/categories/", {"code": "bolts", "name_en": "Bolts", "name_zh": "螺栓", "fee_percent": "0.8"})
    body = {"code": "B-8", "name_en": "Hex bolt M8", "name_zh": "六角螺栓", "category_code": "bolts", "unit": "个"}
    return str(as_(wei).post(f"{API}/products/", {**body, "pack_size": "100"}).json()["ref"])


class TestProducts:
    def test_are_entered_by_staff_and_seen_once_reviewed(self, bolt: str, bei: Player, lin: Player) -> None:
        assert as_(lin).get(f"{API}/products/{bolt}/").status_code == 404
        assert as_(bei).post(f"{API}/products/{bolt}/review/").json()["state"] == "reviewed"

        row = as_(lin).get(f"{API}/products/{bolt}/").json()
        assert (row["unit"], row["pack_size"], row["category"]) == ("C62", "100", "bolts")
        assert row["verbs"] == ["retire", "amend", "merge", "absorb", "let_go"]

    def test_are_found_by_part_of_a_name_in_both_languages(self, bolt: str, bei: Player, lin: Player) -> None:
        as_(bei).post(f"{API}/products/{bolt}/review/")

        for query, found in (("hex", 1), ("六角", 1), ("pump", 0)):
            assert len(as_(lin).get(f"{API}/products/", {"q": query}).json()["results"]) == found
        assert len(as_(lin).get(f"{API}/products/", {"category": "bolts", "unit": "C62"}).json()["results"]) == 1

    def test_nobody_else_enters_reviews_or_retires(self, bolt: str, lin: Player, teng: Player) -> None:
        for player in (lin, teng):
            assert as_(player).post(f"{API}/products/", {}).status_code == 403
            assert as_(player).post(f"{API}/products/{bolt}/review/").status_code == 403
        assert models.Product.objects.get().state == "draft"

    @pytest.mark.parametrize("wrong", [{"pack_size": "NaN"}, {"pack_size": "0.0000001"}, {"pack_size": "1e30"}])
    def test_a_number_that_cannot_be_is_a_problem_with_its_place(
        self, bolt: str, wei: Player, wrong: dict[str, str]
    ) -> None:
        body = {"code": "B-9", "name_en": "x", "category_code": "bolts", "unit": "kg", **wrong}

        reply = as_(wei).post(f"{API}/products/", body)

        assert (reply.status_code, reply.json()["code"]) == (400, "bad_value")
        assert "pack_size" in reply.json()["errors"]
        assert models.Product.objects.count() == 1

    def test_a_strange_unit_is_refused_by_its_code(self, bolt: str, wei: Player) -> None:
        body = {"code": "B-9", "name_en": "x", "category_code": "bolts", "unit": "ton"}

        reply = as_(wei).post(f"{API}/products/", body)

        assert (reply.status_code, reply.json()["code"]) == (400, "ambiguous_unit")

    def test_an_identifier_is_noted_with_its_doubt(self, bolt: str, wei: Player) -> None:
        reply = as_(wei).post(f"{API}/products/{bolt}/identifiers/", {"scheme": "gtin", "value": "73513538"})

        assert (reply.status_code, reply.json()["doubt"]) == (201, "InvalidChecksum")


class TestPriceList:
    TIERS = {"tiers": [{"from_quantity": "0", "unit_price": "2.5"}, {"from_quantity": "1000", "unit_price": "1.75"}]}

    def test_a_supplier_publishes_its_own(self, bolt: str, bei: Player, teng: Player, lin: Player) -> None:
        as_(bei).post(f"{API}/products/{bolt}/review/")

        assert as_(lin).post(f"{API}/products/{bolt}/price-list/", self.TIERS).status_code == 403
        assert as_(teng).post(f"{API}/products/{bolt}/price-list/", self.TIERS).status_code == 200
        assert as_(lin).get(f"{API}/products/{bolt}/price-list/").json() == [
            {"from_quantity": "0", "unit_price": "2.5", "currency": "CNY"},
            {"from_quantity": "1000", "unit_price": "1.75", "currency": "CNY"},
        ]


class TestCategories:
    def test_tell_their_standing_rule(self, bolt: str, lin: Player) -> None:
        row = as_(lin).get(f"{API}/categories/bolts/").json()

        assert (row["fee_percent"], row["deposit_percent"], row["window"], row["parent_code"]) == (
            "0.8",
            "10",
            "month",
            None,
        )

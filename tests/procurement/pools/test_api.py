"""Pools through the API: what each may see and do."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from marketplace.kernel import clock
from procurement.pools import queries
from procurement.pools.models import Commitment, Pool
from procurement.pools.use_cases import freeze_pool
from tests.cast import Player
from tests.procurement.pools.scene import Market

API = "/api/v1"


def as_(player: Player) -> APIClient:
    client = APIClient()
    client.force_authenticate(player.user)
    return client


VERBS = ["change", "raise", "lower", "leave"]


@pytest.fixture
def pool(market: Market) -> str:
    """An open pool, freezing in three days of real time."""
    tiers = {"deposit_percent": Decimal(0), "capacity": Decimal(50)}
    return market.pool(freeze_at=clock.now() + timedelta(days=3, hours=1), **tiers)


class TestLookingAtPools:
    def test_a_buyer_sees_live_figures_and_its_verbs(self, market: Market, pool: str, lin: Player) -> None:
        market.join(pool, market.bao, 36)

        body = as_(lin).get(f"{API}/pools/{pool}/").json()

        assert (body["state"], body["verbs"], body["window"], body["joined"]) == ("open", ["join"], "2026-04", "36")
        live = body["live"]
        assert (live["members"], live["remaining"], live["fill_percent"], live["days_left"]) == (1, "14", "72", 3)
        assert (live["missing_to_pack"], live["indicative"]["source"]) == ("4", "none")
        assert body["mine"] == []

    def test_names_no_other_member(self, market: Market, pool: str, lin: Player) -> None:
        market.join(pool, market.bao, 36)

        text = as_(lin).get(f"{API}/pools/{pool}/").content.decode()

        assert market.bao not in text
        assert "Baoshan" not in text

    def test_only_members_and_staff_see_a_frozen_pool(
        self, market: Market, pool: str, lin: Player, bao: Player, wei: Player
    ) -> None:
        market.join(pool, market.lin, 30)
        freeze_pool(pool_ref=pool, by="user:wei", at=clock.now())

        codes = [as_(player).get(f"{API}/pools/{pool}/").status_code for player in (lin, bao, wei)]

        assert codes == [200, 404, 200]

    def test_nobody_elses_member_sees_any(self, pool: str, mallory: Player, teng: Player) -> None:
        for player in (mallory, teng):
            assert as_(player).get(f"{API}/pools/{pool}/").status_code == 404
            assert as_(player).get(f"{API}/pools/").json()["results"] == []
        assert APIClient().get(f"{API}/pools/").status_code == 401

    @pytest.mark.parametrize(
        ("narrowed", "found"),
        [
            ({}, 2),
            ({"near": "true"}, 1),
            ({"region": "Jiangsu"}, 1),
            ({"state": "frozen"}, 0),
            ({"window_from": "2026-04-02"}, 0),
        ],
    )
    def test_lists_are_narrowed(
        self, market: Market, pool: str, lin: Player, narrowed: dict[str, str], found: int
    ) -> None:
        market.pool(region="Jiangsu")

        assert len(as_(lin).get(f"{API}/pools/", narrowed).json()["results"]) == found

    def test_a_list_takes_the_same_queries_for_one_pool_and_for_many(
        self, market: Market, pool: str, lin: Player, django_assert_max_num_queries: Any
    ) -> None:
        for region in "ABCDEFGH":
            market.pool(region=region)

        with django_assert_max_num_queries(4):
            as_(lin).get(f"{API}/pools/")


class TestJoiningAndLeaving:
    def test_joins_and_leaves(self, market: Market, pool: str, lin: Player) -> None:
        reply = as_(lin).post(f"{API}/pools/{pool}/join/", {"quantity": "12.5", "ceiling": "8.4"})

        assert reply.status_code == 201
        body = reply.json()
        assert (body["pool"], body["quantity"], body["ceiling"], body["verbs"]) == (pool, "12.5", "8.4", VERBS)
        assert [part["ref"] for part in as_(lin).get(f"{API}/pools/{pool}/").json()["mine"]] == [body["ref"]]

        left = as_(lin).post(f"{API}/commitments/{body['ref']}/leave/")
        assert (left.status_code, left.json()["state"], left.json()["verbs"]) == (200, "left", [])
        assert Pool.objects.get().joined == 0

    def test_answers_what_is_left_when_full(self, market: Market, pool: str, lin: Player) -> None:
        market.join(pool, market.bao, 48)

        reply = as_(lin).post(f"{API}/pools/{pool}/join/", {"quantity": "3"})

        assert (reply.status_code, reply.json()["code"]) == (409, "pool_full")
        assert reply.json()["facts"]["remaining"] == "2"
        assert reply.json()["detail"] == f"Only 2 pcs are left in {pool}; 3 were asked for."

    def test_answers_the_same_key_once(self, pool: str, lin: Player) -> None:
        client = as_(lin)
        replies = [
            client.post(f"{API}/pools/{pool}/join/", {"quantity": "3"}, headers={"Idempotency-Key": "k1"})
            for _ in range(2)
        ]

        assert replies[0].json() == replies[1].json()
        assert Commitment.objects.count() == 1

    @pytest.mark.parametrize("wrong", [{"quantity": "NaN"}, {"quantity": "0"}, {}, {"quantity": "1", "ceiling": "-1"}])
    def test_refuses_what_is_no_quantity(self, pool: str, lin: Player, wrong: dict[str, str]) -> None:
        reply = as_(lin).post(f"{API}/pools/{pool}/join/", wrong)

        assert (reply.status_code, reply.json()["code"]) == (400, "bad_value")
        assert not Commitment.objects.exists()

    def test_nobody_leaves_for_another(self, market: Market, pool: str, bao: Player, wei: Player) -> None:
        ref = market.join(pool, market.lin, 12)

        assert as_(bao).get(f"{API}/commitments/{ref}/").status_code == 404
        assert as_(bao).post(f"{API}/commitments/{ref}/leave/").status_code == 404
        assert as_(bao).get(f"{API}/commitments/").json()["results"] == []
        assert as_(wei).post(f"{API}/commitments/{ref}/leave/").status_code == 403
        assert Commitment.objects.get().state == "reserved"

    def test_a_supplier_cannot_join(self, pool: str, teng: Player) -> None:
        assert as_(teng).post(f"{API}/pools/{pool}/join/", {"quantity": "1"}).status_code == 404


class TestOpeningFreezingFailing:
    def wish(self, market: Market, **given: object) -> dict[str, object]:
        return {
            "product_ref": market.product,
            "region": "Zhejiang",
            "window_start": "2032-06-01",
            "window_end": "2032-07-01",
            "freeze_at": (clock.now() + timedelta(days=3)).isoformat(),
            **given,
        }

    def test_a_buyer_opens_a_pool(self, market: Market, lin: Player) -> None:
        body = self.wish(market, region=" Zhe\u200bjiang")

        reply = as_(lin).post(f"{API}/pools/", body)
        again = as_(lin).post(f"{API}/pools/", body)

        assert (reply.status_code, reply.json()["window"], reply.json()["deposit_percent"]) == (201, "2032-06", "10")
        assert (again.status_code, again.json()["code"]) == (409, "pool_open_already")
        assert Pool.objects.get().region == "Zhejiang"

    @pytest.mark.parametrize(
        ("place", "value"),
        [
            ("capacity", "1"),
            ("minimum", "900"),
            ("allocation_rule", "priority"),
            ("fallbacks", []),
            ("freeze_at", "tonight"),
            ("freeze_at", "2032-06-02T00:00:00Z"),
        ],
    )
    def test_a_buyer_names_nothing_that_holds_others_back(
        self, market: Market, lin: Player, wei: Player, place: str, value: object
    ) -> None:
        tonight = (clock.now() + timedelta(hours=1)).isoformat()
        body = self.wish(market, **{place: tonight if value == "tonight" else value})

        refused = as_(lin).post(f"{API}/pools/", body, format="json")

        told = refused.json()
        assert (refused.status_code, told["code"], told["facts"]["place"]) == (400, "bad_value", place)
        assert not Pool.objects.exists()
        assert as_(wei).post(f"{API}/pools/", body, format="json").status_code == 201

    def test_staff_freeze_and_buyers_do_not(self, market: Market, pool: str, lin: Player, wei: Player) -> None:
        market.join(pool, market.lin, 30)

        assert as_(lin).post(f"{API}/pools/{pool}/freeze/").status_code == 403
        assert as_(wei).post(f"{API}/pools/{pool}/freeze/").json()["state"] == "frozen"
        assert as_(wei).post(f"{API}/pools/{pool}/freeze/").status_code == 409

    def test_staff_let_a_pool_fail_and_say_why(self, market: Market, pool: str, lin: Player, wei: Player) -> None:
        market.join(pool, market.lin, 30)

        reply = as_(wei).post(f"{API}/pools/{pool}/fail/", {"why": "no supplier left"})

        assert reply.json()["state"] == "failed"
        [mine] = as_(lin).get(f"{API}/commitments/").json()["results"]
        assert mine["why"][0]["words"] == "The pool was stopped. no supplier left"

    def test_a_stale_page_is_told_so(self, pool: str, wei: Player) -> None:
        reply = as_(wei).post(f"{API}/pools/{pool}/fail/", {"why": "x"}, headers={"If-Match": '"7"'})

        assert reply.status_code == 412
        assert queries.pool(pool).state == "open"

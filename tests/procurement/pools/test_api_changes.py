"""Changing, leaving and taking places through the API and the page."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from finance.ledger import queries as ledger
from finance.ledger.use_cases import Acct
from marketplace.kernel import clock
from procurement.pools import queries
from procurement.pools.models import Commitment, Pool
from procurement.pools.use_cases import freeze_pool
from tests.cast import Player
from tests.procurement.pools.scene import Market, pay_in
from tests.procurement.pools.test_api import API, as_


@pytest.fixture
def pool(market: Market) -> str:
    """A pool in packs of ten that freezes in three days of real time; Lin wants 20, Bao 20."""
    pool = market.pool(freeze_at=clock.now() + timedelta(days=3, hours=1), capacity=Decimal(50))
    for buyer in (market.lin, market.bao):
        pay_in(buyer, "100.00")
        market.join(pool, buyer, 20, ceiling=None)
    Commitment.objects.update(ceiling=Decimal(8))
    return pool


@pytest.fixture
def frozen(pool: str) -> str:
    freeze_pool(pool_ref=pool, by="user:wei", at=clock.now())
    return pool


def mine(player: Player) -> str:
    return Commitment.objects.filter(buyer__ref=player.org).order_by("id")[0].ref


def post(player: Player, path: str, body: Any = None) -> Any:
    return as_(player).post(f"{API}/{path}", body or {}, format="json")


class TestChanging:
    def test_raises_lowers_and_changes_with_a_history(self, pool: str, lin: Player) -> None:
        ref = mine(lin)

        more = post(lin, f"commitments/{ref}/raise/", {"quantity": "5", "ceiling": "7"})
        assert (more.status_code, more.json()["quantity"], more.json()["entry"]) == (200, "5", 1)
        less = post(lin, f"commitments/{ref}/lower/", {"quantity": "7"})
        assert (less.json()["ref"], less.json()["quantity"]) == (ref, "18")
        post(lin, f"commitments/{ref}/change/", {"quantity": "21", "tolerance": "4"})

        told = as_(lin).get(f"{API}/pools/{pool}/changes/").json()
        assert [(one["what"], one["from_quantity"], one["to_quantity"]) for one in told] == [
            ("join", "0", "20"), ("raise", "20", "25"), ("lower", "25", "18"), ("change", "18", "21"),
        ]  # fmt: skip
        assert Pool.objects.get().joined == 41

    def test_joins_with_a_curve(self, market: Market, lin: Player) -> None:
        other = market.pool(region="Jiangsu", freeze_at=clock.now() + timedelta(days=3))
        levels = [{"price": "10", "quantity": "5"}, {"price": "9", "quantity": "8"}]

        reply = post(lin, f"pools/{other}/join/", {"curve": levels})

        assert reply.status_code == 201, reply.content
        assert Pool.objects.get(ref=other).joined == 8
        wrong = post(lin, f"pools/{other}/join/", {"curve": levels[::-1]})
        assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_value")

    def test_others_and_stale_writes_are_refused(self, pool: str, lin: Player, bao: Player) -> None:
        ref = mine(lin)

        assert post(bao, f"commitments/{ref}/raise/", {"quantity": "5"}).status_code == 404
        stale = as_(lin).post(f"{API}/commitments/{ref}/lower/", {"quantity": "1"}, headers={"If-Match": '"7"'})
        assert stale.status_code == 412
        assert Pool.objects.get().joined == 40

    def test_a_raise_seen_on_an_old_revision_is_refused(self, pool: str, lin: Player) -> None:
        ref = mine(lin)
        seen = {"If-Match": as_(lin).get(f"{API}/commitments/{ref}/").headers["ETag"]}

        first = as_(lin).post(f"{API}/commitments/{ref}/raise/", {"quantity": "5"}, headers=seen)
        second = as_(lin).post(f"{API}/commitments/{ref}/raise/", {"quantity": "5"}, headers=seen)

        assert (first.status_code, second.status_code) == (200, 412)
        assert Pool.objects.get().joined == 45

    def test_previews_ones_own_share_alone(self, pool: str, lin: Player) -> None:
        body = as_(lin).get(f"{API}/pools/{pool}/preview/", {"available": "25"}).json()

        # 25 of the 40 that it orders are told as whole tenths, 24: nobody finds others' quantities by trying.
        assert (body["ordered"], body["rule"]) == ("24", "first_come")
        assert [(share["commitment"], share["quantity"]) for share in body["shares"]] == [(mine(lin), "20")]
        assert as_(lin).get(f"{API}/pools/{pool}/preview/", {"available": "-1"}).status_code == 400


class TestBound:
    def test_withdraws_for_the_penalty_of_the_pool(self, frozen: str, lin: Player) -> None:
        Pool.objects.update(withdrawal_percent=Decimal(50))

        reply = post(lin, f"commitments/{mine(lin)}/withdraw/", {"why": "no need"})

        assert (reply.status_code, reply.json()["state"]) == (200, "withdrawn")
        assert "8.00" in reply.json()["why"][-1]["words"]
        assert ledger.available(Acct("buyer_deposits", lin.org)).amount == 92
        assert queries.verify() == []

    def test_a_place_is_offered_and_taken_over(self, frozen: str, lin: Player, bao: Player) -> None:
        ref = mine(lin)
        assert post(bao, f"pools/{frozen}/take_over/", {"commitment": ref}).status_code == 404
        assert post(lin, f"commitments/{ref}/offer/").json()["offered_at"] is not None

        [place] = as_(bao).get(f"{API}/pools/{frozen}/offered/").json()
        reply = post(bao, f"pools/{frozen}/take_over/", {"commitment": place["ref"]})

        assert (reply.status_code, reply.json()[0]["allocated"]) == (201, "20")
        assert Commitment.objects.get(ref=ref).state == "replaced"
        assert queries.verify() == []


class TestPage:
    def page(self, player: Player, path: str, data: Any = None) -> str:
        client = Client()
        client.force_login(player.user)
        if data is None:
            return client.get(path, follow=True).content.decode()
        return client.post(path, data, follow=True).content.decode()

    def test_changes_a_quantity(self, pool: str, lin: Player) -> None:
        assert "Change" in self.page(lin, f"/pools/{pool}/")

        page = self.page(lin, f"/pools/commitments/{mine(lin)}/change/", {"quantity": "25", "tolerance": ""})

        assert "What we wanted before is kept." in page
        assert Pool.objects.get().joined == 45

    def test_says_what_withdrawing_costs_before_it_does(self, frozen: str, lin: Player) -> None:
        Pool.objects.update(withdrawal_percent=Decimal(50))
        assert "forfeits" in self.page(lin, f"/pools/{frozen}/")

        self.page(lin, f"/pools/commitments/{mine(lin)}/withdraw/", {})

        assert Commitment.objects.get(ref=mine(lin)).state == "withdrawn"

    def test_offers_a_place(self, frozen: str, lin: Player) -> None:
        page = self.page(lin, f"/pools/commitments/{mine(lin)}/offer/", {})

        assert "whoever takes your place" in page

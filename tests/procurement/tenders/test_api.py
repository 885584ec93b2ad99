"""Tenders through the API: what each may see and do; nothing of a bid before opening."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from rest_framework.renderers import JSONRenderer
from rest_framework.test import APIClient

from marketplace.events.models import IdempotencyKey
from marketplace.events.use_cases import fingerprint
from marketplace.kernel import clock
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from procurement.tenders.rules import sealing
from tests.cast import Player, enter
from tests.procurement.tenders.scene import HUA, Market, freeze, priced
from tests.procurement.tenders.test_secrecy import PLANTED, every_cell, hits

API = "/api/v1"


def as_(player: Player) -> APIClient:
    client = APIClient()
    client.force_authenticate(player.user)
    return client


@pytest.fixture
def hua(db: Any) -> Player:
    """Another of the staff."""
    return enter("hua", staff=True)


@pytest.fixture
def running(market: Market) -> str:
    """A tender that takes bids for another day of real time."""
    return take_bids(market)


def take_bids(market: Market, **given: Any) -> str:
    now = clock.now()
    pool = market.pool(freeze_at=now + timedelta(hours=1))
    market.join(pool, market.lin, 60)
    market.join(pool, market.bao, 40)
    freeze(pool, now)
    return market.published(
        pool,
        at=now - timedelta(hours=2),
        published_at=now - timedelta(hours=1),
        bids_until=now + timedelta(days=1),
        **given,
    )


def open_now(ref: str) -> None:
    """Let the closing time come, shut the box and open it."""
    past = clock.now() - timedelta(minutes=1)
    models.Tender.objects.filter(ref=ref).update(bids_until=past)
    tenders.close_tender(tender_ref=ref, by="system:clock", at=past)
    tenders.open_tender(tender_ref=ref, by=HUA, at=past)


class TestBidding:
    def test_a_supplier_seals_a_bid_and_gets_a_receipt_it_can_check(self, running: str, teng: Player) -> None:
        offer = priced(running, ("1", "99", "12.5"), ("100", None, "11.9"))

        reply = as_(teng).post(f"{API}/tenders/{running}/bid/", offer, format="json")

        body = reply.json()
        assert (reply.status_code, body["state"], body["version"], body["tender"]) == (201, "sealed", 1, running)
        key = bytes.fromhex(as_(teng).get(f"{API}/tenders/receipt-key/").json()["public_key"])
        assert sealing.signed_by(key, body["receipt"].encode(), bytes.fromhex(body["signature"]))
        assert "12.5" not in reply.content.decode()

    def test_reads_numbers_with_all_their_digits(self, running: str, teng: Player) -> None:
        lot = queries.tender(running).lots[0].ref
        tiers = '[{"from": 1, "to": null, "price": 1234567.8912}]'
        text = f'{{"lots": [{{"lot": "{lot}", "tiers": {tiers}}}]}}'

        reply = as_(teng).post(f"{API}/tenders/{running}/bid/", text, content_type="application/json")

        assert reply.status_code == 201

    @pytest.mark.parametrize(
        "text",
        [
            '{"lots": [], "lots": []}',
            '{"lots": [{"lot": "x", "tiers": [{"from": 1, "to": null, "price": NaN}]}]}',
            "[" * 100_000,
            "no json",
            "\xff",
            "",
        ],
    )
    def test_refuses_what_is_no_plain_json(self, running: str, teng: Player, text: str) -> None:
        reply = as_(teng).post(f"{API}/tenders/{running}/bid/", text, content_type="application/json")

        assert (reply.status_code, reply["Content-Type"]) == (400, "application/problem+json")
        assert not models.SealedBid.objects.exists()

    def test_says_where_an_offer_cannot_be_read_without_repeating_it(self, running: str, teng: Player) -> None:
        offer = priced(running, ("1", "40", PLANTED[0]), ("90", None, PLANTED[1]))

        reply = as_(teng).post(f"{API}/tenders/{running}/bid/", offer, format="json")

        assert (reply.status_code, reply.json()["code"]) == (400, "bad_offer")
        assert reply.json()["facts"]["reason"] == "leaves a gap after the tier before it"
        assert hits(reply.content) == []

    def test_refuses_after_closing_time(self, market: Market, teng: Player) -> None:
        ref = take_bids(market)
        offer = priced(ref, (1, None, "12.5"))
        models.Tender.objects.filter(ref=ref).update(bids_until=clock.now() - timedelta(seconds=1))

        reply = as_(teng).post(f"{API}/tenders/{ref}/bid/", offer, format="json")

        assert (reply.status_code, reply.json()["code"]) == (409, "bids_closed")

    def test_is_for_the_sales_of_suppliers_only(self, running: str, lin: Player, wei: Player, mallory: Player) -> None:
        planner = enter("pan", "Panlong Works", roles=["factory"], seat=["planner"])
        for player in (lin, wei, mallory, planner):
            reply = as_(player).post(f"{API}/tenders/{running}/bid/", priced(running, (1, None, "9")), format="json")
            assert reply.status_code == 403
        assert APIClient().post(f"{API}/tenders/{running}/bid/", {}, format="json").status_code == 401
        assert not models.SealedBid.objects.exists()

    def test_the_same_keyed_bid_again_is_answered_from_memory_that_holds_no_price(
        self, running: str, teng: Player
    ) -> None:
        offer = priced(running, (1, None, PLANTED[0]))
        head = {"HTTP_IDEMPOTENCY_KEY": "bid-1"}

        first, again = (as_(teng).post(f"{API}/tenders/{running}/bid/", offer, format="json", **head) for _ in range(2))
        other = as_(teng).post(
            f"{API}/tenders/{running}/bid/", priced(running, (1, None, PLANTED[1])), format="json", **head
        )

        assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
        assert first.json() == again.json()
        assert models.SealedBid.objects.get().version == 1
        kept = IdempotencyKey.objects.get()
        plain = plain_digest(f"{API}/tenders/{running}/bid/", offer)
        assert kept.request_sha256 != plain
        assert hits(str(kept.answer).encode()) == []

    def test_withdraws_and_bids_again(self, running: str, teng: Player) -> None:
        as_(teng).post(f"{API}/tenders/{running}/bid/", priced(running, (1, None, "12")), format="json")

        gone = as_(teng).post(f"{API}/tenders/{running}/withdraw/")
        again = as_(teng).post(f"{API}/tenders/{running}/bid/", priced(running, (1, None, "11")), format="json")

        assert (gone.json()["state"], again.json()["state"], again.json()["version"]) == ("withdrawn", "sealed", 2)


def plain_digest(path: str, offer: Any) -> str:
    """The digest that a reader of the database could compare with every likely price."""
    return fingerprint("POST", path, JSONRenderer().render(offer))


class TestBeforeOpening:
    @pytest.fixture
    def bidden(self, running: str, teng: Player) -> str:
        as_(teng).post(f"{API}/tenders/{running}/bid/", priced(running, (1, None, PLANTED[0])), format="json")
        return running

    def test_a_rival_sees_neither_bid_nor_bidder_nor_count(self, bidden: str, shen: Player) -> None:
        pages = [as_(shen).get(f"{API}/{page}") for page in ("tenders/", f"tenders/{bidden}/", "bids/", "awards/")]

        text = "".join(page.content.decode() for page in pages)
        assert pages[2].json()["results"] == []
        assert "Tengda" not in text
        assert models.SealedBid.objects.get().ref not in text

    def test_a_page_is_the_same_with_and_without_bids(self, market: Market, teng: Player, shen: Player) -> None:
        ref = take_bids(market)
        before = as_(shen).get(f"{API}/tenders/{ref}/")

        as_(teng).post(f"{API}/tenders/{ref}/bid/", priced(ref, (1, None, "12")), format="json")

        after = as_(shen).get(f"{API}/tenders/{ref}/")
        assert after.json() == before.json()
        assert after["ETag"] == before["ETag"]

    def test_staff_see_no_bid_either(self, bidden: str, wei: Player) -> None:
        bid = models.SealedBid.objects.get().ref

        assert as_(wei).get(f"{API}/bids/").json()["results"] == []
        assert as_(wei).get(f"{API}/bids/{bid}/").status_code == 404

    def test_a_rival_s_receipt_answers_404(self, bidden: str, shen: Player) -> None:
        bid = models.SealedBid.objects.get().ref

        assert as_(shen).get(f"{API}/bids/{bid}/").status_code == 404

    def test_the_bidder_sees_its_receipt_and_no_price(self, bidden: str, teng: Player) -> None:
        (mine,) = as_(teng).get(f"{API}/bids/").json()["results"]

        assert mine["commitment"] == models.SealedBid.objects.get().commitment
        assert hits(str(mine).encode()) == []

    def test_nothing_is_logged_or_kept_by_the_door(self, running: str, teng: Player, caplog: Any) -> None:
        caplog.set_level(logging.DEBUG)
        caplog.set_level(logging.DEBUG, logger="django.db.backends")
        connection.force_debug_cursor = True
        good, bad = priced(running, (1, None, PLANTED[0])), priced(running, (1, None, f"-{PLANTED[1]}"))

        for offer in (good, bad):
            as_(teng).post(
                f"{API}/tenders/{running}/bid/", offer, format="json", HTTP_IDEMPOTENCY_KEY=f"k-{offer is good}"
            )

        assert "tenders_sealedbid" in caplog.text
        assert hits(caplog.text.encode()) == []
        assert [table for table, cells in every_cell() if hits(cells)] == []


class TestLooking:
    def test_a_supplier_finds_the_tenders_it_may_bid_in(self, market: Market, running: str, teng: Player) -> None:
        (found,) = as_(teng).get(f"{API}/tenders/?open=true").json()["results"]

        assert (found["ref"], found["verbs"]) == (running, ["bid", "withdraw"])

    def test_tells_what_each_region_wants(self, running: str, teng: Player) -> None:
        body = as_(teng).get(f"{API}/tenders/{running}/").json()

        (lot,) = body["lots"]
        assert (lot["description"], lot["quantity"], lot["step"], lot["unit"]) == ("Pump", "100", "10", "C62")
        assert [(one["region"], one["quantity"]) for one in lot["wanted"]] == [("Zhejiang", "100")]
        assert len(bytes.fromhex(body["public_key"])) == 32

    def test_an_uninvited_supplier_finds_nothing(self, market: Market, teng: Player, shen: Player) -> None:
        ref = take_bids(market, procedure="invited", invited=[market.shen])

        assert as_(teng).get(f"{API}/tenders/{ref}/").status_code == 404
        assert (
            as_(teng).post(f"{API}/tenders/{ref}/bid/", priced(ref, (1, None, "9")), format="json").status_code == 404
        )
        assert as_(shen).get(f"{API}/tenders/{ref}/").status_code == 200

    def test_buyers_find_the_tenders_of_their_pools(self, running: str, lin: Player, mallory: Player) -> None:
        stranger = enter("gu", "Gu Tools", roles=["buyer"], seat=["approver"])

        codes = [as_(one).get(f"{API}/tenders/{running}/").status_code for one in (lin, stranger, mallory)]

        assert codes == [200, 404, 404]
        assert as_(lin).get(f"{API}/tenders/{running}/").json()["verbs"] == []

    def test_a_draft_is_for_staff_only(self, market: Market, teng: Player, lin: Player, wei: Player) -> None:
        ref = market.prepared()

        assert [as_(one).get(f"{API}/tenders/{ref}/").status_code for one in (teng, lin, wei)] == [404, 404, 200]

    def test_a_supplier_that_did_not_bid_loses_sight_when_the_box_shuts(
        self, market: Market, teng: Player, shen: Player
    ) -> None:
        ref = take_bids(market)
        as_(teng).post(f"{API}/tenders/{ref}/bid/", priced(ref, (1, None, "12")), format="json")

        open_now(ref)

        assert [as_(one).get(f"{API}/tenders/{ref}/").status_code for one in (teng, shen)] == [200, 404]


class TestVerbsOfStaff:
    def test_two_of_them_publish(self, market: Market, wei: Player, hua: Player) -> None:
        now = clock.now()
        ref = market.prepared(bids_until=now + timedelta(days=1), at=now)

        first = as_(wei).post(f"{API}/tenders/{ref}/publish/")
        second = as_(hua).post(f"{API}/tenders/{ref}/publish/")

        assert (first.status_code, first.json()["code"]) == (403, "four_eyes")
        assert (second.status_code, second.json()["state"]) == (200, "published")
        assert second.json()["verbs"] == ["close", "ask_to_cancel", "cancel"]

    def test_award_and_conclude(self, market: Market, hua: Player, teng: Player, lin: Player) -> None:
        ref = take_bids(market)
        as_(teng).post(f"{API}/tenders/{ref}/bid/", priced(ref, (1, None, "12")), format="json")
        open_now(ref)

        awarded = as_(hua).post(f"{API}/tenders/{ref}/award/")
        concluded = as_(hua).post(f"{API}/tenders/{ref}/conclude/")

        assert (awarded.status_code, awarded.json()["state"]) == (200, "awarded")
        assert (concluded.status_code, concluded.json()["state"]) == (200, "contracted")
        (award,) = as_(lin).get(f"{API}/awards/").json()["results"]
        body = as_(lin).get(f"{API}/awards/{award['ref']}/").json()
        assert (body["total"], body["proved"]) == ("1200.00", True)
        assert [(one["supplier"], one["quantity"], one["unit_price"]) for one in body["lines"]] == [
            ("Tengda Casting", "100", "12")
        ]

    def test_cancel_by_two(self, running: str, wei: Player, hua: Player) -> None:
        asked = as_(wei).post(f"{API}/tenders/{running}/ask-to-cancel/", {"why": "the need is gone"}, format="json")
        agreed = as_(hua).post(f"{API}/tenders/{running}/cancel/")

        assert (asked.json()["state"], agreed.json()["state"]) == ("published", "cancelled")

    def test_nobody_else_may(self, running: str, teng: Player, lin: Player) -> None:
        for player in (teng, lin):
            for verb in ("publish", "close", "open", "award", "conclude", "ask-to-cancel", "cancel"):
                reply = as_(player).post(f"{API}/tenders/{running}/{verb}/", {"why": "x"}, format="json")
                assert reply.status_code == 403
        assert queries.tender(running).state == "published"

    def test_a_stale_decision_is_turned_down(self, running: str, hua: Player) -> None:
        reply = as_(hua).post(f"{API}/tenders/{running}/close/", HTTP_IF_MATCH='"0"')

        assert reply.status_code == 412


class TestDebrief:
    def test_a_loser_learns_by_how_much_and_nothing_of_other_losers(
        self, market: Market, teng: Player, shen: Player, hua: Player, mallory: Player
    ) -> None:
        ref = take_bids(market)
        gao = enter("gao", "Gaoda Pumps", roles=["supplier"], seat=["sales"])
        for player, price in ((teng, "12"), (shen, "12.5"), (gao, "13")):
            as_(player).post(f"{API}/tenders/{ref}/bid/", priced(ref, (1, None, price)), format="json")
        open_now(ref)
        as_(hua).post(f"{API}/tenders/{ref}/award/")
        (award,) = as_(shen).get(f"{API}/awards/").json()["results"]

        body = as_(shen).get(f"{API}/awards/{award['ref']}/").json()

        assert [(one["supplier"], one["at_least"]) for one in body["lost"]] == [(market.shen, "0.500000")]
        assert gao.org not in str(body)
        assert body["lines"][0]["why"] == {"code": "cheapest_landed", "landed": "12.000000"}
        assert as_(hua).get(f"{API}/awards/{award['ref']}/").json()["lines"][0]["why"]["next"] == market.shen
        assert as_(mallory).get(f"{API}/awards/{award['ref']}/").status_code == 404

    def test_a_rejected_bidder_learns_why(self, market: Market, teng: Player, shen: Player) -> None:
        ref = take_bids(market)
        for player in (teng, shen):
            as_(player).post(f"{API}/tenders/{ref}/bid/", priced(ref, (1, None, "12")), format="json")
        raw = bytes(models.SealedBid.objects.get(supplier_ref=market.teng).ciphertext)
        models.SealedBid.objects.filter(supplier_ref=market.teng).update(ciphertext=raw[:-1] + b"\0\0")

        open_now(ref)

        (mine,) = as_(teng).get(f"{API}/bids/").json()["results"]
        assert mine["rejected"] == {"code": "altered", "why": None}

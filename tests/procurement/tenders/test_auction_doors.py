"""Auctions through the pages, the API, the admin and the stream: who sees what, and what each may do."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from marketplace.kernel import clock
from procurement.tenders import models
from procurement.tenders import use_cases as tenders
from procurement.tenders.web import auctions as web
from tests.cast import Player, enter
from tests.procurement.tenders.scene import WEI, Market, bid, lots_of
from tests.procurement.tenders.test_api import open_now, take_bids

API = "/api/v1"
pytestmark = pytest.mark.django_db


def api(player: Player) -> APIClient:
    client = APIClient()
    client.force_authenticate(player.user)
    return client


def pages(player: Player | None = None) -> Client:
    client = Client()
    if player is not None:
        client.force_login(player.user)
    return client


@pytest.fixture
def hua(db: Any) -> Player:
    return enter("hua", staff=True)


@pytest.fixture
def opened(market: Market) -> str:
    """A tender to be auctioned: Teng asks 12.5 for a pump, Shen 12.2; by the clock on the wall."""
    ref = take_bids(market, procedure="auction")
    for supplier, price in ((market.teng, "12.5"), (market.shen, "12.2")):
        bid(ref, supplier, [(1, None, price)], at=clock.now())
    open_now(ref)
    return ref


@pytest.fixture
def auction(opened: str) -> str:
    """An auction that runs: it is Teng's turn."""
    now = clock.now()
    ref = tenders.start_auction(lot_ref=lots_of(opened)[0], starts_at=now, step=Decimal("0.1"), by=WEI, at=now)
    tenders.advance_auction(auction_ref=ref, at=now)
    return ref


def end(ref: str) -> None:
    """Let all the turns run out."""
    for _ in range(6):
        due = models.Auction.objects.get(ref=ref).due_at
        assert due is not None
        tenders.advance_auction(auction_ref=ref, at=due)


class TestTheApi:
    def test_a_bidder_moves_in_its_turn_and_sees_the_board(self, auction, teng, shen):
        reply = api(teng).post(f"{API}/auctions/{auction}/bid/", {"price": "12.1"})

        assert reply.status_code == 200
        assert (reply.data["steps"], reply.data["turn_of"] != reply.data["mine"]) == (2, True)
        assert api(shen).post(f"{API}/auctions/{auction}/stay/").status_code == 200

    @pytest.mark.parametrize(
        ("price", "code"), [("12.45", "not_low_enough"), ("NaN", "bad_price"), ("-3", "bad_price"), ("x", "bad_price")]
    )
    def test_a_price_that_is_none_is_refused_by_its_name(self, auction, teng, price, code):
        reply = api(teng).post(f"{API}/auctions/{auction}/bid/", {"price": price})

        assert reply.json()["code"] == code
        assert models.Auction.objects.get().steps == 1

    def test_out_of_turn_and_on_another_step_are_refused(self, auction, shen, teng):
        assert api(shen).post(f"{API}/auctions/{auction}/stay/").json()["code"] == "not_your_turn"
        reply = api(teng).post(f"{API}/auctions/{auction}/stay/", headers={"If-Match": '"7"'})

        assert reply.status_code == 412

    def test_a_repeated_request_with_its_key_is_one_step(self, auction, teng):
        for _ in range(2):
            reply = api(teng).post(
                f"{API}/auctions/{auction}/bid/", {"price": "12"}, headers={"Idempotency-Key": "once"}
            )

        assert (reply.status_code, models.Auction.objects.get().steps) == (200, 2)

    def test_who_may_do_what(self, opened, teng, lin, wei):
        given = {"lot": lots_of(opened)[0], "starts_at": (clock.now() + timedelta(hours=1)).isoformat(), "step": "0.1"}
        mallory = enter("mallory")

        assert api(teng).post(f"{API}/auctions/", given).status_code == 403
        made = api(wei).post(f"{API}/auctions/", given)
        assert made.status_code == 201
        address = f"{API}/auctions/{made.data['ref']}/"
        for player, seen in ((teng, 200), (lin, 200), (wei, 200), (mallory, 404)):
            assert api(player).get(address).status_code == seen
            assert api(player).get(address + "board/").status_code == seen
            assert api(player).get(address + "record/").status_code == seen
            assert api(player).post(address + "bid/", {"price": "1"}).status_code in {403, 404, 409}
        assert api(teng).post(address + "call-off/", {"why": "x"}).status_code == 403
        assert api(wei).post(address + "call-off/", {"why": ""}).status_code == 400
        assert api(wei).post(address + "call-off/", {"why": "wrong step"}).data["state"] == "called_off"

    def test_terms_that_make_no_sense_are_refused(self, opened, wei):
        given = {"lot": lots_of(opened)[0], "starts_at": (clock.now() + timedelta(hours=1)).isoformat(), "step": "0.1"}
        for change in (
            {"step": "0"},
            {"step": "NaN"},
            {"step": "-1"},
            {"rounds": 0},
            {"turn_seconds": 1},
            {"lot": "X"},
        ):
            assert api(wei).post(f"{API}/auctions/", {**given, **change}).status_code in {400, 404}
        assert not models.Auction.objects.exists()


class TestThePages:
    def test_anybody_looks_on_and_only_bidders_get_a_form(self, auction, teng, lin):
        address = reverse("tenders:auction", args=[auction])

        assert b'id="move"' not in pages().get(address).content
        assert b'id="move"' not in pages(lin).get(address).content
        assert b'id="move"' in pages(teng).get(address).content
        assert pages().get(reverse("tenders:auctions")).status_code == 200
        assert pages().get(reverse("tenders:auction", args=["AU-2026-9999"])).status_code == 404

    def test_a_bidder_bids_and_stays_and_is_told_why_not(self, auction, teng, shen):
        place = reverse("tenders:auction-bid", args=[auction])

        pages(teng).post(place, {"price": "12.45"})
        assert models.Auction.objects.get().steps == 1
        pages(teng).post(place, {"price": "12.1"})
        pages(shen).post(reverse("tenders:auction-stay", args=[auction]))
        assert models.Auction.objects.get().steps == 3

    def test_whoever_looks_at_what_is_due_rings(self, opened):
        now = clock.now()
        ref = tenders.start_auction(lot_ref=lots_of(opened)[0], starts_at=now, step=Decimal("0.1"), by=WEI, at=now)

        assert pages().get(reverse("tenders:auction-board", args=[ref])).status_code == 200
        assert models.Auction.objects.get().state == "running"

    def test_staff_plan_and_call_off_at_the_desk(self, opened, wei, teng):
        place = reverse("tenders:plan-auction", args=[opened])
        begins = (clock.now().astimezone(clock.SHANGHAI) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
        given = {
            "lot": lots_of(opened)[0],
            "starts_at": begins,
            "step": "0.1",
            "turn_seconds": "60",
            "rounds": "2",
        }

        assert pages(teng).post(place, given).status_code == 404
        pages(wei).post(place, given)
        row = models.Auction.objects.get()
        assert (row.state, row.terms["rounds"]) == ("planned", 2)
        desk = reverse("tenders:auction-desk", args=[opened])
        assert row.ref in pages(wei).get(desk).content.decode()
        pages(wei).post(reverse("tenders:call-off-auction", args=[row.ref]), {"why": "wrong step"})
        assert models.Auction.objects.get().state == "called_off"


class TestMaskedAtEveryDoor:
    @pytest.fixture
    def cast(self, teng: Player, lin: Player, wei: Player) -> tuple[Player, Player, Player]:
        return teng, lin, wei

    def test_until_the_end_no_door_tells_who_bids(self, auction, opened, market, cast, admin_client):
        teng, lin, wei = cast
        tender = models.Tender.objects.get(ref=opened)
        names = [b"Shenyuan", market.shen.encode()]
        looked = [
            pages(player).get(reverse(f"tenders:auction{door}", args=[auction])).content
            for player in (None, teng, lin)
            for door in ("", "-board", "-record")
        ]
        looked += [
            api(player).get(f"{API}/auctions/{auction}/{door}").content
            for player in (teng, lin, wei)
            for door in ("", "board/", "record/")
        ]
        looked.append(pages(teng).get(reverse("tenders:tender", args=[opened])).content)
        looked.append(api(wei).get(f"{API}/bids/").content)
        looked.append(api(wei).get(f"{API}/bid-bonds/").content)
        for kind in ("auction", "auctionevent", "openedbid", "sealedbid", "bidbond"):
            looked.append(admin_client.get(reverse(f"admin:tenders_{kind}_changelist")).content)
        row = models.Auction.objects.get()
        looked.append(admin_client.get(reverse("admin:tenders_auction_change", args=[row.pk])).content)
        looked.append(admin_client.get(reverse("admin:tenders_tender_change", args=[tender.pk])).content)

        for content in looked:
            assert not any(name in content for name in names)

    def test_at_the_end_they_are_told(self, auction):
        end(auction)

        page = pages().get(reverse("tenders:auction", args=[auction])).content.decode()
        record = json.loads(pages().get(reverse("tenders:auction-record", args=[auction])).content)

        assert "Shenyuan" in page
        assert any("Shenyuan" in name for name in record["names"].values())


class TestTheStream:
    @pytest.fixture(autouse=True)
    def short(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(web, "SECONDS", 0.3)
        monkeypatch.setattr(web, "LOOK", 0.05)
        monkeypatch.setattr(web, "QUIET", 0.1)

    def read(self, ref: str, **headers: str) -> str:
        reply = Client().get(reverse("tenders:auction-stream", args=[ref]), headers=headers)
        assert reply["Content-Type"].startswith("text/event-stream")
        return b"".join(reply.streaming_content).decode()

    def test_it_tells_every_step_and_goes_on_after_the_last_one_heard(self, auction, teng):
        api(teng).post(f"{API}/auctions/{auction}/bid/", {"price": "12.1"})

        whole = self.read(auction)
        assert "id: 1\nevent: step" in whole
        assert '"price":"12.1"' in whole
        rest = self.read(auction, **{"Last-Event-ID": "1"})
        assert "id: 1\n" not in rest
        assert "id: 2\nevent: step" in rest

    def test_it_is_bounded_and_says_now_and_then_that_it_lives(self, auction):
        content = self.read(auction, **{"Last-Event-ID": "1"})

        assert content.startswith("retry: 1000\n\n")
        assert ": still here" in content
        assert "event: step" not in content

    def test_the_end_is_told_and_ends_it(self, auction):
        end(auction)

        assert "event: over" in self.read(auction, **{"Last-Event-ID": "7"})

    def test_nobody_is_named_in_it(self, auction, market):
        end(auction)

        content = self.read(auction)

        assert market.shen not in content
        assert "user:" not in content

    def test_it_rings_when_a_turn_is_over(self, opened):
        now = clock.now()
        ref = tenders.start_auction(lot_ref=lots_of(opened)[0], starts_at=now, step=Decimal("0.1"), by=WEI, at=now)

        assert '"kind":"began"' in self.read(ref)

    def test_what_finds_no_room_is_sent_away_and_room_is_given_back(self, auction):
        place = reverse("tenders:auction-stream", args=[auction])
        held = [Client().get(place) for _ in range(web.MOST_STREAMS)]

        assert Client().get(place).status_code == 429
        for reply in held:
            assert b"".join(reply.streaming_content)
        assert "retry" in self.read(auction)

    def test_nonsense_as_the_last_one_heard_is_the_beginning(self, auction):
        for said in ("x", "-1", "99999999999", "²"):
            assert "id: 1\n" in self.read(auction, **{"Last-Event-ID": said.encode().decode("latin-1")})

"""Teng bids through the pages and sees only its own; its factory reports milestones; Mallory finds nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from procurement.capacity import queries as capacity
from procurement.contracts import queries as contracts
from procurement.tenders import queries, use_cases
from procurement.tenders.models import LotPool
from tests.cast import Player, enter, join
from tests.journeys.buyer_scene import client_of
from tests.procurement.tenders.conftest import market, shen
from tests.procurement.tenders.scene import AWARDING, BIDDING, BIDS_UNTIL, HUA, OPENING, Market, lots_of
from tests.small_market import SmallMarket

__all__ = ["market", "shen"]  # fixtures of the tenders' own tests

STAFF = Actor(by="test", staff=True)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: BIDDING)
    monkeypatch.setattr(queries, "instant_of_record", lambda: BIDDING)


def typed(tender: str, **more: Any) -> dict[str, Any]:
    """What Teng types for the first lot: 12 a unit, 11.5 from 51 on, freight 0.3, 21 days."""
    lot = lots_of(tender)[0]
    part = LotPool.objects.filter(lot__ref=lot).order_by("id").values_list("pk", flat=True)[0]
    return {
        f"{lot}-from-0": "1",
        f"{lot}-price-0": "12",
        f"{lot}-from-1": "51",
        f"{lot}-price-1": "11.5",
        f"{lot}-freight-{part}": "0.3",
        f"{lot}-days": "21",
        **more,
    }


def seal(player: Player, tender: str, **more: Any) -> Any:
    return client_of(player).post(f"/tenders/{tender}/bid/", typed(tender, **more), follow=True)


def decided(tender: str) -> str:
    """Close, open and award the tender; return the award's ref."""
    use_cases.close_tender(tender_ref=tender, by="system:clock", at=BIDS_UNTIL)
    use_cases.open_tender(tender_ref=tender, by=HUA, at=OPENING)
    use_cases.award_tender(tender_ref=tender, seconds=10, by="user:wei", at=AWARDING)
    return str(queries.award_of(tender))


class TestBid:
    def test_is_sealed_and_answered_with_the_signed_receipt(self, market: Market, teng: Player) -> None:
        tender = market.published()

        page = seal(teng, tender).content.decode()

        (bid,) = queries.bids_for(_actor(teng))
        assert (bid.state, bid.version) == ("sealed", 1)
        assert bid.ref in page
        assert bytes(bid.signature).hex() in page
        assert 'value="11.5' not in page

    def test_says_what_was_typed_once_opened(self, market: Market, teng: Player) -> None:
        tender = market.published()
        seal(teng, tender)
        use_cases.close_tender(tender_ref=tender, by="system:clock", at=BIDS_UNTIL)
        use_cases.open_tender(tender_ref=tender, by=HUA, at=OPENING)

        offer = queries.bids_for(_actor(teng)).get().opened.lots.get()
        tiers = [(tier.from_quantity, tier.to_quantity, tier.unit_price) for tier in offer.tiers.order_by("position")]
        assert tiers == [(Decimal(1), Decimal(50), Decimal(12)), (Decimal(51), None, Decimal("11.5"))]
        assert (offer.freight, offer.lead_days) == ({"Zhejiang": "0.3"}, 21)

    def test_may_be_replaced_and_withdrawn_until_closing(self, market: Market, teng: Player) -> None:
        tender = market.published()
        seal(teng, tender)
        seal(teng, tender)
        assert queries.bids_for(_actor(teng)).get().version == 2

        client_of(teng).post(f"/tenders/{tender}/withdraw/")

        assert queries.bids_for(_actor(teng)).get().state == "withdrawn"

    def test_too_late_is_refused_in_words(self, market: Market, teng: Player, monkeypatch: pytest.MonkeyPatch) -> None:
        tender = market.published()
        monkeypatch.setattr(queries, "instant_of_record", lambda: BIDS_UNTIL + timedelta(seconds=1))

        answer = seal(teng, tender)

        assert answer.status_code == 409
        assert "came too late" in answer.content.decode()
        assert not queries.bids_for(_actor(teng)).exists()

    def test_a_price_without_a_number_is_shown_beside_its_field(self, market: Market, teng: Player) -> None:
        tender = market.published()
        lot = lots_of(tender)[0]

        answer = seal(teng, tender, **{f"{lot}-price-1": "NaN"})

        assert answer.status_code == 400
        assert f'id="id_{lot}-price-1_error"' in answer.content.decode()
        assert not queries.bids_for(_actor(teng)).exists()

    def test_an_empty_offer_is_refused(self, market: Market, teng: Player) -> None:
        tender = market.published()

        answer = client_of(teng).post(f"/tenders/{tender}/bid/", {})

        assert answer.status_code == 400
        assert "Give a price for one lot at least." in answer.content.decode()

    def test_is_nobodys_without_the_seat_or_the_firm(self, market: Market, lin: Player, mallory: Player) -> None:
        tender = market.published()

        read = client_of(lin).get(f"/tenders/{tender}/")
        assert (read.status_code, "#bid" in read.content.decode()) == (200, False)
        assert client_of(mallory).get(f"/tenders/{tender}/").status_code == 404
        for player in (lin, mallory):
            assert client_of(player).post(f"/tenders/{tender}/bid/", {}).status_code == 404


class TestSecrecy:
    def test_a_rivals_page_is_the_same_before_and_after_teng_bids(
        self, market: Market, teng: Player, shen: Player
    ) -> None:
        tender = market.published()
        before = _main(client_of(shen), f"/tenders/{tender}/")
        seal(teng, tender)

        assert _main(client_of(shen), f"/tenders/{tender}/") == before
        assert "BD-" not in _main(client_of(shen), "/bids/")

    def test_a_rivals_receipt_is_not_there(self, market: Market, teng: Player, shen: Player) -> None:
        tender = market.published()
        seal(teng, tender)
        bid = queries.bids_for(_actor(teng)).get()

        assert client_of(shen).get(f"/bids/{bid.ref}/receipt/").status_code == 404
        kept = json.loads(client_of(teng).get(f"/bids/{bid.ref}/receipt/").content)
        assert kept["signature"] == bytes(bid.signature).hex()
        assert json.loads(kept["text"])["bid"] == bid.ref

    def test_an_invited_tender_is_not_there_for_the_uninvited(self, market: Market, teng: Player, shen: Player) -> None:
        tender = market.published(procedure="invited", invited=[market.teng])

        assert client_of(teng).get(f"/tenders/{tender}/").status_code == 200
        assert client_of(shen).get(f"/tenders/{tender}/").status_code == 404
        assert tender not in client_of(shen).get("/tenders/").content.decode()


class TestAward:
    def test_the_winner_sees_its_lines_and_the_loser_the_price_that_ties(
        self, market: Market, teng: Player, shen: Player
    ) -> None:
        tender = market.published()
        seal(teng, tender)  # 11.5 and 0.3 freight: 11.8
        lot = lots_of(tender)[0]
        seal(shen, tender, **{f"{lot}-price-0": "13", f"{lot}-price-1": "12"})  # 12.3
        award = decided(tender)

        won = client_of(teng).get(f"/awards/{award}/").content.decode()
        lost = client_of(shen).get(f"/awards/{award}/").content.decode()

        assert "1,180.00" in won  # 100 at 11.80
        assert "Shenyuan" not in won
        assert market.shen not in won
        assert "It was dearer than what won." in lost
        assert "Tengda" not in lost
        assert market.teng not in lost
        assert "11.50 <span" in lost  # 12 less 0.50 ties

    def test_is_not_there_for_those_who_did_not_bid(self, market: Market, teng: Player, shen: Player) -> None:
        tender = market.published()
        seal(teng, tender)
        award = decided(tender)

        assert client_of(shen).get(f"/awards/{award}/").status_code == 404


class TestFirstPage:
    def test_names_the_tender_to_bid_in(self, market: Market, teng: Player) -> None:
        market.published()

        assert "Pumps for April" in client_of(teng).get("/").content.decode()


def _actor(player: Player) -> Any:
    return Actor(by=player.by, organisation=player.org, roles=frozenset({"supplier", "sales"}))


def _main(client: Client, url: str) -> str:
    """Return a page's content without the form's token."""
    page = client.get(url).content.decode().split("<main")[1].split("</main>")[0]
    return "\n".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line)


NEEDS = "line,request,buyer,product,quantity,unit,needed,ceiling,paid,vendor\n1,R-1,lin,SOLE,90,PR,2026-07-06,20.00,,\n"


@pytest.fixture
def works(db: Any, tmp_path: Path) -> Player:
    """Feng, who plans the work of the small market's factory; it has one order to make."""
    small = SmallMarket(tmp_path)
    small.bring_needs(NEEDS)
    small.cycle.open_pools()
    small.cycle.freeze_pools()
    small.cycle.tender()
    enter("feng")
    factory = capacity.factories_for(STAFF).get(ref=small.factory)
    return join("feng", factory.organisation.ref, seat=["planner", "sales"])


class TestWork:
    def test_milestones_are_reported_one_by_one(self, works: Player) -> None:
        work = capacity.work_for(STAFF).get()
        client = client_of(works)
        assert "Material is in" in client.get("/work/").content.decode()

        for milestone in ("material_in", "make", "pack"):
            client.post(f"/work/{work.ref}/{milestone}/")

        assert capacity.work_for(STAFF).get().state == "packed"
        assert client.get(f"/work/{work.ref}/").status_code == 200

    def test_the_load_shows_the_minutes_taken(self, works: Player) -> None:
        work = capacity.work_for(STAFF).get()
        day = work.days.order_by("factory_day__day")[0].factory_day.day

        page = client_of(works).get(f"/work/load/?since={day}").content.decode()

        taken = sum(one.minutes for one in work.days.all())
        assert f'<span class="num">{taken:,} ' in page

    def test_is_another_firms_and_mallorys_nothing(self, works: Player, teng: Player, mallory: Player) -> None:
        work = capacity.work_for(STAFF).get()

        assert work.ref not in client_of(teng).get("/work/").content.decode()
        for player in (teng, mallory):
            assert client_of(player).get(f"/work/{work.ref}/").status_code == 404
            assert client_of(player).post(f"/work/{work.ref}/material_in/").status_code == 404
        assert capacity.work_for(STAFF).get().state == "planned"


class TestOrders:
    def test_the_supplier_takes_its_order_on(self, works: Player) -> None:
        (ref,) = contracts.refs_in("placed")
        client = client_of(works)
        assert ref in client.get("/orders/supply/").content.decode()
        assert ref in client.get("/").content.decode()

        client.post(f"/orders/supply/{ref}/acknowledge/")

        assert contracts.state_of(ref) == "acknowledged"

    def test_turning_it_down_takes_a_reason(self, works: Player) -> None:
        (ref,) = contracts.refs_in("placed")

        page = client_of(works).post(f"/orders/supply/{ref}/decline/", {"why": " "}, follow=True).content.decode()

        assert "Say why you turn it down." in page
        assert contracts.state_of(ref) == "placed"

    def test_is_nobody_elses(self, works: Player, teng: Player, mallory: Player) -> None:
        (ref,) = contracts.refs_in("placed")

        for player in (teng, mallory):
            assert client_of(player).get(f"/orders/supply/{ref}/").status_code == 404
            assert client_of(player).post(f"/orders/supply/{ref}/acknowledge/").status_code == 404
        assert contracts.state_of(ref) == "placed"

"""Opened offers side by side and awards against the engine over the API."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from rest_framework.test import APIClient

from marketplace.kernel import clock
from procurement.tenders import models
from procurement.tenders import use_cases as tenders
from tests.cast import Player, enter
from tests.procurement.tenders.scene import AWARDING, HUA, Market
from tests.procurement.tenders.test_api import take_bids
from tests.procurement.tenders.test_bid_workbook import written

API = "/api/v1"


def as_(player: Player) -> APIClient:
    client = APIClient()
    client.force_authenticate(player.user)
    return client


@pytest.fixture
def wei(db: Any) -> Player:
    return enter("wei", staff=True)


@pytest.fixture
def mei(db: Any) -> Player:
    return enter("mei", staff=True)


@pytest.fixture
def opened(market: Market, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(clock, "now", lambda: AWARDING)
    return market.opened(teng=[(1, 99, "13"), (100, None, "11")], shen=[(1, None, "12")])


def test_staff_compare_and_nobody_else_before_the_award(market, wei, lin, teng, opened):
    found = as_(wei).get(f"{API}/tenders/{opened}/comparison/").json()

    (lot,) = found["lots"]
    assert [(one["supplier_ref"], one["landed"], one["rank"]) for one in lot["offers"]] == [
        (market.teng, "11.000000", 1),
        (market.shen, "12.000000", 2),
    ]
    assert as_(lin).get(f"{API}/tenders/{opened}/comparison/").status_code == 404
    assert as_(teng).get(f"{API}/tenders/{opened}/comparison/").status_code == 404


def test_two_persons_award_against_the_engine(market, wei, mei, teng, opened):
    asked = as_(wei).post(
        f"{API}/tenders/{opened}/ask-to-override/", {"without": [market.teng], "why": "failed"}, format="json"
    )
    wish = asked.json()
    own = as_(wei).post(f"{API}/overrides/{wish['ref']}/approve/")
    stranger = as_(teng).post(f"{API}/overrides/{wish['ref']}/approve/")
    done = as_(mei).post(f"{API}/overrides/{wish['ref']}/approve/")

    assert (asked.status_code, wish["costs_more"], wish["counts_as"]) == (201, "100.00", "1200.00")
    assert (own.status_code, own.json()["code"], stranger.status_code) == (403, "four_eyes", 404)
    assert (done.status_code, done.json()["state"]) == (200, "approved")
    award = models.Award.objects.get()
    assert as_(wei).get(f"{API}/awards/{award.ref}/").json()["against_engine"] is True
    lost = [one for one in award.rejected if one["code"] == "overridden"]
    assert [one["supplier"] for one in lost] == [market.teng]


@pytest.mark.parametrize("body", [{}, {"why": "x"}, {"why": "x", "without": "all"}, {"why": "x", "only": [1]}])
def test_wishes_that_cannot_be_read_are_refused(wei, opened, body):
    reply = as_(wei).post(f"{API}/tenders/{opened}/ask-to-override/", body, format="json")

    assert (reply.status_code, models.AwardOverride.objects.count()) == (400, 0)


def test_staff_alone_ask(teng, lin, opened):
    replies = [
        as_(one).post(f"{API}/tenders/{opened}/ask-to-override/", {"why": "x"}, format="json").status_code
        for one in (teng, lin)
    ]

    assert replies == [403, 403]


def test_limits_are_priced_for_staff(wei, lin, opened):
    award = tenders.award_tender(tender_ref=opened, seconds=10, by=HUA, at=AWARDING)

    assert as_(wei).post(f"{API}/awards/{award}/price-limits/").json() == []
    assert as_(lin).post(f"{API}/awards/{award}/price-limits/").status_code == 403


def test_a_workbook_goes_down_and_up(market, teng):
    ref = take_bids(market)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    client = as_(teng)
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{API}/tenders/{ref}/workbook/").content))
    book["Prices 价格"]["B2"], book["Prices 价格"]["D2"] = 1, 12.5
    sealed = client.post(f"{API}/tenders/{ref}/bid-workbook/", written(book), content_type=kind)
    refused = client.post(f"{API}/tenders/{ref}/bid-workbook/", b"no workbook", content_type=kind)

    assert (sealed.status_code, sealed.json()["version"]) == (201, 1)
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_workbook")

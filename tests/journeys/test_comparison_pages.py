"""Staff and buyers look at opened offers side by side; losers learn why; Mallory and rivals find nothing."""

from __future__ import annotations

import io
from decimal import Decimal
from fractions import Fraction
from typing import Any

import openpyxl
import pytest

from marketplace.kernel import clock
from procurement.engines.scoring import Criterion, Option, Scoring
from procurement.tenders import models, queries, use_cases
from procurement.tenders.rules.bid_terms import BidTerms
from tests.cast import Player, enter
from tests.journeys.buyer_scene import client_of
from tests.procurement.tenders.conftest import market, shen
from tests.procurement.tenders.scene import AWARDING, BIDDING, BIDS_UNTIL, HUA, OPENING, Market, bid, lots_of, priced

__all__ = ["market", "shen"]

WARRANTY = Criterion("warranty", "Warranty", (Option("one", "1", Fraction(0)), Option("five", "5", Fraction("0.2"))))


@pytest.fixture
def wei(db: Any) -> Player:
    return enter("wei", staff=True)


@pytest.fixture
def mei(db: Any) -> Player:
    return enter("mei", staff=True)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AWARDING)
    monkeypatch.setattr(queries, "instant_of_record", lambda: BIDDING)


@pytest.fixture
def opened(market: Market) -> str:
    """Teng asks 5 and gives five years, Shen 12 and one."""
    ref = market.published(bidding=BidTerms(scoring=Scoring("coefficient", (WARRANTY,))))
    bid(ref, market.teng, {**priced(ref, (1, None, "5")), "chosen": {"warranty": "five"}})
    bid(ref, market.shen, {**priced(ref, (1, None, "12")), "chosen": {"warranty": "one"}})
    use_cases.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)
    use_cases.open_tender(tender_ref=ref, by=HUA, at=OPENING)
    use_cases.screen_tender(tender_ref=ref, by="system:tenders", at=OPENING)
    return ref


class TestCompare:
    def test_shows_staff_prices_coefficients_and_flags(self, wei, opened):
        page = client_of(wei).get(f"/tenders/{opened}/compare/").content.decode()

        for said in ("5/4", "Counts as", "abnormally low", "Shenyuan Foundry", "Ask to justify"):
            assert said in page

    def test_goes_down_as_a_workbook(self, wei, opened):
        answer = client_of(wei).get(f"/tenders/{opened}/compare/?as=xlsx")

        rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
        assert (rows[1][5], rows[1][9], rows[1][11]) == (1, 5, 4)

    def test_is_shown_to_buyers_once_it_is_awarded_and_to_no_rival(self, market, lin, teng, mallory, opened):
        address = f"/tenders/{opened}/compare/"
        before = client_of(lin).get(address).status_code
        award = use_cases.award_tender(tender_ref=opened, seconds=10, by=HUA, at=AWARDING)

        assert (before, client_of(lin).get(address).status_code) == (404, 200)
        assert client_of(lin).get(f"/awards/{award}/why/").status_code == 200
        assert client_of(teng).get(address).status_code == 404
        assert client_of(teng).get(f"/awards/{award}/why/").status_code == 404
        assert client_of(mallory).get(address).status_code == 404

    def test_before_opening_there_is_nothing_to_compare(self, wei, market):
        assert client_of(wei).get(f"/tenders/{market.published()}/compare/").status_code == 404


class TestWhy:
    def test_tells_reasons_losers_and_what_limits_cost(self, wei, opened):
        award = use_cases.award_tender(tender_ref=opened, seconds=10, by=HUA, at=AWARDING)
        client_of(wei).post(f"/awards/{award}/limits/")

        page = client_of(wei).get(f"/awards/{award}/why/").content.decode()

        for said in ("The cheapest landed price of all.", "It counts as 4.000000.", "Proved", "It was dearer"):
            assert said in page
        assert "No limit of the rules or of a supplier could have bound." in page


class TestOverride:
    def test_goes_through_two_persons_of_the_staff(self, wei, mei, market, opened):
        asked = client_of(wei).post(
            f"/tenders/{opened}/override/", {"without": [market.teng], "why": "failed the test"}, follow=True
        )
        wish = models.AwardOverride.objects.get()
        own = client_of(wei).post(f"/overrides/{wish.ref}/", {"verb": "approve"}, follow=True)
        page = client_of(mei).post(f"/overrides/{wish.ref}/", {"verb": "approve"}, follow=True).content.decode()

        assert "800.00" in asked.content.decode()
        assert "Another person than" in own.content.decode()
        assert "Awarded against the engine" in page
        assert [one.supplier_ref for one in models.AwardLine.objects.all()] == [market.shen]

    def test_is_no_buyers_to_ask(self, lin, market, opened):
        client_of(lin).post(f"/tenders/{opened}/override/", {"without": [market.teng], "why": "no"})

        assert not models.AwardOverride.objects.exists()


class TestJustify:
    def test_the_supplier_is_asked_and_answers_once(self, wei, teng, shen, opened):
        flag = models.BidFlag.objects.get(kind="abnormally_low")
        client_of(wei).post(f"/tenders/{opened}/flags/{flag.pk}/ask/")

        page = client_of(teng).get("/tenders/justify/").content.decode()
        client_of(teng).post("/tenders/justify/", {"flag": flag.pk, "answer": "We cast it ourselves."})
        again = client_of(teng).post("/tenders/justify/", {"flag": flag.pk, "answer": "Again"}, follow=True)
        foreign = client_of(shen).post("/tenders/justify/", {"flag": flag.pk, "answer": "x"}, follow=True)

        flag.refresh_from_db()
        assert "Pumps for April" in page
        assert flag.answer == "We cast it ourselves."
        assert "justified already" in again.content.decode()
        assert "There is no flag" in foreign.content.decode()
        assert flag.figures["below_next"] == "0.5833"


class TestWorkbook:
    def test_goes_down_and_comes_up_sealed(self, market, teng):
        ref = market.published()
        client = client_of(teng)
        book = openpyxl.load_workbook(io.BytesIO(client.get(f"/tenders/{ref}/workbook/").content))
        book["Prices 价格"]["B2"], book["Prices 价格"]["D2"] = 1, Decimal("11.5")
        sent = io.BytesIO()
        book.save(sent)
        sent.seek(0)
        sent.name = "bid.xlsx"

        page = client.post(f"/tenders/{ref}/bid/workbook/", {"workbook": sent}, follow=True).content.decode()

        assert "Your bid is sealed" in page
        assert models.SealedBid.objects.get().supplier_ref == teng.org

    def test_that_is_wrong_is_named_and_nothing_is_sealed(self, market, teng):
        ref = market.published()
        sent = io.BytesIO(b"nothing")
        sent.name = "bid.xlsx"

        page = client_of(teng).post(f"/tenders/{ref}/bid/workbook/", {"workbook": sent}, follow=True).content.decode()

        assert "The workbook is refused" in page
        assert not models.SealedBid.objects.exists()

    def test_that_is_too_large_never_becomes_a_file(self, market, teng, monkeypatch):
        ref = market.published()
        monkeypatch.setattr("tempfile.NamedTemporaryFile", None)
        sent = io.BytesIO(b"0" * (3 << 20))
        sent.name = "bid.xlsx"

        page = client_of(teng).post(f"/tenders/{ref}/bid/workbook/", {"workbook": sent}, follow=True).content.decode()

        assert "larger than two megabytes" in page
        assert lots_of(ref)

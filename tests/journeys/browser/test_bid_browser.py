"""Teng writes a bid at a real browser, Wei compares offers: strict policy, nothing sent too early, readable pages."""

from __future__ import annotations

import os
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from marketplace.kernel import clock
from procurement.engines.scoring import Criterion, Option, Scoring
from procurement.tenders import models, queries, use_cases
from procurement.tenders.rules.bid_terms import BidTerms
from tests.cast import Player, enter
from tests.journeys.browser.test_buyer_browser import faults
from tests.procurement.tenders.conftest import market, shen
from tests.procurement.tenders.scene import AWARDING, BIDDING, BIDS_UNTIL, HUA, OPENING, Market, bid, lots_of, priced

__all__ = ["market", "shen"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHOTS = os.environ.get("SHOTS", "")
WARRANTY = Criterion("warranty", "Warranty", (Option("one", "1", Fraction(0)), Option("five", "5", Fraction("0.2"))))
TERMS = BidTerms(rates={"EUR": Decimal("7.85")}, scoring=Scoring("coefficient", (WARRANTY,)))


def shot(page: Any, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: BIDDING)
    monkeypatch.setattr(queries, "instant_of_record", lambda: BIDDING)


class TestTheDraft:
    def test_stays_in_the_browser_until_it_is_sealed_and_is_forgotten_then(
        self, market: Market, teng: Player, sit_down: Callable[..., Any]
    ) -> None:
        ref = market.published(bidding=TERMS)
        lot = lots_of(ref)[0]
        page = sit_down(teng)
        sent: list[str] = []
        page.goto(f"/tenders/{ref}/")
        page.on("request", lambda asked: sent.append((asked.post_data or "") + asked.url))

        page.fill(f"#id_{lot}-from-0", "1")
        page.fill(f"#id_{lot}-price-0", "12.3456")
        page.select_option("#id_chosen-warranty", "five")
        page.click("[data-add-tier]")
        page.fill(f"#id_{lot}-from-4", "81")
        page.fill(f"#id_{lot}-price-4", "10.9876")
        page.click("[data-add-package]")
        page.fill("#id_package-1-name", "Both")
        page.fill("#id_package-1-price", "1090.1234")
        page.fill(f"#id_package-1-{lot}", "100")
        assert "9.8765" in page.inner_text("[data-counts]")
        assert "1.2500" in page.inner_text("[data-coefficient]")
        shot(page, "bid-en")
        assert faults(page) == []
        page.reload()
        assert page.input_value(f"#id_{lot}-price-4") == "10.9876"
        assert page.input_value("#id_package-1-price") == "1090.1234"
        assert not [one for one in sent if any(price in one for price in ("12.3456", "10.9876", "1090"))]

        page.get_by_role("button", name="Seal our bid").click()
        page.wait_for_selector("#receipt")

        assert page.input_value(f"#id_{lot}-price-0") == ""
        assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('jicai:bid'))") == []
        assert models.SealedBid.objects.get().version == 1

    def test_is_kept_when_nothing_was_sealed(self, market: Market, teng: Player, sit_down: Callable[..., Any]) -> None:
        ref = market.published()
        lot = lots_of(ref)[0]
        page = sit_down(teng)
        page.goto(f"/tenders/{ref}/")
        page.fill(f"#id_{lot}-price-0", "12")
        page.fill("#id_package-0-name", "A")
        key = f"jicai:bid:user:{teng.username}:{teng.org}:{ref}:sent"

        page.evaluate("(key) => localStorage.setItem(key, '0')", key)
        page.reload()

        assert page.input_value(f"#id_{lot}-price-0") == "12"
        assert page.input_value("#id_package-0-name") == "A"
        page.get_by_role("button", name="Forget the draft").click()
        assert page.input_value(f"#id_{lot}-price-0") == ""


class TestComparing:
    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_pages_are_whole_in_both_languages(
        self, market: Market, sit_down: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, language: str
    ) -> None:
        ref = market.published(bidding=TERMS)
        package = {"name": "A", "price": "900", "lots": [{"lot": lots_of(ref)[0], "quantity": "100"}]}
        bid(ref, market.teng, {**priced(ref, (1, 60, "6"), (61, None, "5")), "chosen": {"warranty": "five"}})
        bid(ref, market.shen, {**priced(ref, (1, None, "12")), "chosen": {"warranty": "one"}, "packages": [package]})
        use_cases.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)
        use_cases.open_tender(tender_ref=ref, by=HUA, at=OPENING)
        use_cases.screen_tender(tender_ref=ref, by="system:tenders", at=OPENING)
        monkeypatch.setattr(clock, "now", lambda: AWARDING)
        page = sit_down(enter("wei", staff=True), language=language)

        page.goto(f"/tenders/{ref}/compare/")
        page.check(f"input[name=without][value='{market.teng}']")
        page.fill("#override-why", "Teng failed the test")
        page.click("form[action$='/override/'] button[type=submit]")
        page.wait_for_selector("#override .card .figures")
        page.reload()
        shot(page, f"compare-{language}")
        assert faults(page) == []
        award = use_cases.award_tender(tender_ref=ref, seconds=10, by=HUA, at=AWARDING)
        page.goto(f"/awards/{award}/why/")
        page.click("#limits button")
        page.wait_for_selector("#limits")
        shot(page, f"why-{language}")
        assert faults(page) == []

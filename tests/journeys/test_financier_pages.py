"""Qian funds through the pages: requests with their papers, limits, the portfolio; strangers find nothing."""

from __future__ import annotations

import pytest

from finance.credit import queries
from finance.credit import use_cases as credit
from finance.settlement import use_cases as settlement
from marketplace.kernel import clock
from tests.cast import Player
from tests.finance.credit.shorthand import approved_claim, facility
from tests.finance.invoicing.shorthand import AT
from tests.journeys.buyer_scene import client_of


@pytest.fixture
def asked(teng: Player, qian: Player, monkeypatch: pytest.MonkeyPatch) -> str:
    """A request of Teng's that waits for Qian: 1,130.00, on the day the claim was approved."""
    monkeypatch.setattr(clock, "now", lambda: AT)
    facility(qian)
    return credit.request_funding(supplier_invoice_ref=approved_claim(teng), by=teng.by, at=AT)


class TestRequests:
    def test_show_the_claim_with_its_invoice_behind_it(self, qian: Player, asked: str) -> None:
        page = client_of(qian).get("/funding/requests/").content.decode()
        papers = client_of(qian).get(f"/funding/{asked}/papers/").content.decode()

        assert "Tengda Casting" in page
        assert "1,130.00" in page
        assert "1,000.00" in papers
        assert "Invoice T-1" in papers

    def test_approving_takes_the_face_off_the_limit(self, qian: Player, asked: str) -> None:
        page = client_of(qian).post(f"/funding/{asked}/approve/", follow=True).content.decode()

        assert queries.drawdown(asked).state == "approved"
        assert "98,870.00" in page  # 100,000.00 less 1,130.00

    def test_beyond_the_limit_is_refused_in_words(
        self, teng: Player, qian: Player, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(clock, "now", lambda: AT)
        facility(qian, "1500.00")
        refs = [
            credit.request_funding(supplier_invoice_ref=approved_claim(teng, n=n), by=teng.by, at=AT) for n in (1, 2)
        ]
        client = client_of(qian)
        client.post(f"/funding/{refs[0]}/approve/")

        page = client.post(
            f"/funding/{refs[1]}/approve/", HTTP_REFERER="http://testserver/funding/requests/", follow=True
        ).content.decode()

        assert "has 370.00 CNY left" in page or "CNY 370.00" in page
        assert queries.drawdown(refs[1]).state == "requested"

    def test_refusing_gives_the_claim_back(self, qian: Player, asked: str) -> None:
        client_of(qian).post(f"/funding/{asked}/refuse/", {"why": "too long"})

        assert queries.drawdown(asked).state == "refused"

    def test_are_not_there_for_others(self, teng: Player, mallory: Player, asked: str) -> None:
        for player in (teng, mallory):
            assert client_of(player).get("/funding/requests/").status_code == 404
            assert client_of(player).post(f"/funding/{asked}/approve/").status_code == 404
        assert queries.drawdown(asked).state == "requested"


class TestPortfolio:
    def test_another_financiers_request_is_not_there(self, asked: str) -> None:
        from tests.cast import enter

        rival = enter("ran", "Ranfeng Factoring", roles=["financier"], seat=["finance"])

        assert asked not in client_of(rival).get("/funding/portfolio/").content.decode()
        assert client_of(rival).get(f"/funding/{asked}/").status_code == 404
        assert client_of(rival).get(f"/funding/{asked}/papers/").status_code == 404
        assert client_of(rival).post(f"/funding/{asked}/approve/").status_code == 404

    def test_says_when_each_matures(self, qian: Player, asked: str) -> None:
        client = client_of(qian)
        client.post(f"/funding/{asked}/approve/")

        assert "1 May 2026" in client.get("/funding/portfolio/").content.decode()
        assert "2026-05" in client.get("/funding/").content.decode()

    def test_downloads_as_csv(self, qian: Player, asked: str) -> None:
        head, row = client_of(qian).get("/funding/portfolio/?as=csv").content.decode("utf-8-sig").splitlines()

        assert head.startswith("Drawdown,Supplier,Invoice")
        assert row.startswith(f"{asked},Tengda Casting,")


class TestEarlyPayment:
    def test_teng_asks_with_one_click(self, teng: Player, qian: Player, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(clock, "now", lambda: AT)
        facility(qian)
        invoice = approved_claim(teng)
        client = client_of(teng)
        assert invoice in client.get("/funding/early-payment/").content.decode()

        client.post(f"/funding/early-payment/{invoice}/")

        (ref,) = queries.requested()
        assert ref in client.get("/funding/early-payment/").content.decode()


class TestSettlementRuns:
    def test_staff_read_how_far_a_run_is(self, wei: Player, teng: Player, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(clock, "now", lambda: AT)
        run = settlement.plan_run(business_date=clock.business_date(AT), by=wei.by, at=AT)
        client = client_of(wei)

        assert run in client.get("/settlement/").content.decode()
        assert client.get(f"/settlement/{run}/").status_code == 200
        assert client.get(f"/settlement/{run}/progress/").status_code == 200

    def test_nobody_else_does(self, wei: Player, teng: Player, mallory: Player) -> None:
        run = settlement.plan_run(business_date=clock.business_date(AT), by=wei.by, at=AT)

        for player in (teng, mallory):
            assert client_of(player).get("/settlement/").status_code == 404
            assert client_of(player).get(f"/settlement/{run}/").status_code == 404

    def test_the_first_page_of_staff_links_their_queues(self, wei: Player) -> None:
        page = client_of(wei).get("/").content.decode()

        assert "/admin/tenders/tender/?historic__exact=0&amp;state__exact=closed" in page
        assert "/settlement/" in page

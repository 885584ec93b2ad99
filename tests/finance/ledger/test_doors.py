"""The books through the API and the admin."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from finance.ledger import models, queries
from finance.ledger.use_cases import Acct, credit, debit, hold, post
from tests.cast import Player
from tests.finance.ledger.shorthand import AT, DAY, ESCROW, cny, pay_in

pytestmark = pytest.mark.django_db
API = "/api/v1/accounts/"


def as_(player: Player) -> APIClient:
    client = APIClient()
    client.force_authenticate(player.user)
    return client


def staff(player: Player) -> Client:
    client = Client()
    client.force_login(player.user)
    return client


@pytest.fixture
def lins(lin: Player) -> models.Account:
    """Linjiang has paid a deposit of 100.00, of which 40.00 is held."""
    pay_in("100.00", owner=lin.org)
    deposit, advance = (Acct(kind, owner=lin.org) for kind in ("buyer_deposits", "customer_advances"))
    hold(key="h", debit=deposit, credit=advance, amount=cny("40.00"), source_ref="x", by=lin.by, at=AT)
    return models.Account.objects.get(kind="buyer_deposits")


class TestAccountsByApi:
    def test_a_firm_reads_its_own_accounts_alone(self, lin: Player, lins: models.Account) -> None:
        rows = as_(lin).get(API).json()["results"]

        assert {row["kind"]: (row["balance"], row["available"]) for row in rows} == {
            "buyer_deposits": ("100.00", "60.00"),
            "customer_advances": ("0.00", "0.00"),
        }

    def test_another_firm_finds_nothing(self, bao: Player, mallory: Player, lins: models.Account) -> None:
        for outsider in (bao, mallory):
            assert as_(outsider).get(API).json()["results"] == []
            assert as_(outsider).get(f"{API}{lins.pk}/").status_code == 404
            span = {"since": "2026-03-01", "until": "2026-04-01"}
            assert as_(outsider).get(f"{API}{lins.pk}/statement/", span).status_code == 404

    def test_what_the_platform_earns_on_a_firm_stays_its_own(self, lin: Player) -> None:
        margin = Acct("cost_of_sales", owner=lin.org)
        post(
            key="m",
            lines=[debit(margin, cny("1.00")), credit(ESCROW, cny("1.00"))],
            booked_on=DAY,
            source_ref="x",
            by="user:wei",
            at=AT,
        )

        assert as_(lin).get(API).json()["results"] == []

    def test_a_financier_reads_the_book_it_keeps_here(self, qian: Player, teng: Player) -> None:
        loan, cash = Acct("loan_receivable", owner=teng.org, book=qian.org), Acct("cash_bank", book=qian.org)
        post(
            key="l",
            lines=[debit(loan, cny("1.00")), credit(cash, cny("1.00"))],
            booked_on=DAY,
            source_ref="x",
            by=qian.by,
            at=AT,
        )

        assert len(as_(qian).get(API).json()["results"]) == 2
        assert as_(teng).get(API).json()["results"] == []

    def test_a_statement_runs_from_balance_to_balance(self, lin: Player, lins: models.Account) -> None:
        reply = as_(lin).get(f"{API}{lins.pk}/statement/", {"since": "2026-03-01", "until": "2026-04-01"})

        body = reply.json()
        assert (body["opening"], body["closing"], body["currency"]) == ("0.00", "100.00", "CNY")
        assert [(line["side"], line["amount"], line["balance"]) for line in body["lines"]] == [
            ("credit", "100.00", "100.00")
        ]

    @pytest.mark.parametrize(
        "span",
        [{}, {"since": "2026-03-01"}, {"since": "2026-04-01", "until": "2026-03-01"}, {"since": "x", "until": ""}],
    )
    def test_a_span_that_is_none_is_refused(self, lin: Player, lins: models.Account, span: dict[str, str]) -> None:
        reply = as_(lin).get(f"{API}{lins.pk}/statement/", span)

        assert (reply.status_code, reply.json()["code"]) == (400, "bad_value")

    def test_nobody_writes(self, wei: Player, lins: models.Account) -> None:
        for method in ("post", "put", "patch", "delete"):
            assert getattr(as_(wei), method)(f"{API}{lins.pk}/").status_code == 405


class TestBooksInTheAdmin:
    @pytest.mark.parametrize("table", ["journal", "account", "hold", "period"])
    def test_every_list_and_page_opens(self, wei: Player, lins: models.Account, table: str) -> None:
        model = {"journal": models.Journal, "account": models.Account, "hold": models.Hold, "period": models.Period}
        first = model[table].objects.first()  # type: ignore[attr-defined]

        assert staff(wei).get(reverse(f"admin:ledger_{table}_changelist")).status_code == 200
        assert staff(wei).get(reverse(f"admin:ledger_{table}_change", args=[first.pk])).status_code == 200

    def test_staff_let_a_hold_go(self, wei: Player, lin: Player, lins: models.Account) -> None:
        [held] = models.Hold.objects.all()

        staff(wei).post(reverse("admin:ledger_hold_deed", args=[held.pk, "void"]), {"why": "asked to"})

        assert queries.available(Acct("buyer_deposits", owner=lin.org)) == cny("100.00")
        held.refresh_from_db()
        assert held.state == "voided"

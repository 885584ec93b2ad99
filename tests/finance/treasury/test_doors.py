"""Payments through the API and the admin."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from finance.treasury import models
from finance.treasury.use_cases import book_receipt, send_payment
from tests.cast import Player
from tests.finance.treasury.shorthand import AT, KEY, bank, cny, give_account, order, owe, state_of

pytestmark = pytest.mark.django_db
API = "/api/v1/payments/"


@pytest.fixture
def due(teng: Player) -> str:
    owe(teng)
    give_account(teng)
    return order(teng)


def as_(player: Player) -> APIClient:
    client = APIClient()
    client.force_authenticate(player.user)
    return client


def staff(player: Player) -> Client:
    client = Client()
    client.force_login(player.user)
    return client


def pk_of(ref: str) -> int:
    return models.PaymentOrder.objects.get(ref=ref).pk


class TestPaymentsByApi:
    def test_the_payee_reads_when_it_is_paid(self, teng: Player, due: str) -> None:
        body = as_(teng).get(f"{API}{due}/").json()

        assert (body["state"], body["amount"], body["currency"]) == ("created", "100.00", "CNY")
        assert "number" not in body

    def test_another_firm_finds_nothing(self, bao: Player, mallory: Player, due: str) -> None:
        for outsider in (bao, mallory):
            assert as_(outsider).get(API).json()["results"] == []
            assert as_(outsider).get(f"{API}{due}/").status_code == 404

    def test_nobody_writes(self, wei: Player, due: str) -> None:
        assert as_(wei).post(API).status_code == 405
        assert as_(wei).delete(f"{API}{due}/").status_code == 405


class TestPaymentsInTheAdmin:
    def test_every_list_and_page_opens(self, wei: Player, lin: Player, due: str) -> None:
        send_payment(payment_ref=due, by="system:settlement", at=AT)
        book_receipt(
            payer_ref=lin.org,
            amount=cny("1.00"),
            bank_reference="B1",
            for_="deposit",
            booked_on=AT.date(),
            by="user:wei",
            at=AT,
        )
        for table, model in (
            ("paymentorder", models.PaymentOrder),
            ("bankstatementline", models.BankStatementLine),
            ("ownaccount", models.OwnAccount),
        ):
            first = model.objects.get()  # type: ignore[attr-defined]
            assert staff(wei).get(reverse(f"admin:treasury_{table}_changelist")).status_code == 200
            assert staff(wei).get(reverse(f"admin:treasury_{table}_change", args=[first.pk])).status_code == 200

    def test_staff_send_and_ask_by_buttons(self, wei: Player, due: str) -> None:
        for verb in ("send", "settle"):
            staff(wei).post(reverse("admin:treasury_paymentorder_deed", args=[pk_of(due), verb]))

        assert state_of(due) == "settled"
        assert bank().times_paid(KEY) == 1

    def test_staff_are_told_why_not(self, wei: Player, lin: Player) -> None:
        ref = order(lin)

        page = staff(wei).post(reverse("admin:treasury_paymentorder_deed", args=[pk_of(ref), "send"]), follow=True)

        assert "no usable bank account" in page.content.decode()
        assert state_of(ref) == "created"

    def test_staff_do_not_see_the_whole_account_number(self, wei: Player, due: str) -> None:
        send_payment(payment_ref=due, by="system:settlement", at=AT)

        page = staff(wei).get(reverse("admin:treasury_paymentorder_change", args=[pk_of(due)])).content.decode()

        assert "…5678" in page
        assert "6222020200012345678" not in page

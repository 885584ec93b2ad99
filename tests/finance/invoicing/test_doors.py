"""Invoices through the API and the admin."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from finance.invoicing import models, queries
from tests.cast import Player
from tests.finance.invoicing.shorthand import bill, claim, goods, receive, send, stands

pytestmark = pytest.mark.django_db
CLAIMS, BILLS = "/api/v1/supplier-invoices/", "/api/v1/invoices/"


def as_(player: Player) -> APIClient:
    client = APIClient()
    client.force_authenticate(player.user)
    return client


def staff(player: Player) -> Client:
    client = Client()
    client.force_login(player.user)
    return client


@pytest.fixture
def held(teng: Player) -> str:
    """An invoice whose price strays."""
    receive(teng.org)
    return send(teng.org, claim(price="13.00"))


class TestByApi:
    def test_the_supplier_reads_what_stands_against_its_invoice(self, teng: Player, held: str) -> None:
        body = as_(teng).get(f"{CLAIMS}{held}/").json()

        assert (body["state"], body["total_minor"]) == ("mismatched", 146_900)
        assert body["reasons"][0]["code"] == "price_beyond_tolerance"
        assert body["lines"][0]["quantity"] == "100.000000"

    def test_the_buyer_reads_its_invoice_and_not_what_it_cost_us(self, teng: Player, lin: Player) -> None:
        receive(teng.org)
        ref = bill(lin.org, [goods()])

        body = as_(lin).get(f"{BILLS}{ref}/").json()

        assert (body["number"], body["open_minor"], body["lines"][0]["tax_minor"]) == ("2026-00000001", 113_000, 13_000)
        assert "cost_minor" not in body["lines"][0]

    def test_other_firms_find_nothing(self, bao: Player, mallory: Player, lin: Player, held: str) -> None:
        ref = bill(lin.org, [goods(cost="0.00")])

        for outsider in (bao, mallory):
            assert as_(outsider).get(f"{CLAIMS}{held}/").status_code == 404
            assert as_(outsider).get(f"{BILLS}{ref}/").status_code == 404
            assert as_(outsider).get(BILLS).json()["results"] == []

    def test_lists_can_be_narrowed(self, teng: Player, held: str) -> None:
        client = as_(teng)

        assert len(client.get(CLAIMS, {"state": "mismatched", "due_before": "2026-05-02"}).json()["results"]) == 1
        assert client.get(CLAIMS, {"state": "paid"}).json()["results"] == []
        assert client.get(CLAIMS, {"state": "nonsense"}).status_code == 400

    def test_staff_release_and_approve(self, wei: Player, held: str) -> None:
        client = as_(wei)

        assert client.post(f"{CLAIMS}{held}/release/", {"why": "agreed"}).json()["state"] == "matched"
        assert client.post(f"{CLAIMS}{held}/approve/", {}).json()["state"] == "approved"

        assert queries.supplier_invoice(held).state == "approved"

    def test_the_supplier_does_not_release_its_own_invoice(self, teng: Player, held: str) -> None:
        assert as_(teng).post(f"{CLAIMS}{held}/release/", {}).status_code == 403
        assert queries.supplier_invoice(held).state == "mismatched"

    def test_a_stale_decision_is_refused(self, wei: Player, held: str) -> None:
        reply = as_(wei).post(f"{CLAIMS}{held}/release/", {}, headers={"If-Match": '"0"'})

        assert reply.status_code == 412
        assert queries.supplier_invoice(held).state == "mismatched"

    def test_a_refusal_is_a_problem_document(self, wei: Player, teng: Player) -> None:
        receive(teng.org)
        ref = send(teng.org, claim("101"))

        reply = as_(wei).post(f"{CLAIMS}{ref}/release/", {})

        assert (reply.status_code, reply.json()["code"]) == (409, "not_releasable")


class TestInTheAdmin:
    def test_every_list_and_page_opens(self, wei: Player, lin: Player, held: str) -> None:
        bill(lin.org, [goods()])
        tables = (
            models.SupplierInvoice,
            models.OutputInvoice,
            models.GoodsReceived,
            models.AcceptedLine,
            models.NumberSeries,
        )
        for model in tables:
            name, pk = model._meta.model_name, model.objects.get().pk  # type: ignore[attr-defined]
            assert staff(wei).get(reverse(f"admin:invoicing_{name}_changelist")).status_code == 200
            assert staff(wei).get(reverse(f"admin:invoicing_{name}_change", args=[pk])).status_code == 200

    def test_staff_decide_by_buttons(self, wei: Player, teng: Player, held: str) -> None:
        pk = models.SupplierInvoice.objects.get(ref=held).pk
        for verb in ("release", "approve"):
            staff(wei).post(reverse("admin:invoicing_supplierinvoice_deed", args=[pk, verb]), {"why": "agreed"})

        assert queries.supplier_invoice(held).state == "approved"
        assert stands("price_variance") == "50.00"

"""Purchase requests through the API and the admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from marketplace.catalogue.queries import ProductView
from procurement.demand import models
from tests.cast import Player, enter, join
from tests.procurement.demand.conftest import approved, ask

pytestmark = pytest.mark.django_db
API = "/api/v1/purchase-requests"


def as_(player: Player) -> APIClient:
    client = APIClient()
    client.force_authenticate(player.user)
    return client


def line(product: ProductView, **more: object) -> dict[str, object]:
    days = {"needed_from": "2026-04-01", "needed_to": "2026-04-15"}
    return {"product": product.ref, "quantity": "500", "unit": "pcs", "ceiling": "1.25", **days, **more}


class TestABuyersRequest:
    def test_it_goes_from_draft_to_approved(self, lin: Player, bolt: ProductView) -> None:
        client = as_(lin)

        made = client.post(f"{API}/", {"note": "spring", "lines": [line(bolt)]}).json()
        ref = made["ref"]
        client.post(f"{API}/{ref}/lines/", line(bolt, quantity="20"))
        client.post(f"{API}/{ref}/lines/2/quantity/", {"quantity": "30", "why": "one more machine"})
        submitted = client.post(f"{API}/{ref}/submit/").json()
        reply = client.post(f"{API}/{ref}/approve/").json()

        assert (made["state"], made["verbs"], made["buyer"]) == ("draft", ["submit", "cancel"], lin.org)
        assert (submitted["state"], reply["state"]) == ("submitted", "approved")
        assert [(one["position"], one["quantity"], one["product_code"]) for one in reply["lines"]] == [
            (1, "500", "BOLT-M8"),
            (2, "30", "BOLT-M8"),
        ]
        assert [(one["from_quantity"], one["to_quantity"], one["why"]) for one in reply["lines"][1]["changes"]] == [
            ("20", "30", "one more machine")
        ]

    def test_a_bad_line_leaves_no_request_behind(self, lin: Player, bolt: ProductView) -> None:
        reply = as_(lin).post(f"{API}/", {"lines": [line(bolt), line(bolt, quantity="-1")]})

        assert (reply.status_code, reply.json()["code"], reply.json()["facts"]["place"]) == (
            400,
            "bad_value",
            "quantity",
        )
        assert not models.PurchaseRequest.objects.exists()

    @pytest.mark.parametrize("quantity", ["NaN", "Infinity", "1e400", "", None, {}, "1.0000001"])
    def test_what_is_no_number_is_refused(self, lin: Player, bolt: ProductView, quantity: Any) -> None:
        assert as_(lin).post(f"{API}/", {"lines": [line(bolt, quantity=quantity)]}).status_code == 400

    def test_a_decision_on_an_older_revision_is_refused(self, lin: Player, bolt: ProductView) -> None:
        ref = ask(lin, bolt)
        seen = as_(lin).get(f"{API}/{ref}/")["ETag"]
        as_(lin).post(f"{API}/{ref}/lines/1/quantity/", {"quantity": "9"})

        assert as_(lin).post(f"{API}/{ref}/submit/", HTTP_IF_MATCH=seen).status_code == 412

    def test_the_same_key_opens_one_request(self, lin: Player, bolt: ProductView) -> None:
        replies = [as_(lin).post(f"{API}/", {"lines": [line(bolt)]}, HTTP_IDEMPOTENCY_KEY="k1").json() for _ in "12"]

        assert replies[0]["ref"] == replies[1]["ref"]
        assert models.PurchaseRequest.objects.count() == 1

    def test_only_an_approver_approves(self, lin: Player, bolt: ProductView) -> None:
        enter("ming")
        ming = join("ming", lin.org, seat=["requester"])
        ref = ask(lin, bolt)
        as_(ming).post(f"{API}/{ref}/submit/")

        assert as_(ming).post(f"{API}/{ref}/approve/").status_code == 403
        assert models.PurchaseRequest.objects.get().state == "submitted"


class TestAnotherFirm:
    def test_its_requests_answer_404(self, lin: Player, bao: Player, mallory: Player, bolt: ProductView) -> None:
        ref = ask(lin, bolt)

        for stranger in (bao, mallory):
            client = as_(stranger)
            assert client.get(f"{API}/").json()["results"] == []
            assert client.get(f"{API}/{ref}/").status_code == 404
            for verb in ("submit", "approve", "cancel", "send_back", "expire", "lines", "lines/1/quantity"):
                assert client.post(f"{API}/{ref}/{verb}/", {"quantity": "1"}).status_code == 404
        assert models.PurchaseRequest.objects.get().state == "draft"

    def test_nobody_at_all_is_asked_to_sign_in(self, lin: Player, bolt: ProductView) -> None:
        assert APIClient().get(f"{API}/{ask(lin, bolt)}/").status_code == 401

    def test_mallory_opens_nothing(self, mallory: Player, bolt: ProductView) -> None:
        assert as_(mallory).post(f"{API}/", {"lines": [line(bolt)]}).status_code == 404


class TestReading:
    def test_the_list_costs_the_same_however_long(
        self, lin: Player, bolt: ProductView, django_assert_num_queries: Any
    ) -> None:
        client = as_(lin)
        ask(lin, bolt)
        with django_assert_num_queries(3):
            client.get(f"{API}/")
        for _ in range(9):
            ask(lin, bolt)

        with django_assert_num_queries(3):
            listed = client.get(f"{API}/").json()["results"]

        assert (len(listed), listed[0]["lines"]) == (10, 1)

    def test_it_is_narrowed_by_state(self, lin: Player, bolt: ProductView) -> None:
        ask(lin, bolt)
        done = approved(lin, bolt)

        listed = as_(lin).get(f"{API}/?state=approved").json()["results"]

        assert [row["ref"] for row in listed] == [done]


class TestInTheAdmin:
    def test_staff_see_a_request_with_its_lines_and_history(self, lin: Player, wei: Player, bolt: ProductView) -> None:
        ref = approved(lin, bolt)
        client = Client()
        client.force_login(wei.user)
        pk = models.PurchaseRequest.objects.get(ref=ref).pk

        page = client.get(reverse("admin:demand_purchaserequest_change", args=[pk])).content.decode()

        assert "BOLT-M8" in page or "Hex bolt" in page
        assert "submitted" in page
        client.post(reverse("admin:demand_purchaserequest_deed", args=[pk, "cancel"]), {"why": "the buyer rang"})
        assert models.PurchaseRequest.objects.get().state == "cancelled"

    @pytest.mark.parametrize("name", ["purchaserequest", "requestline", "importbatch", "columnmapping"])
    def test_every_list_opens(self, lin: Player, wei: Player, bolt: ProductView, name: str) -> None:
        approved(lin, bolt)
        client = Client()
        client.force_login(wei.user)

        assert client.get(reverse(f"admin:demand_{name}_changelist")).status_code == 200
        assert (
            client.get(
                reverse("admin:demand_requestline_change", args=[models.RequestLine.objects.get().pk])
            ).status_code
            == 200
        )

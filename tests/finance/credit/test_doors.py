"""Credit through the API and the admin."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from finance.credit import models, queries
from finance.credit import use_cases as credit
from marketplace.kernel import clock
from tests.cast import Player, join
from tests.finance.credit.shorthand import approved_claim, drawn, facility
from tests.finance.invoicing.shorthand import AT, DAY, WEI

pytestmark = pytest.mark.django_db
API = "/api/v1/"


@pytest.fixture(autouse=True)
def _in_march(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be 2 March 2026 at the doors."""
    monkeypatch.setattr(clock, "now", lambda: AT)


def as_(player: Player) -> APIClient:
    client = APIClient()
    client.force_authenticate(player.user)
    return client


class TestByApi:
    def test_a_claim_is_offered_approved_and_seen_by_both(self, teng: Player, qian: Player) -> None:
        opened = as_(qian).post(f"{API}facilities/", {"limit_minor": 500_000, "rate_percent": "6"})
        assert (opened.status_code, opened.json()["used_minor"]) == (201, 0)
        approved_claim(teng)
        (claim,) = as_(teng).get(f"{API}receivables/", {"state": "eligible"}).json()["results"]

        asked = as_(teng).post(f"{API}receivables/{claim['ref']}/offer/", {})
        assert (asked.status_code, asked.json()["advance_minor"]) == (201, 111_870)
        ref = asked.json()["ref"]
        (waiting,) = as_(qian).get(f"{API}drawdowns/", {"state": "requested"}).json()["results"]
        assert waiting["ref"] == ref
        approved = as_(qian).post(f"{API}drawdowns/{ref}/approve/", {})

        assert (approved.status_code, approved.json()["state"]) == (200, "approved")
        (exposure,) = as_(qian).get(f"{API}facilities/exposure/").json()
        assert (exposure["used_minor"], exposure["left_minor"], exposure["drawdowns"]) == (113_000, 387_000, 1)

    def test_a_repeated_approval_with_the_same_key_is_answered_from_memory(self, teng: Player, qian: Player) -> None:
        facility(qian)
        ref = credit.request_funding(supplier_invoice_ref=approved_claim(teng), by=teng.by, at=AT)
        client, key = as_(qian), {"Idempotency-Key": "one"}

        first = client.post(f"{API}drawdowns/{ref}/approve/", {}, headers=key)
        again = client.post(f"{API}drawdowns/{ref}/approve/", {}, headers=key)

        assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
        assert again.headers["Idempotent-Replayed"] == "true"
        assert models.Facility.objects.get().used_minor == 113_000

    def test_other_firms_find_nothing(self, teng: Player, qian: Player, bao: Player, mallory: Player) -> None:
        facility(qian)
        ref = drawn(teng, qian)

        for outsider in (bao, mallory):
            for table in ("facilities", "receivables", "drawdowns"):
                assert as_(outsider).get(f"{API}{table}/").json()["results"] == []
            assert as_(outsider).get(f"{API}drawdowns/{ref}/").status_code == 404
            assert as_(outsider).post(f"{API}drawdowns/{ref}/approve/", {}).status_code == 404
            assert as_(outsider).get(f"{API}facilities/exposure/").json() == []

    def test_each_verb_belongs_to_its_side(self, teng: Player, qian: Player) -> None:
        facility(qian)
        ref = credit.request_funding(supplier_invoice_ref=approved_claim(teng), by=teng.by, at=AT)

        assert as_(teng).post(f"{API}drawdowns/{ref}/approve/", {}).status_code == 403
        assert as_(qian).post(f"{API}drawdowns/{ref}/withdraw/", {}).status_code == 403
        assert as_(teng).post(f"{API}facilities/", {"limit_minor": 1, "rate_percent": "6"}).status_code == 403
        assert queries.drawdown(ref).state == "requested"

    def test_a_member_without_the_role_does_not_approve(self, teng: Player, qian: Player, mallory: Player) -> None:
        join("mallory", qian.org, seat=["approver"])
        facility(qian)
        ref = credit.request_funding(supplier_invoice_ref=approved_claim(teng), by=teng.by, at=AT)

        assert as_(mallory).post(f"{API}drawdowns/{ref}/approve/", {}).status_code == 403
        assert queries.drawdown(ref).state == "requested"

    def test_the_supplier_withdraws_and_the_financier_suspends(self, teng: Player, qian: Player) -> None:
        ref = facility(qian)
        asked = credit.request_funding(supplier_invoice_ref=approved_claim(teng), by=teng.by, at=AT)

        assert as_(teng).post(f"{API}drawdowns/{asked}/withdraw/", {}).json()["state"] == "withdrawn"
        assert as_(qian).post(f"{API}facilities/{ref}/suspend/", {"why": "review"}).json()["state"] == "suspended"
        assert as_(qian).post(f"{API}facilities/{ref}/resume/", {}).json()["state"] == "open"
        assert as_(qian).post(f"{API}facilities/{ref}/close/", {}).json()["state"] == "closed"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"limit_minor": 0, "rate_percent": "6"},
            {"limit_minor": 2**63, "rate_percent": "6"},
            {"limit_minor": 100, "rate_percent": "NaN"},
            {"limit_minor": 100, "rate_percent": "37"},
            {"limit_minor": 100, "rate_percent": "6", "day_count": "never"},
        ],
    )
    def test_refuses_terms_that_make_no_sense(self, qian: Player, wrong: dict[str, object]) -> None:
        assert as_(qian).post(f"{API}facilities/", wrong).status_code == 400
        assert not models.Facility.objects.exists()


class TestInTheAdmin:
    def test_every_list_and_page_opens(self, wei: Player, teng: Player, qian: Player) -> None:
        facility(qian)
        ref = drawn(teng, qian)
        credit.accrue_day(drawdown_ref=ref, day=DAY, by=WEI, at=AT)
        client = Client()
        client.force_login(wei.user)
        for model in (models.Facility, models.Receivable, models.Drawdown):
            name, pk = model._meta.model_name, model.objects.get().pk  # type: ignore[attr-defined]
            assert client.get(reverse(f"admin:credit_{name}_changelist")).status_code == 200
            assert client.get(reverse(f"admin:credit_{name}_change", args=[pk])).status_code == 200

    def test_staff_suspend_by_a_button(self, wei: Player, qian: Player) -> None:
        facility(qian)
        client = Client()
        client.force_login(wei.user)

        client.post(reverse("admin:credit_facility_deed", args=[models.Facility.objects.get().pk, "suspend"]))

        assert models.Facility.objects.get().state == "suspended"

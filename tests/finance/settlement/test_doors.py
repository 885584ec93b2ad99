"""Settlement through the API and the admin."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from finance.settlement import models
from marketplace.kernel import clock
from tests.cast import Player
from tests.finance.settlement.shorthand import (
    NOON_OF_DUE,
    bank,
    charge,
    give_accounts,
    hand_on,
    paid,
    settle,
    step,
    supply,
)

pytestmark = pytest.mark.django_db
API = "/api/v1/"


@pytest.fixture(autouse=True)
def _on_the_due_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON_OF_DUE)


def as_(player: Player) -> APIClient:
    client = APIClient()
    client.force_authenticate(player.user)
    return client


def staff(player: Player) -> Client:
    client = Client()
    client.force_login(player.user)
    return client


@pytest.fixture
def due(teng: Player, lin: Player) -> None:
    give_accounts(teng)
    supply(teng, n=1)
    charge(lin, n=1)
    hand_on()


@pytest.mark.usefixtures("due")
class TestByApi:
    def test_each_side_reads_what_is_due(self, teng: Player, lin: Player, mallory: Player) -> None:
        (owed,) = as_(teng).get(f"{API}obligations/").json()["results"]
        (owing,) = as_(lin).get(f"{API}obligations/", {"kind": "receivable"}).json()["results"]

        assert (owed["direction"], owed["amount_minor"], owing["direction"]) == ("out", 113_000, "in")
        assert as_(mallory).get(f"{API}obligations/").json()["results"] == []
        assert as_(lin).get(f"{API}obligations/{owed['ref']}/").status_code == 404

    def test_staff_plan_watch_and_retry(self, wei: Player) -> None:
        bank().tell("reject", key="*trade*", detail="account closed")
        planned = as_(wei).post(f"{API}settlement-runs/plan/", {"business_date": "2026-05-01"})
        assert (planned.status_code, planned.json()["state"]) == (201, "open")
        run = planned.json()["ref"]
        assert as_(wei).get(f"{API}settlement-runs/{run}/progress/").json()["steps"] == {"planned": 2}
        settle(NOON_OF_DUE)

        (failed,) = as_(wei).get(f"{API}settlement-steps/", {"run": run, "state": "failed"}).json()["results"]
        assert failed["last_error"] == "account closed"
        reply = as_(wei).post(f"{API}settlement-steps/{failed['ref']}/retry/", {"why": "new account"})

        assert (reply.status_code, reply.json()["state"]) == (200, "planned")
        assert settle(NOON_OF_DUE) == {"confirmed": 2}

    def test_runs_are_for_staff_alone(self, teng: Player, wei: Player) -> None:
        run = as_(wei).post(f"{API}settlement-runs/plan/", {"business_date": "2026-05-01"}).json()["ref"]

        assert as_(teng).get(f"{API}settlement-runs/{run}/").status_code == 404
        assert as_(teng).get(f"{API}settlement-steps/").json()["results"] == []
        assert as_(teng).post(f"{API}settlement-runs/plan/", {"business_date": "2026-05-01"}).status_code == 403
        assert as_(teng).post(f"{API}settlement-steps/{step('pay').ref}/retry/", {}).status_code == 403

    def test_a_keyed_plan_is_planned_once(self, wei: Player) -> None:
        for _ in range(2):
            body, key = {"business_date": "2026-05-01"}, {"Idempotency-Key": "today"}
            assert as_(wei).post(f"{API}settlement-runs/plan/", body, headers=key).status_code == 201

        assert models.SettlementRun.objects.count() == 1
        assert paid() == {}


@pytest.mark.usefixtures("due")
class TestInTheAdmin:
    def test_every_list_and_page_opens(self, wei: Player) -> None:
        settle(NOON_OF_DUE)
        for model in (models.SettlementRun, models.SettlementStep, models.Obligation):
            name, pk = model._meta.model_name, model.objects.first().pk  # type: ignore[attr-defined]
            assert staff(wei).get(reverse(f"admin:settlement_{name}_changelist")).status_code == 200
            assert staff(wei).get(reverse(f"admin:settlement_{name}_change", args=[pk])).status_code == 200

    def test_staff_plan_todays_run_by_a_button(self, wei: Player) -> None:
        page = staff(wei).get(reverse("admin:settlement_settlementrun_changelist")).content.decode()
        assert "Plan today&#x27;s run" in page or "Plan today's run" in page

        reply = staff(wei).post(reverse("admin:settlement_plan_today"), follow=True)

        assert reply.status_code == 200
        assert models.SettlementRun.objects.get().steps.count() == 2
        assert staff(wei).get(reverse("admin:settlement_plan_today")).status_code == 405

    def test_a_run_shows_how_far_it_has_come(self, wei: Player) -> None:
        settle(NOON_OF_DUE)
        run = models.SettlementRun.objects.get()

        page = staff(wei).get(reverse("admin:settlement_settlementrun_change", args=[run.pk])).content.decode()

        assert "2 / 2" in page
        assert f"run__id__exact={run.pk}" in page

    def test_staff_try_a_failed_step_again(self, wei: Player) -> None:
        bank().tell("reject", key="*trade*")
        settle(NOON_OF_DUE)
        failed = models.SettlementStep.objects.get(state="failed")

        staff(wei).post(reverse("admin:settlement_settlementstep_deed", args=[failed.pk, "retry"]))

        failed.refresh_from_db()
        assert (failed.state, failed.attempt, failed.payment_ref) == ("planned", 2, "")

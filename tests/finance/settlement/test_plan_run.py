from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from finance.settlement import handlers, models, queries, use_cases
from finance.settlement.tasks import take_step_task
from marketplace.celery import app
from marketplace.events.models import OutboxEvent
from marketplace.events.registry import Fact
from tests.cast import Player
from tests.finance.invoicing.shorthand import AT, DUE, WEI, facts, stands, trace
from tests.finance.settlement.shorthand import (
    NIGHT,
    NOON_OF_DUE,
    charge,
    give_accounts,
    hand_on,
    obligation,
    settle,
    sound,
    step,
    supply,
)

pytestmark = pytest.mark.django_db


class TestObligations:
    def test_a_matched_invoice_is_payable_on_its_due_date(self, teng: Player) -> None:
        ref = supply(teng, n=1)

        hand_on()

        owed = obligation("payable")
        assert (owed.source_ref, owed.amount_minor, owed.due_on, owed.state) == (ref, 113_000, DUE, "due")

    def test_what_an_invoice_leaves_open_is_receivable(self, lin: Player) -> None:
        ref = charge(lin, n=1, advance="260.00")

        hand_on()

        owed = obligation("receivable")
        assert (owed.source_ref, owed.amount_minor, owed.due_on) == (ref, 200_000, DUE)

    def test_what_an_advance_left_over_is_refunded_at_once(self, lin: Player) -> None:
        give_accounts(lin)
        charge(lin, n=1, net="100.00", advance="120.00")

        settle()

        assert obligation("refund").amount_minor == 700
        assert (stands("due_to_buyer", lin.org), step("release").state) == ("0.00", "confirmed")
        assert not models.Obligation.objects.filter(kind="receivable").exists()
        assert sound() == []

    def test_a_fact_heard_twice_is_owed_once(self, teng: Player) -> None:
        supply(teng, n=1)
        hand_on()

        for event in OutboxEvent.objects.filter(name="SupplierInvoiceMatched"):
            handlers.owe_the_supplier(Fact(event.pk, event.name, event.source_ref, event.payload, AT))

        assert models.Obligation.objects.count() == 1


class TestPlanRun:
    def test_bundles_what_is_due_by_counterparty_and_currency(self, teng: Player, lin: Player) -> None:
        for n in (1, 2, 3):
            supply(teng, n=n)
        charge(lin, n=1)
        hand_on()

        ref = use_cases.plan_run(business_date=DUE, by=WEI, at=NOON_OF_DUE)

        kinds = models.SettlementStep.objects.order_by("position").values_list("kind", "amount_minor", "key")
        assert list(kinds) == [
            ("collect", 226_000, "settlement:2026-05-01:OB-2026-0004:trade"),
            ("pay", 339_000, "settlement:2026-05-01:OB-2026-0001:trade"),
        ]
        assert queries.progress(ref).steps == {"planned": 2}
        assert facts("SettlementPlanned")[0]["steps"] == 2

    def test_leaves_out_what_is_due_later(self, teng: Player) -> None:
        supply(teng, n=1, due_on=DUE + NIGHT)
        hand_on()

        ref = use_cases.plan_run(business_date=DUE, by=WEI, at=NOON_OF_DUE)

        assert queries.progress(ref).total == 0
        assert queries.next_due_date() == DUE + NIGHT

    def test_planning_again_adds_only_what_is_new(self, teng: Player) -> None:
        supply(teng, n=1)
        hand_on()
        first = use_cases.plan_run(business_date=DUE, by=WEI, at=NOON_OF_DUE)
        before = trace()
        assert use_cases.plan_run(business_date=DUE, by=WEI, at=NOON_OF_DUE) == first
        assert trace() == before

        supply(teng, n=2)
        hand_on()
        use_cases.plan_run(business_date=DUE, by=WEI, at=NOON_OF_DUE)

        assert models.SettlementStep.objects.count() == 2


class TestSweep:
    def test_plans_today_and_rings_for_what_nobody_is_at(self, teng: Player) -> None:
        supply(teng, n=1)
        hand_on()

        assert handlers.plan_and_ring(NOON_OF_DUE) == 1
        assert handlers.plan_and_ring(NOON_OF_DUE) == 0
        assert handlers.plan_and_ring(NOON_OF_DUE + timedelta(minutes=2)) == 1

    def test_does_not_ring_while_a_worker_holds_the_lease(self, teng: Player) -> None:
        supply(teng, n=1)
        hand_on()
        use_cases.plan_run(business_date=DUE, by=WEI, at=NOON_OF_DUE)
        lease = NOON_OF_DUE + timedelta(seconds=60)
        models.SettlementStep.objects.update(lease_until=lease)

        assert use_cases.ring_overdue(at=NOON_OF_DUE) == 0
        assert use_cases.ring_overdue(at=lease) == 1

    def test_the_bell_rings_for_a_task_that_workers_know(
        self, teng: Player, settings: Any, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.RING_DOORBELL = True
        rung: list[tuple[str, list[int]]] = []
        monkeypatch.setattr(app, "send_task", lambda name, args=(), **_: rung.append((name, list(args))))
        supply(teng, n=1)
        hand_on()

        with django_capture_on_commit_callbacks(execute=True):
            use_cases.plan_run(business_date=DUE, by=WEI, at=NOON_OF_DUE)

        step_id = models.SettlementStep.objects.get().pk
        assert (take_step_task.name, [step_id]) in rung
        assert take_step_task.name in app.tasks

    def test_a_bell_that_nobody_hears_loses_nothing(
        self, teng: Player, settings: Any, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.RING_DOORBELL = True

        def broken(*_: Any, **__: Any) -> None:
            raise ConnectionError("no broker")

        monkeypatch.setattr(app, "send_task", broken)
        supply(teng, n=1)
        hand_on()
        with django_capture_on_commit_callbacks(execute=True):
            use_cases.plan_run(business_date=DUE, by=WEI, at=NOON_OF_DUE)

        assert use_cases.ring_overdue(at=NOON_OF_DUE) == 1

    def test_rests_before_anything_is_due(self, teng: Player) -> None:
        supply(teng, n=1)
        hand_on()

        assert handlers.plan_and_ring(AT) == 0
        assert not models.SettlementRun.objects.exists()

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finance.credit import use_cases as credit
from finance.invoicing import queries as invoicing
from finance.invoicing.use_cases import approve_supplier_invoice
from finance.ledger.use_cases import close_period
from finance.settlement import models, queries, use_cases
from marketplace.events.models import StateChange
from marketplace.parties.models import Notification
from tests.cast import Player, enter
from tests.finance.invoicing.shorthand import AT, DUE, WEI, cny, facts, stands, trace
from tests.finance.settlement.shorthand import (
    NIGHT,
    NOON_OF_DUE,
    WORKER,
    bank,
    charge,
    draw,
    give_accounts,
    hand_on,
    obligation,
    offered,
    paid,
    settle,
    sound,
    step,
    supply,
)

pytestmark = pytest.mark.django_db


class TestRunToEnd:
    def test_pays_and_collects_what_is_due(self, teng: Player, lin: Player) -> None:
        give_accounts(teng)
        supplied, charged = supply(teng, n=1), charge(lin, n=1)

        states = settle(NOON_OF_DUE)

        assert states == {"confirmed": 2}
        assert (stands("supplier_payable", teng.org), stands("receivable", lin.org)) == ("0.00", "0.00")
        assert (stands("cash_bank"), stands("in_transit")) == ("1130.00", "0.00")
        assert invoicing.supplier_invoice(supplied).state == "paid"
        assert invoicing.invoice(charged).state == "paid"
        assert set(paid().values()) == {1}
        assert sound() == []

    def test_run_again_it_changes_nothing(self, teng: Player, lin: Player) -> None:
        give_accounts(teng)
        supply(teng, n=1)
        charge(lin, n=1)
        settle(NOON_OF_DUE)
        before = trace()

        assert settle(NOON_OF_DUE) == {"confirmed": 2}

        assert trace() == before
        assert models.SettlementRun.objects.get().state == "finished"

    def test_nets_what_one_party_owes_and_is_owed(self, teng: Player) -> None:
        give_accounts(teng)
        supply(teng, n=1)  # we owe 1,130.00
        charge(teng, n=1, net="300.00")  # it owes 339.00

        settle(NOON_OF_DUE)

        done = step("pay")
        assert (done.amount_minor, done.set_off_minor) == (79_100, 33_900)
        assert (stands("supplier_payable", teng.org), stands("receivable", teng.org)) == ("0.00", "0.00")
        assert stands("cash_bank") == "-791.00"
        assert [fact["amount_minor"] for fact in facts("InvoicePaid")] == [113_000, 33_900]
        assert sound() == []

    def test_pays_nothing_where_both_owe_the_same(self, teng: Player) -> None:
        supply(teng, n=1)
        charge(teng, n=1, net="1000.00")

        settle(NOON_OF_DUE)

        assert (step("offset").state, step("offset").payment_ref, paid()) == ("confirmed", "", {})
        assert stands("supplier_payable", teng.org) == "0.00"
        assert sound() == []

    def test_tells_both_sides_and_the_trail(self, teng: Player) -> None:
        give_accounts(teng)
        ref = supply(teng, n=1)

        settle(NOON_OF_DUE)

        note = Notification.objects.get(about_ref=step("pay").ref)
        assert (note.organisation.ref, note.facts) == (teng.org, {"amount": "CNY 1130.00", "what": ref})
        verbs = StateChange.objects.filter(ref=step("pay").ref).order_by("revision").values_list("verb", flat=True)
        assert list(verbs) == ["claim", "post", "confirm"]

    def test_reports_progress(self, teng: Player, lin: Player) -> None:
        give_accounts(teng)
        supply(teng, n=1)
        charge(lin, n=1)
        hand_on()
        run = use_cases.plan_run(business_date=DUE, by=WEI, at=NOON_OF_DUE)
        heard: list[tuple[int, int]] = []

        use_cases.run_to_end(
            run_ref=run, worker=WORKER, at=NOON_OF_DUE, progress=lambda done, whole: heard.append((done, whole))
        )

        assert heard == [(1, 2), (2, 2)]
        totals = [(total.kind, total.obligations, total.amount) for total in queries.settled_totals()]
        assert totals == [("payable", 1, cny("1130.00")), ("receivable", 1, cny("2260.00"))]

    def test_a_step_costs_little_more_for_many_obligations_than_for_one(self, teng: Player) -> None:
        gao = enter("gao", "Gaoyou Forging", roles=["supplier"], seat=["finance"])
        give_accounts(teng, gao)
        supply(gao, n=100)
        for n in range(1, 21):
            supply(teng, n=n)
        hand_on()
        use_cases.plan_run(business_date=DUE, by=WEI, at=NOON_OF_DUE)
        costs = []
        for taken in models.SettlementStep.objects.order_by("amount_minor"):
            with CaptureQueriesContext(connection) as captured:
                assert use_cases.take_step(step_id=taken.pk, worker=WORKER, at=NOON_OF_DUE) == "confirmed"
            costs.append(len(captured))

        # Only the fact that an invoice is paid is written one by one: 20 rows instead of 1.
        assert costs[1] - costs[0] <= 19


class TestFinancing:
    def test_pays_the_supplier_early_from_the_funders_money(self, teng: Player, qian: Player) -> None:
        give_accounts(teng, qian)
        drawdown = draw(teng, qian)

        states = settle(AT)

        assert states == {"confirmed": 2}
        assert (step("fund").amount_minor, step("disburse").amount_minor) == (111_870, 111_870)
        assert [stands("cash_clearing", org) for org in (teng.org, qian.org)] == ["0.00", "0.00"]
        assert (stands("funder_payable", qian.org), stands("cash_bank")) == ("1130.00", "0.00")
        assert stands("cash_bank", book=qian.org) == "-1118.70"
        assert obligation("payable").state == "cancelled"
        assert (obligation("repayment").due_on, obligation("repayment").source_ref) == (DUE, drawdown)
        assert sound() == []

    def test_the_funder_is_repaid_at_maturity_with_its_discount_earned(self, teng: Player, qian: Player) -> None:
        give_accounts(teng, qian)
        draw(teng, qian)
        settle(AT)
        for days in (1, 2, 30):
            settle(AT + days * NIGHT)

        states = settle(NOON_OF_DUE)

        assert states == {"confirmed": 2}  # the last nights, and the repayment
        assert stands("funder_payable", qian.org) == "0.00"
        own = ("interest_income", "unearned_discount", "purchased_receivable", "cash_bank")
        assert [stands(kind, book=qian.org) for kind in own] == ["11.30", "0.00", "0.00", "11.30"]
        assert invoicing.supplier_invoice(obligation("payable").source_ref).state == "paid"
        assert models.SettlementStep.objects.filter(kind="accrue").count() == 4
        assert set(paid().values()) == {1}
        assert sound() == []

    def test_nights_are_accrued_once_however_often_the_day_is_run(self, teng: Player, qian: Player) -> None:
        give_accounts(teng, qian)
        draw(teng, qian)
        settle(AT)

        for _ in range(3):
            settle(AT + NIGHT)

        assert stands("interest_income", book=qian.org) == "0.19"

    def test_a_claim_sold_after_it_was_planned_is_left_out(self, teng: Player, qian: Player) -> None:
        give_accounts(teng, qian)
        invoice, drawdown = offered(teng, qian)
        other = supply(teng, n=2)
        hand_on()
        run = use_cases.plan_run(business_date=DUE, by=WEI, at=AT)
        credit.approve_drawdown(drawdown_ref=drawdown, by=qian.by, at=AT)

        use_cases.run_to_end(run_ref=run, worker=WORKER, at=AT)

        assert step("pay").amount_minor == 113_000
        states = models.Obligation.objects.filter(kind="payable").order_by("id").values_list("source_ref", "state")
        assert list(states) == [(invoice, "cancelled"), (other, "settled")]
        hand_on()
        assert sound() == []

    def test_a_step_that_has_nothing_left_is_dropped(self, teng: Player, qian: Player) -> None:
        _, drawdown = offered(teng, qian)
        hand_on()
        run = use_cases.plan_run(business_date=DUE, by=WEI, at=AT)
        credit.approve_drawdown(drawdown_ref=drawdown, by=qian.by, at=AT)

        assert use_cases.run_to_end(run_ref=run, worker=WORKER, at=AT) == {"dropped": 1, "confirmed": 1}
        assert paid() == {}

    def test_an_approved_claim_that_was_paid_cannot_be_financed_after(self, teng: Player) -> None:
        give_accounts(teng)
        invoice = supply(teng, n=1)
        approve_supplier_invoice(invoice_ref=invoice, by=WEI, at=AT)
        settle(NOON_OF_DUE)

        with pytest.raises(credit.NotFinanceable):
            credit.request_funding(supplier_invoice_ref=invoice, by=teng.by, at=AT)


class TestTrouble:
    def test_an_unanswered_payment_waits_and_is_never_sent_again(self, teng: Player) -> None:
        give_accounts(teng)
        supply(teng, n=1)
        bank().tell("timeout")
        bank().tell("status_timeout")

        states = settle(NOON_OF_DUE)

        assert states == {"confirmed": 1}
        (key,) = paid()
        assert (bank().calls(key), bank().times_paid(key)) == (1, 1)
        assert sound() == []

    def test_a_bank_that_stays_silent_leaves_the_step_posted(self, teng: Player) -> None:
        give_accounts(teng)
        supply(teng, n=1)
        bank().tell("timeout")
        bank().tell("status_timeout", times=99)

        states = settle(NOON_OF_DUE)

        assert states == {"posted": 1}
        assert step("pay").lease_until is None
        assert stands("in_transit") == "1130.00"
        assert models.SettlementRun.objects.get().state == "open"

    def test_a_rejected_payment_fails_the_step_and_a_retry_pays_under_a_new_key(self, teng: Player) -> None:
        give_accounts(teng)
        supply(teng, n=1)
        bank().tell("reject", detail="account closed")

        assert settle(NOON_OF_DUE) == {"failed": 1}
        assert (step("pay").last_error, stands("supplier_payable", teng.org)) == ("account closed", "1130.00")
        assert facts("StepFailed")[0]["reason"] == "account closed"

        use_cases.retry_step(step_ref=step("pay").ref, by=WEI, at=NOON_OF_DUE)
        assert settle(NOON_OF_DUE + timedelta(hours=1)) == {"confirmed": 1}

        assert list(paid().values()) == [0, 1]
        assert stands("supplier_payable", teng.org) == "0.00"
        assert sound() == []

    def test_a_payee_without_an_account_waits_until_there_is_one(self, teng: Player) -> None:
        supply(teng, n=1)

        assert settle(NOON_OF_DUE) == {"posted": 1}
        assert step("pay").last_error.startswith("no_bank_account")

        give_accounts(teng)
        assert settle(NOON_OF_DUE) == {"confirmed": 1}
        assert sound() == []

    def test_what_the_ledger_refuses_fails_the_step_and_leaves_no_other_trace(self, teng: Player) -> None:
        supply(teng, n=1)
        charge(teng, n=1, net="300.00")
        close_period(book="platform", month=DUE, by=WEI, at=AT)

        assert settle(NOON_OF_DUE) == {"failed": 1}

        assert models.Obligation.objects.filter(state="planned").count() == 2
        assert stands("receivable", teng.org) == "339.00"
        assert (step("pay").payment_ref, paid()) == ("", {})

    def test_only_a_failed_step_is_tried_again(self, teng: Player) -> None:
        give_accounts(teng)
        supply(teng, n=1)
        settle(NOON_OF_DUE)
        before = trace()

        with pytest.raises(use_cases.NotFailed):
            use_cases.retry_step(step_ref=step("pay").ref, by=WEI, at=AT)

        assert trace() == before


class TestZombies:
    def test_a_worker_whose_lease_ran_out_writes_nothing(self, teng: Player, monkeypatch: pytest.MonkeyPatch) -> None:
        give_accounts(teng)
        supply(teng, n=1)
        hand_on()
        use_cases.plan_run(business_date=DUE, by=WEI, at=NOON_OF_DUE)
        late = NOON_OF_DUE + timedelta(minutes=5)
        answers = []

        def wake_up_late(name: str) -> None:
            """The first worker sleeps after its claim; a second one does the whole step meanwhile."""
            if name == "after_claim" and not answers:
                answers.append("asleep")
                answers.append(use_cases.take_step(step_id=step("pay").pk, worker="worker:second", at=late))

        monkeypatch.setattr("finance.settlement.faults.point", wake_up_late)
        answers.append(use_cases.take_step(step_id=step("pay").pk, worker="worker:first", at=NOON_OF_DUE))

        assert answers == ["asleep", "confirmed", "confirmed"]
        assert (step("pay").worker, step("pay").token) == ("worker:second", 2)
        assert list(paid().values()) == [1]
        assert sound() == []

    def test_a_step_that_another_worker_holds_is_left_alone(self, teng: Player) -> None:
        supply(teng, n=1)
        hand_on()
        use_cases.plan_run(business_date=DUE, by=WEI, at=NOON_OF_DUE)
        models.SettlementStep.objects.update(lease_until=NOON_OF_DUE + timedelta(seconds=1))

        assert use_cases.take_step(step_id=step("pay").pk, worker=WORKER, at=NOON_OF_DUE) == "planned"

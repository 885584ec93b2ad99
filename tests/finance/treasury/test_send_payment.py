"""Sending, with the bank well and ill. The processes die here by an exception nobody catches."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from finance.ledger import queries as books
from finance.ledger.use_cases import Acct, LimitReached, PeriodClosed, close_period
from finance.treasury import handlers, queries
from finance.treasury.bank import fake_bank
from finance.treasury.use_cases import NoBankAccount, NotSentYet, book_receipt, confirm_payment, send_payment
from marketplace.events.models import OutboxEvent
from tests.cast import Player
from tests.finance.treasury.shorthand import (
    AT,
    BANK,
    KEY,
    LATER,
    TRANSIT,
    bank,
    cny,
    give_account,
    order,
    owe,
    payable,
    state_of,
    steps_of,
    traces,
)

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """What kill -9 looks like from inside."""


@pytest.fixture
def due(teng: Player) -> str:
    """Tengda is owed 100.00, has an account, and its payment is ordered."""
    owe(teng)
    give_account(teng)
    return order(teng)


def send(ref: str, at: Any = AT) -> str:
    return send_payment(payment_ref=ref, by="system:settlement", at=at)


def confirm(ref: str, at: Any = LATER) -> str:
    return confirm_payment(payment_ref=ref, by="system:settlement", at=at)


def sound() -> bool:
    return [*books.verify(), *queries.verify()] == []


class TestSendPayment:
    def test_puts_the_money_in_transit(self, due: str, teng: Player) -> None:
        assert send(due) == "accepted"

        assert books.balance(payable(teng)) == cny("0.00")
        assert books.balance(TRANSIT) == cny("100.00")
        assert (bank().calls(KEY), bank().times_paid(KEY)) == (1, 1)
        assert sound()

    def test_settles_when_the_bank_says_so(self, due: str) -> None:
        send(due)

        assert confirm(due) == "settled"

        assert books.balance(TRANSIT) == cny("0.00")
        assert books.balance(BANK) == cny("-100.00")
        assert steps_of(due) == ["send", "accept", "settle"]
        [event] = OutboxEvent.objects.filter(name="PaymentSettled")
        assert event.payload["amount_minor"] == 10_000
        assert sound()

    def test_puts_everything_back_when_the_bank_refuses(self, due: str, teng: Player) -> None:
        bank().tell("reject", key=KEY, detail="account closed")

        assert send(due) == "rejected"

        assert books.balance(payable(teng)) == cny("100.00")
        assert books.balance(TRANSIT) == cny("0.00")
        assert bank().times_paid(KEY) == 0
        assert queries.payment(due).reason == "account closed"
        assert OutboxEvent.objects.filter(name="PaymentRejected").count() == 1
        assert sound()

    def test_sending_again_asks_and_does_not_send(self, due: str) -> None:
        send(due)

        assert send(due, LATER) == "settled"
        assert send(due, LATER) == "settled"
        assert (bank().calls(KEY), bank().times_paid(KEY)) == (1, 1)

    def test_waits_for_a_bank_account_and_says_so(self, teng: Player) -> None:
        owe(teng)
        ref = order(teng)
        before = traces()

        with pytest.raises(NoBankAccount) as refusal:
            send(ref)

        assert refusal.value.facts == {"payment": ref, "organisation": teng.org}
        assert queries.payment(ref).problem == "no_bank_account"
        assert traces() == before
        assert bank().calls(KEY) == 0

    def test_is_tried_again_once_there_is_an_account(self, teng: Player) -> None:
        owe(teng)
        ref = order(teng)
        with pytest.raises(NoBankAccount):
            send(ref)
        give_account(teng)

        assert handlers.see_to_payments(AT + timedelta(minutes=10)) == 1

        assert (state_of(ref), queries.payment(ref).problem) == ("accepted", "")

    def test_stays_created_when_nothing_is_owed(self, teng: Player) -> None:
        give_account(teng)
        ref = order(teng)

        with pytest.raises(LimitReached):
            send(ref)

        assert state_of(ref) == "created"
        assert bank().calls(KEY) == 0
        assert sound()

    def test_cannot_be_confirmed_before_it_is_sent(self, due: str) -> None:
        with pytest.raises(NotSentYet):
            confirm(due)


class TestSilence:
    def test_a_lost_answer_is_asked_after_and_never_sent_again(self, due: str) -> None:
        bank().tell("timeout", key=KEY)

        assert send(due) == "unknown"
        assert books.balance(TRANSIT) == cny("100.00")
        assert sound()

        assert confirm(due) == "settled"
        assert (bank().calls(KEY), bank().times_paid(KEY)) == (1, 1)
        assert sound()

    def test_the_sweep_asks_after_it(self, due: str) -> None:
        bank().tell("timeout", key=KEY)
        send(due)

        assert handlers.see_to_payments(AT + timedelta(seconds=59)) == 0
        assert handlers.see_to_payments(AT + timedelta(seconds=60)) == 1

        assert state_of(due) == "settled"

    def test_silence_on_asking_changes_nothing(self, due: str) -> None:
        bank().tell("timeout", key=KEY)
        bank().tell("status_timeout", key=KEY, times=3)
        send(due)

        assert [confirm(due) for _ in range(4)] == ["unknown", "unknown", "unknown", "settled"]
        assert bank().calls(KEY) == 1

    def test_what_never_arrived_goes_out_again_on_the_banks_word_alone(self, due: str) -> None:
        bank().tell("lost", key=KEY)
        send(due)
        assert (state_of(due), bank().times_paid(KEY)) == ("unknown", 0)

        assert confirm(due) == "accepted"

        assert steps_of(due) == ["send", "lose", "repeat", "accept"]
        assert bank().times_paid(KEY) == 1
        assert confirm(due) == "settled"
        assert sound()

    def test_a_slow_bank_is_waited_for(self, due: str) -> None:
        bank().tell("delay", key=KEY, detail="2")
        send(due)

        assert [confirm(due) for _ in range(3)] == ["accepted", "accepted", "settled"]


class TestKilled:
    """One bank payment and clean books, wherever the process dies."""

    def kill_at(self, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
        instruct = fake_bank.FakeBank.instruct

        def dying(self: Any, key: str, instruction: Any) -> Any:
            monkeypatch.setattr(fake_bank.FakeBank, "instruct", instruct)
            if place == "after the call":
                instruct(self, key, instruction)
            raise Killed

        monkeypatch.setattr(fake_bank.FakeBank, "instruct", dying)

    @pytest.mark.parametrize("place", ["before the call", "after the call"])
    def test_around_the_call(self, due: str, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
        self.kill_at(monkeypatch, place)
        with pytest.raises(Killed):
            send(due)
        assert state_of(due) == "sent"
        assert sound()

        send(due, LATER)
        confirm(due)

        assert state_of(due) == "settled"
        assert bank().times_paid(KEY) == 1
        assert sound()

    def send_and_confirm(self, ref: str) -> None:
        send(ref)
        confirm(ref)

    def test_inside_the_claim(self, due: str, monkeypatch: pytest.MonkeyPatch) -> None:
        def dying(**_: Any) -> None:
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr("finance.ledger.use_cases.post", dying)
            with pytest.raises(Killed):
                send(due)
        assert state_of(due) == "created"

        send(due)
        confirm(due)

        assert bank().times_paid(KEY) == 1
        assert sound()

    @pytest.mark.parametrize("verb", ["accept", "settle"])
    def test_while_recording(self, due: str, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
        from finance.treasury.use_cases import outcome

        take = outcome._take

        def dying(payment: Any, step: str, *rest: Any) -> None:
            take(payment, step, *rest)
            if step == verb:
                raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(outcome, "_take", dying)
            with pytest.raises(Killed):
                self.send_and_confirm(due)
        assert sound()

        send(due, LATER)
        confirm(due)

        assert state_of(due) == "settled"
        assert (bank().calls(KEY), bank().times_paid(KEY)) == (1, 1)
        assert sound()


class TestOtherRoutes:
    def test_a_collection_is_booked_when_it_is_here(self, lin: Player) -> None:
        ref = order(lin, key="collect", direction="in", settles=Acct("receivable", owner=lin.org))
        send(ref)
        assert books.balance(BANK) == cny("0.00")

        confirm(ref)

        assert books.balance(BANK) == cny("100.00")
        assert books.balance(Acct("receivable", owner=lin.org)) == cny("-100.00")
        assert sound()

    def test_a_deposit_is_collected_into_escrow(self, lin: Player) -> None:
        ref = order(lin, key="collect", direction="in", settles=Acct("buyer_deposits", owner=lin.org))
        send(ref)
        confirm(ref)

        assert (
            books.balance(Acct("cash_escrow")) == books.balance(Acct("buyer_deposits", owner=lin.org)) == cny("100.00")
        )
        assert sound()

    def test_a_refund_leaves_escrow_only_when_it_is_paid(self, lin: Player) -> None:
        deposit, escrow = Acct("buyer_deposits", owner=lin.org), Acct("cash_escrow")
        book_receipt(
            payer_ref=lin.org,
            amount=cny("100.00"),
            bank_reference="B1",
            for_="deposit",
            booked_on=AT.date(),
            by="user:wei",
            at=AT,
        )
        give_account(lin)
        ref = order(lin, "40.00", settles=deposit)

        send(ref)
        assert (books.balance(deposit), books.available(deposit)) == (cny("100.00"), cny("60.00"))
        assert sound()

        confirm(ref)
        assert books.balance(deposit) == books.balance(escrow) == cny("60.00")
        assert sound()

    def test_a_refused_refund_is_let_go(self, lin: Player) -> None:
        deposit = Acct("buyer_deposits", owner=lin.org)
        book_receipt(
            payer_ref=lin.org,
            amount=cny("100.00"),
            bank_reference="B1",
            for_="deposit",
            booked_on=AT.date(),
            by="user:wei",
            at=AT,
        )
        give_account(lin)
        ref = order(lin, "40.00", settles=deposit)
        bank().tell("reject", key=KEY)

        assert send(ref) == "rejected"
        assert books.available(deposit) == cny("100.00")
        assert sound()

    def test_a_financiers_book_pays_from_its_own_cash(self, qian: Player, teng: Player) -> None:
        give_account(teng)
        ref = order(teng, settles=Acct("loan_receivable", owner=teng.org, book=qian.org))
        send(ref)
        confirm(ref)

        assert books.balance(Acct("cash_bank", book=qian.org)) == cny("-100.00")
        assert sound()


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def at_once(self, deed: Callable[[], Any], count: int = 8) -> list[Any]:
        def one(_: int) -> Any:
            try:
                return deed()
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(one, range(count)))

    def test_many_senders_pay_once(self, due: str, teng: Player) -> None:
        self.at_once(lambda: send(due))
        self.at_once(lambda: confirm(due))

        assert state_of(due) == "settled"
        assert bank().times_paid(KEY) == 1
        assert books.balance(BANK) == cny("-100.00")
        assert OutboxEvent.objects.filter(name="PaymentSettled").count() == 1
        assert sound()

    def test_refuses_to_run_inside_a_transaction(self, due: str) -> None:
        """Else the bank would hear of a payment that a rollback could still unmake."""
        with pytest.raises(RuntimeError), transaction.atomic():
            send(due)

        assert bank().calls(KEY) == 0

    def test_a_closed_month_keeps_the_payment_at_home(self, due: str) -> None:
        close_period(book="platform", month=date(2026, 3, 1), by="user:wei", at=AT)
        with pytest.raises(PeriodClosed):
            send(due)

        assert state_of(due) == "created"
        assert bank().calls(KEY) == 0

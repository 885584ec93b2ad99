from __future__ import annotations

from datetime import timedelta

import pytest

from finance.ledger import handlers, models, queries
from finance.ledger.use_cases import (
    Acct,
    BadJournal,
    HoldExceeded,
    HoldResolved,
    KeyReused,
    LimitReached,
    PeriodClosed,
    close_period,
    hold,
    post_hold,
    void_hold,
)
from marketplace.events.queries import history
from marketplace.kernel.refusals import NotFound
from tests.finance.ledger.shorthand import AT, BAO, DAY, LINS_ADVANCE, LINS_DEPOSIT, books, cny, pay_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _deposit(db: None) -> None:
    pay_in("100.00")


def hold_deposit(amount: str = "60.00", key: str = "deposit:CM-1", **more: object) -> str:
    return hold(
        key=key,
        debit=LINS_DEPOSIT,
        credit=LINS_ADVANCE,
        amount=cny(amount),
        source_ref="CM-2026-0001",
        by="user:lin",
        at=AT,
        **more,  # type: ignore[arg-type]
    )


class TestHold:
    def test_sets_money_aside_without_moving_it(self) -> None:
        hold_deposit("60.00")

        assert queries.balance(LINS_DEPOSIT) == cny("100.00")
        assert queries.available(LINS_DEPOSIT) == cny("40.00")
        assert queries.balance(LINS_ADVANCE) == cny("0.00")
        assert queries.verify() == []

    def test_what_is_held_cannot_be_held_again(self) -> None:
        hold_deposit("60.00")
        before = books()

        with pytest.raises(LimitReached) as refusal:
            hold_deposit("40.01", key="deposit:CM-2")

        assert refusal.value.facts["available"] == "CNY 40.00"
        assert books() == before

    def test_money_about_to_come_in_is_not_yet_there(self) -> None:
        hold_deposit("60.00")

        with pytest.raises(LimitReached):
            hold(
                key="onward",
                debit=LINS_ADVANCE,
                credit=LINS_DEPOSIT,
                amount=cny("0.01"),
                source_ref="x",
                by="user:lin",
                at=AT,
            )

    def test_same_request_returns_the_first_hold(self) -> None:
        first = hold_deposit("60.00")
        before = books()

        assert hold_deposit("60.00") == first
        assert books() == before

    def test_same_key_for_another_amount_is_refused(self) -> None:
        hold_deposit("60.00")

        with pytest.raises(KeyReused):
            hold_deposit("61.00")

    def test_refuses_to_hold_from_an_account_to_itself(self) -> None:
        with pytest.raises(BadJournal):
            hold(key="k", debit=LINS_DEPOSIT, credit=LINS_DEPOSIT, amount=cny("1.00"), source_ref="x", by="u", at=AT)


class TestPostHold:
    def test_moves_what_was_held(self) -> None:
        hold_deposit("60.00")

        ref = post_hold(key="deposit:CM-1", booked_on=DAY, by="user:wei", at=AT)

        assert ref == "JN-2026-0002"
        assert queries.balance(LINS_DEPOSIT) == queries.available(LINS_DEPOSIT) == cny("40.00")
        assert queries.balance(LINS_ADVANCE) == cny("60.00")
        assert queries.verify() == []

    def test_lets_the_rest_go_when_less_is_posted(self) -> None:
        hold_deposit("60.00")

        post_hold(key="deposit:CM-1", booked_on=DAY, amount=cny("45.00"), by="user:wei", at=AT)

        assert queries.available(LINS_DEPOSIT) == cny("55.00")
        assert queries.verify() == []

    def test_posting_the_same_again_returns_the_same_journal(self) -> None:
        hold_deposit("60.00")
        first = post_hold(key="deposit:CM-1", booked_on=DAY, by="user:wei", at=AT)
        before = books()

        assert post_hold(key="deposit:CM-1", booked_on=DAY, by="user:wei", at=AT) == first
        assert books() == before

    def test_posting_another_amount_later_is_refused(self) -> None:
        hold_deposit("60.00")
        post_hold(key="deposit:CM-1", booked_on=DAY, by="user:wei", at=AT)

        with pytest.raises(HoldResolved):
            post_hold(key="deposit:CM-1", booked_on=DAY, amount=cny("1.00"), by="user:wei", at=AT)

    def test_refuses_more_than_is_held(self) -> None:
        hold_deposit("60.00")
        before = books()

        with pytest.raises(HoldExceeded):
            post_hold(key="deposit:CM-1", booked_on=DAY, amount=cny("60.01"), by="user:wei", at=AT)

        assert books() == before

    def test_refuses_a_closed_month_and_keeps_the_hold(self) -> None:
        hold_deposit("60.00")
        close_period(book="platform", month=DAY, by="user:wei", at=AT)
        before = books()

        with pytest.raises(PeriodClosed):
            post_hold(key="deposit:CM-1", booked_on=DAY, by="user:wei", at=AT)

        assert books() == before

    def test_refuses_a_key_under_which_nothing_was_held(self) -> None:
        with pytest.raises(NotFound):
            post_hold(key="deposit:CM-9", booked_on=DAY, by="user:wei", at=AT)


class TestVoidHold:
    def test_gives_the_money_back(self) -> None:
        ref = hold_deposit("60.00")

        void_hold(key="deposit:CM-1", by="user:wei", at=AT, why="the pool failed")

        assert queries.available(LINS_DEPOSIT) == cny("100.00")
        assert [(step.verb, step.why) for step in history(ref)] == [("void", "the pool failed")]
        assert queries.verify() == []

    def test_voiding_twice_gives_back_once(self) -> None:
        hold_deposit("60.00")
        void_hold(key="deposit:CM-1", by="user:wei", at=AT)
        before = books()

        void_hold(key="deposit:CM-1", by="user:wei", at=AT)

        assert books() == before

    def test_a_posted_hold_cannot_be_voided(self) -> None:
        hold_deposit("60.00")
        post_hold(key="deposit:CM-1", booked_on=DAY, by="user:wei", at=AT)
        before = books()

        with pytest.raises(HoldResolved):
            void_hold(key="deposit:CM-1", by="user:wei", at=AT)

        assert books() == before

    def test_a_voided_hold_cannot_be_posted(self) -> None:
        hold_deposit("60.00")
        void_hold(key="deposit:CM-1", by="user:wei", at=AT)

        with pytest.raises(HoldResolved):
            post_hold(key="deposit:CM-1", booked_on=DAY, by="user:wei", at=AT)


class TestExpireHolds:
    def test_lets_go_only_what_is_past_its_time(self) -> None:
        hold_deposit("60.00", expires_at=AT + timedelta(hours=1))
        hold_deposit("10.00", key="later", expires_at=AT + timedelta(hours=3))
        hold_deposit("5.00", key="never")

        assert handlers.expire_due_holds(AT + timedelta(hours=1)) == 1

        assert queries.available(LINS_DEPOSIT) == cny("85.00")
        assert models.Hold.objects.get(key="deposit:CM-1").state == "expired"
        assert queries.verify() == []

    def test_a_hold_past_its_time_cannot_be_posted_though_nobody_swept(self) -> None:
        hold_deposit("60.00", expires_at=AT + timedelta(hours=1))

        with pytest.raises(HoldResolved) as refusal:
            post_hold(key="deposit:CM-1", booked_on=DAY, by="user:wei", at=AT + timedelta(hours=1))

        assert refusal.value.facts["state"] == "expired"

    def test_owners_do_not_share_what_is_held(self) -> None:
        hold_deposit("60.00")
        pay_in("7.00", key="deposit:2", owner=BAO)

        assert queries.available(Acct("buyer_deposits", owner=BAO)) == cny("7.00")

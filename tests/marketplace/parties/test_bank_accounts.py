"""Where a firm is paid changes under four eyes and after two days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from marketplace.events.queries import history
from marketplace.kernel.refusals import BadValue, IllegalMove, NotFound
from marketplace.parties import models, queries, use_cases
from marketplace.parties.use_cases import ChangeUnderWay, SameEyes
from tests.cast import Player

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
TWO_DAYS = timedelta(hours=48)


def name_account(firm: str, number: str, by: str, at: datetime = NOON, **more: Any) -> str:
    given = {"holder": "Tengda Casting", "bank_code": "ICBKCNBJ", "number": number, **more}
    return use_cases.set_bank_account(organisation_ref=firm, by=by, at=at, **given)


def paid_to(firm: str, at: datetime) -> str:
    found = queries.bank_account_of(firm, at)
    return found.number if found else ""


class TestSetBankAccount:
    def test_the_first_one_is_usable_at_once(self, teng: Player) -> None:
        name_account(teng.org, "6222 0200 1", teng.by)

        assert paid_to(teng.org, NOON - timedelta(seconds=1)) == ""
        assert paid_to(teng.org, NOON) == "622202001"

    def test_a_change_waits_and_the_old_one_stays_in_force(self, teng: Player) -> None:
        name_account(teng.org, "1", teng.by)
        ref = name_account(teng.org, "2", teng.by, LATER)

        assert models.BankAccount.objects.get(ref=ref).state == "requested"
        assert paid_to(teng.org, LATER + timedelta(days=30)) == "1"

    def test_refuses_a_second_change_while_one_waits(self, teng: Player) -> None:
        name_account(teng.org, "1", teng.by)
        name_account(teng.org, "2", teng.by, LATER)

        with pytest.raises(ChangeUnderWay):
            name_account(teng.org, "3", teng.by, LATER)

        assert models.BankAccount.objects.count() == 2

    def test_refuses_an_account_without_a_number(self, teng: Player) -> None:
        with pytest.raises(BadValue):
            name_account(teng.org, "  ", teng.by)

        assert not models.BankAccount.objects.exists()


class TestConfirmBankAccount:
    def test_pays_to_the_new_one_after_48_hours_and_not_a_second_before(self, teng: Player) -> None:
        name_account(teng.org, "1", teng.by)
        ref = name_account(teng.org, "2", teng.by, LATER)

        usable = use_cases.confirm_bank_account(bank_account_ref=ref, by="user:wei", at=LATER)

        assert usable == LATER + TWO_DAYS
        assert paid_to(teng.org, usable - timedelta(seconds=1)) == "1"
        assert paid_to(teng.org, usable) == "2"
        assert [(step.verb, step.by) for step in history(ref)] == [("confirm", "user:wei")]

    def test_refuses_the_eyes_that_asked(self, teng: Player) -> None:
        name_account(teng.org, "1", teng.by)
        ref = name_account(teng.org, "2", teng.by, LATER)

        with pytest.raises(SameEyes):
            use_cases.confirm_bank_account(bank_account_ref=ref, by=teng.by, at=LATER)

        assert models.BankAccount.objects.get(ref=ref).state == "requested"
        assert not history(ref).exists()

    def test_the_database_refuses_the_same_eyes_too(self, teng: Player) -> None:
        ref = name_account(teng.org, "1", teng.by)

        with pytest.raises(IntegrityError), transaction.atomic():
            models.BankAccount.objects.filter(ref=ref).update(confirmed_by=teng.by)

    def test_refuses_to_confirm_twice(self, teng: Player) -> None:
        name_account(teng.org, "1", teng.by)
        ref = name_account(teng.org, "2", teng.by, LATER)
        use_cases.confirm_bank_account(bank_account_ref=ref, by="user:wei", at=LATER)

        with pytest.raises(IllegalMove):
            use_cases.confirm_bank_account(bank_account_ref=ref, by="user:wei", at=LATER)

        assert paid_to(teng.org, LATER + TWO_DAYS) == "2"

    def test_a_third_account_follows_the_second_without_a_gap(self, teng: Player) -> None:
        name_account(teng.org, "1", teng.by)
        for number, hours in (("2", 24), ("3", 30)):
            at = NOON + timedelta(hours=hours)
            use_cases.confirm_bank_account(
                bank_account_ref=name_account(teng.org, number, teng.by, at), by="user:wei", at=at
            )

        assert [paid_to(teng.org, NOON + timedelta(hours=h)) for h in (0, 71, 72, 77, 78)] == ["1", "1", "2", "2", "3"]

    def test_an_unknown_one_is_not_found(self) -> None:
        with pytest.raises(NotFound):
            use_cases.confirm_bank_account(bank_account_ref="BA-2026-0404", by="user:wei", at=NOON)


class TestRefuseBankAccount:
    def test_lets_the_next_change_begin(self, teng: Player) -> None:
        name_account(teng.org, "1", teng.by)
        ref = name_account(teng.org, "2", teng.by, LATER)

        use_cases.refuse_bank_account(bank_account_ref=ref, by="user:wei", at=LATER, why="forged letter")

        assert paid_to(teng.org, LATER + TWO_DAYS) == "1"
        assert name_account(teng.org, "3", teng.by, LATER)

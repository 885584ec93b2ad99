"""Twenty drawdowns at once, room for seven."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from finance.credit import models, queries
from finance.credit import use_cases as credit
from finance.credit.use_cases import LimitExhausted
from finance.ledger import queries as ledger
from tests.cast import Player
from tests.finance.credit.shorthand import approved_claim, facility
from tests.finance.invoicing.shorthand import AT, DAY, WEI

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_at_once_never_pass_the_limit_and_leave_no_room_unused(teng: Player, qian: Player) -> None:
    facility(qian, "8000.00")  # 7 * 1,130.00 = 7,910.00
    asked = [
        credit.request_funding(supplier_invoice_ref=approved_claim(teng, n=n), by=teng.by, at=AT) for n in range(1, 21)
    ]

    def approve(ref: str) -> str:
        try:
            credit.approve_drawdown(drawdown_ref=ref, by=qian.by, at=AT)
            return "approved"
        except LimitExhausted:
            return "full"
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(approve, asked))

    assert sorted(answers) == ["approved"] * 7 + ["full"] * 13
    assert models.Facility.objects.get().used_minor == 791_000
    assert models.Drawdown.objects.filter(state="approved").count() == 7
    assert queries.verify() == [] == ledger.verify()


def test_one_day_accrued_by_eight_workers_at_once_is_booked_once(teng: Player, qian: Player) -> None:
    facility(qian)
    ref = credit.request_funding(supplier_invoice_ref=approved_claim(teng), by=teng.by, at=AT)
    credit.approve_drawdown(drawdown_ref=ref, by=qian.by, at=AT)

    def accrue(_: int) -> bool:
        try:
            day = DAY + timedelta(days=9)
            return credit.accrue_day(drawdown_ref=ref, day=day, by=WEI, at=AT) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(accrue, range(8))) == 1

    assert models.Accrual.objects.get().amount_minor == 188
    assert queries.verify() == [] == ledger.verify()

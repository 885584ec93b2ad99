from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command

from finance.settlement import models
from tests.cast import Player
from tests.finance.invoicing.shorthand import DUE, trace
from tests.finance.settlement.shorthand import charge, give_accounts, paid, sound, supply

pytestmark = pytest.mark.django_db


def run(*args: str) -> dict[str, object]:
    out = StringIO()
    call_command("run_settlement", "--date", DUE.isoformat(), "--json", *args, stdout=out, stderr=StringIO())
    found: dict[str, object] = json.loads(out.getvalue().splitlines()[-1])
    return found


class TestRunSettlement:
    def test_settles_a_date_and_says_what(self, teng: Player, lin: Player) -> None:
        give_accounts(teng)
        supply(teng, n=1)
        charge(lin, n=1)

        figures = run()

        assert (figures["state"], figures["steps"]) == ("finished", {"confirmed": 2})
        assert figures["settled"] == [
            {"kind": "payable", "obligations": 1, "currency": "CNY", "amount": "1130.00"},
            {"kind": "receivable", "obligations": 1, "currency": "CNY", "amount": "2260.00"},
        ]
        assert set(paid().values()) == {1}
        assert sound() == []

    def test_books_on_the_business_date(self, teng: Player) -> None:
        from finance.ledger.models import Journal

        give_accounts(teng)
        supply(teng, n=1)

        run()

        step = models.SettlementStep.objects.get()
        assert set(Journal.objects.filter(source_ref=step.payment_ref).values_list("booked_on", flat=True)) == {DUE}

    def test_twice_is_once(self, teng: Player) -> None:
        give_accounts(teng)
        supply(teng, n=1)
        run()
        before = trace()

        run()

        assert trace() == before

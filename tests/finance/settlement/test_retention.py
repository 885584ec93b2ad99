"""A share of a supplier's payment is kept until its warranty ends, then paid by a run."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from finance.ledger import queries as ledger
from finance.ledger.models import Journal
from finance.settlement import models, queries, use_cases
from marketplace.kernel.clock import business_date
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import BadValue
from tests.cast import Player
from tests.finance.invoicing.shorthand import AT, DUE, claim, receive, send, stands
from tests.finance.settlement.shorthand import give_accounts, hand_on

pytestmark = pytest.mark.django_db(transaction=True)
ABOUT = "order:PO-2026-0001"
ENDS = business_date(AT) + timedelta(days=365)


def supply(supplier: Player) -> str:
    """A matched invoice of 1,000.05 plus 13 %: 1,130.06."""
    line = "PO-2026-0001/1/goods"
    receive(supplier.org, "1", price="1000.05", line=line, source=ABOUT)
    return send(supplier.org, claim("1", price="1000.05", line=line), source_ref=ABOUT)


def agree(**given: Any) -> None:
    known = {"source_ref": ABOUT, "percent": Decimal(5), "days": 365, **given}
    use_cases.agree_retention(**known, by="user:wei", at=AT)


def owed() -> dict[str, tuple[int, Any]]:
    return {row.kind: (row.amount_minor, row.due_on) for row in models.Obligation.objects.all()}


def settle(day: date) -> None:
    at = datetime.combine(day, AT.timetz())
    ref = use_cases.plan_run(business_date=day, by="user:wei", at=at)
    use_cases.run_to_end(run_ref=ref, worker="worker:test", at=at)


class TestOweSupplier:
    def test_keeps_its_share_to_the_cent(self, teng: Player) -> None:
        agree()

        supply(teng)
        hand_on()

        assert owed() == {"payable": (1073_56, DUE), "retention": (56_50, ENDS)}
        assert (stands("supplier_payable", teng.org), stands("retention_payable", teng.org)) == ("1073.56", "56.50")
        assert ledger.verify() == []

    def test_keeps_nothing_where_nothing_is_agreed(self, teng: Player) -> None:
        supply(teng)
        hand_on()

        assert owed() == {"payable": (1130_06, DUE)}

    def test_does_it_once_however_often_it_is_told(self, teng: Player) -> None:
        agree()
        ref = supply(teng)
        hand_on()
        before = Journal.objects.count()

        use_cases.owe_supplier(
            invoice_ref=ref,
            supplier_ref=teng.org,
            amount=Money.from_minor(1130_06, "CNY"),
            due_on=DUE,
            by="system:settlement",
            at=AT,
        )

        assert (Journal.objects.count(), len(owed())) == (before, 2)

    def test_is_paid_by_the_run_of_the_day_on_which_the_warranty_ends(self, teng: Player) -> None:
        give_accounts(teng)
        agree()
        supply(teng)
        hand_on()
        settle(DUE)
        assert (stands("supplier_payable", teng.org), stands("retention_payable", teng.org)) == ("0.00", "56.50")

        settle(ENDS)

        assert stands("retention_payable", teng.org) == "0.00"
        assert set(models.Obligation.objects.values_list("state", flat=True)) == {"settled"}
        assert (queries.verify(), ledger.verify()) == ([], [])


class TestAgreeRetention:
    @pytest.mark.parametrize("given", [{"percent": Decimal(0)}, {"percent": Decimal("30.01")}, {"days": 0}])
    def test_refuses_what_is_no_share_or_no_time(self, given: Any, db: Any) -> None:
        with pytest.raises(BadValue):
            agree(**given)

        assert not models.RetentionTerms.objects.exists()

    def test_the_first_agreement_holds(self, db: Any) -> None:
        agree()
        agree(percent=Decimal(10))

        assert models.RetentionTerms.objects.get().percent == 5

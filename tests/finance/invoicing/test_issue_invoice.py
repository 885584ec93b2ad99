from __future__ import annotations

from datetime import date
from decimal import Decimal
from threading import Thread

import pytest
from django.db import IntegrityError, connection, transaction

from finance.invoicing import models, queries
from finance.invoicing.use_cases import (
    BadInvoice,
    NewInvoice,
    RateNotInForce,
    issue_invoices,
    mark_paid,
    take_for_settlement,
)
from finance.ledger import queries as ledger
from finance.ledger.use_cases import LimitReached
from marketplace.events.use_cases import KeyReused
from tests.cast import Player
from tests.finance.invoicing.shorthand import (
    AT,
    DAY,
    DUE,
    bill,
    cny,
    deposit,
    facts,
    fee,
    freight,
    goods,
    receive,
    stands,
    trace,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def stock(teng: Player) -> None:
    """Goods worth 10,000.00 in inventory."""
    receive(teng.org, "800", price="12.50")


@pytest.mark.usefixtures("stock")
class TestIssueInvoice:
    def test_books_income_tax_cost_and_the_advance(self, lin: Player) -> None:
        deposit(lin.org, "100.00")

        ref = bill(lin.org, [goods(), freight(), fee()], advance="100.00")

        # 1000.00 at 13 % = 130.00; 50.00 at 9 % = 4.50; 20.00 at 6 % = 1.20.
        view = queries.invoice(ref)
        assert (view.net, view.tax, view.total) == (cny("1070.00"), cny("135.70"), cny("1205.70"))
        assert (view.advance, view.open, view.number) == (cny("100.00"), cny("1105.70"), "2026-00000001")
        kinds = ("receivable", "customer_advances")
        assert [stands(kind, lin.org) for kind in kinds] == ["1105.70", "0.00"]
        income = ("revenue", "freight_income", "fee_income", "output_vat")
        assert [stands(kind) for kind in income] == ["1000.00", "50.00", "20.00", "135.70"]
        assert (stands("cost_of_sales"), stands("inventory")) == ("950.00", "9050.00")
        assert (stands("cash_escrow"), stands("cash_bank")) == ("0.00", "100.00")
        assert queries.verify() == []
        assert ledger.verify() == []

    def test_tells_what_is_left_to_pay_and_by_when(self, lin: Player) -> None:
        ref = bill(lin.org, [goods()])

        assert facts("InvoiceIssued") == [
            {
                "invoice_ref": ref,
                "buyer_ref": lin.org,
                "open_minor": 113_000,
                "refund_minor": 0,
                "currency": "CNY",
                "due_on": DUE.isoformat(),
            }
        ]

    def test_each_line_bears_its_part_of_the_tax(self, lin: Player) -> None:
        lines = [goods("33.33", cost="0.00", line=f"PL-1/{n}/goods") for n in range(3)]

        bill(lin.org, lines)

        taxes = models.OutputInvoiceLine.objects.order_by("position").values_list("tax_minor", flat=True)
        assert list(taxes) == [434, 433, 433]
        assert models.OutputInvoice.objects.get().tax_minor == 1300

    def test_an_advance_that_covers_all_makes_it_paid_at_once(self, lin: Player) -> None:
        deposit(lin.org, "1130.00")

        ref = bill(lin.org, [goods()], advance="1130.00")

        assert queries.invoice(ref).state == "paid"
        assert stands("receivable", lin.org) == "0.00"

    def test_owes_back_what_an_advance_leaves_over(self, lin: Player) -> None:
        deposit(lin.org, "1200.00")

        ref = bill(lin.org, [goods()], advance="1200.00")

        assert queries.invoice(ref).advance == cny("1130.00")
        assert (stands("due_to_buyer", lin.org), stands("customer_advances", lin.org)) == ("70.00", "0.00")
        assert facts("InvoiceIssued")[0]["refund_minor"] == 7_000
        assert ledger.verify() == []

    def test_same_key_returns_the_first_invoice(self, lin: Player) -> None:
        first = bill(lin.org, [goods()])
        before = trace()

        assert bill(lin.org, [goods()]) == first
        assert trace() == before

    def test_same_key_for_another_invoice_is_refused(self, lin: Player) -> None:
        bill(lin.org, [goods()])
        before = trace()

        with pytest.raises(KeyReused):
            bill(lin.org, [goods("999.00")])

        assert trace() == before

    def test_numbers_follow_without_gaps_across_refusals(self, lin: Player, bao: Player) -> None:
        bill(lin.org, [goods()], key="a")
        with pytest.raises(LimitReached):
            bill(lin.org, [goods()], key="b", advance="1.00")
        bill(bao.org, [goods()], key="c")
        bill(bao.org, [goods()], key="d", issued_on=date(2027, 1, 4), due_on=date(2027, 2, 4))

        numbers = models.OutputInvoice.objects.order_by("id").values_list("series", "number")
        assert list(numbers) == [("2026", 1), ("2026", 2), ("2027", 1)]
        assert queries.verify() == []

    def test_refuses_an_advance_that_the_buyer_has_not(self, lin: Player) -> None:
        deposit(lin.org, "10.00")
        before = trace()

        with pytest.raises(LimitReached):
            bill(lin.org, [goods()], advance="10.01")

        assert trace() == before
        assert not models.OutputInvoice.objects.exists()
        assert not models.NumberSeries.objects.exists()

    def test_refuses_to_sell_more_than_is_in_inventory(self, lin: Player) -> None:
        before = trace()

        with pytest.raises(LimitReached):
            bill(lin.org, [goods(cost="10000.01")])

        assert trace() == before

    @pytest.mark.parametrize(
        "wrong",
        [
            {"lines": []},
            {"lines": [goods("0.00", cost="0.00")]},
            {"lines": [goods("-5.00")]},
            {"lines": [goods(rate="101")]},
            {"due_on": date(2026, 3, 1)},
            {"advance": "-1.00"},
        ],
    )
    def test_refuses_what_is_no_invoice(self, lin: Player, wrong: dict[str, object]) -> None:
        before = trace()

        with pytest.raises(BadInvoice):
            bill(lin.org, **{"lines": [goods()], **wrong})  # type: ignore[arg-type]

        assert trace() == before

    def test_refuses_a_rate_that_does_not_stand(self, lin: Player) -> None:
        with pytest.raises(RateNotInForce):
            bill(lin.org, [goods(rate="16")])

    def test_the_table_itself_refuses_totals_that_do_not_tie(self, lin: Player) -> None:
        bill(lin.org, [goods()])

        with pytest.raises(IntegrityError), transaction.atomic():
            models.OutputInvoice.objects.update(total_minor=113_001)


@pytest.mark.usefixtures("stock")
class TestIssueInvoices:
    def test_one_that_is_refused_takes_all_with_it(self, lin: Player, bao: Player) -> None:
        wanted = [
            NewInvoice("a", lin.org, "pool:1", [goods()], cny("0"), DAY, DUE),
            NewInvoice("b", bao.org, "pool:1", [goods()], cny("5.00"), DAY, DUE),
        ]
        before = trace()

        with pytest.raises(LimitReached):
            issue_invoices(invoices=wanted, by="system:delivery", at=AT)

        assert trace() == before

    def test_returns_refs_in_the_order_given_known_ones_too(self, lin: Player, bao: Player) -> None:
        first = bill(lin.org, [goods()], key="a", source_ref="pool:1")
        wanted = [
            NewInvoice("b", bao.org, "pool:1", [goods()], cny("0"), DAY, DUE),
            NewInvoice("a", lin.org, "pool:1", [goods()], cny("0"), DAY, DUE),
        ]

        refs = issue_invoices(invoices=wanted, by="system:delivery", at=AT)

        assert refs[1] == first
        assert queries.invoice(refs[0]).buyer_ref == bao.org


@pytest.mark.usefixtures("stock")
class TestSettling:
    def test_an_invoice_is_taken_once(self, lin: Player) -> None:
        ref = bill(lin.org, [goods()])

        assert take_for_settlement(invoice_refs=[ref], by="system:settlement", at=AT) == {ref}
        assert take_for_settlement(invoice_refs=[ref], by="system:settlement", at=AT) == set()

    def test_paid_once_it_tells_once(self, lin: Player) -> None:
        ref = bill(lin.org, [goods()])
        take_for_settlement(invoice_refs=[ref], by="system:settlement", at=AT)

        assert mark_paid(invoice_refs=[ref], paid_on=DAY, by="system:settlement", at=AT) == [ref]
        assert mark_paid(invoice_refs=[ref], paid_on=DAY, by="system:settlement", at=AT) == []
        assert [fact["amount_minor"] for fact in facts("InvoicePaid")] == [113_000]


@pytest.mark.django_db(transaction=True)
class TestManyAtOnce:
    def test_twenty_issuers_at_once_leave_no_gap_and_no_double(self, teng: Player, lin: Player) -> None:
        receive(teng.org, "8000", price="12.50")
        failures: list[BaseException] = []

        def issue(n: int) -> None:
            try:
                bill(lin.org, [goods()], key=f"bill:{n}")
            except BaseException as error:
                failures.append(error)
            finally:
                connection.close()

        threads = [Thread(target=issue, args=(n,)) for n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert failures == []
        assert sorted(models.OutputInvoice.objects.values_list("number", flat=True)) == list(range(1, 21))
        assert stands("receivable", lin.org) == f"{Decimal('1130.00') * 20}"
        assert queries.verify() == []

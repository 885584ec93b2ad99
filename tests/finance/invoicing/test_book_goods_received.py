from __future__ import annotations

from decimal import Decimal

import pytest

from finance.invoicing import models, queries
from finance.invoicing.use_cases import BadInvoice, TermsChanged, book_goods_received
from marketplace.events.use_cases import KeyReused
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import NotFound
from tests.cast import Player
from tests.finance.invoicing.shorthand import AT, DAY, LINE, ORDER, WEI, facts, receive, stands, trace

pytestmark = pytest.mark.django_db


class TestBookGoodsReceived:
    def test_books_inventory_against_goods_not_invoiced(self, teng: Player) -> None:
        journal = receive(teng.org)

        assert journal == "JN-2026-0001"
        assert (stands("inventory"), stands("grni", teng.org)) == ("1250.00", "1250.00")
        assert facts("GoodsBooked")[0]["value_minor"] == 125_000
        assert queries.verify() == []

    def test_same_key_and_goods_return_the_first_journal(self, teng: Player) -> None:
        first = receive(teng.org)
        before = trace()

        assert receive(teng.org) == first
        assert trace() == before

    def test_same_key_and_other_goods_are_refused(self, teng: Player) -> None:
        receive(teng.org)
        before = trace()

        with pytest.raises(KeyReused):
            receive(teng.org, "99")

        assert trace() == before

    def test_part_deliveries_are_worth_what_the_whole_is_worth(self, teng: Player) -> None:
        # Three times one piece at 0.335: 0.34, then 0.67 in all, then 1.01 (1.005) in all, so 0.34 + 0.33 + 0.34.
        for n in range(3):
            receive(teng.org, "1", price="0.335", key=f"received:{n}")

        values = models.GoodsReceivedLine.objects.order_by("id").values_list("value_minor", flat=True)
        assert list(values) == [34, 33, 34]
        assert queries.received_values(ORDER) == {LINE: Money(Decimal("1.01"), "CNY")}
        assert stands("inventory") == "1.01"

    def test_refuses_another_price_for_the_same_line(self, teng: Player) -> None:
        receive(teng.org)
        before = trace()

        with pytest.raises(TermsChanged) as refusal:
            receive(teng.org, key="received:2", price="12.60")

        assert refusal.value.facts["line"] == LINE
        assert trace() == before
        assert models.AcceptedLine.objects.get().accepted == Decimal(100)

    @pytest.mark.parametrize(("quantity", "price"), [("0", "12.50"), ("-1", "12.50"), ("1", "-1"), ("1e-7", "1")])
    def test_refuses_what_cannot_have_come(self, teng: Player, quantity: str, price: str) -> None:
        with pytest.raises(BadInvoice):
            receive(teng.org, quantity, price=price)

        assert trace() == (0, 0, 0, 0) or not models.GoodsReceived.objects.exists()

    def test_goods_worth_nothing_make_no_journal(self, teng: Player) -> None:
        assert receive(teng.org, price="0") == ""
        assert models.AcceptedLine.objects.get().accepted == Decimal(100)

    def test_refuses_an_unknown_supplier(self) -> None:
        with pytest.raises(NotFound):
            receive("OR-2026-9999")

        assert not models.GoodsReceived.objects.exists()

    def test_refuses_a_receipt_without_lines(self, teng: Player) -> None:
        with pytest.raises(BadInvoice):
            book_goods_received(
                key="k", source_ref=ORDER, supplier_ref=teng.org, lines=[], received_on=DAY, by=WEI, at=AT
            )

"""Goods, claims and bills of the cast in one line each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from finance.engines.tax import TaxedLine, invoice_totals
from finance.invoicing import use_cases as invoicing
from finance.invoicing.use_cases import BillLine, ClaimedLine, ReceivedLine
from finance.ledger import queries as ledger
from finance.ledger.models import Entry, Journal
from finance.ledger.use_cases import Acct, credit, debit, post
from marketplace.events.models import OutboxEvent, StateChange
from marketplace.kernel.money import Money, Rate

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = date(2026, 3, 2)
DUE = date(2026, 5, 1)
ORDER = "note:DN-2026-0001"
LINE = "PO-2026-0001/1/goods"
WEI = "user:wei"


def cny(text: str) -> Money:
    return Money(Decimal(text), "CNY")


def receive(
    supplier: str,
    quantity: str = "100",
    *,
    price: str = "12.50",
    line: str = LINE,
    key: str = "received:SH-2026-0001",
    source: str = ORDER,
    rate: str = "13",
    on: date = DAY,
    at: datetime = AT,
) -> str:
    """Book goods of one order line as accepted."""
    unit_price = Rate(Decimal(price), "CNY")
    goods = ReceivedLine(line, "M8 bolts", Decimal(quantity), "C62", unit_price, Decimal(rate))
    return invoicing.book_goods_received(
        key=key, source_ref=source, supplier_ref=supplier, lines=[goods], received_on=on, by=WEI, at=at
    )


def claim(
    quantity: str = "100", *, price: str = "12.50", net: str | None = None, line: str = LINE, rate: str = "13"
) -> ClaimedLine:
    """A line of a supplier's invoice; `net` is quantity times price unless said otherwise."""
    unit_price = Rate(Decimal(price), "CNY")
    amount = cny(net) if net is not None else unit_price.times(Decimal(quantity))
    return ClaimedLine(line, "M8 bolts", Decimal(quantity), unit_price, amount, Decimal(rate))


def send(supplier: str, *claims: ClaimedLine, number: str = "T-100", **changes: Any) -> str:
    """Send a supplier's invoice whose sums tie, unless `tax` or `total` are given."""
    lines = list(claims) or [claim()]
    sums = invoice_totals([TaxedLine(line.net, line.tax_rate_percent) for line in lines], "CNY")
    facts: dict[str, Any] = {
        "supplier_ref": supplier,
        "number": number,
        "source_ref": ORDER,
        "lines": lines,
        "tax": sums.tax,
        "total": sums.total,
        "issued_on": DAY,
        "due_on": DUE,
        "by": "user:teng",
        "at": AT,
    }
    return invoicing.receive_supplier_invoice(**(facts | changes))


def deposit(buyer: str, amount: str) -> None:
    """Put an advance of a buyer on the ledger, its money in escrow."""
    lines = [debit(Acct("cash_escrow"), cny(amount)), credit(Acct("customer_advances", buyer), cny(amount))]
    post(key=f"advance:{buyer}:{amount}", lines=lines, booked_on=DAY, source_ref="deposit", by=WEI, at=AT)


def goods(net: str = "1000.00", *, cost: str = "900.00", rate: str = "13", line: str = "PL-1/1/goods") -> BillLine:
    return BillLine(line, "goods", "M8 bolts", Decimal(80), "C62", cny(net), Decimal(rate), cny(cost))


def fee(net: str = "20.00", *, rate: str = "6") -> BillLine:
    return BillLine("PL-1/1/fee", "fee", "Service fee", Decimal(1), "C62", cny(net), Decimal(rate), cny("0"))


def freight(net: str = "50.00", *, cost: str = "50.00", rate: str = "9") -> BillLine:
    return BillLine("PL-1/1/freight", "freight", "Freight", Decimal(1), "C62", cny(net), Decimal(rate), cny(cost))


def bill(buyer: str, lines: Sequence[BillLine], *, key: str = "bill:1", advance: str = "0.00", **changes: Any) -> str:
    """Issue an invoice to a buyer."""
    facts: dict[str, Any] = {
        "key": key,
        "buyer_ref": buyer,
        "source_ref": "pool:PL-2026-0001",
        "lines": lines,
        "advance": cny(advance),
        "issued_on": DAY,
        "due_on": DUE,
        "by": "system:delivery",
        "at": AT,
    }
    return invoicing.issue_invoice(**(facts | changes))


def stands(kind: str, owner: str = "", book: str = "platform") -> str:
    """What is posted on an account, as text."""
    return f"{ledger.balance(Acct(kind, owner, book=book)).amount}"


def facts(name: str) -> list[dict[str, Any]]:
    """The recorded events of one name, oldest first."""
    return list(OutboxEvent.objects.filter(name=name).order_by("id").values_list("payload", flat=True))


def trace() -> tuple[int, int, int, int]:
    """What any refusal must leave as it was."""
    tables = (Journal, Entry, OutboxEvent, StateChange)
    return tuple(table.objects.count() for table in tables)  # type: ignore[return-value,attr-defined]

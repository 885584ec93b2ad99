"""An approved claim, a facility, a drawdown, in one line each."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from finance.credit import use_cases as credit
from finance.invoicing.use_cases import approve_supplier_invoice
from marketplace.kernel.money import Money
from tests.cast import Player
from tests.finance.invoicing.shorthand import AT, WEI, claim, receive, send

DAY_LATER = timedelta(days=1)


def approved_claim(supplier: Player, *, n: int = 1, price: str = "1000.00", due: Any = None) -> str:
    """A claim of `price` plus 13 % that the platform has undertaken to pay (by default 1,130.00 on 1 May 2026)."""
    line = f"PO-2026-{n:04d}/1/goods"
    receive(supplier.org, "1", price=price, line=line, key=f"received:{n}", source=f"note:DN-2026-{n:04d}")
    changes = {"due_on": due} if due else {}
    ref = send(supplier.org, claim("1", price=price, line=line), number=f"T-{n}", **changes)
    approve_supplier_invoice(invoice_ref=ref, by=WEI, at=AT)
    return ref


def facility(financier: Player, limit: str = "100000.00", *, currency: str = "CNY", **changes: Any) -> str:
    """A facility at 6 % ACT/360, up to 180 days."""
    terms: dict[str, Any] = {
        "financier_ref": financier.org,
        "limit": Money(Decimal(limit), currency),
        "rate_percent": Decimal(6),
        "day_count": "ACT/360",
        "tenor_days": 180,
        "by": financier.by,
        "at": AT,
    }
    return credit.open_facility(**(terms | changes))


def drawn(supplier: Player, financier: Player, *, at: datetime = AT, **changes: Any) -> str:
    """An approved drawdown on a claim of 1,130.00."""
    invoice = approved_claim(supplier, **changes)
    ref = credit.request_funding(supplier_invoice_ref=invoice, by=supplier.by, at=at)
    credit.approve_drawdown(drawdown_ref=ref, by=financier.by, at=at)
    return ref

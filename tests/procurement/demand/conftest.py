"""What the tests of demand share: a product to ask for, and requests to start from."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from marketplace.catalogue import queries as catalogue
from marketplace.catalogue import use_cases as catalogue_
from marketplace.kernel.money import Rate
from procurement.demand import use_cases
from tests.cast import Player

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
START, END = date(2026, 4, 1), date(2026, 4, 15)


@pytest.fixture
def bolt(db: Any) -> catalogue.ProductView:
    """A product counted in pieces, sold in packs of 200."""
    row = catalogue_.NewProduct("BOLT-M8", "Hex bolt M8", unit="C62", pack_size=Decimal(200))
    ids = catalogue_.register_many(rows=[row], by="system:test", at=AT)
    return catalogue.products_by_id(ids.values())[ids["BOLT-M8"]]


def ask(buyer: Player, product: catalogue.ProductView, quantity: str = "500", **more: Any) -> str:
    """Open a draft of one line and return its ref."""
    ref = use_cases.open_request(buyer_ref=buyer.org, by=buyer.by, at=AT)
    line = {"unit": "pcs", "needed_from": START, "needed_to": END, "ceiling": Rate(Decimal("1.25"), "CNY")} | more
    use_cases.add_line(request_ref=ref, product_ref=product.ref, quantity=Decimal(quantity), by=buyer.by, at=AT, **line)
    return ref


def approved(buyer: Player, product: catalogue.ProductView, quantity: str = "500", **more: Any) -> str:
    """Return the ref of an approved request of one line."""
    ref = ask(buyer, product, quantity, **more)
    use_cases.submit_request(request_ref=ref, by=buyer.by, at=AT)
    use_cases.approve_request(request_ref=ref, by=buyer.by, at=AT)
    return ref


def written(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    """Write a file of an import and return its path."""
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path

"""A small market for the tests of pools: Lin and Bao buy, pumps in packs of ten are what they buy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from finance.ledger import use_cases as ledger
from finance.ledger.use_cases import Acct
from marketplace.catalogue import queries as catalogue_queries
from marketplace.catalogue import use_cases as catalogue
from marketplace.kernel.money import Money
from procurement.demand import use_cases as demand
from procurement.demand.models import RequestLine
from procurement.pools import use_cases as pools
from tests.cast import Player

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
FREEZE = NOON + timedelta(days=10)
WHO: dict[str, Any] = {"by": "user:wei", "at": NOON}
THEN: dict[str, Any] = {"by": "user:wei", "at": FREEZE}


@dataclass
class Market:
    """Two buyers, a supplier, and one product; the standing rule asks a deposit of 10 %."""

    lin: str
    bao: str
    teng: str
    product: str

    @property
    def product_id(self) -> int:
        return catalogue_queries.product(self.product).id

    def pool(self, **given: Any) -> str:
        """Open a pool of the product for April 2026 in Zhejiang; return its ref."""
        known: dict[str, Any] = {
            "product_ref": self.product,
            "window_start": date(2026, 4, 1),
            "window_end": date(2026, 5, 1),
            "freeze_at": FREEZE,
            "region": "Zhejiang",
        }
        return pools.open_pool(**{**known, **WHO, **given})

    def join(self, pool_ref: str, buyer_ref: str, quantity: int | str | None, **given: Any) -> str:
        """Join a pool; return the commitment's ref."""
        wish = {"pool_ref": pool_ref, "buyer_ref": buyer_ref, "quantity": amount(quantity)}
        return pools.join_pool(**{**wish, **WHO, **given})


def product(code: str = "P-1", **given: Any) -> str:
    """Enter a reviewed product in packs of ten."""
    known: dict[str, Any] = {"name_en": "Pump", "category_code": "pumps", "unit": "C62", "pack_size": Decimal(10)}
    ref = catalogue.register_product(code=code, **{**known, **WHO, **given})
    catalogue.review_product(product_ref=ref, **{**WHO, "by": "user:bei"})
    return ref


def amount(quantity: int | str | None) -> Decimal | None:
    return None if quantity is None else Decimal(quantity)


def ask(
    player: Player, product_ref: str, quantity: int | None, day: date, region: str = "Zhejiang", **given: Any
) -> int:
    """Let a buyer ask for a product from `day` on, approved; return the line's id."""
    request = demand.open_request(buyer_ref=player.org, **{**WHO, "by": player.by})
    demand.add_line(
        request_ref=request,
        product_ref=product_ref,
        quantity=amount(quantity),
        unit="C62",
        needed_from=day,
        needed_to=date(day.year, day.month + 1, 1),
        region=region,
        **{**WHO, "by": player.by, **given},
    )
    demand.submit_request(request_ref=request, **{**WHO, "by": player.by})
    demand.approve_request(request_ref=request, **{**WHO, "by": player.by})
    return RequestLine.objects.get(request__ref=request).pk


def pay_in(buyer_ref: str, amount: str, currency: str = "CNY") -> None:
    """Book a deposit received from the buyer (postings, row 1)."""
    money = Money(Decimal(amount), currency)
    escrow, owed = Acct("cash_escrow", currency=currency), Acct("buyer_deposits", buyer_ref, currency)
    ledger.post(
        key=f"test:{buyer_ref}:{amount}",
        lines=[ledger.debit(escrow, money), ledger.credit(owed, money)],
        booked_on=NOON.date(),
        source_ref=buyer_ref,
        **WHO,
    )

"""The market in which the buyers' pages are walked: Lin and Bao buy pumps, packs of ten, a deposit of 10 %."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.test import Client

from finance.treasury import use_cases as treasury
from marketplace.catalogue import queries as catalogue_queries
from marketplace.catalogue import use_cases as catalogue
from marketplace.kernel import clock
from marketplace.kernel.money import Money, Rate
from procurement.pools import use_cases as pools
from tests.cast import Player

WEI: dict[str, Any] = {"by": "user:wei"}


def client_of(player: Player) -> Client:
    """Return a browser in which the player has signed in."""
    client = Client()
    client.force_login(player.user)
    return client


def pumps(code: str = "P-1", **given: Any) -> str:
    """Enter a reviewed product with a published price list; return its ref."""
    at = clock.now()
    if not catalogue_queries.category_ids(["pumps"]):
        catalogue.register_category(code="pumps", name_en="Pumps", **WEI, at=at)
    known: dict[str, Any] = {
        "name_en": "Centrifugal pump",
        "name_zh": "离心泵",
        "category_code": "pumps",
        "unit": "C62",
        "pack_size": Decimal(10),
    }
    ref = catalogue.register_product(code=code, **{**known, **given}, **WEI, at=at)
    catalogue.review_product(product_ref=ref, by="user:bei", at=at)
    tiers = [catalogue.Tier(Decimal(n), Rate(Decimal(price), "CNY")) for n, price in ((1, "20"), (100, "18.5"))]
    catalogue.publish_price_list(product_ref=ref, supplier_ref=None, tiers=tiers, **WEI, at=at)
    return ref


def open_pool(product_ref: str, **given: Any) -> str:
    """Open a pool of the product in Zhejiang that freezes in five days; return its ref."""
    at = clock.now()
    start = (at + timedelta(days=60)).date().replace(day=1)
    known: dict[str, Any] = {
        "window_start": start,
        "window_end": date(start.year + start.month // 12, start.month % 12 + 1, 1),
        "freeze_at": at + timedelta(days=5),
        "region": "Zhejiang",
        "capacity": Decimal(500),
    }
    return pools.open_pool(product_ref=product_ref, **{**known, **given}, **WEI, at=at)


def pay_in(player: Player, amount: str) -> None:
    """Book money that the player's firm paid in for deposits."""
    at = clock.now()
    treasury.book_receipt(
        payer_ref=player.org,
        amount=Money(Decimal(amount), "CNY"),
        bank_reference=f"{player.org} {amount}",
        for_="deposit",
        booked_on=at.date(),
        **WEI,
        at=at,
    )

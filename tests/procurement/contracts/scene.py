"""Pools that are frozen, frameworks that are agreed, and orders called off them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from marketplace.catalogue import queries as catalogue_queries
from marketplace.catalogue import use_cases as catalogue
from marketplace.kernel.money import Money, Rate
from procurement.contracts import queries
from procurement.contracts import use_cases as contracts
from procurement.contracts.rules import PriceStep
from procurement.pools import use_cases as pools
from tests.cast import Player
from tests.procurement.pools.scene import FREEZE, NOON, WHO, pay_in, product

LATER = FREEZE + timedelta(days=1)
THEN: dict[str, Any] = {"by": "user:wei", "at": LATER}
STEPS = (PriceStep(Decimal(10), Decimal(12)), PriceStep(Decimal(100), Decimal("11.50")))
DEPOSIT = Decimal(10)


@dataclass
class Bench:
    """Lin and Bao buy pumps, Teng supplies them; a deposit of ten per cent."""

    lin: Player
    bao: Player
    teng: Player
    product: str

    def frozen(self, *wants: tuple[Player, int, str | None], region: str = "Zhejiang", **given: Any) -> str:
        """Open a pool, let each join with a quantity and a ceiling, and freeze it; return its ref."""
        known: dict[str, Any] = {"window_start": date(2026, 4, 1), "window_end": date(2026, 5, 1), "freeze_at": FREEZE}
        pool = pools.open_pool(product_ref=self.product, region=region, **{**known, **given}, **WHO)
        for player, quantity, ceiling in wants:
            top = None if ceiling is None else Rate(Decimal(ceiling), "CNY")
            pools.join_pool(
                pool_ref=pool, buyer_ref=player.org, quantity=Decimal(quantity), ceiling=top, **WHO
            )  # fmt: skip
        pools.freeze_pool(pool_ref=pool, by="user:wei", at=FREEZE)
        return pool

    def framework(self, *, agreed: bool = True, **given: Any) -> str:
        """Offer Teng a framework over pumps for 2026 with a ceiling of 1,000; return its ref."""
        known: dict[str, Any] = {
            "steps": STEPS,
            "currency": "CNY",
            "starts_on": date(2026, 1, 1),
            "ends_on": date(2027, 1, 1),
            "unit_freight": Decimal("0.50"),
            "ceiling": Decimal(1000),
        }
        terms = contracts.Terms(**{**known, **given})
        ref = contracts.offer_framework(
            supplier_ref=self.teng.org, product_ref=self.product, title="泵 pumps 2026", terms=terms, **THEN
        )
        if agreed:
            contracts.agree_framework(framework_ref=ref, by=self.teng.by, at=LATER)
        return ref

    def order(self, *wants: tuple[Player, int, str | None], acknowledged: bool = True, **given: Any) -> str:
        """Call off for a pool of Lin's 60 and Bao's 40, or for `wants`; return the order's ref."""
        pool = self.frozen(*(wants or ((self.lin, 60, "20"), (self.bao, 40, "20"))), **given)
        called = contracts.call_off(framework_ref=self.framework(), pool_ref=pool, **THEN)
        ref = queries.orders_of_call_offs([called])[called]
        if acknowledged:
            contracts.acknowledge_order(order_ref=ref, by=self.teng.by, at=LATER)
        return ref


def bench(lin: Player, bao: Player, teng: Player) -> Bench:
    """Enter the product, and pay in what deposits take."""
    if not catalogue_queries.category_ids(["pumps"]):
        catalogue.register_category(code="pumps", name_en="Pumps", deposit_percent=DEPOSIT, **WHO)
    for player in (lin, bao):
        pay_in(player.org, "5000.00")
    return Bench(lin, bao, teng, product(name_zh="离心泵"))


def yuan(amount: str) -> Money:
    return Money(Decimal(amount), "CNY")


__all__ = ["FREEZE", "LATER", "NOON", "STEPS", "THEN", "Bench", "bench", "yuan"]

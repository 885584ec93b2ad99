"""The market in which the buyers' pages are walked: Lin and Bao buy pumps, packs of ten, a deposit of 10 %."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.test import Client

from finance.treasury import use_cases as treasury
from marketplace.catalogue import queries as catalogue_queries
from marketplace.catalogue import use_cases as catalogue
from marketplace.events import relay
from marketplace.kernel import clock
from marketplace.kernel.money import Money, Rate
from procurement.contracts import queries as contracts_queries
from procurement.contracts import use_cases as contracts
from procurement.delivery import queries as delivery_queries
from procurement.delivery import use_cases as delivery
from procurement.pools import use_cases as pools
from procurement.tenders import queries as tender_queries
from procurement.tenders import use_cases as tenders
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


class Round:
    """Takes pools from freezing to invoices, where the buyers have nothing to say; each step an hour later."""

    def __init__(self, supplier: Player) -> None:
        self.supplier = supplier
        self.at = clock.now()

    def _later(self, **period: int) -> datetime:
        self.at += timedelta(**(period or {"hours": 1}))
        relay.drain(at=self.at)
        return self.at

    def order(self, *pool_refs: str, price: str) -> str:
        """Freeze and tender the pools, award all to the supplier, and let it acknowledge; return the order's ref."""
        for ref in pool_refs:
            pools.freeze_pool(pool_ref=ref, **WEI, at=self._later())
        until = self.at + timedelta(days=7)
        tender = tenders.prepare_tender(title="Pumps", pool_refs=pool_refs, bids_until=until, **WEI, at=self._later())
        tenders.publish_tender(tender_ref=tender, by="user:mei", at=self._later())
        lots = [
            {
                "lot": lot.ref,
                "tiers": [{"from": str(lot.step), "to": None, "price": price}],
                "freight": dict.fromkeys(lot.regions, "0.50"),
                "lead_days": 10,
            }
            for lot in tender_queries.tender(tender).lots
        ]
        tenders.seal_bid(
            tender_ref=tender,
            supplier_ref=self.supplier.org,
            offer={"lots": lots},
            by=self.supplier.by,
            at=self._later(),
        )
        tenders.close_tender(tender_ref=tender, by="system:clock", at=self._later(days=8))
        tenders.open_tender(tender_ref=tender, by="user:hua", at=self._later())
        tenders.award_tender(tender_ref=tender, by="user:hua", at=self._later())
        tenders.conclude_tender(tender_ref=tender, **WEI, at=self._later(days=11))
        self._later()
        (order,) = contracts_queries.refs_in("placed")
        contracts.acknowledge_order(order_ref=order, by=self.supplier.by, at=self._later())
        return order

    def ship(self, order: str, missing: int = 0) -> None:
        """Send all of an order; `missing` of its first line is not counted on arrival."""
        shipment = delivery.dispatch_shipment(order_ref=order, by=self.supplier.by, at=self._later())
        counted = {}
        if missing:
            first, sent = min(delivery_queries.shipment_lines(shipment).items())
            counted = {first: sent - missing}
        delivery.arrive_shipment(shipment_ref=shipment, counted=counted, by="system:hub", at=self._later())

    def invoice(self, order: str) -> None:
        """Let the supplier invoice what was accepted; its match makes the members' invoices and proves savings."""
        today = clock.business_date(self._later())
        delivery.submit_supplier_invoice(
            order_ref=order,
            number=f"{order}-1",
            issued_on=today,
            due_on=today + timedelta(days=60),
            by=self.supplier.by,
            at=self._later(),
        )
        self._later()

"""A small market for the tests of tenders: Lin and Bao want pumps in packs of ten, Teng and Shen make them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from marketplace.catalogue import use_cases as catalogue
from marketplace.kernel.money import Rate
from procurement.pools import use_cases as pools
from procurement.tenders import use_cases as tenders

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
FREEZE = NOON + timedelta(days=10)
PREPARED = FREEZE + timedelta(hours=1)
PUBLISHED = PREPARED + timedelta(hours=1)
BIDS_UNTIL = PUBLISHED + timedelta(days=7)
BIDDING = BIDS_UNTIL - timedelta(days=1)
OPENING = BIDS_UNTIL + timedelta(hours=1)
AWARDING = OPENING + timedelta(hours=1)
WEI, MEI, HUA = "user:wei", "user:mei", "user:hua"  # staff: one prepares, one publishes, one opens


@dataclass
class Market:
    """Refs of the firms and of the product; every pool is for April 2026 and asks no deposit."""

    lin: str
    bao: str
    teng: str
    shen: str
    product: str

    def pool(self, region: str = "Zhejiang", *, product: str = "", **given: Any) -> str:
        """Open a pool; return its ref."""
        known: dict[str, Any] = {
            "product_ref": product or self.product,
            "window_start": date(2026, 4, 1),
            "window_end": date(2026, 5, 1),
            "freeze_at": FREEZE,
            "region": region,
            "deposit_percent": Decimal(0),
            "fee_percent": Decimal(0),
        }
        return pools.open_pool(**{**known, "by": WEI, "at": NOON, **given})

    def join(self, pool_ref: str, buyer: str, quantity: int | str, ceiling: str | None = None, minute: int = 0) -> str:
        """Join a pool; return the commitment's ref."""
        return pools.join_pool(
            pool_ref=pool_ref,
            buyer_ref=buyer,
            quantity=Decimal(quantity),
            ceiling=None if ceiling is None else Rate(Decimal(ceiling), "CNY"),
            by="user:lin",
            at=NOON + timedelta(minutes=minute),
        )

    def frozen(self, region: str = "Zhejiang", *, lin: int = 60, bao: int = 40, **given: Any) -> str:
        """Return a frozen pool in which both buyers stand, Lin first."""
        ref = self.pool(region, **given)
        self.join(ref, self.lin, lin)
        self.join(ref, self.bao, bao, minute=1)
        return freeze(ref)

    def prepared(self, *pool_refs: str, **given: Any) -> str:
        """Return a draft on these pools (one frozen pool when none is named)."""
        known: dict[str, Any] = {"title": "Pumps for April", "bids_until": BIDS_UNTIL, "by": WEI, "at": PREPARED}
        return tenders.prepare_tender(**{**known, "pool_refs": pool_refs or [self.frozen()], **given})

    def published(self, *pool_refs: str, **given: Any) -> str:
        """Return a tender that takes bids."""
        published_at = given.pop("published_at", PUBLISHED)
        ref = self.prepared(*pool_refs, **given)
        tenders.publish_tender(tender_ref=ref, by=MEI, at=published_at)
        return ref

    def opened(self, *pool_refs: str, teng: Any = None, shen: Any = None, **given: Any) -> str:
        """Return an opened tender with the offers of Teng and Shen, made from (from, to, price) or a document."""
        ref = self.published(*pool_refs, **given)
        for supplier, said in ((self.teng, teng), (self.shen, shen)):
            if said is not None:
                bid(ref, supplier, said)
        tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)
        tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)
        return ref


def freeze(ref: str, at: datetime = FREEZE) -> str:
    """Freeze a pool; return its ref."""
    pools.freeze_pool(pool_ref=ref, by="system:clock", at=at)
    return ref


def lots_of(tender_ref: str) -> list[str]:
    """Return the refs of a tender's lots, in order."""
    from procurement.tenders import queries

    return [lot.ref for lot in queries.tender(tender_ref).lots]


def priced(tender_ref: str, *tiers: tuple[Any, Any, str], lot: int = 0, **more: Any) -> dict[str, Any]:
    """Return an offer for one lot of a tender."""
    rows = [{"from": start, "to": end, "price": price} for start, end, price in tiers]
    return {"lots": [{"lot": lots_of(tender_ref)[lot], "tiers": rows, **more}]}


def bid(tender_ref: str, supplier_ref: str, said: Any, at: datetime = BIDDING) -> tenders.Receipt:
    """Seal an offer: a document, or a list of (from, to, price) for the first lot."""
    offer = said if isinstance(said, dict) else priced(tender_ref, *said)
    return tenders.seal_bid(tender_ref=tender_ref, supplier_ref=supplier_ref, offer=offer, by="user:teng", at=at)


def new_product(code: str = "P-1", **given: Any) -> str:
    """Enter a reviewed product in packs of ten."""
    known: dict[str, Any] = {"name_en": "Pump", "category_code": "pumps", "unit": "C62", "pack_size": Decimal(10)}
    ref = catalogue.register_product(code=code, **{**known, "by": WEI, "at": NOON, **given})
    catalogue.review_product(product_ref=ref, by="user:bei", at=NOON)
    return ref

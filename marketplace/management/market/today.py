"""What is open on the day somebody tries the sample market: pools of every rule, a tender, lines in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from finance.treasury import use_cases as treasury_
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.queries import ProductView
from marketplace.kernel.clock import now
from marketplace.kernel.money import Money, Rate
from marketplace.kernel.periods import Period, month_of
from marketplace.management.market.cycle import DESK, SECOND_DESK
from marketplace.parties import queries as parties
from procurement.demand import queries as demand
from procurement.demand import use_cases as demand_
from procurement.engines.wants import Level
from procurement.pools import queries as pools
from procurement.pools import use_cases as pools_
from procurement.pools.rules import ALLOCATION_RULES, SAMPLE
from procurement.tenders import use_cases as tenders_

EVERY = 5  # every so many products of the list get a pool
TENDERED = 3  # of four pools, the one that is put to tender at once
SAMPLED = "SH-"  # samples are gathered of these goods
# What Lin's buyer writes when it does not know our names: (words, quantity, unit, ceiling).
IN_WORDS = (
    ("bearing deep groove 6204 2RS, rubber sealed", "120", "pc", "5.20"),
    ("丁腈O形圈 40*3.1", "900", "pc", "0.21"),
    ("copper wire enameled QZ-2 0.71mm", "75", "kg", "82.00"),
    ("stainless bar 304 dia 16", "200", "kg", "19.00"),
)


@dataclass(frozen=True)
class Today:
    """Opens what can be joined, bid on and confirmed now; safe to run again.

    rows  returns the rows of one of the sample's own CSV files;  refs  organisations' refs by credit code
    """

    rows: Callable[[str], list[dict[str, str]]]
    refs: dict[str, str]

    def open(self) -> None:
        """Open pools for a window two months ahead, one sample pool, a tender, and requests in words."""
        window = month_of(now().date() + timedelta(days=70))
        buyers = [self.refs[row["credit_code"]] for row in self.rows("parties.csv") if row["roles"] == "buyer"]
        tendered = []
        for place, row in enumerate(self.rows("products.csv")[::EVERY]):
            view = _product(row["code"])
            if pools.stands_for(view.id, window.start):
                continue
            pool_ref = self._pool(view, row, window, place, buyers)
            if place % 4 == TENDERED:
                tendered.append(pool_ref)
        if tendered:
            _tender(tendered)
        self._sample_pool(window, buyers)
        _in_words(buyers[0])

    def _pool(self, view: ProductView, row: dict[str, str], window: Period, place: int, buyers: Sequence[str]) -> str:
        """Open a pool whose rule and members differ from place to place; every other member names a demand curve."""
        at, region, price = now(), _region(row["code"]), Decimal(row["list_price"])
        pool_ref = pools_.open_pool(
            product_ref=view.ref,
            window_start=window.start,
            window_end=window.end,
            region=region,
            freeze_at=at + timedelta(days=7 + place),
            minimum=view.pack_size,
            capacity=view.pack_size * 400,
            allocation_rule=ALLOCATION_RULES[place % len(ALLOCATION_RULES)],
            fallbacks=["extend", "release"],
            by=DESK,
            at=at,
        )
        near = [ref for ref in buyers if parties.organisation(ref).region == region]
        for number, buyer_ref in enumerate(near[place % 3 : place % 3 + 8]):
            quantity = (view.pack_size * (number + 1) * (1 + place % 4)).to_integral_value()
            _join(pool_ref, buyer_ref, quantity, price, curve=bool(number % 2))
        return pool_ref

    def _sample_pool(self, window: Period, buyers: Sequence[str]) -> None:
        """Gather single pairs' worth of a shoe material below what its maker would cut for one."""
        row = next(row for row in reversed(self.rows("products.csv")) if row["code"].startswith(SAMPLED))
        view, at = _product(row["code"]), now()
        if pools.stands_for(view.id, window.start):
            return
        pool_ref = pools_.open_pool(
            product_ref=view.ref,
            window_start=window.start,
            window_end=window.end,
            region=_region(row["code"]),
            freeze_at=at + timedelta(days=10),
            kind=SAMPLE,
            member_limit=view.pack_size / 2,
            fee_percent=Decimal(5),
            by=DESK,
            at=at,
        )
        near = [ref for ref in buyers if parties.organisation(ref).region == _region(row["code"])]
        for buyer_ref in near[:5]:
            quantity = max(Decimal(1), (view.pack_size / 4).to_integral_value())
            _join(pool_ref, buyer_ref, min(quantity, view.pack_size / 2), Decimal(row["list_price"]))


def _join(pool_ref: str, buyer_ref: str, quantity: Decimal, price: Decimal, *, curve: bool = False) -> None:
    """Pay a deposit in and join: at a ceiling above the list, or with half of it wanted only below the list."""
    at = now()
    ceiling = Rate((price * Decimal("1.1")).quantize(Decimal("0.0001")), "CNY")
    treasury_.book_receipt(
        payer_ref=buyer_ref,
        amount=Money.rounded(quantity * ceiling.amount, "CNY"),
        bank_reference=f"deposit {pool_ref} {buyer_ref}",
        for_="deposit",
        booked_on=at.date(),
        by=DESK,
        at=at,
    )
    lower = (price * Decimal("0.97")).quantize(Decimal("0.0001"))
    half = (quantity / 2).to_integral_value()
    if curve and 0 < half < quantity:
        levels = (Level(ceiling.amount, half), Level(lower, quantity))
        pools_.join_pool(pool_ref=pool_ref, buyer_ref=buyer_ref, curve=levels, by=DESK, at=at)
    else:
        pools_.join_pool(pool_ref=pool_ref, buyer_ref=buyer_ref, quantity=quantity, ceiling=ceiling, by=DESK, at=at)


def _tender(pool_refs: list[str]) -> None:
    at = now()
    for pool_ref in pool_refs:
        pools_.freeze_pool(pool_ref=pool_ref, by=DESK, at=at)
    ref = tenders_.prepare_tender(
        title="Open now: next quarter's parts",
        pool_refs=pool_refs,
        bids_until=at + timedelta(days=9),
        by=DESK,
        at=at,
    )
    tenders_.publish_tender(tender_ref=ref, by=SECOND_DESK, at=at)


def _in_words(buyer_ref: str) -> None:
    """Hand in a request whose lines name no product, and let the catalogue be searched for them."""
    at: datetime = now()
    if demand.has_external_ref(buyer_ref, "in words"):
        return
    request_ref = demand_.open_request(buyer_ref=buyer_ref, external_ref="in words", by=DESK, at=at)
    for words, quantity, unit, ceiling in IN_WORDS:
        demand_.add_line(
            request_ref=request_ref,
            text=words,
            quantity=Decimal(quantity),
            unit=unit,
            needed_from=at.date() + timedelta(days=80),
            needed_to=at.date() + timedelta(days=110),
            ceiling=Rate(Decimal(ceiling), "CNY"),
            by=DESK,
            at=at,
        )
    demand_.submit_request(request_ref=request_ref, by=DESK, at=at)
    demand_.suggest_products(by=DESK, at=at)


def _product(code: str) -> ProductView:
    return catalogue.products_by_code([code])[code]


def _region(code: str) -> str:
    return "Taizhou" if code.startswith("PV") else "Wenzhou"

"""What was paid, offered or stated before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from marketplace.kernel.money import Rate
from marketplace.kernel.periods import Period
from procurement.demand import models
from procurement.demand.states import LineState, RequestState

LAST = ("needed_from", "quantity", "unit_price", "currency")
COUNTED = [RequestState.APPROVED.value, RequestState.CLOSED.value]


@dataclass(frozen=True)
class VendorOffer:
    """A vendor's last price of a product before a day; `lines` is how many priced lines stand behind it."""

    product_id: int
    vendor: str
    unit_price: Rate
    priced_on: date
    lines: int


def vendor_offers(*, before: date) -> list[VendorOffer]:
    """Return each vendor's last price above zero of each product, among imported lines needed before that day.

    Of several lines on the last day, the one entered last counts.
    """
    priced = models.RequestLine.objects.filter(needed_from__lt=before, unit_price__gt=0, product__isnull=False)
    each = [F("product_id"), F("vendor")]
    rows = (
        priced.exclude(vendor="")
        .annotate(
            nth=Window(RowNumber(), partition_by=each, order_by=[F("needed_from").desc(), F("id").desc()]),
            lines=Window(Count("id"), partition_by=each),
        )
        .filter(nth=1)
        .order_by("product_id", "vendor")
        .values_list("product_id", "vendor", "unit_price", "currency", "needed_from", "lines")
    )
    return [VendorOffer(product, who, Rate(price, coin), on, n) for product, who, price, coin, on, n in rows if price]


def last_price(buyer_id: int, product_id: int, before: date) -> Rate | None:
    """Return what a unit of the product last cost this buyer before that day, None when it never bought it."""
    return last_prices([(buyer_id, product_id)], before).get((buyer_id, product_id))


def last_prices(pairs: Collection[tuple[int, int]], before: date) -> dict[tuple[int, int], Rate]:
    """Return the last price above zero of each (buyer id, product id) before that day, where there is one."""
    return {pair: bought.price for pair, bought in last_purchases(pairs, before).items()}


@dataclass(frozen=True)
class Purchase:
    """What a buyer paid a unit the last time: the line that says so, and the day it was needed from."""

    request_ref: str
    position: int
    on: date
    quantity: Decimal
    price: Rate


def last_purchases(pairs: Collection[tuple[int, int]], before: date) -> dict[tuple[int, int], Purchase]:
    """Return the last line with a price above zero of each (buyer id, product id) before that day, if there is one.

    Only lines of approved requests that were not cancelled count: a price in a draft proves nothing.
    """
    wanted = set(pairs)
    found: dict[tuple[int, int], Purchase] = {}
    for products in slices(sorted({product for _, product in wanted})):
        rows = (
            counted()
            .filter(product_id__in=products, needed_from__lt=before, unit_price__gt=0)
            .annotate(
                nth=Window(
                    RowNumber(),
                    partition_by=[F("request__buyer_id"), F("product_id")],
                    order_by=[F("needed_from").desc(), F("id").desc()],
                )
            )
            .filter(nth=1)
            .values_list("request__buyer_id", "product_id", "request__ref", "position", *LAST)
        )
        for buyer, product, ref, position, on, quantity, price, coin in rows:
            if price:
                found[buyer, product] = Purchase(ref, position, on, quantity, Rate(price, coin))
    return {pair: bought for pair, bought in found.items() if pair in wanted}


def stated_prices(product_ids: Iterable[int], currency: str, span: Period) -> dict[int, list[tuple[Decimal, Decimal]]]:
    """Return what the lines needed from within `span` say a unit costs: (quantity, price above zero) by product id."""
    found: dict[int, list[tuple[Decimal, Decimal]]] = {}
    for products in slices(product_ids):
        rows = counted().filter(
            product_id__in=products,
            needed_from__gte=span.start,
            needed_from__lt=span.end,
            currency=currency,
            unit_price__gt=0,
        )
        for product_id, quantity, price in rows.values_list("product_id", "quantity", "unit_price"):
            if product_id is not None and price is not None:
                found.setdefault(product_id, []).append((quantity, price))
    return found


def counted() -> QuerySet[models.RequestLine]:
    lines = models.RequestLine.objects.filter(request__state__in=COUNTED, product__isnull=False)
    return lines.exclude(line_state=LineState.CANCELLED.value)


def slices(things: Iterable[int], size: int = 5_000) -> Iterator[list[int]]:
    every = list(things)
    for start in range(0, len(every), size):
        yield every[start : start + size]

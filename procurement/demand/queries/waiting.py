"""Approved lines as pools take them, and what is pooled already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet

from marketplace.catalogue import queries as catalogue
from marketplace.kernel.actors import Actor
from marketplace.kernel.periods import Period, window_label
from marketplace.parties import queries as parties
from procurement.demand import models
from procurement.demand.queries.prices import counted, slices
from procurement.demand.queries.reading import own
from procurement.demand.states import LineState, RequestState
from procurement.engines.wants import Entry, entries_of, read_curve

PAGE = 2_000


class DemandLine(NamedTuple):
    """An approved want that is in no pool yet; quantities in `unit`, needed on the days [needed_from, needed_to)."""

    line_id: int
    request_ref: str
    buyer_id: int
    buyer_ref: str
    product_id: int
    region: str
    unit: str
    quantity: Decimal
    tolerance: Decimal
    needed_from: date
    needed_to: date
    ceiling: Decimal | None
    currency: str
    entered_at: datetime
    unit_price: Decimal | None
    vendor: str
    curve: str = ""
    substitutes_allowed: bool = False

    @property
    def entries(self) -> list[Entry]:
        """The rows that the want consists of: one, or one a level of its demand curve."""
        levels = read_curve(self.curve)
        return entries_of(levels, self.tolerance) if levels else [Entry(self.quantity, self.tolerance, self.ceiling)]


class WindowRow(NamedTuple):
    """What was asked of one product in one window, over all regions."""

    product: str
    window: str
    quantity: Decimal
    value: Decimal
    buyers: int
    regions: int


def open_lines(*, after: date | None = None, before: date | None = None) -> Iterator[DemandLine]:
    """Yield the approved lines in no pool, oldest first (entered_at, then id), streamed.

    after, before   only lines needed from a day strictly between the two

    Collect before you write: marking lines while their stream is still open is undefined on SQLite.
    """
    rows = models.RequestLine.objects.filter(
        line_state=LineState.OPEN.value, request__state=RequestState.APPROVED.value, product__isnull=False
    )
    if after:
        rows = rows.filter(needed_from__gt=after)
    if before:
        rows = rows.filter(needed_from__lt=before)
    buyers = parties.refs_by_id(rows.order_by().values_list("request__buyer_id", flat=True).distinct())
    columns = ("id", "request__ref", "request__buyer_id", *DemandLine._fields[4:])
    for line_id, request_ref, buyer_id, *rest in (
        rows.order_by("entered_at", "id").values_list(*columns).iterator(chunk_size=PAGE)
    ):
        yield DemandLine(line_id, request_ref, buyer_id, buyers[buyer_id], *rest)


def days_of(line_ids: Iterable[int]) -> dict[int, Period]:
    """Return the days on which lines are needed, by row id."""
    found = {}
    for some in slices(line_ids):
        rows = models.RequestLine.objects.filter(id__in=some).values_list("id", "needed_from", "needed_to")
        found.update({pk: Period(start, end) for pk, start, end in rows})
    return found


def lines_to_pool(
    actor: Actor, *, product_id: int, currency: str, start: date, end: date
) -> QuerySet[models.RequestLine]:
    """Return the actor's own approved lines of a product in no pool yet, needed from [start, end) on, oldest first."""
    mine = models.RequestLine.objects.filter(request__buyer_id__in=own(actor), line_state=LineState.OPEN.value)
    wanted = mine.filter(request__state=RequestState.APPROVED.value, product_id=product_id, currency=currency)
    then = wanted.filter(needed_from__gte=start, needed_from__lt=end)
    return then.select_related("request").order_by("entered_at", "id")


def pooled_windows(kind: str) -> Iterator[WindowRow]:
    """Yield what was asked of each product in each `month` or `week`, by (product code, window) in code-point order.

    Counts every approved line that was not cancelled, wherever it has got to since, by the day it is needed from. A
    line without a value counts as zero. Pounds are not added to dollars: wants in two currencies make two rows.

    :raises ValueError: another kind of window.
    """
    window_label(date(2000, 1, 1), kind)
    lines = counted()
    ids = list(lines.order_by().values_list("product_id", flat=True).distinct())
    codes = {row.id: row.code for row in catalogue.products_by_id(ids).values()}
    for some in slices(sorted(codes, key=codes.__getitem__), 200):
        folded = {product_id: dict[tuple[str, str], _Fold]() for product_id in some}
        columns = ("product_id", "needed_from", "currency", "quantity", "stated_value", "request__buyer_id", "region")
        rows = lines.filter(product_id__in=some).values_list(*columns).iterator(chunk_size=PAGE)
        for product_id, day, currency, *line in rows:
            folded[product_id].setdefault((window_label(day, kind), currency), _Fold()).add(*line)
        for product_id in some:
            for (window, _), fold in sorted(folded[product_id].items()):
                yield WindowRow(codes[product_id], window, *fold.row())


class _Fold:
    """Sums over the lines of one product and window."""

    __slots__ = ("buyers", "quantity", "regions", "value")

    def __init__(self) -> None:
        self.quantity = self.value = Decimal(0)
        self.buyers: set[int] = set()
        self.regions: set[str] = set()

    def add(self, quantity: Decimal, value: Decimal | None, buyer_id: int, region: str) -> None:
        self.quantity += quantity
        self.value += value or 0
        self.buyers.add(buyer_id)
        self.regions.add(region)

    def row(self) -> tuple[Decimal, Decimal, int, int]:
        return self.quantity, self.value, len(self.buyers), len(self.regions)

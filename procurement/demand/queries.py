"""Everything anyone may ask about demand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber

from marketplace.catalogue import queries as catalogue
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Rate
from marketplace.kernel.periods import Period, window_label
from marketplace.kernel.refusals import NotFound
from marketplace.parties import queries as parties
from procurement.demand import models, rules
from procurement.demand.states import LineState, RequestState, SuggestionState
from procurement.engines.wants import Entry, entries_of, read_curve

PAGE = 2_000
LAST = ("needed_from", "quantity", "unit_price", "currency")
COUNTED = [RequestState.APPROVED.value, RequestState.CLOSED.value]


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


@dataclass(frozen=True)
class VendorOffer:
    """A vendor's last price of a product before a day; `lines` is how many priced lines stand behind it."""

    product_id: int
    vendor: str
    unit_price: Rate
    priced_on: date
    lines: int


class WindowRow(NamedTuple):
    """What was asked of one product in one window, over all regions."""

    product: str
    window: str
    quantity: Decimal
    value: Decimal
    buyers: int
    regions: int


def requests_for(actor: Actor) -> QuerySet[models.PurchaseRequest]:
    """Return the requests of the actor's organisation, with the refs of buyer, site and batch; staff see all."""
    rows = models.PurchaseRequest.objects.annotate(
        buyer_ref=F("buyer__ref"), site_ref=F("site__ref"), batch_ref=F("batch__ref"), line_count=_line_count()
    )
    return rows if actor.staff else rows.filter(buyer_id__in=_own(actor))


def _line_count() -> Subquery:
    lines = models.RequestLine.objects.filter(request=OuterRef("pk")).order_by().values("request")
    return Subquery(lines.annotate(n=Count("id")).values("n"), output_field=IntegerField())


def has_external_ref(buyer_ref: str, external_ref: str) -> bool:
    """Return whether a buyer has a request of this name in its own books."""
    return models.PurchaseRequest.objects.filter(buyer__ref=buyer_ref, external_ref=external_ref).exists()


def batches_for(actor: Actor) -> QuerySet[models.ImportBatch]:
    """Return the files that the actor's organisation imported; staff see all."""
    rows = models.ImportBatch.objects.all()
    return rows if actor.staff else rows.filter(organisation_id__in=_own(actor))


def mappings_for(actor: Actor) -> QuerySet[models.ColumnMapping]:
    """Return the column mappings that the actor's organisation keeps."""
    return models.ColumnMapping.objects.filter(organisation_id__in=_own(actor)).order_by("name")


def _own(actor: Actor) -> list[int]:
    return list(parties.ids_by_ref([actor.organisation]).values()) if actor.organisation else []


def kept_mapping(organisation_ref: str, name: str) -> str | None:
    """Return the text of the mapping that an organisation keeps under `name`, None when it keeps none."""
    own = models.ColumnMapping.objects.filter(organisation_id__in=parties.ids_by_ref([organisation_ref]).values())
    return own.filter(name=name).values_list("text", flat=True).first()


def kept_mapping_names(organisation_ref: str) -> list[str]:
    """Return the names under which an organisation keeps mappings."""
    own = models.ColumnMapping.objects.filter(organisation_id__in=parties.ids_by_ref([organisation_ref]).values())
    return list(own.order_by("name").values_list("name", flat=True))


def request_lines(request_ref: str) -> QuerySet[models.RequestLine]:
    """Return the lines of a request in order, with their products, the changes of their quantities and their freight.

    :raises NotFound: there is no such request.
    """
    if not models.PurchaseRequest.objects.filter(ref=request_ref).exists():
        raise NotFound(what="purchase request", ref=request_ref)
    lines = models.RequestLine.objects.filter(request__ref=request_ref).order_by("position")
    names = {"product_ref": F("product__ref"), "product_code": F("product__code")}
    return lines.annotate(**names).select_related("freight").prefetch_related("changes")


def first_lines(request_ids: Iterable[int]) -> dict[int, models.RequestLine]:
    """Return the first line of each request by the request's row id, to say in a list what it is about."""
    rows = models.RequestLine.objects.filter(request_id__in=list(request_ids), position=1)
    return {line.request_id: line for line in rows}


def batch_lines(batch_ref: str, limit: int) -> list[models.RequestLine]:
    """Return the first lines that a file brought, in its order, with their requests."""
    rows = models.RequestLine.objects.filter(request__batch__ref=batch_ref).select_related("request")
    return list(rows.order_by("id")[:limit])


@dataclass(frozen=True)
class Cost:
    """What a request may cost at most, by currency, and the positions of lines of which nobody can tell."""

    total: dict[str, Decimal]
    unpriced: tuple[int, ...]


def cost_of(request_ref: str) -> Cost:
    """Return what a request may cost: of each line its ceiling, else its stated value, else the published price."""
    rows = models.RequestLine.objects.filter(request__ref=request_ref).exclude(line_state=LineState.CANCELLED.value)
    lines = list(rows.order_by("position"))
    published = catalogue.price_lists(line.product_id for line in lines if line.product_id and line.ceiling is None)
    total: dict[str, Decimal] = {}
    unpriced = []
    for line in lines:
        listed = published.get((line.product_id or 0, line.currency), [])
        cost = rules.most_it_may_cost(
            line.quantity,
            line.tolerance,
            ceiling=line.ceiling,
            stated=line.stated_value,
            unit_price=line.unit_price,
            listed=[(start, rate.amount) for start, rate in listed],
            curve=read_curve(line.curve),
        )
        if cost is None:
            unpriced.append(line.position)
        else:
            total[line.currency] = total.get(line.currency, Decimal(0)) + cost
    return Cost(total, tuple(unpriced))


def finished_requests(limit: int) -> QuerySet[models.PurchaseRequest]:
    """Return approved requests, oldest first, whose lines are all delivered or cancelled."""
    done = [LineState.DELIVERED.value, LineState.CANCELLED.value]
    going_on = models.RequestLine.objects.filter(request=OuterRef("pk")).exclude(line_state__in=done)
    approved = models.PurchaseRequest.objects.filter(state=RequestState.APPROVED.value)
    return approved.exclude(Exists(going_on)).order_by("id")[:limit]


def lines_to_match(knowledge: str, limit: int) -> list[models.RequestLine]:
    """Return open lines in words, with their requests, that were not yet compared under this knowledge, oldest first.

    Lines whose candidates wait for somebody are not compared again.
    """
    going = [state.value for state in (RequestState.DRAFT, RequestState.SUBMITTED, RequestState.APPROVED)]
    rows = models.RequestLine.objects.filter(
        product__isnull=True, line_state=LineState.OPEN.value, request__state__in=going
    )
    due = Q(look__isnull=True) | (Q(look__outcome="nothing") & ~Q(look__knowledge=knowledge))
    return list(rows.filter(due).select_related("request").order_by("entered_at", "id")[:limit])


def suggestions_for(actor: Actor) -> QuerySet[Any]:
    """Return the products suggested for the actor's own lines, with line, request and product; staff see all."""
    rows = models.MatchSuggestion.objects.annotate(
        request_ref=F("line__request__ref"),
        position=F("line__position"),
        text=F("line__text"),
        buyer_ref=F("line__request__buyer__ref"),
        product_ref=F("product__ref"),
        product_code=F("product__code"),
    )
    return rows if actor.staff else rows.filter(line__request__buyer_id__in=_own(actor))


def lines_to_name(actor: Actor) -> QuerySet[models.RequestLine]:
    """Return the actor's own open lines in words for which products are suggested and wait for an answer."""
    waiting = models.MatchSuggestion.objects.filter(line=OuterRef("pk"), state=SuggestionState.WAITING.value)
    rows = models.RequestLine.objects.filter(
        request__buyer_id__in=_own(actor), product__isnull=True, line_state=LineState.OPEN.value
    )
    return rows.filter(Exists(waiting)).select_related("request")


def waiting_for(line_ids: Iterable[int]) -> dict[int, list[models.MatchSuggestion]]:
    """Return the waiting suggestions of lines by the line's row id, likeliest first."""
    rows = models.MatchSuggestion.objects.filter(line_id__in=list(line_ids), state=SuggestionState.WAITING.value)
    found: dict[int, list[models.MatchSuggestion]] = {}
    for row in rows.order_by("line_id", "rank"):
        found.setdefault(row.line_id, []).append(row)
    return found


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
    for some in _slices(line_ids):
        rows = models.RequestLine.objects.filter(id__in=some).values_list("id", "needed_from", "needed_to")
        found.update({pk: Period(start, end) for pk, start, end in rows})
    return found


def lines_to_pool(
    actor: Actor, *, product_id: int, currency: str, start: date, end: date
) -> QuerySet[models.RequestLine]:
    """Return the actor's own approved lines of a product in no pool yet, needed from [start, end) on, oldest first."""
    mine = models.RequestLine.objects.filter(request__buyer_id__in=_own(actor), line_state=LineState.OPEN.value)
    wanted = mine.filter(request__state=RequestState.APPROVED.value, product_id=product_id, currency=currency)
    then = wanted.filter(needed_from__gte=start, needed_from__lt=end)
    return then.select_related("request").order_by("entered_at", "id")


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
    for products in _slices(sorted({product for _, product in wanted})):
        rows = (
            _counted()
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
    for products in _slices(product_ids):
        rows = _counted().filter(
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


def pooled_windows(kind: str) -> Iterator[WindowRow]:
    """Yield what was asked of each product in each `month` or `week`, by (product code, window) in code-point order.

    Counts every approved line that was not cancelled, wherever it has got to since, by the day it is needed from. A
    line without a value counts as zero. Pounds are not added to dollars: wants in two currencies make two rows.

    :raises ValueError: another kind of window.
    """
    window_label(date(2000, 1, 1), kind)
    lines = _counted()
    ids = list(lines.order_by().values_list("product_id", flat=True).distinct())
    codes = {row.id: row.code for row in catalogue.products_by_id(ids).values()}
    for some in _slices(sorted(codes, key=codes.__getitem__), 200):
        folded = {product_id: dict[tuple[str, str], _Fold]() for product_id in some}
        columns = ("product_id", "needed_from", "currency", "quantity", "stated_value", "request__buyer_id", "region")
        rows = lines.filter(product_id__in=some).values_list(*columns).iterator(chunk_size=PAGE)
        for product_id, day, currency, *line in rows:
            folded[product_id].setdefault((window_label(day, kind), currency), _Fold()).add(*line)
        for product_id in some:
            for (window, _), fold in sorted(folded[product_id].items()):
                yield WindowRow(codes[product_id], window, *fold.row())


def _counted() -> QuerySet[models.RequestLine]:
    lines = models.RequestLine.objects.filter(request__state__in=COUNTED, product__isnull=False)
    return lines.exclude(line_state=LineState.CANCELLED.value)


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


def _slices(things: Iterable[int], size: int = 5_000) -> Iterator[list[int]]:
    every = list(things)
    for start in range(0, len(every), size):
        yield every[start : start + size]

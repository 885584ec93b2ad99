"""Requests, their lines, files and mappings, and what they may cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, F, IntegerField, OuterRef, QuerySet, Subquery

from marketplace.catalogue import queries as catalogue
from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import NotFound
from marketplace.parties import queries as parties
from procurement.demand import models, rules
from procurement.demand.states import LineState, RequestState
from procurement.engines.wants import read_curve


def requests_for(actor: Actor) -> QuerySet[models.PurchaseRequest]:
    """Return the requests of the actor's organisation, with the refs of buyer, site and batch; staff see all."""
    rows = models.PurchaseRequest.objects.annotate(
        buyer_ref=F("buyer__ref"), site_ref=F("site__ref"), batch_ref=F("batch__ref"), line_count=_line_count()
    )
    return rows if actor.staff else rows.filter(buyer_id__in=own(actor))


def _line_count() -> Subquery:
    lines = models.RequestLine.objects.filter(request=OuterRef("pk")).order_by().values("request")
    return Subquery(lines.annotate(n=Count("id")).values("n"), output_field=IntegerField())


def has_external_ref(buyer_ref: str, external_ref: str) -> bool:
    """Return whether a buyer has a request of this name in its own books."""
    return models.PurchaseRequest.objects.filter(buyer__ref=buyer_ref, external_ref=external_ref).exists()


def batches_for(actor: Actor) -> QuerySet[models.ImportBatch]:
    """Return the files that the actor's organisation imported; staff see all."""
    rows = models.ImportBatch.objects.all()
    return rows if actor.staff else rows.filter(organisation_id__in=own(actor))


def mappings_for(actor: Actor) -> QuerySet[models.ColumnMapping]:
    """Return the column mappings that the actor's organisation keeps."""
    return models.ColumnMapping.objects.filter(organisation_id__in=own(actor)).order_by("name")


def own(actor: Actor) -> list[int]:
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

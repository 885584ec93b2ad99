"""Lines in words, and the products suggested for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from marketplace.kernel.actors import Actor
from procurement.demand import models
from procurement.demand.queries.reading import own
from procurement.demand.states import LineState, RequestState, SuggestionState


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
    return rows if actor.staff else rows.filter(line__request__buyer_id__in=own(actor))


def lines_to_name(actor: Actor) -> QuerySet[models.RequestLine]:
    """Return the actor's own open lines in words for which products are suggested and wait for an answer."""
    waiting = models.MatchSuggestion.objects.filter(line=OuterRef("pk"), state=SuggestionState.WAITING.value)
    rows = models.RequestLine.objects.filter(
        request__buyer_id__in=own(actor), product__isnull=True, line_state=LineState.OPEN.value
    )
    return rows.filter(Exists(waiting)).select_related("request")


def waiting_for(line_ids: Iterable[int]) -> dict[int, list[models.MatchSuggestion]]:
    """Return the waiting suggestions of lines by the line's row id, likeliest first."""
    rows = models.MatchSuggestion.objects.filter(line_id__in=list(line_ids), state=SuggestionState.WAITING.value)
    found: dict[int, list[models.MatchSuggestion]] = {}
    for row in rows.order_by("line_id", "rank"):
        found.setdefault(row.line_id, []).append(row)
    return found

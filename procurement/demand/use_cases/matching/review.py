"""A person says what a line in words means: this product, or not this one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marketplace.catalogue import queries as catalogue
from marketplace.kernel.refusals import NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from procurement.demand import models
from procurement.demand.states import SuggestionState
from procurement.demand.use_cases.loading import load, load_line, must_be, touch
from procurement.demand.use_cases.matching.memory import remember
from procurement.demand.use_cases.matching.naming import NAMEABLE, name_line


class NamedOtherwise(Refusal):
    """The line means another product by now."""

    code = "named_otherwise"
    words = gettext_noop("Line {position} of {ref} has another product by now.")


@transaction.atomic
def confirm_match(*, suggestion_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Say that a line means the suggested product: it is named, counted in the product's unit, and remembered.

    Confirmed once more, nothing happens. What else waited for the line is superseded.

    :raises NotFound: no such suggestion.
    :raises IllegalMove: it was rejected or superseded, or the request is over.
    :raises NamedOtherwise: the line has another product by now.
    :raises BadValue: the line cannot be counted exactly in the product's unit.
    :raises StaleWrite: somebody changed the line or decided meanwhile.
    """
    suggestion = _load(suggestion_ref)
    if suggestion.state == SuggestionState.CONFIRMED:
        return
    line = suggestion.line
    must_be(line.request, *NAMEABLE, verb="name_product")
    suggestion.move("confirm", by=by, at=at, why=why, decided_by=by, decided_at=at)
    if line.product_id is None:
        touch(line.request)
        name_line(line, catalogue.products_by_id([suggestion.product_id])[suggestion.product_id], by=by, at=at)
    elif line.product_id != suggestion.product_id:
        raise NamedOtherwise(ref=line.request.ref, position=line.position)
    supersede_rest(line.pk, by=by, at=at)
    remember_line(line, suggestion.product_id, by=by, at=at)


@transaction.atomic
def reject_match(*, suggestion_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Say that a line does not mean the suggested product; it is not suggested for that line again.

    Rejected once more, nothing happens.

    :raises NotFound: no such suggestion.
    :raises IllegalMove: it was confirmed or superseded.
    """
    suggestion = _load(suggestion_ref)
    if suggestion.state != SuggestionState.REJECTED:
        suggestion.move("reject", by=by, at=at, why=why, decided_by=by, decided_at=at)
        look_again(suggestion.line_id)


@transaction.atomic
def reject_matches(*, request_ref: str, position: int, by: str, at: datetime, why: str = "") -> int:
    """Say that a line means none of the suggested products; return how many were waiting.

    :raises NotFound: no such request or line.
    """
    line = load_line(load(request_ref), position)
    waiting = _waiting(line.pk)
    for suggestion in waiting:
        suggestion.move("reject", by=by, at=at, why=why, decided_by=by, decided_at=at)
    look_again(line.pk)
    return len(waiting)


def look_again(line_id: int) -> None:
    """Let a line of which nothing waits any more be compared again once the catalogue has changed."""
    if not _waiting(line_id):
        models.MatchLook.objects.filter(line_id=line_id, outcome="waiting").update(outcome="nothing")


def supersede_rest(line_id: int, *, by: str, at: datetime) -> None:
    """Take back what still waits for a line whose product is known by now."""
    for suggestion in _waiting(line_id):
        suggestion.move("supersede", by=by, at=at, decided_by=by, decided_at=at)


def remember_line(line: models.RequestLine, product_id: int, *, by: str, at: datetime) -> None:
    """Remember what the line's words mean to its buyer."""
    remember(buyer_id=line.request.buyer_id, text=line.text, product_id=product_id, unit=line.unit, by=by, at=at)


def _waiting(line_id: int) -> list[models.MatchSuggestion]:
    rows = models.MatchSuggestion.objects.filter(line_id=line_id, state=SuggestionState.WAITING.value)
    return list(rows.order_by("rank"))


def _load(ref: str) -> models.MatchSuggestion:
    found = models.MatchSuggestion.objects.select_related("line__request").filter(ref=ref).first()
    if found is None:
        raise NotFound(what="match suggestion", ref=ref)
    return found

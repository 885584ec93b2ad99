"""What the verbs on one request begin with."""

from __future__ import annotations

from marketplace.kernel.refusals import IllegalMove, NotFound, StaleWrite
from procurement.demand import models
from procurement.demand.states import LineState


def load(request_ref: str) -> models.PurchaseRequest:
    """Return the request named `request_ref`.

    :raises NotFound: there is none.
    """
    found = models.PurchaseRequest.objects.filter(ref=request_ref).first()
    if found is None:
        raise NotFound(what="purchase request", ref=request_ref)
    return found


def load_line(request: models.PurchaseRequest, position: int) -> models.RequestLine:
    """Return the request's line at `position` (1 is the first).

    :raises NotFound: there is none.
    """
    found = models.RequestLine.objects.filter(request=request, position=position).first()
    if found is None:
        raise NotFound(what="line", ref=f"{request.ref}/{position}")
    return found


def must_be(request: models.PurchaseRequest, *states: str, verb: str) -> None:
    """Pass when the request is in one of `states`.

    :raises IllegalMove: it is not.
    """
    if request.state not in states:
        raise IllegalMove(machine=request.machine.name, state=request.state, verb=verb)


def touch(request: models.PurchaseRequest) -> None:
    """Count one more revision, so that nobody decides on the request as it was before.

    :raises StaleWrite: someone else did first.
    """
    mine = models.PurchaseRequest.objects.filter(pk=request.pk, revision=request.revision)
    if not mine.update(revision=request.revision + 1):
        raise StaleWrite(ref=request.ref, revision=request.revision)
    request.revision += 1


def unfinished(request: models.PurchaseRequest) -> int:
    """Return how many of the request's lines are in a pool or an order, or still open."""
    done = [LineState.DELIVERED.value, LineState.CANCELLED.value]
    return models.RequestLine.objects.filter(request=request).exclude(line_state__in=done).count()

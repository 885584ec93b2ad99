"""What may be asked about frameworks and what was called off them."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from marketplace.kernel.actors import Actor
from procurement.contracts import models
from procurement.contracts.states import FrameworkState


def frameworks_for(actor: Actor) -> QuerySet[models.Framework]:
    """Return the frameworks the actor may see, the newest first.

    A supplier sees its own and staff all. A buyer sees those that stand or from which its pools were served, and no
    figure of theirs but the steps: how much others called off is not its to know.
    """
    rows = models.Framework.objects.select_related("supplier", "product").prefetch_related("steps").order_by("-id")
    if actor.staff:
        return rows
    if not actor.organisation:
        return rows.none()
    mine = Q(supplier__ref=actor.organisation)
    if "buyer" in actor.roles:
        shared = models.MemberLine.objects.filter(buyer__ref=actor.organisation)
        mine |= Q(state=FrameworkState.AGREED.value) | Q(ref__in=shared.values("line__order__tender_ref"))
    return rows.filter(mine)


def sees_figures(actor: Actor, framework: models.Framework) -> bool:
    """Tell whether the actor may know the ceilings and what was called off."""
    return actor.staff or framework.supplier.ref == actor.organisation


def call_offs_for(actor: Actor, framework: models.Framework) -> QuerySet[models.CallOff]:
    """Return the call-offs of a framework the actor may see: all as its supplier or staff, else those it shares in."""
    rows = models.CallOff.objects.filter(framework=framework).select_related("pool").order_by("-id")
    if sees_figures(actor, framework):
        return rows
    shared = models.MemberLine.objects.filter(buyer__ref=actor.organisation)
    return rows.filter(ref__in=shared.values("line__order__award_ref"))


def orders_of_call_offs(refs: list[str]) -> dict[str, str]:
    """Return the ref of the order that each call-off placed."""
    return dict(models.PurchaseOrder.objects.filter(award_ref__in=refs).values_list("award_ref", "ref"))

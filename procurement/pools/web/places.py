"""Places in frozen pools that their buyers offer to whoever takes them over."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from finance.ledger import queries as ledger
from finance.ledger.rules import Acct
from marketplace.foundation.navigation import offers
from marketplace.foundation.pages import page
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.parties import queries as parties
from procurement.pools import queries, use_cases


@page("buyer")
def places(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Places that other buyers offer: how much of what, by when, and what taking one binds."""
    rows = queries.places_for(actor)
    currencies = sorted({row.deposit.currency for row in rows})
    free = [ledger.available(Acct("buyer_deposits", actor.organisation, currency)) for currency in currencies]
    return render(request, "pools/places.html", {"rows": rows, "free": free, "may": "approver" in actor.roles})


@page("buyer")
@require_POST
def take_over(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Take the place of a bound member that offers it."""
    actor.must("approver")
    row = get_object_or_404(queries.offered_rows(actor), ref=ref)
    use_cases.replace_buyer(
        commitment_ref=row.ref,
        buyer_ref=actor.organisation,
        spending_limit=parties.spending_limit(request.user.get_username(), actor.organisation),
        by=actor.by,
        at=clock.now(),
    )
    messages.success(request, _("The place is ours: we are bound by what it was allocated."))
    return redirect("pools:pool", row.pool.ref)


offers(gettext_lazy("Places offered"), "pools:places", roles=["buyer"], order=24)

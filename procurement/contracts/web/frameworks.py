"""Frameworks: what was agreed with a supplier, what of it is called off, and calling off for a frozen pool."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from marketplace.events.queries import history
from marketplace.foundation.navigation import offers, shows
from marketplace.foundation.pages import leaf_of, masked, page
from marketplace.foundation.wording import word
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import NotAllowed, Refusal
from marketplace.kernel.words import gettext_noop
from procurement.contracts import queries, use_cases
from procurement.contracts.forms import FrameworkForm
from procurement.pools import queries as pools

ROAD = ["offered", "agreed", "ended"]
READERS = ("supplier", "factory", "buyer")


@page(*READERS, staff=True)
def frameworks(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The frameworks that stand, the newest first."""
    leaf = leaf_of(queries.frameworks_for(actor), request)
    rows = [(row, queries.sees_figures(actor, row)) for row in leaf.rows]
    shown = {"leaf": leaf, "rows": rows, "figures": any(seen for _row, seen in rows)}
    return render(request, "contracts/frameworks.html", shown)


@page(*READERS, staff=True)
def framework(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """One framework: its steps and period; its ceilings and call-offs for those it binds."""
    row = get_object_or_404(queries.frameworks_for(actor), ref=ref)
    called = list(queries.call_offs_for(actor, row)[:200])
    orders = queries.orders_of_call_offs([one.ref for one in called])
    waiting = [
        pool
        for pool in (pools.frozen_pools() if actor.staff and row.state == "agreed" else [])
        if (pool.product_id, pool.unit, pool.currency) == (row.product_id, row.unit, row.currency)
    ]
    shown = {
        "row": row,
        "steps_": sorted(row.steps.all(), key=lambda step: step.from_quantity),
        "figures": queries.sees_figures(actor, row),
        "called": [(one, orders.get(one.ref, "")) for one in called],
        "pools": waiting,
        "answers": row.state == "offered" and row.supplier.ref == actor.organisation and "sales" in actor.roles,
        "road": ROAD if row.state in ROAD else [*ROAD[:2], row.state],
        "history": masked(history(ref), actor),
    }
    return render(request, "contracts/framework.html", shown)


@page(staff=True)
def offer(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Staff offer a framework to a supplier."""
    if not actor.staff:
        raise Http404
    form, status = FrameworkForm(request.POST or None), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            given = form.cleaned_data
            try:
                ref = use_cases.offer_framework(
                    supplier_ref=given["supplier"],
                    product_ref=given["product"],
                    title=given["title"],
                    terms=use_cases.Terms(
                        steps=given["steps"],
                        currency=given["currency"],
                        starts_on=given["starts_on"],
                        ends_on=given["ends_on"],
                        unit_freight=given["unit_freight"],
                        lead_days=given["lead_days"],
                        ceiling=given["ceiling"],
                        ceiling_money=form.money(),
                    ),
                    by=actor.by,
                    at=clock.now(),
                )
            except Refusal as refusal:
                form.add_error(None, word(refusal))
                status = refusal.status
            except ValueError as error:
                form.add_error("currency", str(error))
            else:
                messages.success(request, _("%(ref)s is offered.") % {"ref": ref})
                return redirect("contracts:framework", ref)
    return render(request, "contracts/offer.html", {"form": form}, status=status)


@page("supplier", "factory")
@require_POST
def answer(request: HttpRequest, actor: Actor, ref: str, verb: str) -> HttpResponse:
    """Agree to a framework, or turn it down with a reason."""
    actor.must("sales")
    row = get_object_or_404(queries.frameworks_for(actor), ref=ref)
    if row.supplier.ref != actor.organisation:
        raise NotAllowed(why=gettext_noop("only the supplier of the framework may"))
    why = request.POST.get("why", "").strip()[:300]
    if verb == "agree":
        use_cases.agree_framework(framework_ref=ref, by=actor.by, at=clock.now())
        messages.success(request, _("%(ref)s is agreed.") % {"ref": ref})
    elif not why:
        messages.error(request, _("Say why you turn it down."))
    else:
        use_cases.decline_framework(framework_ref=ref, why=why, by=actor.by, at=clock.now())
        messages.success(request, _("%(ref)s is turned down.") % {"ref": ref})
    return redirect("contracts:framework", ref)


@page(staff=True)
@require_POST
def call(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Staff serve a frozen pool from the framework."""
    if not actor.staff:
        raise Http404
    pool_ref = request.POST.get("pool", "")[:40]
    called = use_cases.call_off(framework_ref=ref, pool_ref=pool_ref, by=actor.by, at=clock.now())
    messages.success(request, _("%(pool)s is called off: %(ref)s.") % {"pool": pool_ref, "ref": called})
    return redirect("contracts:framework", ref)


shows("FW", "contracts:framework", roles=READERS)
shows("CH", "contracts:change", roles=READERS)
shows("PO", "contracts:supply", roles=["supplier", "factory"])
offers(gettext_lazy("Frameworks"), "contracts:frameworks", roles=READERS, staff=True, order=43)

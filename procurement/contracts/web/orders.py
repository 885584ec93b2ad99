"""Orders as buyers see them: their own shares, and where each is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from marketplace.events.queries import history
from marketplace.foundation.forms import SiftForm, states_of
from marketplace.foundation.navigation import Panel, offers, shows
from marketplace.foundation.pages import Taken, as_member, csv_of, leaf_of, masked, page
from marketplace.foundation.templatetags.reader import named, plain
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.clock import business_date
from procurement.contracts import queries, use_cases
from procurement.contracts.states import CHANGEABLE, ORDER, OrderState

ASIDE = {OrderState.DECLINED, OrderState.CANCELLED, OrderState.PART_SHIPPED}
ROAD = [state.value for state in OrderState if state not in ASIDE]
MOST_ROWS = 20_000  # rows of a download


class ShareSift(SiftForm):
    """Which of our shares to show."""

    state = forms.ChoiceField(label=gettext_lazy("State of the order"), choices=states_of(ORDER), required=False)
    q = forms.CharField(label=gettext_lazy("Product or order"), max_length=80, required=False)

    def narrow(self, rows: Any) -> Any:
        """Keep the shares that are asked for."""
        if state := self.wanted("state"):
            rows = rows.filter(line__order__state=state)
        if text := self.wanted("q"):
            product = Q(line__product__name_en__icontains=text) | Q(line__product__name_zh__icontains=text)
            rows = rows.filter(product | Q(line__product__code__icontains=text) | Q(line__order__ref__icontains=text))
        return rows


@page("buyer")
def our_shares(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What is on order for us, and how far it is."""
    sift = ShareSift(request.GET)
    rows = sift.narrow(queries.member_lines_for(actor))
    if request.GET.get("as") == "csv":
        return csv_of("orders", SHARE_HEAD, _cells(rows.order_by("-pk")[:MOST_ROWS]))
    return render(request, "contracts/shares.html", {"leaf": leaf_of(rows, request), "sift": sift})


SHARE_HEAD = (
    gettext_lazy("Order"),
    gettext_lazy("State"),
    gettext_lazy("Pool"),
    gettext_lazy("Product"),
    gettext_lazy("Product name"),
    gettext_lazy("Supplier"),
    gettext_lazy("Ordered"),
    gettext_lazy("Delivered"),
    gettext_lazy("Unit"),
    gettext_lazy("Unit price"),
    gettext_lazy("Freight per unit"),
    gettext_lazy("Currency"),
    gettext_lazy("Due on"),
)


def _cells(rows: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    for share in rows:
        line, order = share.line, share.line.order
        yield (
            order.ref,
            order.state,
            line.pool.ref,
            line.product.code,
            named(line.product),
            order.supplier.legal_name,
            plain(share.quantity),
            plain(share.delivered),
            line.product.unit,
            plain(line.unit_price),
            plain(line.unit_freight),
            order.currency,
            order.due_on.isoformat(),
        )


@page("buyer")
def share(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """One order with our shares in it; other members' shares are not shown."""
    shares = list(queries.member_lines_for(actor).filter(line__order__ref=ref).order_by("pk"))
    if not shares:
        raise Http404
    order = shares[0].line.order
    past = [Taken(OrderState.PLACED, order.placed_at, ""), *masked(history(ref), actor)]
    took_parts = any(step.to_state == OrderState.PART_SHIPPED for step in past)
    road = [*ROAD[:2], OrderState.PART_SHIPPED.value, *ROAD[2:]] if took_parts else ROAD
    view = queries.order(ref)
    shown = {line.id: line for line in view.lines}
    context = {
        "order": order,
        "shares": shares,
        "road": road,
        "history": past,
        "due": {share.line_id: shown[share.line_id].due for share in shares},
        **_beside(actor, view),
    }
    return render(request, "contracts/share.html", context)


shows("PO", "contracts:share", roles=["buyer"])


def _supplied(actor: Actor) -> Any:
    """Return the orders that the asker's firm supplies, and no others."""
    only = Actor(by=actor.by, organisation=actor.organisation, roles=actor.roles)
    return queries.orders_for(only).filter(supplier__ref=actor.organisation)


@page("supplier", "factory")
def supplied(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The orders placed with us, the newest first."""
    return render(request, "contracts/supplied.html", {"leaf": leaf_of(_supplied(actor), request)})


@page("supplier", "factory")
def supply(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """One order placed with us: its lines, how far it is, and taking it on or turning it down."""
    order = get_object_or_404(_supplied(actor), ref=ref)
    lines = order.lines.select_related("product").order_by("id")
    view = queries.order(ref)
    shown = {
        "order": order,
        "lines": lines,
        "road": ROAD,
        "history": masked(history(ref), actor),
        "due": {line.id: line.due for line in view.lines},
        **_beside(actor, view),
    }
    return render(request, "contracts/supply.html", shown)


@page("supplier", "factory")
@require_POST
def answer(request: HttpRequest, actor: Actor, ref: str, verb: str) -> HttpResponse:
    """Take an order on, or turn it down with a reason."""
    actor.must("sales")
    order = get_object_or_404(_supplied(actor), ref=ref)
    why = request.POST.get("why", "").strip()[:300]
    if verb == "acknowledge":
        use_cases.acknowledge_order(order_ref=order.ref, by=actor.by, at=clock.now())
        messages.success(request, _("%(ref)s is taken on.") % {"ref": ref})
    elif not why:
        messages.error(request, _("Say why you turn it down."))
    else:
        use_cases.decline_order(order_ref=order.ref, why=why, by=actor.by, at=clock.now())
        messages.success(request, _("%(ref)s is turned down.") % {"ref": ref})
    return redirect("contracts:supply", ref)


def _beside(actor: Actor, view: queries.OrderView) -> dict[str, Any]:
    """Return what both sides' pages of an order show: what is late, its changes, and whether one may be proposed."""
    late = queries.late_lines(view, business_date(clock.now()))
    return {
        "late": sorted({one.delivery.due_on for found in late.values() for one in found}),
        "changes": list(queries.changes_for(as_member(actor)).filter(order__ref=view.ref)[:20]),
        "changeable": view.state in CHANGEABLE and bool(actor.roles & {"sales", "approver"}),
        "written": queries.messages_for(as_member(actor), view.ref).count(),
        "papers": queries.papers_for(as_member(actor), view.ref).count(),
    }


def to_confirm(actor: Actor) -> Panel | None:
    """Say which orders wait for the supplier's word."""
    if not {"supplier", "factory"} & actor.roles:
        return None
    rows = list(_supplied(actor).filter(state=OrderState.PLACED.value)[:5])
    return Panel(gettext_lazy("Orders to confirm"), "contracts/to_confirm.html", {"rows": rows}) if rows else None


offers(gettext_lazy("Orders"), "contracts:supplied", roles=["supplier", "factory"], order=42)
offers(gettext_lazy("Our orders"), "contracts:shares", roles=["buyer"], order=40)

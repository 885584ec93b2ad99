"""Our requests: the list, a new one, one with its verbs, and what waits for approval."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from marketplace.catalogue import queries as catalogue
from marketplace.events.queries import history
from marketplace.foundation.navigation import Panel, offers, shows
from marketplace.foundation.pages import Taken, as_member, csv_of, leaf_of, page
from marketplace.foundation.templatetags.reader import last_day, named
from marketplace.foundation.wording import word
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import Refusal
from marketplace.parties import queries as parties
from procurement.demand import forms, queries, rules, use_cases
from procurement.demand.states import RequestState

ROAD = [state.value for state in (RequestState.DRAFT, RequestState.SUBMITTED, RequestState.APPROVED)] + ["closed"]
MOST_ROWS = 20_000  # rows of a download
SUGGESTED = 12  # products offered while one types

# verb -> the deed, who may take it, and what is said afterwards
VERBS: dict[str, tuple[Callable[..., None], str, Any]] = {
    "submit": (use_cases.submit_request, "requester", gettext_lazy("%(ref)s is handed in for approval.")),
    "approve": (
        use_cases.approve_request,
        "approver",
        gettext_lazy("%(ref)s is approved: its lines are pooled with the needs of others."),
    ),
    "send_back": (use_cases.send_back_request, "approver", gettext_lazy("%(ref)s is a draft again.")),
    "cancel": (use_cases.cancel_request, "requester", gettext_lazy("%(ref)s is cancelled.")),
}


@page("buyer")
def our_requests(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What we asked for, newest first."""
    sift = forms.RequestSift(request.GET)
    rows = sift.narrow(queries.requests_for(as_member(actor)))
    if request.GET.get("as") == "csv":
        return csv_of("requests", REQUEST_HEAD, _request_cells(rows.order_by("-pk")[:MOST_ROWS]))
    leaf = leaf_of(rows, request)
    firsts = queries.first_lines(row.pk for row in leaf.rows)
    products = catalogue.products_by_id(line.product_id for line in firsts.values() if line.product_id)
    context = {"leaf": leaf, "sift": sift, "firsts": firsts, "products": products}
    return render(request, "demand/requests.html", context)


REQUEST_HEAD = (
    gettext_lazy("Request"),
    gettext_lazy("State"),
    gettext_lazy("Written on"),
    gettext_lazy("Requested by"),
    gettext_lazy("Lines"),
    gettext_lazy("Our own number"),
    gettext_lazy("Note"),
)


def _request_cells(rows: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        by = row.requested_by.removeprefix("user:")
        yield (row.ref, row.state, row.opened_at.isoformat(), by, row.line_count or 0, row.external_ref, row.note)


@page("requester")
def new_request(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Write a request down with its lines; it is a draft until it is handed in."""
    actor.must("buyer")
    sites = [(site.ref, site.name) for site in parties.sites_for(as_member(actor)).order_by("id")]
    head = forms.RequestForm(request.POST or None, sites=sites)
    lines = forms.LineSet(_with_more_lines(request) if request.method == "POST" else None, prefix="lines")
    status, checked = 200, request.method == "POST" and "more" not in request.POST
    if checked:
        status = 400
        if head.is_valid() and lines.is_valid():
            try:
                ref = _draft(actor, head.cleaned_data, lines)
            except Refusal as refusal:
                head.add_error(None, word(refusal))
                status = refusal.status
            else:
                messages.success(
                    request, _("%(ref)s is a draft. Look at it once more, then hand it in.") % {"ref": ref}
                )
                return redirect("demand:request", ref)
    return render(request, "demand/new.html", {"head": head, "lines": lines, "checked": checked}, status=status)


def _with_more_lines(request: HttpRequest) -> Any:
    """Return what was sent, with three more empty lines when more were asked for."""
    data = request.POST.copy()
    count = data.get("lines-TOTAL_FORMS", "")
    if "more" in data and count.isascii() and count.isdigit():
        data["lines-TOTAL_FORMS"] = str(min(int(count[:4]) + 3, forms.MOST_LINES))
    return data


def _draft(actor: Actor, head: dict[str, Any], lines: Any) -> str:
    return use_cases.draft_request(
        buyer_ref=actor.organisation,
        lines=lines.lines(),
        currency=head["currency"],
        site_ref=head.get("site") or None,
        note=head["note"],
        external_ref=head["external_ref"],
        by=actor.by,
        at=clock.now(),
    )


@page("buyer")
def suggest(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Offer products for what is being typed into a line."""
    typed = next((str(value) for name, value in request.GET.items() if name.endswith("wanted")), "")
    found = catalogue.search(typed, SUGGESTED) if len(typed) > 1 else []
    return render(request, "demand/suggested.html", {"products": found})


@page("buyer")
def one_request(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """One request: how far it is, its lines, what it may cost, and what may be done with it."""
    row = get_object_or_404(queries.requests_for(as_member(actor)), ref=ref)
    lines = list(queries.request_lines(ref))
    products = catalogue.products_by_id(line.product_id for line in lines if line.product_id)
    if request.GET.get("as") == "csv":
        return csv_of(ref, LINE_HEAD, _line_cells(lines, products))
    cost = queries.cost_of(ref)
    limit = parties.spending_limit(actor.by.removeprefix("user:"), actor.organisation)
    context = {
        "row": row,
        "road": ROAD,
        "history": [Taken(RequestState.DRAFT, row.opened_at, row.requested_by), *history(ref)],
        "lines": lines,
        "products": products,
        "cost": [Money.rounded(amount, currency) for currency, amount in cost.total.items()],
        "unpriced": cost.unpriced,
        "limit": limit,
        "beyond": limit is not None and not _covers(limit, cost),
        "changeable": [state.value for state in (RequestState.DRAFT, RequestState.SUBMITTED, RequestState.APPROVED)],
        "verbs": [verb for verb in row.verbs if verb in VERBS and VERBS[verb][1] in actor.roles],
    }
    return render(request, "demand/request.html", context)


def _covers(limit: Money, cost: queries.Cost) -> bool:
    within = all(currency == limit.currency and amount <= limit.amount for currency, amount in cost.total.items())
    return within and not cost.unpriced


LINE_HEAD = (
    gettext_lazy("Line"),
    gettext_lazy("Product"),
    gettext_lazy("Name or description"),
    gettext_lazy("Quantity"),
    gettext_lazy("May be more by"),
    gettext_lazy("Unit"),
    gettext_lazy("Needed from"),
    gettext_lazy("Last day"),
    gettext_lazy("Region"),
    gettext_lazy("Most a unit may cost"),
    gettext_lazy("Currency"),
    gettext_lazy("State"),
)


def _line_cells(lines: Iterable[Any], products: dict[int, Any]) -> Iterator[tuple[Any, ...]]:
    for line in lines:
        product = products.get(line.product_id)
        yield (
            line.position,
            product.code if product else "",
            named(product) if product else line.text,
            rules.plain(line.quantity),
            rules.plain(line.tolerance),
            line.unit,
            line.needed_from.isoformat(),
            last_day(line.needed_to).isoformat(),
            line.region,
            "" if line.ceiling is None else rules.plain(line.ceiling),
            line.currency,
            line.line_state,
        )


@page("buyer")
@require_POST
def take(request: HttpRequest, actor: Actor, ref: str, verb: str) -> HttpResponse:
    """Take one verb on one of our requests."""
    row = get_object_or_404(queries.requests_for(as_member(actor)), ref=ref)
    if verb not in VERBS:
        raise Http404
    deed, role, said = VERBS[verb]
    actor.must(role)
    given = forms.WhyForm(request.POST)
    more = {"why": given.cleaned_data["why"]} if given.is_valid() and given.cleaned_data["why"] else {}
    deed(request_ref=row.ref, by=actor.by, at=clock.now(), **more)
    messages.success(request, said % {"ref": row.ref})
    return redirect("demand:request", row.ref)


@page("requester")
@require_POST
def change_quantity(request: HttpRequest, actor: Actor, ref: str, position: int) -> HttpResponse:
    """Change how much a line asks for."""
    row = get_object_or_404(queries.requests_for(as_member(actor)), ref=ref)
    form = forms.QuantityForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("demand:request", row.ref)
    use_cases.change_quantity(request_ref=row.ref, position=position, by=actor.by, at=clock.now(), **form.cleaned_data)
    messages.success(request, _("Line %(position)s asks for the new quantity.") % {"position": position})
    return redirect("demand:request", row.ref)


@page("requester")
@require_POST
def name_product(request: HttpRequest, actor: Actor, ref: str, position: int) -> HttpResponse:
    """Say which product a line in words means, so that it can be pooled."""
    row = get_object_or_404(queries.requests_for(as_member(actor)), ref=ref)
    code = request.POST.get("wanted", "").strip()
    product = catalogue.products_by_code([code]).get(code)
    if product is None:
        messages.error(request, _("There is no product with the code %(code)s.") % {"code": code or "–"})
        return redirect("demand:request", row.ref)
    use_cases.name_product(request_ref=row.ref, position=position, product_ref=product.ref, by=actor.by, at=clock.now())
    messages.success(request, _("Line %(position)s means this product from now on.") % {"position": position})
    return redirect("demand:request", row.ref)


def to_approve(actor: Actor) -> Panel | None:
    """Say which requests wait for an approver."""
    if not {"buyer", "approver"} <= actor.roles:
        return None
    rows = list(queries.requests_for(as_member(actor)).filter(state=RequestState.SUBMITTED.value).order_by("pk")[:6])
    if not rows:
        return None
    return Panel(gettext_lazy("Requests to approve"), "demand/to_approve.html", {"rows": rows[:5], "more": rows[5:]})


def drafts(actor: Actor) -> Panel | None:
    """Say which of our drafts are not handed in yet."""
    if not {"buyer", "requester"} <= actor.roles:
        return None
    rows = list(queries.requests_for(as_member(actor)).filter(state=RequestState.DRAFT.value).order_by("-pk")[:6])
    if not rows:
        return None
    return Panel(gettext_lazy("Our drafts"), "demand/drafts.html", {"rows": rows[:5], "more": rows[5:]})


shows("RQ", "demand:request", roles=["buyer"])
offers(gettext_lazy("Our requests"), "demand:requests", roles=["buyer"], order=10)

"""Tenders as suppliers see them: what they may bid for, their own sealed bids and receipts, what they won or why not.

Nothing here tells of a rival, nor how many there are.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from marketplace.foundation.navigation import Panel, offers, shows
from marketplace.foundation.pages import leaf_of, page
from marketplace.foundation.pdf import write_pdf
from marketplace.foundation.wording import word
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import Refusal
from marketplace.parties import queries as parties
from procurement.pools import queries as pools
from procurement.tenders import forms, queries, use_cases
from procurement.tenders.rules import verbs_for
from procurement.tenders.rules.sealing import Place, receipt_text
from procurement.tenders.rules.words import LOST_WORDS
from procurement.tenders.states import OPEN_TO_READ
from procurement.tenders.web.dialogue import around

SUPPLIERS = ("supplier", "factory")
MOST_BIDS = 200  # no turning over by row number: it would tell how many bids others made
LOST = {code: gettext_lazy(text) for code, text in LOST_WORDS.items()}  # why an offer lost


def _only(actor: Actor) -> Actor:
    """Return the asker as a member of its firm and nothing more."""
    return Actor(by=actor.by, organisation=actor.organisation, roles=actor.roles)


@page(*SUPPLIERS, "buyer")
def tender_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Tenders we may bid in, with their deadlines and whether our own bid lies in the box."""
    sift = forms.TenderSift(request.GET)
    everything = sift.wanted("show") == "all" or not set(SUPPLIERS) & actor.roles
    rows = queries.tenders_for(_only(actor)) if everything else queries.open_tenders_for(_only(actor))
    leaf = leaf_of(rows, request)
    mine = {bid.tender_id: bid for bid in queries.bids_for(_only(actor)).filter(tender__in=[r.pk for r in leaf.rows])}
    shown = {"leaf": leaf, "rows": [(row, mine.get(row.pk)) for row in leaf.rows], "sift": sift, "at": clock.now()}
    return render(request, "tenders/list.html", shown)


@page(*SUPPLIERS, "buyer")
def tender(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """One tender: its lots, our own bid and receipt, and the form to bid."""
    row = queries.with_lots(get_object_or_404(queries.tenders_for(_only(actor)), ref=ref))
    return _draw(request, actor, row, _form(row))


def _form(row: Any, data: Any = None) -> forms.BidForm:
    return forms.BidForm(data, lots=row.lots.all(), currency=row.currency, published=queries.terms_of(row).published)


@sensitive_variables()
def _draw(request: HttpRequest, actor: Actor, row: Any, form: forms.BidForm, status: int = 200) -> HttpResponse:
    only = _only(actor)
    bid = queries.bids_for(only).filter(tender=row).first()
    takes_bids = "bid" in verbs_for(row.verbs, only, row.bids_until, clock.now())
    context = {
        "tender": row,
        "bid": bid,
        "receipt": _receipt(bid) if bid else None,
        "takes_bids": takes_bids,
        "form": form if takes_bids and "sales" in actor.roles else None,
        "award": queries.awards_for(only).filter(tender=row).first(),
        "holders": queries.holders_of(row),
        **around(only, row, clock.now()),
    }
    return render(request, "tenders/tender.html", context, status=status)


def _receipt(bid: Any) -> dict[str, str]:
    """Return what the platform signed for the present version of the bid, and its signature."""
    place = Place(bid.tender.ref, bid.ref, bid.version, bid.supplier_ref)
    text = receipt_text(place, bid.commitment, bid.received_at).decode()
    return {"text": text, "signature": bytes(bid.signature).hex()}


@sensitive_post_parameters()
@never_cache
@page(*SUPPLIERS)
@require_POST
@sensitive_variables()
def seal(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Seal our bid, replacing an earlier one; the page then shows the signed receipt."""
    actor.must("sales")
    row = queries.with_lots(get_object_or_404(queries.tenders_for(_only(actor)), ref=ref))
    form = _form(row, request.POST)
    if not form.is_valid():
        return _draw(request, actor, row, form, status=400)
    at = queries.instant_of_record()
    try:
        use_cases.seal_bid(
            tender_ref=ref,
            supplier_ref=actor.organisation,
            offer=form.offer(),
            by=actor.by,
            at=at,
            clock=queries.instant_of_record,
        )
    except Refusal as refusal:
        form.add_error(None, word(refusal))
        return _draw(request, actor, row, form, status=refusal.status)
    messages.success(request, _("Your bid is sealed. Below is the signed receipt; keep it."))
    return redirect(reverse("tenders:tender", args=[ref]) + "#receipt")


@page(*SUPPLIERS)
@require_POST
def withdraw(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Take our bid out of the box while it is open."""
    actor.must("sales")
    row = get_object_or_404(queries.tenders_for(_only(actor)), ref=ref)
    use_cases.withdraw_bid(
        tender_ref=row.ref,
        supplier_ref=actor.organisation,
        by=actor.by,
        at=queries.instant_of_record(),
        clock=queries.instant_of_record,
    )
    messages.success(request, _("Your bid is out of the box. Until the tender closes you may bid again."))
    return redirect("tenders:tender", ref)


@page(*SUPPLIERS)
def bids(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Our own bids: when each was received, what became of it, its receipt."""
    rows = list(queries.bids_for(_only(actor)).order_by("-received_at")[:MOST_BIDS])
    shown = [(row, _rejected(row)) for row in rows]
    return render(request, "tenders/bids.html", {"rows": shown})


def _rejected(bid: Any) -> str:
    """Return the code of why an opened bid could not stand, empty where it did or is not opened."""
    found = getattr(bid, "opened", None) if bid.tender.state in OPEN_TO_READ else None
    return str(found.rejected) if found else ""


@page(*SUPPLIERS)
def receipt(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Download the receipt of one of our bids with what it takes to check it."""
    bid = get_object_or_404(queries.bids_for(_only(actor)), ref=ref)
    key = queries.public_key_of_receipts().hex()
    body = json.dumps({**_receipt(bid), "algorithm": "Ed25519", "public_key": key}, indent=1)
    answer = HttpResponse(body, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{bid.ref}-v{bid.version}.json"'
    return answer


@page(*SUPPLIERS)
def awards(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Awards of the tenders we bid in, and how many lines of each are ours."""
    ours = queries.awards_for(_only(actor)).filter(tender__bids__supplier__ref=actor.organisation)
    leaf = leaf_of(ours, request)
    rows = [(row, row.lines.filter(supplier_ref=actor.organisation).count()) for row in leaf.rows]
    return render(request, "tenders/awards.html", {"leaf": leaf, "rows": rows})


@page(*SUPPLIERS, "buyer", staff=True)
def award_report(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """The award report as a PDF."""
    return _file(write_pdf(queries.award_sheet(actor, ref)), f"{ref}.pdf")


def _file(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["Cache-Control"] = "private, no-store"
    return answer


@page(*SUPPLIERS)
def award(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """What we won of one award; and for each lot we lost, why, and at what price we would have tied."""
    row = queries.with_lines(get_object_or_404(queries.awards_for(_only(actor)), ref=ref), _only(actor))
    mine = [line for line in row.lines.all() if line.supplier_ref == actor.organisation]
    worth = Money.rounded(
        sum((one.quantity * (one.unit_price + one.freight) for one in mine), Decimal(0)), row.currency
    )
    context = {"award": row, "mine": mine, "worth": worth, "lost": _lost(row, actor)}
    return render(request, "tenders/award.html", {**context, "counted": _counted(row, actor)})


def _counted(award: Any, actor: Actor) -> list[tuple[Any, Any]]:
    """Return for each lot the asker bid for its own coefficient and what its price counted as, where merit counts."""
    if award.score_minor is None:
        return []
    return queries.own_prices(award.tender, actor.organisation)


def _lost(award: Any, actor: Actor) -> list[dict[str, Any]]:
    """Return for each lot the asker lost why, and beside each price step of its own the price that ties."""
    bid = queries.bids_for(_only(actor)).filter(tender=award.tender).first()
    opened = getattr(bid, "opened", None)
    found = {}
    for offer in opened.lots.select_related("lot") if opened else ():
        found[offer.lot.ref] = (offer.lot, queries.tiers_now(offer))
    rows = []
    for one in award.lost:
        if one.get("package"):
            rows.append(_package_lost(one, opened))
            continue
        lot, tiers = found.get(one["lot"], (None, []))
        cut = Decimal(one["at_least"]) if one.get("how") == "exact" and one.get("at_least") else None
        steps = [(tier, None if cut is None else max(tier.unit_price - cut, Decimal(0))) for tier in tiers]
        why = LOST.get(one["code"], one["code"])
        rows.append({"ref": one["lot"], "lot": lot, "why": why, "how": one.get("how"), "cut": cut, "steps": steps})
    return rows


def _package_lost(one: dict[str, Any], opened: Any) -> dict[str, Any]:
    """Return why a package of the asker lost, and the price of the whole that would have tied."""
    package = opened.packages.filter(name=one["package"]).first() if opened else None
    cut = Decimal(one["at_least"]) if one.get("how") == "exact" and one.get("at_least") else None
    price = package.price if package else None
    tied = max(price - cut, Decimal(0)) if price is not None and cut is not None else None
    why = LOST.get(one["code"], one["code"])
    return {"ref": one["package"], "why": why, "how": one.get("how"), "price": price, "tied": tied, "steps": []}


def to_bid(actor: Actor) -> Panel | None:
    """Say which tenders take bids, the next to close first."""
    if not set(SUPPLIERS) & actor.roles:
        return None
    rows = list(queries.open_tenders_for(_only(actor)).filter(bids_until__gt=clock.now()).order_by("bids_until")[:5])
    if not rows:
        return None
    mine = {bid.tender_id: bid for bid in queries.bids_for(_only(actor)).filter(tender__in=[r.pk for r in rows])}
    return Panel(
        gettext_lazy("Tenders open for bids"), "tenders/to_bid.html", {"rows": [(r, mine.get(r.pk)) for r in rows]}
    )


def staff_queues(actor: Actor) -> Panel | None:
    """Say what of the market waits for somebody of the staff."""
    if not actor.staff:
        return None
    tenders = queries.tenders_for(actor).filter(historic=False)
    waiting = queries.desks(actor)
    at = reverse("admin:tenders_tender_changelist") + "?historic__exact=0&state__exact="
    rows = [
        (
            gettext_lazy("Organisations to verify"),
            parties.organisations_for(actor).filter(state="applied").count(),
            reverse("admin:parties_organisation_changelist") + "?state__exact=applied",
        ),
        (gettext_lazy("Tenders to publish"), tenders.filter(state="draft").count(), at + "draft"),
        (gettext_lazy("Tenders to open"), tenders.filter(state="closed").count(), at + "closed"),
        (gettext_lazy("Tenders to award"), tenders.filter(state="opened").count(), at + "opened"),
        (gettext_lazy("Questions to answer"), waiting["questions"], reverse("tenders:desks")),
        (gettext_lazy("Amendments to publish"), waiting["amendments"], reverse("tenders:desks")),
        (gettext_lazy("Complaints to decide"), waiting["complaints"], reverse("tenders:desks")),
        (
            gettext_lazy("Pools that failed"),
            pools.pools_for(actor).filter(state="failed").count(),
            reverse("admin:pools_pool_changelist") + "?state__exact=failed",
        ),
    ]
    return Panel(gettext_lazy("Waiting for you"), "settlement/queues.html", {"rows": rows})


offers(gettext_lazy("Tenders"), "tenders:list", roles=[*SUPPLIERS, "buyer"], order=30)
shows("TD", "tenders:tender", roles=[*SUPPLIERS, "buyer"])
offers(gettext_lazy("Our bids"), "tenders:bids", roles=SUPPLIERS, order=32)
offers(gettext_lazy("Awards"), "tenders:awards", roles=SUPPLIERS, order=34)

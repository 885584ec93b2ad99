"""What suppliers ask, hear, secure and object to around a tender; buyers read along."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from marketplace.foundation.navigation import offers
from marketplace.foundation.pages import as_member, leaf_of, page
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from procurement.tenders import forms, queries, use_cases
from procurement.tenders.rules.procedures import Conditions

SUPPLIERS = ("supplier", "factory")
WHO_BIDS = {
    "open": gettext_lazy("every verified supplier"),
    "invited": gettext_lazy("the invited"),
    "framework": gettext_lazy("every verified supplier; a framework, called off over time"),
    "auction": gettext_lazy("every verified supplier; an auction follows the sealed stage"),
    "challenge": gettext_lazy("every verified supplier; an open challenge, paid by milestones"),
}


def around(actor: Actor, tender: Any, at: datetime) -> dict[str, Any]:
    """Return what the page of a tender shows beside its lots and our bid: papers, questions, amendments, our bond."""
    supplies = bool(set(SUPPLIERS) & actor.roles)
    sells, published = supplies and "sales" in actor.roles, tender.state == "published"
    asks_until = tender.questions_until or tender.bids_until
    stands_still = tender.standstill_until is not None and at < tender.standstill_until
    complains = sells and stands_still and queries.may_complain(actor, tender)
    return {
        "supplies": supplies,
        "who_bids": WHO_BIDS.get(tender.procedure, tender.procedure),
        "conditions": Conditions.read(tender.conditions),
        "papers": queries.documents_for(actor).filter(tender=tender).order_by("pk"),
        "amendments": queries.amendments_for(actor).filter(tender=tender).order_by("published_at", "pk"),
        "questions": queries.questions_for(actor).filter(tender=tender).order_by("pk"),
        "asks_until": asks_until,
        "ask_form": forms.QuestionForm() if sells and published and at < asks_until else None,
        "watches": supplies and queries.is_interested(actor, tender),
        "may_watch": sells and published,
        "bond": queries.bond_of(actor, tender) if supplies else None,
        "may_bond": sells and published and at < tender.bids_until,
        "to_confirm": sells and at < tender.bids_until and queries.bid_to_confirm(actor, tender),
        "complaints": queries.complaints_for(actor).filter(tender=tender).order_by("pk"),
        "auctions": queries.auctions_for(actor).filter(tender=tender).exclude(state="called_off"),
        "complaint_form": forms.ComplaintForm() if complains else None,
        "lot_results": queries.lot_results(tender),
        "invitation": queries.invitations_for(actor).filter(tender=tender).first() if supplies else None,
    }


def _sells(actor: Actor) -> Actor:
    """Return the asker as a member of its firm, if it speaks for its sales."""
    actor.must("sales")
    return as_member(actor)


def _back(ref: str, place: str = "") -> HttpResponse:
    return redirect(reverse("tenders:tender", args=[ref]) + place)


@page(*SUPPLIERS)
@require_POST
def ask(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Ask about a tender; all who may bid will read the answer, nobody who asked."""
    only = _sells(actor)
    form = forms.QuestionForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.errors.as_text())
        return _back(ref, "#questions")
    use_cases.ask_question(
        tender_ref=ref,
        supplier_ref=only.organisation,
        text=form.cleaned_data["text"],
        by=only.by,
        at=queries.instant_of_record(),
    )
    messages.success(request, _("Your question is with the platform. Its answer will stand here for all who may bid."))
    return _back(ref, "#questions")


@page(*SUPPLIERS)
@require_POST
def watch(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Hear from now on what happens to a tender."""
    only = _sells(actor)
    use_cases.show_interest(tender_ref=ref, supplier_ref=only.organisation, by=only.by, at=clock.now())
    messages.success(request, _("You will hear what happens to this tender."))
    return _back(ref)


@page(*SUPPLIERS)
@require_POST
def confirm(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Let our sealed bid stand to the amended terms as it is."""
    only = _sells(actor)
    use_cases.confirm_bid(tender_ref=ref, supplier_ref=only.organisation, by=only.by, at=queries.instant_of_record())
    messages.success(request, _("Your bid stands to the amended terms."))
    return _back(ref, "#receipt")


@page(*SUPPLIERS)
@require_POST
def bond(request: HttpRequest, actor: Actor, ref: str, verb: str) -> HttpResponse:
    """Lodge our bid bond, or take it back."""
    only = _sells(actor)
    deeds: dict[str, Any] = {"lodge": use_cases.lodge_bond, "take-back": use_cases.take_back_bond}
    if verb not in deeds:
        raise Http404
    deeds[verb](tender_ref=ref, supplier_ref=only.organisation, by=only.by, at=queries.instant_of_record())
    said = {"lodge": _("Your bid bond is lodged. You may bid."), "take-back": _("Your bid bond is free again.")}
    messages.success(request, said[verb])
    return _back(ref, "#bond")


@page(*SUPPLIERS)
@require_POST
def complain(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Object to an award while it stands still."""
    only = _sells(actor)
    form = forms.ComplaintForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.errors.as_text())
        return _back(ref, "#complaints")
    use_cases.lodge_complaint(
        tender_ref=ref,
        supplier_ref=only.organisation,
        grounds=form.cleaned_data["grounds"],
        by=only.by,
        at=clock.now(),
    )
    messages.success(request, _("Your complaint is lodged. No contract is made until it is decided."))
    return _back(ref, "#complaints")


@page(*SUPPLIERS)
def complaints(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Our complaints and what became of them."""
    leaf = leaf_of(queries.complaints_for(as_member(actor)), request)
    return render(request, "tenders/complaints.html", {"leaf": leaf})


@page(*SUPPLIERS)
@require_POST
def withdraw_complaint(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Take our complaint back."""
    row = get_object_or_404(queries.complaints_for(_sells(actor)), ref=ref)
    use_cases.withdraw_complaint(complaint_ref=row.ref, by=actor.by, at=clock.now())
    messages.success(request, _("Your complaint is withdrawn."))
    return redirect("tenders:complaints")


@page(*SUPPLIERS)
def invitations(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Where we are invited to bid, and what we answered."""
    leaf = leaf_of(queries.invitations_for(as_member(actor)), request)
    shown = {"leaf": leaf, "form": forms.ReasonForm(auto_id=False), "at": clock.now()}
    return render(request, "tenders/invitations.html", shown)


@page(*SUPPLIERS)
@require_POST
def decline(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Decline an invitation, with a reason."""
    row = get_object_or_404(queries.invitations_for(_sells(actor)), ref=ref)
    use_cases.decline_invitation(
        invitation_ref=row.ref, why=request.POST.get("why", ""), by=actor.by, at=queries.instant_of_record()
    )
    messages.success(request, _("You declined. The platform has your reason."))
    return redirect("tenders:invitations")


@page(staff=True)
def paper(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Download a paper of a tender, as it was put in."""
    found = get_object_or_404(queries.documents_for(actor), ref=ref)
    answer = HttpResponse(queries.content_of(found), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{found.ref}.{found.kind}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


offers(gettext_lazy("Invitations"), "tenders:invitations", roles=SUPPLIERS, order=31)
offers(gettext_lazy("Complaints"), "tenders:complaints", roles=SUPPLIERS, order=35)

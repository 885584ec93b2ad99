"""The desk of staff at a tender: questions to answer, amendments, papers, invitations, complaints, the next tender."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from marketplace.foundation.navigation import offers
from marketplace.foundation.pages import leaf_of, page
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import NotAllowed
from procurement.tenders import forms, queries, use_cases
from procurement.tenders.rules.papers import LARGEST
from procurement.tenders.rules.procedures import Conditions
from procurement.tenders.web.dialogue import WHO_BIDS


def _must_be_staff(actor: Actor) -> None:
    """Pass for staff; others of the platform's own organisation look and act not."""
    if not actor.staff:
        raise NotAllowed(why="staff only")


@page("platform", staff=True)
def waiting(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The tenders at which something waits for staff, and how much of what."""
    leaf = leaf_of(queries.desk_tenders(actor), request)
    rows = [(row, _waits(actor, row)) for row in leaf.rows]
    return render(request, "tenders/desks.html", {"leaf": leaf, "rows": rows})


def _waits(actor: Actor, tender: Any) -> dict[str, int]:
    return {
        "questions": queries.questions_for(actor).filter(tender=tender, state="asked").count(),
        "amendments": queries.amendments_for(actor).filter(tender=tender, state="proposed").count(),
        "complaints": tender.complaints_open,
    }


@page("platform", staff=True)
def desk(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """One tender as staff act on it."""
    tender = queries.with_lots(get_object_or_404(queries.tenders_for(actor), ref=ref))
    takes_bids = tender.state == "published" and clock.now() < tender.bids_until
    by_invitation = bool(tender.flags.get("invited", tender.procedure == "invited"))
    context = {
        "tender": tender,
        "who_bids": WHO_BIDS.get(tender.procedure, tender.procedure),
        "conditions": Conditions.read(tender.conditions),
        "questions": queries.questions_for(actor).filter(tender=tender).order_by("state", "pk"),
        "answer_form": forms.AnswerForm(auto_id=False),
        "reason_form": forms.ReasonForm(auto_id=False),
        "amendments": queries.amendments_for(actor).filter(tender=tender).order_by("-pk"),
        "amendment_form": forms.AmendmentForm() if takes_bids else None,
        "papers": queries.documents_for(actor).filter(tender=tender).order_by("pk"),
        "paper_form": forms.PaperForm(auto_id="paper_%s") if tender.state == "draft" else None,
        "invitations": queries.invitations_for(actor).filter(tender=tender).order_by("pk"),
        "invite_form": forms.InviteForm() if by_invitation and (takes_bids or tender.state == "draft") else None,
        "complaints": queries.complaints_for(actor).filter(tender=tender).order_by("pk"),
        "decision_form": forms.DecisionForm(auto_id=False),
        "bonds": queries.bonds_for(actor).filter(tender=tender).order_by("supplier_ref"),
        "lot_results": queries.lot_results(tender),
        "retender_form": forms.RetenderForm(auto_id="again_%s") if queries.waiting_pools(tender) else None,
    }
    return render(request, "tenders/desk.html", context)


def _said(request: HttpRequest, form: Any) -> dict[str, Any] | None:
    """Return what the form says, None when it is wrong; then its faults are told."""
    if form.is_valid():
        return dict(form.cleaned_data)
    messages.error(request, form.errors.as_text())
    return None


@page("platform", staff=True)
@require_POST
def answer(request: HttpRequest, actor: Actor, ref: str, verb: str) -> HttpResponse:
    """Answer a question to all, or set it aside with a reason for its asker."""
    _must_be_staff(actor)
    question = get_object_or_404(queries.questions_for(actor), ref=ref)
    if verb == "answer" and (said := _said(request, forms.AnswerForm(request.POST))):
        use_cases.answer_question(question_ref=ref, **said, by=actor.by, at=queries.instant_of_record())
        messages.success(request, _("The answer stands for all who may bid."))
    elif verb == "set-aside" and (said := _said(request, forms.ReasonForm(request.POST))):
        use_cases.set_question_aside(question_ref=ref, **said, by=actor.by, at=clock.now())
        messages.success(request, _("The question is set aside; its asker has the reason."))
    elif verb not in {"answer", "set-aside"}:
        raise Http404
    return redirect("tenders:desk", question.tender.ref)


@page("platform", staff=True)
@require_POST
def amend(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Propose a change of a published tender; another person publishes it."""
    _must_be_staff(actor)
    if said := _said(request, forms.AmendmentForm(request.POST, request.FILES)):
        file = said.pop("file")
        papers = [use_cases.Paper(str(file.name), str(file.name), file.read(LARGEST + 1))] if file else []
        use_cases.propose_amendment(tender_ref=ref, **said, papers=papers, by=actor.by, at=clock.now())
        messages.success(request, _("The amendment waits for another person to publish it."))
    return redirect("tenders:desk", ref)


@page("platform", staff=True)
@require_POST
def settle_amendment(request: HttpRequest, actor: Actor, ref: str, verb: str) -> HttpResponse:
    """Publish or drop what was proposed."""
    _must_be_staff(actor)
    row = get_object_or_404(queries.amendments_for(actor), ref=ref)
    deeds: dict[str, Any] = {"publish": use_cases.publish_amendment, "withdraw": use_cases.withdraw_amendment}
    if verb not in deeds:
        raise Http404
    deeds[verb](amendment_ref=ref, by=actor.by, at=queries.instant_of_record())
    return redirect("tenders:desk", row.tender.ref)


@page("platform", staff=True)
@require_POST
def add_paper(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Put a paper into a draft."""
    _must_be_staff(actor)
    if said := _said(request, forms.PaperForm(request.POST, request.FILES)):
        use_cases.add_document(
            tender_ref=ref,
            title=said["title"],
            file_name=str(said["file"].name),
            content=said["file"].read(LARGEST + 1),
            by=actor.by,
            at=clock.now(),
        )
        messages.success(request, _("The paper is kept. It is published with the tender."))
    return redirect("tenders:desk", ref)


@page("platform", staff=True)
@require_POST
def invite(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Invite one more supplier that holds what the tender asks for."""
    _must_be_staff(actor)
    if said := _said(request, forms.InviteForm(request.POST)):
        use_cases.invite_supplier(tender_ref=ref, supplier_ref=said["supplier"], by=actor.by, at=clock.now())
        messages.success(request, _("The supplier is invited."))
    return redirect("tenders:desk", ref)


@page("platform", staff=True)
@require_POST
def settle_complaint(request: HttpRequest, actor: Actor, ref: str, verb: str) -> HttpResponse:
    """Propose how a complaint is decided, or agree to what another person proposed."""
    _must_be_staff(actor)
    row = get_object_or_404(queries.complaints_for(actor), ref=ref)
    if verb == "propose" and (said := _said(request, forms.DecisionForm(request.POST))):
        use_cases.propose_decision(
            complaint_ref=ref,
            outcome="dismiss" if said["decision"] == "dismiss" else "uphold",
            remedy="" if said["decision"] == "dismiss" else said["decision"],
            reasons=said["reasons"],
            exclude=said["exclude"].split(),
            by=actor.by,
            at=clock.now(),
        )
        messages.success(request, _("The proposal waits for another person to agree."))
    elif verb == "decide":
        use_cases.decide_complaint(complaint_ref=ref, by=actor.by, at=clock.now())
        messages.success(request, _("The complaint is decided."))
    elif verb != "propose":
        raise Http404
    return redirect("tenders:desk", row.tender.ref)


@page("platform", staff=True)
@require_POST
def retender(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Draft another tender on the pools that this one left waiting."""
    _must_be_staff(actor)
    said = _said(request, forms.RetenderForm(request.POST))
    if said is None:
        return redirect("tenders:desk", ref)
    new_ref = use_cases.retender(tender_ref=ref, **said, by=actor.by, at=clock.now())
    messages.success(request, _("The new tender is a draft. Another person publishes it."))
    return redirect("tenders:desk", new_ref)


offers(gettext_lazy("Tender desk"), "tenders:desks", roles=["platform"], staff=True, order=33)

"""Messages and documents of an order, and the order itself as a PDF."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from marketplace.foundation.attachments import LARGEST
from marketplace.foundation.pages import as_member, page
from marketplace.foundation.pdf import write_pdf
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.parties import queries as parties
from procurement.contracts import queries, use_cases


def _party(actor: Actor, ref: str) -> str:
    """Return for whom the asker speaks on the order; who is no party finds nothing."""
    party = queries.party_of(actor, ref)
    if party is None:
        raise Http404
    return party


def _reader(actor: Actor, party: str) -> Actor:
    return as_member(actor) if party else actor


@page("supplier", "factory", "buyer", staff=True)
def talk(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """What was written and added on an order, and writing more."""
    party = _party(actor, ref)
    reader = _reader(actor, party)
    order = queries.orders_for(reader).get(ref=ref)
    view = queries.order(ref)
    buyers = dict.fromkeys(member.buyer_ref for line in view.lines for member in line.members)
    to_all = party in {"", view.supplier_ref}
    shown = {
        "order": order,
        "party": party,
        "messages_": queries.messages_for(reader, ref),
        "papers": queries.papers_for(reader, ref),
        "buyers": [(ref, one.legal_name) for ref, one in parties.organisations(buyers).items()] if to_all else [],
        "supplies": party == view.supplier_ref,
        "largest": LARGEST >> 20,
    }
    return render(request, "contracts/talk.html", shown)


@page("supplier", "factory", "buyer", staff=True)
@require_POST
def write(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Write a message, add a document, or both."""
    party = _party(actor, ref)
    text, file = request.POST.get("text", "").strip(), request.FILES.get("file")
    said = {"order_ref": ref, "party_ref": party, "buyer_ref": request.POST.get("buyer", ""), "by": actor.by}
    if not text and file is None:
        messages.error(request, _("Write something, or choose a document."))
    if file is not None:
        content = file.read(LARGEST + 1)
        use_cases.add_paper(file_name=file.name or "", content=content, at=clock.now(), **said)
        messages.success(request, _("The document is added."))
    if text:
        use_cases.write_message(text=text, at=clock.now(), **said)
        messages.success(request, _("The message is sent."))
    return redirect("contracts:talk", ref)


@page("supplier", "factory", "buyer", staff=True)
def paper(request: HttpRequest, actor: Actor, ref: str, number: int) -> HttpResponse:
    """One document of an order, as a download."""
    row = get_object_or_404(queries.papers_for(_reader(actor, _party(actor, ref)), ref), pk=number)
    return download(bytes(row.content), row.file_name, row.media_type)


@page("supplier", "factory", "buyer", staff=True)
def sheet(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """The purchase order as a PDF."""
    reader = _reader(actor, _party(actor, ref))
    return download(write_pdf(queries.order_sheet(reader, ref)), f"{ref}.pdf", "application/pdf")


def download(content: bytes, name: str, media_type: str) -> HttpResponse:
    """Return a file that the browser saves and never shows as a page of ours."""
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer

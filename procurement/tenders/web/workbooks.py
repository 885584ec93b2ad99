"""The tender's own workbook, down and up. What comes up is held in memory, never in a file, and sealed at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.files.uploadhandler import MemoryFileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from marketplace.foundation.pages import as_member, page
from marketplace.foundation.wording import word
from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import Refusal
from procurement.tenders import queries, use_cases
from procurement.tenders.rules.bid_workbook import LARGEST

KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUPPLIERS = ("supplier", "factory")


class OnlyInMemory(MemoryFileUploadHandler):
    """Holds an upload in memory whatever its length is said to be, and lets go of one that grows too large."""

    def handle_raw_input(self, input_data: Any, *told: Any) -> None:
        self.activated = True
        self.seen = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.seen += len(raw_data)
        if self.seen > LARGEST:
            raise StopUpload(connection_reset=False)
        return super().receive_data_chunk(raw_data, start)


@page(*SUPPLIERS)
def workbook(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Download the tender's workbook to fill in."""
    row = get_object_or_404(queries.tenders_for(as_member(actor)), ref=ref, historic=False)
    answer = HttpResponse(queries.bid_form(row), content_type=KIND)
    answer["Content-Disposition"] = f'attachment; filename="{row.ref}.xlsx"'
    return answer


@csrf_exempt
def seal_workbook(request: HttpRequest, ref: str) -> HttpResponse:
    """Seal our bid out of the workbook that is sent; the token is checked once the upload's place is settled."""
    request.upload_handlers = [OnlyInMemory(request)]
    answer: HttpResponse = _seal_workbook(request, ref)
    return answer


@csrf_protect
@sensitive_post_parameters()
@never_cache
@page(*SUPPLIERS)
@require_POST
@sensitive_variables()
def _seal_workbook(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    actor.must("sales")
    row = get_object_or_404(queries.tenders_for(as_member(actor)), ref=ref, historic=False)
    sent = request.FILES.get("workbook")
    if sent is None:
        messages.error(request, _("No workbook came, or it is larger than two megabytes."))
        return redirect(reverse("tenders:tender", args=[ref]) + "#bid")
    at = queries.instant_of_record()
    try:
        use_cases.seal_workbook(
            tender_ref=row.ref, supplier_ref=actor.organisation, content=sent.read(), by=actor.by, at=at
        )
    except Refusal as refusal:
        messages.error(request, word(refusal))
        return redirect(reverse("tenders:tender", args=[ref]) + "#bid")
    messages.success(request, _("Your bid is sealed. Below is the signed receipt; keep it."))
    return redirect(reverse("tenders:tender", args=[ref]) + "#receipt")

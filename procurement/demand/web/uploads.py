"""A spreadsheet becomes requests in three steps: choose file and mapping, look at what it would bring, take it."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from marketplace.catalogue import queries as catalogue
from marketplace.foundation.pages import as_member, page
from marketplace.foundation.wording import word
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import Refusal
from procurement.demand import forms, queries, use_cases

FOLDER = "uploads"
KEPT = timedelta(days=1)  # an upload that nobody took is thrown away after this
SESSION = "demand_upload"


@page("requester")
def upload(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Choose a spreadsheet and how it is read; below, the files that came before."""
    actor.must("buyer")
    kept = queries.kept_mapping_names(actor.organisation)
    names = [(name, name) for name in dict.fromkeys([*kept, *use_cases.known_mappings(actor.organisation)])]
    form = forms.UploadForm(request.POST or None, request.FILES or None, mappings=names)
    if request.method == "POST" and form.is_valid():
        _forget(request)
        file, mapping = form.cleaned_data["file"], form.cleaned_data["mapping"]
        request.session[SESSION] = _keep(file) | {"mapping": mapping, "firm": actor.organisation}
        return redirect("demand:preview")
    context = {
        "form": form,
        "batches": queries.batches_for(as_member(actor)).order_by("-pk")[:20],
        "mappings": queries.mappings_for(as_member(actor)),
    }
    return render(request, "demand/upload.html", context, status=400 if request.method == "POST" else 200)


def _keep(file: Any) -> dict[str, str]:
    """Keep an uploaded file under a name that nobody can guess; throw those away that nobody took."""
    _sweep(clock.now())
    kept = default_storage.save(f"{FOLDER}/{secrets.token_urlsafe(24)}", file)
    return {"kept": kept, "name": str(file.name)[-200:]}


def _sweep(at: datetime) -> None:
    if not default_storage.exists(FOLDER):
        return
    for name in default_storage.listdir(FOLDER)[1]:
        path = f"{FOLDER}/{name}"
        if default_storage.get_modified_time(path) < at - KEPT:
            default_storage.delete(path)


def _kept(request: HttpRequest, actor: Actor) -> dict[str, str] | None:
    """Return what this person uploaded for this firm and has not taken yet, None where there is nothing, or no more."""
    found: dict[str, str] | None = request.session.get(SESSION)
    if not found or found["firm"] != actor.organisation or not default_storage.exists(found["kept"]):
        return None
    return found


def _forget(request: HttpRequest) -> None:
    found = request.session.pop(SESSION, None)
    if found:
        default_storage.delete(found["kept"])


@page("requester")
def preview(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What the file would bring: figures, first rows, every kind of error; nothing is kept yet."""
    actor.must("buyer")
    upload = _kept(request, actor)
    if upload is None:
        messages.info(request, _("No file waits to be taken. Choose one."))
        return redirect("demand:upload")
    with default_storage.open(upload["kept"]) as file:
        found = use_cases.preview_import(
            path=cast(BinaryIO, file),
            mapping=upload["mapping"],
            organisation_ref=actor.organisation,
            file_name=upload["name"],
            by=actor.by,
            at=clock.now(),
        )
    report = found.report
    context = {
        "upload": upload,
        "report": report,
        "good": report.rows - report.skipped - report.errors,
        "value": [Money.rounded(amount, currency) for currency, amount in report.value.items()],
        "first": found.first,
        "products": catalogue.products_by_id(line.product_id for line in found.first if line.product_id),
    }
    return render(request, "demand/preview.html", context)


@page("requester")
@require_POST
def take_upload(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Take the file: wholly, or its good rows where the asker chose so."""
    actor.must("buyer")
    upload = _kept(request, actor)
    if upload is None:
        messages.info(request, _("No file waits to be taken. Choose one."))
        return redirect("demand:upload")
    try:
        with default_storage.open(upload["kept"]) as file:
            report = use_cases.import_demand(
                path=cast(BinaryIO, file),
                mapping=upload["mapping"],
                take_good="take_good" in request.POST,
                organisation_ref=actor.organisation,
                file_name=upload["name"],
                by=actor.by,
                at=clock.now(),
            )
    except Refusal as refusal:
        messages.error(request, word(refusal))
        return redirect("demand:preview")
    _forget(request)
    said = _("%(lines)d lines came in as drafts. Hand them in for approval.") % {"lines": report.lines}
    messages.success(request, said)
    return redirect("demand:requests")


@page("requester")
def mapping(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Say which column of our spreadsheets feeds which field, and keep it under a name."""
    actor.must("buyer")
    form = forms.MappingForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                use_cases.save_mapping(
                    organisation_ref=actor.organisation,
                    name=form.cleaned_data["name"],
                    text=form.as_toml(),
                    by=actor.by,
                    at=clock.now(),
                )
            except Refusal as refusal:
                form.add_error(None, word(refusal))
            else:
                messages.success(request, _("The mapping is kept. Choose it when you upload."))
                return redirect("demand:upload")
    return render(request, "demand/mapping.html", {"form": form}, status=status)

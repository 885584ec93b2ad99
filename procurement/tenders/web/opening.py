"""Openings: who holds the key of a tender, the session in which the bids are opened, and what proves it afterwards.

For key holders, who may be nobody's members, and for staff; the published part is for everyone who sees the tender.
"""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from marketplace.foundation.navigation import Panel, offers
from marketplace.foundation.pages import leaf_of, page
from marketplace.foundation.wording import word
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import Refusal
from procurement.tenders import forms, queries, use_cases
from procurement.tenders.rules.key_shares import SESSION


def _seen(actor: Actor, ref: str) -> Any:
    return get_object_or_404(queries.openings_for(actor), ref=ref)


@login_required
@page(public=True)
def openings(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Tenders whose key we hold a share of, staff: all; and our own key."""
    shares = {share.tender_id: share for share in queries.shares_for(_self(actor))}
    rows = queries.openings_for(actor)
    leaf = leaf_of(rows if actor.staff else rows.filter(pk__in=shares), request)
    shown = [(row, queries.progress(row), shares.get(row.pk)) for row in leaf.rows]
    keys = queries.holders_for(_self(actor)).order_by("-id")[:5]
    context = {"leaf": leaf, "rows": shown, "keys": keys, "form": forms.OwnKeyForm(), "staff": actor.staff}
    return render(request, "tenders/openings.html", context)


def _self(actor: Actor) -> Actor:
    """Return the asker as a person and nothing more: staff hold keys of their own only."""
    return Actor(by=actor.by)


@login_required
@page(public=True)
@require_POST
def own_key(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Propose our own public key; somebody of the staff confirms it."""
    form = forms.OwnKeyForm(request.POST)
    if form.is_valid():
        use_cases.propose_holder_key(person=actor.by, by=actor.by, at=clock.now(), **form.cleaned_data)
        messages.success(
            request, _("Your key is proposed. Somebody of the staff compares it with you and confirms it.")
        )
    else:
        messages.error(request, _("Nothing was proposed: give a name and the public key."))
    return redirect("tenders:openings")


@login_required
@never_cache
@page(public=True)
def session(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """One opening: who holds the key, how far the session is, our own part in it, and what was published."""
    return _draw(request, actor, _seen(actor, ref))


def _draw(request: HttpRequest, actor: Actor, row: Any, *, status: int = 200, **given: Any) -> HttpResponse:
    mine = next((share for share in row.key_shares.all() if share.holder.person == actor.by), None)
    inside = queries.is_in_session(actor, row)
    naming = actor.staff and row.state == "draft"
    context = {
        "tender": row,
        "progress": queries.progress(row),
        "mine": mine if row.state != "draft" else None,
        "inside": inside,
        "hours": int(SESSION.total_seconds() // 3600),
        "has_record": queries.has_record(row),
        "naming": given.get("naming") or (_naming(row) if naming else None),
        "token_form": given.get("token_form") or forms.TokenForm(),
        "hand_in_form": given.get("hand_in_form") or forms.HandInForm(),
    }
    return render(request, "tenders/opening.html", context, status=status)


def _naming(row: Any, data: Any = None) -> forms.NameHoldersForm:
    now = {"holders": [share.holder.ref for share in row.key_shares.all()], "needed": row.shares_needed}
    return forms.NameHoldersForm(data, holders=queries.active_holders(), initial=now)


@login_required
@page(public=True)
@require_POST
def name_holders(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Name who holds a draft's key; staff only."""
    row = _seen(actor, ref)
    if not actor.staff:
        raise Http404
    form = _naming(row, request.POST)
    if not form.is_valid():
        return _draw(request, actor, row, status=400, naming=form)
    said = form.cleaned_data
    try:
        use_cases.name_key_holders(
            tender_ref=ref, holder_refs=said["holders"], needed=said["needed"] or 0, by=actor.by, at=clock.now()
        )
    except Refusal as refusal:
        form.add_error(None, word(refusal))
        return _draw(request, actor, row, status=refusal.status, naming=form)
    messages.success(request, _("Named. Another person than you publishes the tender."))
    return redirect("tenders:opening", ref)


def _own_share(actor: Actor, ref: str) -> Any:
    return get_object_or_404(queries.shares_for(_self(actor)), tender__ref=ref)


@login_required
@never_cache
@page(public=True)
def sealed(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Download our sealed share: only our own key opens it."""
    share = _own_share(actor, ref)
    return _file(queries.sealed_share(share), f"{ref}-share-{share.number}-sealed.json")


def _file(text: str, name: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@login_required
@page(public=True)
@require_POST
def acknowledge(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Say that we have our share; the sealed file is erased here."""
    share, form = _own_share(actor, ref), forms.TokenForm(request.POST)
    if not form.is_valid():
        return _draw(request, actor, _seen(actor, ref), status=400, token_form=form)
    try:
        use_cases.acknowledge_share(share_ref=share.ref, token=form.cleaned_data["token"], by=actor.by, at=clock.now())
    except Refusal as refusal:
        form.add_error("token", word(refusal))
        return _draw(request, actor, _seen(actor, ref), status=refusal.status, token_form=form)
    messages.success(request, _("Thank you: the share is yours alone now. Keep the file and your key."))
    return redirect("tenders:opening", ref)


@sensitive_post_parameters()
@never_cache
@login_required
@page(public=True)
@require_POST
@sensitive_variables()
def hand_in(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Hand in our share; with the last one that is needed the bids are opened."""
    _own_share(actor, ref)
    form = forms.HandInForm(request.POST, request.FILES)
    if not form.is_valid():
        return _draw(request, actor, _seen(actor, ref), status=400, hand_in_form=form)
    try:
        found = use_cases.hand_in_share(
            tender_ref=ref, file=form.cleaned_data["file"].read(20_000), by=actor.by, at=clock.now()
        )
    except Refusal as refusal:
        form.add_error("file", word(refusal))
        return _draw(request, actor, _seen(actor, ref), status=refusal.status, hand_in_form=form)
    if found.opened:
        messages.success(request, _("The bids are open. Every share was erased; delete your share file too."))
    else:
        messages.success(request, _("Your share is in. The session goes on until enough are."))
    return redirect("tenders:opening", ref)


@login_required
@page(public=True)
def record(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Download the signed record of an opening, with the key that it is checked by."""
    found = queries.opening_record(_seen(actor, ref))
    key = queries.public_key_of_receipts().hex()
    return _file(json.dumps({**found, "public_key": key}, indent=1), f"{ref}-opening.json")


@login_required
@page(public=True)
def proof(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Download what leads from our bid to the root that was signed at closing."""
    bid = get_object_or_404(queries.bids_for(actor), ref=ref)
    return _file(json.dumps(queries.inclusion_of(bid), indent=1), f"{ref}-proof.json")


def to_hand_in(actor: Actor) -> Panel | None:
    """Say which shares wait for their holder: to be taken up, or to be handed in."""
    rows = [
        share
        for share in queries.shares_for(_self(actor)).order_by("tender__bids_until")
        if share.state == "dealt" or (share.state == "kept" and share.tender.state == "closed")
    ]
    if not rows:
        return None
    return Panel(gettext_lazy("Keys in your hands"), "tenders/to_hand_in.html", {"rows": rows[:8]})


offers(gettext_lazy("Openings"), "tenders:openings", roles=("key_holder",), staff=True, order=33)

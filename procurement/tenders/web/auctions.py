"""Live auctions: anybody looks on at masked names, bidders move, staff plan.

A page is told of each step by server-sent events and draws its board anew; where that does not work, it asks every few
seconds. Whoever looks also rings: a turn whose time is over ends then, though the sweep alone would see to it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from marketplace.foundation.navigation import offers
from marketplace.foundation.pages import as_member, leaf_of, page
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import NotAllowed, Refusal
from procurement.tenders import forms, queries, use_cases
from procurement.tenders.rules.auctioning import price_of

SUPPLIERS = ("supplier", "factory")
MOST_STREAMS = 4  # of a process: half its threads stay free for pages; whoever finds no room asks every few seconds
SECONDS = 25.0  # a stream lives so long, then the browser takes the next one up where this one ended
LOOK = 0.5  # seconds from one look to the next
QUIET = 10.0  # seconds after which a line is sent that says nothing, to find out who has gone
ROOM = threading.BoundedSemaphore(MOST_STREAMS)


@page(public=True)
def auctions(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All auctions, the latest first."""
    return render(request, "tenders/auctions.html", {"leaf": leaf_of(queries.public_auctions(), request)})


@never_cache
@page(public=True)
def auction(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """One auction, live: whose turn it is, how all stand, every step; a bidder's own form."""
    shown = _shown(actor, ref)
    moves = shown["view"].mine is not None and "sales" in actor.roles and shown["live"]
    return render(request, "tenders/auction.html", {**shown, "form": forms.AuctionBidForm() if moves else None})


@never_cache
@page(public=True)
def board(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """The part of the page that changes."""
    return render(request, "tenders/auction_board.html", _shown(actor, ref))


def _shown(actor: Actor, ref: str) -> dict[str, Any]:
    _ring(ref)
    row = get_object_or_404(queries.public_auctions(), ref=ref)
    view = queries.auction_view(row, actor)
    left = max(0, int((view.due_at - queries.instant_of_record()).total_seconds())) if view.due_at else None
    return {"auction": row, "view": view, "left": left, "live": row.state in {"planned", "running"}}


def _ring(ref: str) -> None:
    """Let what is due happen; a twin may have seen to it, and the sweep will where this fails."""
    pulse, now = queries.pulse_of(ref), queries.instant_of_record()
    if pulse is not None and _is_due(pulse, now):
        try:
            use_cases.advance_auction(auction_ref=ref, at=now)
        except Refusal:
            return


def _is_due(pulse: tuple[str, int, datetime | None], now: datetime) -> bool:
    state, _steps, due = pulse
    return state in {"planned", "running"} and due is not None and due <= now


@require_GET
def stream(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Server-sent events: every step as anybody may read it, from the one named on, for a bounded time."""
    if queries.pulse_of(ref) is None:
        raise Http404
    if not ROOM.acquire(blocking=False):
        return HttpResponse(status=429, headers={"Retry-After": str(int(SECONDS))})
    answer = StreamingHttpResponse(_Stream(ref, _last_seen(request)), content_type="text/event-stream; charset=utf-8")
    answer["Cache-Control"] = "no-cache, no-transform"
    answer["X-Accel-Buffering"] = "no"
    return answer


def _last_seen(request: HttpRequest) -> int:
    said = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 9 else 0


class _Stream:
    """What one stream sends; its room is given back once, however it ends."""

    def __init__(self, ref: str, seen: int) -> None:
        self.ref, self.seen, self.open = ref, seen, True

    def __iter__(self) -> Iterator[bytes]:
        yield b"retry: 1000\n\n"
        until = spoke = time.monotonic()
        until += SECONDS
        while time.monotonic() < until:
            said, over = self._look()
            yield from said
            if over:
                return
            spoke = time.monotonic() if said else spoke
            if time.monotonic() - spoke >= QUIET:
                spoke = time.monotonic()
                yield b": still here\n\n"
            time.sleep(LOOK)

    def _look(self) -> tuple[list[bytes], bool]:
        """Return what there is to say, and whether that was the last of it."""
        _ring(self.ref)
        pulse = queries.pulse_of(self.ref)
        if pulse is None:
            return [], True
        said = []
        if pulse[1] > self.seen:
            for step in queries.steps_after(self.ref, self.seen):
                self.seen = step["number"]
                said.append(_event("step", self.seen, step))
        over = pulse[0] in {"ended", "called_off"}
        return [*said, _event("over", self.seen, {"state": pulse[0]})] if over else said, over

    def close(self) -> None:
        if self.open:
            self.open = False
            ROOM.release()


def _event(kind: str, number: int, facts: dict[str, Any]) -> bytes:
    return f"id: {number}\nevent: {kind}\ndata: {json.dumps(facts, separators=(',', ':'))}\n\n".encode()


@page(*SUPPLIERS)
@require_POST
def bid(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Lower our price."""
    actor.must("sales")
    only = as_member(actor)
    use_cases.place_auction_bid(
        auction_ref=ref,
        supplier_ref=only.organisation,
        price=price_of(request.POST.get("price", "")),
        by=only.by,
        at=queries.instant_of_record(),
        clock=queries.instant_of_record,
    )
    messages.success(request, _("Your new price stands."))
    return redirect("tenders:auction", ref)


@page(*SUPPLIERS)
@require_POST
def stay(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Stay as we are."""
    actor.must("sales")
    only = as_member(actor)
    use_cases.pass_turn(
        auction_ref=ref,
        supplier_ref=only.organisation,
        by=only.by,
        at=queries.instant_of_record(),
        clock=queries.instant_of_record,
    )
    messages.success(request, _("You stay at your price for this round."))
    return redirect("tenders:auction", ref)


@page(public=True)
def auction_record(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Download the machine-written record, by which anybody replays the auction."""
    row = get_object_or_404(queries.public_auctions(), ref=ref)
    body = json.dumps(queries.auction_record(row), ensure_ascii=False, indent=1)
    answer = HttpResponse(body, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{row.ref}.json"'
    return answer


@page("platform", staff=True)
def auction_desk(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """The lots of a tender and their auctions; staff plan those that are missing."""
    tender = get_object_or_404(queries.tenders_for(actor), ref=ref)
    form = forms.AuctionForm(auto_id=False)
    shown = {"tender": tender, "rows": queries.auction_lots(tender), "form": form, "may_plan": _may_plan(tender)}
    return render(request, "tenders/auction_desk.html", shown)


def _may_plan(tender: Any) -> bool:
    return bool(tender.flags.get("auction")) and tender.state == "opened" and tender.auctions_left > 0


@page("platform", staff=True)
@require_POST
def plan_auction(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Plan the auction of one lot."""
    _must_be_staff(actor)
    form = forms.AuctionForm(request.POST)
    if form.is_valid():
        use_cases.start_auction(
            lot_ref=request.POST.get("lot", ""), **form.cleaned_data, by=actor.by, at=queries.instant_of_record()
        )
        messages.success(request, _("The auction is planned. All who look at the tender are told."))
    else:
        messages.error(request, form.errors.as_text())
    return redirect("tenders:auction-desk", ref)


@page("platform", staff=True)
@require_POST
def call_off_auction(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Call off an auction that has not begun."""
    _must_be_staff(actor)
    row = get_object_or_404(queries.auctions_for(actor), ref=ref)
    use_cases.call_off_auction(auction_ref=ref, why=request.POST.get("why", ""), by=actor.by, at=clock.now())
    messages.success(request, _("The auction is called off."))
    return redirect("tenders:auction-desk", row.tender.ref)


def _must_be_staff(actor: Actor) -> None:
    if not actor.staff:
        raise NotAllowed(why="staff only")


offers(gettext_lazy("Auctions"), "tenders:auctions", roles=[*SUPPLIERS, "buyer"], staff=True, public=True, order=33)

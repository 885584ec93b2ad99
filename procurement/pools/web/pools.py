"""One pool as a buyer sees it: what it lacks, our own part, joining, changing, leaving."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from finance.ledger import queries as ledger
from finance.ledger.rules import Acct
from marketplace.events.queries import history
from marketplace.foundation.navigation import shows
from marketplace.foundation.pages import Taken, as_member, masked, page
from marketplace.foundation.wording import word
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money, Rate
from marketplace.kernel.refusals import NotAllowed, Refusal
from marketplace.parties import queries as parties
from procurement.demand import queries as demand
from procurement.pools import forms, queries, rules, use_cases
from procurement.pools.serializers import explain
from procurement.pools.states import BINDING, ENDED, JOINABLE, LIVE, CommitmentState, PoolState
from procurement.pools.web import market

OFF_ROAD = {PoolState.FILLING, *ENDED}
ROAD = [state.value for state in PoolState if state not in OFF_ROAD]


@page("buyer")
def pool(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """One pool: what it gathered and lacks, what a unit may cost, our part, and joining it."""
    row = get_object_or_404(queries.pools_for(as_member(actor)), ref=ref)
    return _draw(request, actor, row, _join_form(actor, row))


def _draw(request: HttpRequest, actor: Actor, row: Any, form: forms.JoinForm | None, status: int = 200) -> HttpResponse:
    at = clock.now()
    joinable = row.state in JOINABLE and row.freeze_at > at
    part = [
        (commitment, [explain(reason) for reason in commitment.reasons])
        for commitment in queries.own_part(actor, row.ref)
    ]
    live = queries.lives([row], at)[row.pk]
    context = {
        "pool": row,
        "live": live,
        "marks": _marks(row, live),
        "part": part,
        "wants": _wants(part),
        "binding": row.state in BINDING and "approver" in actor.roles,
        "in_it": _joined_by_hand(actor, row),
        "joinable": joinable,
        "open_states": JOINABLE,
        "form": form if joinable else None,
        "road": ROAD,
        "history": [Taken(PoolState.OPEN, row.opened_at, ""), *masked(history(row.ref), actor)],
        "deposits": ledger.available(Acct("buyer_deposits", actor.organisation, row.currency)),
        **market.context_of(request, actor, row, live),
    }
    return render(request, "pools/pool.html", context, status=status)


def _wants(part: Iterable[tuple[Any, Any]]) -> dict[int, dict[str, Any]]:
    """Return, by the row id of the oldest live row of each want of ours, what its rows hold together."""
    wants: dict[Any, list[Any]] = {}
    for row, _reasons in part:
        if row.state in LIVE:
            wants.setdefault(row.line_id, []).append(row)
    found = {}
    for rows in wants.values():
        held = Money.from_minor(sum(row.deposit_minor for row in rows), rows[0].currency)
        found[rows[0].pk] = {
            "quantity": rules.plain(sum((row.quantity for row in rows), Decimal(0))),
            "tolerance": rules.plain(sum((row.tolerance for row in rows), Decimal(0))),
            "withdrawal": rules.withdrawal_of(held, rows[0].pool.withdrawal_percent),
            "offered": any(row.offered_at for row in rows),
        }
    return found


def _marks(row: Any, live: rules.LiveFigures) -> list[dict[str, Any]]:
    """Return what stands on the fill bar: the minimum and the next price step."""
    marks = [{"at": row.minimum, "label": _("minimum")}] if row.minimum else []
    if live.next_step:
        marks.append({"at": live.next_step.from_quantity, "label": _("next price step")})
    return marks


def _join_form(actor: Actor, row: Any, data: Any = None) -> forms.JoinForm | None:
    """Return the form by which the asker may join: by hand as an approver, for an approved line as a requester."""
    by_hand = "approver" in actor.roles and not _joined_by_hand(actor, row)
    lines = _fitting_lines(actor, row) if "requester" in actor.roles else []
    if not lines and not by_hand:
        return None
    first = lines[0] if lines else None
    known = {"line": first.pk, "quantity": first.quantity, "tolerance": first.tolerance} if first else {}
    if first and first.ceiling is not None:
        known["ceiling"] = first.ceiling
    labels = [(line.pk, f"{line.request.ref}/{line.position}: {rules.plain(line.quantity)}") for line in lines]
    shown = {name: value if name == "line" else rules.plain(value) for name, value in known.items()}
    return forms.JoinForm(data, lines=labels, by_hand=by_hand, initial=shown)


def _joined_by_hand(actor: Actor, row: Any) -> bool:
    part = queries.own_part(actor, row.ref)
    return any(commitment.state == CommitmentState.RESERVED and commitment.line_id is None for commitment in part)


def _fitting_lines(actor: Actor, row: Any) -> list[Any]:
    wanted = {"product_id": row.product_id, "currency": row.currency}
    return list(demand.lines_to_pool(as_member(actor), **wanted, start=row.window_start, end=row.window_end))


@page("buyer")
@require_POST
def join(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Reserve a part of the pool."""
    row = get_object_or_404(queries.pools_for(as_member(actor)), ref=ref)
    form = _join_form(actor, row, request.POST)
    if form is None:
        raise NotAllowed(why="needs the role approver", role="approver")
    if not form.is_valid():
        return _draw(request, actor, row, form, status=400)
    try:
        use_cases.join_pool(
            pool_ref=ref,
            buyer_ref=actor.organisation,
            spending_limit=parties.spending_limit(request.user.get_username(), actor.organisation),
            by=actor.by,
            at=clock.now(),
            **_wish(form.cleaned_data, row),
        )
    except Refusal as refusal:
        form.add_error(None, word(refusal))
        return _draw(request, actor, row, form, status=refusal.status)
    messages.success(request, _("You are in. Until the pool freezes you may leave again."))
    return redirect("pools:pool", ref)


def _wish(given: dict[str, Any], row: Any) -> dict[str, Any]:
    ceiling = given["ceiling"]
    return {
        "quantity": given["quantity"],
        "tolerance": given["tolerance"] or Decimal(0),
        "ceiling": None if ceiling is None else Rate(ceiling, row.currency),
        "line_id": given.get("line"),
    }


@page("buyer")
@require_POST
def leave(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Give our reserved part back."""
    row = _own_commitment(actor, ref)
    use_cases.leave_pool(commitment_ref=ref, by=actor.by, at=clock.now())
    messages.success(
        request, _("You have left %(pool)s; what you had reserved is free again.") % {"pool": row.pool.ref}
    )
    return redirect("pools:pool", row.pool.ref)


@page("buyer")
@require_POST
def change(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Want another quantity of a pool: a rise queues behind others, a fall is taken from our newest rows."""
    row = _own_commitment(actor, ref)
    form = forms.ChangeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give a quantity above zero, and a tolerance of zero or more."))
        return redirect("pools:pool", row.pool.ref)
    given = form.cleaned_data
    use_cases.change_commitment(
        commitment_ref=ref,
        quantity=given["quantity"],
        tolerance=given["tolerance"] or Decimal(0),
        spending_limit=parties.spending_limit(request.user.get_username(), actor.organisation),
        by=actor.by,
        at=clock.now(),
    )
    messages.success(request, _("Changed. What we wanted before is kept."))
    return redirect("pools:pool", row.pool.ref)


def _own_commitment(actor: Actor, ref: str, role: str = "") -> Any:
    """Return our commitment when the asker may write on it: by hand, and once bound, as an approver."""
    row = get_object_or_404(queries.commitments_for(as_member(actor)), ref=ref)
    actor.must(role or ("approver" if row.line_id is None else "requester"))
    return row


@page("buyer")
@require_POST
def withdraw(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Go from a frozen pool, for a part of our deposit."""
    row = _own_commitment(actor, ref, "approver")
    penalty = use_cases.withdraw_commitment(commitment_ref=ref, by=actor.by, at=clock.now())
    messages.success(
        request,
        _("You have withdrawn from %(pool)s; %(penalty)s of your deposit is forfeited, the rest is free.")
        % {"pool": row.pool.ref, "penalty": penalty},
    )
    return redirect("pools:pool", row.pool.ref)


@page("buyer")
@require_POST
def offer(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Offer our place in a frozen pool to whoever takes it over."""
    row = _own_commitment(actor, ref, "approver")
    use_cases.offer_commitment(commitment_ref=ref, by=actor.by, at=clock.now())
    messages.success(request, _("Your place is offered. You stay bound until another buyer takes it."))
    return redirect("pools:pool", row.pool.ref)


@page("buyer")
def gathered(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """The live part of a pool's page, asked for again every few seconds."""
    row = get_object_or_404(queries.pools_for(as_member(actor)), ref=ref)
    live = queries.lives([row], clock.now())[row.pk]
    outcome = queries.clearings([row], {row.pk: live}).get(row.pk)
    context = {"pool": row, "live": live, "marks": _marks(row, live), "outcome": outcome}
    return render(request, "pools/gathered.html", {**context, "joinable": row.state in JOINABLE})


@page("buyer")
def binds(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """What joining with this quantity would bind: the deposit, and whether it is covered."""
    row = get_object_or_404(queries.pools_for(as_member(actor)), ref=ref)
    form = _join_form(actor, row, request.GET)
    given: dict[str, Any] = {}
    if form is not None:
        form.is_valid()
        given = form.cleaned_data
    step = queries.indicative_of(row).at(row.joined + (given.get("quantity") or 0))
    deposit = rules.deposit_of(
        (given.get("quantity") or Decimal(0)) + (given.get("tolerance") or Decimal(0)),
        row.deposit_percent,
        row.currency,
        ceiling=given.get("ceiling"),
        indicative=None if step is None else step.unit_price.amount,
        stated=None,
    )
    free = ledger.available(Acct("buyer_deposits", actor.organisation, row.currency))
    return render(
        request,
        "pools/binds.html",
        {
            "pool": row,
            "deposit": deposit.amount if given.get("quantity") else None,
            "deposits": free,
            "short": deposit.amount - free if deposit.amount > free else None,
        },
    )


shows("PL", "pools:pool", roles=["buyer"])

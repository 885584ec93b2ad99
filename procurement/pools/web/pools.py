"""Pools as buyers see them: which are near, what each still lacks, our own part, joining and leaving."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from finance.ledger import queries as ledger
from finance.ledger.rules import Acct
from marketplace.events.queries import history
from marketplace.foundation.navigation import Panel, offers, shows
from marketplace.foundation.pages import Taken, as_member, csv_of, leaf_of, masked, page, table_of
from marketplace.foundation.templatetags.reader import named
from marketplace.foundation.wording import word
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money, Rate
from marketplace.kernel.refusals import NotAllowed, Refusal
from marketplace.parties import queries as parties
from procurement.demand import queries as demand
from procurement.pools import forms, queries, rules, use_cases
from procurement.pools.serializers import explain
from procurement.pools.states import BINDING, ENDED, GONE, JOINABLE, LIVE, CommitmentState, PoolState
from procurement.pools.web import market

OFF_ROAD = {PoolState.FILLING, *ENDED}
ROAD = [state.value for state in PoolState if state not in OFF_ROAD]
SOON = timedelta(days=7)
MOST_ROWS = 5_000  # rows of a download


@page("buyer")
def near(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Open pools near us, or everywhere: how full, what a unit may cost, how long there is time."""
    sift = forms.PoolSift(request.GET)
    everywhere = queries.pools_for(actor).filter(state__in=JOINABLE)
    rows = sift.narrow(everywhere if sift.wanted("where") else queries.near(actor))
    at = clock.now()
    ranked = rows.order_by(*dict.fromkeys([sift.order, "-pk"]))[:MOST_ROWS]
    if (table := table_of(request, "pools", POOL_HEAD, lambda: _pool_cells(ranked, at))) is not None:
        return table
    leaf = leaf_of(rows, request, order=sift.order)
    figures = queries.lives(leaf.rows, at)
    context = {
        "leaf": leaf,
        "sift": sift,
        "figures": figures,
        "outcomes": queries.clearings(leaf.rows, figures),
        "own": _own_pools(actor, leaf.rows),
    }
    return render(request, "pools/near.html", context)


def _own_pools(actor: Actor, rows: Iterable[Any]) -> set[int]:
    """Return the row ids of those pools in which we stand."""
    mine = queries.commitments_for(actor).filter(pool__in=[row.pk for row in rows])
    return set(mine.exclude(state__in=GONE).values_list("pool_id", flat=True))


POOL_HEAD = (
    gettext_lazy("Pool"),
    gettext_lazy("Product"),
    gettext_lazy("Product name"),
    gettext_lazy("Region"),
    gettext_lazy("Needed in"),
    gettext_lazy("Gathered"),
    gettext_lazy("Unit"),
    gettext_lazy("Members"),
    gettext_lazy("Freezes at"),
    gettext_lazy("Indicative price now"),
    gettext_lazy("Next step from"),
    gettext_lazy("Price there"),
    gettext_lazy("Missing to it"),
    gettext_lazy("Less there, %"),
    gettext_lazy("Currency"),
)


def _pool_cells(rows: Iterable[Any], at: datetime) -> Iterator[tuple[Any, ...]]:
    found = list(rows)
    figures = queries.lives(found, at)
    outcomes = queries.clearings(found, figures)
    for pool in found:
        live, outcome = figures[pool.pk], outcomes.get(pool.pk)
        here, ahead = (outcome.tier, outcome.next_step) if outcome else (None, None)
        yield (
            pool.ref,
            pool.product.code,
            named(pool.product),
            pool.region,
            rules.window_text(pool.window_start, pool.window_end),
            rules.trimmed(live.joined),
            pool.unit,
            live.members,
            pool.freeze_at.isoformat(),
            rules.trimmed(here.price) if here else None,
            *((ahead.tier.start, ahead.tier.price, ahead.missing, ahead.percent) if ahead else (None,) * 4),
            pool.currency,
        )


@page("buyer")
def mine(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What we committed to pools, and what became of it."""
    sift = forms.CommitmentSift(request.GET)
    rows = sift.narrow(queries.commitments_for(as_member(actor)).select_related("pool__product"))
    if request.GET.get("as") == "csv":
        return csv_of("commitments", COMMITMENT_HEAD, _commitment_cells(rows.order_by("-pk")[:MOST_ROWS]))
    return render(request, "pools/mine.html", {"leaf": leaf_of(rows, request), "sift": sift})


COMMITMENT_HEAD = (
    gettext_lazy("Commitment"),
    gettext_lazy("Pool"),
    gettext_lazy("Product"),
    gettext_lazy("Needed in"),
    gettext_lazy("State"),
    gettext_lazy("Asked"),
    gettext_lazy("Tolerance"),
    gettext_lazy("Allocated"),
    gettext_lazy("Delivered"),
    gettext_lazy("Unit"),
    gettext_lazy("Price with freight"),
    gettext_lazy("Deposit"),
    gettext_lazy("Currency"),
)


def _commitment_cells(rows: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        price = row.pool.unit_price
        yield (
            row.ref,
            row.pool.ref,
            named(row.pool.product),
            rules.window_text(row.pool.window_start, row.pool.window_end),
            row.state,
            *(rules.plain(number) for number in (row.quantity, row.tolerance, row.allocated, row.delivered)),
            row.pool.unit,
            "" if price is None else rules.plain(price),
            Money.from_minor(row.deposit_minor, row.currency).amount,
            row.currency,
        )


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
    row = get_object_or_404(queries.commitments_for(as_member(actor)), ref=ref)
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


def closing_soon(actor: Actor) -> Panel | None:
    """Say which pools near us, or with us in them, freeze within a week."""
    if "buyer" not in actor.roles:
        return None
    at = clock.now()
    rows = list(queries.near(actor).filter(freeze_at__gt=at, freeze_at__lte=at + SOON)[:5])
    if not rows:
        return None
    figures = queries.lives(rows, at)
    context = {"rows": [(row, figures[row.pk]) for row in rows], "own": _own_pools(actor, rows)}
    return Panel(gettext_lazy("Pools closing soon"), "pools/closing_soon.html", context)


shows("PL", "pools:pool", roles=["buyer"])
offers(gettext_lazy("Pools near us"), "pools:near", roles=["buyer"], order=20)
offers(gettext_lazy("Our pools"), "pools:mine", roles=["buyer"], order=22)

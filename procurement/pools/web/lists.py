"""Lists of pools: those near us, those we stand in, those that close soon."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from marketplace.foundation.navigation import Panel, offers
from marketplace.foundation.pages import as_member, csv_of, leaf_of, page, table_of
from marketplace.foundation.templatetags.reader import named
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from procurement.pools import forms, queries, rules
from procurement.pools.states import GONE, JOINABLE

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


offers(gettext_lazy("Pools near us"), "pools:near", roles=["buyer"], order=20)
offers(gettext_lazy("Our pools"), "pools:mine", roles=["buyer"], order=22)

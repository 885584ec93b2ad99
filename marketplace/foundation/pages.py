"""What every page stands on: who may open it, how a refusal is shown, how long lists are turned over."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from marketplace.foundation.navigation import asker
from marketplace.foundation.wording import word
from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import Refusal

View = Callable[..., HttpResponse]


def page(*roles: str, staff: bool = False, public: bool = False) -> Callable[[View], View]:
    """Make `view(request, actor, ...)` a page.

    roles    whoever holds one of them may open it; none given: whoever acts for an organisation
    staff    staff may too
    public   anybody may, signed in or not

    Others are asked to sign in, or find nothing (404). A refusal becomes a message beside the form that was sent, or,
    when there was nothing to send, a page that says what was refused and why.
    """

    def make(view: View) -> View:
        @wraps(view)
        def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = asker(request)
            if not public and not _may(actor, roles, staff):
                raise Http404
            try:
                return view(request, actor, *args, **kwargs)
            except Refusal as refusal:
                return refused(request, refusal)

        return shown if public else login_required(shown)

    return make


def _may(actor: Actor, roles: Collection[str], staff: bool) -> bool:
    if staff and actor.staff:
        return True
    return bool(actor.organisation) and (not roles or bool(actor.roles & set(roles)))


def as_member(actor: Actor) -> Actor:
    """Return the asker as a member of its firm and no more, so that staff see no other firm's things on its pages."""
    return Actor(by=actor.by, organisation=actor.organisation, roles=actor.roles)


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Answer a refusal: back to the form with its words, or a page of its own with its status."""
    back = request.headers.get("Referer", "")
    if request.method == "POST" and not request.headers.get("HX-Request"):
        messages.error(request, word(refusal))
        inside = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
        return HttpResponseRedirect(back if inside else request.path)
    template = "parts/refusal.html" if request.headers.get("HX-Request") else "refused.html"
    return render(request, template, {"words": word(refusal), "refusal": refusal}, status=refusal.status)


@dataclass(frozen=True)
class Leaf:
    """Some rows of a long list, where it goes on and where it begins; `by_age`: it runs from the newest on."""

    rows: list[Any]
    older: str
    first: bool
    start: str = "?"
    by_age: bool = True


def leaf_of(rows: QuerySet[Any], request: HttpRequest, size: int = 50, order: str = "-pk") -> Leaf:
    """Turn a long list over by key, so that a late leaf costs what the first costs.

    rows    any query; read on from the row whose id `?before=` names
    order   `-pk` (newest first), or a column that is never null, with - when it falls; equals are newest first
    """
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(_beyond(rows, int(before), order))
    some = list(rows.order_by(*dict.fromkeys([order, "-pk"]))[: size + 1])
    wanted = request.GET.copy()
    wanted.pop("before", None)
    start = f"?{wanted.urlencode()}"
    if len(some) > size:
        wanted["before"] = str(some[size - 1].pk)
    return Leaf(some[:size], f"?{wanted.urlencode()}" if len(some) > size else "", not before, start, order == "-pk")


def _beyond(rows: QuerySet[Any], before: int, order: str) -> Q:
    """Return what comes after the row `before`; nothing does when it is gone."""
    if order == "-pk":
        return Q(pk__lt=before)
    column = order.removeprefix("-")
    last = rows.model._default_manager.filter(pk=before).values_list(column, flat=True).first()
    if last is None:
        return Q(pk__in=[])
    further = "lt" if order.startswith("-") else "gt"
    return Q(**{f"{column}__{further}": last}) | Q(**{column: last, "pk__lt": before})


@dataclass(frozen=True)
class Taken:
    """A step of a life cycle as a stranger may see it; `by` is empty where the name is not the stranger's to know."""

    to_state: str
    at: datetime
    by: str
    why: str = ""


def masked(changes: Iterable[Any], actor: Actor) -> list[Taken]:
    """Return the steps of a thing that several firms share, without the names and words of the other firms' people."""
    return [
        Taken(change.to_state, change.at, change.by, change.why)
        if change.by == actor.by or change.by.startswith("system:")
        else Taken(change.to_state, change.at, "")
        for change in changes
    ]


def csv_of(name: str, head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """Return a table as a download that spreadsheets open as it is, and never as formulas."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in (head, *rows):
        writer.writerow([_tame(cell) for cell in row])
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def xlsx_of(name: str, head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """Return a table as a workbook of one sheet: numbers as numbers, everything else as text and never as formulas."""
    import openpyxl
    from openpyxl.cell import WriteOnlyCell

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    for row in (head, *rows):
        cells = [WriteOnlyCell(sheet, value) for value in map(_written, row)]
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = HttpResponse(out.getvalue(), content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return answer


def _written(cell: Any) -> Any:
    return cell if cell is None or isinstance(cell, int | Decimal) else str(cell)


def table_of(
    request: HttpRequest, name: str, head: Sequence[Any], rows: Callable[[], Iterable[Sequence[Any]]]
) -> HttpResponse | None:
    """Return the download that `?as=csv` or `?as=xlsx` asks for, None when none is asked for."""
    written = {"csv": csv_of, "xlsx": xlsx_of}.get(request.GET.get("as", ""))
    return written(name, head, rows()) if written else None


def _tame(cell: Any) -> str:
    text = "" if cell is None else str(cell)
    harmless = text.lstrip("-").replace(".", "", 1).isdigit()
    return f"'{text}" if text[:1] in "=+-@\t\r" and text and not harmless else text

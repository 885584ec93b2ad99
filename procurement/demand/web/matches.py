"""Our lines in words whose products are suggested: this one is meant, or none of these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from marketplace.catalogue import queries as catalogue
from marketplace.foundation.navigation import Panel, offers
from marketplace.foundation.pages import as_member, leaf_of, page
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from procurement.demand import queries, use_cases

TOLD = 8  # reasons shown of a candidate

# what a reason's code says, for and against
WORDS: dict[tuple[str, str], Any] = {
    ("part_number", "for"): gettext_lazy("same part number"),
    ("part_number", "against"): gettext_lazy("other part number"),
    ("words", "for"): gettext_lazy("same words"),
    ("words_missing", "against"): gettext_lazy("words it does not have"),
    ("vague", "against"): gettext_lazy("most words it does not have"),
    ("amount", "for"): gettext_lazy("same measure"),
    ("amount", "against"): gettext_lazy("other measure"),
    ("amount_missing", "against"): gettext_lazy("measure it does not state"),
    ("number", "for"): gettext_lazy("same number"),
    ("number", "against"): gettext_lazy("other number"),
    ("grade", "for"): gettext_lazy("same grade"),
    ("grade", "against"): gettext_lazy("other grade"),
    ("brand", "for"): gettext_lazy("same brand"),
    ("price", "for"): gettext_lazy("similar price"),
    ("price", "against"): gettext_lazy("other price"),
    ("attribute", "for"): gettext_lazy("same attribute"),
    ("attribute", "against"): gettext_lazy("other attribute"),
    ("unit", "against"): gettext_lazy("cannot be counted in its unit"),
    ("remembered", "for"): gettext_lazy("you meant this before"),
}


@dataclass(frozen=True)
class Told:
    """A reason as a page shows it."""

    words: str
    detail: str
    against: bool


@dataclass(frozen=True)
class Choice:
    """A product that a line may mean, as a page shows it; `percent` is the confidence."""

    ref: str
    product: Any
    percent: int
    told: list[Told]


def told(reasons: Iterable[dict[str, Any]]) -> list[Told]:
    """Return the reasons worded, what speaks against first."""
    found = []
    for reason in reasons:
        words = WORDS.get((reason["code"], reason["side"]))
        if words is not None:
            found.append(Told(str(words), _detail(reason), reason["side"] == "against"))
    return sorted(found, key=lambda one: not one.against)[:TOLD]


def _detail(reason: dict[str, Any]) -> str:
    def plain(value: Any) -> str:
        return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)

    if "same" in reason:
        return plain(reason["same"])
    return " ≠ ".join(plain(reason[side]) for side in ("left", "right") if side in reason)


@page("requester")
def to_name(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Our lines in words that wait for a product, each with its candidates and what speaks for and against them."""
    leaf = leaf_of(queries.lines_to_name(as_member(actor)), request, size=20)
    waiting = queries.waiting_for(line.pk for line in leaf.rows)
    products = catalogue.products_by_id(row.product_id for rows in waiting.values() for row in rows)
    rows = [
        (line, [Choice(s.ref, products[s.product_id], round(s.confidence * 100), told(s.reasons)) for s in found])
        for line in leaf.rows
        if (found := waiting.get(line.pk, []))
    ]
    return render(request, "demand/matches.html", {"leaf": leaf, "rows": rows})


@page("requester")
@require_POST
def confirm(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """This product is meant."""
    row = get_object_or_404(queries.suggestions_for(as_member(actor)), ref=ref)
    use_cases.confirm_match(suggestion_ref=row.ref, by=actor.by, at=clock.now())
    said = _("%(text)s means %(code)s from now on.")
    messages.success(request, said % {"text": row.text, "code": row.product_code})
    return redirect("demand:matches")


@page("requester")
@require_POST
def none_of_these(request: HttpRequest, actor: Actor, ref: str, position: int) -> HttpResponse:
    """None of the suggested products is meant."""
    row = get_object_or_404(queries.requests_for(as_member(actor)), ref=ref)
    use_cases.reject_matches(request_ref=row.ref, position=position, by=actor.by, at=clock.now())
    messages.success(request, _("None of these: name the product yourself on the request, or wait for staff."))
    return redirect("demand:matches")


def waiting_lines(actor: Actor) -> Panel | None:
    """Say which of our lines in words wait for us to say what is meant."""
    if not {"buyer", "requester"} <= actor.roles:
        return None
    rows = list(queries.lines_to_name(as_member(actor)).order_by("-pk")[:6])
    if not rows:
        return None
    return Panel(gettext_lazy("What do these lines mean?"), "demand/lines_to_name.html", {"rows": rows[:5]})


offers(gettext_lazy("Lines to name"), "demand:matches", roles=["requester"], order=11)

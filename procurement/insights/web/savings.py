"""What buying together saved us, measured against which price, with the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext, gettext_lazy

from marketplace.foundation.forms import SiftForm
from marketplace.foundation.navigation import Panel, offers
from marketplace.foundation.pages import as_member, csv_of, leaf_of, page
from marketplace.foundation.templatetags.reader import named, plain
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from procurement.insights import queries
from procurement.insights.rules import NOT_OFFERED_WORDS, RULE_WORDS, Baseline, JointView

MOST_ROWS = 20_000  # rows of a download

# What each baseline is called, and why it is evidence.
BASELINES = {
    Baseline.OWN_LAST_PRICE.value: (
        gettext_lazy("our own last price"),
        gettext_lazy("What we paid a unit the last time we bought this product, before this pool; goods alone."),
    ),
    Baseline.STAND_ALONE_TIER.value: (
        gettext_lazy("published, alone"),
        gettext_lazy(
            "The published price step that our own quantity would have reached without the others; goods alone."
        ),
    ),
    Baseline.MARKET_INDEX.value: (
        gettext_lazy("market index"),
        gettext_lazy(
            "Our own last price, moved as the prices of this category moved since then, over products priced in both "
            "months; goods alone."
        ),
    ),
    Baseline.CEILING.value: (
        gettext_lazy("our ceiling"),
        gettext_lazy("The most we said a unit may cost, landed."),
    ),
}


# What each fact behind a saving is called, in the order in which it is shown.
FACTS = {
    "request": gettext_lazy("our request"),
    "needed_from": gettext_lazy("needed from"),
    "last_quantity": gettext_lazy("quantity then"),
    "last_price": gettext_lazy("price then"),
    "base_month": gettext_lazy("index from"),
    "month": gettext_lazy("index to"),
    "index": gettext_lazy("index (1 is unchanged)"),
    "products": gettext_lazy("products compared"),
    "base_lines": gettext_lazy("prices then"),
    "lines": gettext_lazy("prices now"),
    "source": gettext_lazy("published as"),
    "own_quantity": gettext_lazy("our quantity in this pool"),
    "step_from": gettext_lazy("step reached, from"),
    "steps": gettext_lazy("all steps"),
    "commitment": gettext_lazy("our commitment"),
    "invoice": gettext_lazy("invoice"),
    "goods": gettext_lazy("goods"),
    "freight": gettext_lazy("freight"),
    "fee": gettext_lazy("fee"),
}
MONEY = {"goods", "freight", "fee"}
REFS = {"request", "invoice"}
CURVES = {"framework": gettext_lazy("framework contract"), "price_list": gettext_lazy("price list")}


class SavingSift(SiftForm):
    """Which savings to show."""

    baseline = forms.ChoiceField(
        label=gettext_lazy("Measured against"),
        choices=[("", gettext_lazy("all")), *((key, words[0]) for key, words in BASELINES.items())],
        required=False,
    )
    q = forms.CharField(label=gettext_lazy("Product or pool"), max_length=80, required=False)

    def narrow(self, rows: Any) -> Any:
        """Keep the savings that are asked for."""
        if baseline := self.wanted("baseline"):
            rows = rows.filter(baseline=baseline)
        if text := self.wanted("q"):
            product = Q(pool__product__name_en__icontains=text) | Q(pool__product__name_zh__icontains=text)
            rows = rows.filter(product | Q(pool__product__code__icontains=text) | Q(pool__ref__icontains=text))
        return rows


def _total(actor: Actor) -> list[tuple[Money, Decimal]]:
    """Return what was saved in all by currency, and in per cent of what it would have cost."""
    paid: dict[str, int] = {}
    saved: dict[str, int] = {}
    for row in queries.savings_per_buyer(as_member(actor)):
        currency = row.saved.currency
        paid[currency] = paid.get(currency, 0) + row.paid.minor
        saved[currency] = saved.get(currency, 0) + row.saved.minor
    return [
        (Money.from_minor(saved[currency], currency), _percent(saved[currency], paid[currency]))
        for currency in sorted(saved)
    ]


def _percent(saved: int, paid: int) -> Decimal:
    return Decimal(100 * saved) / Decimal(saved + paid) if saved + paid else Decimal(0)


@page("buyer")
def savings(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Savings pool by pool, each against the best evidence there is."""
    sift = SavingSift(request.GET)
    rows = sift.narrow(queries.savings_for(as_member(actor)))
    if request.GET.get("as") == "csv":
        return csv_of("savings", SAVING_HEAD, _cells(rows.order_by("-pk")[:MOST_ROWS]))
    leaf = leaf_of(rows if sift.wanted("baseline") else rows.filter(headline=True), request)
    context = {
        "leaf": leaf,
        "sift": sift,
        "total": _total(actor),
        "rows": [(row, BASELINES[row.baseline][0], _percent(row.saved_minor, row.paid_minor)) for row in leaf.rows],
    }
    return render(request, "insights/savings.html", context)


SAVING_HEAD = (
    gettext_lazy("Pool"),
    gettext_lazy("Product"),
    gettext_lazy("Product name"),
    gettext_lazy("Quantity"),
    gettext_lazy("Unit"),
    gettext_lazy("Measured against"),
    gettext_lazy("Best evidence"),
    gettext_lazy("Price there"),
    gettext_lazy("Paid"),
    gettext_lazy("Saved"),
    gettext_lazy("Currency"),
    gettext_lazy("Proved at"),
)


def _cells(rows: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        product = row.pool.product
        yield (
            row.pool.ref,
            product.code,
            named(product),
            plain(row.quantity),
            product.unit,
            BASELINES[row.baseline][0],
            "1" if row.headline else "0",
            plain(row.baseline_price),
            Money.from_minor(row.paid_minor, row.currency).amount,
            Money.from_minor(row.saved_minor, row.currency).amount,
            row.currency,
            row.proved_at.isoformat(),
        )


@page("buyer")
def why(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """One saving against every baseline there is, with the evidence; opens at the side."""
    mine = queries.savings_for(as_member(actor))
    row = get_object_or_404(mine, pk=pk)
    every = mine.filter(commitment_id=row.commitment_id).order_by("-headline", "pk")
    shown = [
        (one, *BASELINES[one.baseline], _percent(one.saved_minor, one.paid_minor), _facts(one.facts)) for one in every
    ]
    part = queries.joint_savings_for(as_member(actor)).filter(joint__pool=row.pool_id).first()
    template = "insights/why.html" if request.headers.get("HX-Request") else "insights/why_page.html"
    return render(request, template, {"row": row, "rows": shown, **_joint(part)})


def _facts(facts: dict[str, Any]) -> list[tuple[Any, str, Any]]:
    """Return what is behind a saving as (word, `ref` or `money` or nothing, value), in the order of `FACTS`."""
    shown = dict(facts)
    for key in MONEY & set(shown):
        currency, amount = shown[key].split()
        shown[key] = Money(Decimal(amount), currency)
    if "steps" in shown:
        shown["steps"] = "; ".join(f"{start}: {price}" for start, price in shown["steps"])
    if "source" in shown:
        shown["source"] = CURVES.get(shown["source"], shown["source"])
    kinds = dict.fromkeys(MONEY, "money") | dict.fromkeys(REFS, "ref")
    return [(word, kinds.get(key, ""), shown[key]) for key, word in FACTS.items() if key in shown]


def _joint(part: Any) -> dict[str, Any]:
    """Return the joint saving of the pool as our own part of it, and the rules that were not computed, with why."""
    if part is None:
        return {}
    view: JointView = queries.joint_view(part)
    splits = [(split, *(gettext(word) for word in RULE_WORDS[split.rule])) for split in view.splits]
    without = [
        (gettext(RULE_WORDS[one["rule"]][0]), gettext(NOT_OFFERED_WORDS[one["code"]]).format(**one))
        for one in view.not_offered
    ]
    return {"joint": view, "splits": splits, "without": without, "curve": CURVES.get(view.source, view.source)}


def saved_so_far(actor: Actor) -> Panel | None:
    """Say what buying together has saved us."""
    if "buyer" not in actor.roles:
        return None
    total = _total(actor)
    return Panel(gettext_lazy("Saved so far"), "insights/saved.html", {"total": total}) if total else None


offers(gettext_lazy("Savings"), "insights:savings", roles=["buyer"], order=85)

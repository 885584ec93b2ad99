"""Money, quantities, dates and states as the reader writes them: `{% load reader %}`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from marketplace.foundation.navigation import page_of
from marketplace.foundation.wording import in_chinese, instant_words, unit_words
from marketplace.foundation.words import ICONS, ROLES, STATES
from marketplace.kernel.actors import NOBODY
from marketplace.kernel.money import Money, Rate
from marketplace.kernel.periods import Period, month_of
from marketplace.kernel.state_machine import Machine

register = template.Library()
NOTHING = mark_safe('<span class="none">–</span>')


def _number(amount: Decimal) -> str:
    """Return a number with thousands set off by commas, as ledgers in both languages have it."""
    return f"{amount:,f}".replace("-", "\u2212")


def _with_unit(number: str, unit: str) -> SafeString:
    return format_html('<span class="num">{} <span class="unit">{}</span></span>', number, unit)


def _currency(code: str) -> str:
    return "元" if code == "CNY" and in_chinese() else code


@register.filter
def money(amount: Money | None) -> SafeString:
    """Show money: `{{ order.total|money }}`."""
    return NOTHING if amount is None else _with_unit(_number(amount.amount), _currency(amount.currency))


@register.filter
def minor(units: int | None, currency: str) -> SafeString:
    """Show an amount kept in the smallest coin: `{{ row.total_minor|minor:row.currency }}`."""
    return NOTHING if units is None else money(Money.from_minor(units, currency))


@register.filter
def rate(price: Rate | Decimal | None, currency: str = "") -> SafeString:
    """Show a unit price with all its digits, two at least: `{{ step.price|rate }}`, `{{ row.price|rate:"CNY" }}`."""
    if price is None:
        return NOTHING
    amount, code = (price.amount, price.currency) if isinstance(price, Rate) else (price, currency)
    short = amount.quantize(Decimal("0.01")) if amount == amount.quantize(Decimal("0.01")) else amount.normalize()
    return _with_unit(_number(short), _currency(code))


@register.filter
def qty(amount: Decimal | Fraction | int | None, unit: str = "") -> SafeString:
    """Show a quantity in its unit: `{{ line.quantity|qty:line.unit }}`."""
    if amount is None:
        return NOTHING
    number = Decimal(amount.numerator) / amount.denominator if isinstance(amount, Fraction) else Decimal(amount)
    plain = number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()
    return _with_unit(_number(plain), unit_word(unit))


@register.filter
def plain(amount: Decimal | None) -> str:
    """Write a quantity or rate as a number field takes it: `value="{{ line.quantity|plain }}"`."""
    text = "" if amount is None else format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@register.filter
def unit_word(code: str) -> str:
    """Return how the reader writes a unit of Rec 20: `kg`, `pcs`, `个`."""
    return unit_words(code)


@register.filter
def percent(share: Decimal | Fraction | float | None, places: int = 1) -> str:
    """Show a share as a percentage: 0.1234 -> 12.3 %. A whole percentage is asked for by `percent_points`."""
    if share is None:
        return "–"
    exact = Decimal(share.numerator) / share.denominator if isinstance(share, Fraction) else Decimal(str(share))
    return percent_points(exact * 100, places)


@register.filter
def percent_points(points: Decimal | None, places: int = 1) -> str:
    """Show a percentage that is one already: 13 -> 13.0 %."""
    if points is None:
        return "–"
    shown = points.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{_number(shown)}\u202f%"


@register.filter
def day(value: date | datetime | None) -> SafeString:
    """Show a day: 14 Mar 2026, 2026年3月14日."""
    if value is None:
        return NOTHING
    shown = timezone.localtime(value) if isinstance(value, datetime) else value
    words = date_format(shown, "Y年n月j日" if in_chinese() else "j M Y")
    return format_html('<time datetime="{}">{}</time>', shown.isoformat(), words)


@register.filter
def last_day(end: date) -> date:
    """Return the last day of a half-open period that ends at `end`: `{{ pool.window_end|last_day|day }}`."""
    return end - timedelta(days=1)


@register.filter
def window(start: date, end: date) -> SafeString:
    """Show a half-open window of days as a month where it is one: Jan 2027, 2027年1月; else its first and last day."""
    if Period(start, end) == month_of(start):
        return format_html('<span class="num">{}</span>', date_format(start, "Y年n月" if in_chinese() else "M Y"))
    return format_html("<span>{} – {}</span>", day(start), day(last_day(end)))


@register.filter
def moment(value: datetime | None) -> SafeString:
    """Show an instant in the market's time: 14 Mar 2026, 16:00."""
    if value is None:
        return NOTHING
    at = timezone.localtime(value).isoformat()
    return format_html('<time datetime="{}">{}</time>', at, instant_words(value))


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw one of static/icons.svg; it says nothing to a screen reader, the word beside it does."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("icons.svg"), name)


@register.simple_tag
def chip(state: str, tone: str = "", word: str = "") -> SafeString:
    """Show a state as an icon and a word in its colour: `{% chip pool.state %}`, `{% chip "late" "failed" word %}`."""
    known_tone, known_word = STATES.get(str(state), ("quiet", str(state).replace("_", " ")))
    tone = tone or known_tone
    return format_html('<span class="chip {}">{}{}</span>', tone, icon(ICONS[tone]), word or gettext(known_word))


@register.filter
def state_word(state: str) -> str:
    """Return the reader's word for a state."""
    return gettext(STATES.get(str(state), ("", str(state).replace("_", " ")))[1])


@register.filter
def role_word(role: str) -> str:
    """Return the reader's word for a role."""
    return gettext(ROLES.get(role, role))


@register.filter
def actor_word(by: str) -> str:
    """Return who did it, for a reader: the person's name, or that it was the platform itself."""
    kind, _, name = by.partition(":")
    return name if kind == "user" else gettext("automatically")


@register.simple_tag(takes_context=True)
def linked(context: Any, ref: str) -> SafeString:
    """Show a ref, as a link where the reader has a page for such a thing: `{% linked row.about_ref %}`."""
    name = ref.rpartition(":")[2]
    actor = context.get("actor", NOBODY)
    url = page_of(name, actor() if callable(actor) else actor)
    if not url:
        return format_html('<span class="ref">{}</span>', name)
    return format_html('<a class="ref" href="{}">{}</a>', url, name)


@register.inclusion_tag("parts/steps.html")
def steps(machine: Machine | Sequence[str], state: str, history: Sequence[Any] = ()) -> dict[str, Any]:
    """Draw a life cycle as a line of steps: those taken with their time and who, the present one, those to come.

    machine    the machine, or the states of its main road in order
    history    the thing's StateChange rows, oldest first
    """
    road = list(machine) if not isinstance(machine, Machine) else machine.states()
    taken = {change.to_state: change for change in history}
    if state not in road:
        road = [name for name in road if name in taken] + [state]
    here = road.index(state)
    kinds = ["done" if place < here else "here" if place == here else "ahead" for place in range(len(road))]
    return {"steps": [{"state": s, "kind": k, "change": taken.get(s)} for s, k in zip(road, kinds, strict=True)]}


@register.inclusion_tag("parts/fill_bar.html")
def fill_bar(
    taken: Decimal | int, full: Decimal | int, unit: str = "", marks: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Draw how full something is, with the steps ahead.

    taken, full   quantities in `unit`; the bar ends at `full`
    marks         [{"at": quantity, "label": text}]: the minimum, the next price step
    """
    most = max(Decimal(full), Decimal(1).scaleb(-6))
    shares = [{**mark, "x": _place(Decimal(mark["at"]), most)} for mark in marks if Decimal(mark["at"]) <= most]
    return {"taken": taken, "full": full, "unit": unit, "width": _place(Decimal(taken), most), "marks": shares}


def _place(part: Decimal, whole: Decimal) -> str:
    return f"{min(max(part / whole * 100, Decimal(0)), Decimal(100)):.2f}"


@register.filter
def named(thing: Any) -> str:
    """Return a product's name as the reader writes it, its code when it has none: `{{ pool.product|named }}`."""
    names = (thing.name_zh, thing.name_en) if in_chinese() else (thing.name_en, thing.name_zh)
    return str(next((name for name in names if name), thing.code))


@register.filter
def get(table: Mapping[Any, Any], key: Any) -> Any:
    """Look `key` up in a table."""
    return table.get(key)

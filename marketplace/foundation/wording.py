"""How a refusal is worded, at every door."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, pgettext

from marketplace.engines.units import UNITS
from marketplace.foundation.words import STATES
from marketplace.kernel.refusals import Refusal

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
OUR_WORDS = frozenset({"what", "machine", "kind", "reason", "why", "reasons", "purpose", "role"})


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def word(refusal: Refusal) -> str:
    """Return the refusal as a sentence in the reader's language, its facts filled in."""
    return template_words(refusal.words, refusal.facts)


def template_words(template: str, facts: Mapping[str, Any]) -> str:
    """Return an English template in the reader's language, its facts filled in; what is missing becomes `?`.

    Facts that are words of ours (a kind of thing, a state, a unit, a reason) are translated too, and an instant is told
    in the market's time; names and numbers stay.
    """
    worded = {key: _worded(key, value) for key, value in facts.items()}
    return gettext(template).format_map(_Facts(worded))


def _worded(key: str, value: Any) -> Any:
    if key == "state" and value in STATES:
        return gettext(STATES[value][1])
    if key == "unit":
        return unit_words(str(value))
    if isinstance(value, str) and INSTANT.fullmatch(value):
        return instant_words(datetime.fromisoformat(value))
    return gettext(value) if key in OUR_WORDS and isinstance(value, str) and value else value


def in_chinese() -> bool:
    """Tell whether the reader reads Chinese."""
    return (get_language() or "").startswith("zh")


def unit_words(code: str) -> str:
    """Return how the reader writes a unit of Rec 20: `kg`, `pcs`, `个`; an unknown one as it is."""
    known = UNITS.get(code)
    if known is None:
        return code
    if code in {"C62", "EA", "H87"}:
        return pgettext("unit", "pcs")
    return known.name_zh if in_chinese() else known.symbol or known.name_en


def instant_words(at: datetime) -> str:
    """Return an instant in the market's time: 14 Mar 2026, 16:00."""
    return date_format(timezone.localtime(at), "Y年n月j日 H:i" if in_chinese() else "j M Y, H:i")


def problem(refusal: Refusal, instance: str = "") -> dict[str, Any]:
    """Return the refusal as a problem document (RFC 9457)."""
    return {
        "type": f"https://jicai.example/problems/{refusal.code}",
        "title": refusal.code.replace("_", " "),
        "status": refusal.status,
        "detail": word(refusal),
        "instance": instance,
        "code": refusal.code,
        "facts": {key: _plain(value) for key, value in refusal.facts.items()},
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | Iterator):
        return [_plain(item) for item in value]
    return str(value)

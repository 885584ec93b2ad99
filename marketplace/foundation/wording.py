"""How a refusal is worded, at every door."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext

from marketplace.foundation.words import STATES
from marketplace.kernel.refusals import Refusal

OUR_WORDS = frozenset({"what", "machine", "kind", "reason", "why", "reasons", "purpose", "role"})


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def word(refusal: Refusal) -> str:
    """Return the refusal as a sentence in the reader's language, its facts filled in."""
    return template_words(refusal.words, refusal.facts)


def template_words(template: str, facts: Mapping[str, Any]) -> str:
    """Return an English template in the reader's language, its facts filled in; what is missing becomes `?`.

    Facts that are words of ours (a kind of thing, a state, a reason) are translated too; names and numbers stay.
    """
    worded = {key: _worded(key, value) for key, value in facts.items()}
    return gettext(template).format_map(_Facts(worded))


def _worded(key: str, value: Any) -> Any:
    if key == "state" and value in STATES:
        return gettext(STATES[value][1])
    return gettext(value) if key in OUR_WORDS and isinstance(value, str) and value else value


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

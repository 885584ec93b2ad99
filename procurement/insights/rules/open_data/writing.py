"""JSON as open data is written: numbers exactly as they are, never through binary fractions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any


def write(value: Any) -> str:
    """Return `value` as JSON without blanks; decimals as numbers with all their digits.

    :raises TypeError: something that JSON does not know, or a float.
    """
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_text(key)}:{write(item)}" for key, item in value.items()) + "}"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Sequence):
        return "[" + ",".join(map(write, value)) + "]"
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    raise TypeError(f"{type(value).__name__} has no place in open data")


def read(text: str) -> Any:
    """Return what `write` wrote, its fractions as decimals."""
    return json.loads(text, parse_float=Decimal)


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise TypeError(f"{value} is no number of JSON")
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)

"""Reading a problem's JSON: every value is of the kind it should be, or is refused with its place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NoReturn

from marketplace.kernel.refusals import BadValue

MOST = 2**53  # a solver counts in doubles: beyond this they skip integers
_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")


def refuse(place: str, value: object, reason: str) -> NoReturn:
    raise BadValue(place=place, value=value, reason=reason)


@dataclass(frozen=True)
class Page:
    """One JSON object and where it stands in the document."""

    place: str
    content: dict[str, Any]

    def _get(self, key: str, kind: type, wanted: str) -> Any:
        if key not in self.content:
            refuse(self._at(key), None, "missing")
        value = self.content[key]
        if not isinstance(value, kind) or isinstance(value, bool):
            refuse(self._at(key), value, f"not {wanted}")
        return value

    def _at(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key

    @property
    def names(self) -> list[str]:
        return list(self.content)

    def text(self, key: str) -> str:
        return str(self._get(key, str, "text"))

    def number(self, key: str) -> int:
        value = int(self._get(key, int, "an integer"))
        if abs(value) >= MOST:
            refuse(self._at(key), value, "too large")
        return value

    def has(self, key: str) -> bool:
        """Whether the key stands there with a value; null counts as nothing."""
        return self.content.get(key) is not None

    def only(self, *keys: str) -> None:
        """Refuse a key that nobody reads: it would say something that is not heard."""
        for key in self.content:
            if key not in keys:
                refuse(self._at(key), key, f"none of {', '.join(keys)}")

    def decimal(self, key: str) -> Decimal:
        """A decimal as text ("12.5"), or an integer; a binary float is refused."""
        value = self.content.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return Decimal(value)
        written = self.text(key)
        if not _DECIMAL.fullmatch(written):
            refuse(self._at(key), written, "not a decimal")
        return Decimal(written)

    def decimals(self, key: str) -> dict[str, Decimal]:
        """An object of decimals by name."""
        page = self.page(key)
        return {name: page.decimal(name) for name in page.names}

    def instant(self, key: str) -> datetime:
        """A moment with its offset (ISO 8601)."""
        written = self.text(key)
        try:
            at = datetime.fromisoformat(written)
        except ValueError:
            refuse(self._at(key), written, "not a moment of ISO 8601")
        if at.tzinfo is None:
            refuse(self._at(key), written, "without its offset from UTC")
        return at

    def numbers(self, key: str) -> dict[str, int]:
        """An object of integers by name."""
        page = self.page(key)
        return {name: page.number(name) for name in page.names}

    def texts(self, key: str) -> list[str]:
        values = self._get(key, list, "a list")
        for place, value in enumerate(values):
            if not isinstance(value, str):
                refuse(f"{self._at(key)}[{place}]", value, "not text")
        return [str(value) for value in values]

    def integers(self, key: str) -> list[int]:
        values = self._get(key, list, "a list")
        listed = Page(self._at(key), {f"[{place}]": value for place, value in enumerate(values)})
        return [listed.number(name) for name in listed.names]

    def page(self, key: str) -> Page:
        return Page(self._at(key), self._get(key, dict, "an object"))

    def pages(self, key: str) -> Iterator[Page]:
        for place, value in enumerate(self._get(key, list, "a list")):
            if not isinstance(value, dict):
                refuse(f"{self._at(key)}[{place}]", value, "not an object")
            yield Page(f"{self._at(key)}[{place}]", value)


def document(text: bytes | str) -> Page:
    """Read one JSON object: no NaN, no key twice.

    :raises BadValue: it is not that.
    """
    try:
        content = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadValue(place="document", value=str(text[:40]), reason=str(error)) from None
    if not isinstance(content, dict):
        refuse("document", type(content).__name__, "not an object")
    return Page("", content)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        refuse(double, None, "the key stands twice")
    return read


def _no_constant(name: str) -> NoReturn:
    refuse("document", name, "not a number")

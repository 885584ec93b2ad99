"""Reading a problem's JSON: every value is of the kind it should be, or is refused with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from marketplace.kernel.refusals import BadValue

MOST = 2**53  # a solver counts in doubles: beyond this they skip integers


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

"""Typed access to a parsed TOML table, so that every fault names its key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NoReturn

from marketplace.engines.tables.patterns import safe_pattern
from marketplace.engines.tables.results import BadMapping


class Section:
    """One table of a mapping file. Every key must be asked for once; `done` refuses those nobody asked for."""

    def __init__(self, mapping: str, data: Mapping[str, Any], path: str = "") -> None:
        self.mapping = mapping
        self.data = data
        self.path = path
        self.asked: set[str] = set()

    def wrong(self, key: str, reason: str) -> NoReturn:
        raise BadMapping(mapping=self.mapping, key=self.at(key), reason=reason)

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path and key else self.path or key

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def raw(self, key: str) -> Any:
        self.asked.add(key)
        return self.data.get(key)

    def text(self, key: str, default: str | None = "", among: tuple[str, ...] = ()) -> str:
        value = self.raw(key)
        if value is None:
            value = default
        if value is None:
            self.wrong(key, "is missing")
        if not isinstance(value, str):
            self.wrong(key, "must be a text")
        if among and value not in among:
            self.wrong(key, f"must be one of {', '.join(among)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a text or a list of texts as a tuple; empty when the key is absent."""
        value = self.raw(key)
        if value is None:
            return ()
        several = [value] if isinstance(value, str) else value
        if not isinstance(several, list) or not several or not all(isinstance(one, str) and one for one in several):
            self.wrong(key, "must be a text or a list of texts, none of them empty")
        return tuple(several)

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.raw(key)
        if value is not None and not isinstance(value, bool):
            self.wrong(key, "must be true or false")
        return default if value is None else bool(value)

    def whole(self, key: str, default: int, least: int = 0, most: int = 10_000) -> int:
        value = self.raw(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.wrong(key, f"must be a whole number from {least} to {most}")
        return int(value)

    def number(self, key: str) -> Decimal | None:
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
            self.wrong(key, "must be a number")
        return Decimal(value)

    def day(self, key: str, default: date) -> date:
        value = self.raw(key)
        if value is None:
            return default
        if isinstance(value, datetime) or not isinstance(value, date):
            self.wrong(key, "must be a date such as 2026-07-01")
        return value

    def regex(self, key: str) -> re.Pattern[str] | None:
        value = self.text(key)
        if not value:
            return None
        try:
            return safe_pattern(value)
        except ValueError as error:
            self.wrong(key, str(error))

    def section(self, key: str) -> Section:
        value = self.raw(key)
        if value is not None and not isinstance(value, dict):
            self.wrong(key, "must be a table")
        return Section(self.mapping, value or {}, self.at(key))

    def sections(self, key: str) -> Iterator[Section]:
        value = self.raw(key)
        if value is not None and not (isinstance(value, list) and all(isinstance(one, dict) for one in value)):
            self.wrong(key, "must be a list of tables")
        for n, one in enumerate(value or []):
            yield Section(self.mapping, one, f"{self.at(key)}[{n}]")

    def named_sections(self, key: str) -> Iterator[tuple[str, Section]]:
        for name in (inner := self.section(key)).data:
            yield name, inner.section(name)

    def done(self) -> None:
        """Refuse keys that mean nothing here."""
        for key in self.data:
            if key not in self.asked:
                self.wrong(key, f"means nothing here; known: {', '.join(sorted(self.asked))}")

"""Refs: the names people use for things, such as TD-2026-0012."""

from __future__ import annotations

import re
from dataclasses import dataclass

SHAPE = re.compile(r"^(?P<prefix>[A-Z]{2})-(?P<year>\d{4})-(?P<number>\d{4,})$")


@dataclass(frozen=True, order=True)
class Ref:
    """A two-letter kind, a year, and a number counted within both."""

    prefix: str
    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year:04d}-{self.number:04d}"

    @classmethod
    def parse(cls, text: str) -> Ref:
        """Return the ref that `text` spells.

        :raises ValueError: it is not of the form XX-YYYY-NNNN.
        """
        found = SHAPE.match(text)
        if not found:
            raise ValueError(f"{text!r} is not a ref")
        return cls(found["prefix"], int(found["year"]), int(found["number"]))

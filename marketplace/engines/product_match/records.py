"""What is compared: a record of a product as somebody wrote it, and what can be read out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Record:
    """One text about one thing, as a buyer or a catalogue wrote it.

    key         what the caller knows it by; equal content may have different keys
    title       the short text, English, Chinese or both
    text        the long text, may be empty
    brand       maker or brand, may be empty
    price       in any one currency, None when unknown, >= 0
    attributes  typed facts known already, as (name, value as text)
    """

    key: str
    title: str
    text: str = ""
    brand: str = ""
    price: float | None = None
    attributes: tuple[tuple[str, str], ...] = ()


Pair = tuple[Record, Record]


@dataclass(frozen=True)
class Reading:
    """What was read out of a record: every list may repeat and keeps the order of the text.

    title, words   words of the title; of title, brand and long text
    codes          part numbers with letters and digits, joined over dashes and slashes
    numbers        numbers that stand alone in the title, canonical (`7.0` is `7`)
    amounts        numbers with a unit as `dimension=value in the base unit`
    dimensions     the dimensions of the amounts
    brand          words of the brand
    grades         material grades and strength classes
    compact        title without anything but letters and digits
    compact_all    title, brand and long text likewise
    folded         the title folded; `spaced`: all of it with commas, brackets and slashes as single spaces
    price          None when unknown or zero
    attributes     typed facts known already, folded
    """

    title: list[str]
    words: list[str]
    codes: list[str]
    numbers: list[str]
    amounts: list[str]
    dimensions: list[str]
    grades: list[str]
    brand: list[str]
    compact: str
    compact_all: str
    folded: str
    spaced: str
    price: float | None
    attributes: Mapping[str, str] = field(default_factory=dict)

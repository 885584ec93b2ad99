"""The wide layout of bid tabulations: fixed columns, then one block of columns for each bidder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from marketplace.engines.tables.numbers import NumberRule

LINE_COLUMNS = ("number", "description", "quantity", "unit")
GROUP_COLUMNS = ("unit_price", "total")


@dataclass(frozen=True)
class Matrix:
    """How a tabulation is laid out and named.

    line          heading of each fixed column, by any of its names: number, description, quantity, unit
    group         headings of one bidder's block, in order: unit_price, total; the bidder's name stands above it
    quantity      rule of the quantity column        price   rule of the block's columns
    units         how units are spelt -> their code
    total_label   what the description of a row of totals looks like
    sum_label     what such a label looks like when it adds up several schedules
    estimate      what the name of the block that is no bidder looks like
    placeholder   what a name looks like that nobody filled in
    alternate     what the name of a sheet with an alternate schedule looks like
    titles        patterns of texts above the header, one group each; `tender` names the tender
    aliases       misspelt bidder keys -> the right ones
    """

    line: Mapping[str, tuple[str, ...]] = field(hash=False)
    group: Mapping[str, tuple[str, ...]] = field(hash=False)
    total_label: re.Pattern[str]
    quantity: NumberRule = field(default_factory=NumberRule)
    price: NumberRule = field(default_factory=NumberRule)
    units: Mapping[str, str] = field(default_factory=dict, hash=False)
    sum_label: re.Pattern[str] | None = None
    estimate: re.Pattern[str] | None = None
    placeholder: re.Pattern[str] | None = None
    alternate: re.Pattern[str] | None = None
    titles: Mapping[str, re.Pattern[str]] = field(default_factory=dict, hash=False)
    aliases: Mapping[str, str] = field(default_factory=dict, hash=False)
    most_lines: int = 5000

    @property
    def headings(self) -> tuple[str, ...]:
        """Every heading the layout speaks of."""
        return tuple(name for part in (self.line, self.group) for names in part.values() for name in names)

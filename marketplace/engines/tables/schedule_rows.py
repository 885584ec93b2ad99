"""The rows of one tabulation as they come: lines, totals, and what had to be judged about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from marketplace.engines.tables.bidders import Bidder
from marketplace.engines.tables.cells import Cell, RawRow, clean_cell, collapse, fold
from marketplace.engines.tables.matrix import Matrix
from marketplace.engines.tables.numbers import NumberRule, read_number
from marketplace.engines.tables.results import (
    BadFile,
    BrokenCell,
    CellRefused,
    Place,
    RowError,
    Skipped,
    error_at,
)
from marketplace.engines.tables.schedule_judging import judged
from marketplace.engines.tables.schedules import Bid, Price, Schedule, ScheduleLine, StatedTotal

T = TypeVar("T")


@dataclass(frozen=True)
class Block:
    """The columns of one bidder (or of the estimate)."""

    bidder: Bidder
    unit_price: int
    total: int
    estimate: bool = False
    placeholder: bool = False


class ScheduleRows:
    """Collects one sheet; `schedule` closes it."""

    def __init__(self, matrix: Matrix, line: Mapping[str, int], blocks: Sequence[Block], header: Place) -> None:
        self.matrix = matrix
        self.line = line
        self.header = header
        self.blocks = blocks
        self.lines: list[ScheduleLine] = []
        self.prices: dict[int, list[Price]] = defaultdict(list)
        self.stated: list[StatedTotal] = []
        self.broken: dict[int, list[str]] = defaultdict(list)
        self.errors: list[RowError] = []
        self.skipped: list[Skipped] = []
        self._check_names()

    def _check_names(self) -> None:
        seen: set[str] = set()
        for block in self.blocks:
            key = block.bidder.key
            if key and key in seen:
                self.errors.append(error_at(self.header, "", block.bidder.name, "is the name over two blocks"))
            seen.add(key)

    def take(self, raw: RawRow) -> None:
        """Take the next row that shows anything.

        :raises BadFile: more lines than the mapping allows.
        """
        place = self.header._replace(row=raw.number)
        label = self._text(raw, "description")
        if label and self.matrix.total_label.search(label) and not self._text(raw, "number"):
            self._take_totals(raw, label)
        elif self.stated:
            self.skipped.append(Skipped(place, "below the totals"))
        elif len(self.lines) >= self.matrix.most_lines:
            raise BadFile(file=place.file, place=place.sheet, reason=f"has more than {self.matrix.most_lines} lines")
        else:
            self._take_line(raw)

    def _take_line(self, raw: RawRow) -> None:
        spelling = self._text(raw, "unit") or ""
        unit = self.matrix.units.get(fold(spelling)) if self.matrix.units else spelling
        line = ScheduleLine(
            row=raw.number,
            number=self._text(raw, "number"),
            description=self._text(raw, "description"),
            quantity=self._number(raw, self.line["quantity"], self.matrix.quantity, "quantity"),
            unit=unit or None,
            unit_spelling=spelling,
        )
        self.lines.append(line)
        for block in self.blocks:
            name = block.bidder.name
            asked = self._number(raw, block.unit_price, self.matrix.price, f"{name}: unit price")
            stated = self._number(raw, block.total, self.matrix.price, f"{name}: total")
            if not name and asked is not None:
                place = self.header._replace(row=raw.number)
                self.errors.append(error_at(place, "unit price", asked, "stands in a block without a bidder's name"))
            self.prices[block.unit_price].append(Price(asked, stated))

    def _take_totals(self, raw: RawRow, label: str) -> None:
        found = {
            block.bidder.key: self._number(raw, block.total, self.matrix.price, f"{block.bidder.name}: total")
            for block in self.blocks
            if block.bidder.key
        }
        sums = self.matrix.sum_label is not None and bool(self.matrix.sum_label.search(label))
        own = not sums and not any(total.own for total in self.stated)
        amounts = {key: amount for key, amount in found.items() if amount is not None}
        self.stated.append(StatedTotal(raw.number, label, own, amounts))

    def _text(self, raw: RawRow, part: str) -> str | None:
        return self._read(raw, self.line[part], part, lambda cell: collapse(clean_cell(cell)) or None)

    def _number(self, raw: RawRow, index: int, rule: NumberRule, what: str) -> Decimal | None:
        return self._read(raw, index, what, lambda cell: read_number(cell, rule) if clean_cell(cell) else None)

    def _read(self, raw: RawRow, index: int, what: str, read: Callable[[Cell], T | None]) -> T | None:
        cell = raw.cells[index] if index < len(raw.cells) else None
        try:
            return read(cell)
        except BrokenCell:
            if what not in self.broken[raw.number]:
                self.broken[raw.number].append(what)
        except CellRefused as refused:
            place = self.header._replace(row=raw.number)
            error = error_at(place, what, cell, str(refused))
            if error not in self.errors[-4:]:
                self.errors.append(error)
        return None

    def schedule(
        self, *, kind: str, tender: str, currency: str, titles: Mapping[str, str], opened_on: date | None
    ) -> Schedule:
        """Return what was collected, judged."""
        named = [(block, self._bid(block)) for block in self.blocks if block.bidder.key]
        schedule = Schedule(
            file=self.header.file,
            sheet=self.header.sheet,
            tender=tender,
            kind=kind,
            currency=currency,
            titles=titles,
            opened_on=opened_on,
            lines=tuple(self.lines),
            bids=tuple(bid for block, bid in named if not block.estimate),
            estimate=next((bid for block, bid in named if block.estimate), None),
            stated=tuple(self.stated),
        )
        return judged(schedule, self.broken)

    def _bid(self, block: Block) -> Bid:
        return Bid(block.bidder, tuple(self.prices[block.unit_price]), block.placeholder)

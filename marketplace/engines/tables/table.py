"""One table being read: the mapping's rules bound to the columns where its header put them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from marketplace.engines.tables.cells import Cell, RawRow, clean_cell, is_blank
from marketplace.engines.tables.converters import Converter, converter, joined, product, remembering
from marketplace.engines.tables.headers import Header
from marketplace.engines.tables.mapping import Field, Mapping, Test
from marketplace.engines.tables.patterns import LONGEST_TEXT
from marketplace.engines.tables.results import BadFile, CellRefused, Item, Place, Record, RowError, Skipped, error_at
from marketplace.engines.tables.skips import predicate

_KEPT = 8192  # distinct texts whose answer a test remembers


class _Step(NamedTuple):
    """One field: what to call its column in an error, how to pick its cell from a row, what to make of it."""

    column: str
    pick: Callable[[Sequence[Cell]], Cell]
    convert: Converter


class Table:
    """The rows of one sheet as records, errors and skips. `keys` are those already met in the file."""

    def __init__(self, mapping: Mapping, header: Header, place: Place, keys: dict[object, tuple[str, int]]) -> None:
        self.mapping = mapping
        self.header = header
        self.file, self.sheet = place.file, place.sheet
        self.fills = bool(place.sheet) or mapping.layout.short_rows == "fill"
        self.keys = keys
        self.skips = [(skip.name, [self._test(test) for test in skip.tests]) for skip in mapping.skips]
        self.plan = [self._step(rule) for rule in mapping.fields if rule.columns]
        self.products = [rule for rule in mapping.fields if rule.product_of]
        self.fixed = dict(mapping.constants)
        for rule in mapping.fields:
            if rule.title:
                self.fixed.update(self._titled(rule))

    def items(self, rows: Iterator[RawRow]) -> Iterator[Item]:
        """Yield what every row below the header is."""
        width = self.header.width
        for raw in rows:
            cells = raw.cells
            place = Place(self.file, self.sheet, raw.number)
            if raw.broken:
                yield error_at(place, "", "", raw.broken)
                continue
            if is_blank(cells):
                continue
            if len(cells) != width:
                if not self._fitting(cells):
                    yield error_at(place, "", cells[-1], f"the row has {len(cells)} cells, the header {width}")
                    continue
                cells = [*cells, *[None] * (width - len(cells))]
            yield from self._item(place, cells)

    def _fitting(self, cells: Sequence[Cell]) -> bool:
        extra = cells[self.header.width :]
        return is_blank(extra) if extra else self.fills

    def _item(self, place: Place, cells: Sequence[Cell]) -> Iterator[Item]:
        for name, tests in self.skips:
            if all(holds(cells[index]) for index, holds in tests):
                yield Skipped(place, name)
                return
        fields = self.fixed.copy()
        errors: list[RowError] = []
        for step in self.plan:
            try:
                fields.update(step.convert(step.pick(cells)))
            except CellRefused as refused:
                errors.append(error_at(place, step.column, self._shown(step, cells), str(refused)))
        if not errors:
            errors = self._finished(place, fields)
        if errors:
            yield from errors
        else:
            yield Record(place, fields)

    def _finished(self, place: Place, fields: dict[str, object]) -> list[RowError]:
        """Fill what follows from other fields, and claim the record's key."""
        for rule in self.products:
            try:
                fields[rule.name] = product(fields, rule)
            except CellRefused as refused:
                return [error_at(place, rule.name, "", str(refused))]
        key = tuple(fields[name] for name in self.mapping.key)
        here = (self.sheet, place.row)
        first = self.keys.setdefault(key, here) if key else here
        if first == here:
            return []
        shown = " / ".join(str(part) for part in key)
        sheet = f" of sheet {first[0]}" if first[0] != self.sheet else ""
        return [error_at(place, ", ".join(self.mapping.key), shown, f"stands already in row {first[1]}{sheet}")]

    def _shown(self, step: _Step, cells: Sequence[Cell]) -> object:
        try:
            return step.pick(cells)
        except CellRefused:
            return ""

    def _test(self, test: Test) -> tuple[int, Callable[[Cell], bool]]:
        return self.header.places[test.column], _remembering(predicate(test.verb, test.operand, self.mapping.numbers))

    def _step(self, rule: Field) -> _Step:
        places = [self.header.places.get(column) for column in rule.columns]
        found = [index for index in places if index is not None]
        label = " + ".join(str(column) for column in rule.columns)
        if len(found) < len(places):
            return _Step(label, lambda _: None, converter(rule))
        pick = itemgetter(found[0]) if len(found) == 1 else self._joining(found, rule)
        return _Step(label, pick, remembering(converter(rule)))

    def _joining(self, found: list[int], rule: Field) -> Callable[[Sequence[Cell]], Cell]:
        return lambda cells: joined([cells[index] for index in found], rule)

    def _titled(self, rule: Field) -> dict[str, object]:
        """Return the field read from the titles above the header.

        :raises BadFile: it is required and not there, or cannot be what it should.
        """
        assert rule.title is not None  # noqa: S101 - the caller asked
        for raw in self.header.titles:
            for cell in raw.cells:
                found = (
                    rule.title.search(clean_cell(cell, rule.normal)[:LONGEST_TEXT]) if isinstance(cell, str) else None
                )
                if found:
                    return self._from_title(rule, found[found.re.groups and 1], f"{self.sheet} row {raw.number}")
        return self._from_title(rule, "", self.sheet)

    def _from_title(self, rule: Field, text: str, place: str) -> dict[str, object]:
        try:
            return dict(converter(rule)(text))
        except CellRefused as refused:
            reason = f"the title for {rule.name}: {text!r} {refused}"
            raise BadFile(file=self.file, place=place.strip(), reason=reason) from refused


def _remembering(holds: Callable[[Cell], bool]) -> Callable[[Cell], bool]:
    known: dict[str, bool] = {}

    def recall(cell: Cell) -> bool:
        if not isinstance(cell, str):
            return holds(cell)
        answer = known.get(cell)
        if answer is None:
            if len(known) >= _KEPT:
                known.clear()
            answer = known[cell] = holds(cell)
        return answer

    return recall

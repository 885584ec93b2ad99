"""A tender's workbook read back as an offer's document, in memory: every fault named by sheet, cell and reason.

Refused before anything is read: broken and encrypted files, macros, bombs, links, merged cells, hidden sheets, sheets
or columns that are not the template's, formulas and spreadsheet errors. Figures are never repeated in a refusal.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from marketplace.engines.tables.results import BadFile
from marketplace.engines.tables.workbook_checks import check_workbook
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop
from procurement.tenders.rules import bid_template as form
from procurement.tenders.rules.offers import BadOffer, Offer, OfferTerms, read_offer

LARGEST = 2 << 20  # bytes of an uploaded workbook
MOST_UNPACKED = 16 << 20
MOST_ROWS, MOST_COLUMNS = 5_000, 12
_CELL = re.compile(rb'<(?:[A-Za-z0-9]+:)?c\b[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^>/]*>')
_MERGED = re.compile(rb'<(?:[A-Za-z0-9]+:)?mergeCell\b[^>]*?\bref="([A-Z0-9:]{1,20})"')
_LETTERS = "ABCDEFGHIJKL"


class BadWorkbook(Refusal):
    """A workbook that is not the tender's template filled in; facts: sheet, cell, reason."""

    code = "bad_workbook"
    status = 400
    words = gettext_noop("The workbook is refused at {sheet} {cell}: {reason}.")

    def __init__(self, *, sheet: str, reason: str, cell: str = "") -> None:
        super().__init__(sheet=sheet, cell=cell, reason=reason)


@dataclass
class _Sheet:
    """Rows below the head of one sheet, each with its number."""

    name: str
    rows: list[tuple[int, tuple[Any, ...]]]


@dataclass
class _Found:
    """The document as it grows, and which cell each place of it came from."""

    document: dict[str, Any] = field(default_factory=dict)
    cells: dict[str, tuple[str, str]] = field(default_factory=dict)

    def at(self, place: str, sheet: str, row: int, column: int) -> None:
        self.cells[place] = (sheet, f"{_LETTERS[column]}{row}")


def read_workbook(content: bytes, tender_ref: str, terms: OfferTerms) -> Offer:
    """Return the offer that a filled-in workbook says, with what the file tells of its making.

    :raises BadWorkbook: it is not this tender's template, holds what no price list holds, or says no offer that stands.
    """
    book = _opened(content)
    sheets = {name: _rows(book, name) for name in _known_sheets(book, terms)}
    found = _document(sheets, tender_ref, terms)
    said = book.properties
    traces = {"author": said.creator, "changed_by": said.lastModifiedBy}
    found.document["file"] = {
        "sha256": hashlib.sha256(content).hexdigest(),
        **{key: str(value)[:200] for key, value in traces.items() if value},
    }
    try:
        return read_offer(found.document, terms)
    except BadOffer as refusal:
        raise _in_cells(refusal, found) from None


def _in_cells(refusal: BadOffer, found: _Found) -> BadWorkbook:
    """Tell a fault of the offer by the cell it came from, or by its place where it came from several."""
    place = refusal.place
    while place:
        if place in found.cells:
            sheet, cell = found.cells[place]
            return BadWorkbook(sheet=sheet, cell=cell, reason=refusal.reason)
        place = re.sub(r"(\.[^.\[]*|\[\d+\])$", "", place) if re.search(r"[.\[]", place) else ""
    return BadWorkbook(sheet=form.BID, cell=refusal.place, reason=refusal.reason)


def _opened(content: bytes) -> Any:
    """Open the workbook after everything that could hurt was looked for.

    :raises BadWorkbook: something was found.
    """
    if len(content) > LARGEST:
        raise BadWorkbook(sheet="workbook", reason=f"is larger than {LARGEST} bytes")
    try:
        check_workbook(io.BytesIO(content), "workbook")
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
                raise BadWorkbook(sheet="workbook", reason=f"unpacks to more than {MOST_UNPACKED} bytes")
        import openpyxl  # heavy: only those who read workbooks pay for it

        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        for sheet in book.worksheets:
            _check_sheet(content, sheet)
    except BadFile as refusal:
        facts = refusal.facts
        raise BadWorkbook(sheet="workbook", cell=str(facts["place"]), reason=_wordless(str(facts["reason"]))) from None
    except Refusal:
        raise
    except Exception as error:  # openpyxl has no family of errors: whatever breaks here is the file's fault
        raise BadWorkbook(sheet="workbook", reason=f"is broken ({type(error).__name__})") from None
    return book


def _wordless(reason: str) -> str:
    """Keep what a parser repeats of the file out of the reason."""
    return reason.split(":", maxsplit=1)[0][:120]


def _check_sheet(content: bytes, sheet: Any) -> None:
    """Look at a sheet's text before any of it becomes cells: merged ranges, and cells far out."""
    if sheet.sheet_state != "visible":
        raise BadWorkbook(sheet=sheet.title, reason="is hidden")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read(sheet._worksheet_path.lstrip("/"))
    merged = _MERGED.search(text)
    if merged:
        raise BadWorkbook(sheet=sheet.title, cell=merged[1].decode(), reason="are merged cells")
    for letters, row in _CELL.findall(text):
        if len(letters) > 1 or letters.decode() not in _LETTERS or int(row) > MOST_ROWS:
            raise BadWorkbook(
                sheet=sheet.title, cell=f"{letters.decode()}{row.decode()}", reason="lies outside the form"
            )


def _known_sheets(book: Any, terms: OfferTerms) -> list[str]:
    wanted, there = form.sheets_of(terms), [sheet.title for sheet in book.worksheets]
    missing = next((name for name in wanted if name not in there), None)
    if missing:
        raise BadWorkbook(sheet=missing, reason="is missing")
    foreign = next((name for name in book.sheetnames if name not in wanted), None)
    if foreign:
        raise BadWorkbook(sheet=foreign[:40], reason="is no sheet of this form")
    return wanted


def _rows(book: Any, name: str) -> _Sheet:
    """Return the filled rows of a sheet whose head is the template's."""
    sheet, head, rows = book[name], form.HEADS[name], []
    sheet.reset_dimensions()  # what the file says of its own size is not to be relied upon
    for number, cells in enumerate(sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS), start=1):
        values = tuple(_value(name, number, column, cell) for column, cell in enumerate(cells))
        if number == 1:
            _check_head(name, head, values)
        elif any(value is not None for value in values):
            stray = next((at for at, value in enumerate(values) if at >= len(head) and value is not None), None)
            if stray is not None:
                raise BadWorkbook(
                    sheet=name, cell=f"{_LETTERS[stray]}{number}", reason="stands in no column of the form"
                )
            rows.append((number, (values + (None,) * len(head))[: len(head)]))
    return _Sheet(name, rows)


def _value(sheet: str, row: int, column: int, cell: Any) -> Any:
    """Return a cell's text or number; formulas, errors, dates and truth values are no figures."""
    value, where = cell.value, f"{_LETTERS[column]}{row}"
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if cell.data_type == "f":
        raise BadWorkbook(sheet=sheet, cell=where, reason="is a formula; write the figure itself")
    if cell.data_type == "e" or (isinstance(value, str) and re.fullmatch(r"#[A-Z/0!?]+", value.strip())):
        raise BadWorkbook(sheet=sheet, cell=where, reason="is a spreadsheet's error")
    if isinstance(value, bool | date | datetime | time | timedelta):
        raise BadWorkbook(sheet=sheet, cell=where, reason="is a date or a truth value, no figure")
    return value.strip() if isinstance(value, str) else value


def _check_head(name: str, head: tuple[str, ...], values: tuple[Any, ...]) -> None:
    for column, wanted in enumerate(head):
        found = values[column] if column < len(values) else None
        if found != wanted:
            reason = f"has to be the column {wanted}: columns are neither moved nor renamed"
            raise BadWorkbook(sheet=name, cell=f"{_LETTERS[column]}1", reason=reason)


def _document(sheets: Mapping[str, _Sheet], tender_ref: str, terms: OfferTerms) -> _Found:
    found = _Found()
    _read_bid(sheets[form.BID], tender_ref, terms, found)
    freight = _read_freight(sheets[form.FREIGHT], terms, found)
    beside = _read_lots(sheets[form.LOTS], terms, found)
    lots = _read_tiers(sheets[form.TIERS], terms, found)
    found.document["lots"] = [
        {"lot": ref, "tiers": tiers, **freight.get(ref, {}), **beside.get(ref, {})} for ref, tiers in lots.items()
    ]
    if form.PACKAGES in sheets:
        carried = {ref: {key: one[key] for key in ("co2", "life_cycle") if key in one} for ref, one in beside.items()}
        rows = _read_packages(sheets[form.PACKAGES], terms, found)
        for package in rows:
            for lot in package["lots"]:
                lot |= freight.get(lot["lot"], {}) | carried.get(lot["lot"], {})
        found.document["packages"] = rows
    return found


def _read_bid(sheet: _Sheet, tender_ref: str, terms: OfferTerms, found: _Found) -> None:
    criteria = terms.published.scoring.criteria if terms.published.scoring else ()
    places = {form.CURRENCY: "currency", form.VALID: "valid_days", form.CAPACITY: "capacity"}
    answers = {form.CRITERION + one.code: one.code for one in criteria}
    chosen: dict[str, Any] = {}
    for row, (what, said, _) in sheet.rows:
        if what == form.TENDER:
            if said != tender_ref:
                raise BadWorkbook(sheet=sheet.name, cell=f"B{row}", reason=f"is another form than {tender_ref}'s")
            tender_ref = said
        elif what in places:
            found.at(places[what], sheet.name, row, 1)
            whole = what == form.VALID and isinstance(said, str) and said.isascii() and said.isdigit()
            found.document[places[what]] = int(said) if whole else said if what != form.CAPACITY else _text(said)
        elif what in answers:
            found.at(f"chosen.{answers[what]}", sheet.name, row, 1)
            chosen[answers[what]] = _text(said)
        else:
            raise BadWorkbook(sheet=sheet.name, cell=f"A{row}", reason="is no row of this form")
    if not any(what == form.TENDER for _, (what, _, _) in sheet.rows):
        raise BadWorkbook(sheet=sheet.name, cell="A2", reason=f"has to be the row {form.TENDER}")
    found.document["chosen"] = {code: said for code, said in chosen.items() if said is not None}


def _by_lot(sheet: _Sheet, terms: OfferTerms, column: int = 0) -> Iterator[tuple[int, str, tuple[Any, ...]]]:
    known = {one.lot_ref for one in terms.lots}
    for row, values in sheet.rows:
        if values[column] not in known:
            raise BadWorkbook(sheet=sheet.name, cell=f"{_LETTERS[column]}{row}", reason="is no lot of this tender")
        yield row, values[column], values


def _read_tiers(sheet: _Sheet, terms: OfferTerms, found: _Found) -> dict[str, list[dict[str, Any]]]:
    lots: dict[str, list[dict[str, Any]]] = {}
    found.at("lots", sheet.name, 2, 3)
    for row, ref, (_, start, end, price) in _by_lot(sheet, terms):
        if start is None and end is None and price is None:
            continue
        tiers = lots.setdefault(ref, [])
        place = f"{ref}.tiers[{len(tiers)}]"
        for column, key in enumerate(("", "from", "to", "price")):
            found.at(f"{place}.{key}" if key else place, sheet.name, row, column)
        tiers.append({"from": _text(start), "to": _text(end), "price": _text(price)})
    return lots


def _read_freight(sheet: _Sheet, terms: OfferTerms, found: _Found) -> dict[str, dict[str, Any]]:
    """Return the freight of the lots that say any; where one region has none, its cell is asked for."""
    said: dict[str, dict[str, Any]] = {}
    for row, ref, (_, region, cost) in _by_lot(sheet, terms):
        found.at(f"{ref}.freight", sheet.name, row, 2)
        found.at(f"{ref}.freight.{region}", sheet.name, row, 2)
        if cost is not None:
            costs = said.setdefault(ref, {"freight": {}})["freight"]
            if region in costs:
                raise BadWorkbook(sheet=sheet.name, cell=f"B{row}", reason="stands twice for this lot")
            costs[region] = _text(cost)
    return said


def _read_lots(sheet: _Sheet, terms: OfferTerms, found: _Found) -> dict[str, dict[str, Any]]:
    lots: dict[str, dict[str, Any]] = {}
    for row, ref, (*_, days, co2, life_cycle) in _by_lot(sheet, terms):
        if ref in lots:
            raise BadWorkbook(sheet=sheet.name, cell=f"A{row}", reason="stands twice")
        for column, key in ((5, "lead_days"), (6, "co2"), (7, "life_cycle")):
            found.at(f"{ref}.{key}", sheet.name, row, column)
        whole = int(days) if isinstance(days, str) and days.isascii() and days.isdigit() and len(days) < 6 else days
        said = {"lead_days": whole, "co2": _text(co2), "life_cycle": _text(life_cycle)}
        lots[ref] = {key: value for key, value in said.items() if value is not None}
    return lots


def _read_packages(sheet: _Sheet, terms: OfferTerms, found: _Found) -> list[dict[str, Any]]:
    """Return packages, one row a lot; the price stands in a package's first row."""
    packages: dict[str, dict[str, Any]] = {}
    for row, ref, (name, price, _, quantity) in _by_lot(sheet, terms, column=2):
        called = _text(name)
        if called is None:
            raise BadWorkbook(sheet=sheet.name, cell=f"A{row}", reason="has to name the package")
        if called in packages and price is not None:
            raise BadWorkbook(sheet=sheet.name, cell=f"B{row}", reason="is a second price: the package has one")
        if called not in packages:
            found.at(f"packages[{len(packages)}]", sheet.name, row, 0)
            found.at(f"{called}.price", sheet.name, row, 1)
            packages[called] = {"name": called, "price": _text(price), "lots": []}
        lots = packages[called]["lots"]
        found.at(f"{called}.lots[{len(lots)}].quantity", sheet.name, row, 3)
        found.at(f"{called}.lots[{len(lots)}]", sheet.name, row, 2)
        lots.append({"lot": ref, "quantity": _text(quantity)})
    return list(packages.values())


def _text(value: Any) -> str | None:
    """Return a figure as a spreadsheet shows it: a binary number by its shortest decimal."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 10**15 else repr(value)
    return None if value is None else str(value)

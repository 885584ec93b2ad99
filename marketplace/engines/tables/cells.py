"""Cells as sources hand them over, and the cleaning that every text gets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from marketplace.engines.tables.results import BrokenCell, CellRefused


class NeverCalculated(NamedTuple):
    """A formula whose result the workbook does not hold."""

    formula: str

    def __str__(self) -> str:
        return self.formula


Cell = str | int | float | bool | datetime | date | time | timedelta | NeverCalculated | None


class RawRow(NamedTuple):
    """A row before any mapping; `broken` says why it could not be cut into cells."""

    number: int
    cells: Sequence[Cell]
    broken: str = ""


ERRORS = frozenset(
    ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA", "#SPILL!", "#CALC!")
)

# Characters that show nothing: zero-width, direction marks, soft hyphens, byte order marks, variation selectors.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\ufff9-\ufffb]"
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_SPACES = re.compile(r"\s+")


def text_of(cell: Cell) -> str:
    """Return the cell as a person would type it: 17850.0 in a workbook is '17850', a date is ISO 8601."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else format(cell, ".15g")
    if isinstance(cell, datetime | date | time):
        return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
    return str(cell)


def clean(text: str, normal: str = "NFC") -> str:
    """Return `text` without characters that show nothing and without blanks at its ends, normalised as named.

    :raises CellRefused: it holds a control character (NUL among them), or is a spreadsheet's error value.
    """
    if not (text.isascii() and text.isprintable()):
        text = _UNSEEN.sub("", text)
        found = _CONTROL.search(text)
        if found:
            raise CellRefused(f"holds the control character U+{ord(found[0]):04X}")
        if normal:
            text = unicodedata.normalize(normal, text)  # type: ignore[arg-type]
    text = text.strip()
    if text.startswith("#") and text.upper() in ERRORS:
        raise BrokenCell(f"is the spreadsheet error {text}")
    return text


def clean_cell(cell: Cell, normal: str = "NFC") -> str:
    """Return the cleaned text of any cell.

    :raises CellRefused: as `clean`; or a formula that was never calculated.
    """
    if isinstance(cell, NeverCalculated):
        raise CellRefused("is a formula whose result the file does not hold: open it in a spreadsheet and save it")
    return clean(text_of(cell), normal)


def fold(text: str) -> str:
    """Return the form in which headings and choices are compared: NFKC, one case, single blanks."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", _UNSEEN.sub("", text))).strip().casefold()


def collapse(text: str) -> str:
    """Return `text` with every run of blanks and line ends as one blank."""
    return _SPACES.sub(" ", text).strip()


def is_blank(cells: Sequence[Cell]) -> bool:
    """Say whether no cell of the row shows anything."""
    for cell in cells:
        if cell is None or cell == "":
            continue
        if not isinstance(cell, str) or _UNSEEN.sub("", cell).strip():
            return False
    return True


def column_letter(index: int) -> str:
    """Return how a spreadsheet names column `index` (0 is A)."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters

"""Documents as PDF, with Chinese glyphs embedded on any machine: a title, facts, tables, notes, numbered pages.

The font is Noto Sans SC (SIL Open Font License 1.1), which a package brings along; only the glyphs that are used are
embedded. What the font does not know is shown as a box, never dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace
from pylopdf_fonts_zh_cn import sans_path

FACE = "noto"
INK, SOFT, LINE = (29, 35, 39), (110, 116, 120), (227, 227, 221)
TEAL = (15, 107, 107)
MARGIN = 18  # millimetres


@dataclass(frozen=True)
class Table:
    """A table with a head that comes again on every page.

    widths    of the columns, relative to each other
    numbers   the columns set to the right, by place
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]
    numbers: Sequence[int] = ()
    title: str = ""


@dataclass(frozen=True)
class Sheet:
    """What a document says, from top to bottom; every text is already in its reader's language.

    made_at   kept as the file's date, so that the same sheet gives the same bytes
    """

    title: str
    ref: str
    made_at: datetime
    facts: Sequence[tuple[str, str]] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    footer: str = ""
    language: str = "en"
    totals: Sequence[tuple[str, str]] = field(default_factory=tuple)


class _Page(FPDF):
    """A4 upright with the sheet's ref and the page's number below."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(format="A4")
        self.sheet = sheet
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(True, margin=MARGIN + 6)
        self.add_font(FACE, "", str(sans_path()))
        self.set_title(f"{sheet.title} {sheet.ref}")
        self.set_lang(sheet.language)
        self.set_creation_date(sheet.made_at)
        self.set_producer("Jicai")

    def footer(self) -> None:
        self.set_y(-MARGIN)
        self.set_font(FACE, size=8)
        self.set_text_color(*SOFT)
        page = gettext("Page %(page)d of %(pages)s") % {"page": self.page_no(), "pages": "{nb}"}
        self.cell(0, 5, f"{self.sheet.footer or self.sheet.ref}  ·  {page}", align="C")


def write_pdf(sheet: Sheet) -> bytes:
    """Return the sheet as a PDF file, its fonts embedded."""
    page = _Page(sheet)
    page.add_page()
    _head(page, sheet)
    _facts(page, sheet.facts)
    for table in sheet.tables:
        _table(page, table)
    _totals(page, sheet.totals)
    for note in sheet.notes:
        page.set_font(FACE, size=9)
        page.set_text_color(*SOFT)
        page.multi_cell(0, 5, _plain(note), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        page.ln(1.5)
    return bytes(page.output())


def _head(page: FPDF, sheet: Sheet) -> None:
    page.set_text_color(*TEAL)
    page.set_font(FACE, size=20)
    page.multi_cell(0, 10, _plain(sheet.title), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    page.set_text_color(*SOFT)
    page.set_font(FACE, size=11)
    page.cell(0, 6, _plain(sheet.ref), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    page.ln(3)


def _facts(page: FPDF, facts: Sequence[tuple[str, str]]) -> None:
    for name, value in facts:
        page.set_font(FACE, size=9)
        page.set_text_color(*SOFT)
        page.cell(42, 6, _plain(name))
        page.set_text_color(*INK)
        page.multi_cell(0, 6, _plain(value) or "-", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    page.ln(3)


def _table(page: FPDF, table: Table) -> None:
    if table.title:
        page.set_text_color(*INK)
        page.set_font(FACE, size=12)
        page.cell(0, 8, _plain(table.title), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    page.set_font(FACE, size=9)
    page.set_text_color(*INK)
    page.set_draw_color(*LINE)
    align = tuple("RIGHT" if place in table.numbers else "LEFT" for place in range(len(table.head)))
    with page.table(
        col_widths=tuple(table.widths),
        text_align=align,
        line_height=5.5,
        padding=1,
        borders_layout="HORIZONTAL_LINES",
        headings_style=FontFace(color=SOFT, emphasis=""),
    ) as drawn:
        for row in (table.head, *table.rows):
            drawn.row([_plain(cell) for cell in row])
    page.ln(4)


def _totals(page: FPDF, totals: Sequence[tuple[str, str]]) -> None:
    for name, value in totals:
        page.set_font(FACE, size=11)
        page.set_text_color(*INK)
        page.cell(0, 7, f"{_plain(name)}    {_plain(value)}", align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    if totals:
        page.ln(3)


def _plain(text: str) -> str:
    """Return a text without what has no glyph by nature: control signs and marks that turn the writing around."""
    hidden = {*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF}
    return "".join(
        " " if ord(sign) < 32 or 127 <= ord(sign) < 160 else sign for sign in text if ord(sign) not in hidden
    )

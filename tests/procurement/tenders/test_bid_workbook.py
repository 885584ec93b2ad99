"""The tender's own workbook, down and up: no database."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from fractions import Fraction
from typing import Any

import openpyxl
import pytest

from procurement.engines.scoring import Criterion, Option, Scoring
from procurement.tenders.rules import bid_template as form
from procurement.tenders.rules.bid_template import NamedLot, template
from procurement.tenders.rules.bid_terms import BidTerms
from procurement.tenders.rules.bid_workbook import BadWorkbook, read_workbook
from procurement.tenders.rules.offers import LotTerms, OfferTerms

D = Decimal
ONE, TWO, TENDER = "LT-2026-0001", "LT-2026-0002", "TD-2026-0001"
WARRANTY = Criterion("warranty", "Warranty", (Option("one", "1", Fraction(0)), Option("five", "5", Fraction("0.2"))))
TERMS = OfferTerms(
    (LotTerms(ONE, D(10), ("Zhejiang", "Anhui"), D(100)), LotTerms(TWO, D(1), ("Zhejiang",), D(50))),
    "CNY",
    BidTerms(rates={"EUR": D("7.85")}, scoring=Scoring("coefficient", (WARRANTY,))),
)
LOTS = [NamedLot(ONE, "=Pump", "C62"), NamedLot(TWO, "Valve", "C62")]
MOVED = "columns are neither moved nor renamed"
FILLED = {
    (form.BID, "B6"): "five",
    (form.TIERS, "B2"): 10,
    (form.TIERS, "C2"): 99,
    (form.TIERS, "D2"): 12.5,
    (form.TIERS, "B3"): "100",
    (form.TIERS, "D3"): "11.9",
    (form.FREIGHT, "C2"): 0.3,
    (form.FREIGHT, "C3"): 0.1,
    (form.LOTS, "F2"): 21,
}


def empty() -> Any:
    return openpyxl.load_workbook(io.BytesIO(template(TENDER, TERMS, LOTS)))


def written(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def filled(**more: Any) -> Any:
    book = empty()
    for (sheet, cell), value in FILLED.items():
        book[sheet][cell] = value
    for place, value in more.items():
        sheet, cell = place.split("_")
        book[
            {
                "bid": form.BID,
                "lots": form.LOTS,
                "tiers": form.TIERS,
                "freight": form.FREIGHT,
                "packages": form.PACKAGES,
            }[sheet]
        ][cell] = value
    return book


def read(book: Any) -> Any:
    return read_workbook(book if isinstance(book, bytes) else written(book), TENDER, TERMS)


def refused(book: Any) -> dict[str, Any]:
    with pytest.raises(BadWorkbook) as refusal:
        read(book)
    return refusal.value.facts


class TestReadWorkbook:
    def test_reads_what_was_filled_in(self):
        offer = read(filled())

        assert [(t.start, t.end, t.price) for t in offer.lots[0].tiers] == [(10, 99, D("12.5")), (100, None, D("11.9"))]
        assert (offer.lots[0].freight, offer.lots[0].lead_days) == ({"Zhejiang": D("0.3"), "Anhui": D("0.1")}, 21)
        assert (offer.chosen, offer.currency, len(offer.lots)) == ({"warranty": "five"}, "", 1)

    def test_reads_packages_with_the_freight_of_their_lots(self):
        book = filled(packages_A2="Both", packages_B2=1500, packages_C2=ONE, packages_D2=100)
        for cell, value in {"A3": "Both", "C3": TWO, "D3": 50}.items():
            book[form.PACKAGES][cell] = value

        (package,) = read(book).packages

        assert (package.name, package.price, [(one.lot_ref, one.quantity) for one in package.lots]) == (
            "Both",
            1500,
            [(ONE, 100), (TWO, 50)],
        )
        assert package.lots[0].freight == {"Zhejiang": D("0.3"), "Anhui": D("0.1")}

    def test_reads_another_currency_validity_and_capacity(self):
        offer = read(filled(bid_B3="EUR", bid_B4=90, bid_B5="500"))

        assert (offer.currency, offer.valid_days, offer.capacity) == ("EUR", 90, 500)

    def test_keeps_who_made_and_changed_the_file(self):
        book = filled()
        book.properties.creator, book.properties.lastModifiedBy = "Jicai", "Teng"

        assert (read(book).file["author"], read(book).file["changed_by"]) == ("Jicai", "Teng")

    def test_writes_descriptions_that_look_like_formulas_as_text(self):
        assert empty()[form.LOTS]["B2"].data_type == "s"


@pytest.mark.parametrize(
    ("cell", "value", "where", "reason"),
    [
        ("tiers_D2", "=1+1", (form.TIERS, "D2"), "is a formula; write the figure itself"),
        ("tiers_D2", "#REF!", (form.TIERS, "D2"), "is a spreadsheet's error"),
        ("tiers_D2", True, (form.TIERS, "D2"), "is a date or a truth value, no figure"),
        ("tiers_D2", -1, (form.TIERS, "D2"), "is negative"),
        ("tiers_D2", "NaN", (form.TIERS, "D2"), "is no plain number of at most twelve digits before the point"),
        ("tiers_D2", 12.34567, (form.TIERS, "D2"), "has more than 4 decimals"),
        ("tiers_B3", 120, (form.TIERS, "B3"), "leaves a gap after the tier before it"),
        ("tiers_B3", 90, (form.TIERS, "B3"), "overlaps the tier before it"),
        ("tiers_D3", None, (form.TIERS, "D3"), "is missing"),
        ("tiers_A2", "LT-2026-0009", (form.TIERS, "A2"), "is no lot of this tender"),
        ("tiers_E2", "9", (form.TIERS, "E2"), "stands in no column of the form"),
        ("tiers_Z2", "9", (form.TIERS, "Z2"), "lies outside the form"),
        ("tiers_D9000", "9", (form.TIERS, "D9000"), "lies outside the form"),
        ("tiers_D1", "Price", (form.TIERS, "D1"), f"has to be the column Unit price 单价: {MOVED}"),
        ("freight_C3", None, (form.FREIGHT, "C3"), "says nothing of Anhui"),
        ("lots_F2", "soon", (form.LOTS, "F2"), "is no number of days"),
        ("bid_B2", "TD-2026-0002", (form.BID, "B2"), "is another form than TD-2026-0001's"),
        ("bid_A3", "Money", (form.BID, "A3"), "is no row of this form"),
        ("bid_B3", "USD", (form.BID, "B3"), "is none that this tender takes"),
        ("bid_B6", "ten", (form.BID, "B6"), "is none of its options"),
        ("packages_C2", "LT-9", (form.PACKAGES, "C2"), "is no lot of this tender"),
    ],
)  # fmt: skip
def test_names_sheet_cell_and_reason(cell, value, where, reason):
    facts = refused(filled(**{cell: value}))

    assert (facts["sheet"], facts["cell"], facts["reason"]) == (*where, reason)


class TestRefuses:
    def test_hidden_sheets(self):
        book = filled()
        book[form.FREIGHT].sheet_state = "hidden"

        assert refused(book) == {"sheet": form.FREIGHT, "cell": "", "reason": "is hidden"}

    def test_merged_cells_without_unfolding_them(self):
        book = filled()
        book[form.TIERS].merge_cells("B8:D9")

        assert refused(book) == {"sheet": form.TIERS, "cell": "B8:D9", "reason": "are merged cells"}

    def test_sheets_that_are_missing_or_foreign(self):
        missing, foreign = filled(), filled()
        del missing[form.FREIGHT]
        foreign.create_sheet("Notes")

        assert refused(missing) == {"sheet": form.FREIGHT, "cell": "", "reason": "is missing"}
        assert refused(foreign) == {"sheet": "Notes", "cell": "", "reason": "is no sheet of this form"}

    def test_columns_that_were_swapped(self):
        book = filled()
        sheet = book[form.TIERS]
        sheet["B1"], sheet["C1"] = sheet["C1"].value, sheet["B1"].value

        assert refused(book)["cell"] == "B1"

    def test_macros(self):
        assert refused(_with_part(written(filled()), "xl/vbaProject.bin", b"x"))["reason"] == "holds macros"

    def test_bombs(self):
        assert "unpacks" in refused(_with_part(written(filled()), "xl/media/big.xml", b"0" * (20 << 20)))["reason"]

    def test_what_is_no_workbook_at_all(self):
        assert refused(b"PK\x03\x04 nothing")["reason"] == "is a broken workbook"
        assert refused(b"0" * (3 << 20))["reason"].startswith("is larger than")

    def test_a_merged_range_over_the_whole_sheet_costs_nothing(self):
        content = _replaced(
            written(filled()), b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
        )

        assert refused(content)["reason"] == "are merged cells"

    def test_never_repeats_a_price(self):
        with pytest.raises(BadWorkbook) as refusal:
            read(filled(tiers_D2="98765.43217"))

        assert "98765" not in str(refusal.value)


def _with_part(content: bytes, name: str, part: bytes) -> bytes:
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, part)
    return out.getvalue()


def _replaced(content: bytes, old: bytes, new: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            target.writestr(name, text.replace(old, new) if name.endswith("sheet3.xml") else text)
    return out.getvalue()

"""The workbook of one tender that a bidder fills in: lots, regions and criteria are written down, prices left empty.

Four or five sheets, the same for every reader: heads are in English and Chinese. `rules.bid_workbook` reads it back.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from procurement.tenders.rules.offers import OfferTerms

TIER_ROWS = 5  # rows of prices a lot that are there to be filled in; more may be added below
PACKAGE_ROWS = 20

BID, LOTS, TIERS, FREIGHT, PACKAGES = "Bid 投标", "Lots 标包", "Prices 价格", "Freight 运费", "Packages 组合"
HEADS = {
    BID: ("What 项目", "Answer 填写", "How 说明"),
    LOTS: (
        "Lot 标包",
        "Description 说明",
        "Unit 单位",
        "Wanted 需求",
        "In whole 整数倍",
        "Lead days 交货天数",
        "CO2 kg a unit 每单位碳排放",
        "Life cycle a unit 每单位寿命成本",
    ),
    TIERS: ("Lot 标包", "From 起", "To 止", "Unit price 单价"),
    FREIGHT: ("Lot 标包", "Region 地区", "Freight a unit 每单位运费"),
    PACKAGES: ("Package 组合", "Price of the whole 总价", "Lot 标包", "Quantity 数量"),
}
TENDER, CURRENCY, VALID, CAPACITY = "Tender 招标", "Currency 币种", "Valid days 有效天数", "Most units 最多数量"
CRITERION = "Criterion 评分项: "


@dataclass(frozen=True)
class NamedLot:
    """How a lot is called and counted in the workbook."""

    lot_ref: str
    description: str
    unit: str


def sheets_of(terms: OfferTerms) -> list[str]:
    """Return the sheets of a tender's workbook; packages only where they are taken."""
    return [BID, LOTS, TIERS, FREIGHT, *([PACKAGES] if terms.published.packages else [])]


def template(tender_ref: str, terms: OfferTerms, lots: Sequence[NamedLot]) -> bytes:
    """Return the tender's workbook to fill in, as its bytes."""
    import openpyxl  # heavy: only those who write workbooks pay for it

    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    rows = {
        BID: _bid_rows(tender_ref, terms),
        LOTS: [[lot.lot_ref, one.description, one.unit, lot.quantity, lot.step] for lot, one in _named(terms, lots)],
        TIERS: [[lot.lot_ref] for lot in terms.lots for _ in range(TIER_ROWS)],
        FREIGHT: [[lot.lot_ref, region] for lot in terms.lots for region in lot.regions],
        PACKAGES: [[] for _ in range(PACKAGE_ROWS)],
    }
    for name in sheets_of(terms):
        _write(book.create_sheet(name), HEADS[name], rows[name])
    _offer_choices(book[BID], terms)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _named(terms: OfferTerms, lots: Sequence[NamedLot]) -> list[tuple[Any, NamedLot]]:
    known = {one.lot_ref: one for one in lots}
    return [(lot, known[lot.lot_ref]) for lot in terms.lots]


def _bid_rows(tender_ref: str, terms: OfferTerms) -> list[list[Any]]:
    published = terms.published
    currencies = ", ".join([terms.currency, *(f"{coin} = {rate}" for coin, rate in sorted(published.rates.items()))])
    criteria = published.scoring.criteria if published.scoring else ()
    return [
        [TENDER, tender_ref, "Leave as it is. 请勿改动。"],
        [CURRENCY, terms.currency, currencies],
        [VALID, published.valid_days or None, "Empty: without end. 留空：不限。"],
        [CAPACITY, None, "Over all lots; empty: no limit. 全部标包合计；留空：不限。"],
        *(
            [CRITERION + one.code, None, f"{one.title}: " + "; ".join(f"{o.code} = {o.title}" for o in one.options)]
            for one in criteria
        ),
    ]


def _write(sheet: Any, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    from openpyxl.styles import Font

    for row in (head, *rows):
        sheet.append(list(row))
    for cells in sheet.iter_rows():
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # a description that begins with = is no formula
    for column, cell in zip("ABCDEFGH", sheet[1], strict=False):
        cell.font = Font(bold=True)
        sheet.column_dimensions[column].width = max(16, 2 + len(str(cell.value)) * 1.4)
    sheet.freeze_panes = "A2"


def _offer_choices(sheet: Any, terms: OfferTerms) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    criteria = terms.published.scoring.criteria if terms.published.scoring else ()
    choices = [[terms.currency, *sorted(terms.published.rates)], [], []]
    choices += [[option.code for option in one.options] for one in criteria]
    for row, codes in enumerate(choices, start=3):
        if codes and len(",".join(codes)) < 250:
            listed = DataValidation(type="list", formula1='"' + ",".join(codes) + '"', allow_blank=True)
            listed.add(f"B{row}")
            sheet.add_data_validation(listed)

"""Writes the sample market's files: `python -m samples.build`. The same seed writes the same rows.

Who: 120 buyers, 25 suppliers (eight of them factories), two financiers. What: 60 products. Files: parties.csv,
products.csv, offers.csv (each supplier's private price tiers), factories.csv, and the buyers' needs in three
spreadsheet layouts with the dirt that such files have.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from stdnum.cn import uscc

from samples.catalogue import PRODUCTS, PUMP_TOWNS, REGIONS, SHOE_TOWNS, UNIT_WORDS

HERE = Path(__file__).resolve().parent
AS_OF = date(2026, 6, 30)
WINDOWS = [date(2026, 7, 1), date(2026, 8, 1)]
HISTORY = [date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)]

GIVEN = [
    "华",
    "盛",
    "鑫",
    "恒",
    "瑞",
    "泰",
    "永",
    "源",
    "利",
    "达",
    "宏",
    "兴",
    "久",
    "远",
    "佳",
    "美",
    "金",
    "信",
    "明",
    "德",
]
GIVEN_EN = [
    "Hua",
    "Sheng",
    "Xin",
    "Heng",
    "Rui",
    "Tai",
    "Yong",
    "Yuan",
    "Li",
    "Da",
    "Hong",
    "Xing",
    "Jiu",
    "Yan",
    "Jia",
    "Mei",
    "Jin",
    "Xinda",
    "Ming",
    "De",
]
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class Firm:
    """A firm of the sample market."""

    def __init__(self, code: str, zh: str, en: str, town: str, cluster: str, roles: str) -> None:
        self.code, self.zh, self.en, self.town, self.cluster, self.roles = code, zh, en, town, cluster, roles


def credit_code(rng: random.Random, town: str) -> str:
    """Return a unified social credit code with a true check digit (GB 32100-2015) for a made-up firm."""
    body = "9133" + town[2:6] + "MA" + "".join(rng.choice(ALPHABET) for _ in range(7))
    return str(body + uscc.calc_check_digit(body))


def firms(rng: random.Random) -> tuple[list[Firm], list[Firm]]:
    """Return 120 buyers, half of each cluster, and 25 suppliers, each serving one cluster."""
    pairs = [(a, b) for a in range(len(GIVEN)) for b in range(len(GIVEN)) if a != b]
    rng.shuffle(pairs)
    buyers, suppliers = [], []
    for number in range(120):
        cluster = "PV" if number < 60 else "SH"
        zh, en, town = rng.choice(PUMP_TOWNS if cluster == "PV" else SHOE_TOWNS)
        a, b = pairs[number]
        trade, trade_en = ("泵阀", "Pump and Valve") if cluster == "PV" else ("鞋业", "Shoes")
        name = f"{zh}{GIVEN[a]}{GIVEN[b]}{trade}有限公司"
        english = f"{en} {GIVEN_EN[a]}{GIVEN_EN[b].lower()} {trade_en} Co., Ltd."
        buyers.append(Firm(credit_code(rng, town), name, english, town, cluster, "buyer"))
    for number in range(25):
        cluster = "PV" if number < 13 else "SH"
        zh, en, town = rng.choice(PUMP_TOWNS if cluster == "PV" else SHOE_TOWNS)
        a, b = pairs[200 + number]
        factory = number % 13 < 4
        kind, kind_en = ("制造", "Manufacturing") if factory else ("供应链", "Supply")
        name = f"{zh}{GIVEN[a]}{GIVEN[b]}{kind}有限公司"
        english = f"{en} {GIVEN_EN[a]}{GIVEN_EN[b].lower()} {kind_en} Co., Ltd."
        roles = "supplier factory" if factory else "supplier"
        suppliers.append(Firm(credit_code(rng, town), name, english, town, cluster, roles))
    return buyers, suppliers


def write_csv(name: str, header: Sequence[str], rows: Iterable[Sequence[object]], encoding: str = "utf-8") -> None:
    with (HERE / name).open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_parties(rng: random.Random, buyers: list[Firm], suppliers: list[Firm]) -> None:
    financiers = [
        Firm(
            credit_code(rng, "331081"),
            "台州泰隆供应链金融有限公司",
            "Taizhou Tailong Trade Finance",
            "331081",
            "PV",
            "financier",
        ),
        Firm(
            credit_code(rng, "330302"),
            "温州瓯江商业保理有限公司",
            "Wenzhou Oujiang Factoring",
            "330302",
            "SH",
            "financier",
        ),
    ]
    rows = [(f.code, f.zh, f.en, f.town, REGIONS[f.cluster], f.roles) for f in [*buyers, *suppliers, *financiers]]
    write_csv("parties.csv", ["credit_code", "name_zh", "name_en", "adcode", "region", "roles"], rows)


def write_products() -> None:
    header = ["code", "name_en", "name_zh", "category", "unit", "pack", "list_price", "weight_kg"]
    write_csv("products.csv", header, PRODUCTS)


def offers(rng: random.Random, suppliers: list[Firm]) -> list[tuple[object, ...]]:
    """Return price tiers: each product is offered by two to five suppliers of its cluster, cheaper by quantity."""
    rows: list[tuple[object, ...]] = []
    for code, _, _, category, _, pack, price, weight in PRODUCTS:
        cluster = code[:2]
        rivals = [firm for firm in suppliers if firm.cluster == cluster]
        makes = category in {"PV-CAST", "SH-SOLE"}
        keen = sorted(rivals, key=lambda firm: ("factory" in firm.roles) != makes)[: 6 if makes else 9]
        for firm in rng.sample(keen, rng.randint(2, 5)):
            base = Decimal(price) * Decimal(rng.randint(93, 108)) / 100
            step = Decimal(pack) * rng.choice([10, 20, 40])
            for tier, (start, off) in enumerate(
                [(Decimal(1), 0), (step, rng.randint(4, 8)), (step * 5, rng.randint(10, 17))]
            ):
                unit = (base * (100 - off) / 100).quantize(Decimal("0.0001"))
                freight = (Decimal(weight) * Decimal(rng.randint(18, 35)) / 100).quantize(Decimal("0.0001"))
                rows.append((firm.code, code, tier + 1, start.normalize(), unit, freight, rng.choice([7, 10, 14])))
    return rows


def write_factories(rng: random.Random, suppliers: list[Firm]) -> None:
    rows = []
    for firm in suppliers:
        if "factory" not in firm.roles:
            continue
        category, process = ("PV-CAST", "casting and machining") if firm.cluster == "PV" else ("SH-SOLE", "moulding")
        minutes = Decimal(rng.randint(4, 12)) / 10
        rows.append((firm.code, f"{firm.en.split()[0]} works", category, process, "line 1", minutes, 45, 960, 6))
    header = ["credit_code", "name", "category", "process", "resource", "minutes_per_unit", "setup_minutes"]
    write_csv("factories.csv", [*header, "minutes_a_day", "days_a_week"], rows)


class Need:
    """One line of one buyer."""

    def __init__(self, rng: random.Random, buyer: Firm, product: Sequence[str], start: date, number: int) -> None:
        self.buyer, self.product, self.start, self.number = buyer, product, start, number
        pack = Decimal(product[5])
        self.quantity = (pack * Decimal(rng.randint(1, 24)) / rng.choice([1, 1, 2, 4])).to_integral_value() or Decimal(
            1
        )
        self.tolerance = (pack * Decimal(rng.choice([0, 0, 1, 2])) / 10).to_integral_value()
        self.price = (Decimal(product[6]) * Decimal(rng.randint(99, 122)) / 100).quantize(Decimal("0.0001"))
        self.needed = start + timedelta(days=rng.randint(0, 27))
        self.unit = rng.choice(UNIT_WORDS[product[4]])


def needs(rng: random.Random, buyers: list[Firm], starts: list[date], share: float) -> list[Need]:
    found = []
    for buyer in buyers:
        wanted = [product for product in PRODUCTS if product[0].startswith(buyer.cluster)]
        for start in starts:
            for product in rng.sample(wanted, rng.randint(3, 7)):
                if rng.random() < share:
                    found.append(Need(rng, buyer, product, start, len(found) + 1))
    return found


def write_pumps(rng: random.Random, lines: list[Need], past: list[Need]) -> None:
    """Layout one: a Chinese CSV in GB18030 with a title row, subtotals, full-width digits and thousands signs."""
    header = ["序号", "单据号", "统一社会信用代码", "采购单位", "物料编码", "物料名称", "数量", "允差", "单位"]
    header += ["需求日期", "截止日期", "最高限价(元)", "上次成交价", "上次供应商", "备注"]
    rows: list[list[object]] = [["泵阀产业集群 采购需求汇总表", *[""] * 14], list(header)]
    for place, need in enumerate([*past, *lines]):
        done = place < len(past)
        quantity = f"{need.quantity:,}" if need.quantity >= 1000 and place % 3 == 0 else str(need.quantity)
        if place % 17 == 5:
            quantity = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in quantity)
        when = f"{need.needed.year}年{need.needed.month}月{need.needed.day}日" if place % 2 else need.needed.isoformat()
        rows.append(
            [place + 1, f"CG-{need.buyer.code[-6:]}-{need.start:%m}", need.buyer.code, need.buyer.zh]
            + [
                need.product[0],
                f" {need.product[2]} " if place % 5 else need.product[2],
                quantity,
                need.tolerance or "",
            ]
            + [need.unit, when, "", "" if done else f"¥{need.price}", need.price if done else ""]
            + ["历史采购" if done else "", "" if place % 11 else "急"]
        )
        if place % 60 == 59:
            rows.append(["", "", "", "小计", "", "", "", "", "", "", "", "", "", "", ""])
    bad = next(need for need in lines if need.number % 7 == 3)
    rows.append(
        [9001, "CG-BAD-1", bad.buyer.code, bad.buyer.zh, bad.product[0], bad.product[2], "-40", "", "个"]
        + ["2026年7月9日", "", "¥3.00", "", "", "数量为负"]
    )
    rows.append(
        [9002, "CG-BAD-2", bad.buyer.code, bad.buyer.zh, bad.product[0], bad.product[2], "40", "", "个"]
        + ["2026年7月39日", "", "¥3.00", "", "", "日期有误"]
    )
    with (HERE / "demand_pumps.csv").open("w", encoding="gb18030", newline="") as file:
        csv.writer(file, lineterminator="\r\n").writerows(rows)


def write_shoes(lines: list[Need], past: list[Need]) -> None:
    """Layout two: an English workbook, one sheet a town, a title above the header, real dates and some as text."""
    book = Workbook()
    book.remove(book.active)
    header = ["Line", "Request", "Buyer tax ID", "Buyer", "Item", "Description", "Qty", "May be more by", "UoM"]
    header += ["Needed from", "Needed by", "Max. unit price (CNY)", "Last paid", "Last vendor", "Remark"]
    for _, town, adcode in SHOE_TOWNS:
        sheet = book.create_sheet(town)
        sheet.append([f"Shoe cluster - {town} - purchase needs, July and August 2026"])
        sheet.merge_cells("A1:F1")
        sheet["A1"].font = Font(bold=True, size=14)
        sheet.append([])
        sheet.append(header)
        mine = [(need, True) for need in past if need.buyer.town == adcode]
        mine += [(need, False) for need in lines if need.buyer.town == adcode]
        for place, (need, done) in enumerate(mine, 1):
            start = datetime(need.needed.year, need.needed.month, need.needed.day)  # noqa: DTZ001 - a cell has no zone
            when: object = start if place % 4 else f"{need.needed:%d.%m.%Y}"
            unit = need.unit if place % 9 else f" {need.unit}\u200b"
            sheet.append(
                [f"{town[:3].upper()}-{place:04d}", f"R-{need.buyer.code[-6:]}-{need.start:%m}", need.buyer.code]
                + [need.buyer.en, need.product[0], need.product[1], int(need.quantity), int(need.tolerance) or None]
                + [unit, when, None, None if done else float(need.price), float(need.price) if done else None]
                + ["earlier purchase" if done else None, None]
            )
        sheet.append([None, None, None, "Total", None, None, f"=SUM(G4:G{len(mine) + 3})"])
    sheet = book.create_sheet("old - do not use")
    sheet.sheet_state = "hidden"
    sheet.append(header)
    sheet.append(["X-1", "R-OLD", "000", "nobody", "SH-BOX-A", "Shoe box", 1, None, "pcs", "01.01.2019"])
    book.save(HERE / "demand_shoes.xlsx")


def write_traders(lines: list[Need]) -> None:
    """Layout three: a trader's export with semicolons, decimal commas, a BOM, and columns in an order of their own."""
    header = [
        "Article",
        "Menge",
        "ME",
        "Bedarf ab",
        "Bedarf bis",
        "Höchstpreis",
        "Kunde USt-ID",
        "Kunde",
        "Beleg",
        "Pos",
    ]
    rows: list[list[object]] = []
    for place, need in enumerate(lines, 1):
        until = need.needed + timedelta(days=10)
        price = f"{need.price}".replace(".", ",")
        rows.append(
            [
                need.product[0],
                f"{need.quantity}".replace(".", ","),
                need.unit,
                f"{need.needed:%d.%m.%y}",
                f"{until:%d.%m.%y}",
            ]
            + [price, need.buyer.code, need.buyer.en, f"T-{need.buyer.code[-6:]}-{need.start:%m}", place]
        )
        if place % 40 == 0:
            rows.append([""] * len(header))
    rows.append(
        [
            "NO-SUCH-ITEM",
            "5",
            "pcs",
            "09.07.26",
            "19.07.26",
            "1,00",
            lines[0].buyer.code,
            lines[0].buyer.en,
            "T-BAD",
            9001,
        ]
    )
    rows.append(
        [lines[0].product[0], "1e308", "pcs", "09.07.26", "19.07.26", "1,00", lines[0].buyer.code, "", "T-BAD", 9002]
    )
    rows.append(
        [lines[0].product[0], "5", "furlong", "09.07.26", "19.07.26", "1,00", lines[0].buyer.code, "", "T-BAD", 9003]
    )
    with (HERE / "demand_traders.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    rng = random.Random(20260630)
    buyers, suppliers = firms(rng)
    write_parties(rng, buyers, suppliers)
    write_products()
    header = ["credit_code", "product", "tier", "from", "unit_price", "unit_freight", "lead_days"]
    write_csv("offers.csv", header, offers(rng, suppliers))
    write_factories(rng, suppliers)
    lines, past = needs(rng, buyers, WINDOWS, 0.9), needs(rng, buyers, HISTORY, 0.45)
    pumps = [need for need in lines if need.buyer.cluster == "PV" and need.number % 5]
    shoes = [need for need in lines if need.buyer.cluster == "SH" and need.number % 5]
    traders = [need for need in lines if not need.number % 5]
    write_pumps(rng, pumps, [need for need in past if need.buyer.cluster == "PV"])
    write_shoes(shoes, [need for need in past if need.buyer.cluster == "SH"])
    write_traders(traders)
    print(f"{len(lines)} needs, {len(past)} earlier purchases, {len(buyers)} buyers, {len(suppliers)} suppliers")


if __name__ == "__main__":
    main()

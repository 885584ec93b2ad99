"""The shipped mapping `scms` against the facts of ../shared/data/scms, computed by somebody else."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from marketplace.engines.tables import (
    FreightRow,
    FreightSummary,
    Record,
    Tally,
    allocate_freight,
    load_mapping,
    read_records,
)

pytestmark = pytest.mark.shared

DATES = (
    *("line", "needed_from", "needed_to", "quoted_on", "ordered_on", "delivered_on", "recorded_on"),
    *("quoted_on_status", "ordered_on_status"),
)


@pytest.fixture(scope="module")
def facts(shared: Path) -> dict[str, Any]:
    return dict(json.loads((shared / "data/scms/facts.json").read_text()))


@pytest.fixture(scope="module")
def records(shared: Path) -> list[Record]:
    items = list(read_records(shared / "data/scms/scms_dev_to_2012.csv.gz", load_mapping("scms")))
    assert [item for item in items if not isinstance(item, Record)] == []
    return [item for item in items if isinstance(item, Record)]


@pytest.fixture(scope="module")
def freight(records: list[Record]) -> FreightSummary:
    return allocate_freight(freight_row(record) for record in records)


def freight_row(record: Record) -> FreightRow:
    at: Any = record.fields
    return FreightRow(
        at["line"], at["shipment"], at["freight_status"], at["freight"], at["freight_of"], at["weight"], at["value"]
    )


def test_every_row_is_a_line_and_the_sums_meet_the_facts(records: list[Record], facts: dict[str, Any]) -> None:
    rows: list[Any] = [record.fields for record in records]

    assert len(rows) == facts["rows"] == 6507
    assert sum(row["value"] for row in rows) == Decimal("939945228.87")
    assert sum(row["quantity"] for row in rows) == 109_633_696
    assert str(sum(row["quantity"] * row["unit_price"] for row in rows)) == facts["sum_qty_x_packprice_usd"]


def test_value_by_country_meets_the_facts(records: list[Record], facts: dict[str, Any]) -> None:
    found: dict[Any, Decimal] = defaultdict(Decimal)
    for record in records:
        found[record.fields["region"]] += Decimal(str(record.fields["value"]))

    assert found == {country: Decimal(value) for country, value in facts["value_by_country"].items()}


def test_the_digest_of_item_months_equals(records: list[Record], facts: dict[str, Any]) -> None:
    packs: Counter[tuple[str, str]] = Counter()
    value: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    countries = defaultdict(set)
    for record in records:
        row: Any = record.fields
        key = (row["product"], f"{row['needed_from']:%Y-%m}")
        packs[key] += int(row["quantity"])
        value[key] += row["value"]
        countries[key].add(row["region"])
    lines = "".join(f"{item}|{month}|{packs[item, month]}|{value[item, month]:.2f}\n" for item, month in sorted(packs))

    assert len(packs) == 2473
    assert sum(len(several) > 1 for several in countries.values()) == 1001
    assert hashlib.sha256(lines.encode()).hexdigest() == facts["product_months"]["canonical_sha256"]


def test_statuses_of_dates_freight_and_weight_meet_the_facts(records: list[Record], facts: dict[str, Any]) -> None:
    count = {
        name: Counter(record.fields[name] for record in records)
        for name in ("ordered_on_status", "quoted_on_status", "freight_status", "weight_status")
    }

    assert count["ordered_on_status"] == {"stated": 2497, "from_joint_stock": 3739, "not_captured": 271}
    assert count["quoted_on_status"] == {"stated": 3826, "before_quotations": 2476, "not_captured": 205}
    assert count["freight_status"] == {"numeric": 4152, "reference": 1536, "included": 722, "invoiced_separately": 97}
    assert count["weight_status"] == {"numeric": 4286, "reference": 1536, "captured_separately": 685}
    assert sum(Decimal(str(r.fields["weight"] or 0)) for r in records) == Decimal(facts["weight_numeric_sum_kg"])
    assert sum(Decimal(str(r.fields["insurance"] or 0)) for r in records) == Decimal(facts["insurance_sum_usd"])


def with_mangled_dates(folder: Path) -> io.BytesIO:
    """The main file with its five date columns as a spreadsheet of another locale left them."""
    with gzip.open(folder / "scms_dev_dates_variant_excel_locale.csv.gz", "rt", encoding="utf-8") as file:
        mangled = {row["ID"]: row for row in csv.DictReader(file)}
    out = io.StringIO(newline="")
    with gzip.open(folder / "scms_dev_to_2012.csv.gz", "rt", encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        writer = csv.DictWriter(out, list(reader.fieldnames or ()))
        writer.writeheader()
        writer.writerows(row | mangled.pop(row["ID"]) for row in reader)
    assert not mangled
    return io.BytesIO(out.getvalue().encode())


def test_the_mangled_dates_are_read_as_the_same_dates(shared: Path, records: list[Record]) -> None:
    file = with_mangled_dates(shared / "data/scms")

    found = list(read_records(file, load_mapping("scms"), "mangled.csv"))

    assert len(found) == 6507
    for record, item in zip(records, found, strict=True):
        assert isinstance(item, Record), item
        assert [record.fields[name] for name in DATES] == [item.fields[name] for name in DATES]


def test_freight_references_resolve_and_sums_are_kept(freight: FreightSummary) -> None:
    assert str(freight.numeric) == "USD 40523874.46"
    assert (freight.references, freight.to_price, freight.to_invoiced) == (1536, 1494, 42)
    assert freight.unresolved == ()
    assert sum(part.share.amount for part in freight.allocations.values()) == Decimal("40523874.46")


def test_every_shipment_keeps_its_freight_to_the_cent(records: list[Record], freight: FreightSummary) -> None:
    shared_out: dict[str, Decimal] = defaultdict(Decimal)
    for part in freight.allocations.values():
        shared_out[part.carrier] += part.share.amount

    stated = {str(r.fields["line"]): r.fields["freight"] for r in records if r.fields["freight_status"] == "numeric"}
    assert shared_out == stated
    assert len(freight.allocations) == 4152 + 1494


def test_the_tally_counts_rows_once(records: list[Record]) -> None:
    tally = Tally()
    for record in records:
        tally.add(record)

    assert (tally.rows, tally.lines, tally.skipped, tally.errors) == (6507, 6507, 0, 0)

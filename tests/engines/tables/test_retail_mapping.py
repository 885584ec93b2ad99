"""The shipped mapping `retail` against the facts of ../shared/data/retail."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from marketplace.engines.tables import Record, Tally, load_mapping, mapping_from, read_records
from marketplace.engines.tables.loading import SHIPPED

pytestmark = pytest.mark.shared

FILE = "data/retail/online_retail_2010-12_to_2011-08.csv.gz"


def test_valid_lines_skips_and_the_exact_sum_meet_the_facts(shared: Path) -> None:
    tally, value, packs = Tally(), Decimal(0), Decimal(0)
    weeks: dict[Any, set[Any]] = defaultdict(set)

    for item in read_records(shared / FILE, load_mapping("retail")):
        tally.add(item)
        if isinstance(item, Record):
            row: Any = item.fields
            value += row["value"]
            packs += row["quantity"]
            weeks[row["product"], row["needed_from"].isocalendar()[:2]].add(row["buyer"])

    assert (tally.rows, tally.lines, tally.errors) == (320_705, 226_467, 0)
    assert value == Decimal("5239240.562")
    assert packs == 3_072_551
    assert tally.by_rule == {
        "credit note": 5_847,
        "bad debt": 3,
        "no customer": 88_367,
        "price not above zero": 21,
    }
    assert len(weeks) == 58_338
    assert sum(len(buyers) >= 2 for buyers in weeks.values()) == 37_479
    assert sum(len(buyers) >= 5 for buyers in weeks.values()) == 15_073


def test_a_customer_is_a_whole_number_again(shared: Path) -> None:
    first = next(iter(read_records(shared / FILE, load_mapping("retail"))))

    assert isinstance(first, Record)
    assert first.fields["buyer"] == "17850"


def test_without_skips_and_bounds_all_rows_add_up(shared: Path) -> None:
    data = tomllib.loads((SHIPPED / "retail.toml").read_text(), parse_float=Decimal)
    del data["skip"]
    del data["fields"]["quantity"]["above"], data["fields"]["unit_price"]["above"], data["fields"]["buyer"]["required"]
    rows = value = Decimal(0)

    for item in read_records(shared / FILE, mapping_from(data, "retail, all rows")):
        assert isinstance(item, Record)
        value += Decimal(str(item.fields["value"]))
        rows += 1

    assert rows == 320_705
    assert value == Decimal("5761931.382")

"""The main job on real input, and the sample market's own files."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from marketplace.kernel.actors import Actor
from marketplace.management.market.sample import LAYOUTS, SAMPLES, SampleMarket
from procurement.demand import queries as demand
from procurement.demand import use_cases as demand_
from procurement.pools import queries as pools

pytestmark = pytest.mark.django_db(transaction=True)


def cycle(path: Path, as_of: str) -> dict[str, Any]:
    out = StringIO()
    call_command("market_cycle", "--demand", str(path), "--mapping", "scms", "--as-of", as_of, "--json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    for changing in ("seconds", "imported"):
        found.pop(changing)
    return found


@pytest.mark.shared
@pytest.mark.timeout(900)
def test_a_month_of_real_demand_goes_from_requests_to_settled_money_and_a_second_run_doubles_nothing(
    shared: Path,
) -> None:
    path = shared / "data" / "scms" / "scms_dev_to_2012.csv.gz"

    first = cycle(path, "2012-11-30")
    second = cycle(path, "2012-11-30")

    assert first == second
    assert first["clean"] is True
    assert first["trial_balance"] == {"USD": "0.00"}
    assert set(first["pools"]) <= {"settled", "failed"}
    assert set(first["orders"]) == {"closed"}
    assert set(first["invoices"]) == {"paid"}
    assert {row["kind"] for row in first["settled"]} >= {"payable", "receivable"}
    assert "last pack price" in first["notes"][0]


def test_the_sample_s_three_layouts_say_what_is_wrong_with_them() -> None:
    market = SampleMarket(lambda title, things, count: iter(things))
    market.load()
    found = {}
    for file, mapping in LAYOUTS:
        report = demand_.import_demand(
            path=SAMPLES / file,
            mapping=str(SAMPLES / "mappings" / f"{mapping}.toml"),
            take_good=True,
            by="test",
            at=market.clock(),
        ).as_json()
        found[mapping] = tuple(report[what] for what in ("rows", "lines", "skipped", "errors"))

    assert found == {"pumps": (857, 841, 14, 2), "shoes": (829, 826, 3, 0), "traders": (216, 213, 0, 3)}


def test_a_file_with_bad_rows_stops_the_round_and_leaves_nothing_behind() -> None:
    market = SampleMarket(lambda title, things, count: iter(things))
    market.load()
    path, mapping = SAMPLES / "demand_pumps.csv", SAMPLES / "mappings" / "pumps.toml"

    with pytest.raises(CommandError, match=r"2 of 857 rows are wrong.*数量"):
        call_command("market_cycle", "--demand", str(path), "--mapping", str(mapping), "--as-of", "2026-06-30")

    staff = Actor(by="test", staff=True)
    assert not demand.requests_for(staff).exists()
    assert not pools.pools_for(staff).exists()

"""The commands `import_demand` and `export_pools`, as somebody at a terminal meets them."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from procurement.demand import models
from tests.procurement.demand.conftest import written
from tests.procurement.demand.test_import_rows import GOOD, OPEN_TO_ALL

pytestmark = pytest.mark.django_db
KEYS = ["rows", "lines", "skipped", "errors", "quantity", "value", "freight", "seconds", "peak_mb"]


@pytest.fixture
def mapping(tmp_path: Path) -> str:
    return str(written(tmp_path, "orders.toml", OPEN_TO_ALL))


def told(*args: str, **more: Any) -> tuple[str, dict[str, Any], str]:
    """Run import_demand; return all it said, its last line as JSON, and why it failed."""
    out = StringIO()
    why = ""
    try:
        call_command("import_demand", *args, "--json", stdout=out, **more)
    except CommandError as error:
        why = str(error)
    said = out.getvalue()
    return said, json.loads(said.splitlines()[-1]), why


class TestImporting:
    def test_the_last_line_is_one_object(self, tmp_path: Path, mapping: str) -> None:
        said, last, why = told(str(written(tmp_path, "april.csv", GOOD)), "--mapping", mapping)

        assert (list(last), list(last["freight"]), why) == (
            KEYS,
            ["numeric", "references", "to_price", "invoiced_separately"],
            "",
        )
        assert (last["rows"], last["lines"], last["quantity"], last["value"]) == (3, 3, "20", {"CNY": "203.50"})
        assert last["peak_mb"] > 10
        assert "203.50" in said

    def test_a_bad_row_is_a_table_an_exit_and_nothing_saved(self, tmp_path: Path, mapping: str) -> None:
        path = written(tmp_path, "april.csv", GOOD + "4,C,N,P,-5,2026-04-01,1,V\n")

        said, last, why = told(str(path), "--mapping", mapping)

        head, row, *_ = said.splitlines()
        assert head.split() == ["file", "sheet", "row", "column", "value", "reason"]
        assert row.split(maxsplit=4) == ["april.csv", "5", "Qty", "-5", "must be more than zero"]
        assert (last["rows"], last["lines"], last["errors"], last["value"]) == (4, 0, 1, {})
        assert why.startswith("Nothing was imported: 1 of 4 rows are wrong.")
        assert not models.RequestLine.objects.exists()

    def test_the_good_rows_stand_and_all_errors_are_written(self, tmp_path: Path, mapping: str) -> None:
        bad = "".join(f"{n},C,N,=P,-1,2026-04-01,1,V\n" for n in range(100, 170))
        path, errors = written(tmp_path, "april.csv", GOOD + bad), tmp_path / "errors.csv"

        said, last, why = told(str(path), "--mapping", mapping, "--take-good", "--errors", str(errors))

        rows = list(csv.reader(errors.open(encoding="utf-8-sig", newline="")))
        assert (len(rows), rows[1]) == (71, ["april.csv", "", "5", "Qty", "'-1", "must be more than zero"])
        assert (last["lines"], last["errors"], why) == (3, 70, "")
        assert said.count("must be more than zero") == 50
        assert "70 rows are wrong" in said

    def test_a_second_run_says_so_and_gives_the_same_figures(self, tmp_path: Path, mapping: str) -> None:
        path = str(written(tmp_path, "april.csv", GOOD))
        _, first, _ = told(path, "--mapping", mapping)

        said, again, _ = told(path, "--mapping", mapping)

        untimed = {"seconds": 0, "peak_mb": 0}
        assert again | untimed == first | untimed
        assert "Imported before, nothing changed" in said

    def test_a_file_that_is_none_and_a_mapping_that_is_none_are_refused(self, tmp_path: Path, mapping: str) -> None:
        _, last, why = told(str(tmp_path / "missing.csv"), "--mapping", mapping)
        assert (last["errors"], "missing.csv" in why) == (1, True)

        _, last, why = told(str(written(tmp_path, "a.csv", GOOD)), "--mapping", "nosuch")
        assert (last["lines"], "nosuch" in why) == (0, True)


class TestExporting:
    def test_one_row_a_product_and_window(self, tmp_path: Path, mapping: str) -> None:
        told(str(written(tmp_path, "april.csv", GOOD)), "--mapping", mapping)

        call_command("export_pools", "--window", "month", "--out", str(tmp_path / "out.csv"))

        assert (tmp_path / "out.csv").read_text() == (
            "product,window,quantity,value,buyers,regions\n"
            "PUMP-1,2026-04,10,125.00,1,1\n"
            "PUMP-1,2026-05,6,66.00,1,1\n"
            "VALVE-2,2026-04,4,12.50,1,1\n"
        )

    def test_weeks_are_those_of_iso_8601_and_the_output_may_be_a_pipe(
        self, tmp_path: Path, mapping: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        new_year = GOOD.replace("2026-04-01", "2027-01-01")
        told(str(written(tmp_path, "april.csv", new_year)), "--mapping", mapping)

        call_command("export_pools", "--window", "week")

        assert "PUMP-1,2026-W53,10,125.00,1,1" in capsys.readouterr().out.splitlines()

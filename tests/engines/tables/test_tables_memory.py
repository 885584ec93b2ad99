"""Reading stays small however long the file is; the peak is that of a fresh process, imports and all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.engines.tables.small_files import HEAD, ROW, with_cell, workbook

ROOT = Path(__file__).resolve().parents[3]
READ = """
import pathlib, re, sys
from marketplace.engines.tables import Tally, load_mapping, read_records
tally = Tally()
for item in read_records(sys.argv[1], load_mapping(sys.argv[2])):
    tally.add(item)
print(tally.rows, re.search(r"VmHWM:\\s*(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1])
"""


def measured(file: Path, mapping: str) -> tuple[int, int]:
    """Return the rows read and the peak of memory in MB."""
    run = subprocess.run(
        [sys.executable, "-c", READ, file, mapping], cwd=ROOT, capture_output=True, text=True, check=True
    )
    rows, peak = run.stdout.split()
    return int(rows), int(peak) // 1024


@pytest.mark.shared
def test_320_705_packed_rows_are_read_in_less_than_150_mb(shared: Path) -> None:
    rows, peak = measured(shared / "data/retail/online_retail_2010-12_to_2011-08.csv.gz", "retail")

    assert rows == 320_705
    assert peak < 150


def test_10_000_rows_of_a_workbook_are_read_in_less_than_150_mb(tmp_path: Path) -> None:
    from tests.engines.tables.small_files import MAPPING

    file, using = tmp_path / "needs.xlsx", tmp_path / "needs.toml"
    file.write_bytes(workbook([HEAD, *[with_cell("Ref", f"R{n}", ROW) for n in range(10_000)]]))
    using.write_text(MAPPING, encoding="utf-8")

    rows, peak = measured(file, str(using))

    assert rows == 10_000
    assert peak < 150

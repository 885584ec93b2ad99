"""Two of the same at once: one file is imported once, one line is pooled once."""

from __future__ import annotations

from pathlib import Path

import pytest

from procurement.demand import models, use_cases
from tests.marketplace.together import run_together
from tests.procurement.demand.conftest import AT, written
from tests.procurement.demand.test_import_rows import GOOD, OPEN_TO_ALL

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_file_is_imported_once(tmp_path: Path) -> None:
    mapping = written(tmp_path, "orders.toml", OPEN_TO_ALL)
    path = written(tmp_path, "april.csv", GOOD)

    reports = run_together(lambda: use_cases.import_demand(path=path, mapping=mapping, by="user:wei", at=AT), twins=4)

    assert sorted(report.already for report in reports) == [0, 1, 1, 1]
    assert {report.lines for report in reports} == {3}
    assert (models.ImportBatch.objects.count(), models.RequestLine.objects.count()) == (1, 3)


def test_one_line_is_pooled_once(tmp_path: Path) -> None:
    mapping = written(tmp_path, "orders.toml", OPEN_TO_ALL)
    use_cases.import_demand(path=written(tmp_path, "april.csv", GOOD), mapping=mapping, by="user:wei", at=AT)
    ids = list(models.RequestLine.objects.values_list("pk", flat=True))

    def pool() -> int:
        try:
            return use_cases.mark_lines(line_ids=ids, state="pooled")
        except use_cases.LinesMoved:
            return 0

    assert sorted(run_together(pool, twins=4)) == [0, 0, 0, 3]

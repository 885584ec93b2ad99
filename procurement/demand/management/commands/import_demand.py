"""Import demand: `manage.py import_demand FILE --mapping NAME-or-PATH [--take-good] [--json]`; FILE may be a folder."""

from __future__ import annotations

import csv
import json
import resource
import sys
import time
from argparse import ArgumentParser
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.engines.tables import RowError
from marketplace.foundation.wording import word
from marketplace.kernel import clock
from marketplace.kernel.refusals import Refusal
from procurement.demand import rules
from procurement.demand.use_cases import ImportRefused, ImportReport, import_demand

COLUMNS = ("file", "sheet", "row", "column", "value", "reason")


class Command(BaseCommand):
    help = "Import purchase requests from a CSV or XLSX file (or a folder of them) by a column mapping."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a table, packed or not, or a folder: then all its tables are summed")
        parser.add_argument("--mapping", required=True, help="name of a mapping, or path of a TOML file")
        parser.add_argument("--take-good", action="store_true", help="keep the good rows when others are wrong")
        parser.add_argument("--errors", metavar="FILE", help="write every row error there, as CSV")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")
        parser.add_argument("--by", default="system:import", help="who imports, as the trail names it")

    def handle(self, *args: Any, **options: Any) -> None:
        start = time.monotonic()
        refusal: Refusal | None = None
        report = ImportReport(errors=1)
        with ExitStack() as stack:
            note = self._error_file(stack, options["errors"])
            try:
                report = import_demand(
                    path=Path(options["file"]),
                    mapping=options["mapping"],
                    take_good=options["take_good"],
                    by=options["by"],
                    at=clock.now(),
                    progress=self._progress(options),
                    on_error=note,
                )
            except ImportRefused as refused:
                refusal, report = refused, refused.report
            except Refusal as refused:
                refusal = refused
        report = replace(report, seconds=time.monotonic() - start, peak_mb=_peak_mb())
        self._tell(report, refusal, options)
        if refusal is not None:
            raise CommandError(word(refusal))

    def _error_file(self, stack: ExitStack, path: str | None) -> Any:
        if not path:
            return None
        file = stack.enter_context(Path(path).open("w", encoding="utf-8-sig", newline=""))  # noqa: SIM115 - the stack closes it
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        return lambda error: writer.writerow([rules.csv_cell(one) for one in error])

    def _progress(self, options: dict[str, Any]) -> Any:
        if options["verbosity"] < 1 or not sys.stderr.isatty():
            return None
        return lambda rows: self.stderr.write(f"\r{rows:,} rows", ending="")

    def _tell(self, report: ImportReport, refusal: Refusal | None, options: dict[str, Any]) -> None:
        if report.shown:
            self._table(report.shown)
            if report.errors > len(report.shown):
                self.stdout.write(f"{report.errors} rows are wrong; these are the first errors.")
        figures = report.as_json()
        if refusal is None:
            if report.already:
                self.stdout.write(f"Imported before, nothing changed: {', '.join(report.batches)}")
            for key, value in figures.items():
                self.stdout.write(f"{key:>10}  {value}")
            for rule, count in sorted(report.by_rule.items()):
                self.stdout.write(f"{count:>10}  skipped: {rule}")
            if report.freight.unresolved:
                self.stdout.write(f"{report.freight.unresolved:>10}  freight references that lead nowhere")
        if options["json"]:
            self.stdout.write(json.dumps(figures, ensure_ascii=False))

    def _table(self, errors: tuple[RowError, ...]) -> None:
        rows = [COLUMNS, *([str(one).replace("\n", " ")[:60] for one in error] for error in errors)]
        widths = [max(len(row[n]) for row in rows) for n in range(len(COLUMNS))]
        for row in rows:
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / 1024

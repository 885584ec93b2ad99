"""Import bid tabulations: `manage.py import_bids FILE --mapping NAME-or-PATH [--json]`; FILE may be a folder."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.foundation.wording import word
from marketplace.kernel import clock
from marketplace.kernel.refusals import Refusal
from procurement.tenders.rules.bid_report import BidReport
from procurement.tenders.use_cases import BidsRefused, import_bids


class Command(BaseCommand):
    help = "Import bid tabulations of tenders that were opened elsewhere, by a column mapping for bids."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a workbook, or a folder: then all its workbooks are summed")
        parser.add_argument("--mapping", required=True, help="name of a mapping for bids, or path of a TOML file")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")
        parser.add_argument("--by", default="system:import", help="who imports, as the trail names it")

    def handle(self, *args: Any, **options: Any) -> None:
        start = time.monotonic()
        try:
            report = import_bids(
                path=Path(options["file"]),
                mapping=options["mapping"],
                by=options["by"],
                at=clock.now(),
                progress=self._progress(options),
            )
        except BidsRefused as refused:
            for error in refused.facts["shown"]:  # type: ignore[attr-defined]
                self.stdout.write("  ".join(str(value) for value in error.values()))
            raise CommandError(word(refused)) from None
        except Refusal as refused:
            raise CommandError(word(refused)) from None
        self._tell(report, time.monotonic() - start, as_json=options["json"])

    def _progress(self, options: dict[str, Any]) -> Any:
        if options["verbosity"] < 1 or not sys.stderr.isatty():
            return None
        return self.stderr.write

    def _tell(self, report: BidReport, seconds: float, *, as_json: bool) -> None:
        figures = report.as_json() | {"seconds": round(seconds, 2)}
        if report.already:
            self.stdout.write(f"Imported before, nothing changed: {report.already} of {report.files} files")
        for key, value in figures.items():
            if key != "judgement":
                self.stdout.write(f"{key:>16}  {value}")
        for one in report.judgement:
            self.stdout.write(f"       judgement  {one['what']}: {one['where']}: {one['why']}")
        if as_json:
            self.stdout.write(json.dumps(figures, ensure_ascii=False))

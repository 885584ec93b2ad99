"""What pooling would have saved: `manage.py estimate_savings FILE --mapping retail [--window week] [--out FILE]`."""

from __future__ import annotations

import json
import resource
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.foundation.wording import word
from marketplace.kernel.refusals import Refusal
from procurement.insights.rules import ASSUMPTION, EstimateReport
from procurement.insights.use_cases import estimate_savings

SHOWN = 20


class Command(BaseCommand):
    help = "Estimate what pooling the lines of a file by window would have saved each buyer; an estimate, no proof."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="order lines with unit prices: a table, packed or not")
        parser.add_argument("--mapping", required=True, help="name of a mapping, or path of a TOML file")
        parser.add_argument("--window", choices=["week", "month"], default="week")
        parser.add_argument("--leave-out", action="append", default=[], metavar="CODE", help="a product that is none")
        parser.add_argument("--take-good", action="store_true", help="go on without the rows that cannot be read")
        parser.add_argument("--out", metavar="FILE", help="write the whole report there, as JSON")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON, without the buyers")

    def handle(self, *args: Any, **options: Any) -> None:
        start = time.monotonic()
        try:
            report = estimate_savings(
                path=Path(options["file"]),
                mapping=options["mapping"],
                window=options["window"],
                left_out=options["leave_out"],
                take_good=options["take_good"],
            )
        except Refusal as refusal:
            raise CommandError(word(refusal)) from None
        figures = report.to_json()
        figures |= {"seconds": round(time.monotonic() - start, 2), "peak_mb": round(_peak_mb(), 1)}
        self._tell(report, figures)
        if options["out"]:
            Path(options["out"]).write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
        if options["json"]:
            del figures["by_buyer"]
            self.stdout.write(json.dumps(figures, ensure_ascii=False))

    def _tell(self, report: EstimateReport, figures: dict[str, object]) -> None:
        self.stdout.write(ASSUMPTION)
        for key, value in figures.items():
            if isinstance(value, int | float | str) and key not in {"assumption", "kind"}:
                self.stdout.write(f"{key:>24}  {value}")
        self.stdout.write(f"{'share of a buyer, per cent':>24}  {dict(report.quantiles)}")
        if report.not_believed:
            self.stdout.write(f"{'fall too far, left out':>24}  {', '.join(report.not_believed[:SHOWN])}")
        self.stdout.write("With another assumption:")
        for other in report.sensitivity:
            self.stdout.write(f"{other.saved!s:>24}  {100 * other.share:5.2f} % of {other.lines} lines: {other.code}")
        self.stdout.write(f"The {min(SHOWN, len(report.buyers))} buyers that would have saved most:")
        for one in report.buyers[:SHOWN]:
            self.stdout.write(f"{one.saved!s:>24}  {100 * one.share:5.2f} % of {one.paid}: {one.buyer}")


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / 1024

"""Write what was asked of each product in each window: `manage.py export_pools --window month|week [--out FILE]`."""

from __future__ import annotations

import csv
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand

from procurement.demand import rules
from procurement.demand.queries import pooled_windows


class Command(BaseCommand):
    help = "Write one CSV row for each product and window over all regions: quantity, value, buyers, regions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--window", choices=["month", "week"], required=True)
        parser.add_argument("--out", metavar="FILE", help="write there, else to the standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["out"]:
            _write(sys.stdout, options["window"])
            return
        with Path(options["out"]).open("w", encoding="utf-8", newline="") as file:
            _write(file, options["window"])


def _write(file: TextIO, window: str) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["product", "window", "quantity", "value", "buyers", "regions"])
    for row in pooled_windows(window):
        quantity, value = rules.plain(row.quantity), rules.plain(row.value, 2)
        writer.writerow([rules.csv_cell(row.product), row.window, quantity, value, row.buyers, row.regions])

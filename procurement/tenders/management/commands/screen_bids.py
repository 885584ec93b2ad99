"""Look a second time at the bids of every opened tender, and say what was found."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from marketplace.kernel import clock
from procurement.tenders import queries, use_cases

BY = "system:screens"


class Command(BaseCommand):
    help = "Screen the bids of opened tenders: abnormally low, unbalanced, too much alike, shared traces."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("refs", nargs="*", help="tenders; all that are opened when none is named")
        parser.add_argument("--json", action="store_true", help="one line of JSON at the end")

    def handle(self, *args: Any, **options: Any) -> None:
        refs = options["refs"] or queries.opened_refs()
        for ref in refs:
            new = use_cases.screen_tender(tender_ref=ref, by=BY, at=clock.now())
            self.stdout.write(f"{ref}: {new} new")
        report = queries.screening(refs)
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
            return
        for kind, count in report["flags"].items():
            self.stdout.write(f"{kind}: {count}")

"""The main job on a file: import, pool, tender, award, order, deliver, invoice, settle, report."""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from marketplace.events.use_cases import silently
from marketplace.foundation.wording import word
from marketplace.kernel.clock import business_date, now
from marketplace.kernel.refusals import Refusal
from marketplace.management.market.clock import MarketClock
from marketplace.management.market.cycle import DESK, Cycle, Round, give_bank_accounts
from marketplace.management.market.offers import Offers, bidders, offers_from_last_prices
from marketplace.management.market.progress import bars
from marketplace.management.market.report import make_report, show
from procurement.demand import use_cases as demand_


class Command(BaseCommand):
    """Takes one file of requests through the whole chain. Run twice, nothing doubles: the second finds all done."""

    help = "Run the market's main job on a file of purchase requests."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demand", required=True, type=Path, help="CSV, packed CSV or XLSX, or a folder of them")
        parser.add_argument("--mapping", required=True, help="a shipped mapping's name, or a path to one")
        parser.add_argument("--as-of", type=date.fromisoformat, help="lines needed after this day are the demand")
        parser.add_argument("--window", choices=("month", "week"), default="month")
        parser.add_argument("--take-good", action="store_true", help="import the good rows of a file with bad ones")
        parser.add_argument("--json", action="store_true", help="the last line is one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.perf_counter()
        console = Console(file=sys.stderr if options["json"] else sys.stdout)
        try:
            with silently():
                imported, notes = self._run(options, console)
        except Refusal as refusal:
            raise CommandError(f"{refusal.code}: {word(refusal)}") from None
        report = make_report(notes)
        if options["json"]:
            seconds = round(time.perf_counter() - began, 2)
            self.stdout.write(json.dumps({"imported": imported, **report.as_json(), "seconds": seconds}))
        else:
            show(report, console)
        if report.wrong:
            raise CommandError(f"{len(report.wrong)} invariants do not hold")

    def _run(self, options: dict[str, Any], console: Console) -> tuple[dict[str, Any], list[str]]:
        as_of = options["as_of"] or business_date(now())
        clock = MarketClock(as_of)
        imported = self._import(options, clock)
        offers: Offers = offers_from_last_prices(clock.tomorrow, by=DESK, at=clock())
        give_bank_accounts(bidders(offers), clock=clock)
        title = f"{options['demand'].name}, {as_of.isoformat()}"
        cycle = Cycle(Round(as_of=as_of, offers=offers, title=title, window=options["window"]), clock, bars(console))
        cycle.run()
        return imported, [offers.note, "The fake bank stands for the buyers' and suppliers' banks."]

    def _import(self, options: dict[str, Any], clock: MarketClock) -> dict[str, Any]:
        """Import the file; one with bad rows is refused whole, unless the good ones are to be taken."""
        began = time.perf_counter()
        report = demand_.import_demand(
            path=options["demand"], mapping=options["mapping"], take_good=options["take_good"], by=DESK, at=clock()
        )
        figures = {key: value for key, value in report.as_json().items() if key != "peak_mb"}
        return {**figures, "seconds": round(time.perf_counter() - began, 2)}

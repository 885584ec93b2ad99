"""The sample market: two clusters of small manufacturers, their needs in three layouts, one round of the main job."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from marketplace.events.use_cases import silently
from marketplace.management.market.progress import bars
from marketplace.management.market.report import make_report, show
from marketplace.management.market.sample import SampleMarket


class Command(BaseCommand):
    """Loads samples/, runs the main job on it once, opens today's pools, and prints the report and demo accounts."""

    help = "Set up the sample market, run its main job once and print the report."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-live", action="store_true", help="open no pools for today")

    def handle(self, *args: Any, **options: Any) -> None:
        console = Console()
        market = SampleMarket(bars(console))
        with silently():
            market.load()
            market.run()
            if not options["no_live"]:
                market.open_for_today()
        report = make_report(market.notes)
        show(report, console)
        market.show_accounts(console)
        if report.wrong:
            raise CommandError(f"{len(report.wrong)} invariants do not hold")

"""Settle what is due: `manage.py run_settlement [--date D] [--json]`. Safe to run twice, at once, or after a crash."""

from __future__ import annotations

import json
import os
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand

from finance.settlement import queries, use_cases
from marketplace.events import relay
from marketplace.kernel import clock


class Command(BaseCommand):
    help = "Plan the settlement run of a business date and take all its steps."

    def add_arguments(self, parser: ArgumentParser) -> None:
        today = clock.business_date(clock.now())
        parser.add_argument("--date", type=date.fromisoformat, default=today, help="business date, today by default")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")
        parser.add_argument("--worker", default=f"command:{os.getpid()}", help="who settles, as the trail names it")

    def handle(self, *args: Any, **options: Any) -> None:
        start, day, worker = time.monotonic(), options["date"], options["worker"]
        tell = time_of(day)
        relay.drain(at=max(tell(), clock.now()))
        run = use_cases.plan_run(business_date=day, by=worker, at=tell())
        use_cases.run_to_end(
            run_ref=run, worker=worker, at=tell(), clock=tell, progress=self._progress(options), wait=time.sleep
        )
        relay.drain(at=max(tell(), clock.now()))
        self._report(run, day, time.monotonic() - start, as_json=options["json"])

    def _progress(self, options: dict[str, Any]) -> Callable[[int, int], None] | None:
        if options["verbosity"] < 1 or not sys.stderr.isatty():
            return None
        return lambda done, whole: self.stderr.write(f"\r{done:,} of {whole:,} steps", ending="")

    def _report(self, run: str, day: date, seconds: float, *, as_json: bool) -> None:
        far = queries.progress(run)
        totals = queries.settled_totals(day, day + timedelta(days=1))
        self.stdout.write(f"{run} of {day}: {far.state}, {far.ended} of {far.total} steps ended")
        for total in totals:
            self.stdout.write(f"{total.kind:>14}  {total.obligations:>6}  {total.amount}")
        if as_json:
            figures = {
                "run": run,
                "business_date": day.isoformat(),
                "state": far.state,
                "steps": far.steps,
                "settled": [
                    {
                        "kind": total.kind,
                        "obligations": total.obligations,
                        "currency": total.amount.currency,
                        "amount": str(total.amount.amount),
                    }
                    for total in totals
                ],
                "seconds": round(seconds, 2),
            }
            self.stdout.write(json.dumps(figures, ensure_ascii=False))


def time_of(day: date) -> Callable[[], datetime]:
    """Return a clock that shows the true time of day, on `day`: leases run on across workers, books are dated `day`."""

    def tell() -> datetime:
        now = clock.now()
        return now + (clock.midnight(day) - clock.midnight(clock.business_date(now)))

    return tell

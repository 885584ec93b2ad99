"""Plan a whole market: `manage.py plan_market --lines-file lines.csv --tiers-file tiers.csv`, or `--from-demand`."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.foundation.wording import word
from marketplace.kernel.clock import now
from marketplace.kernel.refusals import Refusal
from procurement.pools import queries, use_cases

DESK = "system:plan_market"
SHOWN = (
    "ref", "source", "effort", "estimate", "lines", "left_out", "pools", "components", "exact_components", "total",
    "bound", "alone", "problem_sha256", "note",
)  # fmt: skip


class Command(BaseCommand):
    """Reads the market, decides when every line is best bought, and keeps the plan."""

    help = "Plan when every line of a market is best bought, and keep the plan (docs/algorithms/pooling.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--lines-file", type=Path, help="CSV: line,product,region,quantity,earliest,deadline,ceiling")
        parser.add_argument("--tiers-file", type=Path, help="CSV: product,from,price")
        parser.add_argument("--from-demand", action="store_true", help="the approved open lines, by published price lists")
        parser.add_argument("--currency", default="CNY", help="with --from-demand: lines of this currency")
        parser.add_argument("--out", type=Path, help="a folder to write pools.csv into")
        parser.add_argument("--effort", choices=("fast", "best"), default="fast")
        parser.add_argument("--json", action="store_true", help="the last line is one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.perf_counter()
        try:
            ref = self._plan(options)
        except Refusal as refusal:
            raise CommandError(f"{refusal.code}: {word(refusal)}") from None
        except OSError as error:
            raise CommandError(str(error)) from None
        plan = queries.market_plan(ref)
        shown = {name: getattr(plan, name) for name in SHOWN} | {"seconds": round(time.perf_counter() - began, 2)}
        if options["out"]:
            options["out"].mkdir(parents=True, exist_ok=True)
            (options["out"] / "pools.csv").write_bytes(use_cases.copy_out(plan.pk))
        if options["json"]:
            self.stdout.write(json.dumps(shown, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(f"{name:18}{value}" for name, value in shown.items() if value not in (None, "")))

    def _plan(self, options: dict[str, Any]) -> str:
        who: dict[str, Any] = {"effort": options["effort"], "by": DESK, "at": now()}
        files = (options["lines_file"], options["tiers_file"])
        if options["from_demand"]:
            if any(files):
                raise CommandError("--from-demand takes no files")
            return use_cases.plan_demand(currency=options["currency"], **who)
        if not all(files):
            raise CommandError("--lines-file and --tiers-file, or --from-demand")
        lines, tiers = (file.read_bytes() for file in files)
        return use_cases.plan_market_files(lines=lines, tiers=tiers, name=files[0].name[:80], **who)

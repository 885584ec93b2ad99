"""Ask one decision engine: `manage.py decide award < problem.json`."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.foundation.wording import problem
from marketplace.kernel.refusals import Refusal
from procurement.engines.decide import decide


class Command(BaseCommand):
    """Reads a problem on standard input and writes the decision with its reasons and proof."""

    help = "Decide one problem: award, allocation or product_match (formats in docs/algorithms)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("engine")
        parser.add_argument("--seconds", type=float, default=10.0, help="wall time for the search")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            decision = decide(options["engine"], sys.stdin.buffer.read(), options["seconds"])
        except Refusal as refusal:
            self.stderr.write(json.dumps(problem(refusal), ensure_ascii=False))
            raise CommandError(str(refusal)) from None
        self.stdout.write(json.dumps(decision, ensure_ascii=False))

"""Check an award from two files: `manage.py verify_award problem.json decision.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from procurement.engines.award_check import check_award


class Command(BaseCommand):
    """Reads a problem and a decision, adds up again, derives the bound again, and says what is wrong."""

    help = "Check a decided award from the problem and the decision alone (docs/algorithms/award.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("problem", type=Path, help="the problem's file, byte for byte as it was decided")
        parser.add_argument("decision", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = _checked(_read(options["problem"]), _read(options["decision"]))
        for one in wrong:
            self.stderr.write(one)
        if wrong:
            raise CommandError(f"{len(wrong)} wrong")
        self.stdout.write(json.dumps({"valid": True}))


def _checked(problem: bytes, decision: bytes) -> list[str]:
    """What the checker finds; files that are not of the agreed form are wrong too."""
    try:
        return check_award(problem, decision)
    except ValueError as error:
        return [f"not of the agreed form: {error}"]
    except (KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        return [f"not of the agreed form: {type(error).__name__} {error}"]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from None

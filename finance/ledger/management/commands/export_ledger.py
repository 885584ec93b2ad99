"""Write a book out, so that an independent program can check it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from finance.ledger import queries
from finance.ledger.rules import hledger_text


class Command(BaseCommand):
    """`manage.py export_ledger --format hledger --out book.journal`, then `hledger -f book.journal check`."""

    help = "Write a book as an hledger journal, oldest entry first, with all its digits."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=["hledger"], default="hledger")
        parser.add_argument("--book", default=queries.PLATFORM_BOOK)
        parser.add_argument("--out", type=Path, help="a file; else standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        out = options["out"]
        with out.open("w", encoding="utf-8") if out else nullcontext(sys.stdout) as file:
            for journal in queries.all_journals(options["book"]):
                text = hledger_text(
                    ref=journal.ref,
                    booked_on=journal.booked_on,
                    value_on=journal.value_on,
                    about=journal.memo or journal.key,
                    source_ref=journal.source_ref,
                    lines=journal.lines,
                )
                file.write(text)

"""How fast journals are posted, alone and linked, and how long it takes to recompute a large book.

`python -m bench ledger --journals 500000` works in a test database of its own and drops it; DATABASE_URL chooses which.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from datetime import UTC, date, datetime
from typing import Any

AT, DAY = datetime(2026, 3, 2, 9, tzinfo=UTC), date(2026, 3, 2)


def run(argv: list[str]) -> dict[str, Any]:
    """Fill a book and measure: singles first, then linked batches up to `--journals`, then `verify`."""
    options = argparse.ArgumentParser(prog="bench ledger")
    options.add_argument("--journals", type=int, default=100_000)
    options.add_argument("--single", type=int, default=1_000)
    options.add_argument("--owners", type=int, default=2_000)
    options.add_argument("--batch", type=int, default=500)
    given = options.parse_args(argv)
    with tempfile.TemporaryDirectory() as var:
        os.environ["JICAI_VAR"] = var
        return _in_a_test_database(given)


def _in_a_test_database(given: argparse.Namespace) -> dict[str, Any]:
    import django

    django.setup()
    from django.test.runner import DiscoverRunner

    runner = DiscoverRunner(verbosity=0, interactive=False)
    old = runner.setup_databases()
    try:
        return _measure(given)
    finally:
        runner.teardown_databases(old)


def _measure(given: argparse.Namespace) -> dict[str, Any]:
    from django.db import connection

    from finance.ledger import models, queries, use_cases
    from finance.ledger.use_cases import NewJournal
    from marketplace.kernel.money import Money

    escrow, coin = use_cases.Acct("cash_escrow"), Money.from_minor(1, "CNY")

    def journal(number: int) -> NewJournal:
        deposit = use_cases.Acct("buyer_deposits", owner=f"OR-2026-{number % given.owners:04d}")
        lines = [use_cases.debit(escrow, coin), use_cases.credit(deposit, coin)]
        return NewJournal(f"bench:{number}", lines, DAY, "bench")

    started = time.perf_counter()
    for number in range(given.single):
        one = journal(number)
        use_cases.post(key=one.key, lines=one.lines, booked_on=DAY, source_ref="bench", by="bench", at=AT)
    single = time.perf_counter() - started
    started = time.perf_counter()
    for first in range(given.single, given.journals, given.batch):
        numbers = range(first, min(first + given.batch, given.journals))
        use_cases.post_linked(journals=[journal(number) for number in numbers], by="bench", at=AT)
    linked = time.perf_counter() - started
    started = time.perf_counter()
    findings = queries.verify()
    return {
        "database": connection.vendor,
        "entries": models.Entry.objects.count(),
        "posted_alone_per_second": round(given.single / single, 1),
        "posted_linked_per_second": round((given.journals - given.single) / linked, 1),
        "verify_seconds": round(time.perf_counter() - started, 2),
        "findings": findings,
    }

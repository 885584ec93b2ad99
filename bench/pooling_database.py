"""A market's way through the database: read, decide, COPY in with the decision, COPY the decision out.

Called by `bench pooling --database`. The floor is COPY in and COPY out alone, of the same rows in the same form, through
the very table (same columns, constraints, indexes; logged), in the same run; on SQLite executemany and a select. Works in
a database of its own that is thrown away.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any


def through_database(lines: bytes, tiers: bytes, rounds: int = 3) -> dict[str, Any]:
    """Return seconds of the whole way and of its floor (the better of some rounds, alternating), and their ratio."""
    import django

    django.setup()
    with _database() as vendor:
        floors, wholes = [], []
        for number in range(rounds if vendor == "postgresql" else 1):
            floors.append(_floor(lines, tiers, 2 * number + 1))
            wholes.append(_whole(lines, tiers, 2 * number + 2))
    return {
        "database": vendor,
        "database_seconds": round(min(wholes), 2),
        "database_floor_seconds": round(min(floors), 2),
        "database_ratio": round(min(wholes) / min(floors), 3),
    }


@contextmanager
def _database() -> Iterator[str]:
    from django.db import connection

    before = connection.settings_dict["NAME"]
    with TemporaryDirectory() as folder:
        name = str(Path(folder) / "bench.sqlite3") if connection.vendor == "sqlite" else f"bench_pooling_{os.getpid()}"
        connection.settings_dict["TEST"]["NAME"] = name
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            yield connection.vendor
        finally:
            connection.creation.destroy_test_db(before, verbosity=0)


def _floor(lines: bytes, tiers: bytes, plan: int) -> float:
    """Seconds to take the rows in and the decision out; the rows are ready as text or as columns."""
    from procurement.engines.pooling.csv_files import read_market
    from procurement.engines.pooling.planning import sweep_market
    from procurement.pools.use_cases.plan_rows import copy_out, ready, write_ready

    market = read_market(lines, tiers)
    rows = ready(plan, _columns(market, sweep_market(market)))
    _plan(plan)
    begun = time.perf_counter()
    write_ready(rows)
    copy_out(plan)
    seconds = time.perf_counter() - begun
    _forget(plan)
    return seconds


def _whole(lines: bytes, tiers: bytes, plan: int) -> float:
    from procurement.engines.pooling.csv_files import read_market
    from procurement.engines.pooling.planning import sweep_market
    from procurement.pools.use_cases.plan_rows import copy_out, ready, write_ready

    _plan(plan)
    begun = time.perf_counter()
    market = read_market(lines, tiers)
    closing = sweep_market(market)
    write_ready(ready(plan, _columns(market, closing)))
    out = copy_out(plan)
    seconds = time.perf_counter() - begun
    assert out.count(b"\n") == len(market) + 1
    _forget(plan)
    return seconds


def _columns(market: Any, closing: Any) -> list[Any]:
    product = market.tariffs.product[market.product]
    return [
        market.line,
        product,
        market.region,
        market.quantity,
        market.earliest,
        market.deadline,
        market.ceiling,
        closing,
    ]


def _plan(number: int) -> None:
    from datetime import UTC, datetime

    from procurement.pools.models import MarketPlan

    at = datetime(2026, 3, 2, tzinfo=UTC)
    MarketPlan.objects.create(pk=number, ref=f"MP-2026-{number:04}", effort="fast", lines=0, quantity=0, planned_at=at)


def _forget(plan: int) -> None:
    """Empty the table, so that every round finds the same."""
    from django.db import connection

    from procurement.pools.use_cases.plan_rows import table

    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table()}" if connection.vendor == "postgresql" else f"DELETE FROM {table()}")  # noqa: S608

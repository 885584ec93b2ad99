"""Joins a second on one pool, beside the bare conditional update that no join can beat, in the same run.

python -m bench joins [--joins 1000] [--workers 8]; on SQLite, or on PostgreSQL when DATABASE_URL says so. Works in a
database of its own that is thrown away afterwards.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
WHO: dict[str, Any] = {"by": "system:bench", "at": NOON}
FLOOR = "UPDATE bench_floor SET joined = joined + 1 WHERE id = 1 AND joined + 1 <= capacity"


def run(argv: list[str]) -> dict[str, Any]:
    """Measure and return the figures; `ratio` is the time of the joins over the time of the bare updates."""
    parser = argparse.ArgumentParser(prog="bench joins", description=__doc__)
    parser.add_argument("--joins", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=8)
    asked = parser.parse_args(argv)
    os.environ["RING_DOORBELL"] = "0"

    import django

    django.setup()
    with _database() as vendor:
        return {"name": "joins", "database": vendor, **_measure(asked.joins, asked.workers)}


@contextmanager
def _database() -> Iterator[str]:
    from django.db import connection

    before = connection.settings_dict["NAME"]
    with TemporaryDirectory() as folder:
        name = str(Path(folder) / "bench.sqlite3") if connection.vendor == "sqlite" else f"bench_joins_{os.getpid()}"
        connection.settings_dict["TEST"]["NAME"] = name
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            yield connection.vendor
        finally:
            connection.creation.destroy_test_db(before, verbosity=0)


def _measure(joins: int, workers: int) -> dict[str, Any]:
    from django.db import connection

    from procurement.pools import queries, use_cases

    pool, buyers = _scene(joins)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_floor (id INTEGER PRIMARY KEY, joined BIGINT, capacity BIGINT)")
        cursor.execute("INSERT INTO bench_floor VALUES (1, 0, %s)", [joins])

    def bare(_: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(FLOOR)

    def join(buyer: str) -> None:
        use_cases.join_pool(pool_ref=pool, buyer_ref=buyer, quantity=Decimal(1), **WHO)

    floor, _ = _timed(bare, buyers, workers)
    seconds, came = _timed(join, buyers, workers)
    _, late = _timed(join, buyers[:workers], workers)
    assert queries.pool(pool).joined == joins, "a join was lost or doubled"
    assert queries.verify() == []
    return {
        "size": joins,
        "workers": workers,
        "seconds": round(seconds, 3),
        "floor_seconds": round(floor, 3),
        "ratio": round(seconds / floor, 2),
        "joins_per_second": round(joins / seconds, 1),
        "floor_per_second": round(joins / floor, 1),
        "came_to": dict(came),
        "joins_beyond_capacity": dict(late),
    }


def _timed(deed: Callable[[str], None], buyers: list[str], workers: int) -> tuple[float, Counter[str]]:
    """Run the deed once a buyer on `workers` threads, each with a connection of its own."""
    from django.db import connections

    from marketplace.kernel.refusals import Refusal

    def some(mine: list[str]) -> Counter[str]:
        came: Counter[str] = Counter()
        for buyer in mine:
            try:
                deed(buyer)
                came["done"] += 1
            except Refusal as refusal:
                came[refusal.code] += 1
        connections.close_all()
        return came

    start = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        came = sum(pool.map(some, [buyers[n::workers] for n in range(workers)]), Counter())
    return time.perf_counter() - start, came


def _scene(joins: int) -> tuple[str, list[str]]:
    """Open a pool that holds exactly `joins` units, and register as many buyers."""
    from marketplace.catalogue import use_cases as catalogue
    from marketplace.parties import use_cases as parties
    from marketplace.parties.use_cases import NewOrganisation
    from procurement.pools import use_cases

    catalogue.register_category(code="bench", name_en="Bench", **WHO)
    product = catalogue.register_product(code="B-1", name_en="Bolt", category_code="bench", unit="C62", **WHO)
    rows = [NewOrganisation(f"B{n}", f"Buyer {n}", "CN", "Zhejiang", ("buyer",)) for n in range(joins)]
    buyers = list(parties.register_many(rows=rows, **WHO).values())
    window = {"window_start": date(2026, 4, 1), "window_end": date(2026, 5, 1)}
    pool = use_cases.open_pool(
        product_ref=product, capacity=Decimal(joins), freeze_at=NOON + timedelta(days=9), **window, **WHO
    )
    return pool, buyers

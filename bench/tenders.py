"""A consolidated tender of many lots: seconds to prepare, publish, seal, close, open and award it.

python -m bench tenders [--lots 1000] [--vendors 50] [--regions 3] [--seed 1]; on SQLite, or on PostgreSQL when
DATABASE_URL says so. Works in a database of its own that is thrown away afterwards. Every lot gets one to four
single-tier offers and one to `regions` pools of one to four members. `floor_seconds` is the engine alone on the same
lots, without the prices at which losers would have won.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
DAY = timedelta(days=1)
BENCH = "system:bench"


def run(argv: list[str]) -> dict[str, Any]:
    """Measure and return the figures; `seconds` is sealing, closing, opening and awarding together."""
    parser = argparse.ArgumentParser(prog="bench tenders", description=__doc__)
    parser.add_argument("--lots", type=int, default=1000)
    parser.add_argument("--vendors", type=int, default=50)
    parser.add_argument("--regions", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(argv)
    os.environ["RING_DOORBELL"] = "0"

    import django

    django.setup()
    with _database() as vendor:
        return {"name": "tenders", "database": vendor, "seed": asked.seed, **_measure(asked)}


@contextmanager
def _database() -> Iterator[str]:
    from django.db import connection

    before = connection.settings_dict["NAME"]
    with TemporaryDirectory() as folder:
        name = str(Path(folder) / "bench.sqlite3") if connection.vendor == "sqlite" else f"bench_tenders_{os.getpid()}"
        connection.settings_dict["TEST"]["NAME"] = name
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            yield connection.vendor
        finally:
            connection.creation.destroy_test_db(before, verbosity=0)


def _measure(asked: argparse.Namespace) -> dict[str, Any]:
    from procurement.tenders import queries, use_cases

    dice = random.Random(asked.seed)
    pools, vendors = _scene(asked, dice)
    laps: dict[str, float] = {}
    with _lap(laps, "prepare"):
        tender = use_cases.prepare_tender(
            title="Bench", pool_refs=pools, bids_until=NOON + 9 * DAY, by="user:wei", at=NOON + DAY
        )
    with _lap(laps, "publish"):
        use_cases.publish_tender(tender_ref=tender, by="user:mei", at=NOON + 2 * DAY)
    offers = _offers(queries.tender(tender).lots, vendors, dice)
    with _lap(laps, "seal"):
        for vendor, lots in offers.items():
            use_cases.seal_bid(
                tender_ref=tender, supplier_ref=vendor, offer={"lots": lots}, by=BENCH, at=NOON + 3 * DAY
            )
    with _lap(laps, "close"):
        use_cases.close_tender(tender_ref=tender, by=BENCH, at=NOON + 9 * DAY)
    with _lap(laps, "open"):
        use_cases.open_tender(tender_ref=tender, by="user:hua", at=NOON + 10 * DAY)
    floor = _engine_alone(tender)
    with _lap(laps, "award"):
        award = queries.award(use_cases.award_tender(tender_ref=tender, by="user:hua", at=NOON + 10 * DAY))
    assert queries.verify() == []
    seconds = sum(laps[name] for name in ("seal", "close", "open", "award"))
    return {
        "size": asked.lots,
        "pools": len(pools),
        "bids": len(offers),
        "offers": sum(len(lots) for lots in offers.values()),
        "seconds": round(seconds, 2),
        "floor_seconds": round(floor, 2),
        "ratio": round(seconds / floor, 2),
        "laps": {name: round(lap, 2) for name, lap in laps.items()},
        "objective": str(award.total.amount),
        "bound": str(award.bound.amount),
        "proved": award.proved,
    }


@contextmanager
def _lap(laps: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    laps[name] = time.perf_counter() - start


def _engine_alone(tender_ref: str) -> float:
    """Seconds of the engine on each lot by itself: what no award of them can beat."""
    from procurement.engines.award import solve_award
    from procurement.tenders.models import Tender
    from procurement.tenders.rules.cases import parts_of
    from procurement.tenders.use_cases.standing_offers import case_of

    problems = [part.problem() for part in parts_of(case_of(Tender.objects.get(ref=tender_ref)))]
    start = time.perf_counter()
    for problem in problems:
        solve_award(problem, 2.0, prices_to_win=False)
    return time.perf_counter() - start


def _scene(asked: argparse.Namespace, dice: random.Random) -> tuple[list[str], list[str]]:
    """Frozen pools of as many products as lots are asked for, and the suppliers that will bid."""
    from django.db import transaction

    from marketplace.catalogue import queries as catalogue_queries
    from marketplace.catalogue import use_cases as catalogue
    from marketplace.parties import use_cases as parties
    from procurement.pools import use_cases as pools

    who: dict[str, Any] = {"by": BENCH, "at": NOON}
    firms = [parties.NewOrganisation(f"v{n}", f"Vendor {n}", "CN", roles=("supplier",)) for n in range(asked.vendors)]
    firms += [parties.NewOrganisation(f"b{n}", f"Buyer {n}", "CN", roles=("buyer",)) for n in range(40)]
    refs = parties.register_many(rows=firms, **who)
    vendors, buyers = ([ref for code, ref in refs.items() if code[0] == kind] for kind in "vb")
    catalogue.register_category(code="bench", name_en="Bench", **who)
    rows = [
        catalogue.NewProduct(code=f"P{n}", name_en=f"Product {n}", category_code="bench", unit="C62")
        for n in range(asked.lots)
    ]
    products = catalogue_queries.products_by_id(catalogue.register_many(rows=rows, **who).values())
    opened = []
    with transaction.atomic():
        for product in products.values():
            for region in range(dice.randint(1, asked.regions)):
                ref = pools.open_pool(
                    product_ref=product.ref,
                    region=f"Region {region}",
                    window_start=date(2026, 4, 1),
                    window_end=date(2026, 5, 1),
                    freeze_at=NOON + DAY,
                    deposit_percent=Decimal(0),
                    **who,
                )
                for buyer in dice.sample(buyers, dice.randint(1, 4)):
                    pools.join_pool(pool_ref=ref, buyer_ref=buyer, quantity=Decimal(dice.randint(1, 90_000)), **who)
                opened.append(ref)
        for ref in opened:
            pools.freeze_pool(pool_ref=ref, by=BENCH, at=NOON + DAY)
    return opened, vendors


def _offers(lots: Any, vendors: list[str], dice: random.Random) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for lot in lots:
        for vendor in dice.sample(vendors, dice.randint(1, 4)):
            price = f"{dice.randint(100, 99_999) / 100:.2f}"
            freight = {region: f"{dice.randint(0, 99) / 100:.2f}" for region in lot.regions}
            offer = {"lot": lot.ref, "tiers": [{"from": "1", "to": None, "price": price}], "freight": freight}
            found.setdefault(vendor, []).append(offer)
    return found

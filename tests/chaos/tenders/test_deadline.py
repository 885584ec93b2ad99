"""Bids that race the closing time by the database's own clock: none is late, none is lost.

A thousand races under `make soak` (SCALE=n, or RACES=n), three dozen under `make test`, on the database that
DATABASE_URL names. A race is a tender that closes in a moment: five suppliers seal, replace and withdraw
round that moment, each on a connection of its own, and one more shuts the box as soon as it may. The soak keeps a log,
var/soak/deadline-<vendor>.jsonl, one line a chunk of seeds.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from marketplace.catalogue import use_cases as catalogue
from marketplace.kernel.refusals import Refusal
from marketplace.parties import use_cases as parties
from marketplace.parties.use_cases import NewOrganisation
from procurement.pools import use_cases as pools
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from procurement.tenders.rules.sealing import merkle_root
from tests.procurement.tenders.scene import new_product

pytestmark = pytest.mark.django_db(transaction=True)
FEW, CHUNK, WHOLE, FIRMS = 36, 50, 1_000, 5
LOGS = Path(__file__).resolve().parents[3] / "var" / "soak"
AHEAD, BEFORE, AFTER = 0.12, 0.08, 0.015  # seconds to the closing time; everybody acts so long before and after it


@dataclass
class Race:
    """One tender and what became of everybody's deeds; `answers` by supplier, in the order of its deeds."""

    ref: str
    until: datetime
    answers: dict[str, list[Any]] = field(default_factory=dict)


@pytest.fixture
def firms() -> list[str]:
    at = queries.instant_of_record() - timedelta(days=30)
    rows = [NewOrganisation(f"F{n}", f"Firm {n}", "CN", roles=("supplier",)) for n in range(FIRMS)]
    rows.append(NewOrganisation("B", "Buyer", "CN", roles=("buyer",)))
    refs = parties.register_many(rows=rows, by="system:race", at=at)
    catalogue.register_category(code="pumps", name_en="Pumps", by="system:race", at=at)
    new_product()
    return [refs[f"F{n}"] for n in range(FIRMS)] + [refs["B"]]


def lay_out(firms: list[str], seed: int) -> Race:
    """Publish a tender that closes at once."""
    now = queries.instant_of_record()
    product = models.Lot._meta.get_field("product").related_model.objects.get().ref
    pool = pools.open_pool(
        product_ref=product,
        region=f"Race {seed}",
        window_start=date(2027, 4, 1),
        window_end=date(2027, 5, 1),
        freeze_at=now - timedelta(hours=1),
        deposit_percent=Decimal(0),
        by="user:wei",
        at=now - timedelta(hours=2),
    )
    pools.join_pool(
        pool_ref=pool, buyer_ref=firms[-1], quantity=Decimal(100), by="user:lin", at=now - timedelta(hours=2)
    )
    pools.freeze_pool(pool_ref=pool, by="system:clock", at=now - timedelta(hours=1))
    later = now + timedelta(hours=1)
    ref = tenders.prepare_tender(title="Race", pool_refs=[pool], bids_until=later, by="user:wei", at=now)
    tenders.publish_tender(tender_ref=ref, by="user:mei", at=now)
    until = queries.instant_of_record() + timedelta(seconds=AHEAD)
    models.Tender.objects.filter(ref=ref).update(bids_until=until)
    return Race(ref, until)


def play(race: Race, firms: list[str], seed: int) -> None:
    """Let everybody act round the closing time, at moments drawn by the seed."""
    dice = random.Random(seed)
    lot = queries.tender(race.ref).lots[0].ref
    threads = []
    for firm in firms[:-1]:
        moments = sorted(dice.uniform(-BEFORE, AFTER) for _ in range(dice.randint(1, 3)))
        verbs = ["seal", *(dice.choice(["seal", "withdraw"]) for _ in moments[1:])]
        threads.append(threading.Thread(target=_act, args=(race, firm, lot, list(zip(moments, verbs, strict=True)))))
    threads.append(threading.Thread(target=_shut, args=(race,)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _act(race: Race, firm: str, lot: str, plan: list[tuple[float, str]]) -> None:
    mine = race.answers.setdefault(firm, [])
    offer = {"lots": [{"lot": lot, "tiers": [{"from": "1", "to": None, "price": "12.5"}]}]}
    try:
        for moment, verb in plan:
            _wait(race.until, moment)
            mine.append((verb, _answer(lambda verb=verb: _deed(race.ref, firm, verb, offer))))  # type: ignore[misc]
    finally:
        connection.close()


def _deed(ref: str, firm: str, verb: str, offer: dict[str, Any]) -> Any:
    at, clock = queries.instant_of_record(), queries.instant_of_record
    who: dict[str, Any] = {"tender_ref": ref, "supplier_ref": firm, "by": "user:x", "at": at, "clock": clock}
    return tenders.seal_bid(offer=offer, **who) if verb == "seal" else tenders.withdraw_bid(**who)


def _answer(deed: Callable[[], Any]) -> Any:
    try:
        return deed() or "done"
    except Refusal as refusal:
        return refusal.code
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def _wait(until: datetime, moment: float) -> None:
    left = (until - queries.instant_of_record()).total_seconds() + moment
    if left > 0:
        time.sleep(left)


def _shut(race: Race) -> None:
    """Shut the box as soon as the clock lets us."""
    _wait(race.until, -AFTER)
    try:
        while True:
            try:
                tenders.close_tender(tender_ref=race.ref, by="system:clock", at=queries.instant_of_record())
                return
            except tenders.TooEarly:
                time.sleep(0.001)
    finally:
        connection.close()


def judge(race: Race) -> Counter[str]:
    """Return how the deeds came out, once no bid is late, none is lost, and nobody fell."""
    tender = models.Tender.objects.get(ref=race.ref)
    box: list[str] = []
    came: Counter[str] = Counter()
    for firm, answers in race.answers.items():
        last = None
        for verb, answer in answers:
            kind = answer if isinstance(answer, str) else "receipt"
            came[f"{verb}:{kind}"] += 1
            assert kind in {"receipt", "done", "bids_closed", "no_bid"}, (race.ref, verb, answer)
            if kind == "receipt":
                assert answer.received_at < race.until, f"{race.ref}: {firm} was late and taken"
            last = answer if kind == "receipt" else None if kind == "done" else last
        bid = models.SealedBid.objects.filter(tender=tender, supplier_ref=firm).first()
        in_box = bid.commitment if bid is not None and bid.state == "sealed" else None
        assert in_box == (last.commitment if last is not None else None), f"{race.ref}: {firm}'s last deed is lost"
        box += [in_box] if in_box else []
    assert tender.state == "closed"
    assert tender.closed_at is not None
    assert tender.closed_at >= race.until
    assert tender.receipts_root == merkle_root(box)
    return came


def run(firms: list[str], first: int, count: int) -> Counter[str]:
    came: Counter[str] = Counter()
    for seed in range(first, first + count):
        race = lay_out(firms, seed)
        play(race, firms, seed)
        came += judge(race)
    return came


def test_three_dozen_races(firms: list[str]) -> None:
    came = run(firms, 0, FEW)

    assert came["seal:receipt"]
    assert came["seal:bids_closed"]


@pytest.mark.soak
def test_a_thousand_races(firms: list[str]) -> None:
    count = int(os.environ.get("RACES", WHOLE * int(os.environ.get("SCALE", "1"))))
    log = LOGS / f"deadline-{connection.vendor}.jsonl"
    LOGS.mkdir(parents=True, exist_ok=True)
    told = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    whole: Counter[str] = Counter()
    for first in range(0, count, CHUNK):
        size, began = min(CHUNK, count - first), time.perf_counter()
        came = run(firms, first, size)
        whole += came
        line = {"commit": told.stdout.strip(), "from": first, "to": first + size, **came}
        with log.open("a") as out:
            out.write(json.dumps({**line, "seconds": round(time.perf_counter() - began, 2)}) + "\n")

    assert whole["seal:receipt"]
    assert whole["seal:bids_closed"]

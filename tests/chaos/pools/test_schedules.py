"""Ten thousand seeded schedules under `make soak`, fifty under `make test`, on the database that DATABASE_URL names.

After every schedule: the pool's sums are those of its rows; nobody got more than firm quantity and tolerance; no pool
is beyond its capacity (0 oversold); each buyer holds what it was last told; a frozen pool orders every whole pack that
its members fill and shares it to the last unit; and nothing of an open pool is *unsold*, that is neither held by a row
nor to be had: a newcomer can take all that is left and not one unit more. Deeds end in done or in a refusal of the
pool's own: a deadlock, a timeout or any other error ends the run.

The soak keeps a log, var/soak/schedules-<vendor>.jsonl, one line a chunk of seeds (commit, seeds, seconds), and goes on
behind what it says was done at this commit. SCALE multiplies the count; SOAK_SCHEDULES overrides it.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import pytest
from django.db import connection

from marketplace.catalogue import queries as catalogue_queries
from marketplace.catalogue import use_cases as catalogue
from marketplace.parties import use_cases as parties
from marketplace.parties.use_cases import NewOrganisation
from procurement.pools import queries
from procurement.pools.models import Pool
from tests.chaos.pools.schedules import ACTORS, Stage, answers, draw, faults, unkept, unsold
from tests.procurement.pools.scene import WHO, product

pytestmark = pytest.mark.django_db(transaction=True)
FEW, CHUNK, WHOLE = 50, 250, 10_000
LOGS = Path(__file__).resolve().parents[3] / "var" / "soak"


@pytest.fixture
def buyers() -> list[str]:
    rows = [NewOrganisation(f"S{n}", f"Soaker {n}", "CN", "Zhejiang", ("buyer",)) for n in range(ACTORS + 1)]
    return list(parties.register_many(rows=rows, **WHO).values())


@pytest.fixture
def stage(buyers: list[str]) -> Stage:
    catalogue.register_category(code="pumps", name_en="Pumps", deposit_percent=0, **WHO)
    return Stage(catalogue_queries.product(product()).id, buyers)


def run(stage: Stage, first: int, count: int) -> float:
    """Play and check the schedules of so many seeds; return the seconds that playing them took."""
    schedules = [draw(seed) for seed in range(first, first + count)]
    seconds = stage.play(schedules)
    assert faults(schedules) == []
    assert unkept(schedules, stage.buyers) == []
    assert unsold(schedules, stage.buyers[-1]) == []
    came = answers(schedules)
    assert came["join:done"]
    assert came["raise:done"]
    return seconds


def test_fifty_schedules(stage: Stage) -> None:
    run(stage, 0, FEW)

    assert Pool.objects.count() == FEW
    assert queries.verify() == []


@pytest.mark.soak
def test_ten_thousand_schedules(stage: Stage) -> None:
    count = int(os.environ.get("SOAK_SCHEDULES", WHOLE * int(os.environ.get("SCALE", "1"))))
    log, commit = LOGS / f"schedules-{connection.vendor}.jsonl", commit_now()
    LOGS.mkdir(parents=True, exist_ok=True)
    for first in range(done_before(log, commit), count, CHUNK):
        size = min(CHUNK, count - first)
        began = time.perf_counter()
        playing = run(stage, first, size)
        line = {"commit": commit, "from": first, "to": first + size, "seconds": round(time.perf_counter() - began, 2)}
        with log.open("a") as out:
            out.write(json.dumps({**line, "playing": round(playing, 2)}) + "\n")

    assert queries.verify() == []


def commit_now() -> str:
    told = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"


def done_before(log: Path, commit: str) -> int:
    """Return the first seed that no line of the log covers, at this commit."""
    first = 0
    for line in log.read_text().splitlines() if log.exists() else []:
        entry = json.loads(line)
        if entry["commit"] == commit and entry["from"] <= first:
            first = max(first, entry["to"])
    return first

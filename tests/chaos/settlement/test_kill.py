"""Kill -9 a settlement worker wherever it stands: after a restart each payment was made once, and the books agree."""

from __future__ import annotations

import os
import random
import signal
import time
from typing import Any

import pytest

from finance.settlement.faults import POINTS
from tests.chaos.settlement.conftest import World

SCALE = int(os.environ.get("SCALE", "1"))
STEPS = 8  # of the day's run: a night, funding, collection, refund, two payouts, repayment, disbursement
PAYMENTS = 7  # all of them but the night


def places() -> list[str]:
    """Each point at one of its passes, at all of them where SCALE asks for more."""
    chance = random.Random(20260501)
    passes = {point: chance.sample(range(1, PAYMENTS + 1), 1 if SCALE == 1 else PAYMENTS) for point in POINTS}
    return [f"{point}:{nth}" for point, some in passes.items() for nth in sorted(some)]


def test_the_clean_run_is_what_the_day_was_laid_out_for(clean: dict[str, Any]) -> None:
    kinds = [kind for key, kind, state in clean["steps"] if "2026-05-01" in key and state == "confirmed"]
    assert sorted(kinds) == ["accrue", "collect", "disburse", "fund", "pay", "pay", "release", "repay"]
    assert len(kinds) == STEPS
    assert clean["sound"] == []
    assert set(clean["paid"].values()) == {1}
    assert [state for _, state in clean["runs"]] == ["finished", "finished"]


@pytest.mark.parametrize("place", places())
def test_killed_at(place: str, world: World, clean: dict[str, Any]) -> None:
    assert world.settle(place)["signal"] == signal.SIGKILL

    start = time.monotonic()
    assert world.settle() == {"signal": 0, "code": 0}

    assert time.monotonic() - start < 60
    assert world.report() == clean


def test_killed_again_and_again_it_ends_where_the_clean_run_ends(world: World, clean: dict[str, Any]) -> None:
    chance = random.Random(7)
    for _ in range(6 * SCALE):
        world.settle(f"{chance.choice(POINTS)}:{chance.randint(1, 3)}")

    assert world.settle()["code"] == 0
    assert world.report() == clean


def test_a_worker_that_wakes_up_after_its_lease_changes_nothing(world: World, clean: dict[str, Any]) -> None:
    for place in ("after_claim:3", "before_bank:2", "before_confirm:2"):
        env = {"FAULT_SIGNAL": "SIGSTOP"}
        sleeper = world.settle(place, wait=False, env=env)["pid"]
        _await_stop(sleeper)
        assert world.settle()["code"] == 0

        os.kill(sleeper, signal.SIGCONT)
        assert world.reap(sleeper)["signal"] == 0
        assert world.report() == clean


def _await_stop(pid: int) -> None:
    """Wait until the worker sleeps, or has ended without coming by."""
    for _ in range(600):
        state = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0]  # noqa: SIM115, PTH123
        if state in "TZ":
            return
        time.sleep(0.05)
    raise TimeoutError(f"worker {pid} neither sleeps nor ends")


@pytest.mark.parametrize("seed", range(2 * SCALE))
def test_workers_rung_twice_in_any_order_at_once_and_killed(world: World, clean: dict[str, Any], seed: int) -> None:
    chance = random.Random(seed)
    pids = []
    for worker in range(3):
        fault = f"{chance.choice(POINTS)}:{chance.randint(1, 4)}" if worker else ""
        pids.append(world.settle(fault, do="ring", wait=False, seed=seed * 10 + worker)["pid"])
    for pid in pids:
        assert world.reap(pid) in ({"signal": 0, "code": 0}, {"signal": signal.SIGKILL, "code": -1})

    assert world.settle()["code"] == 0
    assert world.report() == clean

"""The agreed problems and public auctions, read from beside the project."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from procurement.engines.allocation_check import check_allocation
from procurement.engines.award import AwardProblem, Lot, Package, Rules, Supplier, solve_award
from procurement.engines.award_check import check_award
from procurement.engines.decide import decide
from procurement.engines.sharing.problem import game_from_json

pytestmark = pytest.mark.shared

AWARD_50 = "a114b60ced4c259ec71bfc60a16d96fb95897e54be1417112d0e72d158719651"
ALLOCATION_50 = "086712bd117cd7241cff1858a8a78c3310f36f3712ec2afe019fd867cd3855cb"
GAME_200 = "018c5af7c3c92db9a86fc16fe37026aa0a31f4aa21607b8ec564a70304658f34"
MILLIONTHS = 10**6


def written(shared: Path, command: str, sha256: str) -> bytes:
    """The agreed instance that `command` writes."""
    writer = [sys.executable, str(shared / "bench" / "problems.py"), *command.split()]
    raw = subprocess.run(writer, check=True, capture_output=True).stdout
    assert hashlib.sha256(raw).hexdigest() == sha256
    return raw


class TestAgreedAward:
    def test_fifty_lots_and_thirty_bidders_get_a_valid_award_with_its_bound(self, shared: Path) -> None:
        raw = written(shared, "award --lots 50 --bidders 30 --tiers 5 --seed 1", AWARD_50)

        decision = json.loads(json.dumps(decide("award", raw, 20)))

        assert check_award(raw, decision) == []
        assert Fraction(decision["bound_exact"]) >= 4_495_000_000
        assert decision["total"] < Fraction(decision["bound_exact"]) * Fraction(105, 100)


class TestAgreedAllocation:
    def test_fifty_factories_get_a_valid_allocation_with_its_bound(self, shared: Path) -> None:
        raw = written(shared, "allocation --factories 50 --orders 500 --days 30 --seed 1", ALLOCATION_50)

        decision = json.loads(json.dumps(decide("allocation", raw, 6)))

        assert check_allocation(raw, decision) == []
        assert 0 < decision["bound_x100"] <= decision["total_x100"]


class TestAgreedGame:
    def test_two_hundred_members_are_checked_over_all_coalitions(self, shared: Path) -> None:
        raw = written(shared, "game --members 200 --seed 1", GAME_200)

        decision = decide("sharing", raw)

        # Nobody's leaving changes the price, so the core is the equal price alone, and the nucleolus too.
        excess = {one["rule"]: one["worst"]["excess"] for one in decision["splits"]}
        assert excess == {"proportional": 0, "shapley": 14_399, "nucleolus": 0, "core_shapley": 0}
        assert all(sum(one["shares"].values()) == decision["total"] == 17_500_706 for one in decision["splits"])
        assert (decision["not_offered"], decision["core_empty"]) == ([], False)

    def test_the_core_check_takes_less_than_two_seconds(self, shared: Path) -> None:
        raw = written(shared, "game --members 200 --seed 1", GAME_200)
        game, _ = game_from_json(raw)
        shares = [3086 * one["quantity"] for one in json.loads(raw)["members"]]
        shares[0], shares[1] = shares[0] + 40, shares[1] - 40

        start = time.perf_counter()
        worst = game.worst(shares)
        seconds = time.perf_counter() - start

        # The best group of those who leave out the one that pays too little, and no cheaper tier: 40 too much.
        assert worst is not None
        assert (worst.excess, 1 in worst.places) == (40, False)
        assert seconds < 2


def auction(text: str) -> Iterator[tuple[str, Decimal, list[int]]]:
    """The bids of a CATS file: name, value, goods (dummy goods included)."""
    for line in text.splitlines():
        words = line.split()
        if words and words[0].isdigit():
            yield words[0], Decimal(words[1]), [int(word) for word in words[2:-1]]


def as_award(bids: list[tuple[str, Decimal, list[int]]]) -> tuple[AwardProblem, int]:
    """A combinatorial auction as an award: each good a lot of one unit, each bid a package.

    A good left unsold costs a reserve that no bid exceeds per good; a package costs the reserves of its goods less its
    value. So the value sold is what the award saves against selling nothing. Returns the problem and that cost.
    """
    goods = sorted({good for _, _, wanted in bids for good in wanted})
    reserve = int(max(value / len(wanted) for _, value, wanted in bids) * MILLIONTHS) + 1
    packages = [
        Package(
            package=name,
            supplier=f"bidder {name}",
            quantities={str(good): 1 for good in wanted},
            price=len(wanted) * reserve - int(value * MILLIONTHS),
            freight={str(good): {"here": 0} for good in wanted},
            criteria={str(good): 0 for good in wanted},
        )
        for name, value, wanted in bids
    ]
    problem = AwardProblem(
        mode="all_units",
        regions=("here",),
        lots=tuple(Lot(str(good), {"here": 1}, reserve) for good in goods),
        suppliers=tuple(Supplier(one.supplier, len(goods), len(goods)) for one in packages),
        bids=(),
        packages=tuple(packages),
        rules=Rules(0, len(packages), 1, 0),
    )
    return problem, len(goods) * reserve


class TestPublicAuctions:
    @pytest.mark.parametrize("name", ["paths_g50_b250", "scheduling_g50_b250"])
    def test_reaches_and_proves_the_best_known_value(self, shared: Path, name: str) -> None:
        known = json.loads((shared / "bench" / "best_known.json").read_text())["cats (maximise)"][name]
        bids = list(auction((shared / "bench" / "cats" / f"{name}.txt").read_text()))
        problem, unsold = as_award(bids)

        award = solve_award(problem, 60, prices_to_win=False)

        assert Fraction(unsold - award.total, MILLIONTHS) == Fraction(str(known))
        assert award.status == "proved"
        assert check_award(problem.to_json(), award.to_json()) == []

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from marketplace.kernel.clock import now
from marketplace.kernel.refusals import BadValue, NotFound
from procurement.pools import models, queries, use_cases
from procurement.pools.use_cases import plan_market
from procurement.pools.use_cases.plan_rows import copy_out
from tests.engines.procurement.small_markets import LINE_HEAD, TIER_HEAD, as_csv, small_market

pytestmark = pytest.mark.django_db

LINES, TIERS = small_market(4, 60)
FILES: dict[str, bytes] = {"lines": as_csv(LINE_HEAD, LINES), "tiers": as_csv(TIER_HEAD, TIERS)}


def planned(effort: str = "best") -> models.MarketPlan:
    ref = use_cases.plan_market_files(**FILES, effort=effort, by="user:wei", at=now())
    return queries.market_plan(ref)


class TestPlanMarket:
    def test_keeps_the_plan_with_its_lines(self) -> None:
        plan = planned()

        rows = models.MarketPlanLine.objects.filter(plan=plan).order_by("line")
        asked = rows.values_list("line", "product", "region", "quantity", "earliest", "deadline", "ceiling")
        assert list(asked) == LINES
        assert plan.lines == len(LINES)
        assert plan.left_out == rows.filter(closing__isnull=True).count()
        assert plan.bound is not None
        assert plan.total is not None
        assert plan.bound <= plan.total

    def test_takes_a_handful_of_queries_for_all_lines(self, django_assert_max_num_queries: Any) -> None:
        with django_assert_max_num_queries(20):
            planned("fast")

    def test_spread_over_parts_comes_to_the_same(self, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        alone = planned()
        settings.REDIS_URL = "redis://set"
        monkeypatch.setattr(plan_market, "_ring", lambda plan_ref, parts: None)  # nobody hears the bell

        spread = planned()

        assert copy_out(spread.pk) == copy_out(alone.pk)
        for name in plan_market.SUMS:
            assert getattr(spread, name) == getattr(alone, name)

    def test_a_part_that_a_worker_dropped_is_taken_up_after_its_lease(self) -> None:
        plan = planned("fast")
        tiers = [list(row) for row in TIERS]
        part = models.MarketPlanPart.objects.create(
            plan=plan, number=0, first_product=0, last_product=2, tiers=tiers, until=now(), worker="celery:dead"
        )

        early = use_cases.better_next_part(plan_ref=plan.ref, worker="w", at=now() - timedelta(minutes=1))
        late = use_cases.better_next_part(plan_ref=plan.ref, worker="w", at=now() + timedelta(minutes=1))

        part.refresh_from_db()
        assert (early, late) == (False, True)
        assert part.figures["total"] <= (plan.total or 0)

    def test_refuses_a_bad_file_and_keeps_nothing(self) -> None:
        with pytest.raises(BadValue):
            use_cases.plan_market_files(lines=b"x", tiers=FILES["tiers"], effort="fast", by="user:wei", at=now())

        assert models.MarketPlan.objects.count() == 0

    def test_there_is_no_plan_of_another_name(self) -> None:
        with pytest.raises(NotFound):
            queries.market_plan("MP-2026-9999")


class TestCommand:
    def test_writes_pools_and_one_line_of_json(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "lines.csv").write_bytes(FILES["lines"])
        (tmp_path / "tiers.csv").write_bytes(FILES["tiers"])
        files = ["--lines-file", str(tmp_path / "lines.csv"), "--tiers-file", str(tmp_path / "tiers.csv")]

        call_command("plan_market", *files, "--out", str(tmp_path), "--json")

        told = json.loads(capsys.readouterr().out)
        assert told["lines"] == len(LINES)
        assert (tmp_path / "pools.csv").read_bytes().count(b"\n") == len(LINES) + 1

    def test_says_that_there_is_no_demand_to_plan(self) -> None:
        with pytest.raises(CommandError, match="nothing_to_plan"):
            call_command("plan_market", "--from-demand")

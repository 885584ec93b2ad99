"""Orders of a factory become dated work within its hours, and no hour is taken twice."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import IntegrityError, connection

from marketplace.kernel.actors import Actor
from marketplace.kernel.periods import Period
from marketplace.kernel.refusals import BadValue, IllegalMove, NotAllowed, NotFound, Refusal
from marketplace.management.market.cycle import DESK
from procurement.capacity import queries
from procurement.capacity import use_cases as capacity_
from procurement.contracts import queries as contracts
from tests.small_market import AS_OF, SmallMarket

pytestmark = pytest.mark.django_db(transaction=True)
STAFF = Actor(by="test", staff=True)
HEAD = "line,request,buyer,product,quantity,unit,needed,ceiling,paid,vendor\n"
TOO_MUCH = HEAD + "1,R-1,lin,SOLE,1000,PR,2026-07-06,20.00,,\n2,R-2,lin,SOLE,1000,PR,2026-08-06,20.00,,\n"
TWO_LINES = HEAD + "1,R-1,lin,SOLE,90,PR,2026-07-06,20.00,,\n2,R-2,bao,SOLE,60,PR,2026-08-06,20.00,,\n"


def ordered(folder: Path, needs: str) -> tuple[SmallMarket, str]:
    """Take a market as far as its orders; return it with the factory's order."""
    market = SmallMarket(folder)
    market.bring_needs(needs)
    market.cycle.open_pools()
    market.cycle.freeze_pools()
    market.cycle.tender()
    [order_ref] = contracts.refs_in("placed")
    return market, order_ref


def taken_beyond_hours() -> list[str]:
    return queries.verify()


class TestPlanWork:
    def test_each_line_of_the_order_gets_dated_work(self, tmp_path: Path) -> None:
        ordered(tmp_path, TWO_LINES)

        assert [(w.quantity, w.unmet, w.late_days) for w in queries.work_for(STAFF).order_by("id")] == [
            (Decimal(90), Decimal(0), 0),
            (Decimal(60), Decimal(0), 0),
        ]
        assert taken_beyond_hours() == []

    def test_a_second_order_line_finds_only_the_hours_that_are_left(self, tmp_path: Path) -> None:
        market, _ = ordered(tmp_path, TOO_MUCH)

        first, second = queries.work_for(STAFF).order_by("id")
        assert first.unmet == 0
        assert second.quantity + second.unmet == 1000
        assert second.unmet > 0
        assert any("full" in reason["code"] for reason in second.why)
        left = queries.load(market.factory, AS_OF, AS_OF + timedelta(days=90))
        assert all(0 <= day.minutes_left <= day.minutes for day in left)
        assert taken_beyond_hours() == []

    def test_planning_twice_is_planning_once(self, tmp_path: Path) -> None:
        market, order_ref = ordered(tmp_path, TWO_LINES)

        again = capacity_.plan_work(order_ref=order_ref, by=DESK, at=market.clock())

        assert again == []
        assert queries.work_for(STAFF).count() == 2

    def test_two_planners_at_once_take_each_hour_once(self, tmp_path: Path) -> None:
        market, order_ref = ordered(tmp_path, TWO_LINES)
        for work in queries.work_for(STAFF):
            capacity_.cancel_work(work_ref=work.ref, by=DESK, at=market.clock())
        refused: list[Exception] = []

        def plan() -> None:
            try:
                capacity_.plan_work(order_ref=order_ref, by=DESK, at=market.clock())
            except (Refusal, IntegrityError) as refusal:
                refused.append(refusal)
            finally:
                connection.close()

        twins = [threading.Thread(target=plan) for _ in range(2)]
        for twin in twins:
            twin.start()
        for twin in twins:
            twin.join()

        live = queries.work_for(STAFF).exclude(state="cancelled")
        assert sorted(work.quantity for work in live) == [Decimal(60), Decimal(90)]
        assert len(refused) <= 1
        assert taken_beyond_hours() == []

    def test_work_called_off_frees_its_hours(self, tmp_path: Path) -> None:
        market, _ = ordered(tmp_path, TWO_LINES)

        for work in queries.work_for(STAFF):
            capacity_.cancel_work(work_ref=work.ref, by=DESK, at=market.clock())

        left = queries.load(market.factory, AS_OF, AS_OF + timedelta(days=90))
        assert all(day.minutes_left == day.minutes for day in left)

    def test_made_goods_cannot_be_called_off(self, tmp_path: Path) -> None:
        market, _ = ordered(tmp_path, TWO_LINES)
        work = queries.work_for(STAFF).first()
        for milestone in ("material_in", "make"):
            capacity_.reach_milestone(work_ref=work.ref, milestone=milestone, by=DESK, at=market.clock())

        with pytest.raises(IllegalMove):
            capacity_.cancel_work(work_ref=work.ref, by=DESK, at=market.clock())

        assert queries.work_for(STAFF).get(ref=work.ref).days.exists()


class TestOfferHours:
    def test_days_offered_before_stay_as_they_are(self, tmp_path: Path) -> None:
        market = SmallMarket(tmp_path)
        period = Period(AS_OF, AS_OF + timedelta(days=62))

        new = capacity_.offer_hours(
            factory_ref=market.factory, resource="line 1", period=period, minutes=600, by=DESK, at=market.clock()
        )

        assert new == 2
        assert queries.load(market.factory, AS_OF, AS_OF + timedelta(days=1)).get().minutes == 120

    @pytest.mark.parametrize(("minutes", "weekdays"), [(0, {1}), (1441, {1}), (60, {8}), (60, set())])
    def test_hours_that_no_day_has_are_refused(self, tmp_path: Path, minutes: int, weekdays: set[int]) -> None:
        market = SmallMarket(tmp_path)

        with pytest.raises(BadValue):
            capacity_.offer_hours(
                factory_ref=market.factory,
                resource="line 2",
                period=Period(AS_OF, AS_OF + timedelta(days=2)),
                minutes=minutes,
                weekdays=weekdays,
                by=DESK,
                at=market.clock(),
            )

        assert not queries.load(market.factory, AS_OF, AS_OF + timedelta(days=9)).filter(resource="line 2").exists()


class TestRegisterFactory:
    def test_a_buyer_offers_no_capacity(self, tmp_path: Path) -> None:
        market = SmallMarket(tmp_path)

        with pytest.raises(NotAllowed):
            capacity_.register_factory(
                organisation_ref=market.refs["lin"], name="x", region="", capabilities=[], by=DESK, at=market.clock()
            )

    def test_an_unknown_category_leaves_nothing_behind(self, tmp_path: Path) -> None:
        market = SmallMarket(tmp_path)
        spec = capacity_.CapabilitySpec("no-such", "casting", "line 9", Decimal(1))

        with pytest.raises(NotFound):
            capacity_.register_factory(
                organisation_ref=market.refs["feng"],
                name="second works",
                region="",
                capabilities=[spec],
                by=DESK,
                at=market.clock(),
            )

        assert queries.factories_for(STAFF).count() == 1

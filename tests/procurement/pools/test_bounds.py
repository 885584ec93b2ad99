"""What no pool and no member may ask for, through whatever door it comes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from marketplace.kernel.money import Rate
from marketplace.kernel.refusals import BadValue, StaleWrite
from procurement.engines.wants import Level, read_curve
from procurement.pools.models import Pool
from procurement.pools.use_cases import join_pool
from procurement.pools.use_cases.taking import MOST_JOINED
from tests.cast import Player
from tests.journeys.buyer_scene import client_of
from tests.procurement.pools.scene import WHO, Market, ask
from tests.procurement.pools.test_api import API, as_


class TestDaysOfAPool:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"window_start": date(9999, 12, 1), "window_end": date(9999, 12, 31)},
            {"window_start": date(1999, 12, 1)},
            {"freeze_at": datetime(9999, 12, 31, tzinfo=UTC)},
        ],
    )
    def test_days_outside_the_calendar_are_refused(self, market: Market, wrong: dict[str, Any]) -> None:
        with pytest.raises(BadValue):
            market.pool(**wrong)

        assert not Pool.objects.exists()


class TestSizeOfAWant:
    @pytest.mark.parametrize(
        ("wrong", "place"),
        [
            ({"quantity": Decimal("1000000000.000001")}, "quantity"),
            ({"quantity": Decimal(9 * 10**8), "tolerance": Decimal(2 * 10**8)}, "quantity"),
            ({"quantity": Decimal(10**6), "ceiling": Rate(Decimal(10**6), "CNY")}, "ceiling"),
            ({"quantity": Decimal(5), "curve": [Level(Decimal(9), Decimal(6))]}, "quantity"),
        ],
    )
    def test_a_slip_of_the_keyboard_is_refused(self, market: Market, wrong: dict[str, Any], place: str) -> None:
        pool = market.pool()

        with pytest.raises(BadValue) as refused:
            join_pool(pool_ref=pool, buyer_ref=market.lin, **WHO, **wrong)

        assert refused.value.facts["place"] == place
        assert Pool.objects.get().joined == 0

    def test_a_pool_holds_no_more_than_its_column(self, market: Market) -> None:
        pool = market.pool()
        Pool.objects.update(joined=MOST_JOINED - 5)

        with pytest.raises(StaleWrite):
            market.join(pool, market.lin, 6)

        assert Pool.objects.get().joined == MOST_JOINED - 5


class TestLinesElsewhere:
    def test_a_line_of_other_days_is_refused(self, market: Market, lin: Player) -> None:
        october = ask(lin, market.product, 12, date(2026, 10, 1))

        with pytest.raises(BadValue) as refused:
            market.join(market.pool(), market.lin, 12, line_id=october)

        assert refused.value.facts["reason"] == "needed on other days"

    def test_a_line_of_another_region_joins_pools_of_all_regions_alone(self, market: Market, lin: Player) -> None:
        line = ask(lin, market.product, 12, date(2026, 4, 1), region="Jiangsu")

        with pytest.raises(BadValue):
            market.join(market.pool(), market.lin, 12, line_id=line)
        market.join(market.pool(region=""), market.lin, 12, line_id=line)

        assert sorted(Pool.objects.values_list("joined", flat=True)) == [0, 12]


class TestCurvesInWords:
    @pytest.mark.parametrize("text", ["1e10000000:5", "5:1e-99999999", "9" * 80 + ":1", "10:100; 1e13:4"])
    def test_numbers_beyond_every_column_are_refused_and_not_written_out(self, text: str) -> None:
        with pytest.raises(BadValue) as refused:
            read_curve(text)

        assert len(str(refused.value.facts["value"])) <= 80


class TestOtherBodies:
    def test_what_is_nested_beyond_reading_is_refused(self, market: Market, lin: Player) -> None:
        reply = post(lin, '{"product_ref":' + "[" * 100_000 + "]" * 100_000 + "}")

        assert (reply.status_code, reply["Content-Type"]) == (400, "application/problem+json")

    def test_half_a_surrogate_pair_is_no_text(self, market: Market, lin: Player) -> None:
        reply = post(lin, '{"product_ref":"PR-1","kind":"\\ud800"}')

        assert reply.status_code == 400

    @pytest.mark.parametrize(
        "address", ["freezes_before=9999-12-31T23:59:59-12:00", "freezes_before=0001-01-01T00:00:00Z"]
    )
    def test_moments_beyond_the_calendar_narrow_no_list(self, market: Market, lin: Player, address: str) -> None:
        assert as_(lin).get(f"{API}/pools/?{address}").status_code == 400

    def test_nor_does_a_last_day_on_the_page(self, market: Market, lin: Player) -> None:
        assert client_of(lin).get("/pools/?closes=9999-12-31").status_code == 200


def post(player: Player, body: str) -> Any:
    return as_(player).generic("POST", f"{API}/pools/", body, content_type="application/json")

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from marketplace.kernel.money import Rate
from procurement.demand.models import RequestLine
from procurement.pools import queries
from procurement.pools.models import Commitment, Pool
from procurement.pools.use_cases import freeze_pool, leave_pool, open_pools_from_demand
from tests.cast import Player
from tests.procurement.pools.scene import FREEZE, THEN, WHO, Market, ask, product


def pool_all(**given: Any) -> list[str]:
    return open_pools_from_demand(**{"freeze_at": FREEZE, **WHO, **given})


APRIL, MAY = date(2026, 4, 10), date(2026, 5, 10)


class TestOpenPoolsFromDemand:
    def test_gathers_lines_of_one_product_region_and_month(self, market: Market, lin: Player, bao: Player) -> None:
        ceiling = {"ceiling": Rate(Decimal(9), "CNY")}
        first = ask(lin, market.product, 12, APRIL, tolerance=Decimal(2), **ceiling)
        second = ask(bao, market.product, 30, date(2026, 4, 28), **ceiling)

        [ref] = pool_all()

        pool = Pool.objects.get(ref=ref)
        assert (pool.window_start, pool.window_end) == (date(2026, 4, 1), date(2026, 5, 1))
        assert (pool.joined, pool.pack_size, pool.region, pool.freeze_at) == (42, 10, "Zhejiang", FREEZE)
        members = queries.members(ref)
        assert [(m.line_id, m.quantity, m.tolerance, m.ceiling) for m in members] == [
            (first, 12, 2, 9),
            (second, 30, 0, 9),
        ]
        assert set(RequestLine.objects.values_list("line_state", flat=True)) == {"pooled"}

    def test_keeps_products_regions_and_months_apart(self, market: Market, lin: Player) -> None:
        ask(lin, market.product, 10, APRIL)
        ask(lin, market.product, 10, MAY)
        ask(lin, market.product, 10, APRIL, region="Jiangsu")
        ask(lin, product("P-2"), 10, APRIL)

        assert len(pool_all()) == 4

    def test_gathers_all_regions_when_the_rule_says_so(self, market: Market, lin: Player, bao: Player) -> None:
        ask(lin, market.product, 10, APRIL)
        ask(bao, market.product, 10, APRIL, region="Jiangsu")

        [ref] = pool_all(region_scope="all")

        assert Pool.objects.get().region == ""
        assert {member.region for member in queries.members(ref)} == {"Zhejiang", "Jiangsu"}

    def test_cuts_by_week(self, market: Market, lin: Player) -> None:
        ask(lin, market.product, 10, date(2026, 4, 6))
        ask(lin, market.product, 10, date(2026, 4, 12))
        ask(lin, market.product, 10, date(2026, 4, 13))

        refs = pool_all(window="week")

        assert [queries.pool(ref).window for ref in refs] == ["2026-W15", "2026-W16"]

    def test_opens_nothing_twice(self, market: Market, lin: Player) -> None:
        ask(lin, market.product, 10, APRIL)
        pool_all()

        assert pool_all() == []
        assert (Pool.objects.count(), Commitment.objects.count()) == (1, 1)

    def test_puts_later_lines_into_the_pool_that_is_open(self, market: Market, lin: Player, bao: Player) -> None:
        ask(lin, market.product, 10, APRIL)
        [first] = pool_all()
        ask(bao, market.product, 7, APRIL)

        assert pool_all() == [first]
        assert Pool.objects.get().joined == 17

    def test_opens_another_pool_once_the_first_is_frozen(self, market: Market, lin: Player, bao: Player) -> None:
        ask(lin, market.product, 10, APRIL)
        [first] = pool_all()
        freeze_pool(pool_ref=first, **THEN)
        ask(bao, market.product, 10, APRIL)

        [second] = pool_all()

        assert second != first

    def test_leaves_open_what_the_capacity_has_no_room_for(self, market: Market, lin: Player, bao: Player) -> None:
        pool = market.pool(capacity=Decimal(20))
        ask(lin, market.product, 15, APRIL)
        late = ask(bao, market.product, 6, APRIL)

        assert pool_all() == [pool]
        assert Pool.objects.get().joined == 15
        assert RequestLine.objects.get(pk=late).line_state == "open"

    def test_takes_only_lines_of_the_days_asked_for(self, market: Market, lin: Player) -> None:
        ask(lin, market.product, 10, APRIL)
        ask(lin, market.product, 10, MAY)

        [ref] = pool_all(after=date(2026, 4, 30), before=date(2026, 6, 1))

        assert queries.pool(ref).window == "2026-05"

    def test_pools_again_a_line_whose_buyer_left(self, market: Market, lin: Player) -> None:
        line = ask(lin, market.product, 10, APRIL)
        [ref] = pool_all()
        leave_pool(commitment_ref=queries.members(ref)[0].commitment_ref, **WHO)
        assert RequestLine.objects.get(pk=line).line_state == "open"

        assert pool_all() == [ref]
        assert queries.members(ref)[0].line_id == line

    def test_releases_the_lines_of_a_pool_that_fails(self, market: Market, lin: Player) -> None:
        line = ask(lin, market.product, 4, APRIL)
        [ref] = pool_all()

        freeze_pool(pool_ref=ref, **THEN)

        assert Pool.objects.get().state == "failed"
        assert RequestLine.objects.get(pk=line).line_state == "open"

    def test_takes_no_more_queries_for_more_lines(
        self, market: Market, lin: Player, django_assert_max_num_queries: Any
    ) -> None:
        for day in range(1, 21):
            ask(lin, market.product, 10, date(2026, 4, day), region=f"R{day}")

        with django_assert_max_num_queries(28):
            pool_all()

        assert Pool.objects.count() == 20


def test_reports_progress(market: Market, lin: Player) -> None:
    ask(lin, market.product, 10, APRIL)
    told: list[tuple[int, int]] = []

    pool_all(progress=lambda done, of: told.append((done, of)))

    assert told == [(1, 1)]

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from marketplace.catalogue import use_cases as catalogue
from marketplace.catalogue.use_cases import Tier
from marketplace.kernel.actors import NOBODY, Actor
from marketplace.kernel.money import Rate
from procurement.pools import queries
from procurement.pools.rules import Gathered, Indicative, Step, live_figures, window_text
from procurement.pools.use_cases import freeze_pool, mark_ordered, record_award, start_tendering
from tests.procurement.pools.scene import FREEZE, NOON, THEN, WHO, Market


def cny(amount: str) -> Rate:
    return Rate(Decimal(amount), "CNY")


STEPS = Indicative(
    "price_list", (Step(Decimal(10), cny("9")), Step(Decimal(50), cny("8.5")), Step(Decimal(90), cny("8")))
)


def gathered(joined: int, **given: object) -> Gathered:
    known: dict[str, object] = {
        "tolerance": Decimal(0), "members": 3, "pack_size": Decimal(20), "minimum": Decimal(0), "capacity": None,
        "freeze_at": FREEZE,
    }  # fmt: skip
    return Gathered(joined=Decimal(joined), **{**known, **given})  # type: ignore[arg-type]


class TestLiveFigures:
    def test_tells_the_next_step_and_what_is_missing_to_it(self) -> None:
        figures = live_figures(gathered(36), STEPS, NOON)

        assert (figures.present_step, figures.next_step) == (STEPS.steps[0], STEPS.steps[1])
        assert (figures.missing_to_step, figures.goal, figures.fill_percent) == (14, 50, 72)

    def test_has_no_next_step_beyond_the_last(self) -> None:
        figures = live_figures(gathered(90), STEPS, NOON)

        assert (figures.next_step, figures.missing_to_step, figures.goal) == (None, None, None)

    def test_counts_packs_and_what_completes_the_one_begun(self) -> None:
        figures = live_figures(gathered(36), STEPS, NOON)

        assert (figures.packs, figures.missing_to_pack) == (1, 4)
        assert live_figures(gathered(36, tolerance=Decimal(4)), STEPS, NOON).packs == 2

    def test_fills_to_the_capacity_when_there_is_one(self) -> None:
        figures = live_figures(gathered(25, capacity=Decimal(30), minimum=Decimal(28)), STEPS, NOON)

        assert (figures.goal, figures.fill_percent, figures.remaining) == (30, Decimal("83.3"), 5)
        assert figures.missing_to_minimum == 3

    def test_counts_whole_days_left(self) -> None:
        assert live_figures(gathered(1), STEPS, NOON).days_left == 10
        assert live_figures(gathered(1), STEPS, FREEZE + timedelta(days=3)).days_left == 0


class TestIndicativeSteps:
    def test_come_from_a_framework_first(self, market: Market) -> None:
        pool = market.pool(framework_tiers=[(Decimal(0), cny("9"))])

        assert queries.indicative_steps(pool) == Indicative("framework", (Step(Decimal(0), cny("9")),))

    def test_come_from_a_price_list_without_a_framework(self, market: Market) -> None:
        tiers = [Tier(Decimal(0), cny("9.5")), Tier(Decimal(100), cny("9"))]
        catalogue.publish_price_list(product_ref=market.product, supplier_ref=None, tiers=tiers, **WHO)

        found = queries.indicative_steps(market.pool())

        assert (found.source, [step.unit_price for step in found.steps]) == ("price_list", [cny("9.5"), cny("9")])

    def test_come_from_the_last_award_without_either(self, market: Market) -> None:
        before = market.pool(region="Jiangsu", deposit_percent=Decimal(0))
        market.join(before, market.lin, 20)
        freeze_pool(pool_ref=before, **THEN)
        start_tendering(pool_refs=[before], tender_ref="TD-2026-0001", **THEN)
        assert queries.indicative_steps(market.pool()).source == "none"

        record_award(pool_ref=before, unit_price=cny("7.25"), dropped={}, **THEN)
        mark_ordered(pool_ref=before, **THEN)

        found = queries.indicative_steps(market.pool(window_start=date(2026, 6, 1), window_end=date(2026, 7, 1)))
        assert (found.source, found.steps[0].unit_price) == ("last_award", cny("7.25"))


class TestLive:
    def test_counts_buyers_not_commitments(self, market: Market) -> None:
        pool = market.pool()
        market.join(pool, market.lin, 20, tolerance=Decimal(5))
        market.join(pool, market.bao, 12)

        figures = queries.live(pool, NOON)

        assert (figures.joined, figures.members, figures.packs, figures.missing_to_pack) == (32, 2, 3, 8)


class TestPoolsFor:
    def test_shows_open_pools_to_buyers_and_own_ones_for_ever(self, market: Market) -> None:
        pool = market.pool(deposit_percent=Decimal(0))
        market.join(pool, market.lin, 20)
        lin, bao = (Actor("user:x", ref, frozenset({"buyer"})) for ref in (market.lin, market.bao))
        assert queries.pools_for(bao).count() == 1

        freeze_pool(pool_ref=pool, **THEN)

        assert queries.pools_for(lin).count() == 1
        assert queries.pools_for(bao).count() == 0

    def test_shows_nothing_to_nobody_and_all_to_staff(self, market: Market) -> None:
        market.pool()

        assert queries.pools_for(NOBODY).count() == 0
        assert queries.pools_for(Actor("user:teng", market.teng, frozenset({"supplier"}))).count() == 0
        assert queries.pools_for(Actor("user:wei", staff=True)).count() == 1

    def test_near_keeps_to_the_region(self, market: Market) -> None:
        here, everywhere = market.pool(), market.pool(region="")
        market.pool(region="Jiangsu")
        lin = Actor("user:lin", market.lin, frozenset({"buyer"}))

        assert list(queries.near(lin).values_list("ref", flat=True)) == [here, everywhere]


def test_windows_are_written_as_people_write_them() -> None:
    assert window_text(date(2026, 4, 1), date(2026, 5, 1)) == "2026-04"
    assert window_text(date(2026, 4, 6), date(2026, 4, 13)) == "2026-W15"
    assert window_text(date(2026, 4, 6), date(2026, 4, 12)) == "2026-04-06 - 2026-04-11"

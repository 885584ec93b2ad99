"""Frozen pools are served from frameworks, never beyond their ceilings, at the step they reach."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from marketplace.kernel.refusals import BadValue, IllegalMove, Refusal
from procurement.contracts import queries
from procurement.contracts import use_cases as contracts
from procurement.contracts.models import CallOff, Framework
from procurement.contracts.rules import Bound, PriceStep, clear_call_off
from procurement.contracts.use_cases import BelowFirstStep, CeilingReached, FrameworkNotOpen
from procurement.pools import queries as pools
from tests.cast import Player
from tests.procurement.contracts.scene import LATER, THEN, Bench, bench, yuan

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(lin: Player, bao: Player, teng: Player) -> Bench:
    return bench(lin, bao, teng)


def called(framework: str) -> tuple[Decimal, int]:
    row = Framework.objects.get(ref=framework)
    return row.called, row.called_minor


class TestCallOff:
    def test_takes_quantity_and_money_and_places_the_order_at_the_step_it_reaches(self, desk: Bench) -> None:
        framework = desk.framework(ceiling_money=yuan("5000.00"))
        pool = desk.frozen((desk.lin, 60, None), (desk.bao, 40, None))

        ref = contracts.call_off(framework_ref=framework, pool_ref=pool, **THEN)

        assert called(framework) == (Decimal(100), 1_200_00)
        order = queries.order(queries.orders_of_call_offs([ref])[ref])
        [line] = order.lines
        assert (line.quantity, line.unit_price.amount, line.unit_freight.amount) == (
            100,
            Decimal("11.5"),
            Decimal("0.5"),
        )
        assert [(one.due_on, one.quantity) for one in line.due] == [(date(2026, 4, 12), Decimal(100))]
        assert pools.pool(pool).state == "ordered"
        assert (queries.verify(), pools.verify()) == ([], [])

    def test_whose_ceiling_is_below_the_landed_price_drops_out_and_the_rest_is_priced_again(self, desk: Bench) -> None:
        framework = desk.framework()
        pool = desk.frozen((desk.lin, 60, "13.00"), (desk.bao, 40, "11.99"))

        ref = contracts.call_off(framework_ref=framework, pool_ref=pool, **THEN)

        row = CallOff.objects.get(ref=ref)
        assert (row.quantity, row.unit_price, row.amount_minor) == (60, Decimal(12), 750_00)
        assert [member.buyer_ref for member in pools.members(pool)] == [desk.lin.org]
        assert called(framework) == (Decimal(60), 750_00)

    def test_the_last_unit_may_be_called_and_no_more(self, desk: Bench) -> None:
        framework = desk.framework(ceiling=Decimal(110))
        contracts.call_off(framework_ref=framework, pool_ref=desk.frozen((desk.lin, 100, None)), **THEN)
        over = desk.frozen((desk.bao, 20, None), region="Jiangsu")

        with pytest.raises(CeilingReached) as refused:
            contracts.call_off(framework_ref=framework, pool_ref=over, **THEN)

        assert (refused.value.facts["left"], called(framework)[0]) == (Decimal(10), Decimal(100))
        assert pools.pool(over).state == "frozen"
        contracts.call_off(framework_ref=framework, pool_ref=desk.frozen((desk.bao, 10, None), region="Anhui"), **THEN)
        assert called(framework)[0] == Decimal(110)

    def test_money_is_a_ceiling_of_its_own_to_the_cent(self, desk: Bench) -> None:
        short = desk.framework(ceiling=None, ceiling_money=yuan("1199.99"))
        enough = desk.framework(ceiling=None, ceiling_money=yuan("1200.00"))
        pool = desk.frozen((desk.lin, 100, None))

        with pytest.raises(CeilingReached):
            contracts.call_off(framework_ref=short, pool_ref=pool, **THEN)
        contracts.call_off(framework_ref=enough, pool_ref=pool, **THEN)

        assert (called(short), called(enough)) == ((0, 0), (Decimal(100), 1_200_00))

    @pytest.mark.parametrize(
        ("day", "open_"), [(date(2026, 3, 12), False), (date(2026, 3, 13), True), (date(2026, 3, 14), False)]
    )
    def test_the_period_takes_its_first_day_and_not_its_end(self, desk: Bench, day: date, open_: bool) -> None:
        framework = desk.framework(starts_on=date(2026, 3, 13), ends_on=date(2026, 3, 14))
        pool = desk.frozen((desk.lin, 100, None))
        at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)

        if open_:
            contracts.call_off(framework_ref=framework, pool_ref=pool, by="user:wei", at=at)
        else:
            with pytest.raises(FrameworkNotOpen):
                contracts.call_off(framework_ref=framework, pool_ref=pool, by="user:wei", at=at)

        assert called(framework)[0] == (100 if open_ else 0)

    def test_suspended_ended_or_not_agreed_is_refused(self, desk: Bench) -> None:
        pool = desk.frozen((desk.lin, 100, None))
        offered, suspended, ended = desk.framework(agreed=False), desk.framework(), desk.framework()
        contracts.suspend_framework(framework_ref=suspended, why="audit", **THEN)
        contracts.end_framework(framework_ref=ended, why="over", **THEN)

        for framework in (offered, suspended, ended):
            with pytest.raises(FrameworkNotOpen):
                contracts.call_off(framework_ref=framework, pool_ref=pool, **THEN)

        contracts.resume_framework(framework_ref=suspended, **THEN)
        contracts.call_off(framework_ref=suspended, pool_ref=pool, **THEN)
        assert called(suspended)[0] == 100

    def test_less_than_the_first_step_another_product_or_a_pool_not_frozen_is_refused(self, desk: Bench) -> None:
        framework = desk.framework(steps=[PriceStep(Decimal(50), Decimal(10))])
        small = desk.frozen((desk.lin, 40, None))
        other = Bench(desk.lin, desk.bao, desk.teng, _another_product()).framework()
        once = desk.frozen((desk.lin, 100, None), region="Anhui")
        contracts.call_off(framework_ref=framework, pool_ref=once, **THEN)

        for wanted, ref, pool in (
            (BelowFirstStep, framework, small),
            (BadValue, other, small),
            (IllegalMove, framework, once),
        ):
            with pytest.raises(wanted):
                contracts.call_off(framework_ref=ref, pool_ref=pool, **THEN)

        assert called(framework)[0] == 100

    def test_what_the_supplier_declines_is_given_back_with_its_members_deposits(self, desk: Bench) -> None:
        order = desk.order(acknowledged=False)
        framework = queries.order(order).tender_ref
        [pool] = {line.pool_ref for line in queries.order(order).lines}

        contracts.decline_order(order_ref=order, why="no castings", by=desk.teng.by, at=LATER)

        assert called(framework) == (0, 0)
        assert (CallOff.objects.get().state, pools.pool(pool).state) == ("returned", "failed")
        assert queries.verify() == []
        assert [text for text in _told(desk.lin) if "declined" in text]


def _told(player: Player) -> list[str]:
    from marketplace.parties.models import Notification

    return [row.text for row in Notification.objects.filter(organisation__ref=player.org)]


def _another_product() -> str:
    from tests.procurement.pools.scene import product

    return product(code="P-9")


class TestOffer:
    @pytest.mark.parametrize(
        ("given", "place"),
        [
            ({"ceiling": None}, "ceiling"),
            ({"ceiling": Decimal("NaN")}, "ceiling"),
            ({"ceiling": Decimal(-1)}, "ceiling"),
            ({"ends_on": date(2026, 1, 1)}, "ends_on"),
            ({"steps": []}, "steps"),
            ({"steps": [PriceStep(Decimal(1), Decimal(0))]}, "steps.unit_price"),
            ({"steps": [PriceStep(Decimal(1), Decimal(2)), PriceStep(Decimal(1), Decimal(3))]}, "steps"),
            ({"currency": "XXQ"}, "currency"),
            ({"unit_freight": Decimal(-1)}, "unit_freight"),
            ({"lead_days": 5000}, "lead_days"),
        ],
    )
    def test_terms_that_cannot_hold_are_named(self, desk: Bench, given: dict[str, Any], place: str) -> None:
        with pytest.raises(BadValue) as refused:
            desk.framework(**given)

        assert (refused.value.facts["place"], Framework.objects.count()) == (place, 0)

    def test_it_is_answered_once(self, desk: Bench) -> None:
        framework = desk.framework(agreed=False)
        contracts.decline_framework(framework_ref=framework, why="too cheap", by=desk.teng.by, at=LATER)

        with pytest.raises(Refusal):
            contracts.agree_framework(framework_ref=framework, by=desk.teng.by, at=LATER)

        assert Framework.objects.get().state == "declined"


class TestClearing:
    def test_nobody_left_calls_nothing(self) -> None:
        cleared = clear_call_off(
            [Bound("a", Decimal(10), Decimal(1))], [PriceStep(Decimal(1), Decimal(2))], Decimal(0), Decimal(0)
        )

        assert (cleared.unit_price, cleared.quantity, set(cleared.dropped)) == (None, 0, {"a"})

    def test_the_fee_counts_on_goods_alone(self) -> None:
        steps = [PriceStep(Decimal(1), Decimal(100))]
        stays, goes = Bound("a", Decimal(1), Decimal("111.5")), Bound("b", Decimal(1), Decimal("111.49"))

        cleared = clear_call_off([stays, goes], steps, Decimal(10), Decimal("1.5"))

        assert (cleared.quantity, set(cleared.dropped)) == (1, {"b"})

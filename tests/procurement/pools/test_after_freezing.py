"""From the tender to settlement: award, order, delivery, settlement, and failing on the way."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finance.ledger import queries as ledger
from finance.ledger.use_cases import Acct
from marketplace.events.models import OutboxEvent
from marketplace.events.queries import history
from marketplace.kernel.money import Money, Rate
from marketplace.kernel.refusals import BadValue, IllegalMove, NotFound, StaleWrite
from procurement.engines.reasons import Reason
from procurement.pools import queries
from procurement.pools.models import Commitment, Pool
from procurement.pools.use_cases import (
    DeliveredMoreThanOrdered,
    fail_pool,
    freeze_pool,
    fulfil_pool,
    mark_ordered,
    record_award,
    record_delivery,
    settle_pool,
    start_tendering,
)
from tests.procurement.pools.scene import THEN, Market, pay_in

EIGHT = Rate(Decimal(8), "CNY")


def balance(kind: str, owner: str) -> Decimal:
    return ledger.balance(Acct(kind, owner)).amount


def free_deposit(owner: str) -> Decimal:
    return ledger.available(Acct("buyer_deposits", owner)).amount


@pytest.fixture
def frozen(market: Market) -> str:
    """Lin is bound to 18 and Bao to 12 of 30, with deposits of 14.40 and 9.60 held of 100 each."""
    for buyer in (market.lin, market.bao):
        pay_in(buyer, "100.00")
    pool = market.pool()
    market.join(pool, market.lin, 18, ceiling=EIGHT)
    market.join(pool, market.bao, 17, ceiling=EIGHT)
    freeze_pool(pool_ref=pool, **THEN)
    return pool


@pytest.fixture
def tendering(frozen: str) -> str:
    start_tendering(pool_refs=[frozen], tender_ref="TD-2026-0001", **THEN)
    return frozen


@pytest.fixture
def ordered(tendering: str) -> str:
    record_award(pool_ref=tendering, unit_price=Rate(Decimal("7.25"), "CNY"), dropped={}, **THEN)
    mark_ordered(pool_ref=tendering, **THEN)
    return tendering


def commitments(pool: str) -> dict[str, str]:
    return {member.buyer_ref: member.commitment_ref for member in queries.members(pool)}


class TestStartTendering:
    def test_notes_the_tender(self, frozen: str) -> None:
        start_tendering(pool_refs=[frozen], tender_ref="TD-2026-0001", **THEN)

        view = queries.pool(frozen)
        assert (view.state, view.tender_ref) == ("tendering", "TD-2026-0001")

    def test_takes_all_pools_or_none(self, market: Market, frozen: str) -> None:
        open_still = market.pool(region="Jiangsu")

        with pytest.raises(IllegalMove):
            start_tendering(pool_refs=[frozen, open_still], tender_ref="TD-2026-0001", **THEN)

        assert queries.pool(frozen).state == "frozen"


class TestRecordAward:
    def test_keeps_the_price(self, tendering: str) -> None:
        record_award(pool_ref=tendering, unit_price=Rate(Decimal("7.25"), "CNY"), dropped={}, **THEN)

        view = queries.pool(tendering)
        assert (view.state, view.unit_price, view.ordered) == ("awarded", Rate(Decimal("7.25"), "CNY"), 30)
        fact = OutboxEvent.objects.get(name="PoolAwarded").payload
        assert (fact["unit_price"], fact["dropped"]) == ("7.25", [])

    def test_lets_go_whom_it_is_too_dear_for_without_penalty(self, market: Market, tendering: str) -> None:
        bao = commitments(tendering)[market.bao]

        record_award(pool_ref=tendering, unit_price=EIGHT, dropped={bao: "8.50 above 8"}, **THEN)

        dropped = Commitment.objects.get(ref=bao)
        assert (dropped.state, dropped.dropped_for) == ("dropped", "price_above_ceiling")
        assert dropped.reasons[-1] == {"code": "price_above_ceiling", "why": "8.50 above 8"}
        assert free_deposit(market.bao) == 100
        assert free_deposit(market.lin) == Decimal("85.60")
        pool = Pool.objects.get(ref=tendering)
        assert (pool.ordered, pool.joined) == (18, 18)

    def test_fails_the_pool_when_everybody_goes(self, tendering: str) -> None:
        dropped = dict.fromkeys(commitments(tendering).values(), "too dear")

        record_award(pool_ref=tendering, unit_price=EIGHT, dropped=dropped, **THEN)

        pool = Pool.objects.get(ref=tendering)
        assert (pool.state, pool.ordered, pool.joined) == ("failed", 0, 0)

    def test_cuts_members_to_what_suppliers_deliver(self, market: Market, tendering: str) -> None:
        refs = commitments(tendering)
        cut = {refs[market.bao]: (Decimal(9), Reason("part", {"got": "9"}))}

        record_award(pool_ref=tendering, unit_price=EIGHT, dropped={}, cut=cut, **THEN)

        got = {member.buyer_ref: member.quantity for member in queries.members(tendering)}
        assert got == {market.lin: 18, market.bao: 9}
        assert queries.pool(tendering).ordered == 27
        assert queries.verify() == []

    def test_refuses_an_award_that_was_decided_for_other_members(self, tendering: str) -> None:
        with pytest.raises(StaleWrite):
            record_award(pool_ref=tendering, unit_price=EIGHT, dropped={}, ordered=Decimal(40), **THEN)
        with pytest.raises(StaleWrite):
            record_award(
                pool_ref=tendering, unit_price=EIGHT, dropped={"CM-2026-9999": "?"}, ordered=Decimal(30), **THEN
            )

        assert (queries.pool(tendering).state, queries.pool(tendering).ordered) == ("tendering", 30)

    @pytest.mark.parametrize("quantity", ["0", "12.000001", "-1"])
    def test_refuses_a_cut_to_nothing_or_to_more(self, market: Market, tendering: str, quantity: str) -> None:
        cut = {commitments(tendering)[market.bao]: (Decimal(quantity), Reason("part"))}

        with pytest.raises(BadValue):
            record_award(pool_ref=tendering, unit_price=EIGHT, dropped={}, cut=cut, **THEN)

        assert (queries.pool(tendering).state, queries.pool(tendering).ordered) == ("tendering", 30)

    def test_refuses_a_price_in_another_currency(self, tendering: str) -> None:
        with pytest.raises(BadValue):
            record_award(pool_ref=tendering, unit_price=Rate(Decimal(8), "USD"), dropped={}, **THEN)

        assert queries.pool(tendering).state == "tendering"

    def test_refuses_to_drop_somebody_else(self, tendering: str) -> None:
        with pytest.raises(NotFound):
            record_award(pool_ref=tendering, unit_price=EIGHT, dropped={"CM-2026-9999": "?"}, **THEN)

        assert queries.pool(tendering).state == "tendering"

    def test_refuses_a_second_award(self, tendering: str) -> None:
        record_award(pool_ref=tendering, unit_price=EIGHT, dropped={}, **THEN)

        with pytest.raises(IllegalMove):
            record_award(pool_ref=tendering, unit_price=Rate(Decimal(7), "CNY"), dropped={}, **THEN)

        assert queries.pool(tendering).unit_price == EIGHT


class TestMarkOrdered:
    def test_turns_deposits_into_advances(self, market: Market, ordered: str) -> None:
        assert balance("buyer_deposits", market.lin) == Decimal("85.60")
        assert balance("customer_advances", market.lin) == Decimal("14.40")
        assert balance("customer_advances", market.bao) == Decimal("9.60")
        assert {c.state for c in Commitment.objects.all()} == {"ordered"}

    def test_refuses_a_second_time_and_posts_nothing_twice(self, market: Market, ordered: str) -> None:
        with pytest.raises(IllegalMove):
            mark_ordered(pool_ref=ordered, **THEN)

        assert balance("customer_advances", market.lin) == Decimal("14.40")

    def test_tells_the_advances(self, ordered: str) -> None:
        ids = list(Commitment.objects.order_by("id").values_list("pk", flat=True))

        advances = queries.deposits_of(ids)

        assert list(advances.values()) == [Money(Decimal("14.40"), "CNY"), Money(Decimal("9.60"), "CNY")]


class TestRecordDelivery:
    def test_gives_everybody_its_own_when_all_came(self, market: Market, ordered: str) -> None:
        shares = record_delivery(pool_ref=ordered, delivered=Decimal(30), **THEN)

        assert [(share.due, share.share) for share in shares] == [(18, 18), (12, 12)]
        assert {share.why.code for share in shares} == {"delivered_in_full"}
        assert queries.pool(ordered).delivered == 30

    def test_lets_a_shortage_fall_on_the_youngest(self, market: Market, ordered: str) -> None:
        shares = record_delivery(pool_ref=ordered, delivered=Decimal(25), **THEN)

        assert [share.share for share in shares] == [18, 7]
        assert shares[1].why.to_json() == {
            "code": "delivered_short",
            "due": "12",
            "share": "7",
            "rule": "first_come",
        }

    def test_adds_one_arrival_to_the_next(self, market: Market, ordered: str) -> None:
        record_delivery(pool_ref=ordered, delivered=Decimal(20), **THEN)

        shares = record_delivery(pool_ref=ordered, delivered=Decimal(9), **THEN)

        assert [(share.due, share.share) for share in shares] == [(0, 0), (10, 9)]
        assert queries.pool(ordered).delivered == 29

    def test_takes_what_members_accepted(self, market: Market, ordered: str) -> None:
        refs = commitments(ordered)

        record_delivery(pool_ref=ordered, shares={refs[market.lin]: Decimal(16), refs[market.bao]: Decimal(12)}, **THEN)

        assert {m.buyer_ref: m.delivered for m in queries.members(ordered)} == {market.lin: 16, market.bao: 12}
        assert queries.pool(ordered).delivered == 28

    @pytest.mark.parametrize("came", [Decimal("30.000001"), Decimal(31)])
    def test_refuses_more_than_was_ordered(self, ordered: str, came: Decimal) -> None:
        with pytest.raises(DeliveredMoreThanOrdered):
            record_delivery(pool_ref=ordered, delivered=came, **THEN)

        assert queries.pool(ordered).delivered == 0

    def test_refuses_a_share_beyond_what_is_due(self, market: Market, ordered: str) -> None:
        with pytest.raises(DeliveredMoreThanOrdered):
            record_delivery(pool_ref=ordered, shares={commitments(ordered)[market.bao]: Decimal(13)}, **THEN)

    def test_refuses_what_is_no_quantity(self, ordered: str) -> None:
        with pytest.raises(BadValue):
            record_delivery(pool_ref=ordered, delivered=Decimal(-1), **THEN)

    def test_refuses_before_it_is_ordered(self, frozen: str) -> None:
        with pytest.raises(IllegalMove):
            record_delivery(pool_ref=frozen, delivered=Decimal(1), **THEN)

        assert queries.pool(frozen).delivered == 0


class TestFulfilAndSettle:
    def test_walks_to_the_end(self, ordered: str) -> None:
        record_delivery(pool_ref=ordered, delivered=Decimal(25), **THEN)
        fulfil_pool(pool_ref=ordered, **THEN)
        settle_pool(pool_ref=ordered, **THEN)

        assert queries.pool(ordered).state == "settled"
        assert {c.state for c in Commitment.objects.all()} == {"settled"}
        assert [step.verb for step in history(ordered)] == [
            "freeze", "start_tendering", "award", "order", "receive_part", "fulfil", "settle",
        ]  # fmt: skip
        assert OutboxEvent.objects.filter(name="PoolSettled").count() == 1

    def test_refuses_deliveries_afterwards(self, ordered: str) -> None:
        fulfil_pool(pool_ref=ordered, **THEN)

        with pytest.raises(IllegalMove):
            record_delivery(pool_ref=ordered, delivered=Decimal(1), **THEN)


class TestFailPool:
    def test_releases_deposits(self, market: Market, tendering: str) -> None:
        fail_pool(pool_ref=tendering, why="no bids", **THEN)

        assert queries.pool(tendering).state == "failed"
        assert (free_deposit(market.lin), free_deposit(market.bao)) == (100, 100)
        assert set(Commitment.objects.values_list("state", "dropped_for")) == {("dropped", "pool_failed")}
        assert OutboxEvent.objects.get(name="PoolFailed").payload["why"] == {"code": "pool_failed", "why": "no bids"}

    def test_refuses_once_it_is_ordered(self, market: Market, ordered: str) -> None:
        with pytest.raises(IllegalMove):
            fail_pool(pool_ref=ordered, **THEN)

        assert balance("customer_advances", market.lin) == Decimal("14.40")

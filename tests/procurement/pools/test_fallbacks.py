from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection

from marketplace.kernel.money import Rate
from marketplace.kernel.periods import Period
from marketplace.parties.models import Notification
from procurement.demand.models import RequestLine
from procurement.pools import queries
from procurement.pools.models import Commitment, Pool
from procurement.pools.rules import Attempt, Missed, Neighbour, Waiting, choose
from procurement.pools.use_cases import (
    falling_back,
    freeze_pool,
    leave_pool,
    open_pools_from_demand,
    raise_commitment,
)
from tests.cast import Player
from tests.procurement.pools.scene import FREEZE, NOON, THEN, WHO, Market, ask, product

APRIL, MAY = Period(date(2026, 4, 1), date(2026, 5, 1)), Period(date(2026, 5, 1), date(2026, 6, 1))
LONG = Period(date(2026, 4, 10), date(2026, 5, 20))


def waiting(ref: str, quantity: int, days: Period = APRIL, substitutes: bool = False) -> Waiting:
    return Waiting(ref, Decimal(quantity), Decimal(0), days, substitutes)


def neighbour(ref: str, firm: int, **given: Any) -> Neighbour:
    known = {
        "same_product": True, "region": "Zhejiang", "window": APRIL, "pack": Decimal(10), "minimum": Decimal(50),
        "room": None, "tolerance": Decimal(0), "freeze_at": FREEZE,
    }  # fmt: skip
    return Neighbour(ref=ref, firm=Decimal(firm), **{**known, **given})


def missed(*rows: Waiting, **given: Any) -> Missed:
    known = {
        "region": "Zhejiang", "window": APRIL, "pack": Decimal(10), "minimum": Decimal(50), "smaller_pack": None,
        "extend_days": 7, "extended": 0,
    }  # fmt: skip
    return Missed(rows=rows, **{**known, **given})


def kinds(tried: list[Attempt]) -> list[tuple[str, bool, str]]:
    return [(one.kind, one.taken, one.why.code) for one in tried]


class TestChoose:
    def test_tries_in_the_order_of_the_pool_up_to_what_helps(self) -> None:
        tried = choose(missed(waiting("a", 20)), ["merge", "extend", "smaller_pack"])

        assert kinds(tried) == [("merge", False, "nothing_to_merge_with"), ("extend", True, "extended")]

    def test_releases_everybody_when_nothing_helps_or_nothing_is_listed(self) -> None:
        assert kinds(choose(missed(waiting("a", 20)), [])) == [("release", True, "released")]
        assert kinds(choose(missed(waiting("a", 20), extended=1), ["extend"])) == [
            ("extend", False, "extended_before"),
            ("release", True, "released"),
        ]

    def test_merges_only_when_the_other_pool_then_reaches_its_minimum(self) -> None:
        for firm, code in ((29, "merge_does_not_help"), (30, "merged")):
            tried = choose(missed(waiting("a", 20), neighbours=[neighbour("PL-2", firm)]), ["merge"])
            assert tried[0].why.code == code

    def test_moves_whose_days_allow_it_oldest_first_as_far_as_there_is_room(self) -> None:
        rows = [waiting("a", 20, LONG), waiting("b", 20, APRIL), waiting("c", 15, LONG), waiting("d", 10, LONG)]
        near = neighbour("PL-2", 40, window=MAY, room=Decimal(32))

        tried = choose(missed(*rows, neighbours=[near]), ["merge"])

        assert list(tried[0].moved) == ["a", "d"]
        assert (tried[0].into, tried[0].moved["a"]) == ("PL-2", (20, 0))

    def test_takes_a_neighbour_of_all_regions_but_none_of_another(self) -> None:
        others = [neighbour("PL-2", 90, region="Jiangsu"), neighbour("PL-3", 60, region="")]

        assert choose(missed(waiting("a", 20), neighbours=others), ["merge"])[0].into == "PL-3"

    def test_substitutes_for_those_who_allow_it_by_the_exact_ratio(self) -> None:
        rows = [waiting("a", 20, substitutes=True), waiting("b", 20), waiting("c", 7, substitutes=True)]
        other = neighbour("PL-2", 40, same_product=False, ratio=Fraction(1, 3), minimum=Decimal(0))

        tried = choose(missed(*rows, neighbours=[other]), ["substitute"])
        even = choose(missed(waiting("a", 21, substitutes=True), neighbours=[other]), ["substitute"])

        assert kinds(tried)[0] == ("substitute", False, "nothing_to_substitute_with")
        assert even[0].moved == {"a": (7, 0)}

    def test_orders_smaller_packs_when_they_reach_the_minimum(self) -> None:
        rows = [waiting("a", 23)]

        enough = choose(missed(*rows, minimum=Decimal(20), pack=Decimal(25), smaller_pack=Decimal(5)), ["smaller_pack"])
        short = choose(missed(*rows, minimum=Decimal(25), pack=Decimal(25), smaller_pack=Decimal(5)), ["smaller_pack"])

        assert kinds(enough) == [("smaller_pack", True, "smaller_pack")]
        assert kinds(short)[0] == ("smaller_pack", False, "smaller_pack_not_filled")


def told(buyer: str) -> list[str]:
    return list(Notification.objects.filter(organisation__ref=buyer).order_by("id").values_list("text", flat=True))


class TestExtend:
    def test_gives_more_time_once_and_keeps_the_members(self, market: Market) -> None:
        pool = market.pool(minimum=Decimal(50), fallbacks=["extend"])
        market.join(pool, market.lin, 20)

        freeze_pool(pool_ref=pool, **THEN)

        row = Pool.objects.get()
        assert (row.state, row.freeze_at, row.joined) == ("open", FREEZE + timedelta(days=7), 20)
        assert told(market.lin) == ["The pool gathered too little; it stays open {days} days longer."]
        market.join(pool, market.bao, 30, **THEN)
        freeze_pool(pool_ref=pool, by="user:wei", at=row.freeze_at)
        assert (Pool.objects.get().state, Pool.objects.get().ordered) == ("frozen", 50)
        assert queries.verify() == []

    def test_keeps_who_was_dropped_for_want_of_cover(self, market: Market) -> None:
        pool = market.pool(minimum=Decimal(50), fallbacks=["extend"])
        market.join(pool, market.lin, 60, ceiling=Rate(Decimal(8), "CNY"))

        freeze_pool(pool_ref=pool, **THEN)

        assert (Pool.objects.get().state, Pool.objects.get().joined) == ("failed", 0)
        assert queries.verify() == []

    def test_fails_when_that_was_not_enough(self, market: Market) -> None:
        pool = market.pool(minimum=Decimal(50), fallbacks=["extend"])
        market.join(pool, market.lin, 20)
        freeze_pool(pool_ref=pool, **THEN)

        freeze_pool(pool_ref=pool, by="user:wei", at=FREEZE + timedelta(days=7))

        row = Pool.objects.get()
        assert (row.state, row.joined) == ("failed", 0)
        assert [(one["kind"], one["taken"]) for one in row.decision["fallbacks"]] == [
            ("extend", True), ("extend", False), ("release", True),
        ]  # fmt: skip


class TestMerge:
    def test_moves_rows_with_their_place_into_the_pool_of_all_regions(self, market: Market, lin: Player) -> None:
        line = ask(lin, market.product, 12, date(2026, 4, 10))
        big = market.pool(region="", minimum=Decimal(50), freeze_at=FREEZE + timedelta(days=3))
        market.join(big, market.bao, 40)
        pool = market.pool(minimum=Decimal(50), fallbacks=["merge"])
        ref = market.join(pool, market.lin, 12, line_id=line, at=NOON)

        freeze_pool(pool_ref=pool, **THEN)

        assert Pool.objects.get(ref=pool).state == "merged"
        assert Pool.objects.get(ref=pool).successor_id == Pool.objects.get(ref=big).pk
        moved = Commitment.objects.get(ref=ref)
        assert (moved.pool.ref, moved.state, moved.quantity, moved.joined_at) == (big, "reserved", 12, NOON)
        assert RequestLine.objects.get(pk=line).line_state == "pooled"
        assert Pool.objects.get(ref=big).joined == 52
        assert queries.verify() == []

    def test_puts_rows_by_hand_behind_what_their_buyer_has_there(self, market: Market) -> None:
        big = market.pool(region="", minimum=Decimal(50), freeze_at=FREEZE + timedelta(days=3))
        market.join(big, market.lin, 40)
        pool = market.pool(minimum=Decimal(50), fallbacks=["merge"])
        market.join(pool, market.lin, 10)

        freeze_pool(pool_ref=pool, **THEN)

        rows = Commitment.objects.filter(pool__ref=big).order_by("entry").values_list("entry", "quantity")
        assert list(rows) == [(0, 40), (1, 10)]
        assert queries.verify() == []

    def test_passes_on_when_the_neighbour_is_full_meanwhile(
        self, market: Market, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        big = market.pool(region="", minimum=Decimal(50), capacity=Decimal(60), freeze_at=FREEZE + timedelta(days=3))
        market.join(big, market.bao, 40)
        pool = market.pool(minimum=Decimal(50), fallbacks=["merge", "extend"])
        market.join(pool, market.lin, 20)
        decided = falling_back._move

        def somebody_is_faster(*args: Any, **kwargs: Any) -> bool:
            Pool.objects.filter(ref=big).update(capacity=Decimal(41))
            return decided(*args, **kwargs)

        monkeypatch.setattr(falling_back, "_move", somebody_is_faster)
        freeze_pool(pool_ref=pool, **THEN)

        assert Pool.objects.get(ref=pool).state == "open"
        assert Pool.objects.get(ref=big).joined == 40
        assert queries.verify() == []

    def test_that_dies_half_way_has_done_nothing(self, market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
        big = market.pool(region="", minimum=Decimal(50), freeze_at=FREEZE + timedelta(days=3))
        market.join(big, market.bao, 40)
        pool = market.pool(minimum=Decimal(50), fallbacks=["merge"])
        market.join(pool, market.lin, 20)

        def die(*args: Any, **kwargs: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(falling_back, "tell", die)
        with pytest.raises(KeyboardInterrupt):
            freeze_pool(pool_ref=pool, **THEN)

        assert not connection.needs_rollback
        assert [(p.state, p.joined) for p in Pool.objects.order_by("id")] == [("open", 40), ("open", 20)]
        assert queries.verify() == []

    @pytest.mark.parametrize(
        "worse",
        [
            {"deposit_percent": Decimal(50)},
            {"fee_percent": Decimal(50)},
            {"withdrawal_percent": Decimal(100)},
            {"allocation_rule": "pro_rata"},
            {"as_agent": True},
            {"freeze_at": FREEZE + timedelta(hours=1)},
            {"member_limit": Decimal(50)},
        ],
    )
    def test_moves_nobody_to_worse_terms(self, market: Market, worse: dict[str, Any]) -> None:
        big = market.pool(region="", minimum=Decimal(50), freeze_at=FREEZE + timedelta(days=3))
        market.join(big, market.bao, 40)
        pool = market.pool(minimum=Decimal(50), fallbacks=["merge"])
        market.join(pool, market.lin, 12)
        Pool.objects.update(withdrawal_percent=Decimal(20))
        Pool.objects.filter(ref=big).update(**worse)

        freeze_pool(pool_ref=pool, **THEN)

        assert (Pool.objects.get(ref=pool).state, Pool.objects.get(ref=big).joined) == ("failed", 40)

    def test_who_finds_no_room_is_told_so_and_not_what_others_moved(self, market: Market) -> None:
        big = market.pool(region="", minimum=Decimal(50), capacity=Decimal(60), freeze_at=FREEZE + timedelta(days=3))
        market.join(big, market.bao, 40)
        pool = market.pool(minimum=Decimal(70), fallbacks=["merge"])
        market.join(pool, market.lin, 15)
        market.join(pool, market.bao, 30)

        freeze_pool(pool_ref=pool, **THEN)

        told = {n.organisation.ref: n.facts for n in Notification.objects.select_related("organisation").order_by("id")}
        assert told[market.lin]["quantity"] == "15"
        assert told[market.bao] == {"pool": big}
        assert Commitment.objects.get(pool__ref=pool).dropped_for == "no_room_to_move"

    def test_a_line_that_left_may_come_back_by_a_merge(self, market: Market, lin: Player) -> None:
        line = ask(lin, market.product, 30, date(2026, 4, 10))
        big = market.pool(region="", minimum=Decimal(50), freeze_at=FREEZE + timedelta(days=3))
        market.join(big, market.bao, 40)
        leave_pool(commitment_ref=market.join(big, market.lin, 10, line_id=line), **WHO)
        pool = market.pool(minimum=Decimal(50), fallbacks=["merge"])
        ref = market.join(pool, market.lin, 10, line_id=line)
        raise_commitment(commitment_ref=ref, quantity=Decimal(5), **WHO)

        freeze_pool(pool_ref=pool, **THEN)

        rows = Commitment.objects.filter(pool__ref=big, buyer__ref=market.lin, state="reserved").order_by("entry")
        assert list(rows.values_list("quantity", flat=True)) == [10, 5]
        assert queries.verify() == []

    def test_stays_open_no_longer_than_its_window_allows(self, market: Market) -> None:
        pool = market.pool(minimum=Decimal(50), fallbacks=["extend"])
        Pool.objects.update(extend_days=300)
        market.join(pool, market.lin, 20)

        freeze_pool(pool_ref=pool, **THEN)

        assert Pool.objects.get().state == "failed"


class TestSmallerPack:
    def test_binds_what_smaller_packs_serve(self, market: Market) -> None:
        pool = market.pool(minimum=Decimal(12), fallbacks=["smaller_pack"])
        Pool.objects.update(smaller_pack=Decimal(4))
        market.join(pool, market.lin, 14)

        freeze_pool(pool_ref=pool, **THEN)

        row = Pool.objects.get()
        assert (row.state, row.pack_size, row.ordered) == ("frozen", 4, 12)
        assert row.decision["fallbacks"][-1]["kind"] == "smaller_pack"
        assert Commitment.objects.get().allocated == 12
        assert queries.verify() == []


class TestRelease:
    def test_tells_the_members_and_opens_their_lines(self, market: Market, lin: Player) -> None:
        line = ask(lin, market.product, 12, date(2026, 4, 10))
        [pool] = open_pools_from_demand(freeze_at=FREEZE, **WHO)
        Pool.objects.update(minimum=Decimal(50))

        freeze_pool(pool_ref=pool, **THEN)

        assert Pool.objects.get().state == "failed"
        assert RequestLine.objects.get(pk=line).line_state == "open"
        assert told(market.lin) == ["The pool gathered too little for one order: {firm}; {missing} was missing."]


def test_needs_equal_in_what_must_match_are_one(market: Market) -> None:
    other = queries.goods.catalogue.product(product("P-2")).id

    assert queries.pooled_together(market.product_id, market.product_id)
    assert not queries.pooled_together(market.product_id, other)

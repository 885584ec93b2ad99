"""Preparing a tender on frozen pools, and publishing it by other eyes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from marketplace.events.models import OutboxEvent
from marketplace.events.queries import history
from marketplace.kernel.money import Rate
from marketplace.kernel.refusals import BadValue, IllegalMove, NotFound, StaleWrite
from procurement.pools import queries as pools
from procurement.pools import use_cases as pools_
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from tests.procurement.tenders.scene import BIDDING, BIDS_UNTIL, MEI, PREPARED, PUBLISHED, WEI, bid, new_product


class TestPrepareTender:
    def test_makes_one_lot_of_a_product_and_window_over_its_regions(self, market):
        east, west = market.frozen(), market.frozen("Anhui", lin=30, bao=20)

        ref = market.prepared(east, west)

        (lot,) = queries.tender(ref).lots
        assert (lot.description, lot.quantity, lot.step, lot.unit) == ("Pump", 150, 10, "C62")
        assert lot.regions == {"Zhejiang": 100, "Anhui": 50}
        assert lot.pools == {"Zhejiang": east, "Anhui": west}

    def test_makes_a_lot_for_each_product(self, market):
        other = market.frozen(product=new_product("P-2", name_en="Valve"))

        ref = market.prepared(market.frozen(), other)

        assert [lot.description for lot in queries.tender(ref).lots] == ["Pump", "Valve"]

    def test_steps_by_what_no_member_s_share_is_cut_by(self, market):
        ref = market.prepared(market.frozen(lin=64, bao=36))

        assert queries.tender(ref).lots[0].step == 2

    def test_keeps_the_lowest_reserve_of_a_lot_s_pools(self, market):
        east, west = market.frozen(), market.frozen("Anhui")
        reserves = {east: Rate(Decimal("14.5"), "CNY"), west: Rate(Decimal("14.2"), "CNY")}

        ref = market.prepared(east, west, reserves=reserves)

        assert models.Lot.objects.get(tender__ref=ref).reserve == Decimal("14.2")

    def test_leaves_the_pools_frozen_until_publication(self, market):
        pool = market.frozen()

        market.prepared(pool)

        assert pools.pool(pool).state == "frozen"

    def test_refuses_a_pool_that_is_not_frozen(self, market):
        pool = market.pool()

        with pytest.raises(tenders.PoolNotFrozen) as refused:
            market.prepared(pool)

        assert refused.value.facts == {"pool": pool, "state": "open"}
        assert not models.Tender.objects.exists()

    def test_refuses_a_pool_that_stands_in_another_tender(self, market):
        pool = market.frozen()
        first = market.prepared(pool)

        with pytest.raises(tenders.PoolInTender) as refused:
            market.prepared(pool)

        assert refused.value.facts == {"pool": pool, "tender": first}
        assert models.Tender.objects.count() == 1

    def test_the_database_itself_holds_a_pool_to_one_live_lot(self, market):
        market.prepared()
        part = models.LotPool.objects.get()

        with pytest.raises(IntegrityError), transaction.atomic():
            models.LotPool.objects.create(
                lot=part.lot, pool_id=part.pool_id, pool_ref=part.pool_ref, region="Hunan", quantity=1
            )

    def test_takes_a_pool_whose_tender_was_cancelled_as_a_draft(self, market):
        pool = market.frozen()
        first = market.prepared(pool)
        tenders.ask_to_cancel(tender_ref=first, why="wrong title", by=WEI, at=PREPARED)
        tenders.cancel_tender(tender_ref=first, by=MEI, at=PREPARED)

        assert market.prepared(pool) != first

    def test_refuses_two_currencies(self, market):
        dollars = market.frozen("Anhui", currency="USD")

        with pytest.raises(tenders.MixedCurrencies):
            market.prepared(market.frozen(), dollars)

    @pytest.mark.parametrize(
        "given",
        [
            {"title": " "},
            {"bids_until": PREPARED},
            {"procedure": "haggling"},
            {"procedure": "invited"},
            {"standstill_days": -1},
        ],
    )
    def test_refuses_what_makes_no_tender(self, market, given):
        with pytest.raises(BadValue):
            market.prepared(**given)

        assert not models.Tender.objects.exists()

    def test_refuses_to_invite_who_supplies_nothing(self, market):
        with pytest.raises(NotFound):
            market.prepared(procedure="invited", invited=[market.lin])

    def test_refuses_a_pool_that_does_not_exist(self, market):
        with pytest.raises(NotFound):
            market.prepared("PL-2026-9999")


class TestPublishTender:
    def test_binds_the_pools_makes_a_key_and_tells(self, market):
        pool = market.frozen()
        ref = market.prepared(pool)

        tenders.publish_tender(tender_ref=ref, by=MEI, at=PUBLISHED)

        row = models.Tender.objects.get(ref=ref)
        assert (row.state, row.published_by, len(row.public_key)) == ("published", MEI, 32)
        assert (pools.pool(pool).state, pools.pool(pool).tender_ref) == ("tendering", ref)
        fact = OutboxEvent.objects.get(name="TenderPublished")
        assert fact.payload == {"tender_ref": ref, "bids_until": BIDS_UNTIL.isoformat(), "lots": 1}

    def test_needs_other_eyes_than_those_that_prepared(self, market):
        pool = market.frozen()
        ref = market.prepared(pool)

        with pytest.raises(tenders.FourEyes):
            tenders.publish_tender(tender_ref=ref, by=WEI, at=PUBLISHED)

        assert queries.tender(ref).state == "draft"
        assert pools.pool(pool).state == "frozen"

    def test_the_database_itself_refuses_the_same_eyes(self, market):
        ref = market.prepared()

        with pytest.raises(IntegrityError), transaction.atomic():
            models.Tender.objects.filter(ref=ref).update(published_by=WEI)

    def test_refuses_once_its_closing_time_is_past(self, market):
        ref = market.prepared()

        with pytest.raises(tenders.ClosingTimePast):
            tenders.publish_tender(tender_ref=ref, by=MEI, at=BIDS_UNTIL)

        assert queries.tender(ref).state == "draft"

    def test_refuses_a_second_time(self, market):
        ref = market.published()

        with pytest.raises(IllegalMove):
            tenders.publish_tender(tender_ref=ref, by=MEI, at=PUBLISHED)

        assert OutboxEvent.objects.filter(name="TenderPublished").count() == 1

    def test_publishes_nothing_when_a_pool_failed_meanwhile(self, market):
        pool = market.frozen()
        ref = market.prepared(pool)
        pools_.fail_pool(pool_ref=pool, why="stopped", by=WEI, at=PREPARED)

        with pytest.raises(tenders.PoolNotFrozen):
            tenders.publish_tender(tender_ref=ref, by=MEI, at=PUBLISHED)

        assert queries.tender(ref).state == "draft"


class TestCancelTender:
    def test_needs_one_who_asks_and_another_who_agrees(self, market):
        pool = market.frozen()
        ref = market.published(pool)
        tenders.ask_to_cancel(tender_ref=ref, why="the need is gone", by=WEI, at=PUBLISHED)

        with pytest.raises(tenders.FourEyes):
            tenders.cancel_tender(tender_ref=ref, by=WEI, at=PUBLISHED)
        tenders.cancel_tender(tender_ref=ref, by=MEI, at=PUBLISHED)

        assert queries.tender(ref).state == "cancelled"
        assert pools.pool(pool).state == "failed"
        step = history(ref).last()
        assert (step.by, step.why) == (MEI, f"the need is gone (asked by {WEI})")

    def test_throws_away_the_key_to_bids_that_were_never_opened(self, market):
        ref = market.published()
        bid(ref, market.teng, [(1, None, "12")])
        tenders.ask_to_cancel(tender_ref=ref, why="the need is gone", by=WEI, at=BIDDING)

        tenders.cancel_tender(tender_ref=ref, by=MEI, at=BIDDING)

        assert models.Tender.objects.get().locked_key is None

    def test_refuses_when_nobody_asked(self, market):
        ref = market.published()

        with pytest.raises(tenders.CancelNotAsked):
            tenders.cancel_tender(tender_ref=ref, by=MEI, at=PUBLISHED)

        assert queries.tender(ref).state == "published"

    def test_refuses_to_agree_to_what_has_moved_since(self, market):
        ref = market.prepared()
        tenders.ask_to_cancel(tender_ref=ref, why="wrong title", by=WEI, at=PREPARED)
        tenders.publish_tender(tender_ref=ref, by=MEI, at=PUBLISHED)

        with pytest.raises(StaleWrite):
            tenders.cancel_tender(tender_ref=ref, by=MEI, at=PUBLISHED + timedelta(hours=1))

        assert queries.tender(ref).state == "published"

    def test_refuses_to_ask_without_a_reason(self, market):
        ref = market.published()

        with pytest.raises(BadValue):
            tenders.ask_to_cancel(tender_ref=ref, why=" ", by=WEI, at=PUBLISHED)

    def test_refuses_to_ask_when_it_is_cancelled_already(self, market):
        ref = market.prepared()
        tenders.ask_to_cancel(tender_ref=ref, why="wrong title", by=WEI, at=PREPARED)
        tenders.cancel_tender(tender_ref=ref, by=MEI, at=PREPARED)

        with pytest.raises(IllegalMove):
            tenders.ask_to_cancel(tender_ref=ref, why="again", by=WEI, at=PREPARED)

"""What a tender left is put to tender again: after it failed, after it was cancelled, or the lots nobody won."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from marketplace.kernel.money import Money, Rate
from procurement.pools import queries as pools
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from procurement.tenders.use_cases import Conditions
from tests.procurement.tenders.scene import AWARDING, BIDDING, BIDS_UNTIL, HUA, MEI, OPENING, WEI, new_product

KEEPS = Conditions(keeps_pools=True, retention_percent=Decimal(5), warranty_days=365)
NEXT = OPENING + timedelta(days=20)


def again(ref, at=AWARDING, **given):
    return tenders.retender(tender_ref=ref, bids_until=NEXT, **given, by=WEI, at=at)


class TestRetender:
    def test_a_failed_one_by_the_same_terms(self, market):
        pool = market.frozen()
        given = {"reserves": {pool: Rate(Decimal(14), "CNY")}, "bond": Money.from_minor(100_00, "CNY")}
        ref = market.published(pool, conditions=KEEPS, standstill_days=5, **given)
        tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)
        tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)
        assert (queries.tender(ref).state, pools.pool(pool).state) == ("failed", "frozen")

        new = again(ref)

        row = models.Tender.objects.get(ref=new)
        assert (row.state, row.retender_of.ref, row.standstill_days) == ("draft", ref, 5)
        assert (row.bond_minor, Conditions.read(row.conditions)) == (100_00, KEEPS)
        assert models.Lot.objects.get(tender=row).reserve == 14
        tenders.publish_tender(tender_ref=new, by=MEI, at=AWARDING)
        assert pools.pool(pool).tender_ref == new

    def test_a_cancelled_one(self, market):
        pool = market.frozen()
        ref = market.published(pool, conditions=KEEPS)
        tenders.ask_to_cancel(tender_ref=ref, why="a wrong drawing", by=WEI, at=BIDDING)
        tenders.cancel_tender(tender_ref=ref, by=MEI, at=BIDDING)

        new = again(ref)

        assert [lot.pools for lot in queries.tender(new).lots] == [{"Zhejiang": pool}]

    def test_a_cancelled_award_gives_its_pools_back(self, market):
        pool = market.frozen()
        ref = market.opened(pool, teng=[(1, None, "12")], conditions=KEEPS)
        tenders.award_tender(tender_ref=ref, by=HUA, at=AWARDING)
        tenders.ask_to_cancel(tender_ref=ref, why="a wrong drawing", by=WEI, at=AWARDING)
        tenders.cancel_tender(tender_ref=ref, by=MEI, at=AWARDING)

        assert (pools.pool(pool).state, pools.pool(pool).unit_price) == ("frozen", None)
        assert again(ref)

    def test_the_lots_nobody_won_while_the_others_stand(self, market):
        pumps, valves = market.frozen(), market.frozen(product=new_product("P-2", name_en="Valve"))
        ref = market.opened(pumps, valves, teng=[(1, None, "12")], conditions=KEEPS)
        tenders.award_tender(tender_ref=ref, by=HUA, at=AWARDING)
        row = models.Tender.objects.get(ref=ref)
        assert [won for _, won in queries.lot_results(row)] == [True, False]
        assert (pools.pool(pumps).state, pools.pool(valves).state) == ("awarded", "frozen")

        new = again(ref)

        assert [lot.description for lot in queries.tender(new).lots] == ["Valve"]
        assert queries.verify() == []

    def test_refuses_when_no_pool_waits(self, market):
        ref = market.published()
        with pytest.raises(tenders.NothingToRetender):
            again(ref)
        tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)
        tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)

        with pytest.raises(tenders.NothingToRetender):
            again(ref)

        assert models.Tender.objects.count() == 1

    def test_refuses_a_second_time(self, market):
        ref = market.published(conditions=KEEPS)
        tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)
        tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)
        again(ref)

        with pytest.raises(tenders.NothingToRetender):
            again(ref)

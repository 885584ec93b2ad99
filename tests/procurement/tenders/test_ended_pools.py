"""Pools that come to nothing by themselves while they stand in a tender."""

from __future__ import annotations

from procurement.pools import queries as pools
from procurement.pools import use_cases as pools_
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from tests.procurement.tenders.scene import AWARDING, BIDDING, HUA, MEI, OPENING, PREPARED, PUBLISHED, WEI


class TestEndedPools:
    def test_a_tender_one_of_whose_pools_failed_can_be_cancelled_and_frees_the_others(self, market):
        gone, other = market.frozen(), market.frozen("Jiangsu")
        ref = market.published(gone, other)
        pools_.fail_pool(pool_ref=gone, by=WEI, at=BIDDING)

        tenders.ask_to_cancel(tender_ref=ref, why="no need", by=WEI, at=BIDDING)
        tenders.cancel_tender(tender_ref=ref, by=MEI, at=BIDDING)

        assert (queries.tender(ref).state, pools.pool(other).state) == ("cancelled", "failed")
        assert not models.LotPool.objects.filter(live=True).exists()

    def test_a_tender_of_which_no_pool_is_left_fails_when_it_is_awarded(self, market):
        pool = market.frozen()
        ref = market.opened(pool, teng=[(1, None, "8")])
        pools_.fail_pool(pool_ref=pool, by=WEI, at=OPENING)

        assert tenders.award_tender(tender_ref=ref, seconds=5, by=HUA, at=AWARDING) == ""
        assert queries.tender(ref).state == "failed"

    def test_a_draft_is_published_without_the_pool_that_failed(self, market):
        gone, other = market.frozen(), market.frozen("Jiangsu")
        ref = market.prepared(gone, other)
        pools_.fail_pool(pool_ref=gone, by=WEI, at=PREPARED)

        tenders.publish_tender(tender_ref=ref, by=MEI, at=PUBLISHED)

        assert pools.pool(other).state == "tendering"
        assert list(models.LotPool.objects.filter(live=True).values_list("pool_ref", flat=True)) == [other]

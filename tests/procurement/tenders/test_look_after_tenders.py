"""The sweep: what happens to tenders when nobody comes."""

from __future__ import annotations

from datetime import timedelta

from marketplace.events import relay
from procurement.tenders import queries
from procurement.tenders import use_cases as tenders
from tests.procurement.tenders.scene import AWARDING, BIDS_UNTIL, HUA, WEI

NAME = "procurement.tenders.handlers.look_after_tenders"


class TestLookAfterTenders:
    def test_shuts_the_box_when_its_time_has_come_and_not_before(self, market):
        ref = market.published()

        assert relay.sweep(at=BIDS_UNTIL - timedelta(seconds=1))[NAME] == 0
        assert queries.tender(ref).state == "published"

        assert relay.sweep(at=BIDS_UNTIL)[NAME] == 1
        assert queries.tender(ref).state == "closed"

    def test_concludes_an_award_after_its_standstill(self, market):
        ref = market.opened(teng=[(1, None, "12")], standstill_days=10)
        tenders.award_tender(tender_ref=ref, by=HUA, at=AWARDING)

        assert relay.sweep(at=AWARDING + timedelta(days=9))[NAME] == 0
        assert relay.sweep(at=AWARDING + timedelta(days=10))[NAME] == 1
        assert queries.tender(ref).state == "contracted"

    def test_leaves_an_award_alone_that_somebody_wants_to_cancel(self, market):
        ref = market.opened(teng=[(1, None, "12")], standstill_days=10)
        tenders.award_tender(tender_ref=ref, by=HUA, at=AWARDING)
        tenders.ask_to_cancel(tender_ref=ref, why="a complaint", by=WEI, at=AWARDING)

        assert relay.sweep(at=AWARDING + timedelta(days=11))[NAME] == 0
        assert queries.tender(ref).state == "awarded"

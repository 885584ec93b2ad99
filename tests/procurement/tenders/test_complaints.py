"""While an award stands still bidders complain; two persons decide; until then no contract is made."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from marketplace.kernel.refusals import BadValue, IllegalMove, NotFound, StaleWrite
from marketplace.parties.models import Notification
from procurement.pools import queries as pools
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from procurement.tenders.handlers import look_after_tenders
from tests.procurement.tenders.scene import AWARDING, HUA, MEI, WEI

SOON = AWARDING + timedelta(days=1)
OVER = AWARDING + timedelta(days=10)


@pytest.fixture
def awarded(market):
    """An award to Teng at 12 that stands still for ten days; Shen asked 13."""
    ref = market.opened(teng=[(1, None, "12")], shen=[(1, None, "13")], standstill_days=10)
    tenders.award_tender(tender_ref=ref, by=HUA, at=AWARDING)
    return ref


def complain(ref, supplier, at=SOON):
    return tenders.lodge_complaint(
        tender_ref=ref, supplier_ref=supplier, grounds="Teng has no licence.", by="user:shen", at=at
    )


def propose(complaint, **given):
    known = {"outcome": "dismiss", "reasons": "The licence was shown.", "by": WEI, "at": SOON, **given}
    tenders.propose_decision(complaint_ref=complaint, **known)


def decide(complaint, by=MEI):
    tenders.decide_complaint(complaint_ref=complaint, by=by, at=SOON)


class TestLodgeComplaint:
    def test_stops_the_contract_until_it_is_decided(self, market, awarded):
        complaint = complain(awarded, market.shen)

        with pytest.raises(tenders.ComplaintWaits):
            tenders.conclude_tender(tender_ref=awarded, by=HUA, at=OVER)
        look_after_tenders(OVER)
        assert queries.tender(awarded).state == "awarded"
        with pytest.raises(IntegrityError), transaction.atomic():
            models.Tender.objects.update(state="contracted")

        propose(complaint)
        decide(complaint)
        look_after_tenders(OVER)
        assert queries.tender(awarded).state == "contracted"
        assert queries.verify() == []

    def test_is_heard_while_the_award_stands_still(self, market, awarded):
        with pytest.raises(tenders.StandstillOver):
            complain(awarded, market.shen, at=OVER)
        complain(awarded, market.shen, at=OVER - timedelta(microseconds=1))

        assert models.Complaint.objects.count() == 1

    def test_is_for_those_who_bid(self, market, awarded):
        with pytest.raises(NotFound):
            complain(awarded, market.lin)

        assert models.Tender.objects.get().complaints_open == 0

    def test_one_of_a_bidder_waits_at_a_time(self, market, awarded):
        complain(awarded, market.shen)

        with pytest.raises(tenders.ComplaintLodged):
            complain(awarded, market.shen)
        complain(awarded, market.teng)

        assert models.Tender.objects.get().complaints_open == 2

    def test_tells_the_other_bidders_that_there_is_one_not_whose(self, market, awarded):
        complain(awarded, market.shen)

        (told,) = Notification.objects.filter(about_ref=awarded, text__contains="was lodged")
        assert (told.organisation.ref, told.facts) == (market.teng, {"tender": awarded})

    def test_is_taken_back(self, market, awarded):
        complaint = complain(awarded, market.shen)

        tenders.withdraw_complaint(complaint_ref=complaint, by="user:shen", at=SOON)

        assert models.Tender.objects.get().complaints_open == 0
        tenders.conclude_tender(tender_ref=awarded, by=HUA, at=OVER)


class TestDecideComplaint:
    def test_needs_other_eyes_than_those_that_proposed(self, market, awarded):
        complaint = complain(awarded, market.shen)
        propose(complaint)

        with pytest.raises(tenders.FourEyes):
            decide(complaint, by=WEI)

        assert models.Complaint.objects.get().state == "proposed"
        with pytest.raises(IntegrityError), transaction.atomic():
            models.Complaint.objects.update(decided_by=WEI)

    def test_refuses_a_proposal_that_is_not_the_last(self, market, awarded):
        complaint = complain(awarded, market.shen)
        propose(complaint)
        models.Complaint.objects.update(revision=7)

        with pytest.raises(StaleWrite):
            decide(complaint)

        assert models.Complaint.objects.get().state == "proposed"

    def test_refuses_without_a_proposal(self, market, awarded):
        complaint = complain(awarded, market.shen)

        with pytest.raises(IllegalMove):
            decide(complaint)

        assert models.Complaint.objects.get().state == "lodged"

    @pytest.mark.parametrize(
        "given",
        [
            {"outcome": "maybe"},
            {"outcome": "uphold"},
            {"outcome": "uphold", "remedy": "apologise"},
            {"outcome": "dismiss", "remedy": "cancel"},
            {"reasons": " "},
        ],
    )
    def test_refuses_to_propose_what_is_no_decision(self, market, awarded, given):
        complaint = complain(awarded, market.shen)

        with pytest.raises(BadValue):
            propose(complaint, **given)

        assert models.Complaint.objects.get().state == "lodged"

    def test_upheld_the_award_is_set_aside_and_decided_anew_without_the_excluded(self, market, awarded):
        complaint = complain(awarded, market.shen)
        other = complain(awarded, market.teng)
        propose(complaint, outcome="uphold", remedy="re_evaluate", reasons="No licence.", exclude=[market.teng])

        decide(complaint)

        (part,) = models.LotPool.objects.all()
        assert (queries.tender(awarded).state, queries.award_of(awarded)) == ("opened", None)
        assert (pools.pool(part.pool_ref).state, pools.pool(part.pool_ref).unit_price) == ("tendering", None)
        assert models.Complaint.objects.get(ref=other).state == "lapsed"
        again = tenders.award_tender(tender_ref=awarded, by=HUA, at=SOON)
        assert queries.award(again).lines[0].supplier_ref == market.shen
        assert pools.pool(part.pool_ref).unit_price.amount == 13
        assert models.Award.every.filter(set_aside_at__isnull=False).count() == 1
        assert queries.verify() == []

    def test_upheld_the_tender_is_cancelled_by_both_persons(self, market, awarded):
        complaint = complain(awarded, market.shen)
        propose(complaint, outcome="uphold", remedy="cancel", reasons="The lots were described wrongly.")

        decide(complaint)

        row = models.Tender.objects.get()
        assert (row.state, row.cancel_asked_by, row.cancelled_by) == ("cancelled", WEI, MEI)
        (part,) = models.LotPool.objects.all()
        assert pools.pool(part.pool_ref).state == "failed"
        assert Notification.objects.filter(about_ref=awarded, text__contains="was cancelled").count() == 2
        assert queries.verify() == []

    def test_tells_the_complainant_what_was_decided_and_why(self, market, awarded):
        complaint = complain(awarded, market.shen)
        propose(complaint)
        decide(complaint)

        told = Notification.objects.get(organisation__ref=market.shen, text__contains="was decided")
        assert told.facts == {"tender": awarded, "outcome": "dismiss", "reasons": "The licence was shown."}

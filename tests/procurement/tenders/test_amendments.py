"""A published tender changes by two persons; all who look are told; bids stand to the terms they were sealed to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from marketplace.events.queries import history
from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import BadValue, IllegalMove, StaleWrite
from marketplace.parties.models import Notification
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from tests.procurement.tenders.scene import (
    AWARDING,
    BIDDING,
    BIDS_UNTIL,
    HUA,
    MEI,
    OPENING,
    PUBLISHED,
    WEI,
    bid,
)

EARLY = PUBLISHED + timedelta(days=1)
LATER = BIDS_UNTIL + timedelta(days=5)


def propose(ref, at=EARLY, by=WEI, **given):
    known = {"summary": "Pumps in blue.", "changes_terms": True, **given}
    return tenders.propose_amendment(tender_ref=ref, **known, by=by, at=at)


def amend(ref, at=EARLY, **given):
    amendment = propose(ref, at=at, **given)
    tenders.publish_amendment(amendment_ref=amendment, by=HUA, at=at)
    return amendment


def supplier(ref):
    return Actor(by="user:x", organisation=ref, roles=frozenset({"supplier"}))


class TestPublishAmendment:
    def test_moves_the_closing_time_and_tells_everybody_who_looks(self, market):
        ref = market.published()
        tenders.show_interest(tender_ref=ref, supplier_ref=market.teng, by="user:teng", at=EARLY)
        bid(ref, market.shen, [(1, None, "12")], at=EARLY)

        amend(ref, changes_terms=False, bids_until=LATER, summary="A holiday lies between.")

        assert queries.tender(ref).bids_until == LATER
        told = list(Notification.objects.order_by("id").values_list("organisation__ref", "facts"))
        facts = {"tender": ref, "summary": "A holiday lies between.", "until": LATER.isoformat()}
        assert told == [(market.teng, facts), (market.shen, facts)]
        step = history(ref).last()
        assert (step.verb, step.by, WEI in step.why) == ("amend", HUA, True)

    def test_needs_other_eyes_than_those_that_proposed(self, market):
        ref = market.published()
        amendment = propose(ref, bids_until=LATER)

        with pytest.raises(tenders.FourEyes):
            tenders.publish_amendment(amendment_ref=amendment, by=WEI, at=EARLY)

        assert queries.tender(ref).bids_until == BIDS_UNTIL
        with pytest.raises(IntegrityError), transaction.atomic():
            models.Amendment.objects.update(published_by=WEI)

    def test_refuses_what_was_proposed_for_another_tender_than_it_is_now(self, market):
        ref = market.published()
        amendment = propose(ref, bids_until=LATER)
        tenders.ask_to_cancel(tender_ref=ref, why="the need is gone", by=MEI, at=EARLY)

        with pytest.raises(StaleWrite):
            tenders.publish_amendment(amendment_ref=amendment, by=HUA, at=EARLY)

        assert queries.tender(ref).bids_until == BIDS_UNTIL

    def test_refuses_once_the_box_is_shut(self, market):
        ref = market.published()
        amendment = propose(ref, changes_terms=False, bids_until=LATER)

        with pytest.raises(tenders.BidsClosed):
            tenders.publish_amendment(amendment_ref=amendment, by=HUA, at=BIDS_UNTIL)

        assert queries.tender(ref).bids_until == BIDS_UNTIL

    def test_publishes_once(self, market):
        ref = market.published()
        amendment = amend(ref)

        with pytest.raises(IllegalMove):
            tenders.publish_amendment(amendment_ref=amendment, by=HUA, at=EARLY)

        assert models.Tender.objects.get().terms_version == 2

    def test_changes_the_hash_of_the_terms_and_the_award_still_agrees(self, market):
        ref = market.published()
        before = models.Tender.objects.get().terms_sha256
        amend(ref)
        bid(ref, market.teng, [(1, None, "12")])

        tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)
        tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)
        assert tenders.award_tender(tender_ref=ref, by=HUA, at=AWARDING)

        assert models.Tender.objects.get().terms_sha256 != before
        assert queries.verify() == []


class TestProposeAmendment:
    @pytest.mark.parametrize(
        "given",
        [
            {"summary": " "},
            {"changes_terms": False},
            {"bids_until": BIDS_UNTIL},
            {"bids_until": BIDS_UNTIL - timedelta(days=1)},
            {"bids_until": BIDS_UNTIL + timedelta(days=61)},
            {"questions_until": BIDS_UNTIL + timedelta(days=1)},
            {"questions_until": EARLY},
        ],
    )
    def test_refuses_what_changes_nothing_or_draws_time_in(self, market, given):
        ref = market.published()

        with pytest.raises(BadValue):
            propose(ref, **given)

        assert not models.Amendment.objects.exists()

    def test_leaves_bidders_72_hours_after_a_change(self, market):
        ref = market.published()
        late = BIDS_UNTIL - timedelta(hours=71)

        with pytest.raises(BadValue):
            propose(ref, at=late)
        propose(ref, at=late, bids_until=late + timedelta(hours=72))

        assert models.Amendment.objects.count() == 1

    def test_puts_a_tender_off_three_times_at_most(self, market):
        ref = market.published()
        for n in range(1, 4):
            amend(ref, changes_terms=False, bids_until=BIDS_UNTIL + timedelta(days=n))

        with pytest.raises(BadValue):
            propose(ref, bids_until=BIDS_UNTIL + timedelta(days=4))

        assert queries.tender(ref).bids_until == BIDS_UNTIL + timedelta(days=3)
        assert queries.verify() == []

    def test_one_waits_at_a_time(self, market):
        ref = market.published()
        first = propose(ref)

        with pytest.raises(tenders.AmendmentWaits):
            propose(ref)
        tenders.withdraw_amendment(amendment_ref=first, by=WEI, at=EARLY)
        propose(ref)

        assert sorted(models.Amendment.objects.values_list("state", flat=True)) == ["proposed", "withdrawn"]

    def test_is_for_published_tenders_alone(self, market):
        ref = market.prepared()

        with pytest.raises(IllegalMove):
            propose(ref)

    def test_nobody_but_staff_sees_what_is_only_proposed(self, market):
        ref = market.published()
        propose(ref)

        assert queries.amendments_for(supplier(market.teng)).count() == 0
        assert queries.amendments_for(Actor(by=WEI, staff=True)).count() == 1


class TestBidsToEarlierTerms:
    def close_and_open(self, ref):
        tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)
        tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)

    def test_do_not_stand(self, market):
        ref = market.published()
        bid(ref, market.teng, [(1, None, "12")], at=EARLY)
        amend(ref)
        assert queries.bid_to_confirm(supplier(market.teng), models.Tender.objects.get())
        bid(ref, market.shen, [(1, None, "13")])

        self.close_and_open(ref)

        assert dict(models.OpenedBid.objects.values_list("supplier_ref", "rejected")) == {
            market.teng: "sealed_to_earlier_terms",
            market.shen: "",
        }

    def test_stand_once_confirmed_or_replaced(self, market):
        ref = market.published()
        bid(ref, market.teng, [(1, None, "12")], at=EARLY)
        bid(ref, market.shen, [(1, None, "13")], at=EARLY)
        amend(ref)

        for _ in range(2):
            tenders.confirm_bid(tender_ref=ref, supplier_ref=market.teng, by="user:teng", at=BIDDING)
        bid(ref, market.shen, [(1, None, "12.9")])

        assert not queries.bid_to_confirm(supplier(market.teng), models.Tender.objects.get())
        self.close_and_open(ref)
        assert set(models.OpenedBid.objects.values_list("rejected", flat=True)) == {""}
        assert models.OpenedBid.objects.count() == 2

    def test_stand_by_themselves_when_only_the_time_moved(self, market):
        ref = market.published()
        bid(ref, market.teng, [(1, None, "12")], at=EARLY)
        amend(ref, changes_terms=False, bids_until=BIDS_UNTIL + timedelta(minutes=30))

        tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL + timedelta(minutes=30))
        tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)

        assert models.OpenedBid.objects.get().rejected == ""

    def test_a_confirmation_that_somebody_wrote_by_hand_is_none(self, market):
        ref = market.published()
        bid(ref, market.teng, [(1, None, "12")], at=EARLY)
        amend(ref)
        row, tender = models.SealedBid.objects.get(), models.Tender.objects.get()
        models.BidTerms.objects.create(
            bid=row,
            version=row.version,
            terms_version=2,
            terms_sha256=tender.terms_sha256,
            signature=b"x" * 64,
            at=BIDDING,
            by="user:mallory",
        )

        self.close_and_open(ref)

        assert models.OpenedBid.objects.get().rejected == "sealed_to_earlier_terms"

    def test_refuses_to_confirm_after_closing_and_without_a_bid(self, market):
        ref = market.published()
        amend(ref)

        with pytest.raises(tenders.NoBidHere):
            tenders.confirm_bid(tender_ref=ref, supplier_ref=market.teng, by="user:teng", at=BIDDING)
        with pytest.raises(tenders.BidsClosed):
            tenders.confirm_bid(tender_ref=ref, supplier_ref=market.teng, by="user:teng", at=BIDS_UNTIL)

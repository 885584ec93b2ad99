"""Bid bonds: lodged before anybody bids, told nowhere, released to losers and winners, forfeited by who refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from finance.ledger import queries as ledger
from finance.ledger.rules import Acct
from finance.ledger.use_cases import LimitReached
from finance.treasury import use_cases as treasury
from marketplace.events.models import OutboxEvent, StateChange
from marketplace.kernel.actors import Actor
from marketplace.kernel.clock import business_date
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import BadValue, NotFound
from marketplace.parties.models import Notification
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from tests.procurement.tenders.scene import AWARDING, BIDDING, BIDS_UNTIL, HUA, MEI, OPENING, PUBLISHED, WEI, bid

BOND = Money.from_minor(500_00, "CNY")


def pay_in(*orgs, minor=800_00):
    for org in orgs:
        treasury.book_receipt(
            payer_ref=org,
            amount=Money.from_minor(minor, "CNY"),
            bank_reference=f"B-{org}",
            for_="bid_bond",
            booked_on=business_date(PUBLISHED),
            by=WEI,
            at=PUBLISHED,
        )


def lodge(ref, *orgs, at=BIDDING):
    for org in orgs:
        tenders.lodge_bond(tender_ref=ref, supplier_ref=org, by="user:teng", at=at)


def free(org):
    return ledger.available(Acct("bid_bonds", org, "CNY")).minor


def states():
    return dict(models.BidBond.objects.values_list("supplier_ref", "state"))


@pytest.fixture
def secured(market):
    """A tender that asks for a bond of 500, for which Teng and Shen paid in 800 each."""
    pay_in(market.teng, market.shen)
    return market.published(bond=BOND)


class TestLodgeBond:
    def test_holds_it_on_the_ledger(self, market, secured):
        lodge(secured, market.teng)

        assert free(market.teng) == 300_00
        assert queries.verify() == []

    def test_tells_nobody(self, market, secured):
        told, facts = Notification.objects.count(), OutboxEvent.objects.count()

        lodge(secured, market.teng)

        assert (Notification.objects.count(), OutboxEvent.objects.count()) == (told, facts)
        assert not StateChange.objects.filter(ref__startswith="BB-").exists()
        for actor in (Actor(by=WEI, staff=True), Actor(by="user:shen", organisation=market.shen)):
            assert queries.bonds_for(actor).count() == 0

    def test_refuses_more_than_was_paid_in(self, market):
        pay_in(market.teng, minor=499_99)
        ref = market.published(bond=BOND)

        with pytest.raises(LimitReached):
            lodge(ref, market.teng)

        assert not models.BidBond.objects.exists()

    def test_refuses_a_second_one_and_one_that_nobody_asked_for(self, market, secured):
        lodge(secured, market.teng)
        with pytest.raises(tenders.BondLodged):
            lodge(secured, market.teng)
        assert free(market.teng) == 300_00

        other = market.published(market.frozen("Anhui"))
        with pytest.raises(tenders.NoBondAsked):
            lodge(other, market.teng)

    def test_refuses_once_the_box_is_shut(self, market, secured):
        with pytest.raises(tenders.BoxShut):
            lodge(secured, market.teng, at=BIDS_UNTIL)

        assert free(market.teng) == 800_00

    @pytest.mark.parametrize("bond", [Money.from_minor(0, "CNY"), Money.from_minor(100, "USD")])
    def test_a_tender_asks_for_an_amount_in_its_own_currency(self, market, bond):
        with pytest.raises(BadValue):
            market.prepared(bond=bond)


class TestBidding:
    def test_needs_the_bond(self, market, secured):
        with pytest.raises(tenders.NoBond):
            bid(secured, market.teng, [(1, None, "12")])
        assert not models.SealedBid.objects.exists()

        lodge(secured, market.teng)
        bid(secured, market.teng, [(1, None, "12")])

        assert models.SealedBid.objects.count() == 1

    def test_keeps_the_bond_until_the_bid_is_withdrawn(self, market, secured):
        lodge(secured, market.teng)
        bid(secured, market.teng, [(1, None, "12")])

        with pytest.raises(tenders.BondNeeded):
            tenders.take_back_bond(tender_ref=secured, supplier_ref=market.teng, by="user:teng", at=BIDDING)
        tenders.withdraw_bid(tender_ref=secured, supplier_ref=market.teng, by="user:teng", at=BIDDING)
        tenders.take_back_bond(tender_ref=secured, supplier_ref=market.teng, by="user:teng", at=BIDDING)

        assert (states(), free(market.teng)) == ({market.teng: "released"}, 800_00)
        lodge(secured, market.teng)

    def test_a_bond_stays_once_the_box_is_shut(self, market, secured):
        lodge(secured, market.teng)

        with pytest.raises(tenders.BoxShut):
            tenders.take_back_bond(tender_ref=secured, supplier_ref=market.teng, by="user:teng", at=BIDS_UNTIL)
        with pytest.raises(NotFound):
            tenders.take_back_bond(tender_ref=secured, supplier_ref=market.shen, by="user:shen", at=BIDDING)


class TestAfterwards:
    def awarded(self, market, **given):
        pay_in(market.teng, market.shen)
        ref = market.published(bond=BOND, **given)
        lodge(ref, market.teng, market.shen)
        bid(ref, market.teng, [(1, None, "12")])
        bid(ref, market.shen, [(1, None, "13")])
        tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)
        tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)
        tenders.award_tender(tender_ref=ref, by=HUA, at=AWARDING)
        return ref

    def test_losers_are_free_with_the_award_and_the_winner_with_its_contract(self, market):
        ref = self.awarded(market)
        assert states() == {market.teng: "lodged", market.shen: "released"}

        tenders.conclude_tender(tender_ref=ref, by=HUA, at=AWARDING)
        assert states()[market.teng] == "lodged"
        assert tenders.release_bond(tender_ref=ref, supplier_ref=market.teng, why="taken on", by=HUA, at=AWARDING)

        assert (free(market.teng), free(market.shen)) == (800_00, 800_00)
        assert not tenders.release_bond(tender_ref=ref, supplier_ref=market.teng, by=HUA, at=AWARDING)
        assert queries.verify() == []

    def test_losers_wait_while_a_complaint_could_make_them_win(self, market):
        ref = self.awarded(market, standstill_days=5)
        assert states() == {market.teng: "lodged", market.shen: "lodged"}

        tenders.conclude_tender(tender_ref=ref, by=HUA, at=AWARDING + timedelta(days=5))

        assert states() == {market.teng: "lodged", market.shen: "released"}

    def test_a_winner_that_refuses_forfeits_it_and_the_money_leaves_escrow(self, market):
        ref = self.awarded(market)

        lost = tenders.forfeit_bond(
            tender_ref=ref, supplier_ref=market.teng, why="declined its order", by="system:relay", at=AWARDING
        )

        assert lost == BOND
        assert states()[market.teng] == "forfeited"
        assert ledger.balance(Acct("bid_bonds", market.teng, "CNY")).minor == 300_00
        assert ledger.balance(Acct("other_income", currency="CNY")) == BOND
        assert ledger.balance(Acct("cash_escrow", currency="CNY")).minor == 1_100_00
        assert ledger.verify() == []
        assert tenders.forfeit_bond(tender_ref=ref, supplier_ref=market.teng, why="again", by=HUA, at=AWARDING) is None

    def test_a_cancelled_tender_lets_every_bond_go_with_the_reason(self, market, secured):
        lodge(secured, market.teng, market.shen)
        tenders.ask_to_cancel(tender_ref=secured, why="the need is gone", by=WEI, at=BIDDING)

        tenders.cancel_tender(tender_ref=secured, by=MEI, at=BIDDING)

        assert set(states().values()) == {"released"}
        reasons = Notification.objects.filter(text__contains="was cancelled").values_list("organisation__ref", "facts")
        assert dict(reasons) == {
            firm: {"tender": secured, "why": "the need is gone"} for firm in (market.teng, market.shen)
        }
        assert queries.verify() == []

    def test_a_failed_tender_lets_every_bond_go(self, market, secured):
        lodge(secured, market.teng)

        tenders.close_tender(tender_ref=secured, by="system:clock", at=BIDS_UNTIL)
        tenders.open_tender(tender_ref=secured, by=HUA, at=OPENING)

        assert (queries.tender(secured).state, states()) == ("failed", {market.teng: "released"})

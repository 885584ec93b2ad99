"""Only those are invited who hold what the tender asks for; the uninvited see nothing."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import BadValue, IllegalMove, NotAllowed, NotFound
from marketplace.parties import use_cases as parties
from marketplace.parties.models import Notification, VerificationDocument
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from procurement.tenders.use_cases import Conditions
from tests.procurement.tenders.scene import BIDDING, BIDS_UNTIL, HUA, PREPARED, PUBLISHED, WEI, bid

ISO = Conditions(papers=("iso9001",))


def paper(org, kind="iso9001", *, verify=True, expires_on=None, content=b"%PDF-1.7"):
    parties.add_document(
        organisation_ref=org,
        kind=kind,
        file_name="iso.pdf",
        media_type="application/pdf",
        content=content,
        expires_on=expires_on,
        by="user:teng",
        at=PREPARED,
    )
    if verify:
        row = VerificationDocument.objects.latest("id")
        parties.verify_document(document_id=row.pk, by=WEI, at=PREPARED)


def score(org, points, at=PREPARED):
    tenders.record_scores(scores={org: (Decimal(points), {"on_time": "0.97"})}, by="system:insights", at=at)


def member(ref, *roles):
    return Actor(by="user:x", organisation=ref, roles=frozenset(roles or {"supplier"}))


class TestInvited:
    def test_only_the_invited_know_of_it(self, market):
        ref = market.published(procedure="invited", invited=[market.teng])

        assert queries.tenders_for(member(market.teng)).filter(ref=ref).exists()
        assert not queries.tenders_for(member(market.shen)).filter(ref=ref).exists()
        with pytest.raises(NotFound):
            bid(ref, market.shen, [(1, None, "12")])
        with pytest.raises(NotFound):
            tenders.show_interest(tender_ref=ref, supplier_ref=market.shen, by="user:shen", at=BIDDING)

    def test_publication_tells_them(self, market):
        ref = market.published(procedure="invited", invited=[market.teng])

        (told,) = Notification.objects.all()
        assert (told.organisation.ref, told.facts) == (
            market.teng,
            {"tender": ref, "until": BIDS_UNTIL.isoformat()},
        )

    def test_a_tender_that_is_open_to_all_invites_nobody(self, market):
        with pytest.raises(BadValue):
            market.prepared(invited=[market.teng])
        ref = market.published()
        with pytest.raises(BadValue):
            tenders.invite_supplier(tender_ref=ref, supplier_ref=market.shen, by=WEI, at=PUBLISHED)

    def test_one_more_is_invited_while_bids_are_taken_and_once(self, market):
        ref = market.published(procedure="invited", invited=[market.teng])

        tenders.invite_supplier(tender_ref=ref, supplier_ref=market.shen, by=WEI, at=PUBLISHED)
        with pytest.raises(tenders.InvitedAlready):
            tenders.invite_supplier(tender_ref=ref, supplier_ref=market.shen, by=WEI, at=PUBLISHED)
        with pytest.raises(IllegalMove):
            tenders.invite_supplier(tender_ref=ref, supplier_ref=market.shen, by=WEI, at=BIDS_UNTIL)

        bid(ref, market.shen, [(1, None, "12")])
        assert models.Invitation.objects.count() == 2


class TestTheGate:
    def test_refuses_who_lacks_a_paper(self, market):
        with pytest.raises(tenders.NotQualified) as refused:
            market.prepared(procedure="invited", invited=[market.teng], conditions=ISO)

        assert refused.value.facts == {"supplier": market.teng, "reasons": "no verified paper: iso9001"}
        assert not models.Tender.objects.exists()

    def test_refuses_a_paper_that_nobody_verified_or_that_ends_before_closing(self, market):
        paper(market.teng, verify=False)
        paper(market.shen, expires_on=date(2026, 3, 14))

        for firm in (market.teng, market.shen):
            with pytest.raises(tenders.NotQualified):
                market.prepared(procedure="invited", invited=[firm], conditions=ISO)

    def test_lets_in_who_holds_it_and_keeps_what_was_found(self, market):
        paper(market.teng, expires_on=date(2027, 1, 1))
        score(market.teng, "88.5")

        market.prepared(procedure="invited", invited=[market.teng], conditions=ISO)

        assert models.Invitation.objects.get().standing == {"verified": True, "papers": ["iso9001"], "score": "88.5"}

    def test_refuses_a_low_score_and_takes_the_latest(self, market):
        wanted = Conditions(least_score=Decimal(60))
        score(market.teng, "59.9", at=PREPARED - timedelta(days=30))

        with pytest.raises(tenders.NotQualified):
            market.prepared(procedure="invited", invited=[market.teng], conditions=wanted)
        score(market.teng, "61")

        assert market.prepared(procedure="invited", invited=[market.teng], conditions=wanted)

    @pytest.mark.parametrize("newcomers", [True, False])
    def test_newcomers_are_let_in_where_the_conditions_say_so(self, market, newcomers):
        wanted = Conditions(least_score=Decimal(60), newcomers=newcomers)

        if newcomers:
            assert market.prepared(procedure="invited", invited=[market.teng], conditions=wanted)
        else:
            with pytest.raises(tenders.NotQualified):
                market.prepared(procedure="invited", invited=[market.teng], conditions=wanted)

    @pytest.mark.parametrize("points", ["-1", "100.1", "NaN"])
    def test_refuses_what_is_no_score(self, market, points):
        with pytest.raises(BadValue):
            score(market.teng, points)

        assert not models.SupplierScore.objects.exists()

    def test_whoever_added_a_paper_does_not_verify_it(self, market):
        paper(market.teng, verify=False)

        with pytest.raises(NotAllowed):
            parties.verify_document(document_id=VerificationDocument.objects.get().pk, by="user:teng", at=PREPARED)

        assert VerificationDocument.objects.get().verified_at is None


class TestDeclineInvitation:
    def decline(self, why="No capacity.", at=BIDDING):
        row = models.Invitation.objects.get()
        tenders.decline_invitation(invitation_ref=row.ref, why=why, by="user:teng", at=at)

    def test_keeps_the_reason_and_the_firm_knows_of_it_no_more(self, market):
        ref = market.published(procedure="invited", invited=[market.teng])

        self.decline()

        row = models.Invitation.objects.get()
        assert (row.state, row.reason) == ("declined", "No capacity.")
        assert not queries.tenders_for(member(market.teng)).filter(ref=ref).exists()
        with pytest.raises(NotFound):
            bid(ref, market.teng, [(1, None, "12")])

    def test_refuses_without_a_reason_and_a_second_time(self, market):
        market.published(procedure="invited", invited=[market.teng])

        with pytest.raises(BadValue):
            self.decline(why=" ")
        self.decline()
        with pytest.raises(IllegalMove):
            self.decline()

    def test_refuses_while_the_bid_is_in_the_box(self, market):
        ref = market.published(procedure="invited", invited=[market.teng])
        bid(ref, market.teng, [(1, None, "12")])

        with pytest.raises(tenders.BidStands):
            self.decline()

        assert models.Invitation.objects.get().state == "invited"

    def test_an_invitation_is_withdrawn_from_a_draft_alone(self, market):
        ref = market.prepared(procedure="invited", invited=[market.teng, market.shen])
        first, second = models.Invitation.objects.order_by("pk")
        tenders.withdraw_invitation(invitation_ref=first.ref, why="a mistake", by=WEI, at=PREPARED)
        tenders.publish_tender(tender_ref=ref, by=HUA, at=PUBLISHED)

        with pytest.raises(IllegalMove):
            tenders.withdraw_invitation(invitation_ref=second.ref, why="a mistake", by=WEI, at=PUBLISHED)

        assert not queries.tenders_for(member(market.teng)).exists()

"""Sealing, replacing and withdrawing a bid; nothing enters after closing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from marketplace.events.models import OutboxEvent
from marketplace.kernel.refusals import NotAllowed, NotFound
from marketplace.parties import use_cases as parties
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from procurement.tenders.rules import sealing
from procurement.tenders.use_cases.loading import secret
from tests.procurement.tenders.scene import BIDDING, BIDS_UNTIL, MEI, PUBLISHED, WEI, bid, priced


class TestSealBid:
    def test_answers_with_a_receipt_that_the_platform_signed(self, market):
        ref = market.published()

        receipt = bid(ref, market.teng, [(1, None, "12.5")])

        row = models.SealedBid.objects.get()
        assert (receipt.bid_ref, receipt.version, receipt.commitment) == (row.ref, 1, row.commitment)
        assert sealing.signed_by(queries.public_key_of_receipts(), receipt.text, receipt.signature)
        assert receipt.text == sealing.receipt_text(
            sealing.Place(ref, row.ref, 1, market.teng), row.commitment, BIDDING
        )

    def test_replaces_the_earlier_bid_by_the_next_version(self, market):
        ref = market.published()
        first = bid(ref, market.teng, [(1, None, "12.5")])

        second = bid(ref, market.teng, [(1, None, "12.4")], at=BIDDING + timedelta(minutes=1))

        row = models.SealedBid.objects.get()
        assert (second.bid_ref, second.version) == (first.bid_ref, 2)
        assert (row.version, row.commitment) == (2, second.commitment)
        assert list(models.BidReceipt.objects.order_by("id").values_list("version", "commitment")) == [
            (1, first.commitment),
            (2, second.commitment),
        ]

    def test_gives_every_bid_of_a_tender_the_same_length(self, market):
        ref = market.published()
        bid(ref, market.teng, [(1, None, "1")])
        bid(ref, market.shen, [(n * 10 + 1, n * 10 + 10, "123456.7891") for n in range(40)])

        assert len({len(row.ciphertext) for row in models.SealedBid.objects.all()}) == 1

    def test_draws_refs_that_do_not_count_the_bids(self, market):
        ref = market.published()

        one = bid(ref, market.teng, [(1, None, "12.5")]).bid_ref
        two = bid(ref, market.shen, [(1, None, "12.5")]).bid_ref

        assert abs(int(one[8:]) - int(two[8:])) > 1

    def test_tells_nobody_before_opening(self, market):
        ref = market.published()
        told = OutboxEvent.objects.count()

        bid(ref, market.teng, [(1, None, "12.5")])

        assert OutboxEvent.objects.count() == told

    def test_takes_a_bid_until_the_last_instant(self, market):
        ref = market.published()

        assert bid(ref, market.teng, [(1, None, "12.5")], at=BIDS_UNTIL - timedelta(microseconds=1)).version == 1

    @pytest.mark.parametrize("late", [timedelta(0), timedelta(microseconds=1), timedelta(days=400)])
    def test_refuses_a_bid_at_or_after_the_closing_time_though_the_box_is_not_shut_yet(self, market, late):
        ref = market.published()

        with pytest.raises(tenders.BidsClosed) as refused:
            bid(ref, market.teng, [(1, None, "12.5")], at=BIDS_UNTIL + late)

        assert refused.value.facts == {"tender": ref, "bids_until": BIDS_UNTIL.isoformat()}
        assert not models.SealedBid.objects.exists()
        assert not models.BidReceipt.objects.exists()

    def test_refuses_a_back_dated_bid_once_the_box_is_shut(self, market):
        ref = market.published()
        tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)

        with pytest.raises(tenders.BidsClosed):
            bid(ref, market.teng, [(1, None, "12.5")], at=BIDDING)

        assert not models.SealedBid.objects.exists()

    def test_refuses_a_bid_dated_before_publication(self, market):
        ref = market.published()

        with pytest.raises(tenders.BidsClosed):
            bid(ref, market.teng, [(1, None, "12.5")], at=PUBLISHED - timedelta(seconds=1))

    def test_knows_no_draft(self, market):
        ref = market.prepared()

        with pytest.raises(NotFound):
            bid(ref, market.teng, [(1, None, "12.5")])

    def test_knows_no_tender_that_one_is_not_invited_to(self, market):
        ref = market.published(procedure="invited", invited=[market.shen])

        with pytest.raises(NotFound):
            bid(ref, market.teng, [(1, None, "12.5")])
        assert bid(ref, market.shen, [(1, None, "12.5")]).version == 1

    def test_refuses_a_firm_that_supplies_nothing(self, market):
        ref = market.published()

        with pytest.raises(NotAllowed):
            bid(ref, market.lin, [(1, None, "12.5")])

    def test_refuses_a_suspended_supplier(self, market):
        ref = market.published()
        parties.suspend_organisation(organisation_ref=market.teng, by=WEI, at=PUBLISHED, why="papers expired")

        with pytest.raises(NotAllowed):
            bid(ref, market.teng, [(1, None, "12.5")])

    def test_refuses_an_offer_it_cannot_read_and_keeps_the_earlier_bid(self, market):
        ref = market.published()
        first = bid(ref, market.teng, [(1, None, "12.5")])

        with pytest.raises(tenders.BadOffer):
            bid(ref, market.teng, [(1, 10, "12.5"), (30, None, "12")])

        assert models.SealedBid.objects.get().commitment == first.commitment

    def test_refuses_an_offer_longer_than_the_largest_envelope(self, market, monkeypatch):
        ref = market.published()
        monkeypatch.setattr(sealing, "SIZES", (128,))

        with pytest.raises(tenders.BadOffer) as refused:
            bid(ref, market.teng, [(1, None, "12.5")])

        assert refused.value.facts["reason"] == "is longer than the largest envelope"

    def test_refuses_to_seal_to_a_key_that_was_put_in_the_tender_s_place(self, market):
        ref = market.published()
        stranger, locked = sealing.new_tender_key(b"stranger", ref)
        models.Tender.objects.filter(ref=ref).update(public_key=stranger, locked_key=locked)

        with pytest.raises(tenders.KeyExchanged):
            bid(ref, market.teng, [(1, None, "12.5")])

        assert not models.SealedBid.objects.exists()

    def test_the_database_itself_holds_a_supplier_to_one_bid(self, market):
        ref = market.published()
        bid(ref, market.teng, [(1, None, "12.5")])
        row = models.SealedBid.objects.get()

        row.pk, row.ref = None, "BD-2026-1"
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)

    def test_the_database_itself_keeps_receipts_as_they_were_given(self, market):
        bid(market.published(), market.teng, [(1, None, "12.5")])

        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            models.BidReceipt.objects.update(commitment="0" * 64)
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            models.BidReceipt.objects.all().delete()

    def test_cannot_be_opened_with_what_the_database_holds(self, market, settings):
        ref = market.published()
        bid(ref, market.teng, [(1, None, "12.5")])
        tender = models.Tender.objects.get(ref=ref)

        with pytest.raises(sealing.NotSealedHere):
            sealing.unlock_tender_key(b"guessed", ref, bytes(tender.public_key), bytes(tender.locked_key))
        assert secret() not in bytes(tender.locked_key)


class TestWithdrawBid:
    def test_takes_the_bid_out_with_its_ciphertext(self, market):
        ref = market.published()
        bid(ref, market.teng, [(1, None, "12.5")])

        tenders.withdraw_bid(tender_ref=ref, supplier_ref=market.teng, by="user:teng", at=BIDDING)

        row = models.SealedBid.objects.get()
        assert (row.state, bytes(row.ciphertext)) == ("withdrawn", b"")
        assert [one.verb for one in models.BidReceipt.objects.order_by("id")] == ["seal", "withdraw"]

    def test_lets_the_supplier_bid_again(self, market):
        ref = market.published()
        bid(ref, market.teng, [(1, None, "12.5")])
        tenders.withdraw_bid(tender_ref=ref, supplier_ref=market.teng, by="user:teng", at=BIDDING)

        again = bid(ref, market.teng, [(1, None, "12.4")])

        assert again.version == 2
        assert models.SealedBid.objects.get().state == "sealed"

    def test_refuses_without_a_bid(self, market):
        ref = market.published()

        with pytest.raises(tenders.NoBidHere):
            tenders.withdraw_bid(tender_ref=ref, supplier_ref=market.teng, by="user:teng", at=BIDDING)

    def test_refuses_after_closing_time_and_keeps_the_bid(self, market):
        ref = market.published()
        bid(ref, market.teng, [(1, None, "12.5")])

        with pytest.raises(tenders.BidsClosed):
            tenders.withdraw_bid(tender_ref=ref, supplier_ref=market.teng, by="user:teng", at=BIDS_UNTIL)

        assert models.SealedBid.objects.get().state == "sealed"


class TestCloseTender:
    def test_publishes_the_signed_root_of_the_box(self, market):
        ref = market.published()
        one = bid(ref, market.teng, [(1, None, "12.5")])
        two = bid(ref, market.shen, [(1, None, "12.4")])

        tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)

        row = models.Tender.objects.get(ref=ref)
        assert row.state == "closed"
        assert row.receipts_root == sealing.merkle_root([one.commitment, two.commitment])
        text = sealing.root_text(ref, row.receipts_root)
        assert sealing.signed_by(queries.public_key_of_receipts(), text, bytes(row.root_signature))
        assert OutboxEvent.objects.get(name="TenderClosed").payload["receipts_root"] == row.receipts_root

    def test_leaves_withdrawn_bids_out_of_the_root(self, market):
        ref = market.published()
        bid(ref, market.teng, [(1, None, "12.5")])
        two = bid(ref, market.shen, [(1, None, "12.4")])
        tenders.withdraw_bid(tender_ref=ref, supplier_ref=market.teng, by="user:teng", at=BIDDING)

        tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)

        assert models.Tender.objects.get(ref=ref).receipts_root == sealing.merkle_root([two.commitment])

    def test_refuses_before_its_time(self, market):
        ref = market.published()

        with pytest.raises(tenders.TooEarly):
            tenders.close_tender(tender_ref=ref, by=MEI, at=BIDS_UNTIL - timedelta(microseconds=1))

        assert queries.tender(ref).state == "published"

    def test_is_due_when_its_time_has_come(self, market):
        ref = market.published()

        assert queries.due_to_close(BIDS_UNTIL - timedelta(seconds=1)) == []
        assert queries.due_to_close(BIDS_UNTIL) == [ref]


def test_an_offer_for_some_lots_is_as_long_as_one_for_all(market):
    from tests.procurement.tenders.scene import new_product

    ref = market.published(*[market.frozen(product=new_product(f"P-{n}")) for n in range(2, 12)])
    bid(ref, market.teng, priced(ref, (1, None, "12.5"), lot=7))
    every = [priced(ref, (1, None, "12.5"), lot=n)["lots"][0] for n in range(10)]
    bid(ref, market.shen, {"lots": every})

    assert len({len(row.ciphertext) for row in models.SealedBid.objects.all()}) == 1


class TestTheClockOnceTheBoxIsHeld:
    def test_a_bid_that_stalled_on_its_way_is_late_whatever_time_it_came_with(self, market):
        ref = market.published()
        offer = priced(ref, (1, None, "12.5"))

        with pytest.raises(tenders.BidsClosed):
            tenders.seal_bid(
                tender_ref=ref,
                supplier_ref=market.teng,
                offer=offer,
                by="user:teng",
                at=BIDDING,
                clock=lambda: BIDS_UNTIL,
            )

        assert not models.SealedBid.objects.exists()

    def test_so_is_a_withdrawal(self, market):
        ref = market.published()
        bid(ref, market.teng, [(1, None, "12.5")])

        with pytest.raises(tenders.BidsClosed):
            tenders.withdraw_bid(
                tender_ref=ref, supplier_ref=market.teng, by="user:teng", at=BIDDING, clock=lambda: BIDS_UNTIL
            )

        assert models.SealedBid.objects.get().state == "sealed"

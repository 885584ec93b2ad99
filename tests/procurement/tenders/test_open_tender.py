"""Opening: what is decrypted, what is rejected and why, what an altered box does."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from marketplace.events.models import OutboxEvent
from marketplace.kernel.refusals import IllegalMove
from marketplace.parties.queries import ids_by_ref
from procurement.pools import queries as pools
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from procurement.tenders.rules import sealing
from procurement.tenders.use_cases.loading import secret
from tests.procurement.tenders.scene import AWARDING, BIDDING, BIDS_UNTIL, HUA, MEI, OPENING, bid, lots_of, priced


def shut(ref: str) -> None:
    tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)


def opened(ref: str) -> dict[str, models.OpenedBid]:
    tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)
    return {one.supplier_ref: one for one in models.OpenedBid.objects.filter(tender__ref=ref)}


def slip_in(ref: str, supplier_ref: str, payload: Any) -> None:
    """Put an unchecked payload into the box, sealed and receipted as the platform would."""
    bid(ref, supplier_ref, [(1, None, "1")])
    row = models.SealedBid.objects.get(tender__ref=ref, supplier_ref=supplier_ref)
    place = sealing.Place(ref, row.ref, row.version, supplier_ref)
    if isinstance(payload, dict) and "offer" not in payload:
        payload = {"tender": ref, "bid": row.ref, "supplier": supplier_ref, "offer": payload}
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    envelope = sealing.seal(raw, place=place, public_key=bytes(row.tender.public_key))
    committed = sealing.commitment(envelope, place)
    models.SealedBid.objects.filter(pk=row.pk).update(
        ephemeral_key=envelope.ephemeral_key,
        nonce=envelope.nonce,
        ciphertext=envelope.ciphertext,
        commitment=committed,
        signature=sealing.sign(secret(), sealing.receipt_text(place, committed, row.received_at)),
    )


class TestOpenTender:
    def test_keeps_every_offer_as_it_was_made(self, market):
        ref = market.published()
        freight = {"Zhejiang": "0.25"}
        bid(ref, market.teng, priced(ref, (1, 99, "12.5"), (100, None, "11.9"), freight=freight, lead_days=14))
        shut(ref)

        found = opened(ref)[market.teng]

        offer = models.LotOffer.objects.get(opened_bid=found)
        assert (found.supplier_name, found.rejected, found.capacity) == ("Tengda Casting", "", None)
        assert (offer.lot.ref, offer.freight, offer.lead_days) == (lots_of(ref)[0], {"Zhejiang": "0.25"}, 14)
        tiers = offer.tiers.order_by("position").values_list("from_quantity", "to_quantity", "unit_price")
        assert list(tiers) == [(1, 99, Decimal("12.5")), (100, None, Decimal("11.9"))]
        assert models.SealedBid.objects.get().state == "opened"

    def test_opens_the_last_version_only(self, market):
        ref = market.published()
        bid(ref, market.teng, [(1, None, "12.5")])
        bid(ref, market.teng, [(1, None, "11.5")])
        shut(ref)

        opened(ref)

        assert models.BidTier.objects.get().unit_price == Decimal("11.5")

    def test_leaves_a_withdrawn_bid_unread(self, market):
        ref = market.published()
        bid(ref, market.teng, [(1, None, "12.5")])
        bid(ref, market.shen, [(1, None, "12.5")])
        tenders.withdraw_bid(tender_ref=ref, supplier_ref=market.teng, by="user:teng", at=BIDDING)
        shut(ref)

        assert opened(ref).keys() == {market.shen}

    def test_needs_other_eyes_than_those_that_published(self, market):
        ref = market.published()
        bid(ref, market.teng, [(1, None, "12.5")])
        shut(ref)

        with pytest.raises(tenders.FourEyes):
            tenders.open_tender(tender_ref=ref, by=MEI, at=OPENING)

        assert queries.tender(ref).state == "closed"
        assert not models.OpenedBid.objects.exists()

    def test_the_database_itself_refuses_the_same_eyes(self, market):
        ref = market.published()

        with pytest.raises(IntegrityError), transaction.atomic():
            models.Tender.objects.filter(ref=ref).update(opened_by=MEI)

    def test_refuses_while_the_box_takes_bids(self, market):
        ref = market.published()
        bid(ref, market.teng, [(1, None, "12.5")])

        with pytest.raises(IllegalMove):
            tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)

        assert not models.BidTier.objects.exists()

    def test_opens_nothing_without_the_platform_s_secret(self, market, settings):
        ref = market.published()
        bid(ref, market.teng, [(1, None, "12.5")])
        shut(ref)
        settings.BID_KEY_SECRET = "another secret"

        with pytest.raises(tenders.KeyLost):
            tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)

        assert queries.tender(ref).state == "closed"
        assert not models.OpenedBid.objects.exists()

    def test_fails_a_tender_without_bids_and_lets_its_pool_go(self, market):
        pool = market.frozen()

        ref = market.opened(pool)

        assert queries.tender(ref).state == "failed"
        assert pools.pool(pool).state == "failed"
        assert OutboxEvent.objects.get(name="TenderFailed").payload == {"tender_ref": ref, "why": "no valid bid"}


@pytest.mark.parametrize(
    ("tiers", "reason"),
    [
        ([(1, 50, "9"), (70, None, "8")], "leaves a gap after the tier before it"),
        ([(1, 50, "9"), (40, None, "8")], "overlaps the tier before it"),
        ([(1, None, "-9")], "is negative"),
        ([(1, None, "NaN")], "is no plain number of at most twelve digits before the point"),
        ([(1, None, float("nan"))], "is no number written as text"),
    ],
)
def test_rejects_a_bid_with_bad_tiers_and_harms_no_other(market, tiers, reason):
    ref = market.published()
    slip_in(ref, market.teng, {"lots": [{"lot": lots_of(ref)[0], "tiers": tier_rows(tiers)}]})
    bid(ref, market.shen, [(1, None, "12.5")])
    shut(ref)

    found = opened(ref)

    assert (found[market.teng].rejected, found[market.teng].why["reason"]) == ("bad_offer", reason)
    assert found[market.shen].rejected == ""
    assert models.BidTier.objects.get().lot_offer.opened_bid == found[market.shen]
    assert models.SealedBid.objects.get(supplier_ref=market.teng).state == "rejected"


def tier_rows(tiers: list[tuple[Any, Any, Any]]) -> list[dict[str, Any]]:
    return [{"from": start, "to": end, "price": price} for start, end, price in tiers]


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"lots": [{"lot": "LT-2026-0999", "tiers": [{"from": 1, "to": None, "price": "9"}]}]}, "bad_offer"),
        (b"no json at all", "unreadable"),
        (b"\xff\xfe", "unreadable"),
        (b"[" * 100_000, "unreadable"),
        (b"[]", "unreadable"),
        ({"tender": "TD-2026-0099", "bid": "x", "supplier": "y", "offer": {}}, "sealed_elsewhere"),
    ],
)
def test_rejects_what_is_no_offer_and_harms_no_other(market, payload, code):
    ref = market.published()
    slip_in(ref, market.teng, payload)
    bid(ref, market.shen, [(1, None, "12.5")])
    shut(ref)

    found = opened(ref)

    assert (found[market.teng].rejected, found[market.shen].rejected) == (code, "")


class TestAlteredBox:
    def box(self, market) -> tuple[str, models.SealedBid, models.SealedBid]:
        ref = market.published()
        for supplier, price in ((market.teng, "12.5"), (market.shen, "12.4")):
            bid(ref, supplier, [(1, None, price)])
        shut(ref)
        return ref, *(models.SealedBid.objects.get(supplier_ref=one) for one in (market.teng, market.shen))

    def test_rejects_a_bid_whose_bytes_were_altered(self, market):
        ref, teng, _ = self.box(market)
        raw = bytearray(teng.ciphertext)
        raw[100] ^= 1
        models.SealedBid.objects.filter(pk=teng.pk).update(ciphertext=bytes(raw))

        found = opened(ref)

        assert (found[market.teng].rejected, found[market.shen].rejected) == ("altered", "")

    def test_rejects_a_forged_bid_under_the_bidder_s_name_and_awards_nothing(self, market):
        ref, teng, _ = self.box(market)
        place = sealing.Place(ref, teng.ref, 1, market.teng)
        forged = sealing.seal(b"{}", place=place, public_key=bytes(teng.tender.public_key))
        models.SealedBid.objects.filter(pk=teng.pk).update(
            ephemeral_key=forged.ephemeral_key,
            nonce=forged.nonce,
            ciphertext=forged.ciphertext,
            commitment=sealing.commitment(forged, place),
        )

        assert opened(ref)[market.teng].rejected == "receipt_not_ours"
        with pytest.raises(tenders.BoxTampered):
            tenders.award_tender(tender_ref=ref, by=HUA, at=AWARDING)

    def test_rejects_two_bids_that_were_swapped(self, market):
        ref, teng, shen = self.box(market)
        parts = ("ephemeral_key", "nonce", "ciphertext", "commitment", "signature")
        models.SealedBid.objects.filter(pk=teng.pk).update(**{part: getattr(shen, part) for part in parts})
        models.SealedBid.objects.filter(pk=shen.pk).update(**{part: getattr(teng, part) for part in parts})

        assert {one.rejected for one in opened(ref).values()} == {"altered"}

    def test_rejects_a_bid_put_under_another_supplier(self, market):
        ref, teng, _ = self.box(market)
        models.SealedBid.objects.filter(pk=teng.pk).update(supplier_ref="OR-2026-0099")

        assert opened(ref)["OR-2026-0099"].rejected == "altered"

    def test_rejects_a_bid_whose_key_names_another_supplier(self, market):
        ref, teng, _ = self.box(market)
        models.SealedBid.objects.filter(pk=teng.pk).update(supplier=ids_by_ref([market.lin])[market.lin])

        assert opened(ref)[market.teng].rejected == "altered"

    def test_rejects_a_bid_that_was_dated_back(self, market):
        ref, teng, _ = self.box(market)
        models.SealedBid.objects.filter(pk=teng.pk).update(received_at=OPENING)

        assert opened(ref)[market.teng].rejected == "receipt_not_ours"

    def test_awards_nothing_when_a_bid_was_dropped_from_the_box(self, market):
        ref, _, shen = self.box(market)
        models.SealedBid.objects.filter(pk=shen.pk).update(state="withdrawn")

        opened(ref)

        assert models.Tender.objects.get(ref=ref).box_intact is False
        with pytest.raises(tenders.BoxTampered):
            tenders.award_tender(tender_ref=ref, by=HUA, at=AWARDING)
        assert queries.tender(ref).state == "opened"

    def test_awards_nothing_when_the_published_root_was_exchanged_too(self, market):
        ref, teng, shen = self.box(market)
        models.SealedBid.objects.filter(pk=shen.pk).update(state="withdrawn")
        root = sealing.merkle_root([teng.commitment])
        models.Tender.objects.filter(ref=ref).update(receipts_root=root)

        opened(ref)

        assert models.Tender.objects.get(ref=ref).box_intact is False

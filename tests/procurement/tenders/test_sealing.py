"""The seal itself: no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from procurement.tenders.rules.sealing import (
    SIZES,
    NotSealedHere,
    Place,
    TooLarge,
    blind,
    commitment,
    merkle_root,
    new_tender_key,
    padded_size,
    receipt_key,
    receipt_text,
    seal,
    sign,
    signed_by,
    unlock_tender_key,
    unseal,
)

SECRET = b"a secret that stands beside the database"
PLACE = Place("TD-2026-0001", "BD-2026-918273", 1, "OR-2026-0005")
AT = datetime(2026, 3, 2, 4, tzinfo=UTC)


@pytest.fixture
def pair() -> tuple[bytes, bytes]:
    public, locked = new_tender_key(SECRET, PLACE.tender_ref)
    return public, unlock_tender_key(SECRET, PLACE.tender_ref, public, locked)


class TestSeal:
    def test_opens_in_its_own_place_with_the_tenders_key(self, pair):
        envelope = seal(b"12.3456", place=PLACE, public_key=pair[0])

        assert unseal(envelope, place=PLACE, private_key=pair[1]) == b"12.3456"

    def test_holds_nothing_of_the_payload(self, pair):
        envelope = seal(b"a price of 12.3456", place=PLACE, public_key=pair[0])

        assert b"12.3456" not in envelope.ciphertext + envelope.ephemeral_key + envelope.nonce

    def test_gives_the_same_offer_another_look_each_time(self, pair):
        one, two = (seal(b"12.3456", place=PLACE, public_key=pair[0]) for _ in range(2))

        assert one.ciphertext != two.ciphertext
        assert commitment(one, PLACE) != commitment(two, PLACE)

    def test_gives_short_and_long_offers_the_same_length(self, pair):
        lengths = {len(seal(b"x" * n, place=PLACE, public_key=pair[0]).ciphertext) for n in (0, 1, 17, 4000)}

        assert lengths == {SIZES[0] + 16}

    @pytest.mark.parametrize(
        "elsewhere",
        [
            replace(PLACE, tender_ref="TD-2026-0002"),
            replace(PLACE, bid_ref="BD-2026-000001"),
            replace(PLACE, version=2),
        ],
    )
    def test_does_not_open_in_another_place(self, pair, elsewhere):
        envelope = seal(b"12.3456", place=PLACE, public_key=pair[0])

        with pytest.raises(NotSealedHere):
            unseal(envelope, place=elsewhere, private_key=pair[1])

    @pytest.mark.parametrize("part", ["ephemeral_key", "nonce", "ciphertext"])
    def test_does_not_open_when_a_bit_was_altered(self, pair, part):
        envelope = seal(b"12.3456", place=PLACE, public_key=pair[0])
        raw = bytearray(getattr(envelope, part))
        raw[3] ^= 1

        with pytest.raises(NotSealedHere):
            unseal(replace(envelope, **{part: bytes(raw)}), place=PLACE, private_key=pair[1])

    def test_does_not_open_with_another_tenders_key(self, pair):
        envelope = seal(b"12.3456", place=PLACE, public_key=pair[0])
        public, locked = new_tender_key(SECRET, "TD-2026-0009")
        other = unlock_tender_key(SECRET, "TD-2026-0009", public, locked)

        with pytest.raises(NotSealedHere):
            unseal(envelope, place=PLACE, private_key=other)

    def test_refuses_what_no_size_holds(self):
        assert padded_size(SIZES[-1] - 4) == SIZES[-1]
        with pytest.raises(TooLarge):
            padded_size(SIZES[-1] - 3)


class TestTenderKey:
    def test_stays_locked_without_the_platforms_secret(self):
        public, locked = new_tender_key(SECRET, PLACE.tender_ref)

        with pytest.raises(NotSealedHere):
            unlock_tender_key(b"another secret", PLACE.tender_ref, public, locked)

    def test_stays_locked_under_another_tenders_name(self):
        public, locked = new_tender_key(SECRET, PLACE.tender_ref)

        with pytest.raises(NotSealedHere):
            unlock_tender_key(SECRET, "TD-2026-0002", public, locked)


class TestReceipt:
    def test_is_signed_by_the_platform_and_by_nobody_else(self):
        text = receipt_text(PLACE, "ab" * 32, AT)

        signature = sign(SECRET, text)

        assert signed_by(receipt_key(SECRET), text, signature)
        assert not signed_by(receipt_key(b"another secret"), text, signature)

    @pytest.mark.parametrize(
        "other",
        [
            receipt_text(replace(PLACE, supplier_ref="OR-2026-0006"), "ab" * 32, AT),
            receipt_text(replace(PLACE, version=2), "ab" * 32, AT),
            receipt_text(PLACE, "ac" * 32, AT),
            receipt_text(PLACE, "ab" * 32, AT.replace(minute=1)),
        ],
    )
    def test_does_not_stand_for_another_bidder_version_bid_or_time(self, other):
        signature = sign(SECRET, receipt_text(PLACE, "ab" * 32, AT))

        assert not signed_by(receipt_key(SECRET), other, signature)

    def test_says_the_commitment_of_the_bidder_alone(self, pair):
        envelope = seal(b"12.3456", place=PLACE, public_key=pair[0])

        assert commitment(envelope, PLACE) != commitment(envelope, replace(PLACE, supplier_ref="OR-2026-0006"))


class TestMerkleRoot:
    def test_tells_a_dropped_an_added_and_a_swapped_bid(self):
        box = [f"{n:02x}" * 32 for n in range(5)]
        root = merkle_root(box)

        assert merkle_root(box[:-1]) != root
        assert merkle_root([*box, "ff" * 32]) != root
        assert merkle_root([*box[:-1], "ff" * 32]) != root

    def test_is_the_same_in_whatever_order_the_bids_came(self):
        box = [f"{n:02x}" * 32 for n in range(6)]

        assert merkle_root(box[::-1]) == merkle_root(box)

    def test_of_an_empty_box_is_the_digest_of_nothing(self):
        assert merkle_root([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_blind_digest_cannot_be_tried_without_the_secret():
    assert blind(SECRET, "ab") != blind(b"another secret", "ab")
    assert blind(SECRET, "ab") == blind(SECRET, "ab")

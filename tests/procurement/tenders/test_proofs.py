"""What an outsider checks from files alone: receipts, inclusion, the opening record; each fraud shows."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.kernel.refusals import NotFound
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from procurement.tenders.rules import proofs, sealing
from procurement.tenders.rules.proofs import NotProved, inclusion_path, root_by_path
from procurement.tenders.use_cases.loading import secret
from tests.procurement.tenders.holders import shut
from tests.procurement.tenders.scene import BIDDING, HUA, OPENING, Market, bid

SECRET = b"a secret that stands beside the database"


def kept(receipt: tenders.Receipt) -> dict[str, str]:
    """What a bidder downloads."""
    key = queries.public_key_of_receipts().hex()
    return {"text": receipt.text.decode(), "signature": receipt.signature.hex(), "public_key": key}


class TestInclusion:
    @given(count=st.integers(1, 40), data=st.data())
    @settings(max_examples=60, deadline=None)
    def test_leads_every_commitment_to_the_root(self, count: int, data: Any) -> None:
        box = [f"{n:064x}" for n in data.draw(st.sets(st.integers(0, 2**256 - 1), min_size=count, max_size=count))]
        one = data.draw(st.sampled_from(box))

        assert root_by_path(one, inclusion_path(box, one)) == sealing.merkle_root(box)

    @given(count=st.integers(2, 20), flip=st.integers(0, 255))
    @settings(max_examples=40, deadline=None)
    def test_leads_nothing_else_there(self, count: int, flip: int) -> None:
        box = [f"{n * 7919:064x}" for n in range(count)]
        path = inclusion_path(box, box[1])
        stranger = f"{int(box[1], 16) ^ (1 << flip):064x}"

        assert root_by_path(stranger, path) != sealing.merkle_root(box)

    def test_is_none_for_what_is_not_in_the_box(self) -> None:
        with pytest.raises(NotProved):
            inclusion_path(["00" * 32], "11" * 32)

    @pytest.mark.parametrize("step", [("up", "00" * 32), ("left", "00"), ("left", "zz"), ("left", None)])
    def test_refuses_steps_that_are_no_hashes(self, step: tuple[str, Any]) -> None:
        with pytest.raises(NotProved):
            root_by_path("00" * 32, [proofs.Step(*step)])

    def test_of_a_node_is_no_proof_of_a_leaf(self) -> None:
        """An inner node cannot pass as a commitment: leaves and nodes are hashed with different prefixes."""
        box = [f"{n:064x}" for n in range(4)]
        path = inclusion_path(box, box[0])
        node = root_by_path(box[0], path[:1])

        assert root_by_path(node, path[1:]) != sealing.merkle_root(box)


class Told:
    """What the checker answered."""

    def __init__(self, *argv: str) -> None:
        out, self.code = StringIO(), 0
        try:
            call_command("verify_receipt", *argv, stdout=out)
        except SystemExit as ended:
            self.code = int(ended.code or 0)
        self.said = json.loads(out.getvalue())


def check(folder: Path, receipt: Any, *, record: Any = None, proof: Any = None, key: str = "") -> Told:
    argv = []
    for name, document in (("receipt", receipt), ("record", record), ("proof", proof)):
        if document is not None:
            (folder / f"{name}.json").write_text(json.dumps(document))
            argv += [str(folder / f"{name}.json")] if name == "receipt" else [f"--{name}", str(folder / f"{name}.json")]
    return Told(*argv, *(["--key", key] if key else []))


@pytest.mark.django_db
class TestVerifyReceipt:
    def opened(self, market: Market) -> tuple[str, dict[str, str], dict[str, str]]:
        ref = market.published()
        teng, shen = (bid(ref, one, [(1, None, "12.5")]) for one in (market.teng, market.shen))
        shut(ref)
        tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)
        return ref, kept(teng), kept(shen)

    def record(self, ref: str) -> dict[str, str]:
        return queries.opening_record(models.Tender.objects.get(ref=ref))

    def test_says_of_a_bid_in_the_box_that_it_was_counted(self, market, tmp_path):
        ref, teng, _ = self.opened(market)
        row = models.SealedBid.objects.get(supplier_ref=market.teng)

        told = check(tmp_path, teng, record=self.record(ref), proof=queries.inclusion_of(row), key=teng["public_key"])

        assert (told.code, told.said["verdict"], told.said["included"]) == (0, "counted", True)

    def test_says_of_an_earlier_version_that_a_later_one_stands_in_its_place(self, market, tmp_path):
        ref = market.published()
        first = kept(bid(ref, market.teng, [(1, None, "12.5")]))
        bid(ref, market.teng, [(1, None, "11.5")])
        shut(ref)
        tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)

        told = check(tmp_path, first, record=self.record(ref))

        assert (told.code, told.said["verdict"]) == (0, "replaced")

    def test_says_of_a_withdrawn_bid_that_it_was_withdrawn(self, market, tmp_path):
        ref = market.published()
        first = kept(bid(ref, market.teng, [(1, None, "12.5")]))
        bid(ref, market.shen, [(1, None, "12.5")])
        tenders.withdraw_bid(tender_ref=ref, supplier_ref=market.teng, by="user:teng", at=BIDDING)
        shut(ref)
        tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)

        assert check(tmp_path, first, record=self.record(ref)).said["verdict"] == "withdrawn"

    def test_proves_that_a_bid_was_dropped_before_closing(self, market, tmp_path):
        ref = market.published()
        teng = kept(bid(ref, market.teng, [(1, None, "12.5")]))
        bid(ref, market.shen, [(1, None, "12.5")])
        models.SealedBid.objects.filter(supplier_ref=market.teng).update(tender=self.elsewhere(market))
        shut(ref)
        tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)

        told = check(tmp_path, teng, record=self.record(ref))

        assert (told.code, told.said["verdict"]) == (1, "dropped")
        assert models.Tender.objects.get(ref=ref).box_intact

    def elsewhere(self, market: Market) -> models.Tender:
        return models.Tender.objects.get(ref=market.prepared(market.frozen("Jiangsu")))

    def test_proves_that_a_bid_was_dropped_after_closing(self, market, tmp_path):
        ref = market.published()
        teng = kept(bid(ref, market.teng, [(1, None, "12.5")]))
        bid(ref, market.shen, [(1, None, "12.5")])
        shut(ref)
        models.SealedBid.objects.filter(supplier_ref=market.teng).update(tender=self.elsewhere(market))
        tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)

        told = check(tmp_path, teng, record=self.record(ref))

        assert (told.code, told.said["verdict"]) == (1, "not proved")
        assert told.said["why"] == "the bids in the record do not give the root that was published at closing"

    def test_shows_a_bid_that_was_swapped_for_another_under_the_same_name(self, market, tmp_path):
        """An older envelope put back in the place of the newer: replayed."""
        ref = market.published()
        bid(ref, market.teng, [(1, None, "12.5")])
        old = models.SealedBid.objects.get()
        second = kept(bid(ref, market.teng, [(1, None, "11.5")]))
        parts = ("ephemeral_key", "nonce", "ciphertext", "commitment", "signature", "received_at", "version")
        models.SealedBid.objects.update(**{part: getattr(old, part) for part in parts})
        shut(ref)
        tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)

        told = check(tmp_path, second, record=self.record(ref))

        assert (told.code, told.said["verdict"]) == (1, "dropped")

    def test_shows_a_receipt_that_the_platform_did_not_sign(self, market, tmp_path):
        ref, teng, _ = self.opened(market)
        forged = {**teng, "text": teng["text"].replace('"version":1', '"version":2')}

        told = check(tmp_path, forged, record=self.record(ref))

        assert (told.code, told.said["why"]) == (1, "the receipt does not bear the platform's signature")

    def test_shows_a_record_that_was_edited(self, market, tmp_path):
        ref, teng, _ = self.opened(market)
        record = self.record(ref)
        record["text"] = record["text"].replace('"read"', '"altered"', 1)

        assert check(tmp_path, teng, record=record).said["why"] == "the record does not bear the platform's signature"

    def test_shows_a_record_signed_anew_over_another_box(self, market, tmp_path):
        ref, teng, _ = self.opened(market)
        facts = json.loads(self.record(ref)["text"])
        facts["bids"] = facts["bids"][:1]
        text = proofs.record_text(facts)
        record = {"text": text, "signature": sealing.sign(secret(), proofs.signed_record(text)).hex()}

        assert "do not give the root" in check(tmp_path, teng, record=record).said["why"]

    def test_shows_keys_exchanged_under_a_pinned_one(self, market, tmp_path):
        _, teng, _ = self.opened(market)
        other = sealing.receipt_key(b"another platform").hex()

        told = check(tmp_path, teng, key=other)

        assert (told.code, told.said["key_pinned"]) == (1, True)

    def test_shows_the_proof_of_a_rival(self, market, tmp_path):
        _, teng, _ = self.opened(market)
        rival = models.SealedBid.objects.get(supplier_ref=market.shen)

        told = check(tmp_path, teng, proof=queries.inclusion_of(rival))

        assert told.code == 1

    @pytest.mark.parametrize("document", [{}, [], "x", {"text": 1}, {"text": "{}", "signature": "zz"}])
    def test_answers_nonsense_without_falling(self, tmp_path, document):
        told = check(tmp_path, document, key="00" * 32)

        assert (told.code, told.said["verdict"]) == (1, "not proved")

    @pytest.mark.parametrize("document", [{}, [], {"text": "[1]", "signature": "00"}, {"text": "{}", "signature": ""}])
    def test_answers_a_nonsense_record_without_falling(self, market, tmp_path, document):
        _, teng, _ = self.opened(market)

        assert check(tmp_path, teng, record=document).said["verdict"] == "not proved"


@pytest.mark.django_db
class TestTheRecord:
    def test_names_every_commitment_and_verdict_and_neither_price_nor_supplier(self, market):
        ref = market.published()
        bid(ref, market.teng, [(1, None, "98765.4321")])
        bid(ref, market.shen, [(1, None, "98765.1234")])
        models.SealedBid.objects.filter(supplier_ref=market.shen).update(received_at=OPENING)
        shut(ref)
        tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)

        row = models.OpeningRecord.objects.get()

        said = json.loads(row.text)
        assert sorted(one["verdict"] for one in said["bids"]) == ["read", "receipt_not_ours"]
        assert (said["root"], said["holding"]) == (models.Tender.objects.get().receipts_root, None)
        for word in ("98765", market.teng, market.shen, "Tengda", "Shenyuan"):
            assert word not in row.text

    def test_is_not_there_before_the_opening_and_neither_is_a_proof(self, market):
        ref = market.published()
        bid(ref, market.teng, [(1, None, "12.5")])
        shut(ref)

        with pytest.raises(NotFound):
            queries.opening_record(models.Tender.objects.get())
        with pytest.raises(NotFound):
            queries.inclusion_of(models.SealedBid.objects.get())

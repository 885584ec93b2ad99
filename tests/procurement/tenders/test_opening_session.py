"""Key holders: how they are registered and named, what they are dealt, and the session in which they open a box."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from marketplace.events.models import OutboxEvent, StateChange
from marketplace.kernel.refusals import BadValue, IllegalMove, NotFound
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from procurement.tenders.handlers import look_after_tenders
from procurement.tenders.rules import key_shares, sealing
from procurement.tenders.rules.key_shares import new_key_pair, share_file
from procurement.tenders.use_cases.loading import secret
from tests.cast import enter
from tests.procurement.tenders.holders import Holder, held, register, register_many, shut, tool
from tests.procurement.tenders.scene import AWARDING, BIDDING, HUA, MEI, NOON, OPENING, PREPARED, PUBLISHED, WEI, bid


@pytest.fixture
def three(market) -> list[Holder]:
    return register_many(3)


@pytest.fixture
def box(market, three) -> str:
    """A closed tender with one bid, two of three shares open it."""
    ref = held(market, three)
    bid(ref, market.teng, [(1, None, "12.5")])
    shut(ref)
    return ref


def waiting(ref: str) -> int:
    return models.KeyShare.objects.filter(tender__ref=ref, waiting__isnull=False).count()


class TestHolderKeys:
    def test_count_once_another_person_confirmed_them(self, market):
        enter("chen")
        public = new_key_pair()[1].hex()

        ref = tenders.propose_holder_key(person="user:chen", name="Chen", public_key=public, by="user:chen", at=NOON)

        assert not queries.active_holders().exists()
        tenders.confirm_holder_key(holder_ref=ref, by=WEI, at=NOON)
        assert [one.ref for one in queries.active_holders()] == [ref]

    @pytest.mark.parametrize("by", [WEI, "user:chen"])
    def test_are_confirmed_neither_by_who_proposed_nor_by_their_holder(self, market, by):
        enter("chen")
        ref = tenders.propose_holder_key(
            person="user:chen", name="Chen", public_key=new_key_pair()[1].hex(), by=WEI, at=NOON
        )

        with pytest.raises(tenders.FourEyes):
            tenders.confirm_holder_key(holder_ref=ref, by=by, at=NOON)

        assert models.KeyHolder.objects.get().state == "proposed"
        with pytest.raises(IntegrityError), transaction.atomic():
            models.KeyHolder.objects.update(confirmed_by=by)

    def test_a_new_key_replaces_the_old_one_by_four_eyes_and_in_the_trail(self, market):
        chen = register("chen")

        new = tenders.propose_holder_key(
            person=chen.by, name="Chen", public_key=new_key_pair()[1].hex(), by=chen.by, at=NOON
        )
        assert [one.ref for one in queries.active_holders()] == [chen.ref]
        tenders.confirm_holder_key(holder_ref=new, by=WEI, at=NOON)

        assert [one.ref for one in queries.active_holders()] == [new]
        step = StateChange.objects.get(ref=chen.ref, verb="replace")
        assert (step.by, step.why) == (WEI, f"by {new}")
        fact = OutboxEvent.objects.filter(name="HolderKeyConfirmed").last()
        assert fact.payload["replaced"] == chen.ref

    def test_one_key_is_one_hand(self, market):
        chen = register("chen")
        enter("deng")

        with pytest.raises(tenders.HolderKeyKnown):
            tenders.propose_holder_key(
                person="user:deng", name="Deng", public_key=chen.public_key.hex(), by=WEI, at=NOON
            )

    @pytest.mark.parametrize("key", ["", "zz", "00", "00" * 32, "01" + "00" * 31])
    def test_what_nothing_can_be_sealed_to_is_no_key(self, market, key):
        enter("chen")

        with pytest.raises(BadValue):
            tenders.propose_holder_key(person="user:chen", name="Chen", public_key=key, by=WEI, at=NOON)

    def test_nobody_holds_who_never_signed_up(self, market):
        with pytest.raises(NotFound):
            tenders.propose_holder_key(
                person="user:nobody", name="Nobody", public_key=new_key_pair()[1].hex(), by=WEI, at=NOON
            )


class TestNaming:
    @pytest.mark.parametrize("needed", [0, 1, 3, 4])
    def test_needs_two_at_least_and_one_to_spare(self, market, three, needed):
        ref = market.prepared()

        with pytest.raises(BadValue):
            tenders.name_key_holders(
                tender_ref=ref, holder_refs=[one.ref for one in three], needed=needed, by=WEI, at=PREPARED
            )

        assert not models.KeyShare.objects.exists()

    def test_named_anew_replaces_the_list(self, market, three):
        ref = market.prepared()
        refs = [one.ref for one in three]
        tenders.name_key_holders(tender_ref=ref, holder_refs=refs, needed=2, by=WEI, at=PREPARED)

        tenders.name_key_holders(tender_ref=ref, holder_refs=[], needed=0, by=WEI, at=PREPARED)

        assert not models.KeyShare.objects.exists()
        assert models.Tender.objects.get().shares_needed is None

    def test_a_retired_holder_is_not_dealt_to(self, market, three):
        ref = market.prepared()
        tenders.name_key_holders(tender_ref=ref, holder_refs=[one.ref for one in three], needed=2, by=WEI, at=PREPARED)
        tenders.retire_holder_key(holder_ref=three[0].ref, why="left", by=WEI, at=PREPARED)

        with pytest.raises(tenders.HolderNotActive):
            tenders.publish_tender(tender_ref=ref, by=MEI, at=PUBLISHED)

        assert queries.tender(ref).state == "draft"
        assert models.Tender.objects.get().public_key is None

    def test_who_publishes_neither_named_the_holders_nor_is_one(self, market, three):
        ref = market.prepared()
        refs = [one.ref for one in three]
        tenders.name_key_holders(tender_ref=ref, holder_refs=refs, needed=2, by=MEI, at=PREPARED)

        for by in (MEI, three[1].by):
            with pytest.raises(tenders.FourEyes):
                tenders.publish_tender(tender_ref=ref, by=by, at=PUBLISHED)

        assert queries.tender(ref).state == "draft"


class TestDealing:
    def test_the_private_key_is_kept_nowhere(self, market, three):
        ref = held(market, three)

        tender = models.Tender.objects.get()
        given = [one.opened(ref) for one in three]
        key = key_shares.join_key({one.number: one.share for one in given[:2]})
        assert tender.locked_key is None
        assert key_shares.opens(key, bytes(tender.public_key))

    def test_each_share_opens_with_its_holder_s_key_alone(self, market, three):
        ref = held(market, three)

        with pytest.raises(key_shares.NoShare):
            replace(three[0], private_key=three[1].private_key).opened(ref)

    def test_the_sealed_file_is_gone_once_the_holder_has_it(self, market, three):
        ref = held(market, three)

        three[0].take_up(ref)

        row = three[0].row(ref)
        assert (row.state, row.sealed) == ("kept", None)
        with pytest.raises(NotFound):
            queries.sealed_share(row)

    def test_the_word_of_another_share_is_refused(self, market, three):
        ref = held(market, three)
        other = three[1].opened(ref)

        with pytest.raises(tenders.WrongToken):
            tenders.acknowledge_share(
                share_ref=three[0].row(ref).ref,
                token=key_shares.token_of(ref, other.number, other.share),
                by=three[0].by,
                at=PUBLISHED,
            )

        assert three[0].row(ref).state == "dealt"

    def test_nobody_acknowledges_for_another(self, market, three):
        ref = held(market, three)

        with pytest.raises(NotFound):
            tenders.acknowledge_share(share_ref=three[0].row(ref).ref, token="x", by=three[1].by, at=PUBLISHED)

    def test_no_bid_is_sealed_when_the_holding_was_exchanged(self, market, three):
        ref = held(market, three)
        models.Tender.objects.update(holding_sha256="0" * 64)

        with pytest.raises(tenders.KeyExchanged):
            bid(ref, market.teng, [(1, None, "12.5")])


class TestTheSession:
    def test_opens_the_box_with_the_last_share_that_is_needed(self, market, three, box):
        first = three[0].hand_in(box, three[0].opened(box))

        assert (first.given, first.needed, first.opened) == (1, 2, False)
        assert queries.tender(box).state == "closed"

        second = three[2].hand_in(box, three[2].opened(box))

        assert (second.given, second.opened) == (2, True)
        tender = models.Tender.objects.get()
        assert (tender.state, tender.opened_by, tender.box_intact) == ("opened", three[2].by, True)
        assert models.BidTier.objects.get().unit_price == 12.5
        tenders.award_tender(tender_ref=box, by=HUA, at=AWARDING)

    def test_erases_every_share_when_the_box_opens(self, market, three, box):
        for one in three[:2]:
            one.hand_in(box, one.opened(box))

        rows = models.KeyShare.objects.filter(tender__ref=box)
        assert {row.state for row in rows} == {"spent"}
        assert {(row.sealed, row.waiting) for row in rows} == {(None, None)}

    def test_tells_each_deed_in_the_trail_and_no_share(self, market, three, box):
        given = [one.opened(box) for one in three[:2]]
        for one, share in zip(three, given, strict=False):
            one.hand_in(box, share)

        steps = StateChange.objects.filter(machine="key_share", verb="hand_in").order_by("id")
        assert [step.by for step in steps] == [three[0].by, three[1].by]
        facts = OutboxEvent.objects.filter(name="ShareHandedIn").order_by("id")
        assert [(one.payload["given"], one.payload["needed"]) for one in facts] == [(1, 2), (2, 2)]
        said = " ".join(map(str, [*StateChange.objects.values_list("why", flat=True), *(f.payload for f in facts)]))
        assert not any(one.share.hex() in said for one in given)

    def test_takes_no_share_while_bids_may_come(self, market, three):
        ref = held(market, three)

        with pytest.raises(tenders.BoxNotClosed):
            three[0].hand_in(ref, three[0].opened(ref))

        assert waiting(ref) == 0

    def test_takes_no_share_once_the_box_is_open(self, market, three, box):
        late = three[2].opened(box)
        for one in three[:2]:
            one.hand_in(box, one.opened(box))

        with pytest.raises(tenders.BoxNotClosed):
            three[2].hand_in(box, late)

    def test_a_share_given_twice_is_named_and_counts_once(self, market, three, box):
        given = three[0].opened(box)
        three[0].hand_in(box, given)

        with pytest.raises(tenders.ShareGivenTwice) as refused:
            three[0].hand_in(box, given)

        assert (refused.value.facts["holder"], refused.value.facts["number"]) == ("Chen", 1)
        assert (waiting(box), queries.tender(box).state) == (1, "closed")

    def test_another_holder_s_share_is_named(self, market, three, box):
        stolen = three[1].opened(box)

        with pytest.raises(tenders.ShareOfAnother) as refused:
            three[0].hand_in(box, stolen)

        assert (refused.value.facts["given"], refused.value.facts["owner"]) == (2, "Deng")
        assert waiting(box) == 0

    def test_an_altered_share_is_known_at_once_and_the_rest_still_opens(self, market, three, box):
        given = three[0].opened(box)
        altered = replace(given, share=bytes([given.share[0] ^ 1]) + given.share[1:])
        three[1].hand_in(box, three[1].opened(box))

        with pytest.raises(tenders.WrongShare) as refused:
            three[0].hand_in(box, altered)

        assert (refused.value.code, refused.value.facts["holder"]) == ("wrong_share", "Chen")
        assert queries.tender(box).state == "closed"
        three[2].hand_in(box, three[2].opened(box))
        assert queries.tender(box).state == "opened"

    def test_a_share_of_another_tender_is_named(self, market, three, box):
        other = held(market, three, 2, market.frozen("Jiangsu"))
        of_other = three[0].opened(other)

        with pytest.raises(tenders.WrongShare) as refused:
            three[0].hand_in(box, of_other)
        assert (refused.value.code, refused.value.facts["other"]) == ("share_of_other_tender", other)
        with pytest.raises(tenders.WrongShare) as refused:
            three[0].hand_in(box, replace(of_other, tender_ref=box))
        assert refused.value.code == "wrong_share"

    @pytest.mark.parametrize("file", ["", "{}", "no json", b"\xff", '{"kind": "jicai/share/1"}'])
    def test_what_is_no_share_file_is_refused(self, market, three, box, file):
        with pytest.raises(tenders.BadShareFile):
            tenders.hand_in_share(tender_ref=box, file=file, by=three[0].by, at=OPENING)

    def test_who_holds_no_share_hands_none_in(self, market, three, box):
        given = three[0].opened(box)

        for by in (HUA, MEI, "user:mallory"):
            with pytest.raises(NotFound):
                tenders.hand_in_share(tender_ref=box, file=share_file(given), by=by, at=OPENING)

    def test_one_share_too_few_opens_nothing_for_nobody(self, market, three, box):
        three[0].hand_in(box, three[0].opened(box))

        with pytest.raises(tenders.SharesMissing) as refused:
            tenders.open_tender(tender_ref=box, by=HUA, at=OPENING)

        assert (refused.value.facts["given"], refused.value.facts["needed"]) == (1, 2)
        assert not models.OpenedBid.objects.exists()

    def test_the_secret_and_the_database_and_one_share_too_few_open_nothing(self, market, three, box):
        """All that the platform has, with what one holder gave it: the key is not in it."""
        three[0].hand_in(box, three[0].opened(box))
        row = three[0].row(box)
        tender = models.Tender.objects.get()
        sealed = models.SealedBid.objects.get()
        share = key_shares.unlock_share(secret(), bytes(row.waiting), tender_ref=box, number=row.number)
        place = sealing.Place(box, sealed.ref, sealed.version, sealed.supplier_ref)

        for candidate in (share, key_shares.join_key({1: share}), bytes(32)):
            assert not key_shares.opens(candidate, bytes(tender.public_key))
            with pytest.raises(sealing.NotSealedHere):
                sealing.unseal(sealed.envelope, place=place, private_key=candidate)

    def test_refuses_to_go_on_when_a_commitment_was_exchanged(self, market, three, box):
        forged = key_shares.share_commitment(box, 1, b"f" * 32)
        given = replace(three[0].opened(box), share=b"f" * 32)
        models.KeyShare.objects.filter(pk=three[0].row(box).pk).update(commitment=forged)

        with pytest.raises(tenders.HoldingAltered):
            three[0].hand_in(box, given)

    def test_refuses_to_go_on_when_fewer_were_made_to_be_needed(self, market, three, box):
        models.Tender.objects.update(shares_needed=3)

        with pytest.raises(tenders.HoldingAltered):
            three[0].hand_in(box, three[0].opened(box))

    def test_survives_the_worker_between_two_holders(self, market, three, box):
        """What the first handed in is in the database, locked; whoever runs next goes on from there."""
        three[0].hand_in(box, three[0].opened(box))
        assert waiting(box) == 1

        last = three[1].opened(box)
        with transaction.atomic():
            three[1].hand_in(box, last)
            transaction.set_rollback(True)

        assert (waiting(box), queries.tender(box).state) == (1, "closed")
        assert three[1].hand_in(box, last).opened

    def test_forgets_after_a_day_what_waited_in_vain(self, market, three, box):
        given = three[0].opened(box)
        three[0].hand_in(box, given)

        look_after_tenders(OPENING + timedelta(hours=23))
        assert waiting(box) == 1
        look_after_tenders(OPENING + timedelta(hours=24))

        assert (waiting(box), three[0].row(box).state) == (0, "kept")
        assert three[0].hand_in(box, given, at=OPENING + timedelta(hours=25)).given == 1

    def test_a_lost_holder_does_not_lose_the_bids(self, market, three, box):
        tenders.retire_holder_key(holder_ref=three[0].ref, why="lost", by=WEI, at=OPENING)

        for one in three[1:]:
            one.hand_in(box, one.opened(box))

        assert queries.tender(box).state == "opened"

    def test_a_replaced_key_still_opens_what_was_dealt_to_it(self, market, three, box):
        new = tenders.propose_holder_key(
            person=three[0].by, name="Chen", public_key=new_key_pair()[1].hex(), by=three[0].by, at=OPENING
        )
        tenders.confirm_holder_key(holder_ref=new, by=WEI, at=OPENING)

        for one in three[:2]:
            one.hand_in(box, one.opened(box))

        assert queries.tender(box).state == "opened"

    def test_another_secret_opens_nothing_and_loses_nothing(self, market, three, box, settings):
        before = settings.BID_KEY_SECRET
        given = [one.opened(box) for one in three]
        three[0].hand_in(box, given[0])
        settings.BID_KEY_SECRET = "another secret"

        with pytest.raises(tenders.HoldingAltered):
            three[1].hand_in(box, given[1])

        settings.BID_KEY_SECRET = before
        assert three[1].hand_in(box, given[1]).opened


class TestCancelling:
    def test_throws_away_shares_and_ciphertexts_and_keeps_commitments(self, market, three, box):
        given = [one.opened(box) for one in three[1:]]
        three[0].hand_in(box, three[0].opened(box))
        before = models.SealedBid.objects.get().commitment
        tenders.ask_to_cancel(tender_ref=box, why="no need", by=WEI, at=OPENING)
        tenders.cancel_tender(tender_ref=box, by=HUA, at=OPENING)

        sealed = models.SealedBid.objects.get()
        assert (bytes(sealed.ciphertext), sealed.commitment) == (b"", before)
        assert {(row.sealed, row.waiting) for row in models.KeyShare.objects.all()} == {(None, None)}
        with pytest.raises(tenders.BoxNotClosed):
            three[1].hand_in(box, given[0])

    def test_a_withdrawn_draft_deals_nothing(self, market, three):
        ref = market.prepared()
        tenders.name_key_holders(tender_ref=ref, holder_refs=[one.ref for one in three], needed=2, by=WEI, at=PREPARED)
        tenders.ask_to_cancel(tender_ref=ref, why="no need", by=WEI, at=PREPARED)
        tenders.cancel_tender(tender_ref=ref, by=HUA, at=PREPARED)

        with pytest.raises(IllegalMove):
            tenders.publish_tender(tender_ref=ref, by=MEI, at=PUBLISHED)


class TestTheHolderSTool:
    def test_takes_a_holder_from_the_first_key_to_the_opening(self, market, tmp_path):
        """With files alone: the tool shares no code with the platform."""
        folders = []
        for name in ("chen", "deng", "fang"):
            folder = tmp_path / name
            folder.mkdir()
            enter(name)
            public = tool(folder, "new", "key.pem").stdout.strip()
            ref = tenders.propose_holder_key(
                person=f"user:{name}", name=name, public_key=public, by=f"user:{name}", at=NOON
            )
            tenders.confirm_holder_key(holder_ref=ref, by=WEI, at=NOON)
            folders.append((f"user:{name}", ref, folder))
        tender = market.prepared()
        refs = [ref for _, ref, _ in folders]
        tenders.name_key_holders(tender_ref=tender, holder_refs=refs, needed=2, by=WEI, at=PREPARED)
        tenders.publish_tender(tender_ref=tender, by=MEI, at=PUBLISHED)
        for by, _, folder in folders:
            row = models.KeyShare.objects.select_related("tender", "holder").get(holder__person=by)
            (folder / "sealed.json").write_text(queries.sealed_share(row))
            told = dict(
                line.split(maxsplit=1) for line in tool(folder, "check", "key.pem", "sealed.json").stdout.splitlines()
            )
            assert told["commitment"] == row.commitment
            tenders.acknowledge_share(share_ref=row.ref, token=told["word"], by=by, at=PUBLISHED)
        bid(tender, market.teng, [(1, None, "12.5")], at=BIDDING)
        shut(tender)

        for by, _, folder in folders[:2]:
            assert tool(folder, "share", "key.pem", "sealed.json", "share.json").returncode == 0
            tenders.hand_in_share(tender_ref=tender, file=(folder / "share.json").read_bytes(), by=by, at=OPENING)

        assert queries.tender(tender).state == "opened"

    def test_never_writes_over_a_file(self, tmp_path):
        assert tool(tmp_path, "new", "key.pem").returncode == 0
        before = (tmp_path / "key.pem").read_bytes()

        again = tool(tmp_path, "new", "key.pem")

        assert (again.returncode, (tmp_path / "key.pem").read_bytes()) == (1, before)
        assert (tmp_path / "key.pem").stat().st_mode & 0o077 == 0

    def test_refuses_a_share_that_is_not_the_one_its_commitment_binds(self, market, three, tmp_path):
        public = tool(tmp_path, "new", "key.pem").stdout.strip()
        dealt = key_shares.Dealt(1, "KH-1", bytes.fromhex(public), "0" * 64)
        sealed = key_shares.seal_share(b"s" * 32, tender_ref="TD-1", number=1, holder_key=bytes.fromhex(public))
        file = key_shares.sealed_file(dealt, tender_ref="TD-1", tender_key=b"k" * 32, needed=2, total=3, sealed=sealed)
        (tmp_path / "sealed.json").write_text(file)

        told = tool(tmp_path, "check", "key.pem", "sealed.json")

        assert (told.returncode, "do not accept it" in told.stderr) == (1, True)

    @pytest.mark.parametrize("content", ["", "{}", "[1]", json.dumps({"kind": "x"})])
    def test_refuses_what_is_no_sealed_share(self, tmp_path, content):
        tool(tmp_path, "new", "key.pem")
        (tmp_path / "sealed.json").write_text(content)

        told = tool(tmp_path, "check", "key.pem", "sealed.json")

        assert (told.returncode, "no sealed share" in told.stderr, "Traceback" in told.stderr) == (1, True, False)

"""Openings through the pages, the API and the admin: who sees what, and the whole session by HTTP."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from marketplace.kernel import clock
from procurement.tenders import models
from procurement.tenders import use_cases as tenders
from procurement.tenders.rules import sealing
from procurement.tenders.rules.key_shares import new_key_pair, share_file, token_of
from tests.cast import Player, enter
from tests.procurement.tenders.holders import Holder, held, register_many, shut
from tests.procurement.tenders.scene import OPENING, Market, bid, freeze, priced

API = "/api/v1"


def api(username: str) -> APIClient:
    client = APIClient()
    client.force_authenticate(Player(username).user)
    return client


def pages(username: str) -> Client:
    client = Client()
    client.force_login(Player(username).user)
    return client


@pytest.fixture
def hua(db: Any) -> Player:
    return enter("hua", staff=True)


@pytest.fixture
def three(market: Market) -> list[Holder]:
    return register_many(3)


@pytest.fixture
def running(market: Market, three: list[Holder]) -> str:
    """A tender of the present day whose key three persons hold."""
    now = clock.now()
    pool = market.pool(freeze_at=now + timedelta(hours=1))
    market.join(pool, market.lin, 60)
    freeze(pool, now)
    return held(
        market,
        three,
        2,
        pool,
        at=now - timedelta(hours=2),
        published_at=now - timedelta(hours=1),
        bids_until=now + timedelta(days=1),
    )


def let_it_close(ref: str) -> None:
    past = clock.now() - timedelta(minutes=1)
    models.Tender.objects.filter(ref=ref).update(bids_until=past)
    shut(ref, at=past)


class TestKeysOverTheApi:
    def test_a_person_proposes_its_own_and_staff_confirm_it(self, market: Market, wei: Player) -> None:
        enter("chen")
        body = {"name": "Chen", "public_key": new_key_pair()[1].hex()}

        proposed = api("chen").post(f"{API}/key-holders/", body, format="json")
        ref = proposed.json()["ref"]
        mine = api("chen").post(f"{API}/key-holders/{ref}/confirm/", {}, format="json")
        confirmed = api("wei").post(f"{API}/key-holders/{ref}/confirm/", {}, format="json")

        assert (proposed.status_code, proposed.json()["person"]) == (201, "user:chen")
        assert (mine.status_code, confirmed.status_code, confirmed.json()["state"]) == (403, 200, "active")

    def test_nobody_proposes_for_another_but_staff(self, market: Market, wei: Player, mallory: Player) -> None:
        enter("chen")
        body = {"person": "chen", "name": "Chen", "public_key": new_key_pair()[1].hex()}

        assert api("mallory").post(f"{API}/key-holders/", body, format="json").status_code == 403
        assert api("wei").post(f"{API}/key-holders/", body, format="json").status_code == 201

    def test_others_keys_are_not_there(self, three: list[Holder], mallory: Player) -> None:
        assert api("mallory").get(f"{API}/key-holders/").json()["results"] == []
        assert api("chen").get(f"{API}/key-holders/{three[1].ref}/").status_code == 404

    def test_a_key_that_is_none_is_refused_with_its_place(self, market: Market) -> None:
        enter("chen")

        reply = api("chen").post(f"{API}/key-holders/", {"name": "Chen", "public_key": "zz"}, format="json")

        assert (reply.status_code, reply.json()["facts"]["place"]) == (400, "public_key")


class TestTheSessionOverTheApi:
    def test_runs_from_the_sealed_share_to_the_record(
        self, market: Market, running: str, three: list[Holder], teng: Player, hua: Player
    ) -> None:
        offer = priced(running, ("1", None, "12.5"))
        assert api("teng").post(f"{API}/tenders/{running}/bid/", offer, format="json").status_code == 201
        for one in three[:2]:
            share = api(one.username).get(f"{API}/key-shares/").json()["results"][0]
            sealed = api(one.username).get(f"{API}/key-shares/{share['ref']}/sealed/").json()
            given = one.opened(running)
            assert (sealed["tender"], sealed["commitment"]) == (running, share["commitment"])
            token = {"token": token_of(running, given.number, given.share)}
            let = api(one.username).post(f"{API}/key-shares/{share['ref']}/acknowledge/", token, format="json")
            assert (let.status_code, let.json()["state"]) == (200, "kept")
            assert api(one.username).get(f"{API}/key-shares/{share['ref']}/sealed/").status_code == 404
            one.given = given  # type: ignore[attr-defined]
        let_it_close(running)

        replies = [
            api(one.username).post(
                f"{API}/openings/{running}/hand-in/",
                json.loads(share_file(one.given)),  # type: ignore[attr-defined]
                format="json",
            )
            for one in three[:2]
        ]

        assert [(r.status_code, r.json()["given"], r.json()["opened"]) for r in replies] == [
            (200, 1, False),
            (200, 2, True),
        ]
        record = api("teng").get(f"{API}/openings/{running}/record/").json()
        key = bytes.fromhex(api("teng").get(f"{API}/tenders/receipt-key/").json()["public_key"])
        ref = models.SealedBid.objects.get().ref
        assert json.loads(record["text"])["bids"][0]["verdict"] == "read"
        assert api("teng").get(f"{API}/bids/{ref}/proof/").json()["path"] == []
        assert sealing.signed_by(key, *_signed(record))

    def test_names_holders_of_a_draft_for_staff_alone(self, market: Market, three: list[Holder], hua: Player) -> None:
        ref = market.prepared()
        body = {"holders": [one.ref for one in three], "needed": 2}

        assert api("chen").post(f"{API}/openings/{ref}/name-holders/", body, format="json").status_code == 404
        assert api("teng").post(f"{API}/openings/{ref}/name-holders/", body, format="json").status_code == 404
        reply = api("hua").post(f"{API}/openings/{ref}/name-holders/", body, format="json")

        assert (reply.status_code, reply.json()["needed"], len(reply.json()["shares"])) == (200, 2, 3)

    def test_tells_bidders_who_holds_the_key_and_not_who_gave_it(
        self, running: str, teng: Player, shen: Player, three: list[Holder]
    ) -> None:
        body = api("teng").get(f"{API}/openings/{running}/").json()

        assert (body["held_by"], body["needed"], body["given"]) == ("holders", 2, None)
        assert [one["name"] for one in body["shares"]] == ["Chen", "Deng", "Fang"]
        assert {one["state"] for one in body["shares"]} == {None}
        assert {one["state"] for one in api("chen").get(f"{API}/openings/{running}/").json()["shares"]} == {"dealt"}

    def test_is_not_there_for_strangers(self, running: str, mallory: Player, lin: Player) -> None:
        for path in ("", "record/"):
            assert api("mallory").get(f"{API}/openings/{running}/{path}").status_code == 404
        assert api("mallory").get(f"{API}/key-shares/").json()["results"] == []

    @pytest.mark.parametrize("body", [{}, {"kind": "jicai/share/1"}, [], {"kind": "x", "number": "1e999"}])
    def test_refuses_what_is_no_share(self, running: str, three: list[Holder], body: Any) -> None:
        let_it_close(running)

        reply = api("chen").post(f"{API}/openings/{running}/hand-in/", body, format="json")

        assert (reply.status_code, reply["Content-Type"]) == (400, "application/problem+json")

    def test_a_repeated_request_gets_the_same_answer(self, running: str, three: list[Holder]) -> None:
        let_it_close(running)
        body = json.loads(share_file(three[0].opened(running)))

        one, two = (
            api("chen").post(
                f"{API}/openings/{running}/hand-in/", body, format="json", headers={"Idempotency-Key": "once"}
            )
            for _ in range(2)
        )

        assert (one.status_code, two.status_code, two.json()) == (200, 200, one.json())
        assert two["Idempotent-Replayed"] == "true"


def _signed(record: dict[str, str]) -> tuple[bytes, bytes]:
    from procurement.tenders.rules.proofs import signed_record

    return signed_record(record["text"]), bytes.fromhex(record["signature"])


class TestPages:
    def test_take_a_holder_through_the_session(
        self, market: Market, running: str, three: list[Holder], teng: Player
    ) -> None:
        bid(running, market.teng, [(1, None, "12.5")], at=clock.now())
        address = reverse("tenders:opening", args=[running])
        for one in three[:2]:
            browser = pages(one.username)
            assert running in browser.get(reverse("tenders:openings")).content.decode()
            assert b"Download the sealed share" in browser.get(address).content
            sealed = browser.get(reverse("tenders:sealed-share", args=[running]))
            assert json.loads(sealed.content)["holder"] == one.ref
            given = one.opened(running)
            token = token_of(running, given.number, given.share)
            wrong = browser.post(reverse("tenders:acknowledge", args=[running]), {"token": "x"})
            assert (wrong.status_code, b"This is not the word" in wrong.content) == (409, True)
            browser.post(reverse("tenders:acknowledge", args=[running]), {"token": token})
            assert one.row(running).state == "kept"
            one.given = given  # type: ignore[attr-defined]
        let_it_close(running)

        for one in three[:2]:
            browser = pages(one.username)
            assert b"Hand in my share" in browser.get(address).content
            file = SimpleUploadedFile("share.json", share_file(one.given).encode())  # type: ignore[attr-defined]
            last = browser.post(reverse("tenders:hand-in", args=[running]), {"file": file}, follow=True)

        assert b"The bids are open" in last.content
        assert models.Tender.objects.get(ref=running).state == "opened"
        supplier = pages("teng")
        record = json.loads(supplier.get(reverse("tenders:record", args=[running])).content)
        assert json.loads(record["text"])["tender"] == running
        assert b"Proof that it was counted" in supplier.get(reverse("tenders:tender", args=[running])).content
        proof = supplier.get(reverse("tenders:proof", args=[models.SealedBid.objects.get().ref]))
        assert json.loads(proof.content)["path"] == []

    def test_name_a_wrong_share_beside_the_form(self, running: str, three: list[Holder]) -> None:
        stolen = three[1].opened(running)
        let_it_close(running)

        file = SimpleUploadedFile("share.json", share_file(stolen).encode())
        reply = pages("chen").post(reverse("tenders:hand-in", args=[running]), {"file": file})

        assert reply.status_code == 409
        assert b"This is share 2 of" in reply.content
        assert stolen.share.hex().encode() not in reply.content

    def test_let_staff_name_the_holders_of_a_draft(self, market: Market, three: list[Holder], hua: Player) -> None:
        ref = market.prepared()
        address = reverse("tenders:name-holders", args=[ref])

        few = pages("hua").post(address, {"holders": [three[0].ref, three[1].ref], "needed": 2})
        done = pages("hua").post(address, {"holders": [one.ref for one in three], "needed": 2}, follow=True)

        assert (few.status_code, b"one fewer than are named" in few.content) == (400, True)
        assert b"Another person than you publishes" in done.content
        assert models.Tender.objects.get(ref=ref).shares_needed == 2

    def test_say_plainly_what_trust_remains_on_one_machine(self, market: Market, teng: Player) -> None:
        now = clock.now()
        pool = market.pool(freeze_at=now + timedelta(hours=1))
        market.join(pool, market.lin, 60)
        freeze(pool, now)
        ref = market.published(
            pool, at=now - timedelta(hours=2), published_at=now - timedelta(hours=1), bids_until=now + timedelta(days=1)
        )

        page = pages("teng").get(reverse("tenders:tender", args=[ref])).content.decode()

        assert "Whoever runs its machine could read bids before the opening" in page

    def test_are_not_there_for_strangers(self, market: Market, running: str, mallory: Player) -> None:
        for name in ("opening", "sealed-share", "record"):
            assert pages("mallory").get(reverse(f"tenders:{name}", args=[running])).status_code == 404
        assert pages("mallory").get(reverse("tenders:openings")).status_code == 200
        assert Client().get(reverse("tenders:openings")).status_code == 302

    def test_put_what_waits_for_a_holder_on_its_first_page(self, running: str, three: list[Holder]) -> None:
        assert b"take up your share and say so" in pages("chen").get("/").content

    def test_propose_our_own_key(self, market: Market) -> None:
        enter("chen")
        key = new_key_pair()[1].hex()

        pages("chen").post(reverse("tenders:own-key"), {"name": "Chen", "public_key": key})

        assert key.encode() in pages("chen").get(reverse("tenders:openings")).content


class TestAdmin:
    def test_confirms_a_key_by_another_person(self, market: Market, wei: Player, hua: Player) -> None:
        enter("chen")
        ref = tenders.propose_holder_key(
            person="user:chen", name="Chen", public_key=new_key_pair()[1].hex(), by="user:wei", at=OPENING
        )
        pk = models.KeyHolder.objects.get().pk
        address = reverse("admin:tenders_keyholder_deed", args=[pk, "confirm"])

        same = pages("wei").post(address, follow=True)
        assert b"Another person than user:wei" in same.content
        pages("hua").post(address)

        assert models.KeyHolder.objects.get(ref=ref).state == "active"

    def test_shows_where_shares_are_and_never_what_they_hold(
        self, market: Market, three: list[Holder], hua: Player
    ) -> None:
        ref = held(market, three)
        bid(ref, market.teng, [(1, None, "12.5")])
        shut(ref)
        three[0].hand_in(ref, three[0].opened(ref))

        for model in (models.KeyShare, models.KeyHolder, models.Tender):
            name = f"admin:tenders_{model._meta.model_name}"
            assert pages("hua").get(reverse(f"{name}_changelist")).status_code == 200
            text = pages("hua").get(reverse(f"{name}_change", args=[model.objects.order_by("pk").first().pk]))
            assert text.status_code == 200
            assert b"memory at" not in text.content
            assert bytes(three[0].row(ref).waiting or b"").hex().encode() not in text.content
        three[1].hand_in(ref, three[1].opened(ref))
        assert pages("hua").get(reverse("admin:tenders_openingrecord_changelist")).status_code == 200

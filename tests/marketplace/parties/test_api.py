"""The parties through the API, each tenant within its own walls."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from marketplace.parties import models, queries
from tests.cast import Player, join

pytestmark = pytest.mark.django_db
API = "/api/v1"


def as_(player: Player) -> APIClient:
    client = APIClient()
    client.force_authenticate(player.user)
    return client


class TestOrganisations:
    def test_a_member_reads_its_own_record_only(self, lin: Player, bao: Player) -> None:
        listed = as_(lin).get(f"{API}/organisations/").json()["results"]

        assert [row["ref"] for row in listed] == [lin.org]
        assert listed[0]["roles"] == ["buyer"]
        assert as_(lin).get(f"{API}/organisations/{bao.org}/").status_code == 404

    def test_mallory_finds_nothing(self, lin: Player, mallory: Player) -> None:
        reply = as_(mallory).get(f"{API}/organisations/{lin.org}/")

        assert (reply.status_code, reply["Content-Type"], reply.json()["code"]) == (
            404,
            "application/problem+json",
            "not_found",
        )
        assert as_(mallory).get(f"{API}/organisations/{lin.org}/card/").status_code == 404
        assert as_(mallory).get(f"{API}/organisations/").json()["results"] == []
        assert as_(mallory).get(f"{API}/organisations/", HTTP_X_ORGANISATION=lin.org).status_code == 404

    def test_members_see_the_public_card_of_a_verified_firm(self, lin: Player, teng: Player) -> None:
        card = as_(lin).get(f"{API}/organisations/{teng.org}/card/").json()

        assert card == {
            "ref": teng.org,
            "legal_name": "Tengda Casting",
            "country": "CN",
            "region": "",
            "roles": ["factory", "supplier"],
        }

    def test_strangers_are_asked_to_sign_in(self, lin: Player) -> None:
        reply = APIClient().get(f"{API}/organisations/")

        assert (reply.status_code, reply.json()["code"]) == (401, "not_signed_in")

    def test_an_applicant_becomes_its_first_member(self, mallory: Player) -> None:
        body = {"legal_name": "Mallory Trading", "country": "CN", "roles": ["buyer"]}

        reply = as_(mallory).post(f"{API}/organisations/", body)

        assert (reply.status_code, reply.json()["state"]) == (201, "applied")
        assert [seat.organisation_ref for seat in queries.seats_of("mallory")] == [reply.json()["ref"]]

    def test_an_application_sets_nothing_it_should_not(self, mallory: Player) -> None:
        body = {
            "legal_name": "M",
            "country": "CN",
            "roles": ["buyer"],
            "state": "verified",
            "is_platform": True,
            "ref": "OR-2026-7777",
        }

        ref = as_(mallory).post(f"{API}/organisations/", body).json()["ref"]

        view = queries.organisation(ref)
        assert (view.state, view.roles, ref) == ("applied", {"buyer"}, "OR-2026-0001")

    def test_staff_verify_and_others_do_not(self, mallory: Player, wei: Player) -> None:
        body = {"legal_name": "Mallory Trading", "country": "CN", "roles": ["buyer"]}
        ref = as_(mallory).post(f"{API}/organisations/", body).json()["ref"]

        assert as_(mallory).post(f"{API}/organisations/{ref}/verify/").status_code == 403
        assert queries.organisation(ref).state == "applied"
        reply = as_(wei).post(f"{API}/organisations/{ref}/verify/", {"why": "papers seen"}, HTTP_IF_MATCH='"0"')
        assert (reply.status_code, reply.json()["state"], reply["ETag"]) == (200, "verified", '"1"')

    def test_a_verb_decided_on_an_old_revision_is_refused(self, lin: Player, wei: Player) -> None:
        reply = as_(wei).post(f"{API}/organisations/{lin.org}/suspend/", HTTP_IF_MATCH='"0"')

        assert (reply.status_code, reply.json()["code"]) == (412, "precondition_failed")
        assert queries.organisation(lin.org).state == "verified"

    def test_a_paper_goes_into_the_own_file_only(self, lin: Player, bao: Player) -> None:
        from django.core.files.uploadedfile import SimpleUploadedFile

        def send(who: Player) -> Any:
            paper = SimpleUploadedFile("licence.pdf", b"%PDF-1.7", content_type="application/pdf")
            return as_(who).post(
                f"{API}/organisations/{lin.org}/documents/", {"kind": "licence", "file": paper}, format="multipart"
            )

        assert send(bao).status_code == 404
        assert send(lin).status_code == 201
        assert models.VerificationDocument.objects.get().added_by == "user:lin"


class TestMembers:
    def test_an_approver_invites_a_colleague_and_sends_him_away(self, lin: Player, mallory: Player) -> None:
        body = {"username": "mallory", "roles": ["requester"], "spending_limit_minor": 500000}
        reply = as_(lin).post(f"{API}/members/", body)

        assert (reply.status_code, reply.json()["roles"]) == (201, ["requester"])
        assert as_(mallory).post(f"{API}/members/", body).status_code == 403
        assert as_(lin).post(f"{API}/members/mallory/end/").status_code == 204
        assert queries.seats_of("mallory") == []

    def test_the_list_is_the_own_firms(self, lin: Player, bao: Player) -> None:
        assert [row["username"] for row in as_(lin).get(f"{API}/members/").json()["results"]] == ["lin"]

    def test_nobody_ends_a_seat_in_another_firm(self, lin: Player, bao: Player) -> None:
        assert as_(lin).post(f"{API}/members/bao/end/").status_code == 404
        assert queries.seats_of("bao")


class TestBankAccounts:
    BODY = {"holder": "Tengda", "bank_code": "ICBKCNBJ", "number": "6222020200112233"}

    def test_shows_the_number_masked_and_to_its_owner_only(self, teng: Player, lin: Player) -> None:
        ref = as_(teng).post(f"{API}/bank-accounts/", self.BODY).json()["ref"]

        assert as_(teng).get(f"{API}/bank-accounts/{ref}/").json()["number"] == "••••••••••••2233"
        assert as_(lin).get(f"{API}/bank-accounts/{ref}/").status_code == 404

    def test_a_change_is_confirmed_by_another_member(self, teng: Player, lin: Player, mallory: Player) -> None:
        as_(teng).post(f"{API}/bank-accounts/", self.BODY)
        ref = as_(teng).post(f"{API}/bank-accounts/", {**self.BODY, "number": "1"}).json()["ref"]

        refused = as_(teng).post(f"{API}/bank-accounts/{ref}/confirm/")
        assert (refused.status_code, refused.json()["code"]) == (403, "four_eyes")
        assert as_(lin).post(f"{API}/bank-accounts/{ref}/confirm/").status_code == 404
        join("mallory", teng.org, seat=["finance"])
        assert as_(mallory).post(f"{API}/bank-accounts/{ref}/confirm/").json()["state"] == "confirmed"


class TestSitesAndNotices:
    def test_a_site_is_entered_and_stays_within_the_firm(self, lin: Player, bao: Player) -> None:
        body = {"name": "Hall 1", "latitude": "30.25", "longitude": "120.17", "receives_from": "08:00"}
        reply = as_(lin).post(f"{API}/sites/", body)

        assert (reply.status_code, reply.json()["latitude"]) == (201, "30.250000")
        assert as_(bao).get(f"{API}/sites/{reply.json()['ref']}/").status_code == 404

    def test_a_notice_is_worded_and_read(self, lin: Player) -> None:
        from marketplace.parties import use_cases
        from tests.cast import FOUNDING

        use_cases.notify(
            organisation_ref=lin.org, text="{pool} is frozen", facts={"pool": "PL-7"}, about_ref="PL-7", at=FOUNDING
        )
        row = as_(lin).get(f"{API}/notifications/").json()["results"][0]

        assert row["text"] == "PL-7 is frozen"
        assert as_(lin).post(f"{API}/notifications/read/", {"up_to_id": row["id"]}).json() == {"marked": 1}


class TestTokens:
    def test_a_token_opens_the_api_until_it_ends(self, lin: Player) -> None:
        reply = APIClient().post(f"{API}/tokens/", {"username": "lin", "password": "lin-password"})
        assert reply.status_code == 200
        client = APIClient(HTTP_AUTHORIZATION=f"Bearer {reply.json()['token']}")

        assert client.get(f"{API}/organisations/").status_code == 200
        assert client.post(f"{API}/tokens/end/").status_code == 204
        assert client.get(f"{API}/organisations/").status_code == 401

    def test_a_wrong_password_gets_none(self, lin: Player) -> None:
        reply = APIClient().post(f"{API}/tokens/", {"username": "lin", "password": "guess"})

        assert (reply.status_code, reply.json()["code"]) == (401, "not_signed_in")

"""Staff see everything read-only and act by verbs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from marketplace.parties import models, queries, use_cases
from tests.cast import Player

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def as_(player: Player) -> Client:
    client = Client()
    client.force_login(player.user)
    return client


def address(name: str, *args: object) -> str:
    return reverse(f"admin:{name}", args=args)


class TestOrganisationsInTheAdmin:
    def test_staff_suspend_by_a_button_with_a_reason(self, lin: Player, wei: Player) -> None:
        pk = models.Organisation.objects.get(ref=lin.org).pk

        page = as_(wei).get(address("parties_organisation_change", pk)).content.decode()
        assert address("parties_organisation_deed", pk, "suspend") in page
        assert address("parties_organisation_deed", pk, "verify") not in page
        as_(wei).post(address("parties_organisation_deed", pk, "suspend"), {"why": "papers expired"})

        assert queries.organisation(lin.org).state == "suspended"
        page = as_(wei).get(address("parties_organisation_change", pk)).content.decode()
        assert "papers expired" in page

    def test_a_look_changes_nothing(self, lin: Player, wei: Player) -> None:
        pk = models.Organisation.objects.get(ref=lin.org).pk

        assert as_(wei).get(address("parties_organisation_deed", pk, "suspend")).status_code == 405
        assert queries.organisation(lin.org).state == "verified"

    def test_many_are_verified_at_once_and_each_refusal_is_told(self, lin: Player, wei: Player) -> None:
        new = use_cases.register_organisation(legal_name="New", country="CN", roles=["buyer"], by="user:wei", at=NOON)
        chosen = models.Organisation.objects.filter(ref__in=[lin.org, new]).values_list("pk", flat=True)

        reply = as_(wei).post(
            address("parties_organisation_changelist"),
            {"action": "take_verify", "_selected_action": [str(pk) for pk in chosen]},
            follow=True,
        )

        assert queries.organisation(new).state == "verified"
        assert f"{lin.org}: " in reply.content.decode()

    def test_members_of_the_market_stay_outside(self, lin: Player) -> None:
        assert as_(lin).get(address("parties_organisation_changelist")).status_code == 302
        assert as_(lin).post(address("parties_organisation_deed", 1, "suspend")).status_code == 302
        assert queries.organisation(queries.PLATFORM).state == "verified"

    def test_nobody_adds_changes_or_deletes_by_hand(self, lin: Player, wei: Player) -> None:
        pk = models.Organisation.objects.get(ref=lin.org).pk

        assert as_(wei).get(address("parties_organisation_add")).status_code == 403
        assert as_(wei).post(address("parties_organisation_change", pk), {"legal_name": "x"}).status_code == 403
        assert as_(wei).post(address("parties_organisation_delete", pk), {"post": "yes"}).status_code == 403
        assert queries.organisation(lin.org).legal_name == "Linjiang Pumps"

    def test_a_paper_is_handed_out_as_a_download(self, lin: Player, wei: Player) -> None:
        use_cases.add_document(
            organisation_ref=lin.org,
            kind="licence",
            file_name="a.html",
            media_type="text/html",
            content=b"<script>",
            by=lin.by,
            at=NOON,
        )
        pk = models.VerificationDocument.objects.get().pk

        reply = as_(wei).get(address("parties_organisation_document", pk))

        assert (reply["Content-Type"], reply.content) == ("application/octet-stream", b"<script>")
        assert reply["Content-Disposition"].startswith("attachment")
        assert as_(lin).get(address("parties_organisation_document", pk)).status_code == 302


class TestBankAccountsInTheAdmin:
    def test_staff_confirm_a_change_and_never_see_the_whole_number(self, teng: Player, wei: Player) -> None:
        for number in ("6222020200112233", "6222020200445566"):
            ref = use_cases.set_bank_account(
                organisation_ref=teng.org, holder="T", bank_code="ICBKCNBJ", number=number, by=teng.by, at=NOON
            )
        pk = models.BankAccount.objects.get(ref=ref).pk

        page = as_(wei).get(address("parties_bankaccount_change", pk)).content.decode()
        as_(wei).post(address("parties_bankaccount_deed", pk, "confirm"))

        assert "5566" in page
        assert "6222020200445566" not in page
        assert models.BankAccount.objects.get(ref=ref).state == "confirmed"


@pytest.mark.parametrize("model", [model for model in admin.site._registry if model._meta.app_label != "auth"])
def test_every_list_opens(model: type, admin_client: Client) -> None:
    assert admin_client.get(address(f"{model._meta.app_label}_{model._meta.model_name}_changelist")).status_code == 200

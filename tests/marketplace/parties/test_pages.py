"""The first pages, and the walls around them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from marketplace.kernel.money import Money
from marketplace.parties import models, queries, use_cases
from tests.cast import Player, join

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def as_(player: Player) -> Client:
    client = Client()
    client.force_login(player.user)
    return client


class TestSignIn:
    def test_leads_to_today_and_out_again(self, lin: Player) -> None:
        client = Client()
        page = client.post("/sign-in/", {"username": "lin", "password": "lin-password"}, follow=True)

        assert "Linjiang Pumps" in page.content.decode()
        client.post("/sign-out/")
        assert client.get("/organisation/").status_code == 302

    def test_a_wrong_password_stays_outside(self, lin: Player) -> None:
        page = Client().post("/sign-in/", {"username": "lin", "password": "guess"})

        assert page.status_code == 200
        assert 'role="alert"' in page.content.decode()

    def test_strangers_read_what_this_is(self) -> None:
        page = Client().get("/")

        assert page.status_code == 200
        assert "/sign-in/" in page.content.decode()


class TestShell:
    def test_the_policy_allows_no_inline_code_and_no_page_has_any(self, lin: Player) -> None:
        for address in ("/", "/organisation/", "/notices/", "/organisation/apply/", "/sign-in/"):
            page = as_(lin).get(address, follow=True)
            policy = page["Content-Security-Policy"]
            body = page.content.decode()

            assert "default-src 'self'" in policy
            assert "unsafe" not in policy
            assert " style=" not in body
            assert " onclick=" not in body
            assert "<script>" not in body
            assert "<style" not in body

    def test_every_file_it_names_is_ours(self, lin: Player) -> None:
        body = as_(lin).get("/").content.decode()

        assert "http://" not in body
        assert "https://" not in body
        for name in (
            "jicai.css",
            "jicai.js",
            "icons.svg",
            "mark.svg",
            "vendor/htmx.min.js",
            "vendor/alpine-csp.min.js",
        ):
            assert finders.find(name), name

    def test_navigation_shows_what_the_roles_open(self, lin: Player, wei: Player, mallory: Player) -> None:
        assert "Our organisation" in as_(lin).get("/").content.decode()
        assert "Administration" not in as_(lin).get("/").content.decode()
        assert "Administration" in as_(wei).get("/").content.decode()
        page = as_(mallory).get("/").content.decode()
        assert "Our organisation" not in page
        assert "Bring my organisation" in page

    def test_a_person_of_two_firms_acts_for_the_chosen_one(self, lin: Player, bao: Player) -> None:
        join("lin", bao.org, seat=["requester"])
        client = Client()
        client.post("/sign-in/", {"username": "lin", "password": "lin-password"})
        assert "Linjiang Pumps</h1>" in client.get("/organisation/").content.decode()

        client.post("/act-for/", {"organisation": bao.org, "next": "/organisation/"})

        assert "Baoshan Valves</h1>" in client.get("/organisation/").content.decode()

    def test_nobody_switches_to_a_firm_without_a_seat(self, lin: Player, bao: Player) -> None:
        assert as_(lin).post("/act-for/", {"organisation": bao.org}).status_code == 404

    def test_the_language_is_remembered_for_the_person(self, lin: Player) -> None:
        client = as_(lin)
        client.post("/language/", {"language": "zh-hans", "next": "/"})

        assert '<html lang="zh-hans">' in client.get("/").content.decode()
        assert models.User.objects.get(username="lin").language == "zh-hans"
        assert client.post("/language/", {"language": "zh-hans", "next": "//evil.example"})["Location"] == "/"


class TestOurOrganisation:
    def test_members_of_nobody_find_nothing(self, mallory: Player, wei: Player) -> None:
        for player in (mallory, wei):
            assert as_(player).get("/organisation/").status_code == 404

    def test_a_bank_account_is_named_and_its_number_hidden(self, teng: Player) -> None:
        body = {"holder": "Tengda", "bank_code": "ICBKCNBJ", "number": "6222020200112233"}
        page = as_(teng).post("/organisation/bank-account/", body, follow=True).content.decode()

        assert "2233" in page
        assert "6222020200112233" not in page

    def test_a_refusal_comes_back_as_a_message_and_changes_nothing(self, teng: Player) -> None:
        for number in ("1", "2"):
            ref = use_cases.set_bank_account(
                organisation_ref=teng.org, holder="T", bank_code="B", number=number, by=teng.by, at=NOON
            )

        page = as_(teng).post(
            f"/organisation/bank-account/{ref}/confirm/", HTTP_REFERER="http://testserver/organisation/", follow=True
        )

        assert "another person must confirm it" in page.content.decode()
        assert models.BankAccount.objects.get(ref=ref).state == "requested"

    def test_a_colleague_confirms_and_a_stranger_finds_nothing(
        self, teng: Player, lin: Player, mallory: Player
    ) -> None:
        for number in ("1", "2"):
            ref = use_cases.set_bank_account(
                organisation_ref=teng.org, holder="T", bank_code="B", number=number, by=teng.by, at=NOON
            )
        join("mallory", teng.org, seat=["finance"])

        assert as_(lin).post(f"/organisation/bank-account/{ref}/confirm/").status_code == 404
        as_(mallory).post(f"/organisation/bank-account/{ref}/confirm/")
        assert models.BankAccount.objects.get(ref=ref).state == "confirmed"

    def test_an_approver_lets_a_colleague_in_with_a_limit(self, lin: Player, mallory: Player) -> None:
        body = {"username": "mallory", "roles": ["requester"], "spending_limit": "5000.00"}
        as_(lin).post("/organisation/members/", body)

        assert queries.spending_limit("mallory", lin.org) == Money(Decimal("5000.00"), "CNY")

    def test_a_newcomer_brings_a_firm(self, mallory: Player) -> None:
        body = {"legal_name": "Mallory Trading", "country": "CN", "roles": ["buyer"], "size_class": "small"}
        page = as_(mallory).post("/organisation/apply/", body, follow=True).content.decode()

        assert "Mallory Trading</h1>" in page
        assert queries.organisation(queries.seats_of("mallory")[0].organisation_ref).state == "applied"


class TestNotices:
    def test_are_counted_until_they_are_read(self, lin: Player, bao: Player) -> None:
        for firm in (lin.org, bao.org):
            use_cases.notify(organisation_ref=firm, text="{a} <b>", facts={"a": "PL-9"}, about_ref="PL-9", at=NOON)
        client = as_(lin)

        assert "1 unread notice" in client.get("/").content.decode()
        page = client.get("/notices/").content.decode()
        assert page.count("PL-9 &lt;b&gt;") == 1
        assert "0 unread notices" in client.get("/").content.decode()
        assert models.Notification.objects.filter(read_at__isnull=True).get().organisation.ref == bao.org

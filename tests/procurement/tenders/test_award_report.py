"""The award report: everything for staff and buyers, a bidder's own and what won for bidders, nothing for others."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from rest_framework.test import APIClient

from marketplace.foundation.pdf import write_pdf
from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import NotFound
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from tests.procurement.tenders.scene import AWARDING, HUA

STAFF = Actor(by="user:wei", staff=True)


@pytest.fixture
def award(market):
    """Teng wins at 12; Shen asked 13."""
    ref = market.opened(teng=[(1, None, "12")], shen=[(1, None, "13")], standstill_days=10)
    return tenders.award_tender(tender_ref=ref, by=HUA, at=AWARDING)


def member(ref, *roles):
    return Actor(by="user:x", organisation=ref, roles=frozenset(roles or {"supplier"}))


def cells(sheet):
    """Return all that a sheet says, as one text."""
    rows = [row for table in sheet.tables for row in table.rows]
    return "\n".join([*(f"{name} {value}" for name, value in sheet.facts), *(" | ".join(row) for row in rows)])


def table(sheet, title):
    return next([list(row) for row in one.rows] for one in sheet.tables if one.title == title)


class TestAwardSheet:
    def test_staff_read_every_offer_and_why_it_lost(self, award):
        sheet = queries.award_sheet(STAFF, award)

        assert table(sheet, "Comparison of offers") == [
            ["1. Pump", "Tengda Casting", "100", "12", "", "CNY 1,200.00"],
            ["1. Pump", "Shenyuan Foundry", "100", "13", "", "CNY 1,300.00"],
        ]
        assert table(sheet, "Offers that lost") == [
            ["1. Pump", "Shenyuan Foundry", "It was dearer than what won.", "1 a unit cheaper"]
        ]
        assert dict(sheet.facts)["Gap to the bound"] == "CNY 0.00 (0.000 %)"
        assert dict(sheet.facts)["Proved the cheapest"] == "yes"
        assert sheet.totals == [("Awarded, goods and freight before VAT", "CNY 1,200.00")]

    def test_each_decision_stands_with_the_digest_of_its_problem(self, award):
        digests = {row[2] for row in table(queries.award_sheet(STAFF, award), "Decisions")}

        assert digests == set(models.AwardRound.objects.values_list("problem_sha256", flat=True))
        assert all(re.fullmatch("[0-9a-f]{64}", one) for one in digests)

    def test_buyers_of_its_pools_read_it_whole(self, market, award):
        assert cells(queries.award_sheet(member(market.lin, "buyer"), award)) == cells(
            queries.award_sheet(STAFF, award)
        )

    def test_a_winner_reads_neither_name_nor_price_of_a_loser(self, market, award):
        said = cells(queries.award_sheet(member(market.teng), award))

        assert "Tengda Casting" in said
        assert "Bidder 2" in said
        for hidden in ("Shenyuan", market.shen, "1,300", "1 a unit cheaper"):
            assert hidden not in said

    def test_a_loser_reads_its_own_offer_and_what_won(self, market, award):
        said = cells(queries.award_sheet(member(market.shen), award))

        assert "Shenyuan Foundry" in said
        assert "1,300.00" in said
        assert "Tengda Casting" in said

    def test_who_neither_bid_nor_buys_finds_nothing(self, market, award, qian):
        for actor in (member(qian.org, "financier"), Actor(by="user:mallory")):
            with pytest.raises(NotFound):
                queries.award_sheet(actor, award)

    def test_is_written_in_both_languages_and_always_the_same(self, award):
        with override("zh-hans"):
            chinese = write_pdf(queries.award_sheet(STAFF, award))
        english = write_pdf(queries.award_sheet(STAFF, award))

        assert english.startswith(b"%PDF-")
        assert chinese.startswith(b"%PDF-")
        assert english == write_pdf(queries.award_sheet(STAFF, award))

    def test_takes_a_fixed_number_of_queries(self, market, award):
        with CaptureQueriesContext(connection) as caught:
            queries.award_sheet(STAFF, award)

        assert len(caught) <= 16


class TestDoors:
    def test_pages_and_api_hand_it_out_to_those_who_may_read_it(self, market, award, teng, lin, mallory):
        for player, status in ((teng, 200), (lin, 200), (mallory, 404)):
            client, api = Client(), APIClient()
            client.force_login(player.user)
            api.force_authenticate(player.user)
            replies = [client.get(f"/awards/{award}/report.pdf"), api.get(f"/api/v1/awards/{award}/report/")]

            assert [reply.status_code for reply in replies] == [status, status]
            if status == 200:
                assert {reply["Content-Type"] for reply in replies} == {"application/pdf"}
                assert all(reply.content.startswith(b"%PDF-") for reply in replies)

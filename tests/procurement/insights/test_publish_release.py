"""Every step of a tender becomes open data, valid by the official schema, and tells nothing too early."""

from __future__ import annotations

import copy
import hashlib
import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from marketplace.events.models import OutboxEvent
from marketplace.events.relay import drain
from procurement.contracts import queries as contracts_queries
from procurement.contracts import use_cases as contracts
from procurement.insights import models, queries, use_cases
from procurement.tenders import models as tender_models
from procurement.tenders import use_cases as tenders
from tests.procurement.insights.ocds import check, codelist
from tests.procurement.tenders.scene import (
    AWARDING,
    BIDDING,
    BIDS_UNTIL,
    HUA,
    MEI,
    OPENING,
    PUBLISHED,
    WEI,
    bid,
)

LATER = BIDS_UNTIL + timedelta(days=400)
SOON = PUBLISHED + timedelta(hours=2)
OVER = AWARDING + timedelta(days=11)


def relay():
    drain(at=LATER)


def tags():
    return [row.tags for row in models.Release.objects.order_by("id")]


def documents():
    return [json.loads(row.document) for row in models.Release.objects.order_by("id")]


def last():
    return documents()[-1]


def ocid_of(tender_ref):
    return f"ocds-000000-{tender_ref}"


def record_of(tender_ref):
    return json.loads(queries.record(ocid_of(tender_ref), uri="https://jicai.example/record"))


def answered(market, ref, text="May the pumps be painted?"):
    question = tenders.ask_question(tender_ref=ref, supplier_ref=market.shen, text=text, by="user:shen", at=SOON)
    tenders.answer_question(question_ref=question, answer="Yes, in grey.", by=WEI, at=SOON + timedelta(hours=1))
    return question


def amended(ref, until=None):
    amendment = tenders.propose_amendment(
        tender_ref=ref, summary="Two days more.", bids_until=until or BIDS_UNTIL + timedelta(days=2), by=WEI, at=SOON
    )
    tenders.publish_amendment(amendment_ref=amendment, by=MEI, at=SOON)
    return amendment


def awarded(market, **given):
    ref = market.opened(teng=[(1, None, "12")], shen=[(1, None, "13")], standstill_days=10, **given)
    tenders.award_tender(tender_ref=ref, by=HUA, at=AWARDING)
    return ref


def ordered(market):
    ref = awarded(market)
    tenders.conclude_tender(tender_ref=ref, by=HUA, at=OVER)
    relay()
    (order,) = contracts_queries.refs_in("placed")
    return ref, order


class TestPublishRelease:
    def test_every_step_up_to_the_contract_is_published_under_its_tag(self, market):
        ref, order = ordered(market)
        contracts.acknowledge_order(order_ref=order, by="user:teng", at=OVER)
        relay()

        assert tags() == [
            ["planning", "tender"],
            ["tenderUpdate"],
            ["tenderUpdate"],
            ["award"],
            ["awardUpdate"],
            ["contract"],
            ["contractUpdate"],
        ]
        record = record_of(ref)["records"][0]["compiledRelease"]
        (award,), (contract,) = record["awards"], record["contracts"]
        assert record["tag"] == ["compiled"]
        assert record["tender"]["status"] == "complete"
        assert (award["status"], award["value"]) == ("active", {"amount": 1200, "currency": "CNY"})
        assert [one["name"] for one in award["suppliers"]] == ["Tengda Casting"]
        assert award["items"][0]["quantity"] == 100
        assert award["items"][0]["unit"] == {
            "scheme": "UNCEFACT",
            "id": "C62",
            "value": {"amount": 12, "currency": "CNY"},
        }
        assert (contract["awardID"], contract["status"], contract["value"]["amount"]) == (award["id"], "active", 1200)
        assert contract["dateSigned"] == f"{OVER:%Y-%m-%dT%H:%M:%SZ}"
        assert {one["measure"]: one["value"] for one in record["bids"]["statistics"]} == {
            "bids": 2,
            "validBids": 2,
            "disqualifiedBids": 0,
        }
        assert queries.verify_releases() == []

    def test_all_of_it_is_valid_by_the_official_schema_and_codelists(self, market, shared):
        ref = market.published(standstill_days=10)
        answered(market, ref)
        amended(ref)
        bid(ref, market.teng, [(1, None, "12")])
        tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL + timedelta(days=2))
        tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING + timedelta(days=2))
        tenders.award_tender(tender_ref=ref, by=HUA, at=AWARDING + timedelta(days=2))
        tenders.conclude_tender(tender_ref=ref, by=HUA, at=OVER + timedelta(days=2))
        relay()
        package = json.loads(queries.package(list(queries.releases()), uri="https://a.example", at=LATER, links={}))

        for verdict in (check(shared, package), check(shared, record_of(ref))):
            assert verdict.wrong == []
            assert verdict.unlisted == {
                ("itemClassificationScheme.csv", "x_jicai_category"),
                ("itemClassificationScheme.csv", "x_jicai_product"),
            }
        assert len(package["releases"]) == 8

    def test_the_tags_and_states_we_know_are_those_of_the_closed_codelists(self, shared):
        from procurement.insights.rules.open_data import STEPS

        folder = shared / "data/ocds/schema"
        assert {tag for step in STEPS.values() for tag in step.tags} <= codelist(folder, "releaseTag.csv")
        assert {step.tender for step in STEPS.values()} <= codelist(folder, "tenderStatus.csv")
        assert {step.awards for step in STEPS.values() if step.awards} <= codelist(folder, "awardStatus.csv")
        assert {step.contract for step in STEPS.values() if step.contract} <= codelist(folder, "contractStatus.csv")

    def test_a_release_tells_what_stood_at_its_fact_however_late_it_is_written(self, market):
        ref = market.published()
        amended(ref)
        answered(market, ref)
        relay()
        first, second, third = documents()

        assert first["tender"]["tenderPeriod"]["endDate"] == f"{BIDS_UNTIL:%Y-%m-%dT%H:%M:%SZ}"
        assert "amendments" not in first["tender"]
        assert second["tender"]["tenderPeriod"]["endDate"] == f"{BIDS_UNTIL + timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}"
        assert [one["rationale"] for one in second["tender"]["amendments"]] == ["Two days more."]
        assert (second["tender"]["hasEnquiries"], "enquiries" in second["tender"]) == (False, False)
        assert [one["answer"] for one in third["tender"]["enquiries"]] == ["Yes, in grey."]

    def test_a_fact_is_published_once_and_never_changed(self, market):
        market.published()
        relay()
        fact = OutboxEvent.objects.get(name="TenderPublished")
        row = models.Release.objects.get()
        again = use_cases.publish_release(
            fact=fact.pk,
            name=fact.name,
            source_ref=fact.source_ref,
            payload=fact.payload,
            at=fact.recorded_at,
            now=LATER,
        )

        assert again == row.release_id
        assert row.sha256 == hashlib.sha256(row.document.encode()).hexdigest()
        assert models.Release.objects.count() == 1
        for change in (lambda: models.Release.objects.update(document="{}"), row.delete):
            with pytest.raises(IntegrityError), transaction.atomic():
                change()

    def test_each_release_names_the_one_before_by_its_digest(self, market):
        ref = market.published()
        answered(market, ref)
        relay()
        first, second = models.Release.objects.order_by("number")

        assert (first.previous_sha256, second.previous_sha256) == ("", first.sha256)
        assert [one.number for one in (first, second)] == [1, 2]

    def test_a_draft_is_never_published_even_when_it_is_called_off(self, market):
        ref = market.prepared()
        tenders.ask_to_cancel(tender_ref=ref, why="not needed", by=WEI, at=SOON)
        tenders.cancel_tender(tender_ref=ref, by=MEI, at=SOON)
        relay()

        assert tags() == []


class TestEnds:
    def test_a_cancelled_tender_says_why(self, market, shared):
        ref = market.published()
        tenders.ask_to_cancel(tender_ref=ref, why="the plant closed", by=WEI, at=SOON)
        tenders.cancel_tender(tender_ref=ref, by=MEI, at=SOON)
        relay()

        assert tags()[-1] == ["tenderCancellation"]
        assert (last()["tender"]["status"], last()["tender"]["x_statusDetails"]) == ("cancelled", "the plant closed")
        assert check(shared, record_of(ref)).wrong == []

    def test_a_tender_that_nobody_delivers_has_an_unsuccessful_award_with_its_reason(self, market, shared):
        ref = market.opened()
        relay()
        failed = last()

        assert (tags()[-1], failed["tender"]["status"]) == (["tenderUpdate", "award"], "unsuccessful")
        assert [one["status"] for one in failed["awards"]] == ["unsuccessful"]
        assert failed["awards"][0]["description"] == OutboxEvent.objects.get(name="TenderFailed").payload["why"]
        assert check(shared, record_of(ref)).wrong == []

    def test_an_award_that_is_set_aside_is_cancelled_and_another_stands_beside_it(self, market, shared):
        ref = awarded(market)
        when = AWARDING + timedelta(days=1)
        complaint = tenders.lodge_complaint(
            tender_ref=ref, supplier_ref=market.shen, grounds="No licence.", by="user:shen", at=when
        )
        tenders.propose_decision(
            complaint_ref=complaint,
            outcome="uphold",
            remedy="re_evaluate",
            exclude=[market.teng],
            reasons="Shen is right.",
            by=WEI,
            at=when,
        )
        tenders.decide_complaint(complaint_ref=complaint, by=MEI, at=when)
        tenders.award_tender(tender_ref=ref, by=HUA, at=when + timedelta(hours=1))
        relay()
        compiled = record_of(ref)["records"][0]["compiledRelease"]

        assert tags()[-2:] == [["awardCancellation"], ["award"]]
        assert [(one["suppliers"][0]["name"], one["status"]) for one in compiled["awards"]] == [
            ("Tengda Casting", "cancelled"),
            ("Shenyuan Foundry", "pending"),
        ]
        assert "Shen is right" not in queries.record(ocid_of(ref), uri="https://a.example")
        assert check(shared, record_of(ref)).wrong == []

    def test_a_declined_order_says_why(self, market, shared):
        ref, order = ordered(market)
        contracts.decline_order(order_ref=order, why="the mould broke", by="user:teng", at=OVER)
        relay()

        contract = record_of(ref)["records"][0]["compiledRelease"]["contracts"][0]
        assert (contract["status"], contract["description"]) == ("cancelled", "the mould broke")
        assert check(shared, record_of(ref)).wrong == []


class TestSecrecy:
    def _told(self):
        client = Client()
        paths = (
            "/api/v1/ocds/releases/",
            "/api/v1/ocds/releases.jsonl",
            "/open-data/",
            "/open-data/feed.atom",
            *(f"/api/v1/ocds/records/{row.ocid}/" for row in queries.processes()),
        )
        replies = [client.get(path) for path in paths]
        assert {reply.status_code for reply in replies} == {200}
        return b"".join(b"".join(one) if one.streaming else one.content for one in replies).decode()

    def test_before_opening_a_full_box_looks_like_an_empty_one(self, market):
        ref = market.published()
        relay()
        before = documents()
        for supplier, price in ((market.teng, "7123.4567"), (market.shen, "8123.4567")):
            bid(ref, supplier, [(1, None, price)], at=BIDDING)
        relay()
        assert documents() == before

        tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)
        relay()
        told = self._told()
        root = tender_models.Tender.objects.get(ref=ref).receipts_root
        for secret in ("7123", "8123", "Tengda", "Shenyuan", market.teng, market.shen, root, "numberOfTenderers"):
            assert secret not in told
        assert '"bids":' not in told

    def test_an_empty_box_is_told_by_nothing(self, market):
        ref = market.published()
        tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)
        relay()
        told = self._told()

        assert "x_receiptsRootSignatureSha256" in told
        assert hashlib.sha256(b"").hexdigest() not in told

    def test_after_opening_the_root_is_told_and_keeps_to_its_digest(self, market):
        market.opened(teng=[(1, None, "12")])
        relay()
        tender = last()["tender"]

        signature = bytes.fromhex(tender["x_receiptsRootSignature"])
        assert hashlib.sha256(signature).hexdigest() == tender["x_receiptsRootSignatureSha256"]
        assert tender["numberOfTenderers"] == 1

    def test_losers_and_their_prices_and_the_buyers_are_never_told(self, market):
        ref, _order = ordered(market)
        told = self._told()

        assert ref in told
        for hidden in ("Shenyuan", market.shen, "Linjiang", "Baoshan", market.lin, market.bao, '"amount":13'):
            assert hidden not in told

    def test_of_a_tender_by_invitation_nothing_is_told_until_somebody_has_won(self, market, shared):
        ref = market.published(procedure="invited", invited=[market.teng, market.shen], standstill_days=10)
        bid(ref, market.teng, [(1, None, "12")])
        tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)
        tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)
        relay()
        assert tags() == []

        tenders.award_tender(tender_ref=ref, by=HUA, at=AWARDING)
        relay()
        assert tags() == [["award"]]
        assert last()["tender"]["procurementMethod"] == "selective"
        assert "Shenyuan" not in self._told()
        assert check(shared, record_of(ref)).wrong == []


class TestDoors:
    def test_anybody_pages_through_the_releases(self, market, shared):
        ref = market.published()
        answered(market, ref)
        answered(market, ref, "And in blue?")
        relay()
        client, seen, address = APIClient(), [], "/api/v1/ocds/releases/?page_size=2"
        while address:
            reply = client.get(address)
            package = json.loads(reply.content)
            assert check(shared, package).wrong == []
            seen += [one["id"] for one in package["releases"]]
            address = package.get("links", {}).get("next")

        assert seen == [f"{ocid_of(ref)}-{number:04d}" for number in (3, 2, 1)]
        assert package["license"].startswith("https://creativecommons.org/")
        assert package["publicationPolicy"].endswith("/open-data/#policy")
        assert reply["Access-Control-Allow-Origin"] == "*"

    def test_a_wrong_cursor_and_an_unknown_process_are_not_found(self, db):
        client = APIClient()
        for path in ("/api/v1/ocds/releases/?cursor=nonsense", "/api/v1/ocds/records/ocds-000000-TD-2026-9999/"):
            reply = client.get(path)
            assert (reply.status_code, reply["Content-Type"]) == (404, "application/problem+json")

    def test_the_bulk_download_is_one_release_a_line(self, market):
        ref = market.published()
        answered(market, ref)
        relay()
        reply = Client().get("/api/v1/ocds/releases.jsonl")
        lines = b"".join(reply).decode().splitlines()

        assert [json.loads(line)["id"][-4:] for line in lines] == ["0001", "0002"]

    def test_the_page_lists_what_takes_bids_and_what_was_awarded(self, market, monkeypatch):
        ref = market.published(title="Pumps <b>for</b> May")
        relay()
        monkeypatch.setattr("marketplace.kernel.clock.now", lambda: SOON)
        page = Client().get("/open-data/").content.decode()

        assert ref in page
        assert "Pumps &lt;b&gt;for&lt;/b&gt; May" in page
        assert f"/api/v1/ocds/records/{ocid_of(ref)}/" in page
        assert "No award is published yet." in page

    def test_the_news_feed_tells_of_tenders_and_awards(self, market):
        ref = awarded(market)
        relay()
        feed = Client().get("/open-data/feed.atom")

        assert feed["Content-Type"].startswith("application/atom+xml")
        assert feed.content.decode().count("<entry>") == 2
        assert ref in feed.content.decode()

    def test_a_longer_list_takes_no_more_queries(self, market):
        ref = market.published()
        relay()
        counts = []
        for text in ("Grey?", "Blue?", "Red?"):
            with CaptureQueriesContext(
                connection,
            ) as caught:
                for path in ("/api/v1/ocds/releases/", f"/api/v1/ocds/records/{ocid_of(ref)}/", "/open-data/"):
                    Client().get(path)
            counts.append(len(caught))
            answered(market, ref, text)
            relay()

        assert len(set(counts)) == 1


class TestCheck:
    """The checker itself finds what is wrong."""

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda release: release.pop("ocid"),
            lambda release: release.update(tag=["tendered"]),
            lambda release: release["tender"].update(status="open"),
            lambda release: release["tender"].update(procurementMethod="invited"),
            lambda release: release.update(date="yesterday"),
            lambda release: release.update(date="2026-03-02T04:00:00"),
            lambda release: release["tender"]["items"][0].update(quantity="100"),
            lambda release: release["tender"]["items"].append(release["tender"]["items"][0]),
            lambda release: release["tender"].update(numberOfTenderers=1.5),
            lambda release: release.update(awards=[{"status": "active", "relatedLots": []}]),
            lambda release: release.update(
                awards=[{"id": "1", "value": {"amount": 1, "currency": "RMB"}, "relatedLots": []}]
            ),
        ],
    )
    def test_a_wrong_document_fails(self, market, shared, spoil):
        market.published()
        relay()
        package = json.loads(queries.package(list(queries.releases()), uri="https://a.example", at=LATER, links={}))
        assert check(shared, package).wrong == []
        spoilt = copy.deepcopy(package)
        spoil(spoilt["releases"][0])

        assert check(shared, spoilt).wrong != []

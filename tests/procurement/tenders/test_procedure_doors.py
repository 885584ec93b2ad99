"""Questions, amendments, papers, invitations, complaints and bonds through API, pages and admin; who sees what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from marketplace.kernel import clock
from marketplace.kernel.money import Money
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from tests.cast import Player, enter
from tests.procurement.tenders.scene import AWARDING, BIDDING, HUA, MEI, Market, bid
from tests.procurement.tenders.test_bid_bonds import pay_in
from tests.procurement.tenders.test_papers import PDF, office

API = "/api/v1"
LISTS = ("questions", "amendments", "documents", "invitations", "complaints")


def api(player: Player) -> APIClient:
    client = APIClient()
    client.force_authenticate(player.user)
    return client


def page(player: Player) -> Client:
    client = Client()
    client.force_login(player.user)
    return client


@pytest.fixture
def hua(db: Any) -> Player:
    """Another of the staff."""
    return enter("hua", staff=True)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: BIDDING)
    monkeypatch.setattr(queries, "instant_of_record", lambda: BIDDING)


def ask(player: Player, ref: str, text: str = "Painted?") -> Any:
    return api(player).post(f"{API}/tender-questions/", {"tender": ref, "text": text}, format="json")


class TestApi:
    def test_a_question_is_answered_to_all_and_tells_nobody_who_asked(
        self, market: Market, teng: Player, shen: Player, wei: Player, lin: Player
    ) -> None:
        ref = market.published()
        asked = ask(teng, ref)
        assert (asked.status_code, asked.json()["mine"]) == (201, True)
        one = f"{API}/tender-questions/{asked.json()['ref']}/"
        assert api(shen).get(one).status_code == 404
        assert api(teng).post(f"{one}answer/", {"answer": "Yes."}, format="json").status_code == 403

        answered = api(wei).post(f"{one}answer/", {"answer": "Yes."}, format="json")

        assert answered.status_code == 200
        for reader in (shen, lin, wei):
            body = api(reader).get(one).content.decode()
            assert "Yes." in body
            assert teng.org not in body
            assert "Tengda" not in body

    def test_only_suppliers_ask_and_only_about_what_they_may_know(
        self, market: Market, shen: Player, lin: Player, mallory: Player
    ) -> None:
        ref = market.published(procedure="invited", invited=[market.teng])

        assert ask(shen, ref).status_code == 404
        assert ask(lin, ref).status_code == 403
        assert ask(mallory, ref).status_code == 403
        assert not models.Question.objects.exists()

    def test_an_amendment_takes_two_of_the_staff(self, market: Market, wei: Player, hua: Player, teng: Player) -> None:
        ref = market.published()
        said = {"tender": ref, "summary": "A holiday.", "bids_until": (BIDDING + timedelta(days=9)).isoformat()}
        assert api(teng).post(f"{API}/tender-amendments/", said, format="json").status_code == 403
        made = api(wei).post(f"{API}/tender-amendments/", said, format="json")
        one = f"{API}/tender-amendments/{made.json()['ref']}/"
        assert (made.status_code, api(teng).get(one).status_code) == (201, 404)

        own = api(wei).post(f"{one}publish/")
        other = api(hua).post(f"{one}publish/")

        assert (own.status_code, own.json()["code"]) == (403, "four_eyes")
        assert (other.status_code, other.json()["state"]) == (200, "published")
        assert api(teng).get(one).status_code == 200

    def test_papers_are_put_in_by_staff_and_handed_out(self, market: Market, wei: Player, teng: Player) -> None:
        ref = market.prepared()
        given = {"tender": ref, "title": "Drawing", "file": SimpleUploadedFile("d.pdf", PDF)}
        made = api(wei).post(f"{API}/tender-documents/", given, format="multipart")
        assert made.status_code == 201, made.content
        macro = {"tender": ref, "file": SimpleUploadedFile("m.docx", office({"word/vbaProject.bin": "x"}))}
        refused = api(wei).post(f"{API}/tender-documents/", macro, format="multipart")
        assert (refused.status_code, refused.json()["code"]) == (400, "bad_value")
        content = f"{API}/tender-documents/{made.json()['ref']}/content/"
        assert api(teng).get(content).status_code == 404

        tenders.publish_tender(tender_ref=ref, by=MEI, at=BIDDING)

        reply = api(teng).get(content)
        assert (reply.content, reply["X-Content-Type-Options"]) == (PDF, "nosniff")
        assert api(wei).delete(f"{API}/tender-documents/{made.json()['ref']}/").status_code == 409

    def test_an_invitation_is_declined_by_its_own_firm(
        self, market: Market, wei: Player, teng: Player, shen: Player
    ) -> None:
        ref = market.published(procedure="invited", invited=[market.teng])
        made = api(wei).post(f"{API}/tender-invitations/", {"tender": ref, "supplier": market.shen}, format="json")
        one = f"{API}/tender-invitations/{made.json()['ref']}/"
        assert (made.status_code, api(teng).get(one).status_code) == (201, 404)
        assert api(teng).post(f"{one}decline/", {"why": "no"}, format="json").status_code == 404
        assert api(shen).post(f"{one}decline/", {}, format="json").status_code == 400

        reply = api(shen).post(f"{one}decline/", {"why": "No capacity."}, format="json")

        assert (reply.status_code, reply.json()["state"]) == (200, "declined")
        assert api(shen).get(f"{API}/tenders/{ref}/").status_code == 404

    def test_a_bond_is_seen_by_its_own_firm_alone(
        self, market: Market, wei: Player, teng: Player, shen: Player
    ) -> None:
        pay_in(market.teng)
        ref = market.published(bond=Money.from_minor(500_00, "CNY"))

        made = api(teng).post(f"{API}/bid-bonds/", {"tender": ref}, format="json")

        assert (made.status_code, made.json()["amount"]) == (201, "500.00")
        for rival in (shen, wei):
            assert api(rival).get(f"{API}/bid-bonds/").json()["results"] == []
        back = api(teng).post(f"{API}/bid-bonds/{made.json()['ref']}/take-back/")
        assert (back.status_code, back.json()["state"]) == (200, "released")

    def test_a_complaint_is_decided_by_two_of_the_staff(
        self, market: Market, wei: Player, hua: Player, shen: Player, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ref = market.opened(teng=[(1, None, "12")], shen=[(1, None, "13")], standstill_days=5)
        tenders.award_tender(tender_ref=ref, by=HUA, at=AWARDING)
        monkeypatch.setattr(clock, "now", lambda: AWARDING + timedelta(days=1))
        said = {"tender": ref, "grounds": "No licence."}
        made = api(shen).post(f"{API}/tender-complaints/", said, format="json")
        one = f"{API}/tender-complaints/{made.json()['ref']}/"
        assert made.status_code == 201
        decision = {"outcome": "dismiss", "reasons": "It was shown."}
        assert api(shen).post(f"{one}propose/", decision, format="json").status_code == 403
        api(wei).post(f"{one}propose/", decision, format="json")
        assert (api(shen).get(one).json()["state"], api(shen).get(one).json()["reasons"]) == ("lodged", "")

        own, other = api(wei).post(f"{one}decide/"), api(hua).post(f"{one}decide/")

        assert (own.status_code, other.status_code) == (403, 200)
        assert api(shen).get(one).json()["reasons"] == "It was shown."

    def test_a_bid_is_confirmed_and_the_tender_watched(self, market: Market, teng: Player, lin: Player) -> None:
        ref = market.published()
        bid(ref, market.teng, [(1, None, "12")])

        assert api(teng).post(f"{API}/tenders/{ref}/watch/").status_code == 200
        assert api(teng).post(f"{API}/tenders/{ref}/confirm/").status_code == 200
        assert api(lin).post(f"{API}/tenders/{ref}/watch/").status_code == 403

    def test_lists_are_narrowed_by_tender(self, market: Market, wei: Player) -> None:
        ref = market.published()

        for name in LISTS:
            assert api(wei).get(f"{API}/tender-{name}/?tender={ref}").status_code == 200


class TestPages:
    def test_a_supplier_asks_secures_bids_and_reads(
        self, market: Market, teng: Player, wei: Player, hua: Player
    ) -> None:
        pay_in(market.teng)
        ref = market.published(bond=Money.from_minor(500_00, "CNY"))
        client = page(teng)
        client.post(f"/tenders/{ref}/ask/", {"text": "Painted?"})
        client.post(f"/tenders/{ref}/bond/lodge/")
        client.post(f"/tenders/{ref}/watch/")
        question = models.Question.objects.get()
        page(wei).post(f"/tenders/questions/{question.ref}/answer/", {"answer": "In blue.", "wording": ""})
        page(wei).post(
            f"/tenders/{ref}/desk/amend/",
            {"summary": "In green.", "changes_terms": "on", "bids_until": "2026-04-01T12:00"},
        )
        amendment = models.Amendment.objects.get()
        page(hua).post(f"/tenders/amendments/{amendment.ref}/publish/")

        shown = client.get(f"/tenders/{ref}/").content.decode()

        for text in ("In blue.", "In green.", "You asked this", "Take the bond back"):
            assert text in shown

    def test_the_desk_is_for_staff(self, market: Market, teng: Player, lin: Player, wei: Player) -> None:
        ref = market.published()
        ask(teng, ref)

        assert page(wei).get(f"/tenders/{ref}/desk/").status_code == 200
        assert ref in page(wei).get("/tenders/desk/").content.decode()
        for player in (teng, lin):
            assert page(player).get(f"/tenders/{ref}/desk/").status_code == 404
            assert page(player).get("/tenders/desk/").status_code == 404

    def test_nobody_reads_on_the_desk_who_asked(self, market: Market, teng: Player, wei: Player) -> None:
        ref = market.published()
        ask(teng, ref)

        for address in (f"/tenders/{ref}/desk/", reverse("admin:tenders_question_changelist")):
            assert "Tengda" not in page(wei).get(address).content.decode()
        pk = models.Question.objects.get().pk
        shown = page(wei).get(reverse("admin:tenders_question_change", args=[pk])).content.decode()
        assert "Tengda" not in shown
        assert "user:teng" not in shown

    def test_a_buyer_reads_along(self, market: Market, lin: Player, teng: Player, wei: Player) -> None:
        ref = market.published()
        ask(teng, ref)
        question = models.Question.objects.get()
        tenders.answer_question(question_ref=question.ref, answer="In blue.", by=HUA, at=BIDDING)

        shown = page(lin).get(f"/tenders/{ref}/").content.decode()

        assert "In blue." in shown
        assert ref in page(lin).get("/tenders/").content.decode()

    def test_invitations_are_declined(self, market: Market, teng: Player, shen: Player) -> None:
        ref = market.published(procedure="invited", invited=[market.teng])
        row = models.Invitation.objects.get()
        assert ref in page(teng).get("/tenders/invitations/").content.decode()
        assert ref not in page(shen).get("/tenders/invitations/").content.decode()
        assert page(shen).post(f"/tenders/invitations/{row.ref}/decline/", {"why": "x"}).status_code == 404

        page(teng).post(f"/tenders/invitations/{row.ref}/decline/", {"why": "No capacity."})

        row.refresh_from_db()
        assert (row.state, row.reason) == ("declined", "No capacity.")

    def test_a_complaint_runs_through_the_pages(
        self, market: Market, shen: Player, wei: Player, hua: Player, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ref = market.opened(teng=[(1, None, "12")], shen=[(1, None, "13")], standstill_days=5)
        tenders.award_tender(tender_ref=ref, by=HUA, at=AWARDING)
        monkeypatch.setattr(clock, "now", lambda: AWARDING + timedelta(days=1))
        page(shen).post(f"/tenders/{ref}/complain/", {"grounds": "No licence."})
        row = models.Complaint.objects.get()
        said = {"decision": "re_evaluate", "reasons": "Right.", "exclude": market.teng}
        page(wei).post(f"/tenders/complaints/{row.ref}/propose/", said)
        page(wei).post(f"/tenders/complaints/{row.ref}/decide/")
        assert queries.tender(ref).state == "awarded"

        page(hua).post(f"/tenders/complaints/{row.ref}/decide/")

        assert queries.tender(ref).state == "opened"
        assert "Right." in page(shen).get("/tenders/complaints/").content.decode()

    def test_every_list_and_thing_is_in_the_admin(self, market: Market, wei: Player, teng: Player) -> None:
        pay_in(market.teng)
        ref = market.published(bond=Money.from_minor(500_00, "CNY"))
        tenders.lodge_bond(tender_ref=ref, supplier_ref=market.teng, by="user:teng", at=BIDDING)
        bond = models.BidBond.objects.get()

        for name in ("question", "amendment", "invitation", "complaint", "tenderdocument", "bidbond", "supplierscore"):
            assert page(wei).get(reverse(f"admin:tenders_{name}_changelist")).status_code == 200
        assert bond.ref not in page(wei).get(reverse("admin:tenders_bidbond_changelist")).content.decode()
        tender = reverse("admin:tenders_tender_change", args=[models.Tender.objects.get().pk])
        assert f"/tenders/{ref}/desk/" in page(wei).get(tender).content.decode()


class TestDrafting:
    def draft(self, market: Market) -> dict[str, Any]:
        return {
            "title": "Pumps for April",
            "pool_refs": [market.frozen()],
            "bids_until": (BIDDING + timedelta(days=20)).isoformat(),
            "procedure": "challenge",
            "bond": {"amount": "500.00", "currency": "CNY"},
            "conditions": {
                "retention_percent": "5",
                "warranty_days": 365,
                "milestones": [
                    {"name": "Prototype", "percent": "40", "acceptance": "runs an hour"},
                    {"name": "Series", "percent": "60", "acceptance": "a thousand pieces"},
                ],
            },
        }

    def test_staff_draft_and_anybody_reads_the_published_flags(self, market: Market, wei: Player, teng: Player) -> None:
        said = self.draft(market)
        assert api(teng).post(f"{API}/tenders/", said, format="json").status_code == 403

        made = api(wei).post(f"{API}/tenders/", said, format="json")

        assert made.status_code == 201, made.content
        ref = made.json()["ref"]
        tenders.publish_tender(tender_ref=ref, by=MEI, at=BIDDING)
        body = api(teng).get(f"{API}/tenders/{ref}/").json()
        assert (body["flags"]["milestones"], body["bond"]) == (True, "500.00")
        assert [one["percent"] for one in body["conditions"]["milestones"]] == ["40", "60"]
        assert "Prototype" in page(teng).get(f"/tenders/{ref}/").content.decode()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"bond": {"amount": "NaN", "currency": "CNY"}},
            {"bond": {"amount": "1", "currency": "XXQ"}},
            {"procedure": "haggling"},
            {"conditions": {"retention_percent": "1e400"}},
            {"conditions": {}},
        ],
    )
    def test_bad_drafts_are_refused_and_nothing_is_kept(self, market: Market, wei: Player, wrong: Any) -> None:
        reply = api(wei).post(f"{API}/tenders/", {**self.draft(market), **wrong}, format="json")

        assert reply.status_code == 400, reply.content
        assert not models.Tender.objects.exists()

    def test_a_failed_one_is_drafted_again(self, market: Market, wei: Player, teng: Player) -> None:
        ref = market.opened(conditions=tenders.Conditions(keeps_pools=True))
        said = {"bids_until": (BIDDING + timedelta(days=20)).isoformat()}
        assert api(teng).post(f"{API}/tenders/{ref}/retender/", said, format="json").status_code in {403, 404}

        made = api(wei).post(f"{API}/tenders/{ref}/retender/", said, format="json")

        assert (made.status_code, made.json()["state"]) == (201, "draft")

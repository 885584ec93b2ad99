"""Frameworks, changes, messages, documents and the PDF through the API and the pages, each by who may."""

from __future__ import annotations

import base64
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from marketplace.kernel import clock
from procurement.contracts import queries
from procurement.contracts.models import CallOff, Framework, OrderChange, OrderMessage, OrderPaper, PurchaseOrder
from tests.cast import Player, enter
from tests.journeys.buyer_scene import client_of
from tests.procurement.contracts.scene import LATER, Bench, bench

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: LATER)


@pytest.fixture
def desk(lin: Player, bao: Player, teng: Player) -> Bench:
    return bench(lin, bao, teng)


def knock(player: Player) -> APIClient:
    client = APIClient()
    client.force_authenticate(player.user)
    return client


def post(player: Player, address: str, **body: Any) -> tuple[int, Any]:
    reply = knock(player).post(f"/api/v1/{address}/", body, format="json")
    return reply.status_code, reply.json()


def get(player: Player, address: str) -> tuple[int, Any]:
    reply = knock(player).get(f"/api/v1/{address}/")
    return reply.status_code, reply.json()


def terms(desk: Bench, **given: Any) -> dict[str, Any]:
    known = {
        "supplier": desk.teng.org,
        "product": desk.product,
        "title": "Pumps 2026",
        "currency": "CNY",
        "steps": [{"from_quantity": "10", "unit_price": "12"}, {"from_quantity": "100", "unit_price": "11.50"}],
        "starts_on": "2026-01-01",
        "ends_on": "2027-01-01",
        "ceiling": "100",
        "ceiling_money": "2000.00",
    }
    return {**known, **given}


class TestFrameworks:
    def test_from_offer_to_order_through_the_api_alone(self, desk: Bench, wei: Player) -> None:
        status, made = post(wei, "frameworks", **terms(desk))
        ref, pool = made["ref"], desk.frozen((desk.lin, 100, None))
        early = post(wei, f"frameworks/{ref}/call-off", pool=pool)

        assert (status, made["state"], early[1]["code"]) == (201, "offered", "framework_not_open")
        assert post(desk.teng, f"frameworks/{ref}/agree")[1]["state"] == "agreed"
        status, called = post(wei, f"frameworks/{ref}/call-off", pool=pool)
        assert (status, called["quantity"], called["amount_minor"]) == (201, "100.000000", 1_150_00)
        assert called["order"] == PurchaseOrder.objects.get().ref
        over = post(wei, f"frameworks/{ref}/call-off", pool=desk.frozen((desk.bao, 10, None), region="Anhui"))
        assert (over[0], over[1]["code"], Framework.objects.get().called) == (409, "ceiling_reached", 100)

    def test_ceilings_are_the_supplier_s_and_staff_s_to_know_and_offers_nobody_else_s(
        self, desk: Bench, wei: Player, mallory: Player
    ) -> None:
        rival = enter("rong", "Rongda Castings", roles=["supplier"], seat=["sales"])
        ref = desk.framework()
        hidden = desk.framework(agreed=False)

        seen = {player.username: get(player, f"frameworks/{ref}") for player in (desk.teng, wei, desk.lin, rival)}

        assert [seen[name][1]["ceiling"] for name in ("teng", "wei", "lin")] == ["1000.000000", "1000.000000", None]
        assert (seen["rong"][0], get(mallory, f"frameworks/{ref}")[0], get(desk.lin, f"frameworks/{hidden}")[0]) == (
            404, 404, 404,
        )  # fmt: skip

    def test_only_staff_offer_call_off_suspend_and_end_and_only_the_supplier_answers(self, desk: Bench) -> None:
        ref = desk.framework()
        pool = desk.frozen((desk.lin, 100, None))

        refused = [
            post(desk.lin, "frameworks", **terms(desk))[0],
            post(desk.teng, f"frameworks/{ref}/call-off", pool=pool)[0],
            *(post(desk.teng, f"frameworks/{ref}/{verb}", why="x")[0] for verb in ("suspend", "resume", "end")),
            post(desk.lin, f"frameworks/{ref}/decline", why="x")[0],
        ]

        assert (refused, CallOff.objects.count(), Framework.objects.get().state) == ([403] * 6, 0, "agreed")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"ceiling": "NaN"}, {"ceiling": "-1"}, {"ceiling": None, "ceiling_money": None}, {"currency": "QQQ"},
            {"ends_on": "2025-01-01"}, {"steps": []}, {"steps": [{"from_quantity": "1", "unit_price": "-2"}]},
            {"starts_on": "never"}, {"ceiling_money": "1.001"}, {"title": ""}, {"lead_days": 10**9},
        ],
    )  # fmt: skip
    def test_bad_terms_are_named_and_nothing_is_kept(self, desk: Bench, wei: Player, wrong: dict[str, Any]) -> None:
        status, body = post(wei, "frameworks", **terms(desk, **wrong))

        assert (status, body["code"], Framework.objects.count()) == (400, "bad_value", 0)

    def test_pages_lead_from_offer_to_order(self, desk: Bench, wei: Player) -> None:
        staff, supplier, buyer = client_of(wei), client_of(desk.teng), client_of(desk.lin)
        form = {
            **terms(desk), "steps": "10 12\n100 11.50", "unit_freight": "0.5", "lead_days": "30",
        }  # fmt: skip
        bad = staff.post("/orders/frameworks/new/", {**form, "steps": "ten 12"})
        staff.post("/orders/frameworks/new/", form)
        ref, pool = Framework.objects.get().ref, desk.frozen((desk.lin, 100, None))
        assert (bad.status_code, buyer.get(f"/orders/frameworks/{ref}/").status_code) == (400, 404)

        supplier.post(f"/orders/frameworks/{ref}/agree/")
        assert "Call off" in staff.get(f"/orders/frameworks/{ref}/").content.decode()
        staff.post(f"/orders/frameworks/{ref}/call/", {"pool": pool})

        order = PurchaseOrder.objects.get().ref
        assert order in supplier.get(f"/orders/frameworks/{ref}/").content.decode()
        page = buyer.get(f"/orders/frameworks/{ref}/").content.decode()
        assert order in page
        assert "At most" not in page
        for address in ("/orders/frameworks/", f"/orders/supply/{order}/", "/"):
            assert supplier.get(address).status_code == 200
        assert buyer.get("/orders/frameworks/new/").status_code == 404


class TestChanges:
    def test_are_proposed_and_agreed_over_the_api(self, desk: Bench) -> None:
        order = desk.order((desk.lin, 100, None))
        line = queries.order(order).lines[0].id
        days = [{"due_on": "2026-04-01", "quantity": "50"}, {"due_on": "2026-04-09", "quantity": "40"}]
        lines = [{"id": line, "quantity": "90", "deliveries": days}]

        status, made = post(desk.teng, "order-changes", order=order, lines=lines, why="one mould broke")
        waiting = get(desk.lin, f"order-changes/{made['ref']}")[1]
        stale = knock(desk.lin).post(f"/api/v1/order-changes/{made['ref']}/agree/", HTTP_IF_MATCH='"9"')
        agreed = post(desk.lin, f"order-changes/{made['ref']}/agree")[1]

        assert (status, waiting["your_word"], stale.status_code, agreed["state"]) == (201, "missing", 412, "agreed")
        assert [one.due_on for one in queries.order(order).lines[0].due] == [date(2026, 4, 1), date(2026, 4, 9)]

    def test_of_orders_that_are_not_ours_are_not_there(self, desk: Bench, mallory: Player) -> None:
        order = desk.order((desk.lin, 100, None))
        ref = post(desk.teng, "order-changes", order=order, cancels=True, why="no steel")[1]["ref"]

        for player in (desk.bao, mallory):
            assert get(player, f"order-changes/{ref}")[0] == 404
            assert post(player, f"order-changes/{ref}/agree")[0] == 404
            assert post(player, "order-changes", order=order, cancels=True, why="x")[0] == 404
        assert OrderChange.objects.get().state == "proposed"

    def test_pages_propose_show_and_answer(self, desk: Bench) -> None:
        order = desk.order((desk.lin, 100, None))
        line = queries.order(order).lines[0].id
        supplier, buyer = client_of(desk.teng), client_of(desk.lin)
        form = {f"quantity-{line}": "80", f"price-{line}": "11.5", f"days-{line}": "", "why": "steel is short"}

        dear = supplier.post(f"/orders/{order}/propose/", {**form, f"price-{line}": "12"})
        wrong = supplier.post(f"/orders/{order}/propose/", {**form, f"days-{line}": "soon"})
        assert (dear.status_code, wrong.status_code, OrderChange.objects.count()) == (400, 400, 0)
        assert supplier.get(f"/orders/{order}/propose/").status_code == 200
        supplier.post(f"/orders/{order}/propose/", form)
        ref = OrderChange.objects.get().ref
        assert "steel is short" in buyer.get("/").content.decode()
        assert "steel is short" in buyer.get(f"/orders/changes/{ref}/").content.decode()
        buyer.post(f"/orders/changes/{ref}/decline/", {"why": ""})
        assert OrderChange.objects.get().state == "proposed"
        buyer.post(f"/orders/changes/{ref}/agree/")

        assert (OrderChange.objects.get().state, queries.order(order).lines[0].quantity) == ("agreed", 80)
        assert ref in buyer.get(f"/orders/{order}/").content.decode()
        assert client_of(desk.bao).get(f"/orders/changes/{ref}/").status_code == 404
        assert client_of(desk.bao).get(f"/orders/{order}/propose/").status_code == 404


class TestMessages:
    def test_a_buyer_s_is_read_by_the_supplier_and_staff_and_no_other_buyer(self, desk: Bench, wei: Player) -> None:
        order = desk.order()
        post(desk.lin, f"orders/{order}/messages", text="Can you deliver in the morning?")
        post(desk.teng, f"orders/{order}/messages", text="To Lin: yes.", buyer=desk.lin.org)
        post(desk.teng, f"orders/{order}/messages", text="All of it is cast.")

        read = {
            player.username: [one["text"] for one in get(player, f"orders/{order}/messages")[1]]
            for player in (desk.lin, desk.bao, desk.teng, wei)
        }

        assert read["bao"] == ["All of it is cast."]
        assert read["lin"] == read["teng"] == read["wei"]
        assert len(read["lin"]) == 3

    def test_who_is_no_party_finds_no_order(self, desk: Bench, qian: Player, mallory: Player) -> None:
        order = desk.order((desk.lin, 100, None))

        for player in (desk.bao, qian, mallory):
            for part in ("messages", "papers", "papers/1", "pdf"):
                assert get(player, f"orders/{order}/{part}")[0] == 404
            assert post(player, f"orders/{order}/messages", text="hello")[0] == 404
            assert client_of(player).get(f"/orders/{order}/talk/").status_code == 404
            assert client_of(player).get(f"/orders/{order}/order.pdf").status_code == 404

        assert OrderMessage.objects.count() == 0

    def test_says_something_and_not_too_much_to_somebody_in_the_order(self, desk: Bench) -> None:
        order = desk.order((desk.lin, 100, None))

        answers = [
            post(desk.lin, f"orders/{order}/messages", text=" ")[0],
            post(desk.lin, f"orders/{order}/messages", text="a" * 2001)[0],
            post(desk.teng, f"orders/{order}/messages", text="hello", buyer=desk.bao.org)[0],
        ]

        assert (answers, OrderMessage.objects.count()) == ([400, 400, 404], 0)

    def test_page_takes_a_message_with_a_document_and_gives_it_back_as_a_download(self, desk: Bench) -> None:
        order = desk.order()
        buyer, supplier, other = client_of(desk.lin), client_of(desk.teng), client_of(desk.bao)
        file = SimpleUploadedFile("图纸.pdf", PDF, "text/html")

        buyer.post(f"/orders/{order}/talk/write/", {"text": "See the drawing <b>", "file": file})

        paper = OrderPaper.objects.get()
        page = supplier.get(f"/orders/{order}/talk/").content.decode()
        got = supplier.get(f"/orders/{order}/papers/{paper.pk}/")
        assert "See the drawing &lt;b&gt;" in page
        assert (got.content, got["Content-Type"], got["X-Content-Type-Options"]) == (PDF, "application/pdf", "nosniff")
        assert got["Content-Disposition"].startswith("attachment")
        assert other.get(f"/orders/{order}/papers/{paper.pk}/").status_code == 404
        assert "See the drawing" not in other.get(f"/orders/{order}/talk/").content.decode()


class TestPapers:
    def test_are_counted_and_refused_when_the_order_is_full(self, desk: Bench) -> None:
        order = desk.order((desk.lin, 100, None))
        body = {"file_name": "a.pdf", "content": base64.b64encode(PDF).decode()}
        assert post(desk.lin, f"orders/{order}/papers", **body)[0] == 201
        PurchaseOrder.objects.update(papers=50)

        status, full = post(desk.lin, f"orders/{order}/papers", **body)

        assert (status, full["code"], OrderPaper.objects.count()) == (409, "order_full", 1)

    @pytest.mark.parametrize(
        "body",
        [
            {}, {"content": "%%%", "file_name": "a.pdf"}, {"content": "TVo=", "file_name": "a.exe"},
            {"content": "TVo=", "file_name": ""}, {"content": "TVo=", "file_name": "a.pdf"},
        ],
    )  # fmt: skip
    def test_that_are_none_are_refused(self, desk: Bench, body: dict[str, Any]) -> None:
        order = desk.order((desk.lin, 100, None))

        status, _body = post(desk.lin, f"orders/{order}/papers", **body)

        assert (status, PurchaseOrder.objects.get().papers) == (400, 0)


class TestSheet:
    def test_is_a_pdf_and_a_buyer_s_shows_its_own_share(self, desk: Bench) -> None:
        from marketplace.kernel.actors import Actor

        order = desk.order()
        mine = queries.order_sheet(Actor("user:lin", desk.lin.org, frozenset({"buyer"})), order)
        whole = queries.order_sheet(Actor("user:teng", desk.teng.org, frozenset({"supplier"})), order)

        assert [row[3] for row in (*mine.tables[0].rows, *whole.tables[0].rows)] == ["60 pcs", "100 pcs"]
        assert (mine.totals[0][1], whole.totals[0][1]) == ("CNY 720.00", "CNY 1,200.00")
        for address in (f"/orders/{order}/order.pdf", f"/api/v1/orders/{order}/pdf/"):
            reply = client_of(desk.lin).get(address)
            assert (reply.status_code, reply["Content-Type"], reply.content[:5]) == (200, "application/pdf", b"%PDF-")


class TestQueries:
    def test_lists_ask_as_often_for_many_as_for_one(self, desk: Bench, wei: Player) -> None:
        client = knock(wei)

        def asked(address: str) -> int:
            with CaptureQueriesContext(
                connection,
            ) as caught:
                client.get(f"/api/v1/{address}/")
            return len(caught)

        order = desk.order((desk.lin, 100, None))
        post(desk.teng, "order-changes", order=order, cancels=True, why="x")
        once = [asked(address) for address in ("frameworks", "order-changes", "orders")]
        for n in range(3):
            more = desk.order((desk.lin, 100, None), region=f"Region {n}")
            post(desk.teng, "order-changes", order=more, cancels=True, why="x")

        assert [asked(address) for address in ("frameworks", "order-changes", "orders")] == once


class TestAdmin:
    def test_staff_see_everything_and_suspend_by_a_button(self, desk: Bench, wei: Player) -> None:
        order = desk.order((desk.lin, 100, None))
        post(desk.teng, "order-changes", order=order, cancels=True, why="x")
        post(desk.lin, f"orders/{order}/messages", text="hello")
        client, row = client_of(wei), Framework.objects.get()

        for name in (
            "framework",
            "orderchange",
            "purchaseorder",
            "orderline",
            "duedelivery",
            "ordermessage",
            "orderpaper",
        ):
            assert client.get(f"/admin/contracts/{name}/").status_code == 200
        for name, pk in (("framework", row.pk), ("orderchange", OrderChange.objects.get().pk)):
            assert client.get(f"/admin/contracts/{name}/{pk}/change/").status_code == 200
        client.post(f"/admin/contracts/framework/{row.pk}/deed/suspend/", {"why": "audit"})

        assert Framework.objects.get().state == "suspended"

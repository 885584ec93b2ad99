"""Lin asks for goods through the pages of demand; Bao and Mallory see nothing of it."""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from procurement.demand import models, queries
from tests.cast import Player, enter, join
from tests.journeys.buyer_scene import client_of, pumps

pytestmark = pytest.mark.django_db
DAY = (clock.now() + timedelta(days=60)).date()


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def pump(db: Any) -> str:
    return pumps()


def line(place: int, wanted: str, quantity: str, **more: str) -> dict[str, str]:
    given = {"wanted": wanted, "quantity": quantity, "needed_from": DAY.isoformat(), **more}
    return {f"lines-{place}-{name}": value for name, value in given.items()}


def form(*lines: dict[str, str], **head: str) -> dict[str, str]:
    counts = {"lines-TOTAL_FORMS": "4", "lines-INITIAL_FORMS": "0"}
    return {"currency": "CNY", "note": "", "external_ref": "", **counts, **head}.copy() | {
        name: value for one in lines for name, value in one.items()
    }


def requests(player: Player) -> list[Any]:
    return list(queries.requests_for(Actor(by=player.by, organisation=player.org)).order_by("id"))


def ask(player: Player, *lines: dict[str, str]) -> str:
    client_of(player).post("/requests/new/", form(*(lines or (line(0, "P-1", "40", ceiling="20"),))))
    return str(requests(player)[-1].ref)


class TestNewRequest:
    def test_is_a_draft_with_its_lines(self, lin: Player, pump: str) -> None:
        answer = client_of(lin).post(
            "/requests/new/",
            form(
                line(0, "P-1", "40", tolerance="10", ceiling="20", last_day=(DAY + timedelta(days=9)).isoformat()),
                line(1, "a bolt, M8", "200", unit="pcs"),
                note="for spring",
            ),
        )

        (request,) = requests(lin)
        first, second = queries.request_lines(request.ref)
        assert answer["Location"] == f"/requests/{request.ref}/"
        assert (request.state, request.note) == ("draft", "for spring")
        assert (first.product_code, first.quantity, first.tolerance, first.ceiling) == ("P-1", 40, 10, 20)
        assert (first.unit, first.needed_from, first.needed_to) == ("C62", DAY, DAY + timedelta(days=10))
        assert (second.product_id, second.text, second.unit) == (None, "a bolt, M8", "C62")

    def test_without_a_line_is_refused(self, lin: Player, pump: str) -> None:
        answer = client_of(lin).post("/requests/new/", form())

        assert answer.status_code == 400
        assert requests(lin) == []

    @pytest.mark.parametrize("quantity", ["0", "-4", "NaN", "1e30", "many"])
    def test_a_quantity_that_cannot_be_keeps_what_was_typed(self, lin: Player, pump: str, quantity: str) -> None:
        answer = client_of(lin).post("/requests/new/", form(line(0, "P-1", quantity), note="kept"))

        assert answer.status_code == 400
        assert 'value="kept"' in answer.content.decode()
        assert requests(lin) == []

    def test_words_without_a_unit_are_refused_and_nothing_is_half_saved(self, lin: Player, pump: str) -> None:
        answer = client_of(lin).post("/requests/new/", form(line(0, "P-1", "5"), line(1, "something", "7")))

        assert answer.status_code == 400
        assert requests(lin) == []
        assert not models.RequestLine.objects.exists()

    def test_more_lines_keep_what_was_typed(self, lin: Player, pump: str) -> None:
        answer = client_of(lin).post("/requests/new/", form(line(0, "P-1", "5")) | {"more": "1"})

        page = answer.content.decode()
        assert answer.status_code == 200
        assert page.count('class="want"') == 7
        assert 'value="P-1"' in page
        assert requests(lin) == []

    def test_products_are_offered_while_typing(self, lin: Player, pump: str) -> None:
        page = client_of(lin).get("/requests/products/?lines-0-wanted=entrifu").content.decode()

        assert '<option value="P-1">Centrifugal pump' in page


class TestVerbs:
    def test_from_draft_to_approved(self, lin: Player, pump: str) -> None:
        ref, client = ask(lin), client_of(lin)

        client.post(f"/requests/{ref}/submit/")
        page = client.post(f"/requests/{ref}/approve/", follow=True).content.decode()

        assert requests(lin)[0].state == "approved"
        assert "its lines are pooled with the needs of others" in page

    def test_an_approver_beyond_the_limit_is_told_so(self, lin: Player, pump: str) -> None:
        enter("mei")
        mei = join("mei", lin.org, seat=["approver"], limit=Money(Decimal("799.99"), "CNY"))
        ref = ask(lin)
        client_of(lin).post(f"/requests/{ref}/submit/")

        page = client_of(mei).get(f"/requests/{ref}/").content.decode()
        answer = client_of(mei).post(f"/requests/{ref}/approve/", HTTP_REFERER=f"/requests/{ref}/", follow=True)

        assert "Ask a colleague with a higher limit." in page
        assert "may cost CNY 800; you may approve up to CNY 799.99" in answer.content.decode()
        assert requests(lin)[0].state == "submitted"

    def test_a_requester_does_not_approve(self, lin: Player, pump: str) -> None:
        enter("mei")
        mei = join("mei", lin.org, seat=["requester"])
        ref = ask(mei)
        client_of(mei).post(f"/requests/{ref}/submit/")

        page = client_of(mei).get(f"/requests/{ref}/").content.decode()
        client_of(mei).post(f"/requests/{ref}/approve/")

        assert "Approve the request" not in page
        assert requests(lin)[0].state == "submitted"

    def test_a_changed_quantity_keeps_what_it_was(self, lin: Player, pump: str) -> None:
        ref = ask(lin)

        client_of(lin).post(f"/requests/{ref}/lines/1/quantity/", {"quantity": "25", "why": "less is enough"})

        (only,) = queries.request_lines(ref)
        assert only.quantity == 25
        assert "less is enough" in client_of(lin).get(f"/requests/{ref}/").content.decode()

    def test_a_line_in_words_is_given_its_product(self, lin: Player, pump: str) -> None:
        ref = ask(lin, line(0, "some pump", "4", unit="pcs"))

        client_of(lin).post(f"/requests/{ref}/lines/1/product/", {"wanted": "P-1"})

        (only,) = queries.request_lines(ref)
        assert only.product_code == "P-1"


class TestWalls:
    def test_another_firms_request_is_not_there(self, lin: Player, bao: Player, mallory: Player, pump: str) -> None:
        ref = ask(lin)

        for stranger in (bao, mallory):
            client = client_of(stranger)
            assert client.get(f"/requests/{ref}/").status_code == 404
            assert client.post(f"/requests/{ref}/submit/").status_code == 404
            assert client.post(f"/requests/{ref}/lines/1/quantity/", {"quantity": "1"}).status_code == 404
        assert ref not in client_of(bao).get("/requests/").content.decode()
        assert requests(lin)[0].state == "draft"

    def test_a_verb_that_pages_do_not_offer_is_not_there(self, lin: Player, pump: str) -> None:
        assert client_of(lin).post(f"/requests/{ask(lin)}/close/").status_code == 404

    def test_the_list_asks_the_database_no_more_for_many(self, lin: Player, pump: str) -> None:
        client = client_of(lin)
        ask(lin)
        client.get("/requests/")
        with CaptureQueriesContext(connection) as one:
            client.get("/requests/")
        for _ in range(5):
            ask(lin)

        with CaptureQueriesContext(connection) as six:
            client.get("/requests/")

        assert len(six) == len(one)

    def test_csv_tames_what_a_spreadsheet_would_run(self, lin: Player, pump: str) -> None:
        client_of(lin).post("/requests/new/", form(line(0, "P-1", "4"), note="=1+1"))

        assert ",'=1+1" in client_of(lin).get("/requests/?as=csv").content.decode()


MAPPING = {
    "name": "our-erp",
    "product": "编码",
    "quantity": "数量",
    "needed_from": "日期",
    "unit": "单位",
    "ceiling": "限价",
    "dates": "iso",
    "days": "14",
    "decimal": ".",
    "currency": "CNY",
}
GOOD = f"编码,数量,单位,日期,限价\nP-1,30,个,{DAY},19.5\nP-1,12,pcs,{DAY},\n"
BAD = GOOD + f"NO-SUCH,5,个,{DAY},\nP-1,abc,个,{DAY},\n"


class TestUpload:
    @pytest.fixture
    def client(self, lin: Player, pump: str) -> Any:
        client = client_of(lin)
        assert client.post("/requests/upload/mapping/", MAPPING).status_code == 302
        return client

    def send(self, client: Any, text: str, encoding: str = "utf-8") -> Any:
        file = io.BytesIO(text.encode(encoding))
        file.name = "needs.csv"
        return client.post("/requests/upload/", {"file": file, "mapping": "our-erp"}, follow=True)

    def test_is_looked_at_before_anything_is_kept(self, client: Any, lin: Player) -> None:
        page = self.send(client, GOOD, "gb18030").content.decode()

        assert "Take all 2 rows" in page
        assert "Centrifugal pump" in page
        assert requests(lin) == []

    def test_is_taken_as_drafts(self, client: Any, lin: Player) -> None:
        self.send(client, GOOD)
        page = client.post("/requests/upload/take/", follow=True).content.decode()

        assert "2 lines came in as drafts." in page
        assert {request.state for request in requests(lin)} == {"draft"}

    def test_names_every_bad_row_and_takes_the_good_ones_only_when_told(self, client: Any, lin: Player) -> None:
        page = self.send(client, BAD).content.decode()
        assert "Take the 2 good rows, leave 2 out" in page
        assert "NO-SUCH" in page
        assert "is not a number" in page

        refused = client.post("/requests/upload/take/", follow=True).content.decode()
        assert "Nothing was imported: 2 of 4 rows are wrong." in refused
        assert requests(lin) == []

        client.post("/requests/upload/take/", {"take_good": "1"})
        assert models.RequestLine.objects.count() == 2

    def test_the_same_file_again_changes_nothing(self, client: Any, lin: Player) -> None:
        self.send(client, GOOD)
        client.post("/requests/upload/take/")

        page = self.send(client, GOOD).content.decode()

        assert "This very file came before" in page
        assert models.RequestLine.objects.count() == 2

    def test_what_is_no_table_is_refused_with_its_reason(self, client: Any, lin: Player) -> None:
        answer = self.send(client, "\x00\x01\x02")

        assert answer.status_code == 400
        assert "cannot be read as this table" in answer.content.decode()

    def test_nothing_waits_for_whoever_sent_nothing(self, client: Any, bao: Player) -> None:
        self.send(client, GOOD)

        page = client_of(bao).get("/requests/upload/look/", follow=True).content.decode()

        assert "No file waits to be taken." in page

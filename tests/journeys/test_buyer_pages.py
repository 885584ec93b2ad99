"""Lin buys through the pages, from a request to a proved saving; Bao sees her own part alone, Mallory nothing."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marketplace.kernel.actors import Actor
from procurement.delivery import queries as delivery
from procurement.demand import queries as demand
from procurement.pools import queries as pools
from tests.cast import Player
from tests.journeys.buyer_scene import Round, client_of, open_pool, pay_in, pumps

pytestmark = pytest.mark.django_db


def seen(client: Client, address: str) -> str:
    """Return what the page says, its tags and the gaps between them taken away."""
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode().split("<main")[1])).strip()


def refs(address: str, client: Client, prefix: str) -> list[str]:
    page = client.get(address).content.decode()
    return list(dict.fromkeys(re.findall(rf"{prefix}-\d{{4}}-\d{{4}}", page)))


class Story:
    """Lin's and Bao's way through the pages; every step that buyers take is a form that they send."""

    def __init__(self, lin: Player, bao: Player, teng: Player, product: str = "P-1") -> None:
        self.lin, self.bao, self.teng = client_of(lin), client_of(bao), teng
        self.code, self.ref = product, pumps(product)
        self.pool = open_pool(self.ref)
        self.round = Round(teng)
        for player in (lin, bao):
            pay_in(player, "1000.00")
        self.actor = Actor(by=lin.by, organisation=lin.org)

    def lin_asks(self) -> str:
        view = pools.pool(self.pool)
        line = {"wanted": self.code, "quantity": "60", "needed_from": view.window_start.isoformat(), "ceiling": "21"}
        counts = {"lines-TOTAL_FORMS": "4", "lines-INITIAL_FORMS": "0", "currency": "CNY"}
        self.lin.post("/requests/new/", counts | {f"lines-0-{name}": value for name, value in line.items()})
        ref = str(demand.requests_for(self.actor).latest("id").ref)
        for verb in ("submit", "approve"):
            self.lin.post(f"/requests/{ref}/{verb}/")
        return ref

    def both_join(self, request: str) -> None:
        (line,) = demand.request_lines(request)
        self.lin.post(f"/pools/{self.pool}/join/", {"line": line.pk, "quantity": "60", "ceiling": "21"})
        self.bao.post(f"/pools/{self.pool}/join/", {"quantity": "40", "ceiling": "21"})

    def ordered(self) -> str:
        self.both_join(self.lin_asks())
        return self.round.order(self.pool, price="17.00")

    def receipt(self, player: Client) -> str:
        return refs("/receipts/?state=awaiting", player, "RC")[0]

    def delivered(self, *, rejects: str = "0") -> str:
        order = self.ordered()
        self.round.ship(order)
        mine = self.receipt(self.lin)
        (line,) = delivery.receipts_for(self.actor).get(ref=mine).lines.all()
        self.lin.post(f"/receipts/{mine}/", {f"line-{line.pk}": rejects, "why": "cracked" if rejects != "0" else ""})
        self.bao.post(f"/receipts/{self.receipt(self.bao)}/", {"why": ""})
        return order

    def invoiced(self, **given: Any) -> str:
        order = self.delivered(**given)
        self.round.invoice(order)
        return order


@pytest.fixture
def story(lin: Player, bao: Player, teng: Player) -> Story:
    return Story(lin, bao, teng)


class TestFromRequestToSaving:
    def test_a_request_in_a_pool_is_seen_from_both_sides(self, story: Story) -> None:
        request = story.lin_asks()
        story.both_join(request)

        assert "pooled" in seen(story.lin, f"/requests/{request}/")
        page = seen(story.lin, f"/pools/{story.pool}/")
        assert "100 pcs of 500 pcs" in page
        assert "Indicative price now 18.50 CNY" in page
        assert "Members 2" in page

    def test_an_order_shows_our_share_and_not_the_others(self, story: Story) -> None:
        order = story.ordered()

        page = seen(story.lin, f"/orders/{order}/")
        assert "Tengda Casting" in page
        assert "60 pcs" in page
        assert "40 pcs" not in page
        assert "Baoshan" not in page
        assert "40 pcs" in seen(story.bao, f"/orders/{order}/")

    def test_what_came_waits_for_our_word_on_the_first_page(self, story: Story) -> None:
        order = story.ordered()
        story.round.ship(order, missing=5)

        assert "Receipts to confirm" in seen(story.lin, "/")
        assert f"{story.receipt(story.lin)} awaiting 60 pcs" in seen(story.lin, "/receipts/")
        assert "35 pcs Centrifugal pump of 40 pcs" in seen(story.bao, "/receipts/")
        assert "60 pcs" in story.lin.get(f"/receipts/of/{order}/").content.decode().replace(' <span class="unit">', " ")

    def test_a_part_is_rejected_with_its_reason(self, story: Story) -> None:
        order = story.delivered(rejects="2")

        page = seen(story.lin, "/receipts/")
        assert "partly rejected" in page
        assert "2 pcs rejected" in page
        (mine, *_) = refs("/receipts/", story.lin, "RC")
        assert "cracked" in seen(story.lin, f"/receipts/{mine}/")
        assert "58 pcs" in seen(story.lin, f"/orders/{order}/")

    def test_a_rejection_needs_its_reason_and_stays_within_what_came(self, story: Story) -> None:
        order = story.ordered()
        story.round.ship(order)
        mine = story.receipt(story.lin)
        (line,) = delivery.receipts_for(story.actor).get(ref=mine).lines.all()

        silent = story.lin.post(f"/receipts/{mine}/", {f"line-{line.pk}": "2", "why": ""})
        beyond = story.lin.post(f"/receipts/{mine}/", {f"line-{line.pk}": "61", "why": "all of it"})

        assert (silent.status_code, beyond.status_code) == (400, 400)
        assert "Say what is wrong" in silent.content.decode()
        assert story.receipt(story.lin) == mine

    def test_an_invoice_adds_up_and_the_saving_is_proved(self, story: Story) -> None:
        story.invoiced()

        (invoice,) = refs("/invoices/", story.lin, "IN") or [""]
        # 60 x 17.00 goods, 60 x 0.50 freight, 1 % fee on goods; 13 % and 6 % tax; a deposit of 10 % of 60 x 21
        page = seen(story.lin, f"/invoices/{invoice}/")
        assert "Net 1,060.20 CNY" in page
        assert "Tax 13.0 % on 1,050.00 CNY 136.50 CNY" in page.replace("\u202f", " ")
        assert "Tax 6.0 % on 10.20 CNY 0.61 CNY" in page.replace("\u202f", " ")
        assert "Total 1,197.31 CNY" in page
        assert "less your advance 126.00 CNY" in page
        assert "To pay 1,071.31 CNY" in page
        assert "Invoices due" in seen(story.lin, "/")
        savings = seen(story.lin, "/savings/")
        assert "published, alone 20.00 CNY 1,060.20 CNY 139.80 CNY" in savings
        assert "Saved so far 139.80 CNY of what it would have cost 11.7 %" in savings.replace("\u202f", " ")


class TestWalls:
    def test_bao_sees_her_own_alone_and_mallory_nothing(self, story: Story, mallory: Player) -> None:
        order = story.invoiced()
        request = refs("/requests/", story.lin, "RQ")[0]
        receipt = refs("/receipts/", story.lin, "RC")[0]
        invoice = refs("/invoices/", story.lin, "IN")[0]
        saving = re.findall(r"/savings/(\d+)/why/", story.lin.get("/savings/").content.decode())[0]
        lins = [f"/requests/{request}/", f"/receipts/{receipt}/", f"/invoices/{invoice}/", f"/savings/{saving}/why/"]
        stranger = client_of(mallory)

        assert {story.lin.get(address).status_code for address in lins} == {200}
        assert {story.bao.get(address).status_code for address in lins} == {404}
        assert story.bao.post(f"/receipts/{receipt}/", {"why": ""}).status_code == 404
        every = [
            *lins,
            f"/orders/{order}/",
            "/requests/",
            "/pools/",
            "/orders/",
            "/receipts/",
            "/invoices/",
            "/savings/",
        ]
        assert {stranger.get(address).status_code for address in every} == {404}
        assert {Client().get(address).status_code for address in every} == {302}

    def test_a_supplier_finds_no_buyer_s_page(self, story: Story, teng: Player) -> None:
        for address in ("/requests/", "/pools/", "/pools/ours/", "/pools/places/", "/receipts/", "/savings/"):
            assert client_of(teng).get(address).status_code == 404

    def test_no_page_names_another_member(self, story: Story) -> None:
        order = story.invoiced()

        for address in ("/", f"/pools/{story.pool}/", f"/orders/{order}/", "/receipts/", "/invoices/", "/savings/"):
            page = seen(story.lin, address).lower()
            assert "baoshan" not in page
            assert " bao " not in page


class TestLists:
    PAGES = ("/", "/pools/ours/", "/orders/", "/receipts/", "/invoices/", "/savings/")

    def counts(self, client: Client) -> list[int]:
        found = []
        for address in self.PAGES:
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            found.append(len(queries))
        return found

    def test_ask_the_database_no_more_for_two_than_for_one(
        self, story: Story, lin: Player, bao: Player, teng: Player
    ) -> None:
        story.invoiced()
        one = self.counts(story.lin)

        Story(lin, bao, teng, "P-2").invoiced()

        assert self.counts(story.lin) == one

    def test_each_downloads_as_csv_with_its_rows(self, story: Story) -> None:
        story.invoiced()

        for address in ("/requests/", "/pools/ours/", "/orders/", "/receipts/", "/invoices/", "/savings/"):
            answer = story.lin.get(f"{address}?as=csv")
            assert answer["Content-Disposition"].endswith('.csv"')
            head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
            assert rows, address
            assert {len(row) for row in rows} == {len(head)}

    def test_no_page_has_inline_code(self, story: Story) -> None:
        order = story.invoiced()
        for address in (
            "/requests/new/",
            "/requests/upload/",
            f"/pools/{story.pool}/",
            f"/orders/{order}/",
            *self.PAGES,
        ):
            body = story.lin.get(address).content.decode()
            assert not re.search(r" style=| on[a-z]+=\"|<style|<script(?![^>]*src=)|javascript:", body), address

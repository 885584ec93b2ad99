"""What is wanted at which price, whether joining is worth it, who would get what: Lin and Bao look at pools."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.kernel import clock
from procurement.pools import use_cases
from tests.cast import ALL_BUYING, Player, enter
from tests.journeys.buyer_scene import WEI, client_of, open_pool, pay_in, pumps
from tests.journeys.test_buyer_pools import join

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool(lin: Player, bao: Player) -> str:
    return open_pool(pumps())  # from 1 at 20, from 100 at 18.50; packs of 10; a fee of 1 %


def text_of(answer: Any) -> str:
    """Return what a reader sees of a page or of a part of it."""
    page = re.sub(r"<br>|</(dt|dd|td|th|p|h2|li|label|button)>", " ", answer.content.decode())
    return " ".join(re.sub(r"<[^>]+>", "", page.split("<main")[-1]).replace("\u202f", " ").split())


class TestWhatIsWanted:
    def test_says_how_much_more_makes_everybody_pay_less(self, lin: Player, bao: Player, pool: str) -> None:
        join(bao, pool, "60")

        page = text_of(client_of(lin).get(f"/pools/{pool}/"))

        assert "40 pcs more and everybody pays 7.5 % less: 18.50 CNY" in page  # 1.5 of 20
        assert "Indicative: a published price list" in page
        assert (
            "The step from 1 pcs counts: it is the largest that the 60 pcs wanted at its price, 20.00 CNY, reach."
            in page
        )

    def test_a_ceiling_counts_only_at_prices_within_it(self, lin: Player, bao: Player, pool: str) -> None:
        join(bao, pool, "60")
        join(lin, pool, "50", ceiling="19")

        page = client_of(bao).get(f"/pools/{pool}/")

        drawn = json.loads(re.findall(r'<script id="picture-[^>]*>(.*?)</script>', page.content.decode())[0])
        assert drawn["wanted"] == [[60.0, 20.0], [110.0, 18.5]]
        assert drawn["here"] == [110.0, 18.5]
        assert "19" not in [str(price) for _, price in drawn["wanted"]]

    def test_the_live_part_says_the_same(self, lin: Player, bao: Player, pool: str) -> None:
        join(bao, pool, "60")

        assert "40 pcs more and everybody pays 7.5 % less" in text_of(client_of(lin).get(f"/pools/{pool}/gathered/"))

    def test_the_table_downloads(self, lin: Player, bao: Player, pool: str) -> None:
        join(bao, pool, "60")

        plain = client_of(lin).get(f"/pools/{pool}/curves/?as=csv").content.decode("utf-8-sig")
        book = openpyxl.load_workbook(io.BytesIO(client_of(lin).get(f"/pools/{pool}/curves/?as=xlsx").content))

        head, *rows = csv.reader(io.StringIO(plain))
        assert head[4:6] == ["Wanted at this price", "Missing"]
        assert [row[:7] for row in rows] == [
            ["1", "C62", "20", "CNY", "60", "0", "here"],
            ["100", "C62", "18.5", "CNY", "60", "40", "next"],
        ]
        assert [cell.value for cell in list(book.active.rows)[2]][:6] == [100, "C62", 18.5, "CNY", 60, 40]

    def test_scripts_come_from_us_alone_and_none_is_inline(self, lin: Player, pool: str) -> None:
        answer = client_of(lin).get(f"/pools/{pool}/")

        scripts = re.findall(r"<script([^>]*)>", answer.content.decode())
        assert all('src="/static/' in one or 'type="application/json"' in one for one in scripts)
        assert any("echarts" in one for one in scripts)
        assert "default-src 'self'" in answer["Content-Security-Policy"]

    def test_without_any_step_there_is_no_picture_and_no_calculator(
        self, lin: Player, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from marketplace.catalogue import queries as catalogue

        monkeypatch.setattr(catalogue, "price_lists", lambda ids: {})
        bare = open_pool(pumps("P-9"))

        page = client_of(lin).get(f"/pools/{bare}/")

        assert "No indicative price is known yet" in text_of(page)
        assert "echarts" not in page.content.decode()
        assert "Is it worth joining?" not in text_of(page)


class TestIsItWorthIt:
    def ask(self, player: Player, pool: str, amount: str, **headers: str) -> str:
        return text_of(
            client_of(player).get(f"/pools/{pool}/worth/", {"amount": amount}, headers={"HX-Request": "true"})
        )

    def test_price_alone_and_saving(self, lin: Player, bao: Player, pool: str) -> None:
        join(bao, pool, "60")

        page = self.ask(lin, pool, "50")

        assert "Unit price with us in it 18.50 CNY" in page
        assert "Alone, for this quantity 20.00 CNY" in page
        assert "For our quantity, fee included 934.25 CNY" in page
        assert "Saved against buying alone 65.75 CNY (6.6 %)" in page
        assert "If the largest other member left" not in page  # of so few others it would tell what one of them wants
        assert "With us everybody pays 18.50 CNY instead of 20.00 CNY." in page
        assert "Our part would be 45.5 % of the quantity." in page

    def test_a_member_below_the_peak_is_not_warned(self, lin: Player, bao: Player, pool: str) -> None:
        join(bao, pool, "62")

        assert "Beyond 38.2 %" not in self.ask(lin, pool, "38")
        assert "Beyond 38.2 %" in self.ask(lin, pool, "39")

    def test_what_we_have_in_it_is_replaced_not_added(self, lin: Player, bao: Player, pool: str) -> None:
        join(bao, pool, "60")
        join(lin, pool, "30")

        assert "Unit price with us in it 20.00 CNY" in self.ask(lin, pool, "39")
        assert "Unit price with us in it 18.50 CNY" in self.ask(lin, pool, "40")

    def test_works_without_scripts(self, lin: Player, bao: Player, pool: str) -> None:
        join(bao, pool, "60")

        page = text_of(client_of(lin).get(f"/pools/{pool}/", {"amount": "50"}))

        assert "Saved against buying alone 65.75 CNY" in page

    def test_more_than_there_is_room_for_is_said(self, lin: Player, bao: Player, pool: str) -> None:
        join(bao, pool, "450")

        assert "Only 50 pcs of this pool can be ours." in self.ask(lin, pool, "60")

    @pytest.mark.parametrize("amount", ["", "0", "-5", "NaN", "1e30", "drei", "0.0000001"])
    def test_a_quantity_that_is_none_gets_words_not_figures(self, lin: Player, pool: str, amount: str) -> None:
        page = self.ask(lin, pool, amount)

        assert "Unit price with us in it" not in page

    def test_others_are_never_named(self, lin: Player, bao: Player, pool: str) -> None:
        join(bao, pool, "60", ceiling="19.77")

        page = client_of(lin).get(f"/pools/{pool}/", {"amount": "50"}).content.decode()

        assert bao.org not in page
        assert "19.77" not in page

    def test_is_not_there_for_a_supplier(self, teng: Player, pool: str) -> None:
        for address in ("worth", "preview", "curves"):
            assert client_of(teng).get(f"/pools/{pool}/{address}/").status_code == 404


class TestWhoWouldGetWhat:
    def test_if_the_pool_froze_now_and_if_less_came(self, lin: Player, bao: Player, pool: str) -> None:
        join(bao, pool, "60")
        join(lin, pool, "45")

        page = text_of(client_of(lin).get(f"/pools/{pool}/"))

        assert "100 pcs would be ordered, in whole packs of 10 pcs. The rule for scarce goods: first come" in page
        assert "40 pcs You get 40 of 45: 60 was asked for before you, and the packs were full." in page
        assert "If 80 % came: 80 pcs" in page
        assert "20 pcs You get 20 of 40: 60 was asked for before you" in page

    def test_a_smaller_arrival_may_be_asked_about_in_whole_tenths(self, lin: Player, bao: Player, pool: str) -> None:
        join(bao, pool, "60")
        join(lin, pool, "40")

        page = text_of(client_of(lin).get(f"/pools/{pool}/preview/?percent=55", headers={"HX-Request": "true"}))

        assert "If 60 % came: 60 pcs" in page
        assert "0 pcs No pack was left: 60 was asked for before you." in page

    def test_says_what_each_rule_means(self, lin: Player, pool: str) -> None:
        page = text_of(client_of(lin).get(f"/pools/{pool}/"))

        for words in ("Who joined earlier is served in full", "the same percentage", "the rest is shared again"):
            assert words in page

    def test_too_little_for_a_pack_says_so(self, lin: Player, pool: str) -> None:
        join(lin, pool, "4")

        assert "gathered too little for one order: 4; 6 was missing" in text_of(client_of(lin).get(f"/pools/{pool}/"))

    def test_after_freezing_it_is_what_members_are_bound_to(self, lin: Player, bao: Player, pool: str) -> None:
        pay_in(lin, "1000.00")
        pay_in(bao, "1000.00")
        join(bao, pool, "60")
        join(lin, pool, "40")
        use_cases.freeze_pool(pool_ref=pool, **WEI, at=clock.now())

        page = text_of(client_of(lin).get(f"/pools/{pool}/"))

        assert "Who gets what" in page
        assert "If 80 % came: 80 pcs" in page
        assert "Is it worth joining?" not in page


class TestTheList:
    def test_says_what_the_next_step_lacks_and_saves(self, lin: Player, bao: Player, pool: str) -> None:
        join(bao, pool, "60")

        assert "18.50 CNY 40 pcs more 7.5 % less" in text_of(client_of(lin).get("/pools/"))

    def test_narrows_by_closing_day_and_by_room(self, lin: Player, bao: Player, pool: str) -> None:
        late = open_pool(pumps("P-2"), freeze_at=clock.now() + timedelta(days=20))
        full = open_pool(pumps("P-3"), capacity=Decimal(10))
        join(bao, full, "10")
        client, by = client_of(lin), (clock.now() + timedelta(days=9)).date().isoformat()

        soon, roomy = (text_of(client.get(f"/pools/?{given}")) for given in (f"closes={by}", "room=yes"))

        assert [ref in soon for ref in (pool, late, full)] == [True, False, True]
        assert [ref in roomy for ref in (pool, late, full)] == [True, True, False]
        assert late in text_of(client.get("/pools/?closes=never"))

    def test_sorts_and_turns_over_in_that_order(self, lin: Player, bao: Player) -> None:
        refs = [
            open_pool(pumps(f"P-{number}"), freeze_at=clock.now() + timedelta(days=3 + number * 7 % 60))
            for number in range(60)
        ]
        client = client_of(lin)
        at = {ref: number * 7 % 60 for number, ref in enumerate(refs)}

        first = client.get("/pools/")
        second = client.get("/pools/" + first.context["leaf"].older)

        listed = [row.ref for answer in (first, second) for row in answer.context["leaf"].rows]
        assert listed == sorted(refs, key=lambda ref: at[ref])
        assert "Further on" in text_of(first)
        assert "Back to the beginning" in text_of(second)

    def test_downloads_as_a_workbook_with_numbers(self, lin: Player, bao: Player, pool: str) -> None:
        join(bao, pool, "60")

        answer = client_of(lin).get("/pools/?as=xlsx")

        head, row = openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True)
        found = dict(zip(head, row, strict=True))
        assert (found["Pool"], found["Gathered"], found["Members"]) == (pool, 60, 1)
        assert (found["Indicative price now"], found["Missing to it"], found["Less there, %"]) == (20, 40, 7.5)

    def test_a_name_that_looks_like_a_formula_stays_text(self, lin: Player, bao: Player) -> None:
        open_pool(pumps("P-7", name_en="=1+1"))

        answer = client_of(lin).get("/pools/?as=xlsx")

        cell = openpyxl.load_workbook(io.BytesIO(answer.content)).active["C2"]
        assert (cell.value, cell.data_type) == ("=1+1", "s")


class TestTheApi:
    def test_a_pool_comes_with_its_clearing_and_a_preview(self, lin: Player, bao: Player, pool: str) -> None:
        join(bao, pool, "60")
        join(lin, pool, "45", ceiling="19")

        found = client_of(lin).get(f"/api/v1/pools/{pool}/").json()

        assert found["clearing"]["source"] == "price_list"
        assert (found["clearing"]["unit_price"], found["clearing"]["demand"]) == ("18.5", "105")
        assert [(one["demand"], one["missing"], one["reached"]) for one in found["clearing"]["steps"]] == [
            ("60", "0", True),
            ("105", "0", True),
        ]
        assert found["clearing"]["next"] is None
        assert found["preview"]["rule"] == "first_come"
        assert [(one["quantity"], one["why"]["code"]) for one in found["preview"]["now"]["mine"]] == [("40", "part")]
        assert [(one["quantity"], one["why"]["code"]) for one in found["preview"]["fewer"]["mine"]] == [("20", "part")]


def test_a_pools_page_asks_the_database_no_more_for_thirty_members_than_for_two(
    lin: Player, bao: Player, pool: str
) -> None:
    join(bao, pool, "5")
    join(lin, pool, "5")
    client = client_of(lin)
    client.get(f"/pools/{pool}/")
    with CaptureQueriesContext(connection) as two:
        client.get(f"/pools/{pool}/?amount=5")
    for number in range(30):
        newcomer = enter(f"buyer{number}", f"Buyer {number}", roles=["buyer"], seat=ALL_BUYING, region="Zhejiang")
        join(newcomer, pool, "5", ceiling=str(10 + number))

    with CaptureQueriesContext(connection) as many:
        client.get(f"/pools/{pool}/?amount=5")

    assert len(many) == len(two)

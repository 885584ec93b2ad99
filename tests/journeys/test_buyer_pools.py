"""Lin and Bao meet in a pool, through its pages."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.foundation.wording import word
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from procurement.pools import queries, use_cases
from tests.cast import Player
from tests.journeys.buyer_scene import WEI, client_of, open_pool, pay_in, pumps

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool(lin: Player, bao: Player) -> str:
    return open_pool(pumps())


def join(player: Player, pool: str, quantity: str, **given: str) -> Any:
    return client_of(player).post(f"/pools/{pool}/join/", {"quantity": quantity, **given}, follow=True)


def commitments(player: Player) -> list[Any]:
    return list(queries.commitments_for(Actor(by=player.by, organisation=player.org)).order_by("id"))


class TestPoolsNear:
    def test_an_open_pool_stands_with_its_fill_and_its_next_step(self, lin: Player, bao: Player, pool: str) -> None:
        join(bao, pool, "40")

        page = client_of(lin).get("/pools/").content.decode()

        assert "Centrifugal pump" in page
        assert 'width="8.00"' in page  # 40 of 500
        assert "60 <span" in page  # missing to the step at 100

    def test_downloads_as_csv(self, lin: Player, pool: str) -> None:
        answer = client_of(lin).get("/pools/?as=csv")

        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        head, row = answer.content.decode("utf-8-sig").splitlines()
        assert (head.split(",")[0], row.split(",")[:3]) == ("Pool", [pool, "P-1", "Centrifugal pump"])

    def test_is_not_there_for_a_supplier_nor_for_mallory(self, teng: Player, mallory: Player, pool: str) -> None:
        assert client_of(teng).get("/pools/").status_code == 404
        assert client_of(mallory).get("/pools/").status_code == 404

    def test_asks_the_database_no_more_for_ten_pools_than_for_one(self, lin: Player, pool: str) -> None:
        client = client_of(lin)
        client.get("/pools/")
        with CaptureQueriesContext(
            connection,
        ) as one:
            client.get("/pools/")
        for number in range(2, 11):
            open_pool(pumps(f"P-{number}"))

        with CaptureQueriesContext(connection) as ten:
            client.get("/pools/")

        assert len(ten) == len(one)


class TestJoin:
    def test_reserves_and_says_what_it_binds(self, lin: Player, pool: str) -> None:
        page = join(lin, pool, "12", tolerance="8", ceiling="19.5").content.decode()

        (mine,) = commitments(lin)
        assert (mine.quantity, mine.tolerance, mine.ceiling) == (Decimal(12), Decimal(8), Decimal("19.5"))
        assert "You are in." in page
        assert "Leave this pool" in page
        assert 'id="join"' not in page  # one stands in a pool by hand once, and changes that
        assert f'action="/pools/commitments/{mine.ref}/change/"' in page

    def test_the_deposit_is_told_before(self, lin: Player, pool: str) -> None:
        page = client_of(lin).get(f"/pools/{pool}/binds/?quantity=100&ceiling=20").content.decode()

        assert "A deposit of at most <span" in page
        assert page.count("200.00") == 2  # 10 % of 100 at 20; and all of it is missing

    def test_beyond_capacity_is_refused_with_what_is_left(self, lin: Player, pool: str) -> None:
        answer = join(lin, pool, "501")

        assert answer.status_code == 409
        assert "Only 500" in answer.content.decode()
        assert commitments(lin) == []

    def test_a_quantity_that_is_none_is_shown_beside_its_field(self, lin: Player, pool: str) -> None:
        answer = join(lin, pool, "NaN")

        assert answer.status_code == 400
        assert 'id="id_quantity_error"' in answer.content.decode()
        assert commitments(lin) == []

    def test_nobody_without_a_firm_joins(self, mallory: Player, pool: str) -> None:
        assert join(mallory, pool, "5").status_code == 404

    def test_leaving_gives_it_back(self, lin: Player, pool: str) -> None:
        join(lin, pool, "12")
        (mine,) = commitments(lin)

        page = client_of(lin).post(f"/pools/commitments/{mine.ref}/leave/", follow=True).content.decode()

        assert "You have left" in page
        assert queries.pool(pool).joined == 0


class TestPoolPage:
    def test_others_count_and_are_not_named(self, lin: Player, bao: Player, pool: str) -> None:
        join(bao, pool, "40")

        page = client_of(lin).get(f"/pools/{pool}/").content.decode()

        assert "Baoshan" not in page
        assert bao.org not in page
        assert "bao" not in page.replace("https://", "").split("<main")[1].lower()

    def test_another_firms_commitment_cannot_be_left(self, lin: Player, bao: Player, pool: str) -> None:
        join(bao, pool, "40")
        (theirs,) = commitments(bao)

        assert client_of(lin).post(f"/pools/commitments/{theirs.ref}/leave/").status_code == 404
        assert commitments(bao)[0].state == "reserved"

    def test_a_frozen_pool_is_gone_for_those_outside(self, lin: Player, bao: Player, pool: str) -> None:
        pay_in(bao, "1000.00")
        join(bao, pool, "40")
        use_cases.freeze_pool(pool_ref=pool, **WEI, at=clock.now())

        assert client_of(bao).get(f"/pools/{pool}/").status_code == 200
        assert client_of(lin).get(f"/pools/{pool}/").status_code == 404

    def test_tells_why_and_who_froze_is_not_named(self, bao: Player, pool: str) -> None:
        pay_in(bao, "1000.00")
        join(bao, pool, "40")
        use_cases.freeze_pool(pool_ref=pool, **WEI, at=clock.now())

        page = client_of(bao).get(f"/pools/{pool}/").content.decode()

        assert "You get all you asked for: 40." in page
        assert "wei" not in page.split("<main")[1]


class TestRefusals:
    def test_speak_the_reader_s_units_and_times(self, lin: Player) -> None:
        late = open_pool(pumps("P-9"), freeze_at=clock.now() + timedelta(seconds=1), capacity=Decimal(5))
        full = join(lin, late, "6").content.decode()
        use_cases.freeze_pool(pool_ref=late, **WEI, at=clock.now())
        with pytest.raises(use_cases.PoolFrozenAlready) as refused:
            use_cases.join_pool(pool_ref=late, buyer_ref=lin.org, quantity=Decimal(1), by=lin.by, at=clock.now())

        assert "Only 5 pcs are left" in full
        assert re.search(r"no more changes since \d{1,2} \w{3} \d{4}, \d\d:\d\d \(it is failed\)", word(refused.value))

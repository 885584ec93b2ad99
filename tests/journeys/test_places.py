"""A bound buyer offers its place; another finds it on a page and takes it over."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from marketplace.kernel import clock
from procurement.pools import queries, use_cases
from tests.cast import Player
from tests.journeys.buyer_scene import WEI, client_of, open_pool, pay_in, pumps
from tests.journeys.test_buyer_pools import join

pytestmark = pytest.mark.django_db


@pytest.fixture
def offered(lin: Player, bao: Player) -> str:
    """Lin's place in a frozen pool, twenty pumps, that Lin offers."""
    for player in (lin, bao):
        pay_in(player, "500.00")
    pool = open_pool(pumps())
    join(lin, pool, "20")
    use_cases.freeze_pool(pool_ref=pool, **WEI, at=clock.now() + timedelta(days=6))
    [mine] = queries.members(pool)
    client_of(lin).post(f"/pools/commitments/{mine.commitment_ref}/offer/")
    return mine.commitment_ref


class TestPlaces:
    def test_another_buyer_takes_it_over(self, offered: str, bao: Player) -> None:
        page = client_of(bao).get("/pools/places/").content.decode()
        assert "Take this place" in page
        assert "Centrifugal pump" in page

        told = client_of(bao).post(f"/pools/places/{offered}/take-over/", follow=True).content.decode()

        assert "The place is ours" in told
        [place] = [one for one in queries.members(told_pool(told)) if one.buyer_ref == bao.org]
        assert place.quantity == Decimal(20)
        assert queries.verify() == []

    def test_who_offers_it_does_not_see_it_as_offered(self, offered: str, lin: Player) -> None:
        assert "Take this place" not in client_of(lin).get("/pools/places/").content.decode()
        assert client_of(lin).post(f"/pools/places/{offered}/take-over/").status_code == 404

    def test_a_supplier_does_not_see_places(self, offered: str, teng: Player) -> None:
        assert client_of(teng).get("/pools/places/").status_code in {403, 404}


def told_pool(page: str) -> str:
    """Return the ref of the pool that a page is about."""
    return re.findall(r"PL-\d{4}-\d{4}", page)[0]

"""Who may write on a commitment through the API: its own firm's people, each by their role."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from marketplace.kernel import clock
from procurement.pools.models import Commitment
from tests.cast import Player, enter, join
from tests.procurement.pools.scene import Market
from tests.procurement.pools.test_api import API, as_


@pytest.fixture
def pool(market: Market) -> str:
    return market.pool(freeze_at=clock.now() + timedelta(days=3), deposit_percent=Decimal(0))


@pytest.mark.parametrize("verb", ["change", "raise", "lower", "leave", "withdraw", "offer"])
def test_staff_who_sit_in_a_firm_write_on_no_other_firms_commitment(market: Market, pool: str, verb: str) -> None:
    dual = enter("dual", staff=True)
    join("dual", market.lin, seat=("requester", "approver"))
    theirs = market.join(pool, market.bao, 10)

    reply = as_(dual).post(f"{API}/commitments/{theirs}/{verb}/", {"quantity": "5"}, format="json")

    assert reply.status_code == 404
    assert list(Commitment.objects.values_list("state", "quantity")) == [("reserved", 10)]


def test_a_clerk_of_finance_leaves_no_pool(market: Market, pool: str) -> None:
    clerk = enter("clerk")
    join("clerk", market.lin, seat=("finance",))
    ours = market.join(pool, market.lin, 10)
    page = Client()
    page.force_login(clerk.user)

    reply = as_(clerk).post(f"{API}/commitments/{ours}/leave/", {}, format="json")
    page.post(f"/pools/commitments/{ours}/leave/", {})

    assert reply.status_code == 403
    assert Commitment.objects.get().state == "reserved"


def test_an_approver_leaves(market: Market, pool: str, lin: Player) -> None:
    ours = market.join(pool, market.lin, 10)

    assert as_(lin).post(f"{API}/commitments/{ours}/leave/", {}, format="json").status_code == 200

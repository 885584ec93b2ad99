"""Staff look at pools and act by verbs."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from procurement.pools import queries
from procurement.pools.models import Commitment, Pool
from tests.cast import Player
from tests.procurement.pools.scene import Market


def as_(player: Player) -> Client:
    client = Client()
    client.force_login(player.user)
    return client


class TestPoolsInTheAdmin:
    def test_staff_see_a_pool_with_its_members_and_let_it_fail(self, market: Market, lin: Player, wei: Player) -> None:
        ref = market.pool()
        commitment = market.join(ref, market.lin, 12)
        pk = Pool.objects.get().pk
        page = as_(wei).get(reverse("admin:pools_pool_change", args=[pk])).content.decode()
        assert commitment in page
        assert reverse("admin:pools_pool_deed", args=[pk, "freeze"]) in page

        as_(wei).post(reverse("admin:pools_pool_deed", args=[pk, "fail"]), {"why": "stopped"})

        assert queries.pool(ref).state == "failed"

    def test_lists_open(self, market: Market, wei: Player) -> None:
        market.join(market.pool(), market.lin, 12)

        for name in ("pool", "commitment"):
            assert as_(wei).get(reverse(f"admin:pools_{name}_changelist")).status_code == 200
        pk = Commitment.objects.get().pk
        assert as_(wei).get(reverse("admin:pools_commitment_change", args=[pk])).status_code == 200

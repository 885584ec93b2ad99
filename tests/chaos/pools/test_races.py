"""Everybody at once: joins, leaves, freezes and bulk runs, each on a connection of its own.

SQLite runs on its file and PostgreSQL on its server, whichever DATABASE_URL names.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from finance.ledger import queries as ledger
from finance.ledger.use_cases import Acct
from marketplace.catalogue import use_cases as catalogue
from marketplace.kernel.money import Money, Rate
from marketplace.kernel.refusals import Refusal
from marketplace.parties import use_cases as parties
from marketplace.parties.use_cases import NewOrganisation
from procurement.demand import use_cases as demand
from procurement.pools import queries
from procurement.pools.models import Commitment, Pool
from procurement.pools.use_cases import (
    freeze_pool,
    fulfil_pool,
    join_pool,
    leave_pool,
    mark_ordered,
    open_pool,
    open_pools_from_demand,
    record_award,
    record_delivery,
    settle_pool,
    start_tendering,
)
from tests.procurement.pools.scene import FREEZE, NOON, WHO, pay_in, product

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 50


def at_once(deeds: Sequence[Callable[[], Any]], workers: int = WORKERS) -> list[str]:
    """Run the deeds on threads of their own that start together; return what each came to: `done` or a refusal's code.

    Anything that is no refusal comes back by its type's name, which no test expects.
    """
    workers = min(workers, len(deeds))
    start = Barrier(workers)

    def run(deed: Callable[[], Any]) -> str:
        try:
            deed()
        except Refusal as refusal:
            return refusal.code
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda _: start.wait(timeout=30), range(workers)))
        return list(pool.map(run, deeds))


def buyers(count: int) -> list[str]:
    rows = [NewOrganisation(f"B{n}", f"Buyer {n}", "CN", "Zhejiang", ("buyer",)) for n in range(count)]
    return list(parties.register_many(rows=rows, **WHO).values())


def a_pool(**given: Any) -> str:
    catalogue.register_category(code="pumps", name_en="Pumps", deposit_percent=Decimal(0), **WHO)
    window = {"window_start": date(2026, 4, 1), "window_end": date(2026, 5, 1), "freeze_at": FREEZE}
    return open_pool(product_ref=product(), **{**window, **WHO, **given})


def joining(pool: str, buyer: str, quantity: int = 1) -> Callable[[], Any]:
    return lambda: join_pool(pool_ref=pool, buyer_ref=buyer, quantity=Decimal(quantity), **WHO)


class TestTwoHundredJoinsOnAPoolOfFifty:
    def test_exactly_fifty_stand_and_all_others_are_told_it_is_full(self) -> None:
        pool = a_pool(capacity=Decimal(50))

        came = Counter(at_once([joining(pool, buyer) for buyer in buyers(200)]))

        assert came == {"done": 50, "pool_full": 150}
        assert Pool.objects.get().joined == 50
        assert Commitment.objects.count() == 50
        assert len(set(Commitment.objects.values_list("ref", flat=True))) == 50
        assert queries.verify() == []


class TestOneBuyerTwice:
    def test_stands_once(self) -> None:
        pool, [buyer] = a_pool(), buyers(1)

        came = Counter(at_once([joining(pool, buyer) for _ in range(12)], workers=12))

        assert came == {"done": 1, "own_commitment_exists": 11}
        assert Pool.objects.get().joined == 1


class TestLeavingTwice:
    def test_gives_back_once(self) -> None:
        pool, [first, second] = a_pool(), buyers(2)
        joining(pool, first, 5)()
        ref = join_pool(pool_ref=pool, buyer_ref=second, quantity=Decimal(5), **WHO)

        came = Counter(at_once([lambda: leave_pool(commitment_ref=ref, **WHO)] * 12, workers=12))

        assert came["done"] == 1
        assert set(came) <= {"done", "illegal_move", "stale_write"}
        assert Pool.objects.get().joined == 5


@pytest.mark.parametrize("seed", range(3))
class TestJoinsLeavesAndFreezes:
    def test_keep_the_pool_equal_to_its_members(self, seed: int) -> None:
        pool = a_pool(capacity=Decimal(60))
        everybody = buyers(80)
        inside = [join_pool(pool_ref=pool, buyer_ref=buyer, quantity=Decimal(2), **WHO) for buyer in everybody[:20]]
        deeds = [joining(pool, buyer) for buyer in everybody[20:]]
        deeds += [lambda ref=ref: leave_pool(commitment_ref=ref, **WHO) for ref in inside]  # type: ignore[misc]
        deeds += [lambda: freeze_pool(pool_ref=pool, by="user:wei", at=NOON)] * 2
        random.Random(seed).shuffle(deeds)

        came = Counter(at_once(deeds, workers=32))

        assert set(came) <= {"done", "pool_full", "pool_frozen", "illegal_move", "stale_write"}
        row = Pool.objects.get()
        assert row.state in {"frozen", "failed"}
        live = queries.members(pool)
        assert row.joined == sum((member.asked for member in live), Decimal(0)) <= 60
        assert row.ordered == sum((member.quantity for member in live), Decimal(0))
        assert row.ordered % row.pack_size == 0
        assert queries.verify() == []


class TestTwinsAfterFreezing:
    def test_award_order_deliver_and_settle_once(self) -> None:
        buyer = buyers(1)[0]
        pay_in(buyer, "100.00")
        pool = a_pool(deposit_percent=Decimal(10))
        join_pool(pool_ref=pool, buyer_ref=buyer, quantity=Decimal(20), ceiling=Rate(Decimal(8), "CNY"), **WHO)
        freeze_pool(pool_ref=pool, **WHO)
        start_tendering(pool_refs=[pool], tender_ref="TD-2026-0001", **WHO)

        for deed in (
            lambda: record_award(pool_ref=pool, unit_price=Rate(Decimal(7), "CNY"), dropped={}, **WHO),
            lambda: mark_ordered(pool_ref=pool, **WHO),
            lambda: record_delivery(pool_ref=pool, delivered=Decimal(20), **WHO),
            lambda: fulfil_pool(pool_ref=pool, **WHO),
            lambda: settle_pool(pool_ref=pool, **WHO),
        ):
            came = Counter(at_once([deed] * 6, workers=6))
            assert came["done"] == 1
            assert set(came) <= {"done", "illegal_move", "stale_write", "delivered_more_than_ordered"}

        assert ledger.balance(Acct("customer_advances", buyer)) == Money(Decimal(16), "CNY")
        assert queries.pool(pool).delivered == 20
        assert queries.verify() == []


class TestPoolingTwiceAtOnce:
    def test_pools_every_line_once(self) -> None:
        catalogue.register_category(code="pumps", name_en="Pumps", **WHO)
        goods = [product(f"P-{n}") for n in range(5)]
        for buyer in buyers(4):
            ask_for_all(buyer, goods)

        came = Counter(at_once([lambda: open_pools_from_demand(freeze_at=FREEZE, **WHO)] * 6, workers=6))

        assert set(came) <= {"done", "demand_moved"}
        assert came["done"] >= 1
        assert Pool.objects.count() == 5
        assert Commitment.objects.count() == 20
        assert queries.verify() == []


def ask_for_all(buyer: str, goods: Sequence[str]) -> None:
    """Let a buyer ask for ten of each, approved by a member of its own."""
    request = demand.open_request(buyer_ref=buyer, **WHO)
    days = {"needed_from": date(2026, 4, 6), "needed_to": date(2026, 4, 20)}
    for one in goods:
        demand.add_line(
            request_ref=request, product_ref=one, quantity=Decimal(10), unit="C62", region="R", **days, **WHO
        )
    demand.submit_request(request_ref=request, **WHO)
    name = f"boss-{buyer}".lower()
    parties.register_person(username=name, password="a-password-of-theirs", **WHO)
    parties.add_member(organisation_ref=buyer, username=name, roles=["approver"], spending_limit=None, **WHO)
    demand.approve_request(request_ref=request, by=f"user:{name}", at=NOON)

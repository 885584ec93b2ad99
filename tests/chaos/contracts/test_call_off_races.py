"""A hundred call-offs at once, each on a connection of its own, never pass a framework's ceiling and lose nothing.

SQLite runs on its file and PostgreSQL on its server, whichever DATABASE_URL names. SQLite has one writer and turns away
whoever has waited its timeout out, as happens on a busy machine: nothing is half-done then, and those callers call
again, as a client would. PostgreSQL gets no second call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from procurement.contracts import queries
from procurement.contracts import use_cases as contracts
from procurement.contracts.models import CallOff, Framework, PurchaseOrder
from procurement.pools import queries as pools
from tests.cast import Player
from tests.chaos.pools.test_races import at_once
from tests.procurement.contracts.scene import LATER, THEN, Bench, bench, yuan

pytestmark = pytest.mark.django_db(transaction=True)
CALLS = 100


@pytest.fixture
def desk(lin: Player, bao: Player, teng: Player) -> Bench:
    return bench(lin, bao, teng)


def calling(framework: str, pool: str) -> Callable[[], Any]:
    return lambda: patiently(lambda: contracts.call_off(framework_ref=framework, pool_ref=pool, **THEN))


def patiently(deed: Callable[[], Any]) -> Any:
    """Do it, and again while SQLite is locked, ten times at most."""
    for _attempt in range(10 if connection.vendor == "sqlite" else 0):
        try:
            return deed()
        except OperationalError as error:
            if "locked" not in str(error):
                raise
    return deed()


def many(desk: Bench, count: int) -> list[str]:
    """Freeze so many pools of ten units, each of a region of its own."""
    return [desk.frozen((desk.lin, 10, None), region=f"Region {n}") for n in range(count)]


class TestAHundredCallOffsAtOnce:
    def test_take_what_is_there_and_no_more(self, desk: Bench) -> None:
        framework, refs = desk.framework(ceiling=Decimal(375)), many(desk, CALLS)

        came = Counter(at_once([calling(framework, pool) for pool in refs]))

        assert came == {"done": 37, "ceiling_reached": 63}
        row = Framework.objects.get()
        assert (row.called, row.called_minor) == (370, 370 * 12_50)
        assert CallOff.objects.count() == PurchaseOrder.objects.count() == 37
        assert Counter(pools.pool(ref).state for ref in refs) == {"ordered": 37, "frozen": 63}
        assert (queries.verify(), pools.verify()) == ([], [])

    def test_lose_nothing_while_there_is_room_to_the_last_cent(self, desk: Bench) -> None:
        framework = desk.framework(ceiling=None, ceiling_money=yuan("12500.00"))
        refs = many(desk, CALLS)

        came = Counter(at_once([calling(framework, pool) for pool in refs]))

        assert came == {"done": CALLS}
        assert Framework.objects.get().called_minor == 12_500_00
        assert queries.verify() == []

    def test_of_one_pool_are_taken_once(self, desk: Bench) -> None:
        framework, [pool] = desk.framework(), many(desk, 1)

        came = Counter(at_once([calling(framework, pool)] * 20))

        assert came["done"] == 1
        assert set(came) <= {"done", "illegal_move", "stale_write"}
        assert (Framework.objects.get().called, CallOff.objects.count()) == (10, 1)

    def test_beside_a_suspension_and_a_decline_add_up(self, desk: Bench) -> None:
        framework, refs = desk.framework(ceiling=Decimal(1000)), many(desk, 12)
        first = contracts.call_off(framework_ref=framework, pool_ref=refs.pop(), **THEN)
        order = queries.orders_of_call_offs([first])[first]

        deeds: list[Callable[[], Any]] = [calling(framework, pool) for pool in refs]
        deeds.insert(
            4,
            partial(
                patiently, partial(contracts.decline_order, order_ref=order, why="no steel", by="user:teng", at=LATER)
            ),
        )
        deeds.insert(
            8, partial(patiently, partial(contracts.suspend_framework, framework_ref=framework, why="audit", **THEN))
        )
        came = Counter(at_once(deeds))

        assert set(came) <= {"done", "framework_not_open"}
        standing = CallOff.objects.filter(state="called").count()
        assert Framework.objects.get().called == standing * 10
        assert (queries.verify(), pools.verify()) == ([], [])


class TestTheDatabaseItself:
    def test_refuses_a_framework_beyond_its_ceilings(self, desk: Bench) -> None:
        desk.framework(ceiling=Decimal(10), ceiling_money=yuan("100.00"))

        for beyond in ({"called": Decimal("10.000001")}, {"called_minor": 100_01}, {"called": Decimal(-1)}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Framework.objects.update(**beyond)


class TestVoicesAtOnce:
    def test_apply_a_change_once(self, desk: Bench) -> None:
        order = desk.order()
        [line] = queries.order(order).lines
        change = contracts.propose_change(
            order_ref=order,
            party_ref="",
            wishes=[contracts.Wish(line.id, Decimal(80))],
            why="less is needed",
            **THEN,
        )

        def agreeing(player: Player) -> Callable[[], Any]:
            said = partial(contracts.agree_change, change_ref=change, party_ref=player.org, by=player.by, at=LATER)
            return partial(patiently, said)

        for _round in range(4):
            at_once([agreeing(player) for player in (desk.lin, desk.bao, desk.teng)])

        [now] = queries.order(order).lines
        assert (now.quantity, [one.quantity for one in now.members]) == (80, [60, 20])
        assert (queries.verify(), pools.verify()) == ([], [])

"""Orders come from awards once, and move as their supplier and goods do."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client

from finance.ledger import queries as ledger
from finance.ledger.rules import Acct
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money, Rate
from marketplace.kernel.refusals import IllegalMove, NotFound
from marketplace.management.market.cycle import DESK
from marketplace.parties import use_cases as parties_
from procurement.contracts import queries
from procurement.contracts import use_cases as contracts_
from procurement.contracts.use_cases import AwardedLine
from procurement.delivery import use_cases as delivery_
from procurement.pools import queries as pools
from tests.small_market import SmallMarket

pytestmark = pytest.mark.django_db(transaction=True)
STAFF = Actor(by="test", staff=True)


@pytest.fixture
def market(tmp_path: Path) -> SmallMarket:
    market = SmallMarket(tmp_path)
    market.bring_needs()
    market.cycle.open_pools()
    market.cycle.freeze_pools()
    market.cycle.tender()
    return market


def order_of(market: SmallMarket, supplier: str) -> queries.OrderView:
    [ref] = queries.refs_in("placed", supplier_ref=market.refs[supplier])
    return queries.order(ref)


class TestPlaceOrders:
    def test_every_member_s_line_stands_under_the_supplier_s(self, market: SmallMarket) -> None:
        [line] = order_of(market, "teng").lines

        assert [(member.buyer_ref, member.quantity) for member in line.members] == [
            (market.refs["lin"], Decimal(600)),
            (market.refs["bao"], Decimal(400)),
        ]

    def test_the_same_award_again_returns_the_orders_that_stand(self, market: SmallMarket) -> None:
        order = order_of(market, "teng")
        line = order.lines[0]

        again = contracts_.place_orders(
            award_ref=order.award_ref,
            tender_ref=order.tender_ref,
            lines=[
                AwardedLine(
                    line.lot_ref,
                    line.pool_ref,
                    order.supplier_ref,
                    line.product_id,
                    line.region,
                    line.quantity,
                    line.unit_price,
                    Rate(Decimal(0), "CNY"),
                )
            ],
            due_on=order.due_on,
            by=DESK,
            at=market.clock(),
        )

        assert order.ref in again
        assert queries.orders_for(STAFF).count() == 2


class TestAcknowledge:
    def test_an_order_is_taken_on_once(self, market: SmallMarket) -> None:
        ref = order_of(market, "teng").ref
        contracts_.acknowledge_order(order_ref=ref, by=DESK, at=market.clock())

        with pytest.raises(IllegalMove):
            contracts_.acknowledge_order(order_ref=ref, by=DESK, at=market.clock())

        assert queries.state_of(ref) == "acknowledged"

    def test_a_declined_order_keeps_its_reason_and_ships_nothing(self, market: SmallMarket) -> None:
        ref = order_of(market, "feng").ref
        contracts_.decline_order(order_ref=ref, why="mould broken", by=DESK, at=market.clock())

        with pytest.raises(IllegalMove):
            delivery_.dispatch_shipment(order_ref=ref, by=DESK, at=market.clock())

        assert queries.orders_for(STAFF).get(ref=ref).reason == "mould broken"
        assert all(line.shipped == 0 for line in queries.order(ref).lines)

    def test_a_pool_that_nobody_supplies_any_more_is_released(self, market: SmallMarket) -> None:
        order = order_of(market, "teng")
        [pool] = {line.pool_ref for line in order.lines}
        advances = Acct("customer_advances", market.refs["lin"])
        paid, free = ledger.balance(advances), ledger.available(Acct("buyer_deposits", market.refs["lin"]))
        held = sum(one.deposit_minor for one in pools.members(pool) if one.buyer_ref == market.refs["lin"])
        assert held > 0

        contracts_.decline_order(order_ref=order.ref, why="mould broken", by=DESK, at=market.clock())

        back = Money.from_minor(held, "CNY")
        assert pools.pool(pool).state == "failed"
        assert ledger.balance(advances) == paid - back
        assert ledger.available(Acct("buyer_deposits", market.refs["lin"])) == free + back
        assert pools.members(pool) == []
        assert pools.verify() == []


class TestShip:
    def test_more_than_is_open_cannot_be_sent(self, market: SmallMarket) -> None:
        order = order_of(market, "teng")
        contracts_.acknowledge_order(order_ref=order.ref, by=DESK, at=market.clock())

        with pytest.raises(contracts_.MoreThanOrdered):
            delivery_.dispatch_shipment(
                order_ref=order.ref, quantities={order.lines[0].id: Decimal(1001)}, by=DESK, at=market.clock()
            )

        assert queries.state_of(order.ref) == "acknowledged"
        assert queries.order(order.ref).lines[0].shipped == 0

    def test_a_part_shipment_leaves_the_rest_open(self, market: SmallMarket) -> None:
        order = order_of(market, "teng")
        contracts_.acknowledge_order(order_ref=order.ref, by=DESK, at=market.clock())
        line_id = order.lines[0].id

        first = delivery_.dispatch_shipment(
            order_ref=order.ref, quantities={line_id: Decimal(700)}, by=DESK, at=market.clock()
        )
        delivery_.arrive_shipment(shipment_ref=first, by="system:hub", at=market.clock())
        delivery_.dispatch_shipment(order_ref=order.ref, by=DESK, at=market.clock())

        assert queries.state_of(order.ref) == "shipped"
        assert queries.order(order.ref).lines[0].shipped == Decimal(1000)


class TestWhoSees:
    def test_buyers_see_orders_they_share_and_their_own_shares_alone(self, market: SmallMarket) -> None:
        bao = Actor(by="user:bao", organisation=market.refs["bao"], roles=frozenset({"buyer"}))

        assert queries.orders_for(bao).count() == 2
        assert {line.buyer.ref for line in queries.member_lines_for(bao)} == {market.refs["bao"]}

    def test_a_stranger_sees_none(self, market: SmallMarket) -> None:
        assert not queries.orders_for(Actor(by="user:mallory")).exists()
        with pytest.raises(NotFound):
            queries.order("PO-2026-9999")

    def test_over_the_api_another_firm_s_order_is_not_there(self, market: SmallMarket, client: Client) -> None:
        parties_.register_person(username="lin", password="x", by=DESK, at=market.clock())
        parties_.add_member(
            organisation_ref=market.refs["lin"],
            username="lin",
            roles=("requester",),
            spending_limit=None,
            by=DESK,
            at=market.clock(),
        )
        client.login(username="lin", password="x")

        own = client.get(f"/api/v1/orders/{order_of(market, 'teng').ref}/lines/")
        foreign = client.get(f"/api/v1/orders/{order_of(market, 'feng').ref}/")

        assert [share["quantity"] for line in own.json() for share in line["shares"]] == ["600.000000"]
        assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found")

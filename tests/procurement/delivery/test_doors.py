"""Sending, counting, accepting and invoicing over the API, each by who may."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from finance.invoicing import queries as invoicing
from marketplace.events import relay
from marketplace.kernel.clock import now
from marketplace.kernel.money import Money
from marketplace.management.market.cycle import DESK
from marketplace.parties import use_cases as parties_
from procurement.contracts import queries as contracts
from procurement.delivery import queries
from tests.small_market import SmallMarket

pytestmark = pytest.mark.django_db(transaction=True)


class Doors:
    """A market with its orders placed, and people who knock."""

    def __init__(self, folder: Path) -> None:
        self.market = SmallMarket(folder)
        self.market.bring_needs()
        self.market.cycle.open_pools()
        self.market.cycle.freeze_pools()
        self.market.cycle.tender()
        [self.order] = contracts.refs_in("placed", supplier_ref=self.market.refs["teng"])

    def as_(self, name: str, *roles: str, firm: str = "", staff: bool = False) -> APIClient:
        at = self.market.clock()
        parties_.register_person(username=name, password="x", staff=staff, by=DESK, at=at)
        if not staff:
            parties_.add_member(
                organisation_ref=self.market.refs[firm or name],
                username=name,
                roles=roles,
                spending_limit=None,
                by=DESK,
                at=at,
            )
        client = APIClient()
        client.login(username=name, password="x")
        return client


def post(client: APIClient, address: str, **body: Any) -> tuple[int, dict[str, Any]]:
    reply = client.post(f"/api/v1/{address}/", body, format="json")
    return reply.status_code, reply.json()


@pytest.fixture
def doors(tmp_path: Path) -> Doors:
    return Doors(tmp_path)


def test_from_order_to_invoice_through_the_doors_alone(doors: Doors) -> None:
    teng, wei = doors.as_("teng", "sales", "finance"), doors.as_("wei", staff=True)
    buyers = [doors.as_("lin", "requester"), doors.as_("bao", "requester")]
    line = contracts.order(doors.order).lines[0].id

    assert post(teng, f"orders/{doors.order}/acknowledge")[0] == 200
    status, shipment = post(teng, "shipments", order=doors.order)
    assert status == 201
    early = post(teng, "order-invoices", order=doors.order, number="T-1")
    assert (early[0], early[1]["code"]) == (409, "order_not_received")
    assert post(wei, f"shipments/{shipment['ref']}/arrive", counted=[{"id": line, "quantity": "950"}])[0] == 200
    for buyer in buyers:
        [receipt] = buyer.get("/api/v1/receipts/").json()["results"]
        assert post(buyer, f"receipts/{receipt['ref']}/confirm")[0] == 200
    assert post(teng, "order-invoices", order=doors.order, number="T-1")[0] == 201

    assert contracts.order(doors.order).lines[0].delivered == Decimal(950)
    _, twice = post(teng, "order-invoices", order=doors.order, number="T-2")
    relay.drain(at=now())
    assert invoicing.supplier_invoice(twice["ref"]).state == "mismatched"
    assert contracts.state_of(doors.order) == "invoiced"
    assert [(bill.quantity, bill.goods) for bill in queries.bills()] == [
        (Decimal(600), Money(Decimal("600.00"), "CNY")),
        (Decimal(350), Money(Decimal("350.00"), "CNY")),
    ]


class TestWhoMay:
    def test_a_member_without_the_seat_takes_nothing_on(self, doors: Doors) -> None:
        clerk = doors.as_("clerk", "finance", firm="teng")

        assert post(clerk, f"orders/{doors.order}/acknowledge")[0] == 403
        assert contracts.state_of(doors.order) == "placed"

    def test_only_the_hub_counts(self, doors: Doors) -> None:
        teng = doors.as_("teng", "sales")
        post(teng, f"orders/{doors.order}/acknowledge")
        _, shipment = post(teng, "shipments", order=doors.order)

        assert post(teng, f"shipments/{shipment['ref']}/arrive")[0] == 403
        assert queries.dispatched_shipments() == [shipment["ref"]]

    def test_another_supplier_finds_no_such_order(self, doors: Doors) -> None:
        feng = doors.as_("feng", "sales", "finance")

        assert post(feng, "order-invoices", order=doors.order, number="F-1")[0] == 404
        assert post(feng, "shipments", order=doors.order)[0] == 404


class TestBadInput:
    def test_a_line_named_twice_is_refused(self, doors: Doors) -> None:
        teng = doors.as_("teng", "sales")
        post(teng, f"orders/{doors.order}/acknowledge")
        line = contracts.order(doors.order).lines[0].id
        twice = [{"id": line, "quantity": "5"}, {"id": line, "quantity": "0"}]

        status, _ = post(teng, "shipments", order=doors.order, lines=twice)

        assert status == 400
        assert queries.dispatched_shipments() == []

    def test_an_empty_list_of_lines_ships_nothing(self, doors: Doors) -> None:
        teng = doors.as_("teng", "sales")
        post(teng, f"orders/{doors.order}/acknowledge")

        status, problem = post(teng, "shipments", order=doors.order, lines=[])

        assert (status, problem["code"]) == (409, "nothing_to_ship")

    def test_a_cursor_that_no_feed_gave_out_is_not_found(self, doors: Doors) -> None:
        lin = doors.as_("lin", "requester")

        for feed in ("pools", "orders", "receipts", "savings", "invoices"):
            assert lin.get(f"/api/v1/{feed}/?cursor=cD1hYmM=").status_code == 404

    def test_buyers_are_not_told_the_whole_order_s_total(self, doors: Doors) -> None:
        lin = doors.as_("lin", "requester")

        [order] = lin.get("/api/v1/orders/").json()["results"]

        assert order["total_minor"] is None

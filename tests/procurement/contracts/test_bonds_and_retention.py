"""An order taken on frees its supplier's bid bond, a refused one forfeits it; retention comes with the order."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finance.settlement.models import RetentionTerms
from marketplace.events import relay
from marketplace.kernel.money import Money
from procurement.contracts import queries
from procurement.contracts import use_cases as contracts
from procurement.tenders import use_cases as tenders
from procurement.tenders.use_cases import Conditions
from tests.procurement.tenders.conftest import market, shen
from tests.procurement.tenders.scene import AWARDING, BIDS_UNTIL, HUA, OPENING, Market, bid
from tests.procurement.tenders.test_bid_bonds import free, lodge, pay_in, states

__all__ = ["market", "shen"]  # fixtures of the tenders' own tests

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(market: Market) -> str:
    """Teng's order of a tender with a bond of 500 and a retention of 5 % for a year."""
    pay_in(market.teng)
    ref = market.published(
        bond=Money.from_minor(500_00, "CNY"), conditions=Conditions(retention_percent=Decimal(5), warranty_days=365)
    )
    lodge(ref, market.teng)
    bid(ref, market.teng, [(1, None, "12")])
    tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)
    tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)
    tenders.award_tender(tender_ref=ref, by=HUA, at=AWARDING)
    tenders.conclude_tender(tender_ref=ref, by=HUA, at=AWARDING)
    relay.drain(at=AWARDING)
    [placed] = queries.refs_in("placed", supplier_ref=market.teng)
    return placed


def test_retention_is_agreed_when_the_order_is_placed(order: str) -> None:
    terms = RetentionTerms.objects.get()

    assert (terms.source_ref, terms.percent, terms.days) == (f"order:{order}", 5, 365)


def test_the_bond_is_free_once_the_order_is_taken_on(market: Market, order: str) -> None:
    assert states() == {market.teng: "lodged"}

    contracts.acknowledge_order(order_ref=order, by="user:teng", at=AWARDING)
    relay.drain(at=AWARDING)

    assert (states(), free(market.teng)) == ({market.teng: "released"}, 800_00)


def test_the_bond_is_forfeited_when_the_order_is_refused(market: Market, order: str) -> None:
    contracts.decline_order(order_ref=order, why="our furnace broke", by="user:teng", at=AWARDING)
    for _ in range(2):
        relay.drain(at=AWARDING)

    assert (states(), free(market.teng)) == ({market.teng: "forfeited"}, 300_00)

"""From scattered requests to settled money, reckoned by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from finance.credit import queries as credit
from finance.invoicing import queries as invoicing
from finance.ledger import queries as ledger
from finance.ledger.use_cases import Acct
from finance.settlement import queries as settlement
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money, total
from marketplace.management.commands.verify_ledger import verify_everything
from marketplace.management.market.cycle import Shortfall
from marketplace.management.market.report import make_report
from procurement.capacity import queries as capacity
from procurement.contracts import queries as contracts
from procurement.delivery import queries as delivery
from procurement.insights import queries as insights
from procurement.pools import queries as pools
from tests.small_market import SmallMarket

pytestmark = pytest.mark.django_db(transaction=True)
STAFF = Actor(by="test", staff=True)


def cny(text: str) -> Money:
    return Money(Decimal(text), "CNY")


@pytest.fixture
def market(tmp_path: Path) -> SmallMarket:
    market = SmallMarket(tmp_path)
    market.bring_needs()
    market.cycle.run()
    return market


def wrong() -> list[str]:
    return [fault for faults in verify_everything().values() for fault in faults]


class TestARound:
    def test_the_pool_reaches_a_tier_that_nobody_reaches_alone(self, market: SmallMarket) -> None:
        lines = {
            (line.supplier_ref, line.product_id): (line.quantity, line.unit_price.amount)
            for ref in contracts.refs_in("closed")
            for line in contracts.order(ref).lines
        }

        assert lines == {
            (market.refs["teng"], market.products["BOLT"]): (Decimal(1000), Decimal("1.00")),
            (market.refs["feng"], market.products["SOLE"]): (Decimal(90), Decimal("15.00")),
        }

    def test_the_factory_s_work_is_dated_within_its_hours(self, market: SmallMarket) -> None:
        work = capacity.work_for(STAFF).get()
        days = [(day.quantity, day.minutes) for day in work.days.order_by("factory_day__day")]

        assert (work.quantity, work.unmet, work.state) == (Decimal(90), Decimal(0), "packed")
        assert sum(quantity for quantity, _ in days) == 90
        assert all(minutes <= 120 for _, minutes in days)
        assert sum(minutes for _, minutes in days) == 90 * 5 + 30

    def test_members_pay_what_the_suppliers_charge_to_the_cent(self, market: SmallMarket) -> None:
        bills = delivery.bills()

        assert total([bill.goods for bill in bills], "CNY") == cny("2350.00")  # 1000 x 1.00 + 90 x 15.00
        assert total([bill.freight for bill in bills], "CNY") == cny("45.00")  # 90 x 0.50
        assert sorted(bill.fee for bill in bills) == [cny("6.00"), cny("9.00"), cny("20.25")]  # 1.5 % of goods

    def test_everything_is_settled_and_the_books_balance(self, market: SmallMarket) -> None:
        settled = {row.kind: row.amount for row in settlement.settled_totals()}

        # suppliers: (1000 + 1350 + 45) x 1.13; buyers: the same and fees 35.25 x 1.06, less the deposits applied
        deposits = cny("90.00") + cny("60.00") + cny("180.00")  # 10 % of 600 and 400 at 1.50, of 90 at 20.00
        assert settled["payable"] == cny("2706.35")
        assert settled["receivable"] == cny("2706.35") + cny("37.37") - deposits
        assert ledger.balance(Acct("cash_escrow", currency="CNY")) == cny("0.00")
        assert wrong() == []

    def test_savings_are_proved_against_what_lin_paid_last(self, market: SmallMarket) -> None:
        lin = [s for s in insights.savings_per_buyer(STAFF) if s.buyer_ref == market.refs["lin"]]

        # 600 at 1.20 last time; 600.00 and a fee of 9.00 now
        assert [(s.baseline, s.paid, s.saved) for s in lin] == [("own_last_price", cny("609.00"), cny("111.00"))]

    def test_pools_and_orders_reach_the_end_of_their_lives(self, market: SmallMarket) -> None:
        assert {pool.state for pool in pools.pools_for(STAFF)} == {"settled"}
        assert {order.state for order in contracts.orders_for(STAFF)} == {"closed"}
        assert {invoice.state for invoice in invoicing.invoices_for(STAFF)} == {"paid"}

    def test_run_twice_nothing_doubles(self, market: SmallMarket) -> None:
        before = make_report().as_json()

        market.bring_needs()
        market.cycle.run()

        assert make_report().as_json() == before


class TestShortAndRejected:
    def test_a_shortage_falls_on_the_latest_and_everybody_pays_for_what_came(self, tmp_path: Path) -> None:
        market = SmallMarket(tmp_path, shortfall=Shortfall(every=1, percent=Decimal(5)))
        market.bring_needs()

        market.cycle.run()

        bolts = [bill for bill in delivery.bills() if bill.goods < cny("1000.00")]
        assert sorted((bill.quantity, bill.goods) for bill in bolts) == [
            (Decimal(350), cny("350.00")),
            (Decimal(600), cny("600.00")),
        ]
        assert wrong() == []

    def test_what_a_member_rejects_it_does_not_pay(self, tmp_path: Path) -> None:
        market = SmallMarket(tmp_path, shortfall=Shortfall(reject_every=1))
        market.bring_needs()

        market.cycle.run()

        assert sorted(bill.quantity for bill in delivery.bills()) == [Decimal(89), Decimal(399), Decimal(599)]
        assert wrong() == []


class TestFinance:
    def test_a_financed_claim_is_paid_early_and_repaid_at_maturity(self, tmp_path: Path) -> None:
        market = SmallMarket(tmp_path, finance_every=2)
        market.bring_needs()

        market.cycle.run()

        drawdown = credit.drawdowns_for(STAFF).get()
        settled = {row.kind: row.amount for row in settlement.settled_totals()}
        assert drawdown.state == "repaid"
        assert settled["repayment"] == Money.from_minor(drawdown.face_minor, "CNY")
        assert settled["disbursement"] == settled["funding"] < settled["repayment"]
        assert wrong() == []

"""One round of a market, link by link."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import QuerySet

from finance.credit import queries as credit
from finance.credit import use_cases as credit_
from finance.invoicing import queries as invoicing
from finance.invoicing import use_cases as invoicing_
from finance.settlement import queries as settlement
from finance.settlement import use_cases as settlement_
from finance.treasury import use_cases as treasury_
from marketplace.events import relay
from marketplace.kernel.actors import Actor
from marketplace.management.market.clock import MarketClock
from marketplace.management.market.offers import Offers, bid_for, bidders
from marketplace.parties import queries as parties
from marketplace.parties import use_cases as parties_
from procurement.capacity import queries as capacity
from procurement.capacity import use_cases as capacity_
from procurement.contracts import queries as contracts
from procurement.contracts import use_cases as contracts_
from procurement.contracts.states import OrderState
from procurement.delivery import queries as delivery
from procurement.delivery import use_cases as delivery_
from procurement.pools import queries as pools
from procurement.pools import use_cases as pools_
from procurement.tenders import queries as tenders
from procurement.tenders import use_cases as tenders_
from procurement.tenders.states import TenderState

# Four eyes: who prepares and who approves, where no person of flesh and blood sits at the desk.
DESK, SECOND_DESK = "system:market-desk", "system:market-second-desk"
HUB, SUPPLIERS, BUYERS, FINANCIERS = "system:hub", "system:suppliers", "system:buyers", "system:financiers"

FILLING = timedelta(days=2)
BID_DAYS = 7
MARKET = Actor(by=DESK, staff=True)
TRANSIT_DAYS = 10
SUPPLIER_TERMS = timedelta(days=60)

T = TypeVar("T")
Progress = Callable[[str, Iterable[T], int], Iterator[T]]


def quiet(title: str, things: Iterable[T], count: int) -> Iterator[T]:
    """Show nothing."""
    yield from things


@dataclass(frozen=True)
class Shortfall:
    """Every `every`-th order line comes `percent` short, every `reject_every`-th receipt rejects a piece."""

    every: int = 0
    percent: Decimal = Decimal(0)
    reject_every: int = 0


@dataclass(frozen=True)
class Round:
    """What one round of the market is about.

    as_of         the day it starts on; needs whose window begins after it are the demand
    until         needs from this day on are left for later rounds
    region_scope  `each` for a pool a region, `all` for one pool over all, None for the category's standing rule
    finance_every every so-many-th supplier invoice is offered to the financiers; 0: none
    """

    as_of: date
    offers: Offers
    title: str
    until: date | None = None
    window: str = "month"
    region_scope: str | None = "each"
    shortfall: Shortfall = field(default_factory=Shortfall)
    finance_every: int = 0


@dataclass
class Cycle:
    """Takes a round through the chain; every step can be taken again and finds what is left to do."""

    round: Round
    clock: MarketClock
    progress: Progress[object] = quiet

    def run(self) -> None:
        """Take every step once, in the order of an order's life."""
        if not self._tenders().exists():
            self.open_pools()
            self.freeze_pools()
        self.tender()
        self.order()
        self.deliver()
        self.invoice()
        self.settle()

    def _each(self, title: str, things: Iterable[T]) -> Iterator[T]:
        known = list(things)
        yield from self.progress(title, known, len(known))  # type: ignore[misc]

    def _relay(self) -> None:
        relay.drain(at=self.clock(), clock=self.clock)

    def _tenders(self) -> QuerySet[Any]:
        """Return the tenders of this round: a round that has come so far opens no more pools."""
        return tenders.tenders_for(MARKET).filter(title__startswith=self.round.title)

    def _in(self, state: TenderState) -> list[str]:
        return list(self._tenders().filter(state=state.value).order_by("id").values_list("ref", flat=True))

    def open_pools(self) -> None:
        """Open pools from demand; needs that stand in one already are left where they are."""
        pools_.open_pools_from_demand(
            after=self.round.as_of,
            before=self.round.until,
            window=self.round.window,
            region_scope=self.round.region_scope,
            freeze_at=self.clock() + FILLING,
            by=DESK,
            at=self.clock(),
        )

    def freeze_pools(self) -> None:
        """Let buyers bring their deposits, and freeze what is due."""
        freeze_at = self.clock() + FILLING
        give_bank_accounts(pools.buyers(), clock=self.clock)
        self.clock.pass_time(days=1)
        for (buyer_ref, currency), amount in self._each("deposits", pools.deposits_to_come(freeze_at).items()):
            treasury_.book_receipt(
                payer_ref=buyer_ref,
                amount=amount,
                bank_reference=f"deposit {buyer_ref} {currency} {self.clock.today}",
                for_="deposit",
                booked_on=self.clock.today,
                by=BUYERS,
                at=self.clock(),
            )
        self.clock.pass_time(days=1)
        for pool_ref in self._each("freezing", pools.due_to_freeze(self.clock())):
            pools_.freeze_pool(pool_ref=pool_ref, by=DESK, at=self.clock())
        self._relay()

    def tender(self) -> None:
        """Put the frozen pools to tender, take sealed bids, open them and award."""
        by_currency: dict[str, list[str]] = {}
        for pool in pools.frozen_pools():
            by_currency.setdefault(pool.currency, []).append(pool.ref)
        for currency, refs in by_currency.items():
            title = f"{self.round.title} ({currency})" if len(by_currency) > 1 else self.round.title
            until = self.clock() + timedelta(days=BID_DAYS)
            tenders_.prepare_tender(title=title, pool_refs=refs, bids_until=until, by=DESK, at=self.clock())
        for ref in self._in(TenderState.DRAFT):
            tenders_.publish_tender(tender_ref=ref, by=SECOND_DESK, at=self.clock())
        self.clock.pass_time(days=1)
        for ref in self._in(TenderState.PUBLISHED):
            for supplier in self._each("sealed bids", bidders(self.round.offers)):
                offer = bid_for(ref, self.round.offers.lists[supplier])
                if offer:
                    tenders_.seal_bid(tender_ref=ref, supplier_ref=supplier, offer=offer, by=SUPPLIERS, at=self.clock())
        self.clock.pass_time(days=BID_DAYS)
        for ref in self._in(TenderState.PUBLISHED):
            tenders_.close_tender(tender_ref=ref, by=DESK, at=self.clock())
        for ref in self._in(TenderState.CLOSED):
            tenders_.open_tender(tender_ref=ref, by=DESK, at=self.clock())
        for ref in self._each("awards", self._in(TenderState.OPENED)):
            tenders_.award_tender(tender_ref=ref, seconds=15.0, by=DESK, at=self.clock())
        for ref in self._in(TenderState.AWARDED):
            tenders_.conclude_tender(tender_ref=ref, by=DESK, at=self.clock())
        self._relay()

    def order(self) -> None:
        """Suppliers take their orders on; factories make what they are to make."""
        for ref in self._each("orders", contracts.refs_in(OrderState.PLACED)):
            contracts_.acknowledge_order(order_ref=ref, by=SUPPLIERS, at=self.clock())
        self._relay()
        self.clock.pass_time(days=TRANSIT_DAYS // 2)
        for work_ref, verbs in self._each("work orders", capacity.open_milestones()):
            for verb in verbs:
                capacity_.reach_milestone(work_ref=work_ref, milestone=verb, by=SUPPLIERS, at=self.clock())

    def deliver(self) -> None:
        """Goods are sent, counted at the hub, and received by each member."""
        for state in (OrderState.ACKNOWLEDGED, OrderState.PART_SHIPPED):
            for ref in self._each("shipments", contracts.refs_in(state)):
                delivery_.dispatch_shipment(order_ref=ref, by=SUPPLIERS, at=self.clock())
        self.clock.pass_time(days=TRANSIT_DAYS)
        for ref in self._each("arrivals", delivery.dispatched_shipments()):
            delivery_.arrive_shipment(shipment_ref=ref, counted=self._counted(ref), by=HUB, at=self.clock())
        for place, ref in enumerate(self._each("receipts", delivery.receipts_awaiting()), 1):
            rejected = self._rejected(ref) if self._hits(place, self.round.shortfall.reject_every) else {}
            why = "damaged" if rejected else ""
            delivery_.confirm_receipt(receipt_ref=ref, rejected=rejected, why=why, by=BUYERS, at=self.clock())
        self._relay()

    @staticmethod
    def _hits(place: int, every: int) -> bool:
        return bool(every) and place % every == 0

    def _counted(self, shipment_ref: str) -> dict[int, Decimal]:
        """Return the counts of the lines that come short; the others come whole."""
        short = self.round.shortfall
        keep = 1 - short.percent / 100
        return {
            line_id: (quantity * keep).to_integral_value()
            for line_id, quantity in delivery.shipment_lines(shipment_ref).items()
            if self._hits(line_id, short.every)
        }

    def _rejected(self, receipt_ref: str) -> dict[int, Decimal]:
        shares = delivery.receipt_shares(receipt_ref)
        first = min(shares)
        return {first: Decimal(1)} if shares[first] > 1 else {}

    def invoice(self) -> None:
        """Suppliers invoice what was accepted; what matches is approved and billed on to the members."""
        due_on = self.clock.today + SUPPLIER_TERMS
        for ref in self._each("supplier invoices", contracts.refs_in(OrderState.RECEIVED)):
            delivery_.submit_supplier_invoice(
                order_ref=ref,
                number=f"{ref}-1",
                issued_on=self.clock.today,
                due_on=due_on,
                by=SUPPLIERS,
                at=self.clock(),
            )
        self._relay()
        for ref in self._each("approvals", invoicing.supplier_invoices_in("matched")):
            invoicing_.approve_supplier_invoice(invoice_ref=ref, by=DESK, at=self.clock())
        self._relay()
        if self.round.finance_every:
            self._fund()

    def _fund(self) -> None:
        """Sell approved claims to a financier, while its limit lasts."""
        for place, ref in enumerate(self._each("early payment", invoicing.supplier_invoices_in("approved")), 1):
            if self._hits(place, self.round.finance_every):
                with passed_over(credit_.NoFunder, credit_.FinancedBefore, credit_.LimitExhausted):
                    credit_.request_funding(supplier_invoice_ref=ref, by=SUPPLIERS, at=self.clock())
        for ref in credit.requested():
            with passed_over(credit_.LimitExhausted):
                credit_.approve_drawdown(drawdown_ref=ref, by=FINANCIERS, at=self.clock())
        self._relay()

    def settle(self) -> None:
        """Let time pass from due date to due date, and settle what is due on each."""
        seen: set[date] = set()
        while (due := settlement.next_due_date()) is not None and due not in seen:
            seen.add(due)
            self.clock.wait_until(due)
            run_ref = settlement_.plan_run(business_date=self.clock.today, by=DESK, at=self.clock())
            settlement_.run_to_end(run_ref=run_ref, worker="market", at=self.clock(), clock=self.clock)
            self._relay()


@contextmanager
def passed_over(*refusals: type[Exception]) -> Iterator[None]:
    """Leave out what is refused for one of these reasons."""
    try:
        yield
    except refusals:
        return


def give_bank_accounts(refs: Iterable[str], *, clock: MarketClock) -> None:
    """Give each organisation an account at the fake bank, unless it has one."""
    for ref in refs:
        if parties.bank_account_of(ref, clock()) is None:
            parties_.set_bank_account(
                organisation_ref=ref,
                holder=parties.organisation(ref).legal_name,
                bank_code="102100099996",
                number=f"62220{ref[3:7]}{ref[8:]:0>9}",
                by=DESK,
                at=clock(),
            )

"""Each member of a pool is charged its share of what the suppliers charged, to the cent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from django.db import transaction

from finance.invoicing import queries as invoicing
from finance.invoicing import use_cases as invoicing_
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.queries import ProductView
from marketplace.events import use_cases as events_
from marketplace.kernel.clock import business_date
from marketplace.kernel.money import Money, total
from procurement.contracts import queries as contracts
from procurement.contracts.queries import OrderLineView
from procurement.contracts.states import OrderState
from procurement.delivery import events, models
from procurement.delivery.rules import MemberCost, share_bill
from procurement.delivery.use_cases.naming import line_ref
from procurement.pools import queries as pools
from procurement.pools import use_cases as pools_

BUYER_TERMS = timedelta(days=30)
INVOICED = {OrderState.INVOICED.value, OrderState.CLOSED.value}


@dataclass(frozen=True)
class _Member:
    commitment_id: int
    buyer_id: int
    buyer_ref: str
    quantity: Decimal
    deposit: Money


@transaction.atomic
def bill_pool(*, pool_ref: str, by: str, at: datetime) -> list[str]:
    """Charge the members of a pool, once all its orders are received and their invoices matched.

    Returns the refs of the invoices issued; none while an order is still open, or when the pool was billed before.
    Goods and freight of all members add up to the suppliers' matched invoices; a failed sum is a bug and raises.
    """
    lines = contracts.lines_of_pool(pool_ref)
    states = {contracts.state_of(ref) for ref in {line.order_ref for line in lines}}
    view = pools.pool(pool_ref)
    if not lines or not states <= INVOICED or models.PoolBill.objects.filter(pool_id=view.id).exists():
        return []
    members = _members(lines, view.currency)
    if not members:
        return []
    goods, freight = _sums(lines, invoicing.matched_nets, view.currency)
    worth = _sums(lines, invoicing.received_values, view.currency)
    quantities = [member.quantity for member in members]
    product = catalogue.products_by_id({lines[0].product_id})[lines[0].product_id]
    weights = [Fraction(member.quantity) * Fraction(product.weight_kg or 1) for member in members]
    costs = share_bill(goods, freight, view.fee_percent, quantities, weights)
    values = share_bill(*worth, Decimal(0), quantities, weights)
    bill = models.PoolBill.objects.create(
        pool_id=view.id,
        currency=view.currency,
        goods_minor=total([cost.goods for cost in costs], view.currency).minor,
        freight_minor=total([cost.freight for cost in costs], view.currency).minor,
        fee_minor=total([cost.fee for cost in costs], view.currency).minor,
        billed_at=at,
    )
    assert (bill.goods_minor, bill.freight_minor) == (goods.minor, freight.minor)  # noqa: S101 - split adds up
    refs = [
        _charge(bill, pool_ref, member, cost, value, product=product, by=by, at=at)
        for member, cost, value in zip(members, costs, values, strict=True)
    ]
    pools_.fulfil_pool(pool_ref=pool_ref, by=by, at=at)
    billed = events.PoolBilled(pool_ref, bill.goods_minor, bill.freight_minor, bill.fee_minor, view.currency)
    events_.record(billed, source_ref=pool_ref, at=at)
    return refs


def _members(lines: list[OrderLineView], currency: str) -> list[_Member]:
    """Return the members that got something, oldest first, with the deposit each has on the ledger."""
    got: dict[int, Decimal] = defaultdict(Decimal)
    buyers: dict[int, tuple[int, str]] = {}
    for line in lines:
        for member in line.members:
            got[member.commitment_id] += member.delivered
            buyers[member.commitment_id] = (member.buyer_id, member.buyer_ref)
    deposits = pools.deposits_of(set(got))
    return [
        _Member(commitment, *buyers[commitment], quantity, deposits.get(commitment, Money.zero(currency)))
        for commitment, quantity in sorted(got.items())
        if quantity > 0
    ]


def _sums(lines: list[OrderLineView], by_line: Callable[[str], dict[str, Money]], currency: str) -> tuple[Money, Money]:
    """Return what these lines come to, goods and freight, by what their orders' invoices charge or stock is worth."""
    goods, freight = Money.zero(currency), Money.zero(currency)
    for order_ref in dict.fromkeys(line.order_ref for line in lines):
        nets = by_line(f"order:{order_ref}")
        for line in lines:
            if line.order_ref == order_ref:
                goods += nets.get(line_ref(line, "goods"), Money.zero(currency))
                freight += nets.get(line_ref(line, "freight"), Money.zero(currency))
    return goods, freight


def _charge(
    bill: models.PoolBill,
    pool_ref: str,
    member: _Member,
    cost: MemberCost,
    value: MemberCost,
    *,
    product: ProductView,
    by: str,
    at: datetime,
) -> str:
    today = business_date(at)
    zero = Money.zero(bill.currency)
    lines = [
        invoicing_.BillLine(
            line_ref=f"{pool_ref}/{member.commitment_id}/{kind}",
            kind=kind,
            description=f"{product.name_en} ({kind})" if kind != "goods" else product.name_en,
            quantity=member.quantity,
            unit=product.unit,
            net=net,
            tax_rate_percent=Decimal(6) if kind == "fee" else product.tax_rate_percent,
            cost=worth,
        )
        for kind, net, worth in (
            ("goods", cost.goods, value.goods),
            ("freight", cost.freight, value.freight),
            ("fee", cost.fee, zero),
        )
        if net
    ]
    invoice_ref = invoicing_.issue_invoice(
        key=f"bill:{pool_ref}:{member.commitment_id}",
        buyer_ref=member.buyer_ref,
        source_ref=f"pool:{pool_ref}",
        lines=lines,
        advance=member.deposit,
        issued_on=today,
        due_on=today + BUYER_TERMS,
        by=by,
        at=at,
    )
    models.MemberBill.objects.create(
        bill=bill,
        commitment_id=member.commitment_id,
        buyer_id=member.buyer_id,
        quantity=member.quantity,
        goods_minor=cost.goods.minor,
        freight_minor=cost.freight.minor,
        fee_minor=cost.fee.minor,
        invoice_ref=invoice_ref,
    )
    return invoice_ref

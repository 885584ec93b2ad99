"""A purchase order as a document: what its reader may see of it, in the reader's language."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.queries import ProductView
from marketplace.foundation.pdf import Sheet, Table
from marketplace.foundation.templatetags.reader import named, plain, state_word
from marketplace.foundation.wording import unit_words
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money, Rate, total
from marketplace.kernel.refusals import NotFound
from marketplace.parties import queries as parties
from procurement.contracts.queries.orders import OrderLineView, OrderView, order, orders_for


def order_sheet(actor: Actor, order_ref: str) -> Sheet:
    """Return an order as its supplier, staff or one of its buyers may read it; a buyer reads its own shares alone.

    :raises NotFound: there is none that the actor may see.
    """
    row = orders_for(actor).filter(ref=order_ref).first()
    if row is None:
        raise NotFound(what="order", ref=order_ref)
    view = order(order_ref)
    whole = actor.staff or view.supplier_ref == actor.organisation
    lines = [(line, line.quantity if whole else _share(line, actor.organisation)) for line in view.lines]
    lines = [(line, quantity) for line, quantity in lines if quantity > 0]
    products = catalogue.products_by_id({line.product_id for line, _quantity in lines})
    supplier, buyer = parties.organisation(view.supplier_ref), parties.organisation(parties.PLATFORM)
    amounts = [rate.times(quantity) for line, quantity in lines for rate in (line.unit_price, line.unit_freight)]
    return Sheet(
        title=_("Purchase order"),
        ref=view.ref,
        made_at=row.placed_at,
        facts=[
            (_("Ordered by"), buyer.legal_name),
            (_("Supplier"), supplier.legal_name),
            (_("State"), state_word(view.state)),
            (_("Placed"), f"{row.placed_at:%Y-%m-%d}"),
            (_("Due on"), view.due_on.isoformat()),
            (_("Award or call-off"), f"{view.award_ref} ({view.tender_ref})"),
            *([] if whole else [(_("Our part"), parties.organisation(actor.organisation).legal_name)]),
        ],
        tables=[_prices(lines, products), _days(view, lines, products, whole=whole)],
        totals=[(_("Total before VAT"), _money(total(amounts, view.currency)))],
        notes=[
            _("Prices are those of the award or framework, before VAT; invoices charge what was accepted."),
            _("What is sent fills the earliest delivery first."),
        ],
        language=get_language() or "en",
    )


def _share(line: OrderLineView, buyer_ref: str) -> Decimal:
    return sum((one.quantity for one in line.members if one.buyer_ref == buyer_ref), Decimal(0))


def _prices(lines: list[tuple[OrderLineView, Decimal]], products: dict[int, ProductView]) -> Table:
    return Table(
        title=_("Lines"),
        head=[_("Code"), _("Product"), _("Region"), _("Quantity"), _("Unit price"), _("Freight per unit"), _("Amount")],
        rows=[
            [
                products[line.product_id].code,
                named(products[line.product_id]),
                line.region,
                f"{plain(quantity)} {unit_words(products[line.product_id].unit)}",
                _rate(line.unit_price),
                _rate(line.unit_freight),
                _money(line.unit_price.times(quantity) + line.unit_freight.times(quantity)),
            ]
            for line, quantity in lines
        ],
        widths=[12, 24, 13, 15, 13, 13, 17],
        numbers=[3, 4, 5, 6],
    )


def _days(
    view: OrderView, lines: list[tuple[OrderLineView, Decimal]], products: dict[int, ProductView], *, whole: bool
) -> Table:
    """Return the dated deliveries; a buyer reads the days, and quantities only of what is its own whole line."""
    rows = []
    for line, quantity in lines:
        for one in line.due:
            told = whole or quantity == line.quantity
            amount = f"{plain(one.quantity)} {unit_words(products[line.product_id].unit)}" if told else ""
            rows.append([one.due_on.isoformat(), named(products[line.product_id]), amount])
    rows.sort(key=lambda row: row[0])
    return Table([_("Due on"), _("Product"), _("Quantity")], rows, [20, 50, 20], [2], title=_("Deliveries"))


def _money(amount: Money) -> str:
    return f"{amount.currency} {amount.amount:,}"


def _rate(rate: Rate) -> str:
    return f"{rate.amount.normalize():,f}"

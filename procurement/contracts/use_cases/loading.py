"""Finding what a deed is about, and telling the parties of an order what became of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from marketplace.kernel.refusals import NotFound
from marketplace.parties import use_cases as parties_
from procurement.contracts import models


def load_order(order_ref: str) -> models.PurchaseOrder:
    """Return the order named `order_ref`.

    :raises NotFound: there is none.
    """
    try:
        return models.PurchaseOrder.objects.select_related("supplier").get(ref=order_ref)
    except models.PurchaseOrder.DoesNotExist:
        raise NotFound(what="order", ref=order_ref) from None


def load_framework(framework_ref: str) -> models.Framework:
    """Return the framework named `framework_ref`.

    :raises NotFound: there is none.
    """
    try:
        return models.Framework.objects.select_related("supplier", "product").get(ref=framework_ref)
    except models.Framework.DoesNotExist:
        raise NotFound(what="framework", ref=framework_ref) from None


def load_change(change_ref: str) -> models.OrderChange:
    """Return the change named `change_ref`, with its order.

    :raises NotFound: there is none.
    """
    try:
        return models.OrderChange.objects.select_related("order__supplier").get(ref=change_ref)
    except models.OrderChange.DoesNotExist:
        raise NotFound(what="change", ref=change_ref) from None


def buyers_of(order: models.PurchaseOrder) -> dict[int, str]:
    """Return the buyers with a share in the order, ref by row id."""
    rows = models.MemberLine.objects.filter(line__order=order).order_by("buyer_id")
    return dict(rows.values_list("buyer_id", "buyer__ref").distinct())


def tell(
    parties: Collection[str], text: str, facts: Mapping[str, object], *, about: str, at: datetime, but: str = ""
) -> None:
    """Tell each of the organisations once, but for the one that did it."""
    worded = {name: str(fact) for name, fact in facts.items()}
    for party in sorted(set(parties) - {but}):
        parties_.notify(organisation_ref=party, text=text, facts=worded, about_ref=about, at=at)


def parties_of(order: models.PurchaseOrder) -> set[str]:
    """Return the refs of the supplier and of every buyer with a share in the order."""
    return {order.supplier.ref, *buyers_of(order).values()}

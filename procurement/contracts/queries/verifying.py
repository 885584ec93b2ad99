"""Whether every promise of the contracts holds."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Count, F, Q, Sum

from marketplace.kernel.money import Rate, total
from procurement.contracts import models
from procurement.contracts.states import VOID, CallOffState, ChangeState


def verify() -> list[str]:
    """Return what is wrong with the contracts; nothing when every promise holds.

    Members add up to their line, deliveries add up to their line, lines add up to their order's total, what frameworks
    have called is what their call-offs took, an agreed change has everybody's word and an open one not, and what an
    order carries of documents is what it counts.
    """
    checks = (_wrong_members, _wrong_deliveries, _wrong_totals, _wrong_frameworks, _wrong_call_offs, _wrong_changes)
    return [fault for check in (*checks, _wrong_papers) for fault in check()]


def _wrong_members() -> list[str]:
    sums = models.OrderLine.objects.annotate(shared=Sum("members__quantity"), had=Sum("members__delivered"))
    return [
        f"order line {line.pk}: members {line.shared}/{line.had}, line {line.quantity}/{line.delivered}"
        for line in sums.exclude(shared=F("quantity"), had=F("delivered")).exclude(order__state__in=VOID)
    ]


def _wrong_deliveries() -> list[str]:
    sums = models.OrderLine.objects.annotate(scheduled=Sum("due__quantity"))
    return [
        f"order line {line.pk}: deliveries {line.scheduled}, line {line.quantity}"
        for line in sums.filter(Q(scheduled__isnull=True) | ~Q(scheduled=F("quantity")))
    ]


def _wrong_totals() -> list[str]:
    wrong = []
    for order in models.PurchaseOrder.objects.prefetch_related("lines").iterator(chunk_size=500):
        rates = [(line, rate) for line in order.lines.all() for rate in (line.unit_price, line.unit_freight)]
        found = total([Rate(rate, order.currency).times(line.quantity) for line, rate in rates], order.currency).minor
        if found != order.total_minor:
            wrong.append(f"{order.ref}: total {order.total_minor}, its lines come to {found}")
    return wrong


def _wrong_frameworks() -> list[str]:
    stands = Q(call_offs__state=CallOffState.CALLED.value)
    sums = models.Framework.objects.annotate(
        taken=Sum("call_offs__quantity", filter=stands), taken_minor=Sum("call_offs__amount_minor", filter=stands)
    )
    return [
        f"{row.ref}: called {row.called} and {row.called_minor}, its call-offs took {row.taken} and {row.taken_minor}"
        for row in sums
        if (row.called, row.called_minor) != (row.taken or Decimal(0), row.taken_minor or 0)
    ]


def _wrong_call_offs() -> list[str]:
    """Compare each call-off with its order: the same quantity and money while it stands, a void order when not."""
    orders = {row.award_ref: row for row in models.PurchaseOrder.objects.filter(award_ref__startswith="CO-")}
    wrong = []
    for row in models.CallOff.objects.order_by("id"):
        order = orders.get(row.ref)
        void = order is None or order.state in VOID
        if void != (row.state == CallOffState.RETURNED) or (
            not void and order and order.total_minor != row.amount_minor
        ):
            wrong.append(f"{row.ref}: {row.state}, {row.amount_minor}; its order: {order}")
    return wrong


def _wrong_changes() -> list[str]:
    unsaid = Count("voices", filter=~Q(voices__agreed=True) | Q(voices__agreed__isnull=True))
    rows = models.OrderChange.objects.annotate(unsaid=unsaid)
    return [
        f"{row.ref}: {row.state}, {row.unsaid} have not agreed"
        for row in rows
        if (row.state == ChangeState.AGREED and row.unsaid) or (row.state == ChangeState.PROPOSED and not row.unsaid)
    ]


def _wrong_papers() -> list[str]:
    kept = {
        row["order_id"]: (row["many"], row["bytes"])
        for row in models.OrderPaper.objects.values("order_id").annotate(many=Count("id"), bytes=Sum("size"))
    }
    counted = models.PurchaseOrder.objects.filter(Q(papers__gt=0) | Q(pk__in=list(kept)))
    return [
        f"{row.ref}: counts {row.papers} documents, keeps {kept.get(row.pk, (0, 0))[0]}"
        for row in counted
        if (row.papers, row.papers_size) != kept.get(row.pk, (0, 0))
    ]

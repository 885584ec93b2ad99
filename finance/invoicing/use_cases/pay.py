"""Invoices on their way to being settled."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction

from finance.credit import use_cases as credit_
from finance.invoicing import events, models
from finance.invoicing.states import OutputInvoiceState, SupplierInvoiceState
from marketplace.events import use_cases as events_
from marketplace.foundation.models import move_all
from marketplace.parties import queries as parties

PAYABLE = [SupplierInvoiceState.MATCHED.value, SupplierInvoiceState.APPROVED.value]
BATCH = 500


@transaction.atomic
def take_for_settlement(*, invoice_refs: Collection[str], by: str, at: datetime) -> set[str]:
    """Take invoices of either direction to be settled now; return those that are taken.

    Left out are those taken, assigned to a funder or settled before. A supplier's claim that is taken can be financed
    no more, and one that was financed is not taken: whoever comes first has it.

    :raises StaleWrite: somebody moved one of them meanwhile.
    """
    ours = [row for row in _claims(invoice_refs) if row.state in PAYABLE]
    approved = [row.ref for row in ours if row.state == SupplierInvoiceState.APPROVED]
    lost = set(approved) - credit_.retire_receivables(source_refs=approved, by=by, at=at)
    ours = [row for row in ours if row.ref not in lost]
    theirs = [row for row in _bills(invoice_refs) if row.state == OutputInvoiceState.ISSUED]
    move_all(ours, "take", by=by, at=at)
    move_all(theirs, "take", by=by, at=at)
    return {row.ref for row in ours} | {row.ref for row in theirs}


@transaction.atomic
def mark_paid(*, invoice_refs: Collection[str], paid_on: date, by: str, at: datetime) -> list[str]:
    """Mark invoices of either direction as settled; return the refs of those that were not before.

    :raises IllegalMove: a supplier's invoice that was not taken for settlement nor assigned.
    :raises StaleWrite: somebody moved one of them meanwhile.
    """
    ours = [row for row in _claims(invoice_refs) if row.state != SupplierInvoiceState.PAID]
    theirs = [row for row in _bills(invoice_refs) if row.state != OutputInvoiceState.PAID]
    move_all(ours, "pay", by=by, at=at, paid_on=paid_on)
    move_all(theirs, "pay", by=by, at=at, paid_on=paid_on)
    parts = [(row.ref, row.supplier_id, row.total_minor, row.currency) for row in ours]
    parts += [(row.ref, row.buyer_id, row.open_minor, row.currency) for row in theirs]
    who = parties.refs_by_id([party for _, party, _, _ in parts])
    for ref, party, minor, currency in parts:
        events_.record(events.InvoicePaid(ref, who[party], minor, currency), source_ref=ref, at=at)
    return [ref for ref, _, _, _ in parts]


@transaction.atomic
def assign_supplier_invoice(*, invoice_ref: str, by: str, at: datetime, why: str = "") -> bool:
    """Note that a supplier's claim belongs to a funder now; return whether it did not before.

    :raises IllegalMove: it was never approved.
    """
    row = models.SupplierInvoice.objects.get(ref=invoice_ref)
    if row.state in {SupplierInvoiceState.ASSIGNED, SupplierInvoiceState.PAID}:
        return False
    row.move("assign", by=by, at=at, why=why)
    return True


def _claims(refs: Collection[str]) -> list[models.SupplierInvoice]:
    every = sorted(refs)
    slices = [every[start : start + BATCH] for start in range(0, len(every), BATCH)]
    return [row for some in slices for row in models.SupplierInvoice.objects.filter(ref__in=some).order_by("pk")]


def _bills(refs: Collection[str]) -> list[models.OutputInvoice]:
    every = sorted(refs)
    slices = [every[start : start + BATCH] for start in range(0, len(every), BATCH)]
    return [row for some in slices for row in models.OutputInvoice.objects.filter(ref__in=some).order_by("pk")]

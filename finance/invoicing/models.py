"""The tables of invoicing."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from finance.invoicing.rules import BILL_KINDS
from finance.invoicing.states import OUTPUT_INVOICE, SUPPLIER_INVOICE, OutputInvoiceState, SupplierInvoiceState
from marketplace.foundation.fields import ExactDecimalField, MoneyMinorField
from marketplace.foundation.models import Stateful, at_least, state_known


def a_tax_rate(name: str) -> models.CheckConstraint:
    """Return the constraint that a row's tax rate is one: 0 % up to and not including 100 %."""
    return models.CheckConstraint(condition=Q(tax_rate_percent__gte=0, tax_rate_percent__lt=100), name=name)


class AcceptedLine(models.Model):
    """One order line as far as it is fulfilled: accepted and billed so far, and its worth on GR/IR.

    `value_minor` was booked when goods came, `relieved_minor` of it was taken off by matched invoices.
    """

    supplier = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    line_ref = models.CharField(max_length=80)
    source_ref = models.CharField(max_length=80, db_index=True)
    description = models.CharField(max_length=300)
    unit = models.CharField(max_length=8)
    currency = models.CharField(max_length=3)
    unit_price = ExactDecimalField()
    tax_rate_percent = ExactDecimalField()
    accepted = ExactDecimalField(default=0)
    billed = ExactDecimalField(default=0)
    value_minor = MoneyMinorField(default=0)
    relieved_minor = MoneyMinorField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["supplier", "line_ref"], name="accepted_line_once"),
            models.CheckConstraint(
                condition=Q(billed__gte=0, billed__lte=F("accepted")), name="accepted_line_billed_within"
            ),
            models.CheckConstraint(
                condition=Q(relieved_minor__gte=0, relieved_minor__lte=F("value_minor")),
                name="accepted_line_relieved_within",
            ),
            *(
                at_least(column, 0, f"accepted_line_{column}_not_negative")
                for column in ("unit_price", "accepted", "value_minor")
            ),
            a_tax_rate("accepted_line_tax_rate"),
        ]

    def __str__(self) -> str:
        return f"{self.line_ref}: {self.accepted} {self.unit}"


class GoodsReceived(models.Model):
    """Goods that came and were booked, before any invoice for them."""

    key = models.CharField(max_length=160, unique=True)
    request_sha256 = models.CharField(max_length=64)
    source_ref = models.CharField(max_length=80, db_index=True)
    supplier = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    received_on = models.DateField()
    currency = models.CharField(max_length=3)
    value_minor = MoneyMinorField()
    journal_ref = models.CharField(max_length=40, blank=True)
    booked_by = models.CharField(max_length=80)
    booked_at = models.DateTimeField()

    class Meta:
        constraints = [at_least("value_minor", 0, "goods_received_value_not_negative")]

    def __str__(self) -> str:
        return f"{self.source_ref} on {self.received_on}"


class GoodsReceivedLine(models.Model):
    """What one receipt added to one order line."""

    receipt = models.ForeignKey(GoodsReceived, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(AcceptedLine, on_delete=models.PROTECT, related_name="+")
    quantity = ExactDecimalField()
    value_minor = MoneyMinorField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="goods_received_line_positive"),
            at_least("value_minor", 0, "goods_received_line_value_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.quantity}"


class SupplierInvoice(Stateful):
    """A supplier's claim on us. Booked when it matches; otherwise it waits in the queue with its reasons."""

    machine = SUPPLIER_INVOICE

    state = models.CharField(max_length=24, default=SupplierInvoiceState.RECEIVED.value)
    supplier = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=60)
    source_ref = models.CharField(max_length=80, db_index=True)
    currency = models.CharField(max_length=3)
    net_minor = MoneyMinorField()
    tax_minor = MoneyMinorField()
    total_minor = MoneyMinorField()
    variance_minor = MoneyMinorField(default=0)
    issued_on = models.DateField()
    due_on = models.DateField()
    match = models.JSONField(default=dict)
    journal_ref = models.CharField(max_length=40, blank=True)
    received_by = models.CharField(max_length=80)
    received_at = models.DateTimeField()
    paid_on = models.DateField(null=True)

    class Meta:
        constraints = [
            state_known(SUPPLIER_INVOICE, "supplier_invoice_state_known"),
            models.UniqueConstraint(fields=["supplier", "number"], name="supplier_invoice_number_once"),
            at_least("net_minor", 0, "supplier_invoice_net_not_negative"),
            at_least("tax_minor", 0, "supplier_invoice_tax_not_negative"),
            models.CheckConstraint(condition=Q(total_minor__gt=0), name="supplier_invoice_total_positive"),
            models.CheckConstraint(
                condition=Q(variance_minor__lte=F("net_minor")), name="supplier_invoice_variance_within_net"
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("issued_on")), name="supplier_invoice_due_after_issue"),
            models.CheckConstraint(
                condition=Q(state__in=["received", "mismatched", "rejected"])
                | (~Q(journal_ref="") & Q(total_minor=F("net_minor") + F("tax_minor"))),
                name="supplier_invoice_booked_and_ties",
            ),
        ]
        indexes = [models.Index(fields=["supplier", "-id"], name="supplier_invoice_of")]


class SupplierInvoiceLine(models.Model):
    """One claimed line; `relieved_minor` is what it took off GR/IR when it matched."""

    invoice = models.ForeignKey(SupplierInvoice, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    line_ref = models.CharField(max_length=80)
    description = models.CharField(max_length=300)
    quantity = ExactDecimalField()
    unit_price = ExactDecimalField()
    net_minor = MoneyMinorField()
    tax_rate_percent = ExactDecimalField()
    relieved_minor = MoneyMinorField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="supplier_invoice_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="supplier_invoice_line_positive"),
            *(
                at_least(column, 0, f"supplier_invoice_line_{column}_not_negative")
                for column in ("net_minor", "unit_price", "relieved_minor")
            ),
            a_tax_rate("supplier_invoice_line_tax_rate"),
        ]

    def __str__(self) -> str:
        return f"{self.line_ref}: {self.quantity}"


class NumberSeries(models.Model):
    """The last invoice number an issuer gave out in a series; it moves in the transaction of the invoice itself."""

    issuer = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    series = models.CharField(max_length=8)
    last = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "series"], name="number_series_once")]

    def __str__(self) -> str:
        return f"{self.series}: {self.last}"


class OutputInvoice(Stateful):
    """What we charge a buyer. `advance_minor` was paid before; `open_minor` is left to pay."""

    machine = OUTPUT_INVOICE

    state = models.CharField(max_length=24, default=OutputInvoiceState.ISSUED.value)
    key = models.CharField(max_length=160, unique=True)
    request_sha256 = models.CharField(max_length=64)
    issuer = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    series = models.CharField(max_length=8)
    number = models.PositiveBigIntegerField()
    buyer = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    source_ref = models.CharField(max_length=80, db_index=True)
    currency = models.CharField(max_length=3)
    net_minor = MoneyMinorField()
    tax_minor = MoneyMinorField()
    total_minor = MoneyMinorField()
    advance_minor = MoneyMinorField()
    open_minor = MoneyMinorField()
    issued_on = models.DateField()
    due_on = models.DateField()
    issued_by = models.CharField(max_length=80)
    issued_at = models.DateTimeField()
    paid_on = models.DateField(null=True)

    class Meta:
        constraints = [
            state_known(OUTPUT_INVOICE, "output_invoice_state_known"),
            models.UniqueConstraint(fields=["issuer", "series", "number"], name="output_invoice_number_once"),
            models.CheckConstraint(
                condition=Q(total_minor=F("net_minor") + F("tax_minor")), name="output_invoice_total_ties"
            ),
            models.CheckConstraint(
                condition=Q(total_minor=F("advance_minor") + F("open_minor")), name="output_invoice_payable_ties"
            ),
            *(
                at_least(f"{column}_minor", 0, f"output_invoice_{column}_not_negative")
                for column in ("net", "tax", "advance", "open")
            ),
            models.CheckConstraint(condition=Q(total_minor__gt=0), name="output_invoice_total_positive"),
            models.CheckConstraint(condition=Q(due_on__gte=F("issued_on")), name="output_invoice_due_after_issue"),
        ]
        indexes = [models.Index(fields=["buyer", "-id"], name="output_invoice_of")]

    @property
    def printed_number(self) -> str:
        """The number as it is printed: series and count, for example 2026-00000001."""
        return f"{self.series}-{self.number:08d}"


class OutputInvoiceLine(models.Model):
    """One charged line, with its own part of the tax of its rate."""

    invoice = models.ForeignKey(OutputInvoice, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    line_ref = models.CharField(max_length=80)
    kind = models.CharField(max_length=8)
    description = models.CharField(max_length=300)
    quantity = ExactDecimalField()
    unit = models.CharField(max_length=8)
    net_minor = MoneyMinorField()
    tax_rate_percent = ExactDecimalField()
    tax_minor = MoneyMinorField()
    cost_minor = MoneyMinorField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="output_invoice_line_once"),
            models.CheckConstraint(condition=Q(kind__in=BILL_KINDS), name="output_invoice_line_kind_known"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="output_invoice_line_positive"),
            *(
                at_least(f"{column}_minor", 0, f"output_invoice_line_{column}_not_negative")
                for column in ("net", "tax", "cost")
            ),
            a_tax_rate("output_invoice_line_tax_rate"),
        ]

    def __str__(self) -> str:
        return f"{self.line_ref} ({self.kind})"

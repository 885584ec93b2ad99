"""The tables of money under way."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from finance.ledger.rules import MOST_MINOR, Acct
from finance.treasury.rules import DIRECTIONS, IN, Route
from finance.treasury.states import PAYMENT, PaymentState
from marketplace.foundation.fields import MoneyMinorField
from marketplace.foundation.models import Stateful, state_known
from marketplace.kernel.money import Money


class OwnAccount(models.Model):
    """The account of a book at the bank; its number keeps our keys apart from any other's."""

    book = models.CharField(max_length=40, unique=True)
    number = models.CharField(max_length=40, unique=True)
    opened_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.book}: {self.number}"


class PaymentOrder(Stateful):
    """One payment that a bank is asked to make (out) or to collect (in), exactly once.

    `settles_*` name the ledger account on the other side. `problem` says why it cannot leave yet; where it goes is
    copied from the counterparty when it is sent.
    """

    machine = PAYMENT

    state = models.CharField(max_length=24, default=PaymentState.CREATED.value)
    direction = models.CharField(max_length=3)
    counterparty = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    amount_minor = MoneyMinorField()
    currency = models.CharField(max_length=3)
    purpose = models.CharField(max_length=140)
    source_ref = models.CharField(max_length=80)
    key = models.CharField(max_length=200, unique=True)
    request_sha256 = models.CharField(max_length=64)
    settles_book = models.CharField(max_length=40)
    settles_kind = models.CharField(max_length=40)
    settles_owner = models.CharField(max_length=40, blank=True)
    holder = models.CharField(max_length=200, blank=True)
    bank_code = models.CharField(max_length=20, blank=True)
    number = models.CharField(max_length=40, blank=True)
    problem = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    bank_reference = models.CharField(max_length=80, blank=True)
    created_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            state_known(PAYMENT, "payment_state_known"),
            models.CheckConstraint(condition=Q(direction__in=DIRECTIONS), name="payment_direction_known"),
            models.CheckConstraint(condition=Q(amount_minor__range=(1, MOST_MINOR)), name="payment_amount_bounds"),
            models.CheckConstraint(
                condition=Q(state=PaymentState.CREATED.value) | Q(sent_at__isnull=False), name="payment_sent_has_time"
            ),
            models.CheckConstraint(
                condition=Q(state=PaymentState.CREATED.value) | Q(direction=IN) | ~Q(number=""),
                name="payment_out_goes_to_an_account",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "id"], name="payment_by_state"),
            models.Index(fields=["source_ref"], name="payment_source"),
        ]

    @property
    def amount(self) -> Money:
        return Money.from_minor(self.amount_minor, self.currency)

    @property
    def route(self) -> Route:
        settles = Acct(self.settles_kind, self.settles_owner, self.currency, self.settles_book)
        return Route(self.direction, settles, self.amount)


class BankStatementLine(models.Model):
    """One booking on our account as the bank reports it, booked on the ledger by `journal_ref`. Append-only."""

    book = models.CharField(max_length=40)
    cash = models.CharField(max_length=40)
    direction = models.CharField(max_length=3)
    bank_reference = models.CharField(max_length=120)
    payment = models.OneToOneField(PaymentOrder, on_delete=models.PROTECT, null=True, related_name="line")
    counterparty = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    amount_minor = MoneyMinorField()
    currency = models.CharField(max_length=3)
    purpose = models.CharField(max_length=140)
    booked_on = models.DateField()
    journal_ref = models.CharField(max_length=40)
    recorded_by = models.CharField(max_length=80)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "bank_reference"], name="statement_line_once"),
            models.CheckConstraint(condition=Q(direction__in=DIRECTIONS), name="statement_line_direction_known"),
            models.CheckConstraint(condition=Q(amount_minor__range=(1, MOST_MINOR)), name="statement_line_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.bank_reference}: {self.direction} {self.amount}"

    @property
    def amount(self) -> Money:
        return Money.from_minor(self.amount_minor, self.currency)

"""The tables of the ledger. Journals and entries are only ever added; triggers see to it (migration 0002)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from finance.ledger.rules import MOST_MINOR, Acct, Side
from finance.ledger.states import HOLD, HoldState
from marketplace.foundation.fields import MoneyMinorField
from marketplace.foundation.models import Stateful, state_known

COUNTERS = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")
SIDES = [side.value for side in Side]


class Account(models.Model):
    """One account: four counters in the smallest coin, and the version of its newest entry.

    `floored` accounts never fall below zero on their normal side, and money held against them counts as gone.
    """

    book = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    owner = models.CharField(max_length=40, blank=True)
    currency = models.CharField(max_length=3)
    normal = models.CharField(max_length=6)
    floored = models.BooleanField()
    debits_pending = MoneyMinorField(default=0)
    debits_posted = MoneyMinorField(default=0)
    credits_pending = MoneyMinorField(default=0)
    credits_posted = MoneyMinorField(default=0)
    version = models.PositiveBigIntegerField(default=0)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "kind", "owner", "currency"], name="ledger_account_once"),
            models.CheckConstraint(condition=Q(normal__in=SIDES), name="ledger_account_normal"),
            *(
                models.CheckConstraint(condition=Q(**{f"{c}__range": (0, MOST_MINOR)}), name=f"ledger_{c}_bounds")
                for c in COUNTERS
            ),
            models.CheckConstraint(
                condition=~Q(floored=True, normal="credit")
                | Q(credits_posted__gte=F("debits_posted") + F("debits_pending")),
                name="ledger_credit_floor",
            ),
            models.CheckConstraint(
                condition=~Q(floored=True, normal="debit")
                | Q(debits_posted__gte=F("credits_posted") + F("credits_pending")),
                name="ledger_debit_floor",
            ),
        ]
        indexes = [models.Index(fields=["owner"], name="ledger_account_owner")]

    def __str__(self) -> str:
        return str(self.acct)

    @property
    def acct(self) -> Acct:
        return Acct(self.kind, self.owner, self.currency, self.book)

    @property
    def posted_minor(self) -> int:
        """The posted balance, positive on the normal side."""
        drift = self.debits_posted - self.credits_posted
        return drift if self.normal == Side.DEBIT else -drift

    @property
    def available_minor(self) -> int:
        """The posted balance less what is held against it."""
        return self.posted_minor - (self.credits_pending if self.normal == Side.DEBIT else self.debits_pending)


class Period(models.Model):
    """One month of one book; once closed, no journal is booked into it."""

    book = models.CharField(max_length=40)
    month = models.DateField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "month"], name="ledger_period_once"),
        ]

    def __str__(self) -> str:
        return f"{self.book} {self.month:%Y-%m}"


class Journal(models.Model):
    """One balanced journal. Its entries are written before it; the row itself seals them (migration 0002).

    The id is counted, not given by the database: year * 10**9 + the ref's number.
    """

    id = models.BigIntegerField(primary_key=True)
    ref = models.CharField(max_length=40, unique=True)
    book = models.CharField(max_length=40)
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+")
    booked_on = models.DateField()
    value_on = models.DateField()
    source_ref = models.CharField(max_length=80)
    memo = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=200, unique=True)
    request_sha256 = models.CharField(max_length=64)
    lines = models.PositiveIntegerField()
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="reversal")
    recorded_by = models.CharField(max_length=80)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(lines__gte=2), name="ledger_journal_lines")]
        indexes = [
            models.Index(fields=["source_ref"], name="ledger_journal_source"),
            models.Index(fields=["book", "booked_on"], name="ledger_journal_booked"),
        ]

    def __str__(self) -> str:
        return self.ref


class Entry(models.Model):
    """One line of a journal, the `version`-th of its account."""

    journal = models.ForeignKey(Journal, on_delete=models.PROTECT, related_name="entries", db_index=False)
    position = models.PositiveIntegerField()
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries", db_index=False)
    version = models.PositiveBigIntegerField()
    side = models.CharField(max_length=6)
    amount = MoneyMinorField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["journal", "position"], name="ledger_entry_position"),
            models.UniqueConstraint(fields=["account", "version"], name="ledger_entry_version"),
            models.CheckConstraint(condition=Q(position__gte=1), name="ledger_entry_first"),
            models.CheckConstraint(condition=Q(side__in=SIDES), name="ledger_entry_side"),
            models.CheckConstraint(condition=Q(amount__range=(1, MOST_MINOR)), name="ledger_entry_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.journal_id}.{self.position}: {self.side} {self.amount}"


class Hold(Stateful):
    """Money promised from one account to another: pending until posted, voided or expired, once."""

    machine = HOLD

    state = models.CharField(max_length=24, default=HoldState.PENDING.value)
    key = models.CharField(max_length=200, unique=True)
    request_sha256 = models.CharField(max_length=64)
    debit_account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    credit_account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    amount = MoneyMinorField()
    posted_amount = MoneyMinorField(default=0)
    source_ref = models.CharField(max_length=80)
    expires_at = models.DateTimeField(null=True)
    journal = models.OneToOneField(Journal, on_delete=models.PROTECT, null=True, related_name="hold")
    held_by = models.CharField(max_length=80)
    held_at = models.DateTimeField()

    class Meta:
        constraints = [
            state_known(HOLD, "ledger_hold_state_known"),
            models.CheckConstraint(condition=Q(amount__range=(1, MOST_MINOR)), name="ledger_hold_amount"),
            models.CheckConstraint(
                condition=Q(posted_amount__gte=0, posted_amount__lte=F("amount")), name="ledger_hold_posted_within"
            ),
            models.CheckConstraint(
                condition=Q(state="posted", journal__isnull=False, posted_amount__gt=0)
                | (~Q(state="posted") & Q(journal__isnull=True, posted_amount=0)),
                name="ledger_hold_posted_has_journal",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state="pending"), name="ledger_hold_expiring"),
            models.Index(fields=["source_ref"], name="ledger_hold_source"),
        ]

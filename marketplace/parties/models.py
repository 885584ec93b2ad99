"""People, the organisations they act for, and what is kept about both."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q

from marketplace.foundation.fields import ExactDecimalField, MoneyMinorField
from marketplace.foundation.models import Stateful, state_known
from marketplace.parties.rules import ORGANISATION_ROLES, SIZE_CLASSES, masked
from marketplace.parties.states import BANK_ACCOUNT, ORGANISATION, BankAccountState, OrganisationState


class User(AbstractUser):
    """A person who signs in; `language` is how the person reads."""

    language = models.CharField(max_length=10, default="en")


class Organisation(Stateful):
    """A firm, or the platform itself.

    `size_class` is fixed at signing, since payment law depends on it. `identifier_doubt` is what the identifier's own
    standard holds against it: a warning for staff, never a wall.
    """

    machine = ORGANISATION

    legal_name = models.CharField(max_length=200)
    name_norm = models.CharField(max_length=200, db_index=True)
    country = models.CharField(max_length=2)
    identifier = models.CharField(max_length=40, blank=True)
    identifier_doubt = models.CharField(max_length=20, blank=True)
    size_class = models.CharField(max_length=8, default="small")
    region = models.CharField(max_length=80, blank=True)
    is_buyer = models.BooleanField(default=False)
    is_supplier = models.BooleanField(default=False)
    is_factory = models.BooleanField(default=False)
    is_financier = models.BooleanField(default=False)
    is_platform = models.BooleanField(default=False)
    external_code = models.CharField(max_length=200, unique=True, null=True, blank=True)
    registered_by = models.CharField(max_length=80)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            state_known(ORGANISATION, "organisation_state_known"),
            models.CheckConstraint(condition=Q(size_class__in=SIZE_CLASSES), name="organisation_size_known"),
            models.UniqueConstraint(
                fields=["country", "identifier"], condition=~Q(identifier=""), name="organisation_identifier_once"
            ),
            models.UniqueConstraint(
                fields=["is_platform"], condition=Q(is_platform=True), name="organisation_one_platform"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.legal_name} ({self.ref})"

    @property
    def roles(self) -> frozenset[str]:
        """What it may take part as, whatever its state."""
        taken = {role for role, column in ORGANISATION_ROLES.items() if getattr(self, column)}
        return frozenset(taken | {"platform"} if self.is_platform else taken)

    @property
    def verified(self) -> bool:
        return self.state == OrganisationState.VERIFIED


class Membership(models.Model):
    """A person may act for an organisation, in some roles, up to a spending limit (none: without limit)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    roles = models.JSONField(default=list)
    spending_limit_minor = MoneyMinorField(null=True)
    currency = models.CharField(max_length=3, default="CNY")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    added_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation"], condition=Q(until__isnull=True), name="membership_once"
            ),
            models.CheckConstraint(condition=Q(spending_limit_minor__gte=0), name="membership_limit_not_negative"),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="membership_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} for {self.organisation_id}"


class Site(models.Model):
    """A place where an organisation receives or makes."""

    ref = models.CharField(max_length=40, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=300, blank=True)
    admin_code = models.CharField(max_length=12, blank=True)
    region = models.CharField(max_length=80, blank=True)
    latitude = ExactDecimalField(null=True)
    longitude = ExactDecimalField(null=True)
    receives_from = models.TimeField(null=True)
    receives_until = models.TimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(latitude__range=(-90, 90)), name="site_latitude_on_earth"),
            models.CheckConstraint(condition=Q(longitude__range=(-180, 180)), name="site_longitude_on_earth"),
            models.CheckConstraint(
                condition=Q(receives_until__gt=F("receives_from")), name="site_window_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.ref})"


class BankAccount(Stateful):
    """Where an organisation is paid.

    Usable from `usable_from` until `superseded_at`. At most one change waits, at most one account is the last
    confirmed; whoever asked for a change is never who confirmed it. The first account has no confirmer.
    """

    machine = BANK_ACCOUNT

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    holder = models.CharField(max_length=200)
    bank_code = models.CharField(max_length=20)
    number = models.CharField(max_length=40)
    requested_by = models.CharField(max_length=80)
    requested_at = models.DateTimeField()
    confirmed_by = models.CharField(max_length=80, blank=True)
    usable_from = models.DateTimeField(null=True)
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            state_known(BANK_ACCOUNT, "bank_account_state_known"),
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(state=BankAccountState.REQUESTED.value),
                name="bank_account_one_change_waits",
            ),
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(state=BankAccountState.CONFIRMED.value),
                name="bank_account_one_in_force",
            ),
            models.CheckConstraint(condition=~Q(confirmed_by=F("requested_by")), name="bank_account_four_eyes"),
            models.CheckConstraint(
                condition=Q(superseded_at__isnull=True) | Q(superseded_at__gte=F("usable_from")),
                name="bank_account_times_in_order",
            ),
        ]

    @property
    def hidden_number(self) -> str:
        """Its number, all but the last four characters hidden."""
        return masked(self.number)


class VerificationDocument(models.Model):
    """A paper in an organisation's verification file, kept whole with its digest; it counts once staff looked at it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    file_name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    expires_on = models.DateField(null=True)
    added_by = models.CharField(max_length=80)
    added_at = models.DateTimeField()
    verified_by = models.CharField(max_length=80, blank=True)
    verified_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verified_by="") | ~Q(verified_by=F("added_by")), name="verification_document_four_eyes"
            ),
            models.UniqueConstraint(fields=["organisation", "kind", "sha256"], name="verification_document_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.file_name}"


class Notification(models.Model):
    """A line that an organisation's members should read; `text` is a template over `facts`, worded at the door."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    facts = models.JSONField(default=dict)
    about_ref = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "-id"], condition=Q(read_at__isnull=True), name="notification_unread")
        ]

    def __str__(self) -> str:
        return f"{self.about_ref}: {self.text}"

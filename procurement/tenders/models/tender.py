"""A tender and what it asks for."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from marketplace.foundation.fields import ExactDecimalField, MoneyMinorField
from marketplace.foundation.models import Stateful, at_least, state_known
from procurement.tenders.rules.procedures import PROCEDURES
from procurement.tenders.states import INVITATION, TENDER, InvitationState, TenderState


class Tender(Stateful):
    """One consolidated purchase put to suppliers.

    Its key pair is made at publication. With key holders, `shares_needed` of their shares open the box and the private
    half is kept nowhere; else `locked_key` is the private half under the platform's secret, so that the database alone
    opens no bid. `key_signature` keeps the public half, and who holds which share, from being exchanged.
    `terms_sha256` binds what was published, `receipts_root` every bid in the box when it closes. A `historic` tender
    was imported as it had been opened elsewhere: it has prices, never sealed bids.

    `flags` and `conditions` are the published record of its procedure (`rules.procedures`); `terms_version` counts the
    amendments that changed what is bid for, `complaints_open` those that nobody has decided yet, `auctions_left` the
    auctions that must end before an award; until then nobody reads who bid.
    """

    machine = TENDER

    state = models.CharField(max_length=24, default=TenderState.DRAFT.value)
    title = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    procedure = models.CharField(max_length=12, default="open")
    rules = models.JSONField(default=dict)
    flags = models.JSONField(default=dict)
    conditions = models.JSONField(default=dict)
    bond_minor = MoneyMinorField(default=0)
    questions_until = models.DateTimeField(null=True)
    terms_version = models.PositiveIntegerField(default=1)
    complaints_open = models.PositiveIntegerField(default=0)
    auctions_left = models.PositiveIntegerField(default=0)
    retender_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    bids_until = models.DateTimeField()
    standstill_days = models.PositiveSmallIntegerField(default=0)
    prepared_by = models.CharField(max_length=80)
    prepared_at = models.DateTimeField()
    published_by = models.CharField(max_length=80, blank=True)
    published_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    opened_by = models.CharField(max_length=80, blank=True)
    opened_at = models.DateTimeField(null=True)
    standstill_until = models.DateTimeField(null=True)
    cancel_asked_by = models.CharField(max_length=80, blank=True)
    cancel_asked_revision = models.PositiveIntegerField(null=True)
    cancel_why = models.TextField(blank=True)
    cancelled_by = models.CharField(max_length=80, blank=True)
    terms_sha256 = models.CharField(max_length=64, blank=True)
    public_key = models.BinaryField(null=True)
    locked_key = models.BinaryField(null=True)
    key_signature = models.BinaryField(null=True)
    shares_needed = models.PositiveSmallIntegerField(null=True)
    holders_named_by = models.CharField(max_length=80, blank=True)
    holding_sha256 = models.CharField(max_length=64, blank=True)
    receipts_root = models.CharField(max_length=64, blank=True)
    root_signature = models.BinaryField(null=True)
    box_intact = models.BooleanField(null=True)
    historic = models.BooleanField(default=False)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            state_known(TENDER, "tender_state_known"),
            models.CheckConstraint(condition=Q(procedure__in=list(PROCEDURES)), name="tender_procedure_known"),
            at_least("bond_minor", 0, "tender_bond_not_negative"),
            at_least("terms_version", 1, "tender_terms_from_one"),
            models.CheckConstraint(
                condition=Q(questions_until__isnull=True) | Q(questions_until__lte=F("bids_until")),
                name="tender_questions_before_bids",
            ),
            models.CheckConstraint(
                condition=~Q(state=TenderState.CONTRACTED.value) | Q(complaints_open=0),
                name="tender_contracted_without_complaint",
            ),
            models.CheckConstraint(
                condition=Q(auctions_left=0)
                | ~Q(state__in=[TenderState.EVALUATED.value, TenderState.AWARDED.value, TenderState.CONTRACTED.value]),
                name="tender_awarded_after_auctions",
            ),
            models.CheckConstraint(
                condition=Q(published_by="") | ~Q(published_by=F("prepared_by")), name="tender_published_by_another"
            ),
            models.CheckConstraint(
                condition=Q(opened_by="") | Q(historic=True) | ~Q(opened_by=F("published_by")),
                name="tender_opened_by_another",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_by="") | ~Q(cancelled_by=F("cancel_asked_by")), name="tender_cancelled_by_another"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[TenderState.DRAFT.value, TenderState.CANCELLED.value])
                | Q(historic=True)
                | Q(public_key__isnull=False, locked_key__isnull=False, published_at__isnull=False)
                | Q(public_key__isnull=False, shares_needed__isnull=False, published_at__isnull=False),
                name="tender_published_has_key",
            ),
            models.CheckConstraint(
                condition=Q(locked_key__isnull=True) | Q(shares_needed__isnull=True), name="tender_one_way_to_its_key"
            ),
            models.CheckConstraint(
                condition=Q(published_by="") | ~Q(published_by=F("holders_named_by")),
                name="tender_holders_named_by_another",
            ),
            at_least("shares_needed", 2, "tender_needs_two_shares"),
            models.UniqueConstraint(fields=["source"], condition=~Q(source=""), name="tender_source_once"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("bids_until")), name="tender_closed_in_time"
            ),
        ]
        indexes = [models.Index(fields=["state", "bids_until"], name="tender_due")]

    @property
    def verbs(self) -> list[str]:
        """The verbs open in the present state; none for what was imported. Where holders have the key, they open."""
        if self.historic:
            return []
        return [verb for verb in super().verbs if verb != "open" or self.shares_needed is None]


class Invitation(Stateful):
    """A supplier that may bid where only the invited may; `standing` is what the gate found when it was let in."""

    machine = INVITATION

    state = models.CharField(max_length=24, default=InvitationState.INVITED.value)
    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="invitations")
    supplier = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    invited_by = models.CharField(max_length=80)
    invited_at = models.DateTimeField()
    standing = models.JSONField(default=dict)
    answered_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            state_known(INVITATION, "invitation_state_known"),
            models.UniqueConstraint(fields=["tender", "supplier"], name="invitation_once"),
            models.CheckConstraint(
                condition=~Q(state=InvitationState.DECLINED.value) | ~Q(reason=""),
                name="invitation_declined_with_reason",
            ),
        ]


class Lot(models.Model):
    """What is bid for as one: a product in a window over its pools' regions, or a schedule of priced lines.

    Quantities of a pooled lot are whole multiples of `step`. `reserve` is the price a unit above which leaving the
    demand unserved is better; `reference` the price a unit that points of merit are counted against.
    """

    ref = models.CharField(max_length=40, unique=True)
    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="lots")
    position = models.PositiveIntegerField()
    schedule = models.CharField(max_length=120, blank=True)
    description = models.CharField(max_length=300)
    product = models.ForeignKey("catalogue.Product", on_delete=models.PROTECT, related_name="+", null=True)
    window_start = models.DateField(null=True)
    window_end = models.DateField(null=True)
    unit = models.CharField(max_length=12, blank=True)
    quantity = ExactDecimalField(null=True)
    step = ExactDecimalField(default=1)
    reserve = ExactDecimalField(null=True)
    reference = ExactDecimalField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tender", "position"], name="lot_place_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="lot_quantity_positive"),
            models.CheckConstraint(condition=Q(step__gt=0), name="lot_step_positive"),
            at_least("reserve", 0, "lot_reserve_not_negative"),
            models.CheckConstraint(condition=Q(reference__gt=0), name="lot_reference_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.description}"


class LotLine(models.Model):
    """A line that is priced: the only one of a pooled lot, one of many in a schedule.

    Quantity and unit are empty where the source lost them. `estimate` is what the buyer's engineer thought.
    """

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    code = models.CharField(max_length=40, blank=True)
    description = models.CharField(max_length=500, blank=True)
    unit = models.CharField(max_length=12, blank=True)
    quantity = ExactDecimalField(null=True)
    estimate = ExactDecimalField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lot", "position"], name="lot_line_place_once"),
            at_least("quantity", 0, "lot_line_quantity_not_negative"),
            at_least("estimate", 0, "lot_line_estimate_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.lot_id}/{self.position} {self.description}"


class LotPool(models.Model):
    """The part of a lot that one pool wants in its region; `live` until its tender comes to nothing."""

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="pools")
    pool = models.ForeignKey("pools.Pool", on_delete=models.PROTECT, related_name="+")
    pool_ref = models.CharField(max_length=40)
    region = models.CharField(max_length=80)
    quantity = ExactDecimalField()
    live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pool"], condition=Q(live=True), name="lot_pool_live_once"),
            models.UniqueConstraint(fields=["lot", "region"], name="lot_pool_region_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="lot_pool_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.pool_ref} in {self.lot_id}"

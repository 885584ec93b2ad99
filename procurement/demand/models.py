"""Purchase requests, where they came from, and how they were read."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from marketplace.foundation.fields import ExactDecimalField, MoneyMinorField
from marketplace.foundation.models import Stateful, at_least, state_known
from procurement.demand.states import LINE, REQUEST, SUGGESTION, LineState, SuggestionState


class ColumnMapping(models.Model):
    """How an organisation's own spreadsheets are read, kept under a name of its choosing."""

    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    text = models.TextField()
    saved_by = models.CharField(max_length=80)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="column_mapping_once")]

    def __str__(self) -> str:
        return self.name


class ImportBatch(models.Model):
    """A file that was imported: by whom, read how, and what came of it. `organisation` is whose file it is.

    The same file read the same way is one batch; `report` is what the import answered, and errors of rows left out.
    """

    ref = models.CharField(max_length=40, unique=True)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    mapping_name = models.CharField(max_length=60)
    mapping_sha256 = models.CharField(max_length=64)
    take_good = models.BooleanField(default=False)
    rows = models.PositiveIntegerField(default=0)
    lines = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict)
    imported_by = models.CharField(max_length=80)
    imported_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "import batches"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "file_sha256", "mapping_sha256"], name="import_batch_file_once"
            ),
            models.CheckConstraint(
                condition=Q(rows=F("lines") + F("skipped") + F("errors")), name="import_batch_every_row_answered_for"
            ),
            models.CheckConstraint(condition=Q(take_good=True) | Q(errors=0), name="import_batch_wholly_or_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.file_name}"


class PurchaseRequest(Stateful):
    """What one buyer asks for at once. `external_ref` is its name in the file that brought it."""

    machine = REQUEST

    buyer = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey("parties.Site", on_delete=models.PROTECT, related_name="+", null=True)
    currency = models.CharField(max_length=3, default="CNY")
    requested_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    note = models.TextField(blank=True)
    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, related_name="requests", null=True)
    external_ref = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [state_known(REQUEST, "purchase_request_state_known")]


class RequestLine(models.Model):
    """One want: so much of a product (or of something described in words) within the days [needed_from, needed_to).

    tolerance      how much more would be taken to complete a pack, in the same unit as `quantity`
    ceiling        most money a unit may cost        unit_price  what the source says a unit cost
    stated_value   what the line is worth: as the source says, else quantity x price
    external_key   the row's own key in its source, so that it cannot come twice
    """

    request = models.ForeignKey(PurchaseRequest, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    product = models.ForeignKey(
        "catalogue.Product", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    text = models.CharField(max_length=300, blank=True)
    quantity = ExactDecimalField()
    tolerance = ExactDecimalField(default=0)
    unit = models.CharField(max_length=4)
    needed_from = models.DateField()
    needed_to = models.DateField()
    region = models.CharField(max_length=80, blank=True)
    ceiling = ExactDecimalField(null=True)
    stated_value = ExactDecimalField(null=True)
    unit_price = ExactDecimalField(null=True)
    currency = models.CharField(max_length=3, default="CNY")
    vendor = models.CharField(max_length=200, blank=True)
    external_key = models.CharField(max_length=240, null=True, blank=True)  # noqa: DJ001 - unique where there is one
    line_state = models.CharField(max_length=12, default=LineState.OPEN.value)
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "position"], name="request_line_position_once"),
            models.UniqueConstraint(
                fields=["external_key"], condition=Q(external_key__isnull=False), name="request_line_key_once"
            ),
            models.CheckConstraint(condition=Q(line_state__in=LINE.states()), name="request_line_state_known"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="request_line_quantity_positive"),
            at_least("tolerance", 0, "request_line_tolerance_not_negative"),
            models.CheckConstraint(condition=Q(needed_to__gt=F("needed_from")), name="request_line_days_in_order"),
            models.CheckConstraint(condition=Q(ceiling__gt=0), name="request_line_ceiling_positive"),
            at_least("stated_value", 0, "request_line_value_not_negative"),
            at_least("unit_price", 0, "request_line_price_not_negative"),
            models.CheckConstraint(condition=Q(product__isnull=False) | ~Q(text=""), name="request_line_names_a_thing"),
        ]
        indexes = [
            models.Index(
                fields=["entered_at", "id"], condition=Q(line_state=LineState.OPEN.value), name="request_line_open"
            ),
            models.Index(fields=["product", "needed_from"], name="request_line_product_day"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}/{self.position}"


class LineQuantityChange(models.Model):
    """A quantity was changed: from what, to what, when, by whom. Append-only."""

    line = models.ForeignKey(RequestLine, on_delete=models.PROTECT, related_name="changes")
    from_quantity = ExactDecimalField()
    to_quantity = ExactDecimalField()
    from_tolerance = ExactDecimalField()
    to_tolerance = ExactDecimalField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            at_least("from_quantity", 0, "quantity_change_from_not_negative"),
            at_least("from_tolerance", 0, "quantity_change_from_tolerance_not_negative"),
            models.CheckConstraint(condition=Q(to_quantity__gt=0), name="quantity_change_to_positive"),
            at_least("to_tolerance", 0, "quantity_change_tolerance_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.from_quantity} -> {self.to_quantity}"


class FreightNote(models.Model):
    """What the source said of a line's freight, and the line's share of its shipment's freight.

    carrier  the source key of the row that states the shipment's freight; shares of one carrier add up to `stated`
    """

    line = models.OneToOneField(RequestLine, on_delete=models.PROTECT, related_name="freight", primary_key=True)
    shipment = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=24)
    currency = models.CharField(max_length=3)
    stated_minor = MoneyMinorField(null=True)
    share_minor = MoneyMinorField(null=True)
    carrier = models.CharField(max_length=240, blank=True)
    basis = models.CharField(max_length=8, blank=True)

    class Meta:
        constraints = [
            at_least("stated_minor", 0, "freight_note_stated_not_negative"),
            at_least("share_minor", 0, "freight_note_share_not_negative"),
        ]
        indexes = [models.Index(fields=["carrier"], name="freight_note_carrier")]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.status}"


class MatchSuggestion(Stateful):
    """A product that a line in words may mean, with the confidence (0 to 1) and what speaks for and against it.

    rank      1 is the likeliest of its line
    origin    `model`, or `memory`: the buyer meant it by these words before
    reasons   list of {"code", "side": for or against, facts}
    """

    machine = SUGGESTION

    line = models.ForeignKey(RequestLine, on_delete=models.PROTECT, related_name="suggestions")
    product = models.ForeignKey("catalogue.Product", on_delete=models.PROTECT, related_name="+", db_index=False)
    rank = models.PositiveSmallIntegerField()
    confidence = models.FloatField()
    reasons = models.JSONField(default=list)
    origin = models.CharField(max_length=8, default="model")
    suggested_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            state_known(SUGGESTION, "match_suggestion_state_known"),
            models.UniqueConstraint(fields=["line", "product"], name="match_suggestion_product_once"),
            models.UniqueConstraint(
                fields=["line"],
                condition=Q(state=SuggestionState.CONFIRMED.value),
                name="match_suggestion_one_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(confidence__range=(0, 1)), name="match_suggestion_confidence_is_a_share"
            ),
            models.CheckConstraint(condition=Q(rank__gte=1), name="match_suggestion_rank_from_one"),
            models.CheckConstraint(condition=Q(origin__in=["model", "memory"]), name="match_suggestion_origin_known"),
            models.CheckConstraint(
                condition=Q(state=SuggestionState.WAITING.value, decided_at__isnull=True)
                | (~Q(state=SuggestionState.WAITING.value) & Q(decided_at__isnull=False)),
                name="match_suggestion_decided_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["line", "rank"],
                condition=Q(state=SuggestionState.WAITING.value),
                name="match_suggestion_waiting",
            )
        ]


class MatchLook(models.Model):
    """When a line in words was last compared with the catalogue, by which knowledge of it, and what came of it.

    outcome   `named`, `waiting` (somebody has to say), or `nothing` came near enough
    """

    line = models.OneToOneField(RequestLine, on_delete=models.PROTECT, related_name="look", primary_key=True)
    knowledge = models.CharField(max_length=64)
    outcome = models.CharField(max_length=8)
    looked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["named", "waiting", "nothing"]), name="match_look_outcome_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.outcome}"


class BuyerTerm(models.Model):
    """What a buyer means by certain words, as somebody confirmed it; a newer meaning supersedes, nothing is deleted.

    text   the words folded (full-width, case, accents, spaces)      unit   in which the buyer counted it then
    """

    buyer = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    text = models.CharField(max_length=400)
    product = models.ForeignKey("catalogue.Product", on_delete=models.PROTECT, related_name="+")
    unit = models.CharField(max_length=4)
    confirmed_by = models.CharField(max_length=80)
    confirmed_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["buyer", "text"], condition=Q(superseded_at__isnull=True), name="buyer_term_once"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="buyer_term_has_words"),
        ]

    def __str__(self) -> str:
        return self.text

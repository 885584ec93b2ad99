"""What bids turned out to say, from opening on."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from marketplace.foundation.fields import ExactDecimalField, MoneyMinorField
from marketplace.foundation.models import at_least
from procurement.tenders.models.bid import SealedBid
from procurement.tenders.models.tender import Lot, LotLine, Tender


class OpenedBid(models.Model):
    """One supplier's bid as opened; a bid that cannot stand is kept with the reason and without prices.

    Prices of its lots and packages are in the tender's currency, at `rate`; `said` is the document as it was opened.
    `valid_until` is empty where it binds without end. `file` tells of the workbook it came in.
    """

    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="opened_bids")
    sealed = models.OneToOneField(SealedBid, on_delete=models.PROTECT, related_name="opened", null=True)
    supplier = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    supplier_ref = models.CharField(max_length=40)
    supplier_name = models.CharField(max_length=200)
    capacity = ExactDecimalField(null=True)
    received_at = models.DateTimeField()
    rejected = models.CharField(max_length=40, blank=True)
    why = models.JSONField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    rate = ExactDecimalField(default=1)
    valid_until = models.DateTimeField(null=True)
    chosen = models.JSONField(default=dict)
    said = models.JSONField(null=True)
    file = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tender", "supplier"], name="opened_bid_once"),
            models.CheckConstraint(condition=Q(capacity__gt=0), name="opened_bid_capacity_positive"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="opened_bid_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.supplier_name} for {self.tender_id}"


class LotOffer(models.Model):
    """An opened bid's offer for one lot; `stated_total_minor` is what the bidder itself added up, where it did."""

    opened_bid = models.ForeignKey(OpenedBid, on_delete=models.PROTECT, related_name="lots")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="offers")
    freight = models.JSONField(default=dict)
    lead_days = models.PositiveIntegerField(null=True)
    co2 = ExactDecimalField(null=True)
    life_cycle = ExactDecimalField(null=True)
    complete = models.BooleanField(default=True)
    total_minor = MoneyMinorField(null=True)
    stated_total_minor = MoneyMinorField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["opened_bid", "lot"], name="lot_offer_once"),
            at_least("total_minor", 0, "lot_offer_total_not_negative"),
            at_least("stated_total_minor", 0, "lot_offer_stated_total_not_negative"),
            at_least("co2", 0, "lot_offer_co2_not_negative"),
            at_least("life_cycle", 0, "lot_offer_life_cycle_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.opened_bid_id} on {self.lot_id}"


class BidTier(models.Model):
    """From `from_quantity` to `to_quantity` units (both counted, empty: no end) a unit of the line costs so much."""

    lot_offer = models.ForeignKey(LotOffer, on_delete=models.PROTECT, related_name="tiers")
    line = models.ForeignKey(LotLine, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField(default=1)
    from_quantity = ExactDecimalField(default=0)
    to_quantity = ExactDecimalField(null=True)
    unit_price = ExactDecimalField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lot_offer", "line", "position"], name="bid_tier_place_once"),
            at_least("from_quantity", 0, "bid_tier_from_not_negative"),
            models.CheckConstraint(
                condition=Q(to_quantity__isnull=True) | Q(to_quantity__gte=F("from_quantity")),
                name="bid_tier_runs_forward",
            ),
            at_least("unit_price", 0, "bid_tier_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.from_quantity}: {self.unit_price}"


class BidPackage(models.Model):
    """Lots that a bid offers as one, all or nothing, at `price` for the whole."""

    opened_bid = models.ForeignKey(OpenedBid, on_delete=models.PROTECT, related_name="packages")
    name = models.CharField(max_length=40)
    price = ExactDecimalField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["opened_bid", "name"], name="bid_package_once"),
            at_least("price", 0, "bid_package_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.opened_bid_id}"


class PackageLot(models.Model):
    """What a package holds of one lot."""

    package = models.ForeignKey(BidPackage, on_delete=models.PROTECT, related_name="lots")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="+")
    quantity = ExactDecimalField()
    freight = models.JSONField(default=dict)
    co2 = ExactDecimalField(null=True)
    life_cycle = ExactDecimalField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["package", "lot"], name="package_lot_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="package_lot_quantity_positive"),
            at_least("co2", 0, "package_lot_co2_not_negative"),
            at_least("life_cycle", 0, "package_lot_life_cycle_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.lot_id}"

"""The box: sealed bids and their receipts. Nothing here tells a price, a likely price or its length."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marketplace.foundation.models import Stateful, at_least, state_known
from procurement.tenders.models.tender import Tender
from procurement.tenders.rules.sealing import Envelope
from procurement.tenders.states import BID, BidState


class SealedBid(Stateful):
    """A supplier's bid for a tender, as ciphertext; replacing it writes the next version over the last.

    Its ref is drawn by lot: a counted one would tell bidders how many rivals came before them.
    """

    machine = BID

    state = models.CharField(max_length=24, default=BidState.SEALED.value)
    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="bids")
    supplier = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    supplier_ref = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    ephemeral_key = models.BinaryField()
    nonce = models.BinaryField()
    ciphertext = models.BinaryField()
    commitment = models.CharField(max_length=64)
    signature = models.BinaryField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            state_known(BID, "bid_state_known"),
            models.UniqueConstraint(fields=["tender", "supplier"], name="bid_one_a_supplier"),
            at_least("version", 1, "bid_version_from_one"),
        ]

    @property
    def envelope(self) -> Envelope:
        return Envelope(bytes(self.ephemeral_key), bytes(self.nonce), bytes(self.ciphertext))


class BidReceipt(models.Model):
    """What a bidder was given for one version of its bid, or for taking it back. Append-only."""

    bid = models.ForeignKey(SealedBid, on_delete=models.PROTECT, related_name="receipts")
    version = models.PositiveIntegerField()
    verb = models.CharField(max_length=12)
    commitment = models.CharField(max_length=64)
    signature = models.BinaryField()
    received_at = models.DateTimeField()
    by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bid", "version", "verb"], name="bid_receipt_once"),
            models.CheckConstraint(condition=Q(verb__in=["seal", "withdraw"]), name="bid_receipt_verb_known"),
        ]

    def __str__(self) -> str:
        return f"{self.bid_id} v{self.version} {self.verb}"

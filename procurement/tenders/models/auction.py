"""Auctions after the sealed stage: who sits where, every step, and what came out."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marketplace.foundation.fields import ExactDecimalField
from marketplace.foundation.models import Stateful, at_least, state_known
from procurement.engines.auction import BEGAN, BID, KINDS
from procurement.tenders.models.offer import LotOffer
from procurement.tenders.models.tender import Lot, Tender
from procurement.tenders.states import AUCTION, AuctionState


class Auction(Stateful):
    """The auction of one lot: its terms, and how far it is.

    `terms` is the engine's document (`procurement.engines.auction`), with masked names; `steps` counts the rows of
    AuctionEvent, `due_at` says when the next of them is due without anybody's doing, so that whoever comes after a
    worker that died goes on from here. `record` is the signed text, written at the end.
    """

    machine = AUCTION

    state = models.CharField(max_length=24, default=AuctionState.PLANNED.value)
    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="auctions")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="auctions")
    terms = models.JSONField()
    starts_at = models.DateTimeField()
    steps = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    planned_by = models.CharField(max_length=80)
    planned_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    record = models.TextField(blank=True)
    signature = models.BinaryField(null=True)

    class Meta:
        constraints = [
            state_known(AUCTION, "auction_state_known"),
            models.UniqueConstraint(
                fields=["lot"], condition=~Q(state=AuctionState.CALLED_OFF.value), name="auction_one_of_a_lot"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[AuctionState.ENDED.value, AuctionState.CALLED_OFF.value])
                | Q(due_at__isnull=False),
                name="auction_is_due",
            ),
            models.CheckConstraint(
                condition=~Q(state=AuctionState.ENDED.value)
                | (~Q(record="") & Q(signature__isnull=False, ended_at__isnull=False)),
                name="auction_ended_with_record",
            ),
            models.CheckConstraint(
                condition=~Q(state=AuctionState.CALLED_OFF.value) | ~Q(reason=""), name="auction_called_off_with_reason"
            ),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="auction_due")]


class AuctionSeat(models.Model):
    """Which offer plays as which bidder, from 1 on. Append-only; nobody reads it before the auctions are over."""

    auction = models.ForeignKey(Auction, on_delete=models.PROTECT, related_name="seats")
    number = models.PositiveIntegerField()
    lot_offer = models.ForeignKey(LotOffer, on_delete=models.PROTECT, related_name="+")
    supplier = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    supplier_ref = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["auction", "number"], name="auction_seat_number_once"),
            models.UniqueConstraint(fields=["auction", "lot_offer"], name="auction_seat_offer_once"),
            models.UniqueConstraint(fields=["auction", "supplier"], name="auction_seat_supplier_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="auction_seat_from_one"),
        ]

    def __str__(self) -> str:
        return f"seat {self.number} of {self.auction_id}"


class AuctionEvent(models.Model):
    """One step of an auction. Append-only and numbered without gap: no two workers write the same step."""

    auction = models.ForeignKey(Auction, on_delete=models.PROTECT, related_name="events")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12)
    bidder = models.PositiveIntegerField(null=True)
    price = ExactDecimalField(null=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["auction", "number"], name="auction_event_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="auction_event_from_one"),
            models.CheckConstraint(condition=Q(kind__in=list(KINDS)), name="auction_event_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=BID, price__isnull=False) | (~Q(kind=BID) & Q(price__isnull=True)),
                name="auction_event_bid_has_price",
            ),
            models.CheckConstraint(
                condition=Q(kind=BEGAN, bidder__isnull=True) | (~Q(kind=BEGAN) & Q(bidder__isnull=False)),
                name="auction_event_is_somebodys",
            ),
            at_least("price", 0, "auction_event_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.kind} of {self.auction_id}"


class AuctionResult(models.Model):
    """At which price an offer left the auction of its lot: what the award counts with. Append-only.

    `opening` is the sealed price at the lot's whole quantity; every tier of the offer is lowered in the same measure.
    """

    auction = models.ForeignKey(Auction, on_delete=models.PROTECT, related_name="results")
    lot_offer = models.OneToOneField(LotOffer, on_delete=models.PROTECT, related_name="auctioned")
    rank = models.PositiveIntegerField()
    opening = ExactDecimalField()
    price = ExactDecimalField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["auction", "rank"], name="auction_rank_once"),
            at_least("price", 0, "auction_price_not_negative"),
            at_least("opening", 0, "auction_opening_not_negative"),
            models.CheckConstraint(condition=Q(price__lte=models.F("opening")), name="auction_price_never_rises"),
        ]

    def __str__(self) -> str:
        return f"{self.price} for {self.lot_offer_id}"

"""How auctions are written for, and read from, the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from procurement.engines.auction.terms import LEAST_TURN, MOST_ROUNDS, MOST_TURN, ROUNDS
from procurement.tenders.serializers.tenders import exact


class AuctionIn(serializers.Serializer[Any]):
    """What staff fix before an auction."""

    lot = serializers.CharField(max_length=40)
    starts_at = serializers.DateTimeField()
    step = exact(help_text="how far at least a new price lies below one's own, money a unit")
    turn_seconds = serializers.IntegerField(
        required=False, default=120, min_value=LEAST_TURN, max_value=MOST_TURN, help_text="how long a turn lasts"
    )
    rounds = serializers.IntegerField(required=False, default=ROUNDS, min_value=1, max_value=MOST_ROUNDS)


class PriceIn(serializers.Serializer[Any]):
    price = serializers.CharField(max_length=40, help_text="money a unit before VAT, at most four decimals, as text")


class AuctionOut(serializers.Serializer[Any]):
    """An auction: of what, and how far it is."""

    ref = serializers.CharField()
    tender = serializers.CharField(source="tender.ref")
    lot = serializers.CharField(source="lot.ref")
    description = serializers.CharField(source="lot.description")
    currency = serializers.CharField(source="tender.currency")
    unit = serializers.CharField(source="lot.unit")
    state = serializers.CharField()
    starts_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    steps = serializers.IntegerField()


class AuctionSeatOut(serializers.Serializer[Any]):
    """A bidder by its number; its firm's name only once all auctions of the tender are over."""

    rank = serializers.IntegerField()
    bidder = serializers.IntegerField(source="number")
    price = exact()
    opening = exact()
    coefficient = serializers.CharField(help_text="what merit divides the price by, as a fraction")
    addition = serializers.CharField(help_text="what is added to the weighed price, as a fraction")
    weighed = serializers.CharField(help_text="what the price counts as, as a fraction")
    mine = serializers.BooleanField()
    name = serializers.CharField()


class AuctionStepOut(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    kind = serializers.CharField()
    at = serializers.CharField()
    bidder = serializers.IntegerField(allow_null=True)
    price = serializers.CharField(allow_null=True)


class AuctionBoardOut(serializers.Serializer[Any]):
    """How an auction stands, as the asker may see it."""

    ref = serializers.CharField()
    state = serializers.CharField()
    steps = serializers.IntegerField()
    round = serializers.IntegerField()
    rounds = serializers.IntegerField()
    step = exact()
    turn_seconds = serializers.IntegerField()
    turn_of = serializers.IntegerField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    order = serializers.ListField(child=serializers.IntegerField())
    mine = serializers.IntegerField(allow_null=True)
    at_most = exact(allow_null=True)
    seats = AuctionSeatOut(many=True)
    history = AuctionStepOut(many=True)


class AuctionRecordOut(serializers.Serializer[Any]):
    record = serializers.JSONField()
    signature = serializers.CharField(allow_null=True)
    algorithm = serializers.CharField(required=False)
    public_key = serializers.CharField(required=False)
    names = serializers.DictField(child=serializers.CharField(), required=False)

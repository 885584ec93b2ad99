"""Changes of orders as the API takes and shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from marketplace.foundation.api import actor_of

NUMBER: dict[str, Any] = {"max_digits": 19, "decimal_places": 6}


class ChangeDelivery(serializers.Serializer[Any]):
    due_on = serializers.DateField()
    quantity = serializers.DecimalField(**NUMBER)


class ChangeLineIn(serializers.Serializer[Any]):
    """What is to become of an order line; what is left out stays."""

    id = serializers.IntegerField()
    quantity = serializers.DecimalField(**NUMBER, required=False, default=None, allow_null=True)
    unit_price = serializers.DecimalField(**NUMBER, required=False, default=None, allow_null=True)
    deliveries = ChangeDelivery(many=True, required=False, default=None, allow_null=True)


class OrderChangeIn(serializers.Serializer[Any]):
    order = serializers.CharField(max_length=40)
    order_revision = serializers.IntegerField(required=False, default=None, allow_null=True)
    cancels = serializers.BooleanField(required=False, default=False)
    lines = ChangeLineIn(many=True, required=False, default=list)
    why = serializers.CharField(max_length=2000)


class ChangeLineOut(serializers.Serializer[Any]):
    """Before and after; deliveries as [[day, quantity], ...]."""

    id = serializers.IntegerField(source="line_id")
    old_quantity = serializers.DecimalField(**NUMBER)
    new_quantity = serializers.DecimalField(**NUMBER)
    old_price = serializers.DecimalField(**NUMBER)
    new_price = serializers.DecimalField(**NUMBER)
    before = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    schedule = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


class OrderChangeOut(serializers.Serializer[Any]):
    """A change; other buyers' words are counted, not named."""

    ref = serializers.CharField()
    state = serializers.CharField()
    revision = serializers.IntegerField()
    order = serializers.CharField(source="order.ref")
    order_revision = serializers.IntegerField()
    side = serializers.CharField()
    cancels = serializers.BooleanField()
    why = serializers.CharField()
    reason = serializers.CharField()
    proposed_at = serializers.DateTimeField()
    lines = ChangeLineOut(many=True)
    agreed = serializers.SerializerMethodField(help_text="how many have agreed")
    asked = serializers.SerializerMethodField(help_text="how many have a word")
    your_word = serializers.SerializerMethodField(help_text="agreed, refused, missing, or none")
    verbs = serializers.ListField(child=serializers.CharField())

    def get_agreed(self, row: Any) -> int:
        return sum(voice.agreed is True for voice in row.voices.all())

    def get_asked(self, row: Any) -> int:
        return len(row.voices.all())

    def get_your_word(self, row: Any) -> str:
        mine = actor_of(self.context["request"]).organisation
        words = {True: "agreed", False: "refused", None: "missing"}
        return next((words[voice.agreed] for voice in row.voices.all() if voice.party.ref == mine), "none")

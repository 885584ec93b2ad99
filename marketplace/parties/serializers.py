"""How the parties look at the API's door, and what may be sent there."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from marketplace.foundation.wording import template_words
from marketplace.parties import models, rules


class OrganisationSerializer(serializers.ModelSerializer[models.Organisation]):
    """The whole record, for the organisation's own members and for staff."""

    roles = serializers.SerializerMethodField()
    verbs = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = models.Organisation
        fields = [
            "ref",
            "state",
            "revision",
            "verbs",
            "legal_name",
            "country",
            "region",
            "identifier",
            "identifier_doubt",
            "size_class",
            "roles",
            "registered_at",
        ]
        read_only_fields = fields

    def get_roles(self, row: models.Organisation) -> list[str]:
        return sorted(row.roles)


class CardSerializer(serializers.ModelSerializer[models.Organisation]):
    """What every member of the market may know of another firm."""

    roles = serializers.SerializerMethodField()

    class Meta:
        model = models.Organisation
        fields = ["ref", "legal_name", "country", "region", "roles"]
        read_only_fields = fields

    def get_roles(self, row: models.Organisation) -> list[str]:
        return sorted(row.roles)


class ApplicationSerializer(serializers.Serializer[Any]):
    legal_name = serializers.CharField(max_length=200)
    country = serializers.RegexField("^[A-Za-z]{2}$")
    roles = serializers.ListField(child=serializers.ChoiceField(list(rules.ORGANISATION_ROLES)), allow_empty=False)
    identifier = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    size_class = serializers.ChoiceField(rules.SIZE_CLASSES, required=False, default="small")
    region = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)


class MembershipSerializer(serializers.ModelSerializer[models.Membership]):
    username = serializers.CharField(source="user.username", read_only=True)
    name = serializers.CharField(source="user.first_name", read_only=True)
    organisation = serializers.CharField(source="organisation.ref", read_only=True)

    class Meta:
        model = models.Membership
        fields = ["id", "username", "name", "organisation", "roles", "spending_limit_minor", "currency", "since"]
        read_only_fields = fields


class NewMemberSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    roles = serializers.ListField(child=serializers.ChoiceField(rules.MEMBER_ROLES), allow_empty=False)
    spending_limit_minor = serializers.IntegerField(min_value=0, max_value=2**62, required=False, allow_null=True)
    currency = serializers.RegexField("^[A-Z]{3}$", required=False, default="CNY")


class SiteSerializer(serializers.ModelSerializer[models.Site]):
    organisation = serializers.CharField(source="organisation.ref", read_only=True)
    latitude = serializers.DecimalField(max_digits=9, decimal_places=6, required=False, allow_null=True)
    longitude = serializers.DecimalField(max_digits=9, decimal_places=6, required=False, allow_null=True)

    class Meta:
        model = models.Site
        fields = [
            "ref",
            "organisation",
            "name",
            "address",
            "admin_code",
            "region",
            "latitude",
            "longitude",
            "receives_from",
            "receives_until",
        ]
        read_only_fields = ["ref", "organisation"]


class BankAccountSerializer(serializers.ModelSerializer[models.BankAccount]):
    organisation = serializers.CharField(source="organisation.ref", read_only=True)
    number = serializers.CharField(source="hidden_number", read_only=True)
    verbs = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = models.BankAccount
        fields = [
            "ref",
            "state",
            "revision",
            "verbs",
            "organisation",
            "holder",
            "bank_code",
            "number",
            "requested_by",
            "confirmed_by",
            "usable_from",
            "superseded_at",
        ]
        read_only_fields = fields


class NewBankAccountSerializer(serializers.Serializer[Any]):
    holder = serializers.CharField(max_length=200)
    bank_code = serializers.CharField(max_length=20)
    number = serializers.CharField(max_length=40)


class NotificationSerializer(serializers.ModelSerializer[models.Notification]):
    text = serializers.SerializerMethodField()

    class Meta:
        model = models.Notification
        fields = ["id", "text", "about_ref", "at", "read_at"]
        read_only_fields = fields

    def get_text(self, row: models.Notification) -> str:
        return template_words(row.text, row.facts)


class UpToSerializer(serializers.Serializer[Any]):
    up_to_id = serializers.IntegerField(min_value=1)


class CredentialsSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=200, write_only=True, trim_whitespace=False)


class TokenSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(read_only=True)
    expiry = serializers.DateTimeField(read_only=True)

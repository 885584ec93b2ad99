"""How key holders, their shares and openings are written for, and read from, the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from procurement.tenders import queries
from procurement.tenders.rules.key_shares import MOST


class KeyHolderOut(serializers.Serializer[Any]):
    """A holder's key, as its holder and staff see it."""

    ref = serializers.CharField()
    state = serializers.CharField()
    verbs = serializers.SerializerMethodField()
    person = serializers.CharField()
    name = serializers.CharField()
    public_key = serializers.CharField()
    proposed_by = serializers.CharField()
    proposed_at = serializers.DateTimeField()
    confirmed_by = serializers.CharField()
    confirmed_at = serializers.DateTimeField(allow_null=True)

    def get_verbs(self, holder: Any) -> list[str]:
        return [verb for verb in holder.verbs if verb != "replace"] if self.context["actor"].staff else []


class KeyHolderIn(serializers.Serializer[Any]):
    """A public key to propose; `person` (a user name) is for staff, others propose their own."""

    person = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    name = serializers.CharField(max_length=120)
    public_key = serializers.CharField(max_length=80, help_text="X25519, 64 hexadecimal digits")


class KeyShareOut(serializers.Serializer[Any]):
    """A holder's share as the platform knows it: never the share."""

    ref = serializers.CharField()
    state = serializers.CharField()
    tender = serializers.CharField(source="tender.ref")
    holder = serializers.CharField(source="holder.ref")
    number = serializers.IntegerField()
    commitment = serializers.CharField()
    kept_at = serializers.DateTimeField(allow_null=True)
    handed_in_at = serializers.DateTimeField(allow_null=True)


class SealedShareOut(serializers.Serializer[Any]):
    """The sealed file of a share, which only the holder's own key opens."""

    kind = serializers.CharField()
    tender = serializers.CharField()
    tender_key = serializers.CharField()
    number = serializers.IntegerField()
    needed = serializers.IntegerField()
    of = serializers.IntegerField()
    holder = serializers.CharField()
    holder_key = serializers.CharField()
    commitment = serializers.CharField()
    sealed = serializers.CharField()


class TokenIn(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=200, help_text="the word that the holder's tool shows")


class HoldersIn(serializers.Serializer[Any]):
    """Who holds a draft's key; nobody: the platform."""

    holders = serializers.ListField(child=serializers.CharField(max_length=40), max_length=MOST)
    needed = serializers.IntegerField(min_value=0, max_value=MOST, required=False, default=0)


class ShareFileIn(serializers.Serializer[Any]):
    """A share file as the holder's tool writes it."""

    kind = serializers.CharField(max_length=40)
    tender = serializers.CharField(max_length=40)
    number = serializers.IntegerField()
    share = serializers.CharField(max_length=200)


class HeldOut(serializers.Serializer[Any]):
    """One holder's part, as everybody who sees the tender may know it; `state` for the session's own people alone."""

    number = serializers.IntegerField()
    holder = serializers.CharField(source="holder.ref")
    name = serializers.CharField(source="holder.name")
    holder_key = serializers.CharField(source="holder.public_key")
    commitment = serializers.CharField()
    state = serializers.SerializerMethodField()

    def get_state(self, share: Any) -> str | None:
        return share.state if self.context["in_session"] else None


class OpeningOut(serializers.Serializer[Any]):
    """How a tender is opened: by whose shares, how far that is, and what is published of it."""

    ref = serializers.CharField()
    state = serializers.CharField()
    bids_until = serializers.DateTimeField()
    held_by = serializers.SerializerMethodField()
    needed = serializers.IntegerField(source="shares_needed", allow_null=True)
    given = serializers.SerializerMethodField()
    shares = serializers.SerializerMethodField()
    public_key = serializers.SerializerMethodField()
    holding_sha256 = serializers.CharField()
    key_signature = serializers.SerializerMethodField()
    receipts_root = serializers.CharField()
    root_signature = serializers.SerializerMethodField()
    opened_at = serializers.DateTimeField(allow_null=True)

    def get_held_by(self, tender: Any) -> str:
        return "holders" if tender.shares_needed else "platform"

    def get_given(self, tender: Any) -> int | None:
        return queries.progress(tender).given if queries.is_in_session(self.context["actor"], tender) else None

    def get_shares(self, tender: Any) -> list[dict[str, Any]]:
        inside = queries.is_in_session(self.context["actor"], tender)
        rows: Any = HeldOut(tender.key_shares.all(), many=True, context={"in_session": inside}).data
        return list(rows)

    def get_public_key(self, tender: Any) -> str:
        return bytes(tender.public_key or b"").hex()

    def get_key_signature(self, tender: Any) -> str:
        return bytes(tender.key_signature or b"").hex()

    def get_root_signature(self, tender: Any) -> str:
        return bytes(tender.root_signature or b"").hex()


class SessionOut(serializers.Serializer[Any]):
    """What became of a share that was handed in."""

    tender_ref = serializers.CharField()
    given = serializers.IntegerField()
    needed = serializers.IntegerField()
    opened = serializers.BooleanField()


class RecordOut(serializers.Serializer[Any]):
    """The opening record: the text in the bytes that were signed, and the platform's signature."""

    text = serializers.CharField()
    signature = serializers.CharField()
    algorithm = serializers.CharField()


class NeighbourOut(serializers.Serializer[Any]):
    side = serializers.CharField()
    hash = serializers.CharField()


class InclusionOut(serializers.Serializer[Any]):
    """What leads from a bid's commitment to the root that was signed at closing."""

    root = serializers.CharField()  # type: ignore[assignment]
    root_signature = serializers.CharField()
    path = NeighbourOut(many=True)

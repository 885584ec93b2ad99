"""How tenders, bids and awards are written for, and read from, the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from procurement.tenders import rules
from procurement.tenders.rules.sealing import Place, receipt_text
from procurement.tenders.states import OPEN_TO_READ


def exact(**more: Any) -> serializers.DecimalField:
    """Return the field of a quantity or price: a decimal of six places, as text."""
    return serializers.DecimalField(max_digits=19, decimal_places=6, normalize_output=True, **more)


class TenderOut(serializers.Serializer[Any]):
    """A tender as anyone who may see it sees it: never a bid, nor how many there are."""

    ref = serializers.CharField()
    state = serializers.CharField()
    verbs = serializers.SerializerMethodField()
    title = serializers.CharField()
    currency = serializers.CharField()
    procedure = serializers.CharField()
    bids_until = serializers.DateTimeField()
    questions_until = serializers.DateTimeField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    opened_at = serializers.DateTimeField(allow_null=True)
    standstill_until = serializers.DateTimeField(allow_null=True)
    historic = serializers.BooleanField()

    def get_verbs(self, tender: Any) -> list[str]:
        return rules.verbs_for(tender.verbs, self.context["actor"], tender.bids_until, self.context["at"])


class WantOut(serializers.Serializer[Any]):
    region = serializers.CharField()
    pool = serializers.CharField(source="pool_ref")
    quantity = exact()


class LotOut(serializers.Serializer[Any]):
    """A lot with what each region wants; an offer's tiers are counted in whole steps."""

    ref = serializers.CharField()
    position = serializers.IntegerField()
    schedule = serializers.CharField()
    description = serializers.CharField()
    unit = serializers.CharField()
    quantity = exact(allow_null=True)
    step = exact()
    window_start = serializers.DateField(allow_null=True)
    window_end = serializers.DateField(allow_null=True)
    wanted = WantOut(many=True)


class TenderDetail(TenderOut):
    """A tender with its lots, its rules, its key and, once shut, the signed root over its box."""

    rules = serializers.JSONField()
    flags = serializers.JSONField()
    conditions = serializers.JSONField()
    bond = serializers.SerializerMethodField()
    terms_version = serializers.IntegerField()
    terms_sha256 = serializers.CharField()
    public_key = serializers.SerializerMethodField()
    receipts_root = serializers.CharField()
    root_signature = serializers.SerializerMethodField()
    box_intact = serializers.BooleanField(allow_null=True)
    lots = LotOut(many=True)

    def get_bond(self, tender: Any) -> str | None:
        """The bid bond that is asked for, None where none is."""
        return rules.amount(tender.bond_minor, tender.currency) if tender.bond_minor else None

    def get_public_key(self, tender: Any) -> str:
        return bytes(tender.public_key or b"").hex()

    def get_root_signature(self, tender: Any) -> str:
        return bytes(tender.root_signature or b"").hex()


class TierIn(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, Any]:
        return {
            "from": serializers.CharField(help_text="the least quantity, in the lot's unit"),
            "to": serializers.CharField(allow_null=True, help_text="the most, counted too; null: no end"),
            "price": serializers.CharField(help_text="money a unit before VAT, at most four decimals, as text"),
        }


class LotOfferIn(serializers.Serializer[Any]):
    lot = serializers.CharField()
    tiers = TierIn(many=True)
    freight = serializers.DictField(child=serializers.CharField(), required=False)
    lead_days = serializers.IntegerField(required=False, min_value=0, max_value=3650)
    co2 = serializers.CharField(required=False, help_text="kg of CO2 equivalent a unit")
    life_cycle = serializers.CharField(required=False, help_text="what a unit costs its owner over its life")


class BundledIn(serializers.Serializer[Any]):
    lot = serializers.CharField()
    quantity = serializers.CharField()
    freight = serializers.DictField(child=serializers.CharField(), required=False)
    co2 = serializers.CharField(required=False)
    life_cycle = serializers.CharField(required=False)


class PackageIn(serializers.Serializer[Any]):
    """Lots at one price for the whole, all or nothing."""

    name = serializers.CharField()
    price = serializers.CharField()
    lots = BundledIn(many=True)


class OfferIn(serializers.Serializer[Any]):
    """An offer as `rules.offers` reads it: this only tells the schema; nothing is validated twice, or logged."""

    capacity = serializers.CharField(required=False)
    currency = serializers.CharField(required=False, help_text="one whose rate the tender published")
    valid_days = serializers.IntegerField(required=False, help_text="days from closing that it binds")
    chosen = serializers.DictField(child=serializers.CharField(), required=False, help_text="criterion: answer")
    lots = LotOfferIn(many=True, required=False)
    packages = PackageIn(many=True, required=False)


class BidOut(serializers.Serializer[Any]):
    """One's own bid as the platform keeps it: a receipt, never a price; whether it stands once it is opened."""

    ref = serializers.CharField()
    tender = serializers.CharField(source="tender.ref")
    state = serializers.CharField()
    version = serializers.IntegerField()
    commitment = serializers.CharField()
    received_at = serializers.DateTimeField()
    receipt = serializers.SerializerMethodField()
    signature = serializers.SerializerMethodField()
    rejected = serializers.SerializerMethodField()

    def get_receipt(self, bid: Any) -> str:
        place = Place(bid.tender.ref, bid.ref, bid.version, bid.supplier_ref)
        return receipt_text(place, bid.commitment, bid.received_at).decode()

    def get_signature(self, bid: Any) -> str:
        return bytes(bid.signature).hex()

    def get_rejected(self, bid: Any) -> dict[str, Any] | None:
        found = getattr(bid, "opened", None) if bid.tender.state in OPEN_TO_READ else None
        return {"code": found.rejected, "why": found.why} if found and found.rejected else None


class ReceiptKeyOut(serializers.Serializer[Any]):
    algorithm = serializers.CharField()
    public_key = serializers.CharField()


class AwardLineOut(serializers.Serializer[Any]):
    lot = serializers.CharField(source="lot.ref")
    description = serializers.CharField(source="lot.description")
    region = serializers.CharField()
    supplier = serializers.CharField(source="opened_bid.supplier_name")
    supplier_ref = serializers.CharField()
    quantity = exact()
    unit_price = exact()
    freight = exact()
    why = serializers.JSONField()


class AwardOut(serializers.Serializer[Any]):
    """An award as it is published: who delivers what, at least which cost, and how surely it is the least."""

    ref = serializers.CharField()
    tender = serializers.CharField(source="tender.ref")
    currency = serializers.CharField()
    rounds = serializers.IntegerField()
    total = serializers.SerializerMethodField()
    bound = serializers.SerializerMethodField()
    proved = serializers.BooleanField()
    counts_as = serializers.SerializerMethodField()
    against_engine = serializers.SerializerMethodField()
    awarded_at = serializers.DateTimeField()

    def get_total(self, award: Any) -> str:
        return rules.amount(award.total_minor, award.currency)

    def get_bound(self, award: Any) -> str:
        return rules.amount(award.bound_minor, award.currency)

    def get_counts_as(self, award: Any) -> str | None:
        """What the award counts as where merit counts beside the price; `bound` is held against it."""
        return None if award.score_minor is None else rules.amount(award.score_minor, award.currency)

    def get_against_engine(self, award: Any) -> bool:
        """Whether two persons awarded it otherwise than the engine would have."""
        return award.override_id is not None


class AwardDetail(AwardOut):
    """An award with its lines and, for a bidder that lost, why and by how much its own offers were too dear."""

    lines = AwardLineOut(many=True)
    lost = serializers.ListField(child=serializers.JSONField())

"""Who holds the keys to sealed bids: persons with keys of their own, and their shares of each tender's key."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from marketplace.foundation.models import Stateful, at_least, state_known
from procurement.tenders.models.tender import Tender
from procurement.tenders.rules.key_shares import Dealt
from procurement.tenders.states import HOLDER, SHARE, HolderState, ShareState


class KeyHolder(Stateful):
    """One key of one person outside the platform; the private half never comes here.

    A person's new key is a new row, proposed by one and confirmed by another, and replaces the row before it.
    """

    machine = HOLDER

    state = models.CharField(max_length=24, default=HolderState.PROPOSED.value)
    person = models.CharField(max_length=80)
    name = models.CharField(max_length=120)
    public_key = models.CharField(max_length=64)
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()
    confirmed_by = models.CharField(max_length=80, blank=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            state_known(HOLDER, "key_holder_state_known"),
            models.UniqueConstraint(
                fields=["person"], condition=Q(state=HolderState.ACTIVE.value), name="key_holder_one_active_key"
            ),
            models.UniqueConstraint(
                fields=["public_key"], condition=~Q(state=HolderState.REFUSED.value), name="key_holder_key_once"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by="") | ~Q(confirmed_by=F("proposed_by")), name="key_holder_confirmed_by_another"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by="") | ~Q(confirmed_by=F("person")), name="key_holder_not_by_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.ref})"


class KeyShare(Stateful):
    """One holder's share of a tender's private key, as far as the platform knows it.

    sealed         the share to the holder's own key, until the holder has it (or the session ends)
    waiting        the share under the platform's secret, from being handed in until the session ends
    commitment     what anybody may know of the share; `token_sha256` recognises the holder's word that it has it
    """

    machine = SHARE

    state = models.CharField(max_length=24, default=ShareState.NAMED.value)
    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="key_shares")
    holder = models.ForeignKey(KeyHolder, on_delete=models.PROTECT, related_name="shares")
    number = models.PositiveSmallIntegerField()
    commitment = models.CharField(max_length=64, blank=True)
    token_sha256 = models.CharField(max_length=64, blank=True)
    sealed = models.BinaryField(null=True)
    waiting = models.BinaryField(null=True)
    kept_at = models.DateTimeField(null=True)
    handed_in_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            state_known(SHARE, "key_share_state_known"),
            models.UniqueConstraint(fields=["tender", "number"], name="key_share_number_once"),
            models.UniqueConstraint(fields=["tender", "holder"], name="key_share_one_a_holder"),
            at_least("number", 1, "key_share_number_from_one"),
            models.CheckConstraint(
                condition=Q(state=ShareState.HANDED_IN.value, waiting__isnull=False)
                | (~Q(state=ShareState.HANDED_IN.value) & Q(waiting__isnull=True)),
                name="key_share_waits_only_handed_in",
            ),
            models.CheckConstraint(
                condition=Q(sealed__isnull=True) | Q(state=ShareState.DEALT.value), name="key_share_sealed_only_dealt"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[ShareState.NAMED.value, ShareState.SPENT.value]) | ~Q(commitment=""),
                name="key_share_dealt_is_committed",
            ),
        ]

    @property
    def dealt(self) -> Dealt:
        return Dealt(self.number, self.holder.ref, bytes.fromhex(self.holder.public_key), self.commitment)


class OpeningRecord(models.Model):
    """What is published when a box is opened: the text, in the bytes that the platform signed. Append-only."""

    tender = models.OneToOneField(Tender, on_delete=models.PROTECT, related_name="opening_record")
    text = models.TextField()
    signature = models.BinaryField()
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"opening of {self.tender_id}"

"""Name who holds a tender's key, and deal the shares when it is published."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from marketplace.events import use_cases as events_
from marketplace.foundation.models import move_all
from marketplace.kernel.refusals import BadValue, NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from procurement.tenders import models
from procurement.tenders.rules import key_shares
from procurement.tenders.states import HolderState
from procurement.tenders.use_cases.loading import FourEyes, load_tender


class HolderNotActive(Refusal):
    """A named holder has no confirmed key, or its key was replaced or retired since."""

    code = "holder_not_active"
    words = gettext_noop("{holder} has no confirmed key now. Name the holders of {tender} anew.")


@transaction.atomic
def name_key_holders(*, tender_ref: str, holder_refs: Sequence[str], needed: int, by: str, at: datetime) -> None:
    """Name who holds a draft's key, and how many of them open the box; named again, the list is replaced.

    holder_refs   distinct holders with confirmed keys; nobody: the platform holds the key itself
    needed        at least two, and fewer than are named: one may be lost

    :raises NotFound: no such tender or holder.
    :raises HolderNotActive: a holder's key is not confirmed.
    :raises BadValue: a holder twice, or too few or too many needed.
    :raises IllegalMove: it is no draft any more.
    """
    tender, holders = load_tender(tender_ref), _holders(tender_ref, holder_refs)
    if holders and not key_shares.FEWEST <= needed < len(holders) <= key_shares.MOST:
        raise BadValue(
            place="needed",
            value=f"{needed} of {len(holders)}",
            reason=gettext_noop("needs two at least, one fewer than are named"),
        )
    why = f"{needed} of {', '.join(holder_refs)}" if holders else "the platform holds the key"
    named = {"shares_needed": needed, "holders_named_by": by} if holders else {"shares_needed": None}
    tender.move("name_holders", by=by, at=at, why=why, **({"holders_named_by": ""} | named))
    models.KeyShare.objects.filter(tender=tender).delete()
    models.KeyShare.objects.bulk_create(
        models.KeyShare(ref=ref, tender=tender, holder=holder, number=number)
        for number, (ref, holder) in enumerate(
            zip(events_.next_refs("KS", len(holders), at=at) if holders else (), holders, strict=True), start=1
        )
    )


def _holders(tender_ref: str, refs: Sequence[str]) -> list[models.KeyHolder]:
    found = {holder.ref: holder for holder in models.KeyHolder.objects.filter(ref__in=refs)}
    if len(set(refs)) != len(refs):
        raise BadValue(place="holders", value=", ".join(refs), reason=gettext_noop("names a holder twice"))
    for ref in refs:
        if ref not in found:
            raise NotFound(what="key holder", ref=ref)
        if found[ref].state != HolderState.ACTIVE:
            raise HolderNotActive(holder=ref, tender=tender_ref)
    return [found[ref] for ref in refs]


@sensitive_variables()
def deal_shares(tender: models.Tender, *, by: str, at: datetime) -> tuple[bytes, str]:
    """Make the tender's key pair, split the private half among its holders, and forget it.

    Kept is each share sealed to its holder's own key, a commitment to it, and a digest of the token by which the holder
    says that it has it.

    :returns: the public key, and the digest over who holds which share.
    :raises HolderNotActive: a holder's key was replaced or retired since it was named.
    :raises FourEyes: `by` named the holders, or is one of them.
    """
    needed = tender.shares_needed or 0
    rows = list(models.KeyShare.objects.filter(tender=tender).select_related("holder").order_by("number"))
    if by == tender.holders_named_by or by in {row.holder.person for row in rows}:
        raise FourEyes(first=by, verb="publish", tender=tender.ref)
    private_key, public_key = key_shares.new_key_pair()
    shares = key_shares.split_key(private_key, needed, len(rows))
    for row, share in zip(rows, shares, strict=True):
        if row.holder.state != HolderState.ACTIVE:
            raise HolderNotActive(holder=row.holder.ref, tender=tender.ref)
        row.commitment = key_shares.share_commitment(tender.ref, row.number, share)
        row.move(
            "deal",
            by=by,
            at=at,
            commitment=row.commitment,
            token_sha256=key_shares.token_digest(key_shares.token_of(tender.ref, row.number, share)),
            sealed=key_shares.seal_share(
                share,
                tender_ref=tender.ref,
                number=row.number,
                holder_key=bytes.fromhex(row.holder.public_key),
            ),
        )
    return public_key, key_shares.holding_sha256(tender.ref, needed, [row.dealt for row in rows])


def spend_shares(tender: models.Tender, *, by: str, at: datetime, why: str) -> None:
    """End the holding: whatever the platform still has of the shares is erased."""
    rows = list(models.KeyShare.objects.filter(tender=tender).exclude(state="spent"))
    move_all(rows, "spend", by=by, at=at, why=why, sealed=None, waiting=None)

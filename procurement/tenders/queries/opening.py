"""Everything anyone may ask about key holders, openings and what proves them. Nothing here tells of a bid before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import NotFound
from procurement.tenders import models
from procurement.tenders.queries.reading import tenders_for
from procurement.tenders.rules import key_shares, proofs
from procurement.tenders.states import OPEN_TO_READ, BidState, HolderState, ShareState, TenderState


@dataclass(frozen=True)
class Progress:
    """How far an opening is: so many shares are needed, made, taken up by their holders, handed in."""

    needed: int
    total: int
    kept: int
    given: int


def holders_for(actor: Actor) -> QuerySet[models.KeyHolder]:
    """Return the keys of holders: staff see all, others their own."""
    rows = models.KeyHolder.objects.all()
    return rows if actor.staff else rows.filter(person=actor.by)


def active_holders() -> QuerySet[models.KeyHolder]:
    """Return the holders that may be named in a tender, by name."""
    return models.KeyHolder.objects.filter(state=HolderState.ACTIVE.value).order_by("name", "id")


def shares_for(actor: Actor) -> QuerySet[models.KeyShare]:
    """Return the shares of a person's own, for staff all of them; before publication there is none."""
    rows = models.KeyShare.objects.select_related("tender", "holder").exclude(state=ShareState.NAMED.value)
    return rows if actor.staff else rows.filter(holder__person=actor.by)


def openings_for(actor: Actor) -> QuerySet[models.Tender]:
    """Return the tenders whose opening the actor may look at: holders those they hold a share of, others what they see.

    Drafts are for staff alone, and tenders opened elsewhere were never sealed.
    """
    held = Q(pk__in=shares_for(actor).values("tender_id"))
    seen = Q(pk__in=tenders_for(actor).values("pk"))
    rows = models.Tender.objects.filter(historic=False).filter(held | seen)
    if not actor.staff:
        rows = rows.exclude(state=TenderState.DRAFT.value)
    return rows.prefetch_related(
        Prefetch("key_shares", models.KeyShare.objects.select_related("holder").order_by("number"))
    )


def holders_of(tender: models.Tender) -> int:
    """Return how many people hold a share of the tender's key; none: the platform holds it itself."""
    return models.KeyShare.objects.filter(tender=tender).count() if tender.shares_needed else 0


def is_in_session(actor: Actor, tender: models.Tender) -> bool:
    """Return whether the actor may see who handed in a share: staff and the tender's holders."""
    return actor.staff or any(share.holder.person == actor.by for share in tender.key_shares.all())


def progress(tender: models.Tender) -> Progress:
    """Return how far the opening of a tender from `openings_for` is."""
    states = [share.state for share in tender.key_shares.all()]
    given = sum(state == ShareState.HANDED_IN for state in states)
    kept = given + sum(state == ShareState.KEPT for state in states)
    return Progress(tender.shares_needed or 0, len(states), kept, given)


def sealed_share(share: models.KeyShare) -> str:
    """Return the file that only the holder's own key opens.

    :raises NotFound: the holder has said to have it, or it was never dealt: it is not here any more.
    """
    if share.sealed is None:
        raise NotFound(what="sealed share", ref=share.ref)
    return key_shares.sealed_file(
        share.dealt,
        tender_ref=share.tender.ref,
        tender_key=bytes(share.tender.public_key or b""),
        needed=share.tender.shares_needed or 0,
        total=share.tender.key_shares.count(),
        sealed=bytes(share.sealed),
    )


def opening_record(tender: models.Tender) -> dict[str, str]:
    """Return what was published when the box was opened: the signed text, and the signature.

    :raises NotFound: it is not opened.
    """
    found = models.OpeningRecord.objects.filter(tender=tender).first()
    if found is None:
        raise NotFound(what="opening record", ref=tender.ref)
    return {"text": found.text, "signature": bytes(found.signature).hex(), "algorithm": "Ed25519"}


def has_record(tender: models.Tender) -> bool:
    """Return whether an opening record is published."""
    return models.OpeningRecord.objects.filter(tender=tender).exists()


def inclusion_of(bid: models.SealedBid) -> dict[str, Any]:
    """Return what leads from a bid's commitment to the root that was signed at closing.

    Only once the box is opened: the length of the way tells how many bids there are.

    :raises NotFound: the tender is not opened, or the bid was withdrawn.
    """
    if bid.tender.state not in OPEN_TO_READ or bid.state == BidState.WITHDRAWN:
        raise NotFound(what="proof", ref=bid.ref)
    box = models.SealedBid.objects.filter(tender_id=bid.tender_id).exclude(state=BidState.WITHDRAWN.value)
    path = proofs.inclusion_path(list(box.values_list("commitment", flat=True)), bid.commitment)
    return {
        "root": bid.tender.receipts_root,
        "root_signature": bytes(bid.tender.root_signature or b"").hex(),
        "path": [{"side": step.side, "hash": step.hash} for step in path],
    }


def sessions_run_out(at: datetime) -> list[str]:
    """Return the refs of tenders in which a share waits for others for longer than a session lasts."""
    late = models.KeyShare.objects.filter(state=ShareState.HANDED_IN.value, handed_in_at__lte=at - key_shares.SESSION)
    return sorted(set(late.values_list("tender__ref", flat=True)))

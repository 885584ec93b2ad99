"""Call a tender off, by two persons."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marketplace.events import use_cases as events_
from marketplace.kernel.refusals import BadValue, Refusal, StaleWrite
from marketplace.kernel.words import gettext_noop
from procurement.tenders import events, models
from procurement.tenders.rules.words import CANCELLED
from procurement.tenders.states import TenderState
from procurement.tenders.use_cases.bonds import release_bonds
from procurement.tenders.use_cases.complaints import lapse_complaints
from procurement.tenders.use_cases.deal_shares import spend_shares
from procurement.tenders.use_cases.failing import release_pools
from procurement.tenders.use_cases.interest import tell_interested
from procurement.tenders.use_cases.loading import FourEyes, load_tender, pool_refs


class CancelNotAsked(Refusal):
    """One person asks, another agrees."""

    code = "cancel_not_asked"
    words = gettext_noop("Nobody asked to cancel {tender}. One person asks, another agrees.")


@transaction.atomic
def ask_to_cancel(*, tender_ref: str, why: str, by: str, at: datetime) -> None:
    """Ask that a tender be cancelled, as it stands now; another person agrees by `cancel_tender`.

    :raises NotFound: no such tender.
    :raises BadValue: no reason is given.
    :raises IllegalMove: it is past cancelling.
    :raises StaleWrite: it moved at this moment.
    """
    tender = load_tender(tender_ref)
    if not why.strip():
        raise BadValue(place="why", value=why, reason="is empty")
    asked = {"cancel_asked_by": by, "cancel_asked_revision": tender.revision + 1, "cancel_why": why}
    tender.move("ask_to_cancel", by=by, at=at, why=why, **asked)


@transaction.atomic
def cancel_tender(*, tender_ref: str, by: str, at: datetime) -> None:
    """Cancel a tender as another person asked; the pools of a published one fail and release their deposits.

    If it was not opened, the key to its bids is thrown away, as far as the platform has it, and so are their
    ciphertexts, which key holders might still open: nobody will ever read them. Commitments and receipts stay.

    :raises NotFound: no such tender.
    :raises CancelNotAsked: nobody asked.
    :raises FourEyes: `by` asked.
    :raises StaleWrite: it moved since somebody asked.
    :raises IllegalMove: it is past cancelling.
    """
    tender = load_tender(tender_ref)
    if not tender.cancel_asked_by:
        raise CancelNotAsked(tender=tender_ref)
    if tender.cancel_asked_by == by:
        raise FourEyes(first=by, verb="cancel", tender=tender_ref)
    if tender.cancel_asked_revision != tender.revision:
        raise StaleWrite(ref=tender_ref, revision=tender.cancel_asked_revision)
    was_draft, why = tender.state == TenderState.DRAFT, tender.cancel_why
    unread = {} if tender.opened_at else {"locked_key": None}
    tender.move("cancel", by=by, at=at, why=f"{why} (asked by {tender.cancel_asked_by})", cancelled_by=by, **unread)
    if not tender.opened_at:
        models.SealedBid.objects.filter(tender=tender).update(ephemeral_key=b"", nonce=b"", ciphertext=b"")
        spend_shares(tender, by=by, at=at, why="cancelled")
    if was_draft:
        models.LotPool.objects.filter(lot__tender=tender).update(live=False)
    else:
        release_pools(tender, pool_refs(tender), why=f"{tender_ref} cancelled: {why}", by=by, at=at)
    lapse_complaints(tender, why=why, by=by, at=at)
    release_bonds(tender, why="cancelled", by=by, at=at)
    if not was_draft:
        tell_interested(tender, CANCELLED, at=at, why=why)
    events_.record(events.TenderCancelled(tender_ref, why), source_ref=tender_ref, at=at)

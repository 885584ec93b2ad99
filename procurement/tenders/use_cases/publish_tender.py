"""Publish a tender: from here on suppliers bid, sealed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from marketplace.events import use_cases as events_
from marketplace.kernel.refusals import Refusal, StaleWrite
from marketplace.kernel.words import gettext_noop
from procurement.pools import use_cases as pools_
from procurement.tenders import events, models
from procurement.tenders.rules.sealing import key_text, new_tender_key, sign
from procurement.tenders.use_cases.deal_shares import deal_shares
from procurement.tenders.use_cases.failing import ended
from procurement.tenders.use_cases.invitations import tell_invited
from procurement.tenders.use_cases.loading import FourEyes, load_tender, pool_refs, secret, terms_now
from procurement.tenders.use_cases.prepare_tender import PoolNotFrozen


class ClosingTimePast(Refusal):
    """Nobody could bid any more."""

    code = "closing_time_past"
    words = gettext_noop("{tender} would close at {bids_until}: that is past. Prepare it anew.")


@transaction.atomic
def publish_tender(*, tender_ref: str, revision: int | None = None, by: str, at: datetime) -> None:
    """Publish a draft that another person prepared: its key pair is made, its terms are hashed, its pools are bound.

    Where key holders are named, the private key is split among them and kept nowhere; else the platform keeps it.

    revision   the draft as whoever publishes has seen it; None: as it is

    :raises NotFound: no such tender.
    :raises FourEyes: `by` prepared it, put a paper into it, invited to it, named its key holders, or is one of them.
    :raises StaleWrite: it is not any more what `revision` names, or somebody edits it at this moment.
    :raises HolderNotActive: a named holder's key was replaced or retired.
    :raises ClosingTimePast: its closing time is not ahead any more.
    :raises IllegalMove: it is no draft, or one of its pools is neither frozen nor ended.
    :raises PoolNotFrozen: all of its pools have come to nothing.
    """
    tender = load_tender(tender_ref)
    if by in hands_on(tender):
        raise FourEyes(first=by, verb="publish", tender=tender_ref)
    if revision is not None and revision != tender.revision:
        raise StaleWrite(ref=tender_ref, revision=revision)
    if tender.bids_until <= at:
        raise ClosingTimePast(tender=tender_ref, bids_until=tender.bids_until.isoformat())
    _let_go_ended(tender)
    tender.move(
        "publish",
        by=by,
        at=at,
        published_by=by,
        published_at=at,
        **_new_key(tender, by=by, at=at),
        terms_sha256=terms_now(tender),
    )
    pools_.start_tendering(pool_refs=pool_refs(tender), tender_ref=tender_ref, by=by, at=at)
    tell_invited(tender, at=at)
    fact = events.TenderPublished(tender_ref, tender.bids_until, tender.lots.count())
    events_.record(fact, source_ref=tender_ref, at=at)


def _new_key(tender: models.Tender, *, by: str, at: datetime) -> dict[str, Any]:
    """Return the columns of the tender's new key: with holders its private half stands in none of them."""
    locked_key, holding = None, ""
    if tender.shares_needed is None:
        public_key, locked_key = new_tender_key(secret(), tender.ref)
    else:
        public_key, holding = deal_shares(tender, by=by, at=at)
    signature = sign(secret(), key_text(tender.ref, public_key, holding))
    return {
        "public_key": public_key,
        "locked_key": locked_key,
        "key_signature": signature,
        "holding_sha256": holding,
    }


def hands_on(tender: models.Tender) -> set[str]:
    """Return who prepared the draft, put papers into it, or invited to it: none of them publishes it."""
    papers = models.TenderDocument.objects.filter(tender=tender).values_list("added_by", flat=True)
    invited = tender.invitations.values_list("invited_by", flat=True)
    return {tender.prepared_by, *papers, *invited}


def _let_go_ended(tender: models.Tender) -> None:
    """Free the pools that came to nothing since the draft was made; refuse when none is left."""
    refs = pool_refs(tender)
    gone = ended(refs)
    if gone and len(gone) == len(refs):
        raise PoolNotFrozen(pool=refs[0], state="failed")
    models.LotPool.objects.filter(lot__tender=tender, pool_ref__in=gone).update(live=False)

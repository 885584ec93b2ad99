"""Amend a published tender, by two persons: its papers, its terms in words, its deadlines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Min

from marketplace.events import use_cases as events_
from marketplace.kernel.refusals import BadValue, IllegalMove, NotFound, Refusal, StaleWrite
from marketplace.kernel.words import gettext_noop
from procurement.tenders import events, models
from procurement.tenders.rules.procedures import check_move
from procurement.tenders.rules.texts import checked_text
from procurement.tenders.rules.words import AMENDED, CHANGED, MOVED
from procurement.tenders.states import AmendmentState, TenderState
from procurement.tenders.use_cases.documents import Paper, keep_papers
from procurement.tenders.use_cases.interest import tell_interested
from procurement.tenders.use_cases.loading import FourEyes, load_tender, terms_now
from procurement.tenders.use_cases.seal_bid import BidsClosed


class AmendmentWaits(Refusal):
    """One amendment at a time: whoever agrees must know what the tender then is."""

    code = "amendment_waits"
    words = gettext_noop("An amendment of {tender} waits already. It is published or withdrawn first.")


@transaction.atomic
def propose_amendment(
    *,
    tender_ref: str,
    summary: str,
    bids_until: datetime | None = None,
    questions_until: datetime | None = None,
    changes_terms: bool = False,
    papers: Sequence[Paper] = (),
    by: str,
    at: datetime,
) -> str:
    """Propose a change of a published tender, as it stands now, and return its ref; another person publishes it.

    summary        what changes, in words for the bidders
    bids_until     a later closing time; None leaves it
    changes_terms  whether what is bid for changes; always so with new papers. Bids sealed before must then be confirmed

    :raises NotFound: no such tender.
    :raises IllegalMove: it is not published.
    :raises BidsClosed: the closing time has come.
    :raises BadValue: nothing changes, a deadline drawn in, put off too often or too far, or too close after a change.
    :raises AmendmentWaits: another amendment waits.
    """
    tender = load_tender(tender_ref)
    _must_take_bids(tender, at)
    row = models.Amendment(
        tender=tender,
        tender_revision=tender.revision,
        summary=checked_text("summary", summary),
        changes_terms=changes_terms or bool(papers),
        bids_until=bids_until,
        questions_until=questions_until,
        bids_until_before=tender.bids_until,
        proposed_by=by,
        proposed_at=at,
    )
    _check(tender, row, at)
    try:
        with transaction.atomic():
            row.ref = events_.next_ref("AM", at=at)
            row.save(force_insert=True)
    except IntegrityError:
        raise AmendmentWaits(tender=tender_ref) from None
    keep_papers(tender, papers, amendment=row, by=by, at=at)
    return row.ref


def _must_take_bids(tender: models.Tender, at: datetime) -> None:
    if tender.state != TenderState.PUBLISHED:
        raise IllegalMove(machine="tender", state=tender.state, verb="amend")
    if tender.bids_until <= at:
        raise BidsClosed(tender=tender.ref, bids_until=tender.bids_until.isoformat())


def _check(tender: models.Tender, row: models.Amendment, at: datetime) -> None:
    """Pass when the amendment changes something and leaves bidders their time."""
    if not row.changes_terms and row.bids_until is None and row.questions_until is None:
        raise BadValue(place="summary", value=row.summary[:40], reason=gettext_noop("nothing changes"))
    moves = models.Amendment.objects.filter(
        tender=tender, state=AmendmentState.PUBLISHED.value, bids_until__isnull=False
    )
    first = moves.aggregate(first=Min("bids_until_before"))["first"]
    check_move(
        now=at,
        first=first or tender.bids_until,
        current=tender.bids_until,
        moved=moves.count(),
        wanted=row.bids_until,
        changes_terms=row.changes_terms,
    )
    asked, until = row.questions_until, row.bids_until or tender.bids_until
    if asked is not None and not at < asked <= until:
        reason = gettext_noop("lies between now and the closing time")
        raise BadValue(place="questions_until", value=asked.isoformat(), reason=reason)


@transaction.atomic
def publish_amendment(*, amendment_ref: str, by: str, at: datetime) -> None:
    """Publish an amendment that another person proposed: the tender changes, and all who look at it are told.

    Nobody learns from it who bids: whoever is interested, asked or was invited is told alike.

    :raises NotFound: no such amendment.
    :raises FourEyes: `by` proposed it.
    :raises StaleWrite: the tender moved since it was proposed.
    :raises BidsClosed: the closing time has come.
    :raises BadValue: too little time is left by now.
    :raises IllegalMove: it was published or withdrawn, or the tender is not published any more.
    """
    row = _load(amendment_ref)
    tender = row.tender
    if by == row.proposed_by:
        raise FourEyes(first=by, verb="amend", tender=tender.ref)
    if row.state == AmendmentState.PROPOSED:
        _must_take_bids(tender, at)
        if row.tender_revision != tender.revision:
            raise StaleWrite(ref=tender.ref, revision=row.tender_revision)
        _check(tender, row, at)
    row.move("publish", by=by, at=at, why=row.summary, **_eyes(row, by, at))
    changes: dict[str, Any] = {
        "bids_until": row.bids_until or tender.bids_until,
        "questions_until": row.questions_until or tender.questions_until,
        "terms_version": row.terms_version or tender.terms_version,
    }
    why = f"{row.ref} (proposed by {row.proposed_by})"
    tender.move("amend", by=by, at=at, why=why, **changes)
    _bind(tender, row)
    fact = events.TenderAmended(tender.ref, row.ref, row.summary, tender.bids_until, row.changes_terms)
    events_.record(fact, source_ref=tender.ref, at=at)
    _tell(tender, row, at)


def _eyes(row: models.Amendment, by: str, at: datetime) -> dict[str, Any]:
    """Return what publication writes; the digest of the terms follows once they stand (`_bind`)."""
    version = row.tender.terms_version + 1 if row.changes_terms else None
    sha256 = row.tender.terms_sha256
    return {"published_by": by, "published_at": at, "terms_version": version, "terms_sha256": sha256}


def _bind(tender: models.Tender, row: models.Amendment) -> None:
    """Hash the terms as they are now; from here on they are what bids stand to."""
    sha256 = terms_now(tender)
    models.Tender.objects.filter(pk=tender.pk).update(terms_sha256=sha256)
    models.Amendment.objects.filter(pk=row.pk).update(terms_sha256=sha256)
    tender.refresh_from_db()


def _tell(tender: models.Tender, row: models.Amendment, at: datetime) -> None:
    text = CHANGED if row.changes_terms else MOVED if row.bids_until else AMENDED
    tell_interested(tender, text, at=at, summary=row.summary, until=tender.bids_until.isoformat())


@transaction.atomic
def withdraw_amendment(*, amendment_ref: str, why: str = "", by: str, at: datetime) -> None:
    """Drop an amendment that nobody published.

    :raises NotFound: no such amendment.
    :raises IllegalMove: it was published or withdrawn before.
    """
    _load(amendment_ref).move("withdraw", by=by, at=at, why=why)


def _load(ref: str) -> models.Amendment:
    found = models.Amendment.objects.select_related("tender").filter(ref=ref).first()
    if found is None:
        raise NotFound(what="amendment", ref=ref)
    return found

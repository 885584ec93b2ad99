"""Bidders complain while an award stands still; two persons decide; until then no contract is made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from marketplace.events import use_cases as events_
from marketplace.foundation.models import move_all
from marketplace.kernel.refusals import BadValue, NotFound, Refusal, StaleWrite
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties
from procurement.pools import queries as pools
from procurement.pools import use_cases as pools_
from procurement.tenders import events, models
from procurement.tenders.rules.procedures import REMEDIES
from procurement.tenders.rules.texts import checked_text
from procurement.tenders.rules.words import CANCELLED, DECIDED, RE_EVALUATED, STOPPED
from procurement.tenders.states import OPEN_COMPLAINT, TenderState
from procurement.tenders.use_cases.bonds import release_bonds
from procurement.tenders.use_cases.failing import release_pools
from procurement.tenders.use_cases.interest import tell
from procurement.tenders.use_cases.loading import FourEyes, load_tender, pool_refs


class StandstillOver(Refusal):
    """Complaints are heard while the award stands still, not before and not after."""

    code = "standstill_over"
    words = gettext_noop("{tender} hears complaints while its award stands still: {until}.")


class ComplaintLodged(Refusal):
    """One complaint at a time."""

    code = "complaint_lodged"
    words = gettext_noop("A complaint of yours about {tender} waits already.")


@transaction.atomic
def lodge_complaint(*, tender_ref: str, supplier_ref: str, grounds: str, by: str, at: datetime) -> str:
    """Object to the award of a tender in which one bid, and return the complaint's ref: it stops the contract.

    :raises NotFound: no such tender, or one in which the supplier did not bid.
    :raises StandstillOver: its award does not stand still, or not any more.
    :raises BadValue: no grounds, or too long ones.
    :raises ComplaintLodged: another complaint of the supplier waits.
    :raises StaleWrite: the tender moved at this moment.
    """
    supplier = parties.organisation(supplier_ref)
    tender = load_tender(tender_ref)
    if not models.OpenedBid.objects.filter(tender=tender, supplier_id=supplier.id).exists():
        raise NotFound(what="tender", ref=tender_ref)
    until = tender.standstill_until
    if tender.state != TenderState.AWARDED or until is None or at >= until:
        raise StandstillOver(tender=tender_ref, until=until.isoformat() if until else "-")
    row = models.Complaint(
        tender=tender,
        complainant_id=supplier.id,
        grounds=checked_text("grounds", grounds),
        lodged_by=by,
        lodged_at=at,
    )
    try:
        with transaction.atomic():
            row.ref = events_.next_ref("CP", at=at)
            row.save(force_insert=True)
    except IntegrityError:
        raise ComplaintLodged(tender=tender_ref) from None
    tender.move("object", by=by, at=at, why=row.ref, complaints_open=F("complaints_open") + 1)
    events_.record(events.ComplaintLodged(tender_ref, row.ref), source_ref=row.ref, at=at)
    tell(tender, _bidders(tender) - {supplier_ref}, STOPPED, at=at)
    return row.ref


@transaction.atomic
def propose_decision(
    *,
    complaint_ref: str,
    outcome: str,
    reasons: str,
    remedy: str = "",
    exclude: Sequence[str] = (),
    by: str,
    at: datetime,
) -> None:
    """Propose how a complaint is decided; another person agrees by `decide_complaint`.

    outcome   `uphold` or `dismiss`
    remedy    of one that is upheld: `re_evaluate` (the award is set aside and decided anew) or `cancel`
    exclude   refs of suppliers whose bids do not stand in the new evaluation

    :raises NotFound: no such complaint, or no bid of a supplier to exclude.
    :raises BadValue: another outcome or remedy, or no reasons.
    :raises IllegalMove: it is decided or withdrawn.
    """
    row = _load(complaint_ref)
    if outcome not in {"uphold", "dismiss"}:
        raise BadValue(place="outcome", value=outcome, reason="uphold, dismiss")
    if (outcome == "uphold") != (remedy in REMEDIES) or (remedy != "re_evaluate" and exclude):
        raise BadValue(place="remedy", value=remedy, reason=", ".join(REMEDIES))
    bids = models.OpenedBid.objects.filter(tender=row.tender, supplier_ref__in=exclude, rejected="")
    missing = set(exclude) - set(bids.values_list("supplier_ref", flat=True))
    if missing:
        raise NotFound(what="bid", ref=", ".join(sorted(missing)))
    said = checked_text("reasons", reasons)
    row.move(
        "propose",
        by=by,
        at=at,
        why=f"{outcome} {remedy}".strip(),
        outcome=outcome,
        remedy=remedy,
        reasons=said,
        exclude=sorted(set(exclude)),
        proposed_by=by,
        proposed_revision=row.revision + 1,
    )


@transaction.atomic
def decide_complaint(*, complaint_ref: str, by: str, at: datetime) -> None:
    """Decide a complaint as another person proposed.

    Dismissed: the standstill runs on. Upheld with `re_evaluate`: the award is set aside and kept, its pools wait for a
    new one, excluded bids do not stand in it. Upheld with `cancel`: the tender is cancelled.

    :raises NotFound: no such complaint.
    :raises FourEyes: `by` proposed it.
    :raises StaleWrite: it moved since it was proposed.
    :raises IllegalMove: nothing is proposed, or it is decided or withdrawn.
    """
    row = _load(complaint_ref)
    tender = load_tender(row.tender.ref)
    if by == row.proposed_by:
        raise FourEyes(first=by, verb="decide", tender=complaint_ref)
    if row.proposed_revision is not None and row.proposed_revision != row.revision:
        raise StaleWrite(ref=complaint_ref, revision=row.proposed_revision)
    verb = row.outcome or "dismiss"
    why = f"{row.reasons} (proposed by {row.proposed_by})"
    row.move(verb, by=by, at=at, why=why, decided_by=by, decided_at=at)
    if row.outcome == "dismiss":
        _settle(tender, row, by=by, at=at)
    elif row.remedy == "cancel":
        _cancel(tender, row, by=by, at=at)
    else:
        _evaluate_anew(tender, row, by=by, at=at)
    fact = events.ComplaintDecided(tender.ref, row.ref, row.outcome, row.remedy)
    events_.record(fact, source_ref=row.ref, at=at)
    tell(tender, [row.complainant.ref], DECIDED, at=at, outcome=row.outcome, reasons=row.reasons)


@transaction.atomic
def withdraw_complaint(*, complaint_ref: str, by: str, at: datetime) -> None:
    """Take one's own complaint back.

    :raises NotFound: no such complaint.
    :raises IllegalMove: it is decided or withdrawn.
    """
    row = _load(complaint_ref)
    row.move("withdraw", by=by, at=at)
    _settle(load_tender(row.tender.ref), row, by=by, at=at)


def lapse_complaints(tender: models.Tender, *, why: str, by: str, at: datetime) -> None:
    """End the complaints about an award that stands no more; in the caller's transaction."""
    waiting = list(models.Complaint.objects.filter(tender=tender, state__in=OPEN_COMPLAINT))
    move_all(waiting, "lapse", by=by, at=at, why=why)
    models.Tender.objects.filter(pk=tender.pk).update(complaints_open=0)
    tender.refresh_from_db()


def _settle(tender: models.Tender, row: models.Complaint, *, by: str, at: datetime) -> None:
    tender.move("settle_complaint", by=by, at=at, why=row.ref, complaints_open=F("complaints_open") - 1)


def _cancel(tender: models.Tender, row: models.Complaint, *, by: str, at: datetime) -> None:
    """Cancel the tender; who proposed and who agreed stand as those who asked and agreed to cancel."""
    why = f"{row.ref}: {row.reasons}"
    refs = pool_refs(tender)
    eyes = {"cancel_asked_by": row.proposed_by, "cancelled_by": by, "cancel_why": row.reasons}
    tender.move("cancel", by=by, at=at, why=why, **eyes)
    lapse_complaints(tender, why=why, by=by, at=at)
    release_pools(tender, refs, why=f"{tender.ref} cancelled: {row.reasons}", by=by, at=at)
    release_bonds(tender, why="cancelled", by=by, at=at)
    events_.record(events.TenderCancelled(tender.ref, row.reasons), source_ref=tender.ref, at=at)
    tell(tender, _bidders(tender), CANCELLED, at=at, why=row.reasons)


def _evaluate_anew(tender: models.Tender, row: models.Complaint, *, by: str, at: datetime) -> None:
    why: dict[str, Any] = {"complaint": row.ref}
    tender.move("re_evaluate", by=by, at=at, why=row.ref, standstill_until=None)
    lapse_complaints(tender, why=row.ref, by=by, at=at)
    models.Award.objects.filter(tender=tender).update(set_aside_at=at, set_aside_why=f"{row.ref}: {row.reasons}")
    bids = models.OpenedBid.objects.filter(tender=tender, supplier_ref__in=row.exclude, rejected="")
    bids.update(rejected="excluded", why=why)
    refs = pool_refs(tender)
    awarded = [ref for ref, pool in pools.pools(refs).items() if pool.state == "awarded"]
    pools_.retract_award(pool_refs=awarded, why=row.ref, by=by, at=at)
    events_.record(events.AwardSetAside(tender.ref, row.ref), source_ref=tender.ref, at=at)
    tell(tender, _bidders(tender), RE_EVALUATED, at=at, reasons=row.reasons)


def _bidders(tender: models.Tender) -> set[str]:
    """Return who bid, which anybody of them may know of itself; asked for after opening alone."""
    return set(models.OpenedBid.objects.filter(tender=tender).values_list("supplier_ref", flat=True))


def _load(ref: str) -> models.Complaint:
    found = models.Complaint.objects.select_related("tender", "complainant").filter(ref=ref).first()
    if found is None:
        raise NotFound(what="complaint", ref=ref)
    return found

"""Invite suppliers that hold what the tender asks for; the invited answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from marketplace.events import use_cases as events_
from marketplace.kernel.clock import business_date
from marketplace.kernel.refusals import BadValue, IllegalMove, NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties
from procurement.tenders import events, models
from procurement.tenders.rules.procedures import Conditions
from procurement.tenders.rules.qualification import Standing, shortfalls
from procurement.tenders.rules.texts import checked_text
from procurement.tenders.rules.words import INVITED, UNINVITED
from procurement.tenders.states import BidState, InvitationState, TenderState
from procurement.tenders.use_cases.interest import tell
from procurement.tenders.use_cases.loading import hold_still, load_tender


class NotQualified(Refusal):
    """A supplier falls short of what the tender asks of those it invites."""

    code = "not_qualified"
    words = gettext_noop("{supplier} cannot be invited: {reasons}.")


class InvitedAlready(Refusal):
    """One invitation is enough."""

    code = "invited_already"
    words = gettext_noop("{supplier} was invited to {tender} before.")


class BidStands(Refusal):
    """Whoever has a bid in the box takes it out before declining."""

    code = "bid_stands"
    words = gettext_noop("Your bid in {tender} is in the box. Withdraw it first.")


def standing_of(supplier: parties.OrganisationView, closes_at: datetime) -> Standing:
    """Return what the platform knows of a supplier: verified papers that hold on the day, and its latest score."""
    day = business_date(closes_at)
    score = models.SupplierScore.objects.filter(supplier_id=supplier.id).order_by("-as_of").first()
    return Standing(
        verified=supplier.verified and bool({"supplier", "factory"} & supplier.roles),
        papers=frozenset(parties.verified_papers(supplier.ref, day)),
        score=None if score is None else score.score,
    )


def invite(tender: models.Tender, refs: Sequence[str], *, by: str, at: datetime) -> list[models.Invitation]:
    """Invite suppliers to a tender in the caller's transaction, all of them or none.

    :raises NotFound: one does not exist, or supplies nothing.
    :raises NotQualified: one falls short of the tender's conditions.
    """
    known = parties.organisations(refs)
    wanted = Conditions.read(tender.conditions)
    rows = []
    for ref, name in zip(dict.fromkeys(refs), events_.next_refs("IV", len(set(refs)), at=at), strict=True):
        if ref not in known or not {"supplier", "factory"} & known[ref].roles:
            raise NotFound(what="supplier", ref=ref)
        standing = standing_of(known[ref], tender.bids_until)
        short = shortfalls(standing, wanted)
        if short:
            raise NotQualified(supplier=ref, reasons="; ".join(short))
        rows.append(
            models.Invitation(
                ref=name,
                tender=tender,
                supplier_id=known[ref].id,
                invited_by=by,
                invited_at=at,
                standing=standing.document(),
            )
        )
    return models.Invitation.objects.bulk_create(rows)


@transaction.atomic
def invite_supplier(*, tender_ref: str, supplier_ref: str, by: str, at: datetime) -> str:
    """Invite one more supplier to a tender that is a draft or takes bids, and return the invitation's ref.

    :raises NotFound: no such tender or supplier.
    :raises BadValue: the tender is open to all.
    :raises IllegalMove: it takes no bids any more.
    :raises NotQualified: the supplier falls short of the tender's conditions.
    :raises InvitedAlready: it was invited before.
    """
    tender = load_tender(tender_ref)
    if not tender.flags.get("invited", tender.procedure == "invited"):
        reason = gettext_noop("is open to all")
        raise BadValue(place="procedure", value=tender.procedure, reason=reason)
    live = [TenderState.DRAFT.value, TenderState.PUBLISHED.value]
    if not hold_still(tender_ref, state__in=live, bids_until__gt=at):
        raise IllegalMove(machine="tender", state=tender.state, verb="invite")
    if tender.state == TenderState.DRAFT:
        tender.move("edit", by=by, at=at, why=f"invites {supplier_ref}")
    try:
        with transaction.atomic():
            [row] = invite(tender, [supplier_ref], by=by, at=at)
    except IntegrityError:
        raise InvitedAlready(supplier=supplier_ref, tender=tender_ref) from None
    if tender.state == TenderState.PUBLISHED:
        tell(tender, [supplier_ref], INVITED, at=at, until=tender.bids_until.isoformat())
    return row.ref


def tell_invited(tender: models.Tender, *, at: datetime) -> None:
    """Tell everybody who is invited that the tender takes bids; in the caller's transaction."""
    refs = tender.invitations.filter(state=InvitationState.INVITED.value).values_list("supplier__ref", flat=True)
    tell(tender, refs, INVITED, at=at, until=tender.bids_until.isoformat())


@transaction.atomic
def decline_invitation(*, invitation_ref: str, why: str, by: str, at: datetime) -> None:
    """Decline an invitation, with a reason; the firm then knows of the tender no more.

    :raises NotFound: no such invitation.
    :raises BadValue: no reason.
    :raises BidStands: its bid is in the box.
    :raises IllegalMove: it was declined or withdrawn before.
    """
    row = _load(invitation_ref)
    hold_still(row.tender.ref)
    said = checked_text("why", why)
    stands = models.SealedBid.objects.filter(
        tender=row.tender, supplier_id=row.supplier_id, state=BidState.SEALED.value
    )
    if stands.exists():
        raise BidStands(tender=row.tender.ref)
    row.move("decline", by=by, at=at, why=said, reason=said, answered_at=at)
    fact = events.InvitationDeclined(row.tender.ref, row.ref, row.supplier.ref, said)
    events_.record(fact, source_ref=row.ref, at=at)


@transaction.atomic
def withdraw_invitation(*, invitation_ref: str, why: str, by: str, at: datetime) -> None:
    """Take back the invitation to a draft; once a tender is published its invitations stand.

    :raises NotFound: no such invitation.
    :raises BadValue: no reason.
    :raises IllegalMove: its tender is no draft, or it was answered before.
    """
    row = _load(invitation_ref)
    said = checked_text("why", why)
    row.tender.move("edit", by=by, at=at, why=f"without {row.supplier.ref}")
    row.move("withdraw", by=by, at=at, why=said, reason=said, answered_at=at)
    tell(row.tender, [row.supplier.ref], UNINVITED, at=at, why=said)


@transaction.atomic
def record_scores(*, scores: Mapping[str, tuple[Decimal, Mapping[str, Any]]], by: str, at: datetime) -> None:
    """Keep what scorecards say of suppliers today: ref -> (0 to 100, what it rests on). A day keeps its first score.

    Scorecards read everything and so are made above us; they are handed down here.

    :raises NotFound: no such supplier.
    :raises BadValue: a score outside 0 to 100.
    """
    ids = parties.ids_by_ref(scores)
    for ref, (score, basis) in scores.items():
        if ref not in ids:
            raise NotFound(what="supplier", ref=ref)
        if not (score.is_finite() and 0 <= score <= 100):
            raise BadValue(place=ref, value=str(score), reason=gettext_noop("needs 0 to 100"))
        models.SupplierScore.objects.get_or_create(
            supplier_id=ids[ref],
            as_of=business_date(at),
            defaults={
                "supplier_ref": ref,
                "score": score,
                "basis": dict(basis),
                "recorded_by": by,
                "recorded_at": at,
            },
        )


def _load(ref: str) -> models.Invitation:
    found = models.Invitation.objects.select_related("tender", "supplier").filter(ref=ref).first()
    if found is None:
        raise NotFound(what="invitation", ref=ref)
    return found

"""What may be asked about a tender's questions, amendments, papers, invitations, complaints and bonds, and by whom."""

from __future__ import annotations

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from marketplace.kernel.actors import Actor
from procurement.pools import queries as pools
from procurement.tenders import models
from procurement.tenders.queries.reading import tenders_for
from procurement.tenders.rules.procedures import Conditions
from procurement.tenders.states import (
    OPEN_COMPLAINT,
    OPEN_TO_READ,
    AmendmentState,
    BidState,
    BondState,
    InvitationState,
    QuestionState,
    TenderState,
)

IN_FORCE = Q(amendment__isnull=True) | Q(amendment__state=AmendmentState.PUBLISHED.value)
DECIDED = (*OPEN_TO_READ, TenderState.CANCELLED.value)


def questions_for(actor: Actor) -> QuerySet[models.Question]:
    """Return the answered questions of tenders the actor may look at, and the own firm's others; staff see all.

    Each knows whether it is the asker's own (`mine`); whose the others are is for nobody to read.
    """
    rows = models.Question.objects.select_related("tender").annotate(
        mine=ExpressionWrapper(Q(asker__ref=actor.organisation), output_field=BooleanField())
    )
    if actor.staff:
        return rows
    if not actor.organisation:
        return rows.none()
    answered = Q(state=QuestionState.ANSWERED.value, tender__in=tenders_for(actor))
    return rows.filter(answered | Q(asker__ref=actor.organisation))


def amendments_for(actor: Actor) -> QuerySet[models.Amendment]:
    """Return what was amended of tenders the actor may look at; staff see what is only proposed too."""
    rows = models.Amendment.objects.select_related("tender")
    if actor.staff:
        return rows
    return rows.filter(state=AmendmentState.PUBLISHED.value, tender__in=tenders_for(actor))


def documents_for(actor: Actor) -> QuerySet[models.TenderDocument]:
    """Return the papers in force of tenders the actor may look at, without their content; staff see all."""
    rows = models.TenderDocument.objects.select_related("tender", "amendment").defer("content")
    if actor.staff:
        return rows
    return rows.filter(IN_FORCE, tender__in=tenders_for(actor))


def invitations_for(actor: Actor) -> QuerySet[models.Invitation]:
    """Return the actor's invitations to tenders that were published; staff see all."""
    rows = models.Invitation.objects.select_related("tender", "supplier")
    if actor.staff:
        return rows
    if not actor.organisation:
        return rows.none()
    told = rows.filter(supplier__ref=actor.organisation, tender__published_at__isnull=False)
    return told.exclude(state=InvitationState.WITHDRAWN.value)


def complaints_for(actor: Actor) -> QuerySet[models.Complaint]:
    """Return the actor's own complaints; staff see all."""
    rows = models.Complaint.objects.select_related("tender", "complainant")
    if actor.staff:
        return rows
    return rows.filter(complainant__ref=actor.organisation) if actor.organisation else rows.none()


def bonds_for(actor: Actor) -> QuerySet[models.BidBond]:
    """Return the actor's own bid bonds, and for staff those of tenders that were opened or called off.

    Not while auctions are left: who may bid there is masked.
    """
    rows = models.BidBond.objects.select_related("tender", "supplier")
    if actor.staff:
        return rows.filter(tender__state__in=DECIDED, tender__auctions_left=0)
    return rows.filter(supplier__ref=actor.organisation) if actor.organisation else rows.none()


def bond_of(actor: Actor, tender: models.Tender) -> models.BidBond | None:
    """Return the bond that the actor's organisation has lodged for the tender, None without one."""
    rows = models.BidBond.objects.filter(tender=tender, state=BondState.LODGED.value)
    return rows.filter(supplier__ref=actor.organisation).first() if actor.organisation else None


def is_interested(actor: Actor, tender: models.Tender) -> bool:
    """Return whether the actor's organisation hears what happens to the tender."""
    return models.Interest.objects.filter(tender=tender, supplier__ref=actor.organisation).exists()


def bid_to_confirm(actor: Actor, tender: models.Tender) -> bool:
    """Return whether the actor's own sealed bid is to earlier terms than those in force."""
    if tender.terms_version == 1 or tender.state != TenderState.PUBLISHED or not actor.organisation:
        return False
    confirmed = models.BidTerms.objects.filter(
        bid=OuterRef("pk"), version=OuterRef("version"), terms_version=tender.terms_version
    )
    mine = models.SealedBid.objects.filter(tender=tender, supplier__ref=actor.organisation, state=BidState.SEALED.value)
    return mine.exclude(Exists(confirmed)).exists()


def may_complain(actor: Actor, tender: models.Tender) -> bool:
    """Return whether the actor's organisation bid in an award that stands still: its time is judged by the deed."""
    if tender.state != TenderState.AWARDED or not actor.organisation:
        return False
    return models.OpenedBid.objects.filter(tender=tender, supplier__ref=actor.organisation).exists()


def lot_results(tender: models.Tender) -> list[tuple[models.Lot, bool]]:
    """Return each lot of an awarded tender with whether anybody won of it; nothing before an award."""
    award = models.Award.objects.filter(tender=tender).first()
    if award is None:
        return []
    won = set(models.AwardLine.objects.filter(award=award).values_list("lot_id", flat=True))
    return [(lot, lot.pk in won) for lot in models.Lot.objects.filter(tender=tender).order_by("position")]


def content_of(document: models.TenderDocument) -> bytes:
    """Return a paper's bytes as they were put in."""
    return bytes(models.TenderDocument.objects.values_list("content", flat=True).get(pk=document.pk))


def waiting_pools(tender: models.Tender) -> list[str]:
    """Return the pools that the tender let go and that wait frozen, in no other tender."""
    gone = models.LotPool.objects.filter(lot__tender=tender, live=False).order_by("id")
    refs = list(dict.fromkeys(gone.values_list("pool_ref", flat=True)))
    taken = set(models.LotPool.objects.filter(pool_ref__in=refs, live=True).values_list("pool_ref", flat=True))
    found = pools.pools(refs)
    return [ref for ref in refs if ref not in taken and ref in found and found[ref].state == "frozen"]


def desks(actor: Actor) -> dict[str, int]:
    """Return how much of tenders waits for staff: questions, amendments, complaints; nothing for others."""
    if not actor.staff:
        return {}
    return {
        "questions": models.Question.objects.filter(state=QuestionState.ASKED.value).count(),
        "amendments": models.Amendment.objects.filter(state=AmendmentState.PROPOSED.value).count(),
        "complaints": models.Complaint.objects.filter(state__in=OPEN_COMPLAINT).count(),
    }


def desk_tenders(actor: Actor) -> QuerySet[models.Tender]:
    """Return the tenders at which something waits for staff."""
    rows = models.Tender.objects.filter(historic=False)
    if not actor.staff:
        return rows.none()
    asked = models.Question.objects.filter(state=QuestionState.ASKED.value).values("tender_id")
    proposed = models.Amendment.objects.filter(state=AmendmentState.PROPOSED.value).values("tender_id")
    return rows.filter(Q(pk__in=asked) | Q(pk__in=proposed) | Q(complaints_open__gt=0))


def conditions_of(tender_ref: str) -> Conditions:
    """Return what a tender asks and promises beside prices; nothing where there is no such tender."""
    found = models.Tender.objects.filter(ref=tender_ref).values_list("conditions", flat=True).first()
    return Conditions.read(found or {})

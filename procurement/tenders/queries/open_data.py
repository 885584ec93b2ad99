"""What of a tender anybody may know. Before opening nothing here tells of a bid, nor how many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Count, Q

from marketplace.kernel.refusals import NotFound
from procurement.tenders import models
from procurement.tenders.queries.procedures import IN_FORCE
from procurement.tenders.rules.bid_terms import BidTerms
from procurement.tenders.rules.published import (
    PublicAmendment,
    PublicAnswer,
    PublicAward,
    PublicBids,
    PublicLot,
    PublicPaper,
    PublicTender,
    PublicWin,
)
from procurement.tenders.states import OPEN_TO_READ, AmendmentState, QuestionState


def public_tender(ref: str) -> PublicTender:
    """Return what anybody may know of the tender named `ref`, in a fixed number of queries.

    :raises NotFound: there is none.
    """
    row = models.Tender.objects.select_related("retender_of").filter(ref=ref).first()
    if row is None:
        raise NotFound(what="tender", ref=ref)
    lots = _lots(row)
    return PublicTender(
        ref=row.ref,
        title=row.title,
        currency=row.currency,
        procedure=row.procedure,
        scored=BidTerms.read(row.rules).scoring is not None,
        invited=bool(row.flags.get("invited", row.procedure == "invited")),
        published_at=row.published_at,
        bids_until=row.bids_until,
        questions_until=row.questions_until,
        opened_at=row.opened_at,
        standstill_until=row.standstill_until,
        root=row.receipts_root,
        root_signature=bytes(row.root_signature or b""),
        terms_sha256=row.terms_sha256,
        retender_of=row.retender_of.ref if row.retender_of else "",
        lots=lots,
        papers=tuple(_papers(row)),
        answers=tuple(_answers(row)),
        amendments=tuple(_amendments(row)),
        bids=_bids(row),
        awards=tuple(_awards(row, lots)),
    )


def _lots(row: models.Tender) -> tuple[PublicLot, ...]:
    regions: dict[int, list[models.LotPool]] = defaultdict(list)
    for part in models.LotPool.objects.filter(lot__tender=row).order_by("id"):
        regions[part.lot_id].append(part)
    return tuple(
        PublicLot(
            lot.ref,
            lot.position,
            lot.description,
            lot.product_id,
            lot.unit,
            tuple((part.region, part.quantity) for part in regions[lot.pk]),
        )
        for lot in models.Lot.objects.filter(tender=row).order_by("position")
    )


def _papers(row: models.Tender) -> Iterator[PublicPaper]:
    papers = models.TenderDocument.objects.filter(IN_FORCE, tender=row).select_related("amendment").defer("content")
    for one in papers.order_by("id"):
        since = one.amendment.published_at if one.amendment else row.published_at
        yield PublicPaper(
            one.ref, one.title, one.file_name, one.kind, one.size, one.sha256, max(since or one.added_at, one.added_at)
        )


def _answers(row: models.Tender) -> Iterator[PublicAnswer]:
    for one in models.Question.objects.filter(tender=row, state=QuestionState.ANSWERED.value).order_by("answered_at"):
        if one.answered_at is not None:
            yield PublicAnswer(one.ref, one.wording, one.answer, one.answered_at)


def _amendments(row: models.Tender) -> Iterator[PublicAmendment]:
    for one in models.Amendment.objects.filter(tender=row, state=AmendmentState.PUBLISHED.value).order_by(
        "published_at"
    ):
        if one.published_at is not None:
            yield PublicAmendment(one.ref, one.summary, one.published_at, one.bids_until_before, one.bids_until)


def _bids(row: models.Tender) -> PublicBids | None:
    """Return how many bids were opened; None while the box is shut, whatever stands in it."""
    if row.opened_at is None:
        return None
    counted = models.OpenedBid.objects.filter(tender=row).aggregate(
        opened=Count("pk"), rejected=Count("pk", filter=~Q(rejected="") & ~Q(rejected="excluded"))
    )
    return PublicBids(row.opened_at, counted["opened"], counted["rejected"])


def _awards(row: models.Tender, lots: tuple[PublicLot, ...]) -> Iterator[PublicAward]:
    awards = list(models.Award.every.filter(tender=row).select_related("override").order_by("id"))
    if not awards and row.state not in OPEN_TO_READ:
        return
    wins: dict[int, list[PublicWin]] = defaultdict(list)
    lines = models.AwardLine.objects.filter(award__in=awards).select_related("lot").order_by("id")
    for line in lines:
        wins[line.award_id].append(
            PublicWin(line.lot.ref, line.region, line.supplier_ref, line.quantity, line.unit_price, line.freight)
        )
    bid_for = lots_bid_for(row.ref)
    for award in awards:
        won = {win.lot_ref for win in wins[award.pk]}
        yield PublicAward(
            ref=award.ref,
            at=award.awarded_at,
            wins=tuple(wins[award.pk]),
            lots_without=tuple((lot.ref, lot.ref in bid_for) for lot in lots if lot.ref not in won),
            bound_minor=award.bound_minor,
            override_cost_minor=award.override.cost_minor if award.override else None,
            proved=award.proved,
            set_aside_at=award.set_aside_at,
        )


def lots_bid_for(tender_ref: str) -> set[str]:
    """Return the lots of an opened tender for which a bid stood; none before it is opened."""
    offers = models.LotOffer.objects.filter(opened_bid__tender__ref=tender_ref, opened_bid__rejected="")
    return set(offers.values_list("lot__ref", flat=True))

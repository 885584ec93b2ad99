"""Award a tender to the cheapest valid mix, in rounds, and conclude it after its standstill."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from django.db import transaction

from marketplace.events import use_cases as events_
from marketplace.kernel.money import Money, Rate, minor_digits
from marketplace.kernel.refusals import IllegalMove, Refusal
from marketplace.kernel.words import gettext_noop
from procurement.engines.reasons import Reason
from procurement.pools import use_cases as pools_
from procurement.tenders import events, models
from procurement.tenders.rules.bid_terms import BidTerms
from procurement.tenders.rules.rounds import PartAward, decide
from procurement.tenders.states import OverrideState, TenderState
from procurement.tenders.use_cases.auctions import must_be_auctioned
from procurement.tenders.use_cases.bonds import release_bonds
from procurement.tenders.use_cases.failing import fail_tender, release_pools
from procurement.tenders.use_cases.loading import load_tender, terms_now
from procurement.tenders.use_cases.standing_offers import case_of, lapsed_of

BATCH = 2_000


class TermsChanged(Refusal):
    """Rules, lots or quantities are not the ones that were published."""

    code = "terms_changed"
    words = gettext_noop("The terms of {tender} are not the ones that were published. It cannot be awarded.")


class BoxTampered(Refusal):
    """The box that was opened is not the box that was closed."""

    code = "box_tampered"
    words = gettext_noop("The bids of {tender} are not those whose root was published. It cannot be awarded.")


def award_tender(*, tender_ref: str, seconds: float = 60.0, by: str, at: datetime) -> str:
    """Award an opened tender and return the award's ref; '' when nobody delivers and the tender has failed.

    All bound demand is awarded at the least total cost; members whose ceiling lies below the landed price drop out
    without penalty; where suppliers deliver less than a pool wants, its members share that by the pool's rule; and what
    remains is awarded again until nobody drops. A bid that binds no more at `at` wins nothing. The independent checker
    reads each round. Deciding takes up to `seconds` and locks nothing; what was decided is kept in one transaction, if
    the tender has not moved meanwhile.

    :raises NotFound: no such tender.
    :raises IllegalMove: it is not opened.
    :raises BoxTampered: a bid was dropped, added or exchanged after closing.
    :raises TermsChanged: what was published was changed.
    :raises AuctionsLeft: an auction of it has not ended.
    :raises AwardNotConfirmed: the checker does not agree with the engine.
    :raises NoAwardPossible: the published rules exclude every award.
    :raises NoAwardInTime: none was found in time.
    :raises StaleWrite: somebody moved the tender, or a member of its pools went, meanwhile: decide again.
    """
    tender = to_be_awarded(tender_ref)
    parts = list(decide(case_of(tender, at), seconds))
    return keep_award(tender, parts, by=by, at=at)


def to_be_awarded(tender_ref: str) -> models.Tender:
    """Return an opened tender whose box and terms are the ones that were published."""
    tender = load_tender(tender_ref)
    if tender.state != TenderState.OPENED:
        raise IllegalMove(machine="tender", state=tender.state, verb="evaluate")
    if not tender.box_intact:
        raise BoxTampered(tender=tender_ref)
    if terms_now(tender) != tender.terms_sha256:
        raise TermsChanged(tender=tender_ref)
    must_be_auctioned(tender)
    return tender


@transaction.atomic
def keep_award(
    tender: models.Tender,
    parts: Sequence[PartAward],
    *,
    by: str,
    at: datetime,
    override: models.AwardOverride | None = None,
) -> str:
    """Write what was decided, move the tender and tell its pools; '' when nobody delivers and the tender has failed."""
    tender.move("evaluate", by=by, at=at)
    for wish in tender.overrides.filter(state=OverrideState.ASKED.value):
        wish.move("refuse", by=by, at=at, why="the tender was awarded", decided_at=at)
    if not any(part.won for part in parts):
        fail_tender(tender, why="nobody delivers", by=by, at=at)
        return ""
    award = _write_award(tender, parts, override, by=by, at=at)
    until = at + timedelta(days=tender.standstill_days)
    tender.move("award", by=by, at=at, why=award.ref, standstill_until=until)
    events_.record(events.AwardDecided(tender.ref, award.ref, until), source_ref=tender.ref, at=at)
    for part in parts:
        _tell_pools(tender, part, by=by, at=at)
    if not tender.standstill_days:
        release_losers(tender, by=by, at=at)
    return award.ref


def release_losers(tender: models.Tender, *, by: str, at: datetime) -> None:
    """Let the bid bonds of all go who won nothing, once no complaint can make a loser win."""
    winners = models.AwardLine.objects.filter(award__in=models.Award.objects.filter(tender=tender))
    won = set(winners.values_list("supplier_ref", flat=True))
    release_bonds(tender, keep=won, why="awarded to others", by=by, at=at)


def _write_award(
    tender: models.Tender,
    parts: Sequence[PartAward],
    override: models.AwardOverride | None,
    *,
    by: str,
    at: datetime,
) -> models.Award:
    total, bound = sum((p.total for p in parts), Fraction(0)), sum((p.bound for p in parts), Fraction(0))
    score = sum((p.score for p in parts), Fraction(0))
    minor = 10 ** minor_digits(tender.currency)
    scored = BidTerms.read(tender.rules).scoring is not None
    award = models.Award.objects.create(
        ref=events_.next_ref("AW", at=at),
        tender=tender,
        currency=tender.currency,
        rounds=max(len(part.rounds) for part in parts),
        total_minor=Money.rounded(total, tender.currency).minor,
        bound_minor=max(0, int(bound * minor)),
        proved=all(part.proved for part in parts),
        checked=True,
        rejected=[one for part in parts for one in part.rejected] + lapsed_of(tender, at),
        score_minor=Money.rounded(score, tender.currency).minor if scored else None,
        override=override,
        awarded_by=by,
        awarded_at=at,
    )
    models.AwardRound.objects.bulk_create(_rounds(award, parts), batch_size=BATCH)
    models.AwardLine.objects.bulk_create(_lines(tender, award, parts), batch_size=BATCH)
    return award


def _rounds(award: models.Award, parts: Sequence[PartAward]) -> Iterator[models.AwardRound]:
    for part_number, part in enumerate(parts, start=1):
        for number, one in enumerate(part.rounds, start=1):
            yield models.AwardRound(
                award=award,
                part=part_number,
                round=number,
                problem=one.problem.decode(),
                money_scale=one.money_scale,
                problem_sha256=one.decision["problem_sha256"],
                decision=one.decision,
                dropped={ref: why.to_json() for ref, why in one.dropped.items()},
                cut={ref: one_cut.why.to_json() for ref, one_cut in one.cut.items()},
            )


def _lines(tender: models.Tender, award: models.Award, parts: Sequence[PartAward]) -> Iterator[models.AwardLine]:
    lot_pools = {one.pool_ref: one for one in models.LotPool.objects.filter(lot__tender=tender)}
    bids = {one.supplier_ref: one for one in models.OpenedBid.objects.filter(tender=tender)}
    for part in parts:
        for won in part.won:
            yield models.AwardLine(
                award=award,
                lot_id=lot_pools[won.pool_ref].lot_id,
                lot_pool=lot_pools[won.pool_ref],
                opened_bid=bids[won.supplier_ref],
                supplier_id=bids[won.supplier_ref].supplier_id,
                supplier_ref=won.supplier_ref,
                region=won.region,
                quantity=won.quantity,
                unit_price=won.price,
                freight=won.freight,
                why=dict(won.why),
            )


def _tell_pools(tender: models.Tender, part: PartAward, *, by: str, at: datetime) -> None:
    """Give each served pool its price, its drop-outs and what others are cut to; let go the pools nobody is left in."""
    by_pool: dict[str, dict[str, str]] = defaultdict(dict)
    for pool_ref, members in part.members.items():
        by_pool[pool_ref] = {ref: _words(part.dropped[ref]) for ref in members if ref in part.dropped}
    ordered: dict[str, Decimal] = defaultdict(Decimal)
    for won in part.won:
        ordered[won.pool_ref] += won.quantity
    for pool_ref, price in part.prices.items():
        rate = Rate(price, tender.currency)
        less = {ref: (part.cut[ref].quantity, part.cut[ref].why) for ref in part.members[pool_ref] if ref in part.cut}
        pools_.record_award(
            pool_ref=pool_ref,
            unit_price=rate,
            dropped=by_pool[pool_ref],
            cut=less,
            ordered=ordered[pool_ref],
            by=by,
            at=at,
        )
    for pool_ref, why in part.failed.items():
        release_pools(tender, [pool_ref], why=why, by=by, at=at)


def _words(why: Reason) -> str:
    return why.code + ": " + ", ".join(f"{key} {value}" for key, value in why.facts.items())


class StandstillRuns(Refusal):
    """Losers may still object."""

    code = "standstill_runs"
    words = gettext_noop("{tender} stands still until {until}.")


class ComplaintWaits(Refusal):
    """A complaint stops the contract until it is decided."""

    code = "complaint_waits"
    words = gettext_noop("A complaint about {tender} waits to be decided: no contract before.")


@transaction.atomic
def conclude_tender(*, tender_ref: str, by: str, at: datetime) -> None:
    """Let the award stand after its standstill; whoever places orders is told what goes to whom.

    :raises NotFound: no such tender.
    :raises StandstillRuns: the standstill is not over.
    :raises ComplaintWaits: a complaint is not decided.
    :raises IllegalMove: it is not awarded.
    """
    tender = load_tender(tender_ref)
    if tender.state == TenderState.AWARDED and tender.standstill_until and at < tender.standstill_until:
        raise StandstillRuns(tender=tender_ref, until=tender.standstill_until.isoformat())
    if tender.complaints_open:
        raise ComplaintWaits(tender=tender_ref)
    tender.move("conclude", by=by, at=at)
    release_losers(tender, by=by, at=at)
    award = models.Award.objects.get(tender=tender)
    lines = [
        events.AwardedLine(
            lot_ref=line.lot.ref,
            supplier_ref=line.supplier_ref,
            region=line.region,
            pool_ref=line.lot_pool.pool_ref,
            product_id=line.lot.product_id or 0,
            quantity=line.quantity,
            unit_price=line.unit_price,
            freight=line.freight,
            currency=tender.currency,
        )
        for line in award.lines.select_related("lot", "lot_pool").order_by("id")
    ]
    events_.record(events.TenderAwarded(tender_ref, award.ref, lines), source_ref=tender_ref, at=at)

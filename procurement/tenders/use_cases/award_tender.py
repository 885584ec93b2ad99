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
from procurement.pools import queries as pools
from procurement.pools import use_cases as pools_
from procurement.tenders import events, models, queries
from procurement.tenders.rules.auctioning import lowered
from procurement.tenders.rules.cases import Case, Demand, LotCase, Member
from procurement.tenders.rules.offers import LotOffer, Tier
from procurement.tenders.rules.rounds import PartAward, decide
from procurement.tenders.rules.terms import AwardRules
from procurement.tenders.states import TenderState
from procurement.tenders.use_cases.auctions import must_be_auctioned
from procurement.tenders.use_cases.bonds import release_bonds
from procurement.tenders.use_cases.failing import fail_tender, release_pools
from procurement.tenders.use_cases.loading import load_tender, terms_now

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
    remains is awarded again until nobody drops. The independent checker reads each round. Deciding takes up to
    `seconds` and locks nothing; what was decided is kept in one transaction, if the tender has not moved meanwhile.

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
    tender = load_tender(tender_ref)
    if tender.state != TenderState.OPENED:
        raise IllegalMove(machine="tender", state=tender.state, verb="evaluate")
    if not tender.box_intact:
        raise BoxTampered(tender=tender_ref)
    if terms_now(tender) != tender.terms_sha256:
        raise TermsChanged(tender=tender_ref)
    must_be_auctioned(tender)
    parts = list(decide(case_of(tender), seconds))
    return _keep(tender, parts, by=by, at=at)


def case_of(tender: models.Tender) -> Case:
    """Return what is wanted of the tender and what is offered, as it stands; a pool that failed wants nothing."""
    wanted, offers = _demands(tender), _offers(tender)
    lots = [lot for lot in models.Lot.objects.filter(tender=tender).order_by("position") if lot.pk in wanted]
    capacities = models.OpenedBid.objects.filter(tender=tender, rejected="", capacity__isnull=False)
    return Case(
        lots=tuple(
            LotCase(lot.ref, lot.step, lot.reserve, tuple(wanted[lot.pk]), tuple(offers[lot.pk])) for lot in lots
        ),
        capacities={row.supplier_ref: row.capacity for row in capacities if row.capacity is not None},
        rules=AwardRules.read(tender.rules),
        currency=tender.currency,
    )


def _demands(tender: models.Tender) -> dict[int, list[Demand]]:
    parts = list(models.LotPool.objects.filter(lot__tender=tender, live=True).order_by("id"))
    members = pools.members_of(part.pool_ref for part in parts)
    found = pools.pools(part.pool_ref for part in parts)
    wanted: dict[int, list[Demand]] = defaultdict(list)
    for part in parts:
        if found[part.pool_ref].state != "tendering":
            continue
        pool = found[part.pool_ref]
        bound = tuple(
            Member(one.commitment_ref, one.quantity, one.ceiling, one.buyer_ref, one.priority)
            for one in members.get(part.pool_ref, [])
            if one.quantity > 0
        )
        wanted[part.lot_id].append(
            Demand(part.pool_ref, part.region, pool.fee_percent, bound, rule=pool.allocation_rule)
        )
    return wanted


def _offers(tender: models.Tender) -> dict[int, list[tuple[str, LotOffer]]]:
    """Return what stands, by lot, in the order in which the bids were received; at the prices of an auction."""
    auctioned = queries.auctioned(tender)
    tiers: dict[int, list[Tier]] = defaultdict(list)
    rows = models.BidTier.objects.filter(lot_offer__opened_bid__tender=tender).order_by("lot_offer_id", "position")
    for row in rows:
        tiers[row.lot_offer_id].append(Tier(row.from_quantity, row.to_quantity, row.unit_price))
    found: dict[int, list[tuple[str, LotOffer]]] = defaultdict(list)
    offers = models.LotOffer.objects.filter(opened_bid__tender=tender, opened_bid__rejected="")
    for one in offers.select_related("opened_bid", "lot").order_by("opened_bid__received_at", "opened_bid_id", "id"):
        freight = {region: Decimal(cost) for region, cost in one.freight.items()}
        prices = lowered(tiers[one.pk], *auctioned[one.pk]) if one.pk in auctioned else tuple(tiers[one.pk])
        offer = LotOffer(one.lot.ref, prices, freight, one.lead_days)
        found[one.lot_id].append((one.opened_bid.supplier_ref, offer))
    return found


@transaction.atomic
def _keep(tender: models.Tender, parts: Sequence[PartAward], *, by: str, at: datetime) -> str:
    tender.move("evaluate", by=by, at=at)
    if not any(part.won for part in parts):
        fail_tender(tender, why="nobody delivers", by=by, at=at)
        return ""
    award = _write_award(tender, parts, by=by, at=at)
    until = at + timedelta(days=tender.standstill_days)
    tender.move("award", by=by, at=at, why=award.ref, standstill_until=until)
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


def _write_award(tender: models.Tender, parts: Sequence[PartAward], *, by: str, at: datetime) -> models.Award:
    total, bound = sum((p.total for p in parts), Fraction(0)), sum((p.bound for p in parts), Fraction(0))
    minor = 10 ** minor_digits(tender.currency)
    award = models.Award.objects.create(
        ref=events_.next_ref("AW", at=at),
        tender=tender,
        currency=tender.currency,
        rounds=max(len(part.rounds) for part in parts),
        total_minor=Money.rounded(total, tender.currency).minor,
        bound_minor=max(0, int(bound * minor)),
        proved=all(part.proved for part in parts),
        checked=True,
        rejected=[one for part in parts for one in part.rejected],
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

"""Prepare one consolidated tender on frozen pools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from marketplace.catalogue import queries as catalogue
from marketplace.events import use_cases as events_
from marketplace.kernel.money import Money, Rate
from marketplace.kernel.refusals import BadValue, NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from procurement.pools import queries as pools
from procurement.tenders import models
from procurement.tenders.rules.bid_terms import BidTerms
from procurement.tenders.rules.lots import ALL_REGIONS, LotPlan, Need, plan_lots
from procurement.tenders.rules.procedures import BY_INVITATION, PROCEDURES, TO_ALL, Conditions, check_conditions
from procurement.tenders.rules.terms import AwardRules
from procurement.tenders.use_cases.invitations import invite


class PoolNotFrozen(Refusal):
    """Only frozen pools are tendered: their members are bound."""

    code = "pool_not_frozen"
    words = gettext_noop("{pool} is {state}; only a frozen pool is put to tender.")


class PoolInTender(Refusal):
    """A pool stands in one tender at a time."""

    code = "pool_in_tender"
    words = gettext_noop("{pool} stands in {tender} already.")


class MixedCurrencies(Refusal):
    """One tender is priced in one currency."""

    code = "mixed_currencies"
    words = gettext_noop("These pools trade in {currencies}; a tender is priced in one currency.")


def prepare_tender(
    *,
    title: str,
    pool_refs: Sequence[str],
    bids_until: datetime,
    questions_until: datetime | None = None,
    procedure: str = "open",
    invited: Sequence[str] = (),
    rules: AwardRules | None = None,
    conditions: Conditions | None = None,
    bond: Money | None = None,
    standstill_days: int = 0,
    reserves: Mapping[str, Rate] | None = None,
    bidding: BidTerms | None = None,
    references: Mapping[str, Rate] | None = None,
    by: str,
    at: datetime,
) -> str:
    """Draft a tender with one lot for each product and window over the pools' regions, and return its ref.

    bids_until       when the box closes; later than `at`
    questions_until  until when suppliers ask; None: as long as they bid
    procedure        see `rules.procedures`; with an invited one, `invited` names who is
    conditions       papers, scores, retention, milestones; none by default
    bond             the bid bond; None asks for none
    rules            limits on winners; none by default
    standstill_days  from the award until it may be concluded; 0 is allowed
    reserves         by pool ref: the landed price a unit above which its lot is better left unserved; where merit
                     counts, what a unit counts as is held against it
    bidding          how bids are written and merit counts (see `BidTerms`); published with the rules
    references       by pool ref: the price a unit that points of merit are counted against

    :raises NotFound: a pool or an invited organisation that does not exist.
    :raises PoolNotFrozen: one pool is not frozen.
    :raises PoolInTender: one pool stands in another live tender.
    :raises MixedCurrencies: the pools trade in more than one currency.
    :raises NotQualified: one of the invited falls short of the conditions.
    :raises BadValue: no pool, a closing time that is past, an unknown procedure, nobody invited, conditions that do
        not fit the procedure; a published rate for the tender's own currency, a lot without the reference that its
        scoring needs.
    """
    _check(
        ("title", title, "is empty", not title.strip()),
        ("pool_refs", len(pool_refs), "no pool", not pool_refs),
        ("pool_refs", len(pool_refs), "names a pool twice", len(set(pool_refs)) != len(pool_refs)),
        ("bids_until", bids_until.isoformat(), "is past", bids_until <= at),
        ("procedure", procedure, "is none of " + ", ".join(PROCEDURES), procedure not in PROCEDURES),
        ("invited", len(invited), "nobody", procedure in BY_INVITATION and not invited),
        ("invited", len(invited), "is open to all", procedure in TO_ALL and bool(invited)),
        (
            "questions_until",
            questions_until,
            "lies not before the closing time",
            not _asks_in_time(questions_until, at, bids_until),
        ),
        ("standstill_days", standstill_days, "is no number of days", not 0 <= standstill_days <= 365),
    )
    wanted = conditions or Conditions()
    check_conditions(procedure, wanted)
    needs, currency = _needs(pool_refs)
    _check(("bond", bond, f"needs an amount above 0 in {currency}", bond is not None and not _fits(bond, currency)))
    terms = bidding or BidTerms()
    _check(("rates", currency, "is the tender's own currency", currency in terms.rates))
    tender = models.Tender(
        title=title,
        currency=currency,
        procedure=procedure,
        rules=(rules or AwardRules()).document() | terms.document(),
        flags=PROCEDURES[procedure].document(),
        conditions=wanted.document(),
        bond_minor=bond.minor if bond else 0,
        questions_until=questions_until,
        bids_until=bids_until,
        standstill_days=standstill_days,
        prepared_by=by,
        prepared_at=at,
    )
    try:
        with transaction.atomic():
            tender.ref = events_.next_ref("TD", at=at)
            tender.save(force_insert=True)
            invite(tender, invited, by=by, at=at)
            _write_lots(tender, plan_lots(needs), (reserves or {}, references or {}), at)
    except IntegrityError:
        _refuse_taken(pool_refs)
        raise
    return tender.ref


def _check(*asked: tuple[str, object, str, bool]) -> None:
    for place, value, reason, wrong in asked:
        if wrong:
            raise BadValue(place=place, value=value, reason=reason)


def _needs(pool_refs: Sequence[str]) -> tuple[list[Need], str]:
    """Read the pools with their members, all of them frozen and free."""
    found, members = pools.pools(pool_refs), pools.members_of(pool_refs)
    _refuse_taken(pool_refs)
    for ref in pool_refs:
        if ref not in found:
            raise NotFound(what="pool", ref=ref)
        if found[ref].state != "frozen":
            raise PoolNotFrozen(pool=ref, state=found[ref].state)
    currencies = {found[ref].currency for ref in pool_refs}
    if len(currencies) > 1:
        raise MixedCurrencies(currencies=", ".join(sorted(currencies)))
    return [_need(found[ref], members.get(ref, [])) for ref in pool_refs], currencies.pop()


def _refuse_taken(pool_refs: Sequence[str]) -> None:
    taken = models.LotPool.objects.filter(pool_ref__in=pool_refs, live=True).select_related("lot__tender").first()
    if taken is not None:
        raise PoolInTender(pool=taken.pool_ref, tender=taken.lot.tender.ref)


def _need(pool: pools.PoolView, members: Sequence[pools.Member]) -> Need:
    return Need(
        pool_ref=pool.ref,
        pool_id=pool.id,
        product_id=pool.product_id,
        region=pool.region or ALL_REGIONS,
        window_start=pool.window_start,
        window_end=pool.window_end,
        unit=pool.unit,
        pack_size=pool.pack_size,
        shares=tuple(one.quantity for one in members if one.quantity > 0),
    )


def _asks_in_time(questions_until: datetime | None, at: datetime, bids_until: datetime) -> bool:
    return questions_until is None or at < questions_until <= bids_until


def _fits(bond: Money, currency: str) -> bool:
    return bond.minor > 0 and bond.currency == currency


def _write_lots(
    tender: models.Tender,
    plans: Sequence[LotPlan],
    said: tuple[Mapping[str, Rate], Mapping[str, Rate]],
    at: datetime,
) -> None:
    reserves, references = said
    names = catalogue.products_by_id({plan.needs[0].product_id for plan in plans})
    lots = models.Lot.objects.bulk_create(
        models.Lot(
            ref=ref,
            tender=tender,
            position=position,
            description=names[plan.needs[0].product_id].name_en[:300],
            product_id=plan.needs[0].product_id,
            window_start=plan.needs[0].window_start,
            window_end=plan.needs[0].window_end,
            unit=plan.needs[0].unit,
            quantity=plan.quantity,
            step=plan.step,
            reserve=_least_said(tender, plan, reserves, "reserves"),
            reference=_reference(tender, plan, references),
        )
        for position, (ref, plan) in enumerate(
            zip(events_.next_refs("LT", len(plans), at=at), plans, strict=True), start=1
        )
    )
    models.LotLine.objects.bulk_create(
        models.LotLine(lot=lot, position=1, description=lot.description, unit=lot.unit, quantity=lot.quantity)
        for lot in lots
    )
    models.LotPool.objects.bulk_create(
        models.LotPool(lot=lot, pool_id=one.pool_id, pool_ref=one.pool_ref, region=one.region, quantity=one.quantity)
        for lot, plan in zip(lots, plans, strict=True)
        for one in plan.needs
    )


def _least_said(tender: models.Tender, plan: LotPlan, prices: Mapping[str, Rate], place: str) -> Decimal | None:
    """Return the lowest price said for one of the lot's pools, None without any."""
    said = [prices[one.pool_ref] for one in plan.needs if one.pool_ref in prices]
    for one in said:
        if one.currency != tender.currency or one.amount < 0:
            raise BadValue(place=place, value=one, reason=f"needs a price >= 0 in {tender.currency}")
    return min((one.amount for one in said), default=None)


def _reference(tender: models.Tender, plan: LotPlan, references: Mapping[str, Rate]) -> Decimal | None:
    """Return the reference that points are counted against; where they are, it has to be above zero."""
    found = _least_said(tender, plan, references, "references")
    scoring = BidTerms.read(tender.rules).scoring
    if (scoring and scoring.needs_reference and not found) or found == 0:
        raise BadValue(place="references", value=plan.needs[0].pool_ref, reason="needs a price above zero")
    return found

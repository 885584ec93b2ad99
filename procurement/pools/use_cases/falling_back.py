"""What a pool does that missed its minimum: the first thing of its list that helps, else it fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from django.db import transaction
from django.db.models import Max

from marketplace.events import use_cases as events_
from marketplace.kernel.clock import midnight
from marketplace.kernel.periods import Period
from marketplace.kernel.refusals import Refusal
from procurement.demand import queries as demand
from procurement.engines.reasons import Reason
from procurement.pools import events, models, queries, rules
from procurement.pools.rules import Attempt, Missed, Neighbour, Plan, Waiting
from procurement.pools.states import LIVE, PoolState
from procurement.pools.use_cases.fail_pool import let_everybody_go
from procurement.pools.use_cases.loading import members_in_turn
from procurement.pools.use_cases.recording import NOTHING, held_by, note
from procurement.pools.use_cases.releasing import release
from procurement.pools.use_cases.taking import take
from procurement.pools.use_cases.telling import tell

TIME_TO_LEAVE = timedelta(days=1)  # what a member who is moved has at least before its new pool freezes


def fall_back(pool: models.Pool, plan: Plan, *, by: str, at: datetime) -> bool:
    """Do what the pool's list says, in the transaction that has just frozen it; return whether packs are to be planned
    anew, because they became smaller.

    What was tried, with reasons, is kept in the pool's decision; members are told.
    """
    members = members_in_turn(pool)
    busy: set[str] = set()
    while True:
        tried = rules.choose(_missed(pool, members, busy, at), pool.fallbacks) if members else []
        if not tried or not tried[-1].into or _move(pool, tried[-1], members, by=by, at=at):
            break
        busy.add(tried[-1].into)
    pool.decision = {**plan.to_json(), "fallbacks": [*_tried_before(pool), *(one.to_json() for one in tried)]}
    models.Pool.objects.filter(pk=pool.pk).update(decision=pool.decision)
    return _conclude(pool, plan, tried, members, by=by, at=at)


def _tried_before(pool: models.Pool) -> list[object]:
    return list((pool.decision or {}).get("fallbacks", []))


def _conclude(
    pool: models.Pool,
    plan: Plan,
    tried: Sequence[Attempt],
    members: Sequence[models.Commitment],
    *,
    by: str,
    at: datetime,
) -> bool:
    taken = tried[-1] if tried else Attempt("release", True, plan.why)
    if taken.kind == "release":
        pool.move("fail", by=by, at=at, why=plan.why.code)
        let_everybody_go(pool, why=plan.why, by=by, at=at)
        tell(members, plan.why, about=pool.ref, at=at)
        return False
    if taken.kind == "extend":
        more = timedelta(days=pool.extend_days)
        fills_from = None if pool.fills_from is None else pool.fills_from + more
        until = max(pool.freeze_at, at) + more
        pool.move("extend", by=by, at=at, why=taken.why.code, freeze_at=until, fills_from=fills_from, extended=1)
    if taken.kind == "smaller_pack":
        models.Pool.objects.filter(pk=pool.pk).update(pack_size=pool.smaller_pack)
        pool.refresh_from_db()
    _tell(taken, members, pool, at)
    fact = events.PoolFellBack(pool.ref, taken.kind, taken.into, sorted(taken.moved), taken.why.to_json())
    events_.record(fact, source_ref=pool.ref, at=at)
    return taken.kind == "smaller_pack"


def _tell(taken: Attempt, members: Sequence[models.Commitment], pool: models.Pool, at: datetime) -> None:
    """Tell everybody what was done; who moved is told how much of its own did, who found no room that it is free."""
    if not taken.into:
        tell(members, taken.why, about=pool.ref, at=at)
        return
    own: dict[int, list[models.Commitment]] = {}
    for member in members:
        own.setdefault(member.buyer_id, []).append(member)
    for rows in own.values():
        went = [taken.moved[row.ref][0] for row in rows if row.ref in taken.moved]
        if went:
            facts = {**taken.why.facts, "quantity": rules.plain(sum(went, Decimal(0)))}
            tell(rows, Reason(taken.why.code, facts), about=taken.into, at=at)
        if len(went) < len(rows):
            tell(rows, _no_room(taken), about=pool.ref, at=at)


def _no_room(taken: Attempt) -> Reason:
    return Reason("no_room_to_move", {"pool": taken.into})


def _missed(pool: models.Pool, members: Sequence[models.Commitment], busy: set[str], at: datetime) -> Missed:
    window = Period(pool.window_start, pool.window_end)
    days = demand.days_of(member.line_id for member in members if member.line_id is not None)
    rows = [
        Waiting(
            member.ref,
            member.quantity,
            member.tolerance,
            days.get(member.line_id or 0, window),
            member.substitutes_allowed,
            member.ceiling,
        )
        for member in members
    ]
    return Missed(
        region=pool.region,
        window=window,
        pack=pool.pack_size,
        minimum=pool.minimum,
        smaller_pack=pool.smaller_pack,
        extend_days=pool.extend_days if _in_time(pool, at) else 0,
        extended=pool.extended,
        rows=rows,
        neighbours=[one for one in _neighbours(pool, at) if one.ref not in busy],
    )


def _in_time(pool: models.Pool, at: datetime) -> bool:
    """Return whether a pool that stays open longer would still freeze before its window begins."""
    return max(pool.freeze_at, at) + timedelta(days=pool.extend_days) <= midnight(pool.window_start)


def _neighbours(pool: models.Pool, at: datetime) -> list[Neighbour]:
    """Return the pools that take joins of the same goods, or of agreed substitutes, whether they help or not.

    Nobody is moved to worse terms than it joined under (deposit, fee, penalty, rule, who sells), nor where it would
    have less than a day to leave, nor where each member has a limit or names a hub.
    """
    if not {"merge", "substitute"} & set(pool.fallbacks):
        return []
    agreed = queries.substitutes(pool.product_id)
    rows = models.Pool.objects.filter(
        kind=pool.kind,
        currency=pool.currency,
        state=PoolState.OPEN.value,
        freeze_at__gte=at + TIME_TO_LEAVE,
        deposit_percent__lte=pool.deposit_percent,
        fee_percent__lte=pool.fee_percent,
        withdrawal_percent__lte=pool.withdrawal_percent,
        as_agent=pool.as_agent,
        allocation_rule=pool.allocation_rule,
        member_limit__isnull=True,
        hubs__isnull=True,
    ).exclude(pk=pool.pk)
    products = {*rows.order_by().values_list("product_id", flat=True).distinct(), pool.product_id}
    stand_ins = queries.stand_ins(products)
    same = {one for one in products if stand_ins[one] == stand_ins[pool.product_id]}
    near = rows.filter(product_id__in=same | set(agreed)).order_by("freeze_at", "id")
    return [
        _neighbour(row, Fraction(1) if row.product_id in same else agreed[row.product_id], row.product_id in same)
        for row in near
        if (row.fills_from is None or row.fills_from > at) and (row.product_id not in same or row.unit == pool.unit)
    ]


def _neighbour(row: models.Pool, ratio: Fraction, same: bool) -> Neighbour:
    return Neighbour(
        ref=row.ref,
        same_product=same,
        region=row.region,
        window=Period(row.window_start, row.window_end),
        pack=row.pack_size,
        minimum=row.minimum,
        room=None if row.capacity is None else row.capacity - row.joined,
        firm=row.joined,
        tolerance=row.tolerance_joined,
        freeze_at=row.freeze_at,
        ratio=ratio,
    )


def _move(pool: models.Pool, attempt: Attempt, members: Sequence[models.Commitment], *, by: str, at: datetime) -> bool:
    """Move the rows of an attempt into the other pool and let the others go; do nothing, and say so, if it is busy.

    A pool that somebody else is writing at this moment is passed over rather than waited for: it might be waiting for
    this one.
    """
    target = models.Pool.objects.select_for_update(skip_locked=True).filter(ref=attempt.into).first()
    moving = [member for member in members if member.ref in attempt.moved]
    if target is None:
        return False
    firm = sum((attempt.moved[member.ref][0] for member in moving), Decimal(0))
    tolerance = sum((attempt.moved[member.ref][1] for member in moving), Decimal(0))
    try:
        with transaction.atomic():
            take(target, firm, tolerance, at=at)
    except Refusal:
        return False
    release(pool, {m: _no_room(attempt) for m in members if m.ref not in attempt.moved}, by=by, at=at)
    _rewrite(pool, target, moving, attempt.moved, by=by, at=at)
    models.Pool.objects.filter(pk=pool.pk).update(joined=Decimal(0), tolerance_joined=Decimal(0))
    pool.refresh_from_db()
    pool.move("merge", by=by, at=at, why=target.ref, successor=target)
    return True


def _rewrite(
    pool: models.Pool,
    target: models.Pool,
    moving: Sequence[models.Commitment],
    moved: Mapping[str, tuple[Decimal, Decimal]],
    *,
    by: str,
    at: datetime,
) -> None:
    """Give the rows their new pool, in its units, behind what their buyers have there already; keep both changes."""
    wants: dict[tuple[int, int | None], list[models.Commitment]] = {}
    for row in moving:
        wants.setdefault((row.buyer_id, row.line_id), []).append(row)
    for (buyer_id, line_id), rows in wants.items():
        same = models.Commitment.objects.filter(pool__in=[pool, target], buyer_id=buyer_id, line_id=line_id)
        there = same.filter(pool=target)
        standing = held_by(list(there.filter(state__in=LIVE)))
        note(rows[0], "move", held_by(rows), NOTHING, by=by, at=at, why=target.ref)
        # Above whatever either pool ever gave out, so that no number meets one that still stands.
        first = same.aggregate(last=Max("entry"))["last"] if there.exists() else None
        for place, row in enumerate(rows):
            _turn(row, pool, target, *moved[row.ref])
            row.entry = row.entry if first is None else first + 1 + place
        after = held_by(rows)
        total = rules.Held(standing.quantity + after.quantity, standing.tolerance + after.tolerance)
        note(rows[0], "move", standing, total, by=by, at=at, why=pool.ref)
    columns = ("pool", "hub", "entry", "quantity", "tolerance", "ceiling", "stated_price", "revision", "reasons")
    models.Commitment.objects.bulk_update(moving, columns, batch_size=300)


def _turn(
    row: models.Commitment, pool: models.Pool, target: models.Pool, quantity: Decimal, tolerance: Decimal
) -> None:
    ratio = Fraction(quantity or tolerance) / Fraction(row.quantity or row.tolerance)
    if ratio != 1:
        row.ceiling = None if row.ceiling is None else rules.exact_times(row.ceiling, 1 / ratio)
        row.stated_price = None
    row.pool, row.hub, row.revision = target, None, row.revision + 1
    row.quantity, row.tolerance = quantity, tolerance
    row.reasons = [*row.reasons, Reason("moved", {"pool": pool.ref}).to_json()]

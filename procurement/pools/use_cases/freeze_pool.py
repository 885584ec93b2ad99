"""Freeze a pool: no more changes, whole packs, members bound, deposits held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from marketplace.events import use_cases as events_
from marketplace.foundation.models import move_all
from procurement.engines.reasons import Reason
from procurement.pools import events, models, queries, rules
from procurement.pools.use_cases.deposits import Deposits
from procurement.pools.use_cases.falling_back import fall_back
from procurement.pools.use_cases.loading import load_pool, members_in_turn, write
from procurement.pools.use_cases.recording import held_by, note
from procurement.pools.use_cases.releasing import release


@transaction.atomic
def freeze_pool(*, pool_ref: str, why: str = "", by: str, at: datetime) -> None:
    """End joining and leaving, allocate whole packs by the pool's rule, and hold each member's deposit on the ledger.

    A member without cover is dropped and the rest allocated anew. Rows left without any allocation are dropped too;
    lines of which no row is left are open again. A pool that would order nothing, or less than its minimum, does what
    its fallbacks say: it stays open longer, moves its members, takes smaller packs, or has failed and all are free.

    :raises NotFound: no such pool.
    :raises IllegalMove: it is not open, or not any more.
    :raises StaleWrite: a twin froze it at this moment.
    """
    pool = load_pool(pool_ref)
    pool.move("freeze", by=by, at=at, why=why)
    while not _bound(pool, by=by, at=at):
        pass


def _bound(pool: models.Pool, *, by: str, at: datetime) -> bool:
    """Bind the members, or fall back; return whether that was all, False when packs became smaller meanwhile."""
    members = members_in_turn(pool)
    deposits = Deposits(pool, members, by=by, at=at)
    plan, uncovered = _covered_plan(pool, members, deposits)
    if not plan.ordered:
        release(pool, uncovered, by=by, at=at)
        _note_drops(members, uncovered, by=by, at=at)
        return not fall_back(pool, plan, by=by, at=at)
    dropped = uncovered | _without_share(plan, members, uncovered)
    _bind(pool, plan, [m for m in members if m not in dropped], deposits, by=by, at=at)
    release(pool, dropped, by=by, at=at)
    fact = events.PoolFrozen(pool.ref, plan.ordered, len(members) - len(dropped), sorted(m.ref for m in dropped))
    events_.record(fact, source_ref=pool.ref, at=at)
    return True


def _note_drops(
    members: Sequence[models.Commitment], gone: Mapping[models.Commitment, Reason], *, by: str, at: datetime
) -> None:
    """Keep what was dropped of wants in a pool that may be open again afterwards."""
    wants: dict[tuple[int, int | None], list[models.Commitment]] = {}
    for member in members:
        wants.setdefault((member.buyer_id, member.line_id), []).append(member)
    for rows in wants.values():
        left = [row for row in rows if row not in gone]
        if len(left) < len(rows):
            note(rows[0], "drop", held_by(rows), held_by(left), by=by, at=at)


def _covered_plan(
    pool: models.Pool, members: Sequence[models.Commitment], deposits: Deposits
) -> tuple[rules.Plan, dict[models.Commitment, Reason]]:
    """Plan packs, hold the deposits of those who get any, and plan again without whom the ledger has no cover for.

    Each round drops somebody or is the last; the holds of a round that was not the last are rolled back.
    """
    uncovered: dict[models.Commitment, Reason] = {}
    while True:
        takers = [member for member in members if member not in uncovered]
        plan = rules.plan_packs([queries.want_of(member) for member in takers], **queries.terms_of(pool))
        if not plan.ordered:
            return plan, uncovered
        short = deposits.hold({m: plan.shares[m.ref].quantity for m in takers if plan.shares[m.ref].quantity})
        if not short:
            return plan, uncovered
        uncovered |= short


def _without_share(
    plan: rules.Plan, members: Sequence[models.Commitment], uncovered: Mapping[models.Commitment, Reason]
) -> dict[models.Commitment, Reason]:
    return {m: plan.shares[m.ref].why for m in members if m not in uncovered and not plan.shares[m.ref].quantity}


def _bind(
    pool: models.Pool,
    plan: rules.Plan,
    bound: Sequence[models.Commitment],
    deposits: Deposits,
    *,
    by: str,
    at: datetime,
) -> None:
    decision = {**(pool.decision or {}), **plan.to_json()}
    models.Pool.objects.filter(pk=pool.pk).update(ordered=plan.ordered, decision=decision)
    move_all(bound, "bind", by=by, at=at)
    for member in bound:
        share, deposit = plan.shares[member.ref], deposits.held[member]
        member.allocated, member.deposit_minor = share.quantity, deposit.amount.minor
        member.reasons = [*member.reasons, share.why.to_json(), deposit.why.to_json()]
    write(bound, "allocated", "deposit_minor", "reasons")

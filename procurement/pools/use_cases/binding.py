"""Once a pool is frozen its members are bound: how one may still go before the award, and who may take its place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from finance.ledger import use_cases as ledger_
from finance.ledger.use_cases import Acct
from marketplace.events import use_cases as events_
from marketplace.foundation.fields import less
from marketplace.foundation.models import move_all
from marketplace.kernel.clock import business_date
from marketplace.kernel.money import Money, total
from marketplace.kernel.refusals import IllegalMove, NotAllowed, Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties
from procurement.engines.reasons import Reason
from procurement.engines.wants import Entry
from procurement.pools import events, models, queries, rules
from procurement.pools.states import BINDING, CommitmentState
from procurement.pools.use_cases.change_commitment import rows_of
from procurement.pools.use_cases.fail_pool import let_everybody_go
from procurement.pools.use_cases.join_pool import check_limit
from procurement.pools.use_cases.loading import load_commitment, members_in_turn, write
from procurement.pools.use_cases.recording import NOTHING, held_by, note
from procurement.pools.use_cases.releasing import open_lines, release
from procurement.pools.use_cases.taking import must_keep_limit
from procurement.pools.use_cases.telling import tell


class WouldBreakPool(Refusal):
    """Without this member the others would get nothing: only a replacement lets it go."""

    code = "would_break_pool"
    words = gettext_noop("Without you {pool} would order {left}, below {needed}. Offer your place to another buyer.")


class NotOffered(Refusal):
    """Nobody takes a place that is not offered."""

    code = "not_offered"
    words = gettext_noop("{commitment} is not offered to anybody.")


@transaction.atomic
def withdraw_commitment(*, commitment_ref: str, why: str = "", by: str, at: datetime) -> Money:
    """Let a bound member go with all rows of its want, for a penalty; return the penalty.

    `withdrawal_percent` of the deposit held is forfeited, the rest is free. What the pool orders is counted anew in
    whole packs and shared by its rule; nobody gets more than it was bound to. The tender is decided on what is left, so
    that whoever joined to lower the price and left has lowered nobody's.

    :raises NotFound: no such commitment.
    :raises IllegalMove: it is not bound, or the pool has been awarded.
    :raises WouldBreakPool: the others would fall below the pool's minimum.
    :raises StaleWrite: something else happened to the pool at this moment.
    """
    named, rows = _bound_rows(commitment_ref, "withdraw")
    pool = named.pool
    rest = [member for member in members_in_turn(pool) if member not in rows]
    plan = rules.plan_of_bound(
        [queries.want_of(member) for member in rest],
        pack=pool.pack_size,
        step=pool.pack_size,
        rule=pool.allocation_rule,
    )
    needed = max(pool.minimum, pool.pack_size)
    if rest and plan.ordered < needed:
        raise WouldBreakPool(pool=pool.ref, left=rules.trimmed(plan.ordered), needed=rules.trimmed(needed))
    pool.move("recount", by=by, at=at, why=f"withdrawn: {named.ref}")
    penalty = _forfeit(pool, rows, by=by, at=at)
    _take_out(pool, rows)
    _end(rows, "withdraw", by=by, at=at, why=why)
    if rest:
        _share_anew(pool, plan, rest, by=by, at=at)
    else:
        pool.move("fail", by=by, at=at, why="withdrawn")
        let_everybody_go(pool, why=Reason("pool_failed", {"why": why}), by=by, at=at)
    buyer = parties.ref_of(named.buyer_id)
    fact = events.MemberWithdrew(pool.ref, buyer, [row.ref for row in rows], penalty.minor, pool.currency, pool.ordered)
    events_.record(fact, source_ref=pool.ref, at=at)
    return penalty


def _bound_rows(commitment_ref: str, verb: str) -> tuple[models.Commitment, list[models.Commitment]]:
    """Return a bound commitment and all rows of its want.

    :raises IllegalMove: it is not bound, or its pool has been awarded.
    """
    named = load_commitment(commitment_ref)
    if named.pool.state not in BINDING:
        raise IllegalMove(machine="pool", state=named.pool.state, verb=verb)
    rows = rows_of(named)
    if named not in rows:
        raise IllegalMove(machine="commitment", state=named.state, verb=verb)
    return named, rows


def _forfeit(pool: models.Pool, rows: Sequence[models.Commitment], *, by: str, at: datetime) -> Money:
    """Void the deposits and book the penalties (postings, rows 3 and 6c: the money leaves escrow)."""
    owner = parties.ref_of(rows[0].buyer_id)
    deposits, income = Acct("buyer_deposits", owner, pool.currency), Acct("other_income", currency=pool.currency)
    escrow, bank = Acct("cash_escrow", currency=pool.currency), Acct("cash_bank", currency=pool.currency)
    deposits_held = [Money.from_minor(row.deposit_minor, row.currency) for row in rows]
    costs = rules.withdrawals_of(deposits_held, pool.withdrawal_percent, pool.currency)
    penalties = []
    for row, held, cost in zip(rows, deposits_held, costs, strict=True):
        row.reasons = [*row.reasons, cost.why.to_json()]
        penalties.append(cost.penalty)
        if held:
            ledger_.void_hold(key=rules.deposit_key(row.ref), by=by, at=at, why="withdrawn")
        if cost.penalty:
            ledger_.post(
                key=f"{rules.deposit_key(row.ref)}:forfeited",
                lines=[
                    ledger_.debit(deposits, cost.penalty),
                    ledger_.credit(income, cost.penalty),
                    ledger_.debit(bank, cost.penalty),
                    ledger_.credit(escrow, cost.penalty),
                ],
                booked_on=business_date(at),
                source_ref=pool.ref,
                memo=f"withdrawal of {row.ref}",
                by=by,
                at=at,
            )
    write(rows, "reasons")
    tell(rows, Reason("withdrawn", _facts(pool, rows, penalties)), about=pool.ref, at=at)
    return total(penalties, pool.currency)


def _facts(pool: models.Pool, rows: Sequence[models.Commitment], penalties: Sequence[Money]) -> dict[str, object]:
    held = total([Money.from_minor(row.deposit_minor, row.currency) for row in rows], pool.currency)
    lost = total(penalties, pool.currency)
    return {"deposit": str(held), "penalty": str(lost), "percent": rules.plain(pool.withdrawal_percent)}


def _take_out(pool: models.Pool, rows: Sequence[models.Commitment]) -> None:
    """Take bound rows out of the pool's sums."""
    before = held_by(rows)
    ordered = sum((row.allocated for row in rows), Decimal(0))
    models.Pool.objects.filter(pk=pool.pk).update(
        joined=less("joined", before.quantity),
        tolerance_joined=less("tolerance_joined", before.tolerance),
        ordered=less("ordered", ordered),
    )
    pool.refresh_from_db()


def _end(rows: Sequence[models.Commitment], verb: str, *, by: str, at: datetime, why: str = "") -> None:
    """End bound rows and open their line; the pool's sums are the caller's."""
    before = held_by(rows)
    move_all(rows, verb, by=by, at=at, why=why, allocated=Decimal(0), deposit_minor=0, offered_at=None)
    open_lines(rows)
    note(rows[0], verb, before, NOTHING, by=by, at=at, why=why)


def _share_anew(
    pool: models.Pool, plan: rules.Plan, rest: Sequence[models.Commitment], *, by: str, at: datetime
) -> None:
    """Write what whole packs leave to the others; whom they leave nothing goes free."""
    cut = [member for member in rest if plan.shares[member.ref].quantity < member.allocated]
    for member in cut:
        share = plan.shares[member.ref].quantity
        facts = {"got": rules.plain(share), "before": rules.plain(member.allocated)}
        member.reasons = [*member.reasons, Reason("packs_counted_anew_less", facts).to_json()]
        member.allocated, member.revision = share, member.revision + 1
    write(cut, "allocated", "reasons", "revision")
    decision = {**(pool.decision or {}), **plan.to_json()}
    models.Pool.objects.filter(pk=pool.pk).update(ordered=plan.ordered, decision=decision)
    pool.refresh_from_db()
    release(pool, {member: plan.why for member in cut if not member.allocated}, by=by, at=at)
    if cut:
        tell(cut, plan.why, about=pool.ref, at=at)


@transaction.atomic
def offer_commitment(*, commitment_ref: str, by: str, at: datetime) -> None:
    """Offer the place of a bound member, all rows of its want, to whoever takes it over; nothing changes until then.

    :raises NotFound: no such commitment.
    :raises IllegalMove: it is not bound, or the pool has been awarded.
    """
    named, rows = _bound_rows(commitment_ref, "offer")
    fresh = models.Commitment.objects.filter(pk__in=[row.pk for row in rows], offered_at__isnull=True)
    fresh.update(offered_at=at)
    others = [member for member in members_in_turn(named.pool) if member.buyer_id != named.buyer_id]
    quantity = sum((row.allocated for row in rows), Decimal(0))
    facts = {"quantity": rules.plain(quantity), "unit": named.pool.unit, "pool": named.pool.ref}
    tell(others, Reason("place_offered", facts), about=named.pool.ref, at=at)


@transaction.atomic
def replace_buyer(
    *, commitment_ref: str, buyer_ref: str, spending_limit: Money | None = None, by: str, at: datetime
) -> list[str]:
    """Let another verified buyer take over the bound rows of a want that is offered; return the refs of its rows.

    Its own deposit, as much as was held of the other, is held first; then the other is free without penalty. Quantity,
    place in the queue, ceilings and what was allocated stay.

    :raises NotFound: no such commitment or buyer.
    :raises NotOffered: its buyer has not offered its place.
    :raises NotAllowed: the new one is no verified buyer, or the same one.
    :raises BeyondLimit: with what it has in the pool already, more than its member may commit to.
    :raises BeyondMemberLimit: more than the pool gives a member.
    :raises LimitReached: its account does not cover the deposit.
    :raises IllegalMove: the rows are not bound, or the pool has been awarded.
    :raises StaleWrite: something else happened to the pool at this moment.
    """
    named, rows = _bound_rows(commitment_ref, "replace")
    pool = named.pool
    if any(row.offered_at is None for row in rows):
        raise NotOffered(commitment=named.ref)
    buyer = parties.organisation(buyer_ref)
    if buyer.state != "verified" or "buyer" not in buyer.roles or buyer.id == named.buyer_id:
        raise NotAllowed(why="only another verified buyer takes a place over", organisation=buyer_ref)
    if spending_limit is not None:
        own = pool.commitments.filter(buyer_id=buyer.id, line=None, state=CommitmentState.BOUND.value)
        everything = [*rows, *own.order_by("id")]
        check_limit(pool, [Entry(row.allocated, Decimal(0), row.ceiling) for row in everything], spending_limit)
    pool.move("recount", by=by, at=at, why=f"replaced: {named.ref}")
    fresh = _copies(rows, buyer.id, by=by, at=at)
    must_keep_limit(pool, buyer.id)
    for old, new in zip(rows, fresh, strict=True):
        _pass_deposit(pool, old, new, buyer_ref, by=by, at=at)
    move_all(fresh, "bind", by=by, at=at)
    _end(rows, "replace", by=by, at=at)
    everything = rows_of(fresh[0])
    had = held_by([row for row in everything if row not in fresh])
    note(fresh[0], "take_over", had, held_by(everything), by=by, at=at)
    tell(rows, Reason("replaced"), about=pool.ref, at=at)
    taken = sum((row.allocated for row in fresh), Decimal(0))
    tell(fresh, Reason("took_over", {"quantity": rules.plain(taken)}), about=pool.ref, at=at)
    leaver = parties.ref_of(named.buyer_id)
    fact = events.MemberReplaced(pool.ref, leaver, buyer_ref, [row.ref for row in fresh])
    events_.record(fact, source_ref=pool.ref, at=at)
    return [row.ref for row in fresh]


def _copies(rows: Sequence[models.Commitment], buyer_id: int, *, by: str, at: datetime) -> list[models.Commitment]:
    """Write the rows anew for another buyer, by hand, behind what it has in the pool already."""
    pool_id = rows[0].pool_id
    own = models.Commitment.objects.filter(pool_id=pool_id, buyer_id=buyer_id, line_id=None)
    last = own.aggregate(last=Max("entry"))["last"]
    same = ("pool_id", "hub_id", "region", "priority", "quantity", "tolerance", "ceiling", "stated_price", "allocated",
            "currency", "joined_at")  # fmt: skip
    return models.Commitment.objects.bulk_create(
        models.Commitment(
            **{name: getattr(row, name) for name in same},
            ref=ref,
            buyer_id=buyer_id,
            entry=place if last is None else last + 1 + place,
            joined_by=by,
            reasons=[Reason("took_over", {"quantity": rules.plain(row.allocated)}).to_json()],
        )
        for place, (ref, row) in enumerate(zip(events_.next_refs("CM", len(rows), at=at), rows, strict=True))
    )


def _pass_deposit(
    pool: models.Pool, old: models.Commitment, new: models.Commitment, buyer_ref: str, *, by: str, at: datetime
) -> None:
    """Hold of the new buyer what was held of the old one, then let the old one's go."""
    if not old.deposit_minor:
        return
    ledger_.hold(
        key=rules.deposit_key(new.ref),
        debit=Acct("buyer_deposits", buyer_ref, pool.currency),
        credit=Acct("customer_advances", buyer_ref, pool.currency),
        amount=Money.from_minor(old.deposit_minor, old.currency),
        source_ref=pool.ref,
        by=by,
        at=at,
    )
    ledger_.void_hold(key=rules.deposit_key(old.ref), by=by, at=at, why="replaced")
    new.deposit_minor = old.deposit_minor
    write([new], "deposit_minor")

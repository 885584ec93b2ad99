"""Join a pool: take a part of its capacity, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from marketplace.events import use_cases as events_
from marketplace.kernel.money import Money, Rate
from marketplace.kernel.refusals import BadValue, NotAllowed, NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties
from procurement.demand import use_cases as demand_
from procurement.engines.wants import Entry, Level, dearest_cost, entries_of
from procurement.pools import models, rules
from procurement.pools.states import LIVE
from procurement.pools.use_cases.lines import ApprovedLine, approved_line
from procurement.pools.use_cases.loading import load_pool, must_be_exact
from procurement.pools.use_cases.recording import NOTHING, held_by, note
from procurement.pools.use_cases.taking import must_keep_limit, take


class OwnCommitmentExists(Refusal):
    """The buyer stands in the pool already."""

    code = "own_commitment_exists"
    words = gettext_noop("You are in {pool} already, by {commitment}. Change that to want another quantity.")


class BeyondLimit(Refusal):
    """The member may not commit to so much, or nobody knows to how much."""

    code = "beyond_spending_limit"
    status = 403
    words = gettext_noop("This commits to {worth}; you may approve up to {limit}. Name a ceiling, or ask an approver.")


class LineCommittedAlready(Refusal):
    """The line of the request is pooled already."""

    code = "line_committed"
    words = gettext_noop("This line is pooled already, by {commitment}.")


MOST_QUANTITY = Decimal(10**9)
MOST_VALUE = Decimal(10**11)


def join_pool(
    *,
    pool_ref: str,
    buyer_ref: str,
    quantity: Decimal | None = None,
    tolerance: Decimal = Decimal(0),
    ceiling: Rate | None = None,
    curve: Sequence[Level] = (),
    hub: str = "",
    substitutes_allowed: bool = False,
    line_id: int | None = None,
    spending_limit: Money | None = None,
    by: str,
    at: datetime,
) -> str:
    """Reserve `quantity` of the pool for the buyer and return the (first) commitment's ref; freezing will bind it.

    quantity   > 0, in the pool's unit
    tolerance  >= 0, how much more the buyer would take to complete a pack
    ceiling    the unit price above which the buyer is out, in the pool's currency
    curve      instead of quantity and ceiling: how much is wanted at each price, dearest first, in the pool's currency;
               each level becomes a row of its own with its increment
    hub        where the goods shall come to, of a pool that gathers at several hubs
    substitutes_allowed  whether an agreed substitute will do if the pool comes to nothing
    line_id    the line of the buyer's own open request that this fulfils; it is marked pooled
    spending_limit  what the member who joins by hand may commit to; None: no limit

    :raises NotFound: no such pool, buyer, hub, or line of the buyer.
    :raises NotAllowed: the organisation is no verified buyer.
    :raises BadValue: a quantity, tolerance, ceiling, curve or line that does not fit the pool.
    :raises BeyondLimit: more than the member may commit to.
    :raises BeyondMemberLimit: more than a sample pool gives a member.
    :raises PoolFull: less is left; the fact `remaining` says how much.
    :raises PoolFrozenAlready: it no longer takes changes.
    :raises OnlyWhatFills: it is filling, and this does not reduce its shortage.
    :raises OwnCommitmentExists: the buyer has joined by hand before.
    :raises LineCommittedAlready: the line is pooled already.
    """
    pool = load_pool(pool_ref)
    wish = models.Commitment(
        pool=pool,
        buyer_id=_buyer_id(buyer_ref),
        line_id=line_id,
        region=pool.region,
        substitutes_allowed=substitutes_allowed,
        currency=pool.currency,
        joined_at=at,
        joined_by=by,
    )
    _choose_hub(pool, wish, hub)
    line = approved_line(pool, line_id, buyer_ref, by=by) if line_id is not None else None
    entries = _entries(pool, line, quantity=quantity, tolerance=tolerance, ceiling=ceiling, curve=curve)
    check_terms(pool, entries, line, spending_limit)
    if line is not None:
        line.describe(wish)
    try:
        return _reserve(pool, wish, entries, by=by, at=at)
    except (IntegrityError, demand_.LinesMoved):
        _explain_twice(wish)
        raise


def _buyer_id(ref: str) -> int:
    buyer = parties.organisation(ref)
    if buyer.state != "verified" or "buyer" not in buyer.roles:
        raise NotAllowed(why="only a verified buyer joins pools", organisation=ref)
    return buyer.id


def _choose_hub(pool: models.Pool, wish: models.Commitment, name: str) -> None:
    """Set where the goods shall come to; a pool with hubs needs one named, unless it has a single one."""
    hubs = list(pool.hubs.order_by("id")) if not pool.region else []
    chosen = hubs[0] if len(hubs) == 1 and not name else next((hub for hub in hubs if hub.name == name), None)
    if chosen is not None:
        wish.hub, wish.region = chosen, chosen.region
    elif name:
        raise NotFound(what="hub", ref=name)
    elif hubs:
        raise BadValue(place="hub", value="", reason="one of " + ", ".join(hub.name for hub in hubs))


def _entries(
    pool: models.Pool,
    line: ApprovedLine | None,
    *,
    quantity: Decimal | None,
    tolerance: Decimal,
    ceiling: Rate | None,
    curve: Sequence[Level],
) -> list[Entry]:
    """Return the rows that are asked for, of numbers that the columns can keep."""
    if ceiling is not None and ceiling.currency != pool.currency:
        raise BadValue(place="ceiling", value=ceiling.currency, reason=f"the pool trades in {pool.currency}")
    if curve and quantity is not None and quantity != curve[-1].quantity:
        raise BadValue(place="quantity", value=rules.plain(quantity), reason="differs from what the curve wants in all")
    if not curve and line is not None and line.asked_as_it_stands(quantity, ceiling):
        curve = line.curve
    if curve:
        must_be_exact("tolerance", tolerance)
        return entries_of(curve, tolerance)
    if quantity is None:
        raise BadValue(place="quantity", value="", reason="a quantity or a curve is needed")
    return [Entry(quantity, tolerance, None if ceiling is None else ceiling.amount)]


def check_terms(
    pool: models.Pool, entries: Sequence[Entry], line: ApprovedLine | None, limit: Money | None, *, rows: int = 1
) -> None:
    """Refuse rows that the columns cannot keep, or that nobody has approved.

    entries  all that the want consists of; the last `rows` of them may hold tolerance alone

    :raises BadValue: a number that cannot be, or more than was approved.
    :raises BeyondLimit: more than the member may commit to.
    """
    for entry in entries:
        must_be_exact("quantity", entry.quantity, above=None if rows > 1 else Decimal(0))
        must_be_exact("tolerance", entry.tolerance)
        if entry.ceiling is not None:
            must_be_exact("ceiling", entry.ceiling, above=Decimal(0))
    _check_size(entries)
    if line is not None:
        line.must_cover(entries)
    elif limit is not None:
        check_limit(pool, entries, limit)


def check_limit(pool: models.Pool, entries: Sequence[Entry], limit: Money) -> None:
    """Pass when a member may commit to rows, reckoned at their ceilings: an award may be dearer than any indication.

    :raises BeyondLimit: it may not, or nobody knows what they may cost, a ceiling being wanted.
    """
    if any(entry.ceiling is None for entry in entries) or pool.currency != limit.currency:
        raise BeyondLimit(limit=str(limit), worth="?")
    worth = Money.rounded(dearest_cost(entries), pool.currency)
    if worth > limit:
        raise BeyondLimit(limit=str(limit), worth=str(worth))


def _check_size(entries: Sequence[Entry]) -> None:
    """Refuse a want that is a slip of the keyboard: sums of many such would not fit their columns."""
    asked = sum((entry.quantity + entry.tolerance for entry in entries), Decimal(0))
    if asked > MOST_QUANTITY:
        raise BadValue(place="quantity", value=rules.plain(asked), reason="is more than one want may ask for")
    worth = sum((entry.quantity * entry.ceiling for entry in entries if entry.ceiling is not None), Decimal(0))
    if worth > MOST_VALUE:
        raise BadValue(place="ceiling", value=rules.plain(worth), reason="is more money than one want may be worth")


@transaction.atomic
def _reserve(pool: models.Pool, wish: models.Commitment, entries: Sequence[Entry], *, by: str, at: datetime) -> str:
    """Take the quantity by one conditional update, then write who took it."""
    wanted = rules.Held(sum((e.quantity for e in entries), Decimal(0)), sum((e.tolerance for e in entries), Decimal(0)))
    take(pool, wanted.quantity, wanted.tolerance, at=at)
    rows = add_rows(wish, entries, first=0, at=at)
    must_keep_limit(pool, wish.buyer_id)
    if wish.line_id is not None:
        demand_.mark_lines(line_ids=[wish.line_id], state="pooled")
    note(wish, "join", NOTHING, held_by(rows), by=by, at=at)
    return rows[0].ref


def add_rows(like: models.Commitment, entries: Sequence[Entry], *, first: int, at: datetime) -> list[models.Commitment]:
    """Write one row an entry, alike in all but that, counted from `first`; return them."""
    refs = events_.next_refs("CM", len(entries), at=at)
    same = {name: getattr(like, name) for name in ALIKE}
    rows = [
        models.Commitment(
            **same,
            ref=ref,
            entry=first + place,
            quantity=entry.quantity,
            tolerance=entry.tolerance,
            ceiling=entry.ceiling,
        )
        for place, (ref, entry) in enumerate(zip(refs, entries, strict=True))
    ]
    return models.Commitment.objects.bulk_create(rows)


ALIKE = (
    "pool_id", "buyer_id", "line_id", "hub_id", "region", "priority", "substitutes_allowed", "stated_price",
    "currency", "joined_at", "joined_by", "reasons",
)  # fmt: skip


def _explain_twice(wish: models.Commitment) -> None:
    live = models.Commitment.objects.filter(state__in=LIVE).order_by("id")
    if wish.line_id is not None:
        for ref in live.filter(line_id=wish.line_id).values_list("ref", flat=True)[:1]:
            raise LineCommittedAlready(line=wish.line_id, commitment=ref)
    for ref in live.filter(pool=wish.pool, buyer_id=wish.buyer_id, line__isnull=True).values_list("ref", flat=True)[:1]:
        raise OwnCommitmentExists(pool=wish.pool.ref, commitment=ref)

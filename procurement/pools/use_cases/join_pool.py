"""Join a pool: take a part of its capacity, once."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Q

from marketplace.events import use_cases as events_
from marketplace.foundation.fields import more
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money, Rate
from marketplace.kernel.refusals import BadValue, NotAllowed, NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties
from procurement.demand import queries as demand
from procurement.demand import use_cases as demand_
from procurement.pools import models, queries, rules
from procurement.pools.states import JOINABLE, LIVE
from procurement.pools.use_cases.loading import load_pool, must_be_exact

LINE_TERMS = ("product_id", "unit", "currency", "quantity", "region", "tolerance", "ceiling")


class PoolFull(Refusal):
    """The pool has less left than was asked for."""

    code = "pool_full"
    words = gettext_noop("Only {remaining} {unit} are left in {pool}; {asked} were asked for.")


class PoolFrozenAlready(Refusal):
    """The time to join or leave is over."""

    code = "pool_frozen"
    words = gettext_noop("{pool} takes no more changes since {freeze_at} (it is {state}).")


class OwnCommitmentExists(Refusal):
    """The buyer stands in the pool already."""

    code = "own_commitment_exists"
    words = gettext_noop("You are in {pool} already, by {commitment}. Leave first to join with another quantity.")


class BeyondLimit(Refusal):
    """The member may not commit to so much, or nobody knows to how much."""

    code = "beyond_spending_limit"
    status = 403
    words = gettext_noop("This commits to {worth}; you may approve up to {limit}. Name a ceiling, or ask an approver.")


class LineCommittedAlready(Refusal):
    """The line of the request is pooled already."""

    code = "line_committed"
    words = gettext_noop("This line is pooled already, by {commitment}.")


def join_pool(
    *,
    pool_ref: str,
    buyer_ref: str,
    quantity: Decimal,
    tolerance: Decimal = Decimal(0),
    ceiling: Rate | None = None,
    line_id: int | None = None,
    spending_limit: Money | None = None,
    by: str,
    at: datetime,
) -> str:
    """Reserve `quantity` of the pool for the buyer and return the commitment's ref; freezing will bind it.

    quantity   > 0, in the pool's unit
    tolerance  >= 0, how much more the buyer would take to complete a pack
    ceiling    the unit price above which the buyer is out, in the pool's currency
    line_id    the line of the buyer's own open request that this fulfils; it is marked pooled
    spending_limit  what the member who joins by hand may commit to; None: no limit

    :raises NotFound: no such pool, buyer, or line of the buyer.
    :raises NotAllowed: the organisation is no verified buyer.
    :raises BadValue: a quantity, tolerance, ceiling or line that does not fit the pool.
    :raises BeyondLimit: more than the member may commit to.
    :raises PoolFull: less is left; the fact `remaining` says how much.
    :raises PoolFrozenAlready: it no longer takes changes.
    :raises OwnCommitmentExists: the buyer has joined by hand before.
    :raises LineCommittedAlready: the line is pooled already.
    """
    pool = load_pool(pool_ref)
    commitment = models.Commitment(
        pool=pool,
        buyer_id=_buyer_id(buyer_ref),
        line_id=line_id,
        region=pool.region,
        quantity=quantity,
        tolerance=tolerance,
        ceiling=None if ceiling is None else ceiling.amount,
        currency=pool.currency,
        joined_at=at,
        joined_by=by,
    )
    _check_fit(pool, commitment, ceiling)
    if line_id is not None:
        _check_line(pool, commitment, buyer_ref)
    elif spending_limit is not None:
        _check_limit(pool, commitment, spending_limit)
    try:
        return _reserve(pool, commitment, at)
    except IntegrityError:
        _explain_twice(commitment)
        raise


def _buyer_id(ref: str) -> int:
    buyer = parties.organisation(ref)
    if buyer.state != "verified" or "buyer" not in buyer.roles:
        raise NotAllowed(why="only a verified buyer joins pools", organisation=ref)
    return buyer.id


def _check_fit(pool: models.Pool, wish: models.Commitment, ceiling: Rate | None) -> None:
    """Refuse what the columns and constraints would refuse, with words."""
    must_be_exact("quantity", wish.quantity, above=Decimal(0))
    must_be_exact("tolerance", wish.tolerance)
    if ceiling is not None:
        must_be_exact("ceiling", ceiling.amount, above=Decimal(0))
        if ceiling.currency != pool.currency:
            raise BadValue(place="ceiling", value=ceiling.currency, reason=f"the pool trades in {pool.currency}")


def _check_limit(pool: models.Pool, wish: models.Commitment, limit: Money) -> None:
    """Refuse to commit more than the member may: reckoned at the ceiling, else at the indicative price."""
    step = queries.indicative_of(pool).at(pool.joined + wish.quantity)
    indicative = None if step is None else step.unit_price.amount
    price = indicative if wish.ceiling is None else wish.ceiling
    if price is None or pool.currency != limit.currency:
        raise BeyondLimit(limit=str(limit), worth="?")
    worth = Rate(price, pool.currency).times(wish.quantity + wish.tolerance)
    if worth > limit:
        raise BeyondLimit(limit=str(limit), worth=str(worth))


def _check_line(pool: models.Pool, wish: models.Commitment, buyer_ref: str) -> None:
    """Refuse a line that is not the buyer's own, not approved, of another thing, or asks for less."""
    own = demand.requests_for(Actor(by=wish.joined_by, organisation=buyer_ref)).filter(lines=wish.line_id)
    columns = ("state", *(f"lines__{name}" for name in LINE_TERMS))
    found = own.values_list(*columns).first()
    if found is None:
        raise NotFound(what="request line", ref=str(wish.line_id))
    state, product_id, unit, currency, quantity, region, tolerance, ceiling = found
    for good, reason in (
        (state == "approved", "its request is not approved"),
        ((product_id, unit) == (pool.product_id, pool.unit), "it asks for another product"),
        (currency == pool.currency, f"the pool trades in {pool.currency}"),
        (wish.quantity <= quantity, f"it asks for {rules.plain(quantity)} only"),
        (wish.tolerance <= tolerance, f"it tolerates {rules.plain(tolerance)} more only"),
        (_within(wish.ceiling, ceiling), f"it was approved up to {ceiling} a unit"),
    ):
        if not good:
            raise BadValue(place="line", value=wish.line_id, reason=reason)
    wish.region = pool.region or region


def _within(ceiling: Decimal | None, approved: Decimal | None) -> bool:
    """Return whether a ceiling keeps to the one that was approved, if there was one."""
    return approved is None or (ceiling is not None and ceiling <= approved)


@transaction.atomic
def _reserve(pool: models.Pool, commitment: models.Commitment, at: datetime) -> str:
    """Take the quantity by one conditional update, then write who took it."""
    room = Q(capacity__isnull=True) | Q(capacity__gte=more("joined", commitment.quantity))
    free = models.Pool.objects.filter(room, pk=pool.pk, state__in=JOINABLE, freeze_at__gt=at)
    if not free.update(joined=more("joined", commitment.quantity)):
        _explain_no(pool, commitment.quantity, at)
    commitment.ref = events_.next_ref("CM", at=at)
    commitment.save(force_insert=True)
    if commitment.line_id is not None:
        demand_.mark_lines(line_ids=[commitment.line_id], state="pooled")
    return commitment.ref


def _explain_no(pool: models.Pool, asked: Decimal, at: datetime) -> None:
    pool.refresh_from_db()
    if pool.state not in JOINABLE or pool.freeze_at <= at or pool.capacity is None:
        raise PoolFrozenAlready(pool=pool.ref, state=pool.state, freeze_at=pool.freeze_at.isoformat())
    left = rules.trimmed(pool.capacity - pool.joined)
    raise PoolFull(pool=pool.ref, remaining=left, asked=rules.trimmed(asked), unit=pool.unit)


def _explain_twice(wish: models.Commitment) -> None:
    live = models.Commitment.objects.filter(state__in=LIVE)
    if wish.line_id is not None:
        for ref in live.filter(line_id=wish.line_id).values_list("ref", flat=True):
            raise LineCommittedAlready(line=wish.line_id, commitment=ref)
    for ref in live.filter(pool=wish.pool, buyer_id=wish.buyer_id, line__isnull=True).values_list("ref", flat=True):
        raise OwnCommitmentExists(pool=wish.pool.ref, commitment=ref)

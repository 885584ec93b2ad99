"""What came is shared among the members by the pool's rule; a shortage falls where the rule says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from marketplace.foundation.fields import more
from marketplace.foundation.models import move_all
from marketplace.kernel.refusals import NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from procurement.demand import use_cases as demand_
from procurement.engines.reasons import Reason
from procurement.pools import models, queries, rules
from procurement.pools.use_cases.advances import give_back_advance
from procurement.pools.use_cases.loading import load_pool, members_in_turn, must_be_exact, write


class DeliveredMoreThanOrdered(Refusal):
    """More came than is still due: the surplus is nobody's."""

    code = "delivered_more_than_ordered"
    words = gettext_noop("{came} came for {to}, of which only {due} is still due.")


@dataclass(frozen=True)
class MemberShare:
    """What one member gets of an arrival; `due` is what it still had to get before, `why` explains a shortage."""

    commitment_ref: str
    commitment_id: int
    buyer_id: int
    due: Decimal
    share: Decimal
    why: Reason


@transaction.atomic
def record_delivery(
    *,
    pool_ref: str,
    delivered: Decimal | None = None,
    shares: Mapping[str, Decimal] | None = None,
    by: str,
    at: datetime,
) -> list[MemberShare]:
    """Add one arrival to an ordered pool and return what each member gets of it, oldest first.

    delivered  what came now, shared by the pool's rule over what is still due: firm quantities before tolerance
    shares     instead of it, what each member accepted now, by commitment ref

    More may come until `fulfil_pool` says that nothing will.

    :raises NotFound: no such pool, or a share for somebody who is no live member of it.
    :raises BadValue: a negative quantity, or one that the column cannot keep.
    :raises DeliveredMoreThanOrdered: more came than is still due.
    :raises IllegalMove: the pool is not ordered, or fulfilled already.
    :raises StaleWrite: a twin recorded an arrival at this moment.
    """
    if (delivered is None) == (shares is None):
        raise TypeError("an arrival is given as a whole, or by its shares")
    pool = load_pool(pool_ref)
    members = members_in_turn(pool)
    if shares is None:
        must_be_exact("delivered", delivered or Decimal(0))
        shares = _shared(pool, members, delivered or Decimal(0))
    came = _check(pool, members, shares)
    pool.move("receive_part", by=by, at=at, delivered=more("delivered", came))
    given = [_share(pool, member, shares.get(member.ref, Decimal(0))) for member in members]
    _give(members, given, by=by, at=at)
    return given


def _shared(pool: models.Pool, members: list[models.Commitment], came: Decimal) -> dict[str, Decimal]:
    if came > pool.ordered - pool.delivered:
        raise DeliveredMoreThanOrdered(came=came, due=pool.ordered - pool.delivered, to=pool.ref)
    shared = rules.share_arrival([queries.want_of(member) for member in members], came, pool.allocation_rule)
    return {ref: share.quantity for ref, share in shared.items()}


def _check(pool: models.Pool, members: list[models.Commitment], shares: Mapping[str, Decimal]) -> Decimal:
    """Return the sum of `shares`, each of which must be due to a member."""
    due = {member.ref: member.allocated - member.delivered for member in members}
    for ref, share in shares.items():
        must_be_exact("share", share)
        if ref not in due:
            raise NotFound(what="member", ref=ref)
        if share > due[ref]:
            raise DeliveredMoreThanOrdered(came=share, due=due[ref], to=ref)
    return sum(shares.values(), Decimal(0))


def _share(pool: models.Pool, member: models.Commitment, share: Decimal) -> MemberShare:
    due = member.allocated - member.delivered
    facts = {"due": rules.plain(due), "share": rules.plain(share), "rule": pool.allocation_rule}
    why = Reason("delivered_in_full" if share == due else "delivered_short", facts)
    return MemberShare(member.ref, member.pk, member.buyer_id, due, share, why)


def _give(members: Sequence[models.Commitment], given: Sequence[MemberShare], *, by: str, at: datetime) -> None:
    getting = [(member, part) for member, part in zip(members, given, strict=True) if part.share]
    move_all([member for member, _ in getting], "receive_part", by=by, at=at)
    for member, part in getting:
        member.delivered += part.share
        member.reasons = [*member.reasons, part.why.to_json()]
    write([member for member, _ in getting], "delivered", "reasons")


@transaction.atomic
def fulfil_pool(*, pool_ref: str, by: str, at: datetime) -> None:
    """Say that nothing more will come: what every member got is final. Whoever got nothing has its advance back.

    :raises NotFound: no such pool.
    :raises IllegalMove: it is not ordered, or fulfilled already.
    """
    pool = load_pool(pool_ref)
    pool.move("fulfil", by=by, at=at)
    members = members_in_turn(pool)
    empty = [member for member in members if not member.delivered and member.deposit_minor]
    for member in empty:
        give_back_advance(pool, member, by=by, at=at)
        member.deposit_minor = 0
    move_all(members, "deliver", by=by, at=at)
    write(empty, "deposit_minor")
    lines = [member.line_id for member in members if member.line_id is not None]
    demand_.mark_lines(line_ids=lines, state="delivered")

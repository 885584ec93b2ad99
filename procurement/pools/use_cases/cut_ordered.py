"""An ordered pool gets less than it ordered, because both sides of its order agreed so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from marketplace.foundation.fields import less
from marketplace.foundation.models import move_all
from marketplace.kernel.refusals import BadValue, NotFound
from procurement.engines.reasons import Reason
from procurement.pools import models, rules
from procurement.pools.use_cases.advances import give_back_advance
from procurement.pools.use_cases.loading import load_pool, members_in_turn, write
from procurement.pools.use_cases.releasing import open_lines
from procurement.pools.use_cases.telling import tell


@transaction.atomic
def cut_ordered(*, pool_ref: str, quantities: Mapping[str, Decimal], why: str, by: str, at: datetime) -> None:
    """Give members of an ordered pool less than they were allocated, by commitment ref; nothing lets a member go.

    A member that is left something keeps its advance: what of it is too much comes back with its invoice, as after an
    award that cut it. A member that is left nothing has its advance back now, and its line is open again.

    :raises NotFound: no such pool, or a commitment that is not a live member of it.
    :raises BadValue: more than a member has, less than it has got, or nothing for anybody (then release the pool).
    :raises IllegalMove: the pool is not ordered, or fulfilled already.
    """
    pool = load_pool(pool_ref)
    members = {member.ref: member for member in members_in_turn(pool)}
    for ref, quantity in quantities.items():
        if ref not in members:
            raise NotFound(what="member", ref=ref)
        if not members[ref].delivered <= quantity <= members[ref].allocated:
            raise BadValue(place=ref, value=quantity, reason=f"not within {rules.plain(members[ref].allocated)}")
    if all(not quantities.get(ref, member.allocated) for ref, member in members.items()):
        raise BadValue(place=pool.ref, value=0, reason="nobody would be left")
    gone = [members[ref] for ref, quantity in quantities.items() if not quantity]
    saved = sum((members[ref].allocated - quantity for ref, quantity in quantities.items()), Decimal(0))
    pool.move(
        "cut",
        by=by,
        at=at,
        why=why,
        ordered=less("ordered", saved),
        joined=less("joined", sum((member.quantity for member in gone), Decimal(0))),
        tolerance_joined=less("tolerance_joined", sum((member.tolerance for member in gone), Decimal(0))),
    )
    _keep(members, quantities, why)
    _let_go(pool, gone, why, by=by, at=at)


def _keep(members: Mapping[str, models.Commitment], quantities: Mapping[str, Decimal], why: str) -> None:
    kept = [members[ref] for ref, quantity in quantities.items() if quantity]
    for member in kept:
        facts = {"got": rules.plain(quantities[member.ref]), "was": rules.plain(member.allocated), "why": why}
        member.reasons = [*member.reasons, Reason("cut_by_change", facts).to_json()]
        member.allocated, member.revision = quantities[member.ref], member.revision + 1
    write(kept, "allocated", "reasons", "revision")


def _let_go(pool: models.Pool, gone: list[models.Commitment], why: str, *, by: str, at: datetime) -> None:
    reason = Reason("cut_to_nothing", {"why": why})
    for member in gone:
        if member.deposit_minor:
            give_back_advance(pool, member, by=by, at=at)
        member.reasons = [*member.reasons, reason.to_json()]
    move_all(gone, "release", by=by, at=at, why=why, dropped_for=reason.code, allocated=Decimal(0), deposit_minor=0)
    write(gone, "reasons")
    open_lines(gone)
    tell(gone, reason, about=pool.ref, at=at)

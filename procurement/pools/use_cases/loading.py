"""How use cases lay hands on a pool, on its members, and on the numbers they are given."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from marketplace.foundation.fields import scaled
from marketplace.kernel.refusals import BadValue, NotFound
from procurement.pools import models
from procurement.pools.states import LIVE


def load_pool(ref: str) -> models.Pool:
    """Return the pool named `ref`.

    :raises NotFound: there is none.
    """
    pool = models.Pool.objects.filter(ref=ref).first()
    if pool is None:
        raise NotFound(what="pool", ref=ref)
    return pool


def load_commitment(ref: str) -> models.Commitment:
    """Return the commitment named `ref`, with its pool.

    :raises NotFound: there is none.
    """
    found = models.Commitment.objects.select_related("pool").filter(ref=ref).first()
    if found is None:
        raise NotFound(what="commitment", ref=ref)
    return found


def members_in_turn(pool: models.Pool) -> list[models.Commitment]:
    """Return the live commitments of `pool`, oldest first."""
    return list(pool.commitments.filter(state__in=LIVE).order_by("joined_at", "id"))


def write(members: Collection[models.Commitment], *columns: str) -> None:
    """Write these columns of commitments that this transaction has moved before, and thereby made its own."""
    models.Commitment.objects.bulk_update(members, columns, batch_size=300)


def must_be_exact(place: str, value: Decimal, *, above: Decimal | None = None) -> None:
    """Pass when the column can keep `value` exactly, not negative, and greater than `above` when that is given.

    :raises BadValue: it cannot.
    """
    try:
        scaled(value)
    except ValueError as error:
        raise BadValue(place=place, value=value, reason=str(error)) from None
    if value < 0 or (above is not None and value <= above):
        raise BadValue(
            place=place, value=value, reason="must not be negative" if above is None else f"must exceed {above}"
        )

"""What happens to pools."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True)
class PoolOpened:
    """One pool was opened by hand."""

    pool_ref: str
    product_id: int
    region: str
    window_start: date
    window_end: date
    freeze_at: datetime


@dataclass(frozen=True)
class PoolsFilledFromDemand:
    """Waiting demand was pooled in one go: new pools, and open ones that took more lines."""

    opened: list[str]
    extended: list[str]
    commitments: int


@dataclass(frozen=True)
class PoolFrozen:
    """A pool takes no more changes; its members are bound to what they were allocated."""

    pool_ref: str
    ordered: Decimal
    members: int
    dropped: list[str]


@dataclass(frozen=True)
class PoolFailed:
    """A pool came to nothing; its members are free, their deposits released. `why` is a code with its facts."""

    pool_ref: str
    why: dict[str, object]


@dataclass(frozen=True)
class PoolFellBack:
    """A pool missed its minimum and something else happened than failing: `kind` says what, `into` where rows moved."""

    pool_ref: str
    kind: str
    into: str
    moved: list[str]
    why: dict[str, object]


@dataclass(frozen=True)
class MemberWithdrew:
    """A bound member left before the award, for a penalty; what the pool orders was counted anew."""

    pool_ref: str
    buyer_ref: str
    commitments: list[str]
    penalty_minor: int
    currency: str
    ordered: Decimal


@dataclass(frozen=True)
class MemberReplaced:
    """Another buyer took the place of a bound member."""

    pool_ref: str
    buyer_ref: str
    by_buyer_ref: str
    commitments: list[str]


@dataclass(frozen=True)
class PoolAwarded:
    """A pool knows its price: blended landed goods, per unit, before fee and tax."""

    pool_ref: str
    unit_price: Decimal
    currency: str
    ordered: Decimal
    dropped: list[str]


@dataclass(frozen=True)
class PoolAwardRetracted:
    """The price a pool was told does not stand: it is being tendered again."""

    pool_ref: str
    why: str


@dataclass(frozen=True)
class PoolSettled:
    """Everything owed around a pool is settled."""

    pool_ref: str

"""The lives of a pool and of a commitment, as tables."""

from __future__ import annotations

from enum import StrEnum

from marketplace.kernel.state_machine import Machine


class PoolState(StrEnum):
    OPEN = "open"
    FROZEN = "frozen"
    TENDERING = "tendering"
    AWARDED = "awarded"
    ORDERED = "ordered"
    FULFILLED = "fulfilled"
    SETTLED = "settled"
    FAILED = "failed"


class CommitmentState(StrEnum):
    RESERVED = "reserved"
    BOUND = "bound"
    ORDERED = "ordered"
    DELIVERED = "delivered"
    SETTLED = "settled"
    LEFT = "left"
    DROPPED = "dropped"


POOL = Machine(
    "pool",
    {
        (PoolState.OPEN, "freeze"): PoolState.FROZEN,
        (PoolState.FROZEN, "start_tendering"): PoolState.TENDERING,
        (PoolState.TENDERING, "award"): PoolState.AWARDED,
        (PoolState.AWARDED, "order"): PoolState.ORDERED,
        (PoolState.ORDERED, "receive_part"): PoolState.ORDERED,
        (PoolState.ORDERED, "fulfil"): PoolState.FULFILLED,
        (PoolState.FULFILLED, "settle"): PoolState.SETTLED,
        (PoolState.OPEN, "fail"): PoolState.FAILED,
        (PoolState.FROZEN, "fail"): PoolState.FAILED,
        (PoolState.TENDERING, "fail"): PoolState.FAILED,
        (PoolState.AWARDED, "fail"): PoolState.FAILED,
    },
)

COMMITMENT = Machine(
    "commitment",
    {
        (CommitmentState.RESERVED, "leave"): CommitmentState.LEFT,
        (CommitmentState.RESERVED, "bind"): CommitmentState.BOUND,
        (CommitmentState.RESERVED, "drop"): CommitmentState.DROPPED,
        (CommitmentState.BOUND, "drop"): CommitmentState.DROPPED,
        (CommitmentState.BOUND, "order"): CommitmentState.ORDERED,
        (CommitmentState.ORDERED, "receive_part"): CommitmentState.ORDERED,
        (CommitmentState.ORDERED, "deliver"): CommitmentState.DELIVERED,
        (CommitmentState.DELIVERED, "settle"): CommitmentState.SETTLED,
    },
)

# A pool that may still be joined and left; a live pool of the same need is not opened beside it.
JOINABLE = (PoolState.OPEN.value,)
# A commitment that still counts: its quantity is part of the pool's `joined`.
LIVE = tuple(s.value for s in CommitmentState if s not in {CommitmentState.LEFT, CommitmentState.DROPPED})
# A pool that has been awarded and not failed since: its unit price is known.
PRICED = (PoolState.AWARDED.value, PoolState.ORDERED.value, PoolState.FULFILLED.value, PoolState.SETTLED.value)

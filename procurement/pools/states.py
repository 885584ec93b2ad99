"""The lives of a pool and of a commitment, as tables."""

from __future__ import annotations

from enum import StrEnum

from marketplace.kernel.state_machine import Machine


class PoolState(StrEnum):
    OPEN = "open"
    FILLING = "filling"
    FROZEN = "frozen"
    TENDERING = "tendering"
    AWARDED = "awarded"
    ORDERED = "ordered"
    FULFILLED = "fulfilled"
    SETTLED = "settled"
    MERGED = "merged"
    FAILED = "failed"


class CommitmentState(StrEnum):
    RESERVED = "reserved"
    BOUND = "bound"
    ORDERED = "ordered"
    DELIVERED = "delivered"
    SETTLED = "settled"
    LEFT = "left"
    DROPPED = "dropped"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


POOL = Machine(
    "pool",
    {
        (PoolState.OPEN, "fill"): PoolState.FILLING,
        (PoolState.OPEN, "freeze"): PoolState.FROZEN,
        (PoolState.FILLING, "freeze"): PoolState.FROZEN,
        (PoolState.FROZEN, "extend"): PoolState.OPEN,
        (PoolState.FROZEN, "merge"): PoolState.MERGED,
        (PoolState.FROZEN, "recount"): PoolState.FROZEN,
        (PoolState.TENDERING, "recount"): PoolState.TENDERING,
        (PoolState.FROZEN, "start_tendering"): PoolState.TENDERING,
        (PoolState.TENDERING, "award"): PoolState.AWARDED,
        (PoolState.AWARDED, "retract_award"): PoolState.TENDERING,
        (PoolState.TENDERING, "stop_tendering"): PoolState.FROZEN,
        (PoolState.AWARDED, "order"): PoolState.ORDERED,
        (PoolState.ORDERED, "receive_part"): PoolState.ORDERED,
        (PoolState.ORDERED, "cut"): PoolState.ORDERED,
        (PoolState.ORDERED, "fulfil"): PoolState.FULFILLED,
        (PoolState.FULFILLED, "settle"): PoolState.SETTLED,
        (PoolState.OPEN, "fail"): PoolState.FAILED,
        (PoolState.FILLING, "fail"): PoolState.FAILED,
        (PoolState.FROZEN, "fail"): PoolState.FAILED,
        (PoolState.TENDERING, "fail"): PoolState.FAILED,
        (PoolState.AWARDED, "fail"): PoolState.FAILED,
        (PoolState.ORDERED, "release"): PoolState.FAILED,
    },
)

COMMITMENT = Machine(
    "commitment",
    {
        (CommitmentState.RESERVED, "leave"): CommitmentState.LEFT,
        (CommitmentState.RESERVED, "bind"): CommitmentState.BOUND,
        (CommitmentState.RESERVED, "drop"): CommitmentState.DROPPED,
        (CommitmentState.BOUND, "drop"): CommitmentState.DROPPED,
        (CommitmentState.BOUND, "withdraw"): CommitmentState.WITHDRAWN,
        (CommitmentState.BOUND, "replace"): CommitmentState.REPLACED,
        (CommitmentState.BOUND, "order"): CommitmentState.ORDERED,
        (CommitmentState.ORDERED, "release"): CommitmentState.DROPPED,
        (CommitmentState.ORDERED, "receive_part"): CommitmentState.ORDERED,
        (CommitmentState.ORDERED, "deliver"): CommitmentState.DELIVERED,
        (CommitmentState.DELIVERED, "settle"): CommitmentState.SETTLED,
    },
)

# A pool that may still be joined and left; a live pool of the same need is not opened beside it.
JOINABLE = (PoolState.OPEN.value, PoolState.FILLING.value)
# A pool whose members are bound and may still withdraw or be replaced: no supplier has been awarded anything.
BINDING = (PoolState.FROZEN.value, PoolState.TENDERING.value)
# A pool that came to nothing: what stood in it is free, or stands in another pool.
ENDED = (PoolState.FAILED.value, PoolState.MERGED.value)
# A commitment that counts no longer: its quantity is not part of the pool's `joined`.
GONE = tuple(
    s.value
    for s in (CommitmentState.LEFT, CommitmentState.DROPPED, CommitmentState.WITHDRAWN, CommitmentState.REPLACED)
)
LIVE = tuple(s.value for s in CommitmentState if s.value not in GONE)
# A pool that has been awarded and not failed since: its unit price is known.
PRICED = (PoolState.AWARDED.value, PoolState.ORDERED.value, PoolState.FULFILLED.value, PoolState.SETTLED.value)

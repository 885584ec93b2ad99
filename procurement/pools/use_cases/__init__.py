"""Everything anyone may do to pools."""

from procurement.pools.use_cases.binding import (
    NotOffered,
    WouldBreakPool,
    offer_commitment,
    replace_buyer,
    withdraw_commitment,
)
from procurement.pools.use_cases.change_commitment import change_commitment, lower_commitment, raise_commitment
from procurement.pools.use_cases.cut_ordered import cut_ordered
from procurement.pools.use_cases.fail_pool import fail_pool
from procurement.pools.use_cases.freeze_pool import freeze_pool
from procurement.pools.use_cases.join_pool import (
    BeyondLimit,
    LineCommittedAlready,
    OwnCommitmentExists,
    join_pool,
)
from procurement.pools.use_cases.leave_pool import leave_pool
from procurement.pools.use_cases.mark_ordered import mark_ordered
from procurement.pools.use_cases.open_pool import Hub, PoolOpenAlready, open_pool
from procurement.pools.use_cases.open_pools_from_demand import DemandMoved, open_pools_from_demand
from procurement.pools.use_cases.plan_demand import NothingToPlan, plan_demand
from procurement.pools.use_cases.plan_market import better_next_part, keep_market_plan, plan_market_files
from procurement.pools.use_cases.plan_rows import copy_out
from procurement.pools.use_cases.record_award import record_award
from procurement.pools.use_cases.record_delivery import DeliveredMoreThanOrdered, fulfil_pool, record_delivery
from procurement.pools.use_cases.release_ordered import CameAlready, release_ordered
from procurement.pools.use_cases.set_priority import set_priority
from procurement.pools.use_cases.settle_pool import settle_pool
from procurement.pools.use_cases.start_filling import start_filling
from procurement.pools.use_cases.start_tendering import start_tendering
from procurement.pools.use_cases.stop_tendering import retract_award, stop_tendering
from procurement.pools.use_cases.taking import BeyondMemberLimit, OnlyWhatFills, PoolFrozenAlready, PoolFull

__all__ = [
    "BeyondLimit",
    "BeyondMemberLimit",
    "CameAlready",
    "DeliveredMoreThanOrdered",
    "DemandMoved",
    "Hub",
    "LineCommittedAlready",
    "NotOffered",
    "NothingToPlan",
    "OnlyWhatFills",
    "OwnCommitmentExists",
    "PoolFrozenAlready",
    "PoolFull",
    "PoolOpenAlready",
    "WouldBreakPool",
    "better_next_part",
    "change_commitment",
    "copy_out",
    "cut_ordered",
    "fail_pool",
    "freeze_pool",
    "fulfil_pool",
    "join_pool",
    "keep_market_plan",
    "leave_pool",
    "lower_commitment",
    "mark_ordered",
    "offer_commitment",
    "open_pool",
    "open_pools_from_demand",
    "plan_demand",
    "plan_market_files",
    "raise_commitment",
    "record_award",
    "record_delivery",
    "release_ordered",
    "replace_buyer",
    "retract_award",
    "set_priority",
    "settle_pool",
    "start_filling",
    "start_tendering",
    "stop_tendering",
    "withdraw_commitment",
]

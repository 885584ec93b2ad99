"""Everything anyone may do to pools."""

from procurement.pools.use_cases.fail_pool import fail_pool
from procurement.pools.use_cases.freeze_pool import freeze_pool
from procurement.pools.use_cases.join_pool import (
    BeyondLimit,
    LineCommittedAlready,
    OwnCommitmentExists,
    PoolFrozenAlready,
    PoolFull,
    join_pool,
)
from procurement.pools.use_cases.leave_pool import leave_pool
from procurement.pools.use_cases.mark_ordered import mark_ordered
from procurement.pools.use_cases.open_pool import PoolOpenAlready, open_pool
from procurement.pools.use_cases.open_pools_from_demand import DemandMoved, open_pools_from_demand
from procurement.pools.use_cases.plan_demand import NothingToPlan, plan_demand
from procurement.pools.use_cases.plan_market import better_next_part, keep_market_plan, plan_market_files
from procurement.pools.use_cases.plan_rows import copy_out
from procurement.pools.use_cases.record_award import record_award
from procurement.pools.use_cases.record_delivery import DeliveredMoreThanOrdered, fulfil_pool, record_delivery
from procurement.pools.use_cases.settle_pool import settle_pool
from procurement.pools.use_cases.start_tendering import start_tendering

__all__ = [
    "BeyondLimit",
    "DeliveredMoreThanOrdered",
    "DemandMoved",
    "LineCommittedAlready",
    "NothingToPlan",
    "OwnCommitmentExists",
    "PoolFrozenAlready",
    "PoolFull",
    "PoolOpenAlready",
    "better_next_part",
    "copy_out",
    "fail_pool",
    "freeze_pool",
    "fulfil_pool",
    "join_pool",
    "keep_market_plan",
    "leave_pool",
    "mark_ordered",
    "open_pool",
    "open_pools_from_demand",
    "plan_demand",
    "plan_market_files",
    "record_award",
    "record_delivery",
    "settle_pool",
    "start_tendering",
]

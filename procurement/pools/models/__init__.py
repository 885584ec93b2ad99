"""The tables of pools, of what their members committed, and of planned markets."""

from procurement.pools.models.plan import MarketPlan, MarketPlanLine, MarketPlanPart
from procurement.pools.models.pool import Commitment, CommitmentChange, Pool, PoolHub

__all__ = ["Commitment", "CommitmentChange", "MarketPlan", "MarketPlanLine", "MarketPlanPart", "Pool", "PoolHub"]

"""Work for cloud factories: one order into dated hours, or many orders over many factories."""

from procurement.engines.allocation.allocate import allocate
from procurement.engines.allocation.network import (
    AllocationDecision,
    AllocationProblem,
    NetworkLine,
    NetworkRules,
    Order,
    Shop,
)
from procurement.engines.allocation.planning import bounds_of, plan_work_order
from procurement.engines.allocation.work_order import Bounds, Day, WorkDay, WorkOrderProblem, WorkPlan, Workshop

__all__ = [
    "AllocationDecision",
    "AllocationProblem",
    "Bounds",
    "Day",
    "NetworkLine",
    "NetworkRules",
    "Order",
    "Shop",
    "WorkDay",
    "WorkOrderProblem",
    "WorkPlan",
    "Workshop",
    "allocate",
    "bounds_of",
    "plan_work_order",
]

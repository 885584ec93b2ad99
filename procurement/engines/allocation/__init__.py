"""Work for cloud factories: one order into dated hours, or many orders over many factories."""

from procurement.engines.allocation.planning import bounds_of, plan_work_order
from procurement.engines.allocation.work_order import Bounds, Day, WorkDay, WorkOrderProblem, WorkPlan, Workshop

__all__ = ["Bounds", "Day", "WorkDay", "WorkOrderProblem", "WorkPlan", "Workshop", "bounds_of", "plan_work_order"]

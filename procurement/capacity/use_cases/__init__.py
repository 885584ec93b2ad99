"""Everything that can be done with capacity, one verb a file."""

from procurement.capacity.use_cases.cancel_work import cancel_work
from procurement.capacity.use_cases.offer_hours import offer_hours
from procurement.capacity.use_cases.plan_work import HoursTaken, PlanNotValid, plan_work
from procurement.capacity.use_cases.reach_milestone import reach_milestone
from procurement.capacity.use_cases.register_factory import CapabilitySpec, register_factory

__all__ = [
    "CapabilitySpec",
    "HoursTaken",
    "PlanNotValid",
    "cancel_work",
    "offer_hours",
    "plan_work",
    "reach_milestone",
    "register_factory",
]

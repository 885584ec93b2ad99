"""Everything that can be done with frameworks and orders, one verb a file."""

from procurement.contracts.use_cases.answer_change import ChangeOutrun, agree_change, decline_change, withdraw_change
from procurement.contracts.use_cases.call_off import BelowFirstStep, CeilingReached, FrameworkNotOpen, call_off
from procurement.contracts.use_cases.decline_order import decline_order
from procurement.contracts.use_cases.offer_framework import (
    Terms,
    agree_framework,
    decline_framework,
    end_framework,
    offer_framework,
    resume_framework,
    suspend_framework,
)
from procurement.contracts.use_cases.orders import (
    AwardedLine,
    MembersDoNotAddUp,
    MoreThanOrdered,
    acknowledge_order,
    place_orders,
    record_delivery,
    record_shipment,
    take_step,
)
from procurement.contracts.use_cases.propose_change import ChangeUnderWay, NothingChanges, Wish, propose_change
from procurement.contracts.use_cases.tell_late import tell_late
from procurement.contracts.use_cases.write_on_order import OrderFull, add_paper, write_message

__all__ = [
    "AwardedLine",
    "BelowFirstStep",
    "CeilingReached",
    "ChangeOutrun",
    "ChangeUnderWay",
    "FrameworkNotOpen",
    "MembersDoNotAddUp",
    "MoreThanOrdered",
    "NothingChanges",
    "OrderFull",
    "Terms",
    "Wish",
    "acknowledge_order",
    "add_paper",
    "agree_change",
    "agree_framework",
    "call_off",
    "decline_change",
    "decline_framework",
    "decline_order",
    "end_framework",
    "offer_framework",
    "place_orders",
    "propose_change",
    "record_delivery",
    "record_shipment",
    "resume_framework",
    "suspend_framework",
    "take_step",
    "tell_late",
    "withdraw_change",
    "write_message",
]

"""Orders, frameworks and changes as the API takes and shows them."""

from procurement.contracts.serializers.changes import OrderChangeIn, OrderChangeOut
from procurement.contracts.serializers.frameworks import CallOffIn, CallOffOut, FrameworkIn, FrameworkOut
from procurement.contracts.serializers.orders import DeclineIn, DeliveryOut, OrderLineOut, OrderOut
from procurement.contracts.serializers.talk import MessageIn, MessageOut, PaperIn, PaperOut

__all__ = [
    "CallOffIn",
    "CallOffOut",
    "DeclineIn",
    "DeliveryOut",
    "FrameworkIn",
    "FrameworkOut",
    "MessageIn",
    "MessageOut",
    "OrderChangeIn",
    "OrderChangeOut",
    "OrderLineOut",
    "OrderOut",
    "PaperIn",
    "PaperOut",
]

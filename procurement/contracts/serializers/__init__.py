"""Orders, frameworks and changes as the API takes and shows them."""

from procurement.contracts.serializers.changes import ChangeIn, ChangeOut
from procurement.contracts.serializers.frameworks import CallOffIn, CallOffOut, FrameworkIn, FrameworkOut
from procurement.contracts.serializers.orders import DeclineIn, DeliveryOut, OrderLineOut, OrderOut
from procurement.contracts.serializers.talk import MessageIn, MessageOut, PaperIn, PaperOut

__all__ = [
    "CallOffIn",
    "CallOffOut",
    "ChangeIn",
    "ChangeOut",
    "DeclineIn",
    "DeliveryOut",
    "FrameworkIn",
    "FrameworkOut",
    "MessageIn",
    "MessageOut",
    "OrderLineOut",
    "OrderOut",
    "PaperIn",
    "PaperOut",
]

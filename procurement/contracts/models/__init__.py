"""The tables of contracts: frameworks and what is called off them, orders, their deliveries, changes and papers."""

from procurement.contracts.models.change import ChangeLine, ChangeVoice, OrderChange
from procurement.contracts.models.framework import CallOff, Framework, FrameworkStep
from procurement.contracts.models.order import DueDelivery, MemberLine, OrderLine, PurchaseOrder
from procurement.contracts.models.talk import OrderMessage, OrderPaper

__all__ = [
    "CallOff",
    "ChangeLine",
    "ChangeVoice",
    "DueDelivery",
    "Framework",
    "FrameworkStep",
    "MemberLine",
    "OrderChange",
    "OrderLine",
    "OrderMessage",
    "OrderPaper",
    "PurchaseOrder",
]

"""Everything that can be done with deliveries, one verb a file."""

from procurement.delivery.use_cases.arrive_shipment import CountedMoreThanSent, arrive_shipment
from procurement.delivery.use_cases.bill_pool import bill_pool
from procurement.delivery.use_cases.confirm_receipt import ReasonMissing, RejectedMoreThanCame, confirm_receipt
from procurement.delivery.use_cases.dispatch_shipment import NothingToShip, dispatch_shipment
from procurement.delivery.use_cases.receive_order import receive_order
from procurement.delivery.use_cases.submit_supplier_invoice import OrderNotReceived, submit_supplier_invoice

__all__ = [
    "CountedMoreThanSent",
    "NothingToShip",
    "OrderNotReceived",
    "ReasonMissing",
    "RejectedMoreThanCame",
    "arrive_shipment",
    "bill_pool",
    "confirm_receipt",
    "dispatch_shipment",
    "receive_order",
    "submit_supplier_invoice",
]

"""The pages of tenders: what suppliers see of them (`suppliers`)."""

from procurement.tenders.web.suppliers import staff_queues, to_bid

__all__ = ["staff_queues", "to_bid"]

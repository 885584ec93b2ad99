"""The pages of tenders: what firms see of them (`suppliers`, `dialogue`), and the desk of staff (`desk`)."""

from procurement.tenders.web.suppliers import staff_queues, to_bid

__all__ = ["staff_queues", "to_bid"]

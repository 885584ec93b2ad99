"""The pages of tenders: what firms see of them (`suppliers`, `dialogue`), the desk of staff (`desk`), and who opens the
bids (`opening`)."""

from procurement.tenders.web.opening import to_hand_in
from procurement.tenders.web.suppliers import staff_queues, to_bid

__all__ = ["staff_queues", "to_bid", "to_hand_in"]

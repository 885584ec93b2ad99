"""Pages of orders, frameworks and changes."""

from procurement.contracts.web import changes, frameworks, orders, talk
from procurement.contracts.web.changes import changes_waiting
from procurement.contracts.web.orders import to_confirm

__all__ = ["changes", "changes_waiting", "frameworks", "orders", "talk", "to_confirm"]

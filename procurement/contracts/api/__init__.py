"""Orders, frameworks and changes over the API."""

from procurement.contracts.api.changes import Changes
from procurement.contracts.api.frameworks import Frameworks
from procurement.contracts.api.orders import Orders

__all__ = ["Changes", "Frameworks", "Orders"]

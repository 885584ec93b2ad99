"""Pages of savings and of open data."""

from procurement.insights.web.open_data import feed, public_tenders
from procurement.insights.web.savings import saved_so_far, savings, why

__all__ = ["feed", "public_tenders", "saved_so_far", "savings", "why"]

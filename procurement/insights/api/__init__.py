"""Savings and open data over the API."""

from procurement.insights.api.open_data import Record, ReleaseLines, Releases
from procurement.insights.api.savings import JointSavings, Savings

__all__ = ["JointSavings", "Record", "ReleaseLines", "Releases", "Savings"]

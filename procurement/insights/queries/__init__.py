"""Everything anyone may ask about effects, and all that is open data."""

from procurement.insights.queries.open_data import (
    awards_published,
    lines,
    news,
    open_processes,
    package,
    processes,
    publisher,
    record,
    releases,
    verify_releases,
)
from procurement.insights.queries.savings import (
    BuyerSaving,
    joint_savings_for,
    joint_view,
    savings_for,
    savings_per_buyer,
    verify_savings,
)


def verify() -> list[str]:
    """Return what of insights does not add up; empty when all is well."""
    return [*verify_savings(), *verify_releases()]


__all__ = [
    "BuyerSaving",
    "awards_published",
    "joint_savings_for",
    "joint_view",
    "lines",
    "news",
    "open_processes",
    "package",
    "processes",
    "publisher",
    "record",
    "releases",
    "savings_for",
    "savings_per_buyer",
    "verify",
    "verify_releases",
]

"""What demand sees to by itself."""

from __future__ import annotations

from datetime import datetime

from marketplace.events.registry import sweeps
from procurement.demand import use_cases


@sweeps
def close_finished_requests(at: datetime) -> int:
    """Close requests of which everything has been delivered."""
    return use_cases.close_finished_requests(by="system:sweep", at=at)


@sweeps
def suggest_products(at: datetime) -> int:
    """Look for the products that lines in words mean; some lines a sweep."""
    return use_cases.suggest_products(by="system:sweep", at=at).lines

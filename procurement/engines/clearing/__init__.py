"""Clearing: buyers' demand curves against suppliers' falling price curves.

The applicable tier is the one with the largest minimum that its own demand reaches (docs/algorithms/clearing.md).
"""

from __future__ import annotations

from procurement.engines.clearing.clear import clear_market
from procurement.engines.clearing.columns import ColumnsCleared, PriceColumns, clear_columns, demand_at
from procurement.engines.clearing.curves import Demand, Level, Market, PriceCurve, Tier, demand_of_rows
from procurement.engines.clearing.document import decision_of, market_from_json
from procurement.engines.clearing.outcome import Clearing, NextStep, Outcome, Place, Tried

__all__ = [
    "Clearing",
    "ColumnsCleared",
    "Demand",
    "Level",
    "Market",
    "NextStep",
    "Outcome",
    "Place",
    "PriceColumns",
    "PriceCurve",
    "Tier",
    "Tried",
    "clear_columns",
    "clear_market",
    "decision_of",
    "demand_at",
    "demand_of_rows",
    "market_from_json",
]

"""What a saving is, proved or estimated, and how a joint one splits."""

from procurement.insights.rules.estimating import ASSUMPTION, BuyerEstimate, EstimateReport, Sensitivity, minor_of
from procurement.insights.rules.index import PriceIndex, price_index
from procurement.insights.rules.joint import (
    NOT_OFFERED_WORDS,
    PUBLISHED,
    RULE_WORDS,
    JointView,
    SplitView,
    split_view,
)
from procurement.insights.rules.proving import Base, Baseline, Proof, prove, tier_price, tier_reached

__all__ = [
    "ASSUMPTION",
    "NOT_OFFERED_WORDS",
    "PUBLISHED",
    "RULE_WORDS",
    "Base",
    "Baseline",
    "BuyerEstimate",
    "EstimateReport",
    "JointView",
    "PriceIndex",
    "Proof",
    "Sensitivity",
    "SplitView",
    "minor_of",
    "price_index",
    "prove",
    "split_view",
    "tier_price",
    "tier_reached",
]

"""What a saving is, proved or estimated."""

from procurement.insights.rules.estimating import ASSUMPTION, BuyerEstimate, EstimateReport, Sensitivity, minor_of
from procurement.insights.rules.proving import Baseline, Proof, prove, tier_price

__all__ = [
    "ASSUMPTION",
    "Baseline",
    "BuyerEstimate",
    "EstimateReport",
    "Proof",
    "Sensitivity",
    "minor_of",
    "prove",
    "tier_price",
]

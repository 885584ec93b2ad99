"""Awarding a tender: the cheapest valid mix of bids, with reasons, a bound, and what losers would have won at."""

from procurement.engines.award.constraints import ConstraintPrice, price_of_constraints
from procurement.engines.award.decision import (
    FEASIBLE,
    INFEASIBLE,
    OPTIMAL,
    PROVED,
    Award,
    AwardLine,
    Mix,
    PackageAward,
    Rejected,
    Unserved,
    cost,
)
from procurement.engines.award.problem import (
    ALL_UNITS,
    INCREMENTAL,
    AwardProblem,
    Bid,
    Lot,
    Package,
    Rules,
    Supplier,
    Tier,
)
from procurement.engines.award.rounds import Dropped, Round, Want, drop_out_rounds, landed_prices, package_prices
from procurement.engines.award.solve import NoAwardInTime, solve_award

__all__ = [
    "ALL_UNITS",
    "FEASIBLE",
    "INCREMENTAL",
    "INFEASIBLE",
    "OPTIMAL",
    "PROVED",
    "Award",
    "AwardLine",
    "AwardProblem",
    "Bid",
    "ConstraintPrice",
    "Dropped",
    "Lot",
    "Mix",
    "NoAwardInTime",
    "Package",
    "PackageAward",
    "Rejected",
    "Round",
    "Rules",
    "Supplier",
    "Tier",
    "Unserved",
    "Want",
    "cost",
    "drop_out_rounds",
    "landed_prices",
    "package_prices",
    "price_of_constraints",
    "solve_award",
]

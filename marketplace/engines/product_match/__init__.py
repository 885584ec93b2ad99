"""Messy texts become products: reading, blocking, features, boosting, calibrated confidence, reasons.

Pure: no Django, no clock, every seed passed in. docs/algorithms/product_match.md has the formulation and an example
worked by hand.
"""

from marketplace.engines.product_match.blocking import CANDIDATES, candidates
from marketplace.engines.product_match.corpus import Corpus
from marketplace.engines.product_match.explain import Reason, reasons
from marketplace.engines.product_match.matcher import Explanation, Matcher, NothingToLearn, Options
from marketplace.engines.product_match.practice import practice_pairs
from marketplace.engines.product_match.reading import read
from marketplace.engines.product_match.records import Pair, Reading, Record

__all__ = [
    "CANDIDATES",
    "Corpus",
    "Explanation",
    "Matcher",
    "NothingToLearn",
    "Options",
    "Pair",
    "Reading",
    "Reason",
    "Record",
    "candidates",
    "practice_pairs",
    "read",
    "reasons",
]

"""Small judgements about pools: live figures, deposits, allocation, entries, fallbacks, and how they are worded."""

from procurement.pools.rules.allocation import (
    ALLOCATION_RULES,
    NOTHING,
    Plan,
    Want,
    allocation_rule,
    plan_packs,
    share_arrival,
)
from procurement.pools.rules.deposits import Deposit, deposit_key, deposit_of
from procurement.pools.rules.live import (
    FREEZES_BEFORE,
    Gathered,
    Indicative,
    LiveFigures,
    Step,
    live_figures,
)
from procurement.pools.rules.text import plain, readable, trimmed, verbs_of_pool, window_text
from procurement.pools.rules.words import SOURCES, WORDS

__all__ = [
    "ALLOCATION_RULES",
    "FREEZES_BEFORE",
    "NOTHING",
    "SOURCES",
    "WORDS",
    "Deposit",
    "Gathered",
    "Indicative",
    "LiveFigures",
    "Plan",
    "Step",
    "Want",
    "allocation_rule",
    "deposit_key",
    "deposit_of",
    "live_figures",
    "plain",
    "plan_packs",
    "readable",
    "share_arrival",
    "trimmed",
    "verbs_of_pool",
    "window_text",
]

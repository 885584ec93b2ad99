"""Small judgements about pools: live figures, deposits, allocation, entries, fallbacks, and how they are worded."""

from procurement.engines.allocation_rules import ALLOCATION_RULES
from procurement.pools.rules.allocation import (
    NOTHING,
    Plan,
    Want,
    allocation_rule,
    plan_of_bound,
    plan_packs,
    share_arrival,
    smaller_arrival,
)
from procurement.pools.rules.binding import Withdrawal, withdrawal_of, withdrawals_of
from procurement.pools.rules.deposits import Deposit, Secured, deposit_key, deposit_of, deposits_of_want
from procurement.pools.rules.entries import Held, lowered
from procurement.pools.rules.fallbacks import FALLBACKS, Attempt, Missed, Neighbour, Waiting, choose, exact_times
from procurement.pools.rules.filling import Sums, eases, missing_text, shortage
from procurement.pools.rules.kinds import BULK, KINDS, SAMPLE
from procurement.pools.rules.live import (
    FREEZES_BEFORE,
    Gathered,
    Indicative,
    LiveFigures,
    Step,
    live_figures,
)
from procurement.pools.rules.text import plain, readable, trimmed, verbs_of_pool, window_text
from procurement.pools.rules.words import RULE_MEANINGS, RULE_NAMES, SOURCES, WORDS

__all__ = [
    "ALLOCATION_RULES",
    "BULK",
    "FALLBACKS",
    "FREEZES_BEFORE",
    "KINDS",
    "NOTHING",
    "RULE_MEANINGS",
    "RULE_NAMES",
    "SAMPLE",
    "SOURCES",
    "WORDS",
    "Attempt",
    "Deposit",
    "Gathered",
    "Held",
    "Indicative",
    "LiveFigures",
    "Missed",
    "Neighbour",
    "Plan",
    "Secured",
    "Step",
    "Sums",
    "Waiting",
    "Want",
    "Withdrawal",
    "allocation_rule",
    "choose",
    "deposit_key",
    "deposit_of",
    "deposits_of_want",
    "eases",
    "exact_times",
    "live_figures",
    "lowered",
    "missing_text",
    "plain",
    "plan_of_bound",
    "plan_packs",
    "readable",
    "share_arrival",
    "shortage",
    "smaller_arrival",
    "trimmed",
    "verbs_of_pool",
    "window_text",
    "withdrawal_of",
    "withdrawals_of",
]

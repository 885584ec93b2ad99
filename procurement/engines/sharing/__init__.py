"""Sharing what a pooled order costs: by quantity and by the rules of cooperative games, with the worst coalition."""

from procurement.engines.sharing.decision import NotOffered, SharingDecision, SharingRule, Split
from procurement.engines.sharing.equal_price import PEAK_SHARE, gain_at_equal_price, paid_less_than_they_bring
from procurement.engines.sharing.games import Coalition, CostGame, ListedGame
from procurement.engines.sharing.parts import NothingToShare, Sharing, share_freight, share_pooled_cost
from procurement.engines.sharing.share import ALL_RULES, share
from procurement.engines.sharing.tariff import PriceStep, TariffGame

__all__ = [
    "ALL_RULES",
    "PEAK_SHARE",
    "Coalition",
    "CostGame",
    "ListedGame",
    "NotOffered",
    "NothingToShare",
    "PriceStep",
    "Sharing",
    "SharingDecision",
    "SharingRule",
    "Split",
    "TariffGame",
    "gain_at_equal_price",
    "paid_less_than_they_bring",
    "share",
    "share_freight",
    "share_pooled_cost",
]

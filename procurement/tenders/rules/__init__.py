"""Judgements on plain values: how a bid is sealed, what an offer must say, how lots become a problem to award."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money

SUPPLYING = frozenset({"supplier", "factory"})
BY_STAFF = frozenset({"publish", "close", "open", "award", "conclude", "ask_to_cancel", "cancel"})


def verbs_for(open_now: Sequence[str], actor: Actor, bids_until: datetime, at: datetime) -> list[str]:
    """Return what this actor may do with a tender now: staff its machine's verbs, suppliers bid while the box is open.

    `award` is one deed of staff, though the machine takes it in two steps.
    """
    if actor.staff:
        return [verb for verb in ["award" if verb == "evaluate" else verb for verb in open_now] if verb in BY_STAFF]
    takes_bids = "close" in open_now and at < bids_until
    return ["bid", "withdraw"] if takes_bids and SUPPLYING & actor.roles else []


def amount(minor: int, currency: str) -> str:
    """Return an amount in the smallest coin as people write it in its currency, without the currency's name."""
    return str(Money.from_minor(minor, currency).amount)

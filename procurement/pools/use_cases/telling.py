"""Telling members what became of their pool."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from marketplace.parties import queries as parties
from marketplace.parties import use_cases as parties_
from procurement.engines.reasons import Reason
from procurement.pools import models, rules


def tell(members: Iterable[models.Commitment], why: Reason, *, about: str, at: datetime) -> None:
    """Tell each buyer among `members` once, in the words of the reason."""
    buyers = parties.refs_by_id({member.buyer_id for member in members})
    facts = {name: str(fact) for name, fact in rules.readable(dict(why.facts)).items()}
    for _, buyer in sorted(buyers.items()):
        parties_.notify(organisation_ref=buyer, text=rules.WORDS[why.code], facts=facts, about_ref=about, at=at)

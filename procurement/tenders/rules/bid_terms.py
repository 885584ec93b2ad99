"""What a tender publishes about bids: how tiers are read, in which currencies, how long they bind, how merit counts.

It stands in the tender's rules beside the limits on winners, so the digest of the published terms binds all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from marketplace.kernel.refusals import BadValue
from procurement.engines.award import ALL_UNITS, INCREMENTAL
from procurement.engines.scoring import Scoring

RATE_PLACES = 6
MOST_DAYS = 730


@dataclass(frozen=True)
class BidTerms:
    """How offers of a tender are written and read.

    mode        `all_units`: every unit costs the price of the tier the whole quantity falls in; `incremental`: each
                unit costs the price of the tier it falls in itself
    packages    whether lots may be offered as bundles, all or nothing
    rates       currency -> what one of it is in the tender's currency, fixed with the terms
    valid_days  how many days from closing a bid has to bind at least
    scoring     how merit counts beside the price; None: the price alone

    :raises BadValue: an unknown mode, a rate that is not positive or has more than six decimals, days out of bounds.
    """

    mode: str = ALL_UNITS
    packages: bool = True
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    valid_days: int = 0
    scoring: Scoring | None = None

    def __post_init__(self) -> None:
        if self.mode not in (ALL_UNITS, INCREMENTAL):
            raise BadValue(place="mode", value=self.mode, reason="is neither all_units nor incremental")
        if type(self.valid_days) is not int or not 0 <= self.valid_days <= MOST_DAYS:
            raise BadValue(place="valid_days", value=self.valid_days, reason=f"is not between 0 and {MOST_DAYS}")
        for currency, rate in self.rates.items():
            if len(currency) != 3 or not currency.isupper() or not currency.isascii():
                raise BadValue(place="rates", value=currency, reason="is no currency code of three letters")
            if not rate.is_finite() or rate <= 0 or rate != round(rate, RATE_PLACES):
                reason = f"needs a rate above zero of at most {RATE_PLACES} decimals"
                raise BadValue(place=f"rates.{currency}", value=rate, reason=reason)

    def document(self) -> dict[str, Any]:
        """Return the terms as they are published beside the limits on winners; what is not used is left out."""
        said: dict[str, Any] = {"mode": self.mode, "packages": self.packages}
        if self.rates:
            said["rates"] = {currency: str(rate) for currency, rate in sorted(self.rates.items())}
        if self.valid_days:
            said["valid_days"] = self.valid_days
        if self.scoring:
            said["scoring"] = self.scoring.document()
        return said

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> BidTerms:
        """Return the terms that a published document says; one from before packages were taken has none."""
        scoring = document.get("scoring")
        return cls(
            mode=document.get("mode", ALL_UNITS),
            packages=document.get("packages", False),
            rates={currency: Decimal(rate) for currency, rate in document.get("rates", {}).items()},
            valid_days=document.get("valid_days", 0),
            scoring=Scoring.read(scoring) if scoring else None,
        )

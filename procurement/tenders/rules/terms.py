"""The published rules of an award: the document that is kept with a tender and hashed at publication."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.kernel.refusals import BadValue


@dataclass(frozen=True)
class AwardRules:
    """Limits on who wins; None is without limit.

    winners_per_lot   how many suppliers at most share a lot
    winners_max       how many suppliers at most win anything of the tender
    winners_min       how many at least, so that nobody depends on one
    fixed_cost_minor  what each winner costs the buyers beside its prices, in the smallest coin

    :raises BadValue: a limit below its least, or a maximum below the minimum.
    """

    winners_per_lot: int | None = None
    winners_max: int | None = None
    winners_min: int = 0
    fixed_cost_minor: int = 0

    def __post_init__(self) -> None:
        for place, value, least in (
            ("winners_per_lot", self.winners_per_lot, 1),
            ("winners_max", self.winners_max, max(1, self.winners_min)),
            ("winners_min", self.winners_min, 0),
            ("fixed_cost_minor", self.fixed_cost_minor, 0),
        ):
            if value is not None and (type(value) is not int or value < least):
                raise BadValue(place=place, value=value, reason=f"needs a whole number of at least {least}")

    @property
    def bind_across_lots(self) -> bool:
        """Whether a limit ties lots together that share nothing else."""
        return self.winners_max is not None or self.winners_min > 0 or self.fixed_cost_minor > 0

    def document(self) -> dict[str, Any]:
        """Return the rules as they are published, beside what is published about bids (see `BidTerms`)."""
        return {
            "winners_per_lot": self.winners_per_lot,
            "winners_max": self.winners_max,
            "winners_min": self.winners_min,
            "fixed_cost_minor": self.fixed_cost_minor,
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> AwardRules:
        """Return the rules that a published document says."""
        return cls(**{key: document[key] for key in cls.__dataclass_fields__ if key in document})

"""What pooling would have saved: the report of an estimate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from marketplace.kernel.money import Money, total


def minor_of(worth: int, parts: int, currency: str) -> Money:
    """Return `worth` 1/`parts` of the currency as Money, rounded half up to the smallest coin."""
    return Money.rounded(Fraction(worth, parts), currency)


@dataclass(frozen=True)
class BuyerEstimate:
    """What one buyer paid and would have saved, of it `alone` by merely ordering its own lines of a window at once."""

    buyer: str
    lines: int
    paid: Money
    saved: Money
    alone: Money

    @property
    def share(self) -> float:
        """Saved, as a part of what was paid."""
        return self.saved.minor / self.paid.minor if self.paid.minor else 0.0


@dataclass(frozen=True)
class Sensitivity:
    """What another assumption says: its code, of how many lines, what they came to and would have saved."""

    code: str
    lines: int
    paid: Money
    saved: Money

    @property
    def share(self) -> float:
        return self.saved.minor / self.paid.minor if self.paid.minor else 0.0


ASSUMPTION = (
    "An estimate, not a proof. Price steps are estimated from these same lines: for each product the curve of "
    "unit price against quantity that never rises and is nearest to what was paid (least squares; a step needs 3 "
    "lines; products "
    "whose price falls below half of their first step are left out). Had the lines of one product and window been one "
    "order, each line's own price would have fallen in the proportion in which the steps fall from its quantity to the "
    "pool's. It assumes that the price depends on quantity alone, that the wholesaler would have granted the pool its "
    "own steps, that nobody's delivery costs more, and that everybody could have waited for the window."
)


@dataclass(frozen=True)
class EstimateReport:
    """What pooling by window would have saved, labelled as the estimate it is; buyers by what they would have saved."""

    currency: str
    window: str
    first: str
    last: str
    lines: int
    skipped: int
    wrong: int
    products: int
    steps: int
    not_believed: tuple[str, ...]
    not_believed_paid: Money
    pools: int
    shared_pools: int
    lower_pools: int
    paid: Decimal
    buyers: tuple[BuyerEstimate, ...]
    quantiles: Mapping[str, float]
    sensitivity: tuple[Sensitivity, ...]

    @property
    def saved(self) -> Money:
        """The sum of the buyers' savings, each rounded to the smallest coin."""
        return total([one.saved for one in self.buyers], self.currency)

    @property
    def alone(self) -> Money:
        return total([one.alone for one in self.buyers], self.currency)

    def to_json(self) -> dict[str, object]:
        """Money as integer minor units, but `paid`, which is exact."""
        return {
            "kind": "savings_estimate",
            "assumption": ASSUMPTION,
            "currency": self.currency,
            "window": self.window,
            "first": self.first,
            "last": self.last,
            "lines": self.lines,
            "skipped": self.skipped,
            "wrong": self.wrong,
            "products": self.products,
            "steps": self.steps,
            "not_believed": list(self.not_believed),
            "not_believed_paid_minor": self.not_believed_paid.minor,
            "pools": self.pools,
            "pools_of_two_or_more": self.shared_pools,
            "pools_with_lower_step": self.lower_pools,
            "paid": format(self.paid, "f"),
            "saved_minor": self.saved.minor,
            "saved_share": round(float(self.saved.amount / self.paid), 6),
            "saved_alone_minor": self.alone.minor,
            "buyers": len(self.buyers),
            "buyers_that_save": sum(one.saved.minor > 0 for one in self.buyers),
            "share_percent_of_buyers": dict(self.quantiles),
            "sensitivity": [
                {
                    "code": one.code,
                    "lines": one.lines,
                    "paid_minor": one.paid.minor,
                    "saved_minor": one.saved.minor,
                    "saved_share": round(one.share, 6),
                }
                for one in self.sensitivity
            ],
            "by_buyer": [
                {
                    "buyer": one.buyer,
                    "lines": one.lines,
                    "paid_minor": one.paid.minor,
                    "saved_minor": one.saved.minor,
                    "saved_alone_minor": one.alone.minor,
                    "saved_share": round(one.share, 6),
                }
                for one in self.buyers
            ],
        }

"""What buying together by window would have saved, estimated from order lines at estimated price steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from procurement.engines.price_steps import Ints, Lines, Steps, isotonic_steps, lowest_steps

SEEN = 3  # lines that a step needs in the estimate itself
LOWEST_PERCENT = 50  # of the first step's price: what falls further is no discount for quantity


@dataclass(frozen=True)
class Estimate:
    """Saved by buyer, in 1/parts of the currency; `alone` is what each would have saved by buying its own lines of a
    window at once, which needs nobody else."""

    saved: Ints
    alone: Ints
    pools: int
    shared_pools: int
    lower_pools: int

    @property
    def total(self) -> int:
        return int(self.saved.sum())


@dataclass(frozen=True)
class Pools:
    """Which pool (product and window) each line belongs to, and which group of one buyer's lines within it."""

    of_line: Ints
    own_of_line: Ints
    quantity: Ints
    own_quantity: Ints
    buyers: Ints


def pools_of(lines: Lines) -> Pools:
    """Return the pools of the lines: one a product and window, in that order."""
    windows, buyers = int(lines.window.max(initial=-1)) + 1, int(lines.buyer.max(initial=-1)) + 1
    _, of_line = np.unique(lines.product * windows + lines.window, return_inverse=True)
    own, own_of_line = np.unique(of_line * buyers + lines.buyer, return_inverse=True)
    return Pools(
        of_line,
        own_of_line,
        _sums(of_line, lines.quantity),
        _sums(own_of_line, lines.quantity),
        np.bincount(own // max(buyers, 1)),
    )


def _sums(of_line: Ints, amounts: Ints) -> Ints:
    """Return exact sums of `amounts` by group."""
    sums = np.zeros(int(of_line.max(initial=-1)) + 1, dtype=np.int64)
    np.add.at(sums, of_line, amounts)
    return sums


def estimate(lines: Lines, steps: Steps, *, absolute: bool = False) -> Estimate:
    """Estimate what each buyer would have saved had the lines of each product and window been ordered as one.

    Relative (the default): a line's own price falls by as much, in proportion, as the steps fall from its quantity to
    the pool's; what made it dear or cheap otherwise (season, customer) stays. Absolute: a line pays the step of the
    pool's quantity where that is below its own price, else keeps its price.

    lines   as they were ordered; buyers numbered from 0
    steps   prices that never rise with quantity; a product without steps saves nothing
    returns savings >= 0 by buyer, of quantity x price, prices rounded to 1/price_parts upwards (against the saving)
    """
    pools = pools_of(lines)
    together = steps.price_at(lines.product, pools.quantity[pools.of_line])
    own = steps.price_at(lines.product, pools.own_quantity[pools.own_of_line])
    single = steps.price_at(lines.product, lines.quantity)
    priced = _absolute if absolute else _relative
    saved = (lines.price - priced(lines.price, together, single)) * lines.quantity
    alone = (lines.price - priced(lines.price, own, single)) * lines.quantity
    lower = np.zeros(len(pools.quantity), dtype=bool)
    lower[pools.of_line[together < own]] = True
    buyers = int(lines.buyer.max(initial=-1)) + 1
    return Estimate(
        _padded(_sums(lines.buyer, saved), buyers),
        _padded(_sums(lines.buyer, alone), buyers),
        len(pools.quantity),
        int((pools.buyers > 1).sum()),
        int(lower.sum()),
    )


def _padded(sums: Ints, buyers: int) -> Ints:
    return np.pad(sums, (0, buyers - len(sums)))


def _relative(price: Ints, reached: Ints, single: Ints) -> Ints:
    """Scale each price by how the steps fall, rounded up; unknown products keep their price."""
    known = single > 0
    ratio = np.where(known, reached / np.maximum(single, 1), 1.0)
    return np.minimum(np.ceil(price * ratio - 1e-9).astype(np.int64), price)


def _absolute(price: Ints, reached: Ints, single: Ints) -> Ints:
    return np.where(single > 0, np.minimum(price, reached), price)


@dataclass(frozen=True)
class Variant:
    """One way to estimate, what it says of which lines, for comparison."""

    code: str
    lines: int
    paid: int
    saved: int


def variants(lines: Lines, halfway: int) -> list[Variant]:
    """Return how the estimate moves with its assumptions.

    halfway     the first window of the second half, for steps of one half told by the other
    """
    first, second = lines.some(lines.window < halfway), lines.some(lines.window >= halfway)
    by_all, by_first, by_second = (believed_steps(some)[0] for some in (lines, first, second))
    ways: list[tuple[str, Lines, Steps, bool]] = [
        ("every_step", lines, believed_steps(lines, 1)[0], False),
        ("steps_seen_10_times", lines, believed_steps(lines, 10)[0], False),
        ("products_falling_further_too", lines, isotonic_steps(lines, SEEN), False),
        ("absolute_steps", lines, by_all, True),
        ("lower_envelope", lines, lowest_steps(lines).believed(LOWEST_PERCENT)[0], True),
        ("second_half_by_its_own_steps", second, by_second, False),
        ("second_half_by_steps_of_the_first", second, by_first, False),
    ]
    return [
        Variant(code, len(some), paid_of(some), estimate(some, steps, absolute=absolute).total)
        for code, some, steps, absolute in ways
    ]


def believed_steps(lines: Lines, seen: int = SEEN) -> tuple[Steps, Ints]:
    """Return the isotonic steps without the products that fall too far, and those products.

    A "product" whose price falls below `LOWEST_PERCENT` of its first step (postage, manual entries, clearance) is many
    things under one code: it saves nothing here.
    """
    return isotonic_steps(lines, seen).believed(LOWEST_PERCENT)


def paid_of(lines: Lines) -> int:
    """Return what the lines came to, in 1/parts of the currency."""
    return int((lines.quantity * lines.price).sum())


def by_buyer(lines: Lines) -> tuple[Ints, Ints]:
    """Return how many lines each buyer has and what they came to, in 1/parts of the currency."""
    return np.bincount(lines.buyer), _sums(lines.buyer, lines.quantity * lines.price)


def quantiles(shares: Any) -> dict[str, float]:
    """Return the deciles and ends of the buyers' saved shares, in per cent."""
    asked = (0, 10, 25, 50, 75, 90, 100)
    found = np.percentile(np.asarray(shares, dtype=np.float64), asked) if len(shares) else [0.0] * len(asked)
    return {f"p{one}": round(float(value), 2) for one, value in zip(asked, found, strict=True)}

"""Price steps estimated from order lines: what a unit seems to cost by quantity when nobody publishes a price list.

Columns of whole numbers in, columns out; no object a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from marketplace.kernel.refusals import BadValue

Ints = Any  # numpy array of int64


@dataclass(frozen=True)
class Lines:
    """Order lines as columns of equal length; products, buyers and windows are numbered from 0.

    quantity    > 0, in 1/quantity_parts of a unit
    price       > 0, per unit, in 1/price_parts of the currency
    """

    product: Ints
    buyer: Ints
    window: Ints
    quantity: Ints
    price: Ints
    quantity_parts: int = 1
    price_parts: int = 1

    def __post_init__(self) -> None:
        for name, column in (("quantity", self.quantity), ("price", self.price)):
            if len(column) and int(column.min()) <= 0:
                raise BadValue(
                    place=f"{name}[{int(column.argmin())}]", value=int(column.min()), reason="not above zero"
                )
        worth = float(self.quantity.astype(np.float64) @ self.price.astype(np.float64)) if len(self.price) else 0.0
        if worth >= 2**62 or float(self.quantity.astype(np.float64).sum()) >= 2**40:
            raise BadValue(place="lines", value=f"{worth:.3e}", reason="sums too large to be counted exactly")

    def __len__(self) -> int:
        return len(self.price)

    @property
    def parts(self) -> int:
        """Parts of the currency in which quantity x price is whole."""
        return self.quantity_parts * self.price_parts

    def some(self, kept: Any) -> Lines:
        """Return the lines that a mask or list of places keeps."""
        return Lines(
            product=self.product[kept],
            buyer=self.buyer[kept],
            window=self.window[kept],
            quantity=self.quantity[kept],
            price=self.price[kept],
            quantity_parts=self.quantity_parts,
            price_parts=self.price_parts,
        )


@dataclass(frozen=True)
class Steps:
    """Price steps of many products as columns, by product and rising start; prices never rise within a product."""

    product: Ints
    start: Ints
    price: Ints

    def price_at(self, product: Ints, quantity: Ints) -> Ints:
        """Return the price of the step each quantity reaches (below the first, its price); 0 for unknown products."""
        if not len(self.start):
            return np.zeros(len(product), dtype=np.int64)
        wide = int(max(self.start.max(), quantity.max(initial=0))) + 1
        if float(wide) * float(max(self.product.max(), product.max(initial=0)) + 1) >= 2**62:
            raise BadValue(place="quantity", value=wide, reason="too large to look up")
        at = np.searchsorted(self.product * wide + self.start, product * wide + quantity, side="right") - 1
        first = np.searchsorted(self.product, product, side="left")
        at = np.maximum(at, first)
        known = at < len(self.product)
        at = np.minimum(at, len(self.product) - 1)
        known &= self.product[at] == product
        return np.where(known, self.price[at], 0)

    def believed(self, lowest_percent: int) -> tuple[Steps, Ints]:
        """Return the steps without the products whose last price is below that part of their first; and those."""
        if not len(self.start):
            return self, self.product
        first = np.searchsorted(self.product, self.product, side="left")
        last = np.searchsorted(self.product, self.product, side="right") - 1
        kept = 100 * self.price[last] >= lowest_percent * self.price[first]
        return Steps(self.product[kept], self.start[kept], self.price[kept]), np.unique(self.product[~kept])


def isotonic_steps(lines: Lines, seen: int = 1) -> Steps:
    """Estimate each product's steps as the falling curve nearest to what was paid (isotonic regression).

    Among all curves that never rise with quantity, the one with the least squares to the unit prices of the lines,
    every line counting once: neighbouring quantities whose mean prices rise are pooled until none do. A step then needs
    `seen` lines, or it is joined with the step before it. Prices are rounded half up to 1/price_parts.

    cost    O(n log n)

    Source: Barlow, Bartholomew, Bremner and Brunk, Statistical Inference under Order Restrictions, 1972, section 1.2
    (pool adjacent violators).
    """
    rows = [
        (product, start, (2 * total + count) // (2 * count))
        for product, blocks in _by_product(lines)
        for start, total, count in _joined(_falling(blocks), seen)
    ]
    return _steps(rows)


def lowest_steps(lines: Lines) -> Steps:
    """Estimate each product's steps as the lowest price anybody paid for that quantity or less (lower envelope).

    An upper bound of what quantity explains: a promotion at any time becomes the list price for ever.
    """
    order = np.lexsort((lines.price, lines.quantity, lines.product))
    rows: list[tuple[int, int, int]] = []
    for product, quantity, price in zip(
        lines.product[order].tolist(), lines.quantity[order].tolist(), lines.price[order].tolist(), strict=True
    ):
        if not rows or rows[-1][0] != product or price < rows[-1][2]:
            rows.append((product, quantity, price))
    return _steps(rows)


def _steps(rows: list[tuple[int, int, int]]) -> Steps:
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Steps(columns[:, 0], columns[:, 1], columns[:, 2])


Block = tuple[int, int, int]  # the first quantity, the sum of prices, the count of lines


def _by_product(lines: Lines) -> Iterator[tuple[int, list[Block]]]:
    """Yield each product with its distinct quantities: the sum of their lines' prices and their count."""
    order = np.lexsort((lines.quantity, lines.product))
    product, quantity, price = lines.product[order], lines.quantity[order], lines.price[order]
    if not len(price):
        return
    new = np.r_[True, (np.diff(product) != 0) | (np.diff(quantity) != 0)]
    at = np.flatnonzero(new)
    columns = (product[at], quantity[at], np.add.reduceat(price, at), np.diff(np.r_[at, len(price)]))
    here, blocks = -1, list[Block]()
    for code, start, total, count in zip(*(column.tolist() for column in columns), strict=True):
        if code != here:
            if blocks:
                yield here, blocks
            here, blocks = code, []
        blocks.append((start, total, count))
    yield here, blocks


def _falling(blocks: list[Block]) -> list[Block]:
    """Pool neighbours until the mean falls from block to block, strictly."""
    kept: list[Block] = []
    for start, total, count in blocks:
        while kept and kept[-1][1] * count <= total * kept[-1][2]:
            start, before, had = kept.pop()
            total, count = total + before, count + had
        kept.append((start, total, count))
    return kept


def _joined(blocks: list[Block], seen: int) -> list[Block]:
    """Join a block of fewer than `seen` lines with the one before it (the first with the next)."""
    kept: list[Block] = []
    for start, total, count in blocks:
        if kept and (count < seen or (kept[0][2] < seen and len(kept) == 1)):
            first, before, had = kept.pop()
            start, total, count = first, total + before, count + had
        kept.append((start, total, count))
    return kept

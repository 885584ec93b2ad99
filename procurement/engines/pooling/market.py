"""A whole market as columns: request lines and the price tiers of their products, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from marketplace.kernel.refusals import BadValue
from procurement.engines.pooling.compiled import NEVER, Integers, compiled

MOST_SUM = 2**52  # of quantity and of quantity x 1.1 x price over the market: sums are exact, in doubles and in shares
COLUMNS = ("line", "product", "region", "quantity", "earliest", "deadline", "ceiling")
TIER_COLUMNS = ("product", "from", "price")


@dataclass(frozen=True)
class Tariffs:
    """All-units price tiers of every product, products in the order of their numbers.

    product   the products' numbers, rising
    start     products x tiers: the quantity a tier starts at, rising from 1; NEVER where a product has fewer tiers
    price     products x tiers: minor units a unit, never rising
    out       per product, minor units for each unit left out: 11 / 10 of the first price, rounded down
    """

    product: Integers
    start: Integers
    price: Integers
    out: Integers


@dataclass(frozen=True)
class Market:
    """Request lines as columns, in the order of their numbers, with the tariffs of their products.

    product   places in `tariffs`, not numbers
    ceiling   the most a line pays for a unit, 0 = any price
    sha256    of the bytes the market was read from, empty when it was not
    """

    line: Integers
    product: Integers
    region: Integers
    quantity: Integers
    earliest: Integers
    deadline: Integers
    ceiling: Integers
    tariffs: Tariffs
    sha256: str = ""

    def __len__(self) -> int:
        return len(self.line)


def tariffs_of(
    product: ArrayLike,
    start: ArrayLike,
    price: ArrayLike,
    places: Sequence[str] | None = None,
    where: str = "tiers",
) -> Tariffs:
    """Gather tier rows, in any order, into tariffs.

    places, where   how a refusal names the rows, see `market_of`

    :raises BadValue: no tier, a number below 0 or beyond 2**53, a first tier that does not start at 1, two tiers with one
        start (they overlap), a price that rises.
    """
    products, starts, prices = (np.asarray(one, dtype=np.int64) for one in (product, start, price))
    rows = _Rows(places, where)
    if not len(products):
        raise BadValue(place=where, value=None, reason="no tier")
    for name, column in (("product", products), ("from", starts), ("price", prices)):
        rows.refuse_where((column < 0) | (column >= 2**53), name, column, "below 0 or beyond 2**53")
    order = np.lexsort((starts, products))
    products, starts, prices = products[order], starts[order], prices[order]
    opens = np.append(True, products[1:] != products[:-1])
    later = rows.sorted(order)
    later.refuse_where(opens & (starts != 1), "from", starts, "the first tier of a product does not start at 1")
    again = np.append(False, ~opens[1:] & (starts[1:] == starts[:-1]))
    later.refuse_where(again, "from", starts, "two tiers of one product start here: they overlap")
    rising = np.append(False, ~opens[1:] & (prices[1:] > prices[:-1]))
    later.refuse_where(rising, "price", prices, "rises above the tier before")
    return _table(products, starts, prices, opens)


def _table(products: Integers, starts: Integers, prices: Integers, opens: np.typing.NDArray[np.bool_]) -> Tariffs:
    row = np.cumsum(opens) - 1
    first = np.flatnonzero(opens)
    column = np.arange(len(products)) - first[row]
    shape = (len(first), int(column.max()) + 1)
    last = np.append(first[1:], len(products)) - 1
    start = np.full(shape, NEVER, np.int64)
    price = np.repeat(prices[last], shape[1]).reshape(shape)
    start[row, column], price[row, column] = starts, prices
    return Tariffs(products[first], start, np.ascontiguousarray(price), prices[first] * 11 // 10)


def market_of(
    columns: Sequence[ArrayLike],
    tariffs: Tariffs,
    sha256: str = "",
    where: str = "lines",
    places: Sequence[str] | None = None,
) -> Market:
    """Check the columns `COLUMNS`, one value a line, and put the lines in the order of their numbers.

    where   how a refusal names the rows: `lines` -> lines[0].quantity, `lines.csv` -> lines.csv, row 2, column quantity
    places  the name of each row instead

    :raises BadValue: no line, columns of different lengths, a line's number twice, a quantity that is not positive, a
        negative day or ceiling, a window that ends before it begins, a product without tiers, amounts beyond
        2**52 in sum.
    """
    read = [np.ascontiguousarray(np.asarray(one, dtype=np.int64)) for one in columns]
    if len({one.shape for one in read}) != 1 or read[0].ndim != 1:
        raise BadValue(place=where, value=[len(one) for one in read], reason="columns not of one length")
    line, product, region, quantity, earliest, deadline, ceiling = read
    if not len(line):
        raise BadValue(place=where, value=None, reason="no line")
    rows = _Rows(places, where)
    bad = first_bad(*read)
    if bad[0] >= 0:
        rows.refuse(bad[0], COLUMNS[bad[1]], int(read[bad[1]][bad[0]]), _REASONS[bad[2]])
    found = np.searchsorted(tariffs.product, product)
    known = tariffs.product[np.minimum(found, len(tariffs.product) - 1)] == product
    rows.refuse_where(~known, "product", product, "no tiers for this product")
    if float(np.dot(quantity.astype(float), tariffs.price[found, 0].astype(float) + 1)) * 1.2 >= MOST_SUM or float(
        quantity.astype(float).sum()
    ) >= MOST_SUM:
        raise BadValue(place=f"{where}.quantity", value=float(quantity.astype(float).sum()), reason="too much to add up")
    return _in_order(read, found, tariffs, sha256, rows)


def _in_order(read: list[Integers], places: Integers, tariffs: Tariffs, sha256: str, rows: _Rows) -> Market:
    line, _, region, quantity, earliest, deadline, ceiling = read
    kept = [line, places, region, quantity, earliest, deadline, ceiling]
    if not (line[1:] > line[:-1]).all():
        order = np.argsort(line, kind="stable")
        kept = [one[order] for one in kept]
        line = kept[0]
        double = np.append(False, line[1:] == line[:-1])
        rows.sorted(order).refuse_where(double, "line", line, "the line stands twice")
    return Market(*kept, tariffs, sha256)


_REASONS = ("", "negative", "not positive", "the window ends before it begins", "beyond 2**53")


@compiled
def first_bad(
    line: Integers,
    product: Integers,
    region: Integers,
    quantity: Integers,
    earliest: Integers,
    deadline: Integers,
    ceiling: Integers,
) -> tuple[int, int, int]:
    """Return the first row that is wrong, its column and the reason's number; -1 when all are right."""
    most = 2**53
    for row in range(len(line)):
        if quantity[row] < 1:
            return row, 3, 2
        values = (line[row], product[row], region[row], quantity[row], earliest[row], deadline[row], ceiling[row])
        for column in range(7):
            if values[column] < 0:
                return row, column, 1
            if values[column] >= most:
                return row, column, 4
        if deadline[row] < earliest[row]:
            return row, 5, 3
    return -1, 0, 0


class _Rows:
    """How rows are named when one of them is refused."""

    def __init__(self, places: Sequence[str] | None, where: str, order: Integers | None = None) -> None:
        self.places, self.where, self.order = places, where, order
        self.joint = ", column " if where.endswith(".csv") else "."

    def sorted(self, order: Integers) -> _Rows:
        return _Rows(self.places, self.where, order)

    def refuse_where(
        self, wrong: np.typing.NDArray[np.bool_], name: str, column: Integers, reason: str
    ) -> None:
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            self.refuse(row, name, int(column[row]), reason)

    def refuse(self, row: int, name: str, value: int, reason: str) -> None:
        row = row if self.order is None else int(self.order[row])
        if self.places is not None:
            place = f"{self.places[row]}{self.joint}{name}"
        elif self.where.endswith(".csv"):
            place = f"{self.where}, row {row + 2}{self.joint}{name}"
        else:
            place = f"{self.where}[{row}]{self.joint}{name}"
        raise BadValue(place=place, value=value, reason=reason)

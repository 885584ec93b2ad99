"""A wholesaler's lines tell what pooling them by window would have saved each buyer: an estimate, and labelled so."""

from __future__ import annotations

from array import array
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from marketplace.engines.tables import Item, Record, RowError, Skipped, load_mapping, read_records
from marketplace.kernel.periods import window_label, window_of
from marketplace.kernel.refusals import BadValue, Refusal
from marketplace.kernel.words import gettext_noop
from procurement.engines import pooling_estimate as engine
from procurement.engines.price_steps import Lines
from procurement.insights.rules import BuyerEstimate, EstimateReport, Sensitivity, minor_of

MICRO = 10**6


class EstimateRefused(Refusal):
    """The lines carry nothing that an estimate could be made from."""

    code = "estimate_refused"
    words = gettext_noop("No estimate can be made: {reason}.")
    status = 400


@dataclass
class _Columns:
    """The file's lines as columns, filled row by row; 40 bytes a line."""

    window_kind: str
    left_out: frozenset[str]
    codes: dict[str, int] = field(default_factory=dict)
    buyers: dict[str, int] = field(default_factory=dict)
    windows: dict[date, int] = field(default_factory=dict)
    window_of_day: dict[date, int] = field(default_factory=dict)
    currencies: set[str] = field(default_factory=set)
    rows: tuple[array[int], ...] = field(default_factory=lambda: tuple(array("q") for _ in range(5)))
    skipped: int = 0
    wrong: int = 0
    _wrong_row: int = 0

    def add(self, item: Item) -> None:
        if isinstance(item, RowError):
            self.wrong += item.row != self._wrong_row
            self._wrong_row = item.row
        elif isinstance(item, Skipped) or not self._take(item):
            self.skipped += 1

    def _take(self, record: Record) -> bool:
        """Keep a line with a product, a buyer, a quantity, a price and a day; say whether it is one."""
        row: Any = record.fields
        price, code = row.get("unit_price"), row["product"]
        if price is None or price <= 0 or row["quantity"] <= 0 or code in self.left_out:
            return False
        self.currencies.add(row.get("currency") or "CNY")
        values = (
            self.codes.setdefault(code, len(self.codes)),
            self.buyers.setdefault(row["buyer"], len(self.buyers)),
            self._window(row["needed_from"]),
            _micros(row["quantity"], record),
            _micros(price, record),
        )
        for column, value in zip(self.rows, values, strict=True):
            column.append(value)
        return True

    def _window(self, day: date) -> int:
        if day not in self.window_of_day:
            start = window_of(day, self.window_kind).start
            self.window_of_day[day] = self.windows.setdefault(start, len(self.windows))
        return self.window_of_day[day]

    def lines(self) -> tuple[Lines, list[date]]:
        """Return the lines, their windows numbered in the order of time, and the windows."""
        product, buyer, window, quantity, price = (np.frombuffer(one, dtype=np.int64) for one in self.rows)
        starts = sorted(self.windows)
        place = np.empty(len(starts), dtype=np.int64)
        for number, start in enumerate(starts):
            place[self.windows[start]] = number
        quantity, quantity_parts = _coarsest(quantity)
        price, price_parts = _coarsest(price)
        return Lines(product, buyer, place[window], quantity, price, quantity_parts, price_parts), starts


def estimate_savings(
    *, path: Path, mapping: str, window: str = "week", left_out: Collection[str] = (), take_good: bool = False
) -> EstimateReport:
    """Estimate what pooling the lines of a file by product and window would have saved each of its buyers.

    The price steps are estimated from the same lines (`engines.price_steps`), so this is an estimate and no proof; the
    report carries its assumption and how it moves when the assumption does. Nothing is stored.

    window     `week` (ISO 8601) or `month`
    left_out   product codes that are no goods
    take_good  go on without the rows that cannot be read
    memory     40 bytes a line, beside the work arrays (about 200 bytes a line)

    :raises BadFile, BadMapping: the file or the mapping cannot be read.
    :raises BadValue: another kind of window, sums too large.
    :raises EstimateRefused: wrong rows, no priced lines, or two currencies.
    """
    if window not in ("week", "month"):
        raise BadValue(place="window", value=window, reason="neither week nor month")
    columns = _Columns(window, frozenset(left_out))
    for item in read_records(path, load_mapping(mapping)):
        columns.add(item)
    if columns.wrong and not take_good:
        raise EstimateRefused(reason=f"{columns.wrong} rows cannot be read")
    if len(columns.currencies) != 1:
        found = ", ".join(sorted(columns.currencies))
        raise EstimateRefused(reason=f"lines in {found}: one currency is needed" if found else "no line has a price")
    lines, starts = columns.lines()
    return _report(columns, lines, starts)


def _report(columns: _Columns, lines: Lines, starts: list[date]) -> EstimateReport:
    currency = next(iter(columns.currencies))
    steps, unbelieved = engine.believed_steps(lines)
    found = engine.estimate(lines, steps)
    counts, paid = engine.by_buyer(lines)
    codes, names = list(columns.codes), list(columns.buyers)
    parts = lines.parts
    saved = [minor_of(int(one), parts, currency) for one in found.saved]
    alone = [minor_of(int(one), parts, currency) for one in found.alone]
    buyers = [
        BuyerEstimate(names[n], int(counts[n]), minor_of(int(paid[n]), parts, currency), saved[n], alone[n])
        for n in range(len(names))
    ]
    fallen = np.isin(lines.product, unbelieved)
    return EstimateReport(
        currency=currency,
        window=columns.window_kind,
        first=window_label(starts[0], columns.window_kind),
        last=window_label(starts[-1], columns.window_kind),
        lines=len(lines),
        skipped=columns.skipped,
        wrong=columns.wrong,
        products=len(codes),
        steps=len(steps.start),
        not_believed=tuple(sorted(codes[int(one)] for one in unbelieved)),
        not_believed_paid=minor_of(engine.paid_of(lines.some(fallen)), parts, currency),
        pools=found.pools,
        shared_pools=found.shared_pools,
        lower_pools=found.lower_pools,
        paid=Decimal(engine.paid_of(lines)) / parts,
        buyers=tuple(sorted(buyers, key=lambda one: (-one.saved.minor, one.buyer))),
        quantiles=engine.quantiles([100 * one.share for one in buyers]),
        sensitivity=tuple(
            Sensitivity(one.code, one.lines, minor_of(one.paid, parts, currency), minor_of(one.saved, parts, currency))
            for one in engine.variants(lines, (len(starts) + 1) // 2)
        ),
    )


def _micros(value: Decimal, record: Record) -> int:
    scaled = value * MICRO
    if scaled != int(scaled) or scaled >= 2**62:
        place = f"{record.place.file}:{record.place.row}"
        raise BadValue(place=place, value=value, reason="more than six digits behind the point, or too large")
    return int(scaled)


def _coarsest(micros: Any) -> tuple[Any, int]:
    """Return the numbers in the coarsest decimal parts that keep them whole, and how many parts make one."""
    parts = MICRO
    while parts > 1 and len(micros) and not (micros % 10).any():
        micros, parts = micros // 10, parts // 10
    return micros, parts

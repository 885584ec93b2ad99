"""Plan the demand that waits: what pooling it over closing days would come to, by the published price lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import numpy as np

from marketplace.catalogue import queries as catalogue
from marketplace.kernel.money import Rate
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop
from procurement.demand import queries as demand
from procurement.demand.queries import DemandLine
from procurement.pools.use_cases.plan_market import Source, keep_market_plan

if TYPE_CHECKING:
    from procurement.engines.pooling.market import Market

Steps = list[tuple[int, int]]

ASSUMED = (
    "An estimate by indicative price lists: whole units (rounded up), prices in whole minor units, a pool costs 5000 minor"
    " units to open, and who is left out pays 11 / 10 of the first price. Left aside: {unpriced} lines without a list that"
    " starts at one unit and never rises, {foreign} in other currencies."
)


class NothingToPlan(Refusal):
    """No approved open line of the currency has a published price list."""

    code = "nothing_to_plan"
    words = gettext_noop("There is nothing to plan: no open line in {currency} has a published price list.")


def plan_demand(*, effort: str, currency: str = "CNY", by: str, at: datetime) -> str:
    """Plan the approved lines that are in no pool, on the days they are needed from; return the plan's ref.

    A line's window are the days [needed_from, needed_to), as ordinals of the proleptic calendar (date.toordinal). The
    plan's `alone` is what the lines would cost each by itself, at the tier of its own quantity.

    :raises NothingToPlan: no line has a price list that the rules of tiers admit.
    :raises BadValue: another effort.
    """
    lines = list(demand.open_lines())
    own = [line for line in lines if line.currency == currency and line.needed_from < line.needed_to]
    lists = catalogue.price_lists({line.product_id for line in own})
    steps = {product: found for (product, of), rows in lists.items() if of == currency and (found := _steps(rows))}
    priced = sorted((line for line in own if line.product_id in steps), key=lambda line: line.line_id)
    if not priced:
        raise NothingToPlan(currency=currency)
    note = ASSUMED.format(unpriced=len(own) - len(priced), foreign=len(lines) - len(own))
    source = Source("demand", estimate=True, note=note, alone=_alone(priced, steps), regions=_regions(priced))
    return keep_market_plan(market=_market(priced, steps), source=source, effort=effort, by=by, at=at)


def _steps(rows: Sequence[tuple[Decimal, Rate]]) -> Steps:
    """Return a list's steps in whole units and minor units; nothing where it does not start at one or rises."""
    minor = [(_whole(start, ROUND_CEILING), _whole(rate.amount * 100, ROUND_HALF_UP)) for start, rate in rows]
    steps = list(dict(minor).items())
    falls = all(later[1] <= before[1] for before, later in zip(steps, steps[1:], strict=False))
    return steps if steps and steps[0][0] <= 1 and falls else []


def _whole(value: Decimal, rounding: str) -> int:
    return int(value.to_integral_value(rounding))


def _units(line: DemandLine) -> int:
    return max(1, _whole(line.quantity, ROUND_CEILING))


def _alone(lines: Sequence[DemandLine], steps: Mapping[int, Steps]) -> int:
    def price(line: DemandLine) -> int:
        return [price for start, price in steps[line.product_id] if start <= _units(line)][-1]

    return sum(_units(line) * price(line) for line in lines)


def _place(line: DemandLine) -> str:
    return f"{line.region} / {line.unit}"


def _regions(lines: Sequence[DemandLine]) -> tuple[str, ...]:
    return tuple(sorted({_place(line) for line in lines}))


def _ceiling(line: DemandLine) -> int:
    return 0 if line.ceiling is None else max(1, _whole(line.ceiling * 100, ROUND_FLOOR))


def _market(lines: Sequence[DemandLine], steps: Mapping[int, Steps]) -> Market:
    from procurement.engines.pooling.market import market_of, tariffs_of

    rows = [(product, max(1, start), price) for product, own in steps.items() for start, price in own]
    tariffs = tariffs_of(*np.array(rows, np.int64).T)
    codes = {name: number for number, name in enumerate(_regions(lines))}
    wants = [
        (
            line.line_id,
            line.product_id,
            codes[_place(line)],
            _units(line),
            line.needed_from.toordinal(),
            line.needed_to.toordinal() - 1,
            _ceiling(line),
        )
        for line in lines
    ]
    return market_of(list(np.array(wants, np.int64).T), tariffs)

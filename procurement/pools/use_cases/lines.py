"""What a buyer may commit to for a line of its request: what was approved, in the pool's units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Rate
from marketplace.kernel.periods import Period
from marketplace.kernel.refusals import BadValue, NotFound
from procurement.demand import queries as demand
from procurement.engines.reasons import Reason
from procurement.engines.wants import Entry, Level, entries_of, read_curve, within
from procurement.pools import models, queries, rules

LINE_TERMS = (
    "product_id", "unit", "currency", "quantity", "region", "tolerance", "ceiling", "curve", "substitutes_allowed",
    "needed_from", "needed_to",
)  # fmt: skip


@dataclass(frozen=True)
class ApprovedLine:
    """A line as it was approved; quantities and prices in the pool's unit.

    ratio  units of the pool's product that stand for one of the line's: 1 unless it is a substitute
    """

    line_id: int
    region: str
    quantity: Decimal
    tolerance: Decimal
    ceiling: Decimal | None
    curve: tuple[Level, ...]
    substitutes_allowed: bool
    ratio: Fraction

    def asked_as_it_stands(self, quantity: Decimal | None, ceiling: Rate | None) -> bool:
        """Return whether all that the line wants is asked for, so that its own curve counts."""
        everything = quantity is None or quantity == self.quantity
        return bool(self.curve) and everything and (ceiling is None or ceiling.amount == self.ceiling)

    def must_cover(self, entries: Sequence[Entry]) -> None:
        """Pass when rows want no more than was approved.

        :raises BadValue: they do.
        """
        quantity = sum((entry.quantity for entry in entries), Decimal(0))
        tolerance = sum((entry.tolerance for entry in entries), Decimal(0))
        approved = entries_of(self.curve) if self.curve else [Entry(self.quantity, Decimal(0), self.ceiling)]
        ceilings = all(_within(entry.ceiling, self.ceiling) for entry in entries)
        for good, reason in (
            (quantity <= self.quantity, f"it asks for {rules.plain(self.quantity)} only"),
            (tolerance <= self.tolerance, f"it tolerates {rules.plain(self.tolerance)} more only"),
            (ceilings, f"it was approved up to {self.ceiling} a unit"),
            (within(entries, approved), "its demand curve wants less at these prices"),
        ):
            if not good:
                raise BadValue(place="line", value=self.line_id, reason=reason)

    def describe(self, wish: models.Commitment) -> None:
        """Let a commitment carry what the line says of region and substitutes."""
        if wish.hub is None:
            wish.region = wish.pool.region or self.region
        wish.substitutes_allowed = self.substitutes_allowed
        if self.ratio != 1:
            facts = {"quantity": rules.plain(self.quantity), "ratio": str(self.ratio)}
            wish.reasons = [Reason("substitutes", facts).to_json()]


def _within(ceiling: Decimal | None, approved: Decimal | None) -> bool:
    """Return whether a ceiling keeps to the one that was approved, if there was one."""
    return approved is None or (ceiling is not None and ceiling <= approved)


def approved_line(pool: models.Pool, line_id: int, buyer_ref: str, *, by: str) -> ApprovedLine:
    """Return the buyer's own line that a pool can serve.

    :raises NotFound: it is not the buyer's.
    :raises BadValue: it is not approved, of another product that is neither pooled as the same nor an agreed substitute
        that the line allows, or in another currency.
    """
    own = demand.requests_for(Actor(by=by, organisation=buyer_ref)).filter(lines=line_id)
    found = own.values_list("state", *(f"lines__{name}" for name in LINE_TERMS)).first()
    if found is None:
        raise NotFound(what="request line", ref=str(line_id))
    (
        state,
        product_id,
        unit,
        currency,
        quantity,
        region,
        tolerance,
        ceiling,
        curve,
        substitutes,
        needed_from,
        needed_to,
    ) = found
    ratio = _ratio(pool, product_id, unit, substitutes)
    for good, reason in (
        (state == "approved", "its request is not approved"),
        (ratio is not None, "it asks for another product"),
        (currency == pool.currency, f"the pool trades in {pool.currency}"),
        (Period(needed_from, needed_to).overlaps(Period(pool.window_start, pool.window_end)), "needed on other days"),
        (pool.region in ("", region), f"needed in {region}"),
    ):
        if not good:
            raise BadValue(place="line", value=line_id, reason=reason)
    line = ApprovedLine(
        line_id, region, quantity, tolerance, ceiling, read_curve(curve), substitutes, ratio or Fraction(1)
    )
    return line if line.ratio == 1 else _turned(line)


def _ratio(pool: models.Pool, product_id: int | None, unit: str, substitutes: bool) -> Fraction | None:
    """Return how many of the pool's units stand for one of the line's, None when the pool cannot serve it."""
    if product_id is None:
        return None
    if unit == pool.unit and queries.pooled_together(product_id, pool.product_id):
        return Fraction(1)
    return queries.substitute_ratio(product_id, pool.product_id) if substitutes else None


def _turned(line: ApprovedLine) -> ApprovedLine:
    """Return a line in the units of the substitute that its pool trades.

    :raises BadValue: six places cannot hold a number exactly.
    """

    def units(amount: Decimal) -> Decimal:
        return _exact(line, rules.exact_times(amount, line.ratio))

    def price(amount: Decimal) -> Decimal:
        return _exact(line, rules.exact_times(amount, 1 / line.ratio))

    return ApprovedLine(
        line.line_id,
        line.region,
        units(line.quantity),
        units(line.tolerance),
        None if line.ceiling is None else price(line.ceiling),
        tuple(Level(price(level.price), units(level.quantity)) for level in line.curve),
        line.substitutes_allowed,
        line.ratio,
    )


def _exact(line: ApprovedLine, amount: Decimal | None) -> Decimal:
    if amount is None:
        raise BadValue(place="line", value=line.line_id, reason="its numbers do not come out even in the substitute")
    return amount

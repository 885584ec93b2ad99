"""A line in words gets its product, counted in the product's own unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from marketplace.catalogue.queries import ProductView
from marketplace.kernel.refusals import BadValue, StaleWrite
from procurement.demand import models, rules
from procurement.demand.states import LineState, RequestState
from procurement.demand.use_cases.importing.units import factor_between
from procurement.engines.wants import read_curve

NAMEABLE = [state.value for state in (RequestState.DRAFT, RequestState.SUBMITTED, RequestState.APPROVED)]


@dataclass(frozen=True)
class Counted:
    """A line's numbers in another unit; its value stays."""

    unit: str
    quantity: Decimal
    tolerance: Decimal
    ceiling: Decimal | None
    unit_price: Decimal | None
    curve: str = ""


def counted_in(line: models.RequestLine, unit: str) -> Counted:
    """Return the line's numbers in `unit`: quantities exactly, prices per unit to six places, half-up.

    :raises BadValue: there is no exact number of `unit` in it, or a number becomes one that no line may have.
    """
    if line.unit == unit:
        return Counted(unit, line.quantity, line.tolerance, line.ceiling, line.unit_price, line.curve)
    factor = factor_between(line.unit, unit)
    if factor is None:
        raise BadValue(place="unit", value=line.unit, reason=unit)
    quantity, tolerance = (rules.in_units(number, factor) for number in (line.quantity, line.tolerance))
    if (quantity, tolerance) != (line.quantity * factor, line.tolerance * factor):
        raise BadValue(place="quantity", value=rules.plain(line.quantity), reason=f"{line.unit} -> {unit}")
    levels = rules.levels_in_units(read_curve(line.curve), factor)
    turned = Counted(
        unit,
        quantity,
        tolerance,
        rules.per_unit(line.ceiling, factor),
        rules.per_unit(line.unit_price, factor),
        rules.curve_of(levels) if levels else "",
    )
    least = rules.PLACES if turned.ceiling is not None else Decimal(0)
    faults = (
        rules.quantity_fault(quantity, tolerance),
        rules.price_fault(turned.ceiling, least=least),
        rules.price_fault(turned.unit_price),
        rules.curve_faults(levels) if levels else "",
    )
    if any(faults):
        raise BadValue(place="quantity", value=rules.plain(quantity), reason=next(fault for fault in faults if fault))
    return turned


def fits(line: models.RequestLine, unit: str) -> bool:
    """Tell whether the line can be counted in `unit`."""
    try:
        counted_in(line, unit)
    except BadValue:
        return False
    return True


def name_line(line: models.RequestLine, product: ProductView, *, by: str, at: datetime) -> None:
    """Say which product an open line in words means, conditionally on the line as it was read; its words stay.

    :raises BadValue: it cannot be counted in the product's unit.
    :raises StaleWrite: the line has a product, or somebody changed or took it meanwhile.
    """
    turned = counted_in(line, product.unit)
    mine = models.RequestLine.objects.filter(
        pk=line.pk,
        product__isnull=True,
        line_state=LineState.OPEN.value,
        quantity=line.quantity,
        tolerance=line.tolerance,
        unit=line.unit,
        request__state__in=NAMEABLE,
    )
    if not mine.update(
        product_id=product.id,
        unit=turned.unit,
        quantity=turned.quantity,
        tolerance=turned.tolerance,
        ceiling=turned.ceiling,
        unit_price=turned.unit_price,
        curve=turned.curve,
    ):
        raise StaleWrite(ref=f"line {line.pk}")
    if turned.unit != line.unit:
        _keep_change(line, turned, by=by, at=at)


def _keep_change(line: models.RequestLine, turned: Counted, *, by: str, at: datetime) -> None:
    models.LineQuantityChange.objects.create(
        line=line,
        from_quantity=line.quantity,
        to_quantity=turned.quantity,
        from_tolerance=line.tolerance,
        to_tolerance=turned.tolerance,
        by=by,
        at=at,
        why=f"{line.unit} -> {turned.unit}",
    )

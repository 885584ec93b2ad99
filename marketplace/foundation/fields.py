"""Columns for money and quantities: integers underneath, so that sums are exact and NaN cannot exist on any database.

`MoneyMinorField` holds the smallest coin of a currency kept beside it. `ExactDecimalField` holds a decimal with six
places (quantities, rates, values with all their digits). SQL may add, compare and sum them; it must not multiply them.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import Combinable, CombinedExpression, F, Value

PLACES = 6
SCALE = 10**PLACES
MOST = Decimal(2**63 - 1).scaleb(-PLACES)

# What may be set and what is got: the type checker makes both optional where the column is nullable.
_Set_contra = TypeVar("_Set_contra", contravariant=True)
_Got_co = TypeVar("_Got_co", covariant=True)

if TYPE_CHECKING:
    from django.db.models import BigIntegerField as _BigIntegerField
    from django.db.models import Field as _Field
else:

    class _Field(models.Field):
        def __class_getitem__(cls, types: Any) -> type:
            return cls

    class _BigIntegerField(models.BigIntegerField):
        def __class_getitem__(cls, types: Any) -> type:
            return cls


class MoneyMinorField(_BigIntegerField[_Set_contra, _Got_co]):
    """An amount in the smallest coin of the row's currency; the row's `currency` column says which."""

    _pyi_private_set_type: int | Combinable
    _pyi_private_get_type: int


class ExactDecimalField(_Field[_Set_contra, _Got_co]):
    """A decimal of at most six places between -9,223,372,036,854 and 9,223,372,036,854, kept as a 64-bit integer.

    :raises ValueError: a value with more places, beyond those bounds, NaN or infinite, or a float.
    """

    _pyi_private_set_type: Decimal | int | Combinable
    _pyi_private_get_type: Decimal
    _pyi_lookup_exact_type: Decimal | int

    def get_internal_type(self) -> str:
        return "BigIntegerField"

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return Decimal(str(value))
        except InvalidOperation:
            raise ValidationError("%(value)s is not a number", params={"value": value}) from None

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else Decimal(int(value)).scaleb(-PLACES)

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return scaled(value)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": forms.DecimalField, "decimal_places": PLACES, **kwargs})

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))


def scaled(value: Decimal | int | str) -> int:
    """Return `value` in millionths.

    :raises ValueError: it cannot be kept exactly (see `ExactDecimalField`).
    """
    if isinstance(value, float):
        raise ValueError("a float is not exact")
    number = Decimal(value)
    if not number.is_finite() or abs(number) > MOST:
        raise ValueError(f"{value} is beyond the column")
    units = number.scaleb(PLACES)
    if units != units.to_integral_value():
        raise ValueError(f"{value} has more than {PLACES} places")
    return int(units)


def exact(amount: Decimal | int) -> Value:
    """Return an exact amount as SQL sees it, to be set against a column."""
    return Value(amount, output_field=ExactDecimalField())


def less(column: str, amount: Decimal | int) -> CombinedExpression:
    """Return the SQL for `column` minus an exact amount, for conditional updates."""
    return F(column) - exact(amount)


def more(column: str, amount: Decimal | int) -> CombinedExpression:
    """Return the SQL for `column` plus an exact amount, for conditional updates."""
    return F(column) + exact(amount)

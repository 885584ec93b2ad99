"""What every product has to keep to, whoever enters or changes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from marketplace.catalogue import models, rules
from marketplace.catalogue.queries.definitions import chain_of, definitions_of
from marketplace.catalogue.use_cases.categories import WrongAttributes
from marketplace.kernel.refusals import BadValue
from marketplace.kernel.words import gettext_noop


def check_attributes(category_id: int, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the definitions that hold in a category, when `values` fit them; they hold until the transaction ends.

    :raises WrongAttributes: they do not.
    """
    hold_branches(chain_of(category_id))
    definitions = definitions_of([category_id])[category_id]
    wrong = rules.wrong_attributes(definitions, values)
    if wrong:
        raise WrongAttributes(wrong="; ".join(wrong))
    return definitions


def hold_branches(category_ids: Iterable[int]) -> None:
    """Let nobody give these categories new definitions until the transaction ends (SQLite has one writer anyway)."""
    rows = models.Category.objects.filter(id__in=list(category_ids)).order_by("id")
    list(rows.select_for_update(no_key=True).values_list("id", flat=True))


def check_numbers(*, pack_size: Decimal, tax_rate_percent: Decimal, weight_kg: Decimal | None) -> None:
    """Pass when a product's numbers can be.

    :raises BadValue: one cannot.
    """
    if not (pack_size.is_finite() and pack_size > 0):
        raise BadValue(place="pack_size", value=str(pack_size), reason=gettext_noop("above zero"))
    if not (tax_rate_percent.is_finite() and 0 <= tax_rate_percent <= 100):
        raise BadValue(place="tax_rate_percent", value=str(tax_rate_percent), reason=gettext_noop("between 0 and 100"))
    if weight_kg is not None and not (weight_kg.is_finite() and weight_kg >= 0):
        raise BadValue(place="weight_kg", value=str(weight_kg), reason=gettext_noop("below zero"))

"""Many products at once, vouched for by whoever brings them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from marketplace.catalogue import models
from marketplace.catalogue.queries import ids_by_code
from marketplace.catalogue.states import ProductState
from marketplace.catalogue.use_cases.checks import check_numbers
from marketplace.engines.units import parse_unit
from marketplace.events.use_cases import next_refs

BATCH = 1_000
UNSORTED = "unsorted"


@dataclass(frozen=True)
class NewProduct:
    """A product as a source file knows it; `code` is its name there."""

    code: str
    name_en: str
    name_zh: str = ""
    category_code: str = ""
    unit: str = "C62"
    pack_size: Decimal = Decimal(1)
    weight_kg: Decimal | None = None
    tax_rate_percent: Decimal = Decimal(13)


@transaction.atomic
def register_many(*, rows: Sequence[NewProduct], by: str, at: datetime) -> dict[str, int]:
    """Enter products as reviewed and return each code's row id; a code that is known stays as it is.

    A category nobody has heard of is entered under its code, and no category at all is `unsorted`.

    :raises UnknownUnit: a unit is not one we know.
    :raises BadValue: a number that cannot be.
    """
    wanted = {row.code: row for row in reversed(rows)}
    known = ids_by_code(wanted)
    new = [row for code, row in wanted.items() if code not in known][::-1]
    if not new:
        return known
    categories = _categories({row.category_code or UNSORTED for row in new})
    refs = next_refs("PR", len(new), at=at)
    made = (_row(row, ref, categories, by, at) for row, ref in zip(new, refs, strict=True))
    models.Product.objects.bulk_create(made, batch_size=BATCH)
    return ids_by_code(wanted)


def _row(row: NewProduct, ref: str, categories: dict[str, int], by: str, at: datetime) -> models.Product:
    check_numbers(pack_size=row.pack_size, tax_rate_percent=row.tax_rate_percent, weight_kg=row.weight_kg)
    return models.Product(
        ref=ref,
        state=ProductState.REVIEWED.value,
        code=row.code,
        name_en=row.name_en,
        name_zh=row.name_zh,
        category_id=categories[row.category_code or UNSORTED],
        unit=parse_unit(row.unit),
        pack_size=row.pack_size,
        tax_rate_percent=row.tax_rate_percent,
        weight_kg=row.weight_kg,
        registered_by=by,
        registered_at=at,
    )


def _categories(codes: Collection[str]) -> dict[str, int]:
    branches = [models.Category(code=code, name_en=code) for code in sorted(codes)]
    models.Category.objects.bulk_create(branches, ignore_conflicts=True)
    return dict(models.Category.objects.filter(code__in=codes).values_list("code", "id"))

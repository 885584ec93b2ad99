"""Products are entered, reviewed, named and retired."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from marketplace.catalogue import events, models, rules
from marketplace.catalogue.states import ProductState
from marketplace.catalogue.use_cases.categories import CodeTaken, load_category
from marketplace.catalogue.use_cases.checks import check_attributes, check_numbers
from marketplace.catalogue.use_cases.governed import SameEyes
from marketplace.catalogue.use_cases.loading import load_product, load_row
from marketplace.engines.identifiers import judge
from marketplace.engines.units import parse_unit
from marketplace.events.use_cases import next_ref, record
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop


class IdentifierTaken(Refusal):
    """Another product is known by it."""

    code = "identifier_taken"
    words = gettext_noop("{scheme} {value} names another product already.")


@transaction.atomic
def register_product(
    *,
    code: str,
    name_en: str,
    category_code: str,
    unit: str,
    name_zh: str = "",
    attributes: Mapping[str, Any] | None = None,
    pack_size: Decimal = Decimal(1),
    tax_code: str = "",
    tax_rate_percent: Decimal = Decimal(13),
    weight_kg: Decimal | None = None,
    by: str,
    at: datetime,
) -> str:
    """Enter a product as a draft and return its ref.

    unit        as people write it (`kg`, `公斤`, `KGM`); kept by its Rec 20 code
    pack_size   how much of the unit one pack holds, > 0
    weight_kg   of one unit

    :raises NotFound: no such category.
    :raises UnknownUnit: the unit is not one we know.
    :raises WrongAttributes: they do not fit the category's definitions.
    :raises BadValue: a number that cannot be.
    :raises CodeTaken: another product has the code.
    """
    category, values = load_category(category_code), dict(attributes or {})
    definitions = check_attributes(category.pk, values)
    rec20 = parse_unit(unit)
    check_numbers(pack_size=pack_size, tax_rate_percent=tax_rate_percent, weight_kg=weight_kg)
    row = models.Product(
        ref=next_ref("PR", at=at),
        state=ProductState.DRAFT.value,
        code=code,
        name_en=name_en,
        name_zh=name_zh,
        category=category,
        attributes=values,
        match_key=rules.match_key(category.pk, rec20, definitions, values),
        unit=rec20,
        pack_size=pack_size,
        tax_code=tax_code,
        tax_rate_percent=tax_rate_percent,
        weight_kg=weight_kg,
        registered_by=by,
        registered_at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise CodeTaken(taken=code) from None
    record(events.ProductRegistered(row.ref, code), source_ref=row.ref, at=at)
    return row.ref


@transaction.atomic
def review_product(*, product_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Let a draft be traded.

    :raises SameEyes: `by` entered it.
    :raises WrongAttributes: the category's definitions have changed since.
    """
    row = load_row(product_ref)
    row.machine.after(row.state, "review")
    if by == row.registered_by:
        raise SameEyes(by=by)
    check_attributes(row.category_id, row.attributes)
    row.move("review", by=by, at=at, why=why)
    record(events.ProductReviewed(product_ref), source_ref=product_ref, at=at)


@transaction.atomic
def retire_product(*, product_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Take a product out of use; what was bought of it stands."""
    load_row(product_ref).move("retire", by=by, at=at, why=why)


@transaction.atomic
def restore_product(*, product_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Bring a retired product back as a draft."""
    load_row(product_ref).move("restore", by=by, at=at, why=why)


@transaction.atomic
def add_identifier(*, product_ref: str, scheme: str, value: str, by: str, at: datetime) -> str:
    """Note a name by which others know a product and return what its standard holds against it (empty: nothing).

    :raises IdentifierTaken: it names another product.
    """
    judged = judge(scheme, value)
    product = load_product(product_ref)
    known, _ = models.Identifier.objects.select_related("product").get_or_create(
        scheme=scheme, value=judged.value, defaults={"product": product, "doubt": judged.doubt}
    )
    if product.pk not in (known.product_id, known.product.merged_into_id):
        raise IdentifierTaken(scheme=scheme, value=judged.value)
    return judged.doubt

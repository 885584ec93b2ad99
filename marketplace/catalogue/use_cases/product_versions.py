"""A product changes by its next version alone, which somebody else reviews."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction

from marketplace.catalogue import events, models, rules
from marketplace.catalogue.queries.versions import NUMBERS, content_of
from marketplace.catalogue.rules import plain
from marketplace.catalogue.states import ProductState
from marketplace.catalogue.use_cases.categories import load_category
from marketplace.catalogue.use_cases.checks import check_attributes, check_numbers
from marketplace.catalogue.use_cases.governed import NothingChanges, differences, enter_proposal, next_versions
from marketplace.catalogue.use_cases.loading import NotInUse, load_product
from marketplace.events.use_cases import record
from marketplace.foundation.fields import scaled
from marketplace.kernel.refusals import BadValue
from marketplace.kernel.words import gettext_noop

TEXTS = {"name_en": 400, "name_zh": 400, "tax_code": 40}


@transaction.atomic
def propose_version(
    *,
    product_ref: str,
    changes: Mapping[str, Any],
    draft: bool = False,
    proposal_ref: str = "",
    by: str,
    at: datetime,
    why: str,
) -> str:
    """Propose a product's next version and return the proposal's ref; what is traded stays until it is reviewed.

    changes        out of name_en, name_zh, tax_code: texts; category_code; attributes: all values, not some;
                   pack_size > 0, tax_rate_percent 0 to 100, weight_kg >= 0 or None: decimals. The base unit stays: what
                   is counted otherwise is another product.
    draft          whether it is not to be reviewed yet
    proposal_ref   the draft that this takes the place of, if any

    :raises NotFound: no such product or category.
    :raises BadValue: a field that does not change so, or a value that cannot be.
    :raises WrongAttributes: they do not fit the category's definitions.
    :raises NothingChanges: the product is so already.
    :raises NotInUse: it is retired.
    """
    row = _open(load_product(product_ref))
    content = {name: _plain(name, value) for name, value in changes.items()}
    before = content_of(row)
    after = {**before, **content}
    _fields(after)
    changed = {name: content[name] for name in differences(before, after)}
    if not changed:
        raise NothingChanges(subject=row.ref)
    return enter_proposal(row, changed, draft=draft, revises=proposal_ref, by=by, at=at, why=why)


def publish_version(proposal: models.Proposal, row: models.Product, *, by: str, at: datetime) -> None:
    """Let a reviewed proposal be the product's version in force.

    :raises NotInUse: the product was retired or merged meanwhile.
    :raises WrongAttributes: the category's definitions have changed meanwhile.
    :raises StaleWrite: somebody moved the product meanwhile.
    """
    _open(row)
    before, number = content_of(row), proposal.base_version + 1
    after = {**before, **proposal.content}
    row.move("amend", by=by, at=at, why=proposal.why, version=number, **_fields(after))
    rows = next_versions(row, before, after, number=number, proposal=proposal, by=by, at=at)
    models.Version.objects.bulk_create(rows)
    fact = events.ProductVersionPublished(row.ref, number, sorted(proposal.content))
    record(fact, source_ref=row.ref, at=at)


def _fields(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a version, checked."""
    category = load_category(content["category_code"])
    definitions = check_attributes(category.pk, content["attributes"])
    numbers: dict[str, Any] = {n: None if content[n] is None else Decimal(content[n]) for n in NUMBERS}
    check_numbers(**numbers)
    key = rules.match_key(category.pk, content["unit"], definitions, content["attributes"])
    texts = {name: content[name] for name in TEXTS}
    return {**texts, **numbers, "category": category, "attributes": content["attributes"], "match_key": key}


def _open(row: models.Product) -> models.Product:
    if row.state not in (ProductState.DRAFT.value, ProductState.REVIEWED.value):
        raise NotInUse(product=row.ref, state=row.state)
    return row


def _plain(name: str, value: Any) -> Any:
    """Return a change as JSON keeps it.

    :raises BadValue: no product has such a field, or it cannot hold this.
    """
    if name in NUMBERS:
        return _number(name, value)
    if name in TEXTS and isinstance(value, str) and len(value) <= TEXTS[name] and (value.strip() or name != "name_en"):
        return value
    if (name == "category_code" and isinstance(value, str)) or (name == "attributes" and isinstance(value, Mapping)):
        return dict(value) if isinstance(value, Mapping) else value
    raise BadValue(place=name, value=str(value), reason=gettext_noop("a version cannot change it so"))


def _number(name: str, value: Any) -> str | None:
    if value is None and name == "weight_kg":
        return None
    try:
        scaled(value)
    except (ValueError, TypeError, InvalidOperation):
        raise BadValue(place=name, value=str(value), reason=gettext_noop("six places at most")) from None
    return str(plain(Decimal(value)))

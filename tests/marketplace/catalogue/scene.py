"""A small catalogue: screws of a length, entered by Wei and reviewed by Bei."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marketplace.catalogue import models, queries, use_cases

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WEI: dict[str, Any] = {"by": "user:wei", "at": NOON}
BEI: dict[str, Any] = {"by": "user:bei", "at": NOON}
LENGTH = {"name": "length", "type": "number", "unit": "mm", "required": True, "must_match": True}
STEEL = {"name": "steel", "type": "text", "must_match": True}
NOTE = {"name": "note", "type": "text"}


def category(code: str = "screws", *definitions: dict[str, Any], **more: Any) -> str:
    given = [LENGTH, STEEL, NOTE] if not definitions else list(definitions)
    return use_cases.register_category(code=code, name_en=code, attributes=given, **{**WEI, **more})


def draft(code: str, attributes: dict[str, Any] | None = None, **more: Any) -> str:
    given = {"length": "30", "steel": "A2"} if attributes is None else attributes
    known = {"name_en": code, "category_code": "screws", "unit": "C62", "attributes": given}
    return use_cases.register_product(code=code, **{**known, **WEI, **more})


def product(code: str, attributes: dict[str, Any] | None = None, **more: Any) -> str:
    ref = draft(code, attributes, **more)
    use_cases.review_product(product_ref=ref, **BEI)
    return ref


def pk(ref: str) -> int:
    return models.Product.objects.values_list("id", flat=True).get(ref=ref)


def replaced(ref: str, other: str, **more: Any) -> str:
    """Agree that `ref` may be replaced by `other`; return the agreement's ref."""
    given = {"product_ref": ref, "replacement_ref": other, "why": "same use"}
    use_cases.publish_proposal(proposal_ref=use_cases.propose_substitute(**{**given, **WEI, **more}), **BEI)
    return queries.substitutes_of(pk(ref))[-1].substitute_ref

"""The tree grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from marketplace.catalogue import models, rules
from marketplace.kernel.refusals import BadValue, NotFound, Refusal
from marketplace.kernel.words import gettext_noop

STANDING_RULE = ("deposit_percent", "fee_percent", "allocation_rule", "window", "region_scope")


class CodeTaken(Refusal):
    """Something else has this code."""

    code = "code_taken"
    words = gettext_noop("The code {taken} is taken.")


class WrongAttributes(Refusal):
    """Attributes that do not fit their definitions."""

    code = "wrong_attributes"
    status = 400
    words = gettext_noop("The attributes do not fit: {wrong}.")


def load_category(code: str) -> models.Category:
    """Return the category with this code.

    :raises NotFound: there is none.
    """
    found = models.Category.objects.filter(code=code).first()
    if found is None:
        raise NotFound(what="category", ref=code)
    return found


@transaction.atomic
def register_category(
    *,
    code: str,
    name_en: str,
    name_zh: str = "",
    parent_code: str | None = None,
    attributes: Sequence[Mapping[str, Any]] = (),
    deposit_percent: Decimal | None = None,
    fee_percent: Decimal | None = None,
    allocation_rule: str | None = None,
    window: str | None = None,
    region_scope: str | None = None,
    by: str,
    at: datetime,
) -> str:
    """Add a branch to the tree and return its code; what its standing rule leaves out it takes from its parent.

    attributes   definitions as in `rules.wrong_definitions`

    :raises CodeTaken: another category has the code.
    :raises WrongAttributes: a definition is not one.
    :raises BadValue: a part of the standing rule cannot be.
    """
    wrong = rules.wrong_definitions(attributes)
    if wrong:
        raise WrongAttributes(wrong="; ".join(wrong))
    given = {
        "deposit_percent": deposit_percent,
        "fee_percent": fee_percent,
        "allocation_rule": allocation_rule,
        "window": window,
        "region_scope": region_scope,
    }
    _check_rule(given)
    parent = load_category(parent_code) if parent_code else None
    rule = {name: getattr(parent, name) for name in STANDING_RULE} if parent else {}
    rule |= {name: value for name, value in given.items() if value is not None}
    branch = models.Category(
        code=code, parent=parent, name_en=name_en, name_zh=name_zh, attributes=[dict(d) for d in attributes], **rule
    )
    try:
        with transaction.atomic():
            branch.save(force_insert=True)
    except IntegrityError:
        raise CodeTaken(taken=code) from None
    return branch.code


def _check_rule(given: Mapping[str, Any]) -> None:
    for name in ("deposit_percent", "fee_percent"):
        share = given[name]
        if share is not None and not (share.is_finite() and 0 <= share <= 100):
            raise BadValue(place=name, value=str(share), reason=gettext_noop("between 0 and 100"))
    for name, known in (
        ("allocation_rule", rules.ALLOCATION_RULES),
        ("window", rules.WINDOWS),
        ("region_scope", rules.REGION_SCOPES),
    ):
        if given[name] is not None and given[name] not in known:
            raise BadValue(place=name, value=given[name], reason=", ".join(known))

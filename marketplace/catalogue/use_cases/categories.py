"""The tree grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from marketplace.catalogue import models, rules
from marketplace.catalogue.use_cases.standing_rule import STANDING_RULE, check_rule
from marketplace.kernel.refusals import NotFound, Refusal
from marketplace.kernel.words import gettext_noop


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
    by: str,
    at: datetime,
    **standing: Any,
) -> str:
    """Add a branch to the tree and return its code; what its standing rule leaves out it takes from its parent.

    attributes   definitions as in `rules.wrong_definitions`
    standing     parts of the standing rule, as in `set_standing_rule`; None is left out too

    :raises CodeTaken: another category has the code.
    :raises WrongAttributes: a definition is not one.
    :raises BadValue: a part of the standing rule cannot be.
    """
    wrong = rules.wrong_definitions(attributes)
    if wrong:
        raise WrongAttributes(wrong="; ".join(wrong))
    parent = load_category(parent_code) if parent_code else None
    rule = {name: getattr(parent, name) for name in STANDING_RULE} if parent else {}
    rule |= {name: value for name, value in standing.items() if value is not None}
    check_rule(rule)
    branch = models.Category(
        code=code, parent=parent, name_en=name_en, name_zh=name_zh, attributes=[dict(d) for d in attributes], **rule
    )
    try:
        with transaction.atomic():
            branch.save(force_insert=True)
    except IntegrityError:
        raise CodeTaken(taken=code) from None
    models.Version.objects.create(
        category=branch, number=1, content={"attributes": branch.attributes}, changes={}, proposed_by=by, at=at
    )
    return branch.code

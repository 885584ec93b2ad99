"""By which rule the pools of a category run, and every change of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from marketplace.catalogue import events, models, rules
from marketplace.events.use_cases import record
from marketplace.foundation.fields import scaled
from marketplace.kernel.refusals import BadValue, NotFound, StaleWrite
from marketplace.kernel.words import gettext_noop

PERCENTS = ("deposit_percent", "fee_percent", "withdrawal_percent", "sample_fee_percent")
CHOICES = {
    "allocation_rule": rules.ALLOCATION_RULES,
    "window": rules.WINDOWS,
    "region_scope": rules.REGION_SCOPES,
}
LEAST_DAYS = {"extend_days": 1, "filling_days": 0}
STANDING_RULE = (*PERCENTS, *CHOICES, *LEAST_DAYS, "minimum", "fallbacks", "opens_pools", "smaller_pack")


@transaction.atomic
def set_standing_rule(
    *, category_code: str, revision: int | None = None, by: str, at: datetime, why: str, **changes: Any
) -> int:
    """Change parts of a category's standing rule and return its new revision; what stood before is kept.

    Pools that are open keep the rule they were opened under; branches below keep theirs.

    revision   the rule's revision on which this was decided; None: the one that stands now
    changes    deposit_percent, fee_percent, withdrawal_percent, sample_fee_percent: 0 to 100; allocation_rule, window,
               region_scope: as `rules` lists them; extend_days 1 to 366, filling_days 0 to 366; minimum >= 0;
               fallbacks: at least one of `rules.FALLBACKS`, each once, nothing after "release"; opens_pools: a flag;
               smaller_pack > 0, or None for none. A part that is left out stays.

    :raises NotFound: no such category.
    :raises BadValue: a part that cannot be or that no rule has, nothing that changes, or no reason.
    :raises StaleWrite: the rule was changed meanwhile.
    """
    found = _found(category_code, revision)
    if not why.strip():
        raise BadValue(place="why", value=why, reason=gettext_noop("a reason is needed"))
    standing = {name: getattr(found, name) for name in STANDING_RULE}
    check_rule({**standing, **changes})
    new = {name: _listed(value) for name, value in changes.items() if _listed(value) != standing[name]}
    if not new:
        raise BadValue(place="standing_rule", value=category_code, reason=gettext_noop("nothing changes"))
    after = found.rule_revision + 1
    mine = models.Category.objects.filter(pk=found.pk, rule_revision=found.rule_revision)
    if not mine.update(rule_revision=after, **new):
        raise StaleWrite(ref=category_code, revision=found.rule_revision)
    told = {"before": _told({name: standing[name] for name in new}), "after": _told(new)}
    models.StandingRuleChange.objects.create(category=found, revision=after, by=by, at=at, why=why, **told)
    record(events.StandingRuleChanged(category_code, after, sorted(new)), source_ref=category_code, at=at)
    return after


def check_rule(rule: Mapping[str, Any]) -> None:
    """Pass when every part given can be part of a standing rule.

    :raises BadValue: one cannot; its place, its value and the reason.
    """
    for name, value in rule.items():
        if name not in STANDING_RULE:
            raise BadValue(place=name, value=str(value), reason=gettext_noop("no part of a standing rule"))
        reason = _CHECKS[name](value)
        if reason:
            raise BadValue(place=name, value=str(value), reason=reason)
    if "smaller_pack" in rule.get("fallbacks", ()) and rule.get("smaller_pack") is None:
        reason = gettext_noop("the fallback smaller_pack needs one")
        raise BadValue(place="smaller_pack", value="", reason=reason)


def _found(code: str, revision: int | None) -> models.Category:
    found = models.Category.objects.filter(code=code).first()
    if found is None:
        raise NotFound(what="category", ref=code)
    if revision not in (None, found.rule_revision):
        raise StaleWrite(ref=code, revision=revision)
    return found


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _told(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {name: rules.plain(value) for name, value in rule.items()}


def _share(value: Any) -> str:
    return "" if _exact(value) and 0 <= value <= 100 else gettext_noop("between 0 and 100")


def _not_negative(value: Any) -> str:
    return "" if _exact(value) and value >= 0 else gettext_noop("below zero")


def _pack(value: Any) -> str:
    return "" if value is None or (_exact(value) and value > 0) else gettext_noop("above zero")


def _exact(value: Any) -> bool:
    try:
        return isinstance(value, Decimal | int) and not isinstance(value, bool) and scaled(value) is not None
    except ValueError:
        return False


def _one_of(known: tuple[str, ...]) -> Callable[[Any], str]:
    return lambda value: "" if value in known else ", ".join(known)


def _days(least: int) -> Callable[[Any], str]:
    def wrong(value: Any) -> str:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return "" if whole and least <= value <= rules.MOST_DAYS else f"{least} - {rules.MOST_DAYS}"

    return wrong


def _flag(value: Any) -> str:
    return "" if isinstance(value, bool) else gettext_noop("yes or no")


def _fallbacks(value: Any) -> str:
    steps = list(value) if isinstance(value, list | tuple) else []
    if not steps or any(step not in rules.FALLBACKS for step in steps):
        return ", ".join(rules.FALLBACKS)
    if len(set(steps)) < len(steps) or "release" in steps[:-1]:
        return gettext_noop("each once, nothing after release")
    return ""


_CHECKS: dict[str, Callable[[Any], str]] = {
    **dict.fromkeys(PERCENTS, _share),
    **{name: _one_of(known) for name, known in CHOICES.items()},
    **{name: _days(least) for name, least in LEAST_DAYS.items()},
    "minimum": _not_negative,
    "fallbacks": _fallbacks,
    "opens_pools": _flag,
    "smaller_pack": _pack,
}

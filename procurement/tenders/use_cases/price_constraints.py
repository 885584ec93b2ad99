"""Say what each limit of an award costs, out of the problems that were kept with it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from marketplace.kernel.refusals import NotFound
from procurement.engines.award import OPTIMAL, PROVED, AwardProblem
from procurement.tenders import models
from procurement.tenders.rules.constraint_prices import price_of_each
from procurement.tenders.rules.terms import AwardRules

SECONDS = 20.0


def price_constraints(*, award_ref: str, seconds: float = SECONDS, by: str, at: datetime) -> list[dict[str, Any]]:
    """Decide the last rounds of an award again without each of its limits, keep what that saves, and return it.

    Each row: `limit`, `about` (a number, a supplier or an offer), `saves` (money) and `settled`. Saving nothing means
    that the limit did not bind. The award stays as it is.

    :raises NotFound: no such award.
    """
    award = models.Award.objects.filter(ref=award_ref).select_related("tender", "override").first()
    if award is None:
        raise NotFound(what="award", ref=award_ref)
    rules = AwardRules.read(award.tender.rules)
    last = _last_rounds(award)
    rows: dict[tuple[str, str], list[tuple[Decimal, bool]]] = defaultdict(list)
    for one in last:
        problem = AwardProblem.from_json(one.problem)
        settled = one.decision["status"] in (PROVED, OPTIMAL)
        found = price_of_each(problem, one.decision["total"], rules, seconds / len(last), settled=settled)
        for price in found:
            rows[price.limit, price.about].append((Decimal(price.saves) / (one.money_scale or 1), price.settled))
    kept: list[dict[str, Any]] = [
        {
            "limit": limit,
            "about": about,
            "saves": f"{sum(saves for saves, _ in found):.2f}",
            "settled": all(settled for _, settled in found),
        }
        for (limit, about), found in rows.items()
    ]
    kept.sort(key=lambda row: (-Decimal(str(row["saves"])), row["limit"], row["about"]))
    with transaction.atomic():
        models.Award.objects.filter(pk=award.pk).update(constraint_prices=kept)
    return kept


def _last_rounds(award: models.Award) -> list[models.AwardRound]:
    """Return the round that stands of each part; of an award against the engine, the whole told on all offers."""
    last: dict[int, models.AwardRound] = {}
    for one in award.decisions.filter(money_scale__isnull=False).order_by("part", "round"):
        last[one.part] = one
    rounds = list(last.values())
    return rounds[-1:] if award.override_id else rounds

"""Plans of whole markets."""

from __future__ import annotations

from marketplace.kernel.refusals import NotFound
from procurement.pools import models


def market_plan(ref: str) -> models.MarketPlan:
    """Return a plan of a whole market, with what it comes to.

    :raises NotFound: there is no such plan.
    """
    found = models.MarketPlan.objects.filter(ref=ref).first()
    if found is None:
        raise NotFound(what="market plan", ref=ref)
    return found

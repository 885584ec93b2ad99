"""How use cases lay hands on a tender, and what they refuse alike."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import F

from marketplace.kernel.refusals import NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from procurement.tenders import models
from procurement.tenders.rules.lots import terms_sha256


class FourEyes(Refusal):
    """Who asked may not be who agrees."""

    code = "four_eyes"
    status = 403
    words = gettext_noop("Another person than {first} has to {verb} {tender}.")


class OpenedElsewhere(Refusal):
    """An imported tender is history: nothing can be done with it here."""

    code = "opened_elsewhere"
    words = gettext_noop("{tender} was opened elsewhere and only imported. Nothing can be done with it here.")


def load_tender(ref: str) -> models.Tender:
    """Return the tender named `ref`, to act on it.

    :raises NotFound: there is none.
    :raises OpenedElsewhere: it was imported.
    """
    tender = models.Tender.objects.filter(ref=ref).first()
    if tender is None:
        raise NotFound(what="tender", ref=ref)
    if tender.historic:
        raise OpenedElsewhere(tender=ref)
    return tender


def hold_still(tender_ref: str, **wanted: Any) -> bool:
    """Lock the tender's row until this transaction ends, if it is as `wanted`; return whether it is.

    One conditional UPDATE that changes nothing: whoever moves the tender waits for us or we for it, on SQLite as on
    PostgreSQL, and the condition is judged after the wait.
    """
    return bool(models.Tender.objects.filter(ref=tender_ref, **wanted).update(state=F("state")))


def secret() -> bytes:
    """Return the platform's secret that stands beside the database."""
    return str(settings.BID_KEY_SECRET).encode()


def pool_refs(tender: models.Tender) -> list[str]:
    """Return the pools that the tender holds, in order."""
    rows = models.LotPool.objects.filter(lot__tender=tender, live=True)
    return list(rows.order_by("id").values_list("pool_ref", flat=True))


def terms_now(tender: models.Tender) -> str:
    """Return the digest of the tender's terms as they stand in the database."""
    pools: dict[int, dict[str, str]] = {}
    for part in models.LotPool.objects.filter(lot__tender=tender).order_by("id"):
        pools.setdefault(part.lot_id, {})[part.pool_ref] = f"{part.region}: {part.quantity}"
    lots = [
        {
            "lot": lot.ref,
            "step": lot.step,
            "reserve": lot.reserve,
            "pools": pools.get(lot.pk, {}),
            **({} if lot.reference is None else {"reference": lot.reference}),
        }
        for lot in models.Lot.objects.filter(tender=tender).order_by("position")
    ]
    return terms_sha256(tender.ref, tender.currency, tender.rules, lots)

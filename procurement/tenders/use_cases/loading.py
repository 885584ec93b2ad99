"""How use cases lay hands on a tender, and what they refuse alike."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import F, Q

from marketplace.kernel.refusals import NotAllowed, NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties
from procurement.tenders import models
from procurement.tenders.rules.lots import terms_sha256
from procurement.tenders.rules.procedures import PROCEDURES
from procurement.tenders.states import AmendmentState, InvitationState

IN_FORCE = Q(amendment__isnull=True) | Q(amendment__state=AmendmentState.PUBLISHED.value)


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


def hold_still(tender_ref: str, *also: Q, **wanted: Any) -> bool:
    """Lock the tender's row until this transaction ends, if it is as `wanted`; return whether it is.

    One conditional UPDATE that changes nothing: whoever moves the tender waits for us or we for it, on SQLite as on
    PostgreSQL, and the condition is judged after the wait.
    """
    return bool(models.Tender.objects.filter(*also, ref=tender_ref, **wanted).update(state=F("state")))


def may_bid(tender: models.Tender, supplier_id: int) -> bool:
    """Return whether this supplier is one of those that the tender's procedure lets bid."""
    if not PROCEDURES[tender.procedure].invited:
        return True
    return tender.invitations.filter(supplier_id=supplier_id, state=InvitationState.INVITED.value).exists()


def bidder(supplier_ref: str) -> parties.OrganisationView:
    """Return a supplier or factory that may bid.

    :raises NotFound: no such organisation.
    :raises NotAllowed: it is no verified supplier or factory.
    """
    supplier = parties.organisation(supplier_ref)
    if not supplier.verified or not {"supplier", "factory"} & supplier.roles:
        raise NotAllowed(why="only a verified supplier or factory bids", organisation=supplier_ref)
    return supplier


def published_to(tender_ref: str, supplier: parties.OrganisationView) -> models.Tender:
    """Return a tender that was published, if this supplier may know of it.

    :raises NotFound: no such tender, or none that this supplier may know of.
    """
    tender = load_tender(tender_ref)
    if not tender.published_at or not may_bid(tender, supplier.id):
        raise NotFound(what="tender", ref=tender_ref)
    return tender


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
    return terms_sha256(tender.ref, tender.currency, tender.rules, lots, _procedure_of(tender))


def _procedure_of(tender: models.Tender) -> dict[str, Any] | None:
    """Return what of the terms is neither lots nor rules: the procedure, its conditions, the papers in force."""
    if not tender.flags:
        return None
    papers = models.TenderDocument.objects.filter(IN_FORCE, tender=tender).order_by("sha256")
    return {
        "procedure": tender.procedure,
        "flags": tender.flags,
        "conditions": tender.conditions,
        "bond": tender.bond_minor,
        "standstill_days": tender.standstill_days,
        "version": tender.terms_version,
        "documents": list(papers.values_list("sha256", flat=True)),
    }

"""Put to tender again what a tender left: all of one that came to nothing, or the lots that nobody won."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from marketplace.kernel.money import Money, Rate
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop
from procurement.tenders import models, queries
from procurement.tenders.rules.procedures import Conditions
from procurement.tenders.rules.terms import AwardRules
from procurement.tenders.states import InvitationState
from procurement.tenders.use_cases.loading import load_tender
from procurement.tenders.use_cases.prepare_tender import prepare_tender


class NothingToRetender(Refusal):
    """No pool of the tender waits for another one."""

    code = "nothing_to_retender"
    words = gettext_noop("No pool of {tender} waits for another tender.")


@transaction.atomic
def retender(
    *,
    tender_ref: str,
    bids_until: datetime,
    questions_until: datetime | None = None,
    title: str = "",
    by: str,
    at: datetime,
) -> str:
    """Draft a tender on the pools that another one left frozen, by the same terms, and return its ref.

    A tender leaves its pools frozen where its conditions say so (`keeps_pools`), or where it was cancelled as a draft.
    Papers are not taken along: they are put in again where they still hold.

    :raises NotFound: no such tender.
    :raises NothingToRetender: none of its pools waits.
    :raises BadValue, NotQualified and others: as `prepare_tender`.
    """
    old = load_tender(tender_ref)
    refs = queries.waiting_pools(old)
    if not refs:
        raise NothingToRetender(tender=tender_ref)
    invited = old.invitations.filter(state=InvitationState.INVITED.value).order_by("pk")
    new_ref = prepare_tender(
        title=title or old.title,
        pool_refs=refs,
        bids_until=bids_until,
        questions_until=questions_until,
        procedure=old.procedure,
        invited=list(invited.values_list("supplier__ref", flat=True)),
        rules=AwardRules.read(old.rules),
        conditions=Conditions.read(old.conditions),
        bond=Money.from_minor(old.bond_minor, old.currency) if old.bond_minor else None,
        standstill_days=old.standstill_days,
        reserves=_reserves(old, refs),
        by=by,
        at=at,
    )
    models.Tender.objects.filter(ref=new_ref).update(retender_of=old)
    return new_ref


def _reserves(tender: models.Tender, refs: Sequence[str]) -> dict[str, Rate]:
    parts = models.LotPool.objects.filter(lot__tender=tender, pool_ref__in=refs, lot__reserve__isnull=False)
    rows = parts.select_related("lot")
    return {row.pool_ref: Rate(row.lot.reserve, tender.currency) for row in rows if row.lot.reserve is not None}

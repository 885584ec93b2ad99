"""Claims that may be financed: entered when their debtor undertakes to pay, retired when it pays."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction

from finance.credit import models
from finance.credit.states import ReceivableState
from marketplace.events import use_cases as events_
from marketplace.foundation.models import move_all
from marketplace.kernel.money import Money
from marketplace.parties import queries as parties

OPEN = [ReceivableState.ELIGIBLE.value, ReceivableState.OFFERED.value]
BATCH = 500


@transaction.atomic
def register_receivable(
    *,
    source_ref: str,
    creditor_ref: str,
    debtor_ref: str,
    face: Money,
    due_on: date,
    identity: str,
    by: str,
    at: datetime,
) -> str:
    """Enter a claim that its debtor undertakes to pay; return its ref. The same source returns the first one's.

    :raises NotFound: there is no such creditor or debtor.
    """
    known = models.Receivable.objects.filter(source_ref=source_ref).values_list("ref", flat=True).first()
    if known is not None:
        return known
    ids = {ref: parties.organisation(ref).id for ref in (creditor_ref, debtor_ref)}
    row = models.Receivable.objects.create(
        ref=events_.next_ref("RV", at=at),
        source_ref=source_ref,
        identity=identity,
        creditor_id=ids[creditor_ref],
        debtor_id=ids[debtor_ref],
        currency=face.currency,
        face_minor=face.minor,
        due_on=due_on,
        registered_at=at,
    )
    return row.ref


@transaction.atomic
def retire_receivables(*, source_refs: Collection[str], by: str, at: datetime) -> set[str]:
    """Take claims out of financing because their debtor pays them now; return the sources that nobody has financed.

    :raises StaleWrite: somebody moved one of them meanwhile.
    """
    wanted = sorted(source_refs)
    taken: set[str] = set()
    for start in range(0, len(wanted), BATCH):
        some = wanted[start : start + BATCH]
        rows = list(models.Receivable.objects.filter(source_ref__in=some).order_by("pk"))
        move_all([row for row in rows if row.state in OPEN], "retire", by=by, at=at)
        financed = {row.source_ref for row in rows if row.state != ReceivableState.RETIRED}
        taken |= set(some) - financed
    return taken

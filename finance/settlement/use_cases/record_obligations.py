"""Facts become obligations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from finance.invoicing import use_cases as invoicing_
from finance.settlement import models
from finance.settlement.states import ObligationState
from marketplace.events import use_cases as events_
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import NotFound
from marketplace.parties import queries as parties


@dataclass(frozen=True)
class NewObligation:
    """Something that will be due; one of each kind for a source (see `rules.KINDS`)."""

    kind: str
    counterparty_ref: str
    amount: Money
    due_on: date
    source_ref: str


@transaction.atomic
def record_obligations(*, obligations: Sequence[NewObligation], by: str, at: datetime) -> None:
    """Enter what will be due; what is entered already stays as it is.

    :raises NotFound: no such counterparty.
    """
    wanted = {(new.kind, new.source_ref): new for new in obligations}
    known = models.Obligation.objects.filter(source_ref__in=[source for _, source in wanted])
    for kind, source in known.values_list("kind", "source_ref"):
        wanted.pop((kind, source), None)
    if not wanted:
        return
    ids = parties.ids_by_ref([new.counterparty_ref for new in wanted.values()])
    rows = []
    for ref, new in zip(events_.next_refs("OB", len(wanted), at=at), wanted.values(), strict=True):
        if new.counterparty_ref not in ids:
            raise NotFound(what="organisation", ref=new.counterparty_ref)
        rows.append(
            models.Obligation(
                ref=ref,
                kind=new.kind,
                counterparty_id=ids[new.counterparty_ref],
                currency=new.amount.currency,
                amount_minor=new.amount.minor,
                due_on=new.due_on,
                source_ref=new.source_ref,
                recorded_at=at,
            )
        )
    models.Obligation.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


@transaction.atomic
def finance_claim(*, invoice_ref: str, funding: NewObligation, by: str, at: datetime) -> None:
    """A claim was sold to a funder: its supplier is not paid in the ordinary way, and the funder owes us the advance.

    Taking it twice changes nothing. If a run has planned the claim already, the step finds it sold and leaves it out.
    """
    invoicing_.assign_supplier_invoice(invoice_ref=invoice_ref, by=by, at=at, why=f"financed by {funding.source_ref}")
    payable = models.Obligation.objects.filter(
        kind="payable", source_ref=invoice_ref, state=ObligationState.DUE.value
    ).first()
    if payable is not None:
        payable.move("cancel", by=by, at=at, why=f"financed by {funding.source_ref}")
    record_obligations(obligations=[funding], by=by, at=at)

"""A claimed step is posted: invoices taken, set-off booked, the payment ordered; all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from finance.credit import use_cases as credit_
from finance.invoicing import use_cases as invoicing_
from finance.ledger import use_cases as ledger_
from finance.ledger.use_cases import Acct
from finance.settlement import faults, models, rules
from finance.settlement.rules import Bundle, Owed
from finance.settlement.states import ObligationState
from finance.treasury import use_cases as treasury_
from marketplace.foundation.models import move_all
from marketplace.kernel.money import Money
from marketplace.parties import queries as parties


@transaction.atomic
def post_step(step: models.SettlementStep, *, by: str, at: datetime) -> None:
    """Post a claimed step and carry `step` along; one that has nothing left to settle is dropped.

    :raises StaleWrite: somebody else has claimed the step since, or moved what it settles.
    :raises LimitReached, PeriodClosed, FinancedBefore and others: nothing has happened.
    """
    if step.kind == "accrue":
        night = step.run.business_date - timedelta(days=1)
        credit_.accrue_day(drawdown_ref=step.object_ref, day=night, by=by, at=at)
        step.move("post", by=by, at=at)
        return
    rows = list(step.obligations.order_by("due_on", "pk"))
    planned = [row for row in rows if row.state == ObligationState.PLANNED]
    if not planned and not any(row.state == ObligationState.TAKEN for row in rows):
        step.move("drop", by=by, at=at, why="nothing is left to settle", lease_until=None)
        return
    changes = _take(step, planned, by=by, at=at) if planned else {"amount_minor": step.amount_minor}
    faults.point("after_take")
    if changes is None:
        step.move("drop", by=by, at=at, why="nothing is left to settle", lease_until=None, amount_minor=0)
        return
    for name, value in changes.items():
        setattr(step, name, value)
    payment = _order_payment(step, by=by, at=at) if step.amount_minor else ""
    faults.point("after_create_payment")
    step.move("post", by=by, at=at, payment_ref=payment, last_error="", **changes)


def _take(
    step: models.SettlementStep, planned: Sequence[models.Obligation], *, by: str, at: datetime
) -> dict[str, object] | None:
    """Take what is still ours to settle, cancel the rest, book the set-off; return what the step settles now."""
    ours = _still_ours(planned, by, at)
    left_out = [row for row in planned if row not in ours]
    move_all(left_out, "cancel", by=by, at=at, why="financed or settled elsewhere")
    if not ours:
        return None
    move_all(ours, "take", by=by, at=at)
    found = rules.bundle(
        Owed(row.pk, row.ref, row.kind, row.counterparty_id, row.currency, row.amount_minor, row.due_on) for row in ours
    )
    if found.netting.set_off:
        _book_set_off(step, found, by=by, at=at)
    return {
        "kind": found.kind,
        "direction": found.direction,
        "account": found.account,
        "amount_minor": found.amount,
        "set_off_minor": found.netting.set_off,
    }


def _still_ours(planned: Sequence[models.Obligation], by: str, at: datetime) -> list[models.Obligation]:
    """Return the obligations whose invoices nobody else settles; what stands on no invoice always is ours."""
    invoices = [row.source_ref for row in planned if row.kind in {"payable", "receivable"}]
    taken = invoicing_.take_for_settlement(invoice_refs=invoices, by=by, at=at) if invoices else set()
    return [row for row in planned if row.source_ref in taken or row.kind not in {"payable", "receivable"}]


def _book_set_off(step: models.SettlementStep, found: Bundle, *, by: str, at: datetime) -> None:
    owner = parties.ref_of(found.counterparty_id)
    amount = Money.from_minor(found.netting.set_off, found.currency)
    ledger_.post(
        key=f"set-off:{step.key}",
        lines=[
            ledger_.debit(Acct("supplier_payable", owner, found.currency), amount),
            ledger_.credit(Acct("receivable", owner, found.currency), amount),
        ],
        booked_on=step.run.business_date,
        source_ref=step.ref,
        memo="set off against each other",
        by=by,
        at=at,
    )


def _order_payment(step: models.SettlementStep, *, by: str, at: datetime) -> str:
    if step.counterparty_id is None:
        raise RuntimeError("a step that pays has a counterparty")
    owner = parties.ref_of(step.counterparty_id)
    return treasury_.create_payment(
        key=f"{step.key}:{step.attempt}",
        direction=step.direction,
        counterparty_ref=owner,
        amount=Money.from_minor(step.amount_minor, step.currency),
        purpose=f"{step.kind} {step.ref}",
        source_ref=step.ref,
        settles=Acct(step.account, owner, step.currency),
        by=by,
        at=at,
    )

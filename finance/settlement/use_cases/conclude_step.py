"""A posted step whose payment has an end is confirmed or failed, and everybody concerned is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from finance.credit import queries as credit
from finance.credit import use_cases as credit_
from finance.invoicing import use_cases as invoicing_
from finance.settlement import events, faults, models
from finance.settlement.states import ENDED, ObligationState, RunState, StepState
from finance.settlement.use_cases.record_obligations import NewObligation, record_obligations
from finance.treasury import queries as treasury
from marketplace.events import use_cases as events_
from marketplace.foundation.models import move_all
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import NotFound, StaleWrite
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties
from marketplace.parties import use_cases as parties_

TOLD = gettext_noop("{amount} was settled: {what}.")


def conclude_step(*, step_ref: str, by: str, at: datetime) -> str:
    """Confirm a posted step whose payment is settled, or fail it where the bank rejected it; return its state.

    Safe to call at any time, by anybody, any number of times: a step that is not posted, or whose payment is still
    under way, is left as it is.

    :raises NotFound: there is no such step.
    """
    with transaction.atomic():
        step = models.SettlementStep.objects.select_related("run").filter(ref=step_ref).first()
        if step is None:
            raise NotFound(what="settlement step", ref=step_ref)
        if step.state != StepState.POSTED:
            return step.state
        paid = treasury.payment(step.payment_ref) if step.payment_ref else None
        if paid is None or paid.state == "settled":
            _confirm(step, by, at)
        elif paid.state == "rejected":
            why = paid.reason or "rejected by the bank"
            step.move("fail", by=by, at=at, why=why, last_error=why[:300], lease_until=None)
            events_.record(events.StepFailed(step.run.ref, step.ref, why), source_ref=step.ref, at=at)
    if step.state == StepState.CONFIRMED:
        faults.point("after_confirm")
        finish_run(run_id=step.run_id, by=by, at=at)
    return step.state


def _confirm(step: models.SettlementStep, by: str, at: datetime) -> None:
    step.move("confirm", by=by, at=at, lease_until=None, last_error="")
    rows = list(step.obligations.filter(state=ObligationState.TAKEN.value).order_by("due_on", "pk"))
    move_all(rows, "settle", by=by, at=at)
    _pass_on(step, [row.source_ref for row in rows], by=by, at=at)
    counterparty = parties.ref_of(step.counterparty_id) if step.counterparty_id else ""
    confirmed = events.StepConfirmed(
        step.run.ref,
        step.ref,
        step.kind,
        counterparty,
        step.direction,
        step.amount_minor,
        step.set_off_minor,
        step.currency,
        tuple(row.ref for row in rows),
    )
    events_.record(confirmed, source_ref=step.ref, at=at)
    if counterparty:
        worth = Money.from_minor(step.amount_minor + step.set_off_minor, step.currency)
        facts = {"amount": str(worth), "what": ", ".join(row.source_ref for row in rows[:5])}
        parties_.notify(organisation_ref=counterparty, text=TOLD, facts=facts, about_ref=step.ref, at=at)


def _pass_on(step: models.SettlementStep, sources: Sequence[str], *, by: str, at: datetime) -> None:
    """Tell invoicing and credit what is settled."""
    on = step.run.business_date
    if step.kind in {"collect", "pay", "offset"}:
        invoicing_.mark_paid(invoice_refs=sources, paid_on=on, by=by, at=at)
    elif step.kind == "fund":
        funded = credit_.mark_funded(drawdown_refs=sources, on=on, by=by, at=at)
        record_obligations(obligations=_funded(funded, step), by=by, at=at)
    elif step.kind == "disburse":
        credit_.mark_disbursed(drawdown_refs=sources, by=by, at=at)
    elif step.kind == "repay":
        repaid = credit_.repay(drawdown_refs=sources, on=on, by=by, at=at)
        claims = [drawdown.source_ref for drawdown in credit.drawdowns(repaid)]
        invoicing_.mark_paid(invoice_refs=claims, paid_on=on, by=by, at=at)


def _funded(drawdown_refs: Sequence[str], step: models.SettlementStep) -> list[NewObligation]:
    """The funder's money is here: the supplier gets it now, the funder gets the face at maturity."""
    due = []
    for one in credit.drawdowns(drawdown_refs):
        today = step.run.business_date
        due.append(NewObligation("disbursement", one.supplier_ref, one.advance, today, one.ref))
        due.append(NewObligation("repayment", one.financier_ref, one.face, one.matures_on, one.ref))
    return due


def finish_run(*, run_id: int, by: str, at: datetime) -> bool:
    """Finish a run whose steps have all ended; return whether this call did."""
    with transaction.atomic():
        run = models.SettlementRun.objects.get(pk=run_id)
        if run.state != RunState.OPEN or run.steps.exclude(state__in=ENDED).exists():
            return False
        try:
            with transaction.atomic():
                run.move("finish", by=by, at=at, finished_at=at)
        except StaleWrite:
            return False
        finished = events.SettlementFinished(run.ref, run.business_date)
        events_.record(finished, source_ref=run.ref, at=at)
    return True

"""One worker takes one step as far as it goes: claim, post, pay, confirm."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from finance.settlement import events, faults, models
from finance.settlement.states import RESTING, StepState
from finance.settlement.use_cases.conclude_step import conclude_step, finish_run
from finance.settlement.use_cases.post_step import post_step
from finance.settlement.use_cases.ring import RING_AGAIN, ring
from finance.treasury import use_cases as treasury_
from marketplace.events import use_cases as events_
from marketplace.kernel.refusals import NotFound, Refusal, StaleWrite
from marketplace.kernel.words import gettext_noop

LEASE = timedelta(seconds=25)  # longer than a bank takes to answer or time out


class NotFailed(Refusal):
    """Only a step that failed is tried again by hand."""

    code = "step_not_failed"
    words = gettext_noop("{step} is {state}; only a failed step is tried again.")


def take_step(*, step_id: int, worker: str, at: datetime) -> str:
    """Take a step as far as it goes now and return the state it is in. Not to be called inside a transaction.

    Each part is a short transaction of its own, so whoever dies on the way leaves a prefix that anybody can take up
    when the lease has run out. A step that is done, or that another worker is at, is left alone. A refusal of the
    ledger or of credit fails the step and leaves no other trace; a bank that does not answer leaves it posted, to be
    asked again.

    :raises NotFound: there is no such step.
    """
    faults.point("before_claim")
    step = _claim(step_id, worker, at)
    if step is None:
        return _state(step_id)
    faults.point("after_claim")
    try:
        if step.state == StepState.CLAIMED:
            post_step(step, by=worker, at=at)
            faults.point("after_post")
        if step.state == StepState.POSTED:
            _pay(step, worker, at)
            conclude_step(step_ref=step.ref, by=worker, at=at)
    except StaleWrite:
        return _state(step_id)  # somebody took over, or moved an invoice: the next ring sees what is left
    except Refusal as refusal:
        return _give_up(step, refusal, worker, at)
    if step.state == StepState.DROPPED:
        finish_run(run_id=step.run_id, by=worker, at=at)
    return _let_go(step, at)


def _claim(step_id: int, worker: str, at: datetime) -> models.SettlementStep | None:
    step = models.SettlementStep.objects.select_related("run").filter(pk=step_id).first()
    if step is None:
        raise NotFound(what="settlement step", ref=str(step_id))
    if step.state in RESTING or (step.lease_until is not None and step.lease_until > at):
        return None
    try:
        with transaction.atomic():
            step.move("claim", by=worker, at=at, worker=worker, lease_until=at + LEASE, token=F("token") + 1)
    except StaleWrite:
        return None
    return step


def _state(step_id: int) -> str:
    found = models.SettlementStep.objects.filter(pk=step_id).values_list("state", flat=True).first()
    if found is None:
        raise NotFound(what="settlement step", ref=str(step_id))
    return found


def _pay(step: models.SettlementStep, worker: str, at: datetime) -> None:
    """Let treasury send the step's payment, and ask what became of it; a step without a payment has nothing to do."""
    if not step.payment_ref:
        return
    state = treasury_.send_payment(payment_ref=step.payment_ref, by=worker, at=at)
    faults.point("after_record")
    if state in {"sent", "accepted"}:
        treasury_.confirm_payment(payment_ref=step.payment_ref, by=worker, at=at)
    faults.point("before_confirm")


def _let_go(step: models.SettlementStep, at: datetime) -> str:
    """End the lease of a step that has to wait for the bank, and have it rung for again later."""
    mine = models.SettlementStep.objects.filter(pk=step.pk, token=step.token).exclude(state__in=RESTING)
    mine.update(lease_until=None, due_at=at + RING_AGAIN)
    return _state(step.pk)


def _give_up(step: models.SettlementStep, refusal: Refusal, worker: str, at: datetime) -> str:
    """Fail a step that could not be posted; leave one that is posted to be tried again (no bank account yet)."""
    fresh = models.SettlementStep.objects.select_related("run").get(pk=step.pk)
    if fresh.token != step.token:
        return fresh.state
    if fresh.state != StepState.CLAIMED:
        models.SettlementStep.objects.filter(pk=step.pk, token=step.token).update(last_error=str(refusal)[:300])
        return _let_go(step, at)
    with transaction.atomic():
        fresh.move("fail", by=worker, at=at, why=str(refusal), last_error=str(refusal)[:300], lease_until=None)
        failed = events.StepFailed(fresh.run.ref, fresh.ref, str(refusal))
        events_.record(failed, source_ref=fresh.ref, at=at)
    return fresh.state


@transaction.atomic
def retry_step(*, step_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Have a failed step tried again: under a new payment order where the bank had rejected the last one.

    :raises NotFound: there is no such step.
    :raises NotFailed: it has not failed.
    """
    step = models.SettlementStep.objects.filter(ref=step_ref).first()
    if step is None:
        raise NotFound(what="settlement step", ref=step_ref)
    if step.state != StepState.FAILED:
        raise NotFailed(step=step_ref, state=step.state)
    changes = {"attempt": F("attempt") + 1, "payment_ref": "", "last_error": "", "due_at": at}
    step.move("retry", by=by, at=at, why=why, **changes)
    ring([step.pk])

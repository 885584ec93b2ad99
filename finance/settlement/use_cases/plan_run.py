"""What is due by a date becomes keyed steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max

from finance.credit import queries as credit
from finance.settlement import events, models, rules
from finance.settlement.rules import JOB, Bundle, Owed
from finance.settlement.states import ObligationState
from finance.settlement.use_cases.ring import ring
from marketplace.events import use_cases as events_
from marketplace.foundation.models import move_all
from marketplace.kernel.refusals import IllegalMove, NotFound, StaleWrite


def plan_run(*, business_date: date, by: str, at: datetime) -> str:
    """Plan the run of a business date and return its ref; planning it again adds what has become due since.

    Everything due by that date and not planned yet is bundled by counterparty and currency, netted where both sides owe
    in trade, and made into steps; each drawdown's nights up to that morning are a step of their own.
    """
    for _ in range(5):
        try:
            with transaction.atomic():
                return _plan(business_date, by, at)
        except (StaleWrite, IllegalMove, IntegrityError) as error:  # a twin is planning: look at what it left
            lost = error
    raise lost


def plan_again(*, run_ref: str, by: str, at: datetime) -> str:
    """Add to a run what has become due by its date since it was planned (see `plan_run`).

    :raises NotFound: there is no such run.
    """
    dates = models.SettlementRun.objects.filter(ref=run_ref).values_list("business_date", flat=True)
    found = dates.first()
    if found is None:
        raise NotFound(what="settlement run", ref=run_ref)
    return plan_run(business_date=found, by=by, at=at)


def _plan(business_date: date, by: str, at: datetime) -> str:
    run = models.SettlementRun.objects.filter(job=JOB, business_date=business_date).first()
    if run is None:
        run = models.SettlementRun.objects.create(
            ref=events_.next_ref("SR", at=at), job=JOB, business_date=business_date, planned_by=by, planned_at=at
        )
    due = _due(business_date)
    nights = _nights(run, business_date)
    if not due and not nights:
        return run.ref
    run.move("plan", by=by, at=at, finished_at=None)
    steps = _steps(run, nights, rules.bundles(due), at)
    planned = events.SettlementPlanned(run.ref, business_date, len(steps))
    events_.record(planned, source_ref=run.ref, at=at)
    _attach(steps, by, at)
    ring([step.pk for step, _ in steps])
    return run.ref


def _due(business_date: date) -> list[Owed]:
    rows = models.Obligation.objects.filter(state=ObligationState.DUE.value, due_on__lte=business_date)
    values = rows.order_by("due_on", "pk").values_list(
        "pk", "ref", "kind", "counterparty_id", "currency", "amount_minor", "due_on"
    )
    return [Owed(*row) for row in values]


def _nights(run: models.SettlementRun, business_date: date) -> list[str]:
    """Return the drawdowns whose nights up to this morning are not booked, and for which this run has no step yet."""
    waiting = credit.to_accrue(business_date - timedelta(days=1))
    known = set(run.steps.filter(kind="accrue").values_list("object_ref", flat=True))
    return [ref for ref in waiting if ref not in known]


def _steps(
    run: models.SettlementRun, nights: Sequence[str], bundled: Sequence[Bundle], at: datetime
) -> list[tuple[models.SettlementStep, Bundle | None]]:
    last = run.steps.aggregate(last=Max("position"))["last"] or 0
    wanted: list[tuple[str, str, Bundle | None]] = [("accrue", ref, None) for ref in nights]
    wanted += [(one.kind, one.owed[0].ref, one) for one in bundled]
    made = []
    for position, (kind, what, one) in enumerate(wanted, start=last + 1):
        step = models.SettlementStep(
            ref=f"{run.ref}.{position:04d}",
            run=run,
            position=position,
            key=rules.step_key(run.business_date, one.family if one else kind, what),
            kind=kind,
            object_ref=what,
            due_at=at,
        )
        if one is not None:
            step.counterparty_id, step.currency = one.counterparty_id, one.currency
            step.direction, step.account = one.direction, one.account
            step.amount_minor, step.set_off_minor = one.amount, one.netting.set_off
        made.append((step, one))
    models.SettlementStep.objects.bulk_create([step for step, _ in made], batch_size=200)
    return made


def _attach(steps: Sequence[tuple[models.SettlementStep, Bundle | None]], by: str, at: datetime) -> None:
    """Give each obligation to its step; one that somebody else planned or cancelled meanwhile stops the planning."""
    wanted = [row.id for _, one in steps if one for row in one.owed]
    rows: dict[int, models.Obligation] = {}
    for start in range(0, len(wanted), 500):
        rows |= models.Obligation.objects.in_bulk(wanted[start : start + 500])
    for step, one in steps:
        if one is not None:
            move_all([rows[row.id] for row in one.owed], "plan", by=by, at=at, step=step)

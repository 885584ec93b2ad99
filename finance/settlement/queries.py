"""Everything anyone may ask about settlement."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet, Sum

from finance.credit import queries as credit
from finance.engines.netting import Due, net
from finance.settlement import models
from finance.settlement.rules import IN, JOB, KINDS
from finance.settlement.states import ENDED, ObligationState, StepState
from finance.treasury import queries as treasury
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import NotFound
from marketplace.parties import queries as parties


@dataclass(frozen=True)
class RunProgress:
    """How far a run has come: steps by state, and how many there are in all."""

    run_ref: str
    business_date: date
    state: str
    steps: dict[str, int]
    ended: int
    total: int


@dataclass(frozen=True)
class SettledTotal:
    """What was settled of one kind of obligation in one currency."""

    kind: str
    obligations: int
    amount: Money


def runs_for(actor: Actor) -> QuerySet[models.SettlementRun]:
    """Return the runs; only staff see them."""
    rows = models.SettlementRun.objects.all()
    return rows if actor.staff else rows.none()


def steps_for(actor: Actor) -> QuerySet[models.SettlementStep]:
    """Return the steps of all runs; only staff see them."""
    rows = models.SettlementStep.objects.select_related("run", "counterparty")
    return rows if actor.staff else rows.none()


def obligations_for(actor: Actor) -> QuerySet[models.Obligation]:
    """Return what the actor's organisation owes us or is owed; staff see all."""
    rows = models.Obligation.objects.select_related("counterparty")
    if actor.staff:
        return rows
    own = parties.ids_by_ref([actor.organisation]).values() if actor.organisation else []
    return rows.filter(counterparty_id__in=list(own))


def progress(run_ref: str) -> RunProgress:
    """Return how far a run has come.

    :raises NotFound: there is no such run.
    """
    run = models.SettlementRun.objects.filter(ref=run_ref).first()
    if run is None:
        raise NotFound(what="settlement run", ref=run_ref)
    counted = run.steps.values_list("state").annotate(n=Count("id")).order_by("state")
    steps = dict(counted)
    ended = sum(count for state, count in steps.items() if state in ENDED)
    return RunProgress(run.ref, run.business_date, run.state, steps, ended, sum(steps.values()))


def run_of(business_date: date) -> str | None:
    """Return the ref of the run of a date, if there is one."""
    rows = models.SettlementRun.objects.filter(job=JOB, business_date=business_date)
    return rows.values_list("ref", flat=True).first()


def settled_totals(since: date | None = None, until: date | None = None) -> list[SettledTotal]:
    """Return what runs dated in [since, until) have settled, by kind and currency."""
    rows = models.Obligation.objects.filter(state=ObligationState.SETTLED.value)
    if since is not None:
        rows = rows.filter(step__run__business_date__gte=since)
    if until is not None:
        rows = rows.filter(step__run__business_date__lt=until)
    sums = rows.values("kind", "currency").annotate(n=Count("id"), sum=Sum("amount_minor")).order_by("currency", "kind")
    return [SettledTotal(row["kind"], row["n"], Money.from_minor(int(row["sum"]), row["currency"])) for row in sums]


def next_due_date() -> date | None:
    """Return the earliest date on which something falls due that nobody has planned yet."""
    rows = models.Obligation.objects.filter(state=ObligationState.DUE.value)
    return rows.order_by("due_on").values_list("due_on", flat=True).first()


def anything_due(today: date) -> bool:
    """Return whether something is due by `today` that nobody has planned, or a night to accrue without a run today."""
    due = models.Obligation.objects.filter(state=ObligationState.DUE.value, due_on__lte=today)
    if due.exists():
        return True
    return run_of(today) is None and bool(credit.to_accrue(today))


def is_step(ref: str) -> bool:
    """Return whether `ref` names a step of a run."""
    return models.SettlementStep.objects.filter(ref=ref).exists()


def verify() -> list[str]:
    """Return what is wrong with settlement, beside what the tables' own constraints forbid."""
    return [*_obligations_follow_steps(), *_steps_tie()]


def _obligations_follow_steps() -> list[str]:
    """Settled obligations stand on confirmed steps, and confirmed steps have left nothing open."""
    found = []
    settled = ObligationState.SETTLED.value
    early = models.Obligation.objects.filter(state=settled).exclude(step__state=StepState.CONFIRMED.value)
    late = models.Obligation.objects.filter(step__state=StepState.CONFIRMED.value)
    late = late.exclude(state__in=[settled, ObligationState.CANCELLED.value])
    for row in early.select_related("step"):
        found.append(f"{row.ref}: settled, its step is not confirmed")
    for row in late:
        found.append(f"{row.ref}: {row.state}, its step is confirmed")
    return found


def _steps_tie() -> list[str]:
    """What a confirmed step paid and set off is what its obligations net to, and its payment is settled."""
    found, owed = [], defaultdict(list)
    rows = models.Obligation.objects.filter(state=ObligationState.SETTLED.value).order_by("due_on", "pk")
    for row in rows.iterator(chunk_size=2_000):
        owed[row.step_id].append(Due(row.ref, 1 if KINDS[row.kind].direction == IN else -1, row.amount_minor))
    confirmed = models.SettlementStep.objects.filter(state=StepState.CONFIRMED.value).exclude(kind="accrue")
    for step in confirmed.order_by("pk").iterator(chunk_size=2_000):
        sums = net(owed[step.pk])
        sign = {"in": 1, "out": -1, "": 0}[step.direction]
        if (sums.net, sums.set_off) != (sign * step.amount_minor, step.set_off_minor):
            found.append(f"{step.ref}: paid {step.amount_minor} {step.direction}, owed {sums.net}")
        if step.payment_ref:
            paid = treasury.payment(step.payment_ref)
            if paid.state != "settled" or paid.amount.minor != step.amount_minor:
                found.append(f"{step.ref}: its payment {paid.ref} is {paid.state}, {paid.amount}")
    return found

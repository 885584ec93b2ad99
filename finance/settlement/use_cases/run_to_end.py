"""The same steps, one after the other, for the command line and the main job."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from finance.settlement import models
from finance.settlement.states import ENDED, RESTING
from finance.settlement.use_cases.conclude_step import finish_run
from finance.settlement.use_cases.plan_run import plan_run
from finance.settlement.use_cases.take_step import take_step
from marketplace.kernel.refusals import NotFound

PATIENCE = 3  # passes that bring nothing further
Progress = Callable[[int, int], None]


def run_to_end(
    *,
    run_ref: str,
    worker: str,
    at: datetime,
    clock: Callable[[], datetime] | None = None,
    progress: Progress | None = None,
    wait: Callable[[float], object] | None = None,
) -> dict[str, int]:
    """Take every step of a run, and those that become due on its date meanwhile; return how many are in which state.

    Stops when all have ended, or when a pass over the rest brings none further (a bank that does not answer, a payee
    without a bank account, a rejection). Not to be called inside a transaction.

    clock      gives the time of each step; `at` throughout when there is none
    progress   is called with (ended, all) after every step
    wait       is called with seconds (`time.sleep`) to sit out the leases of workers that died or are still at it

    :raises NotFound: there is no such run.
    """
    run = models.SettlementRun.objects.filter(ref=run_ref).first()
    if run is None:
        raise NotFound(what="settlement run", ref=run_ref)
    tell = clock or (lambda: at)
    idle = 0
    while idle < PATIENCE:
        plan_run(business_date=run.business_date, by=worker, at=tell())
        before = _ended(run)
        _one_pass(run, worker, tell, progress)
        if wait is not None and (seconds := _leased_for(run, tell())) > 0:
            wait(min(seconds, 1.0))
            continue
        left = run.steps.exclude(state__in=RESTING).exists()
        if not left and _ended(run) == before:
            break
        idle = idle + 1 if _ended(run) == before else 0
    finish_run(run_id=run.pk, by=worker, at=tell())
    return states_of(run)


def _one_pass(run: models.SettlementRun, worker: str, tell: Callable[[], datetime], progress: Progress | None) -> None:
    waiting = list(run.steps.exclude(state__in=RESTING).order_by("position").values_list("pk", flat=True))
    whole, ended = run.steps.count(), _ended(run)
    for step_id in waiting:
        ended += take_step(step_id=step_id, worker=worker, at=tell()) in ENDED
        if progress is not None:
            progress(ended, whole)


def _leased_for(run: models.SettlementRun, at: datetime) -> float:
    """Return for how many seconds some step of the run is still leased to a worker."""
    leases = run.steps.exclude(state__in=RESTING).filter(lease_until__gt=at)
    last = leases.order_by("lease_until").values_list("lease_until", flat=True).first()
    return (last - at).total_seconds() if last is not None else 0.0


def _ended(run: models.SettlementRun) -> int:
    return run.steps.filter(state__in=ENDED).count()


def states_of(run: models.SettlementRun) -> dict[str, int]:
    """Return how many steps of a run are in which state."""
    counted: dict[str, int] = {}
    for state in run.steps.values_list("state", flat=True):
        counted[state] = counted.get(state, 0) + 1
    return counted

"""An order of a factory becomes dated work within its free hours."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

from django.db import transaction
from django.db.models import F

from marketplace.catalogue import queries as catalogue
from marketplace.events import use_cases as events_
from marketplace.kernel.clock import business_date
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop
from procurement.capacity import events, models
from procurement.contracts import queries as contracts
from procurement.contracts.queries import OrderLineView, OrderView
from procurement.engines.allocation import Day, WorkOrderProblem, WorkPlan, Workshop, plan_work_order
from procurement.engines.allocation_check import check_plan

LATE_DAYS = timedelta(days=60)  # so far beyond the due date hours are looked at


class PlanNotValid(Refusal):
    """The independent checker found a plan at fault; nothing was taken."""

    code = "plan_not_valid"
    words = gettext_noop("The plan for {order} does not hold: {faults}.")


class HoursTaken(Refusal):
    """Somebody took the hours between planning and taking; plan again."""

    code = "hours_taken"
    words = gettext_noop("Hours on {day} were taken meanwhile.")


@transaction.atomic
def plan_work(*, order_ref: str, by: str, at: datetime) -> list[str]:
    """Plan every line of an order that its supplier's own factories can make, and take the hours.

    Returns the refs of the new work orders. Lines planned before are left as they are, so that planning twice is once.
    What the hours cannot hold is kept as `unmet`, with the reasons.

    :raises PlanNotValid: the checker refused a plan.
    :raises HoursTaken: the hours went to another order meanwhile.
    """
    order = contracts.order(order_ref)
    planned = models.WorkOrder.objects.filter(order_line_id__in=[line.id for line in order.lines])
    done = set(planned.exclude(state="cancelled").values_list("order_line_id", flat=True))
    refs: list[str] = []
    for line in order.lines:
        if line.id not in done:
            refs += _plan_line(order, line, by=by, at=at)
    return refs


def _plan_line(order: OrderView, line: OrderLineView, *, by: str, at: datetime) -> list[str]:
    category = catalogue.category_id_of(line.product_id)
    able = list(
        models.Capability.objects.filter(factory__organisation_id=order.supplier_id, category_id=category)
        .select_related("factory")
        .order_by("factory_id", "id")
    )
    one_each = {capability.factory.ref: capability for capability in reversed(able)}
    if not one_each:
        return []
    release = business_date(at) + timedelta(days=1)
    problem = WorkOrderProblem(
        quantity=int(line.quantity.to_integral_value(ROUND_CEILING)),
        release=release,
        due=max(order.due_on, release),
        workshops=tuple(_workshop(one, release, order.due_on + LATE_DAYS) for one in one_each.values()),
    )
    plan = plan_work_order(problem)
    faults = check_plan(problem.to_json(), json.loads(json.dumps(plan.to_json())))
    if faults:
        raise PlanNotValid(order=order.ref, faults="; ".join(faults))
    return [_keep(order, line, one_each[name], plan, at) for name in _factories(plan, one_each)]


def _factories(plan: WorkPlan, able: dict[str, models.Capability]) -> Sequence[str]:
    """Return the factories that get work; when none has hours the first able one is told of it."""
    return list(dict.fromkeys(line.factory for line in plan.lines)) or [next(iter(able))]


def _workshop(capability: models.Capability, release: date, last: date) -> Workshop:
    free = models.FactoryDay.objects.filter(
        factory=capability.factory, resource=capability.resource, day__gte=release, day__lte=last, minutes_left__gt=0
    )
    return Workshop(
        factory=capability.factory.ref,
        minutes_per_unit={capability.resource: Fraction(capability.minutes_per_unit)},
        setup_minutes={capability.resource: capability.setup_minutes},
        days=tuple(Day(row.day, {row.resource: row.minutes_left}) for row in free.order_by("day")),
    )


def _keep(order: OrderView, line: OrderLineView, capability: models.Capability, plan: WorkPlan, at: datetime) -> str:
    mine = [work for work in plan.lines if work.factory == capability.factory.ref]
    first = not plan.lines or plan.lines[0].factory == capability.factory.ref
    unmet = Decimal(plan.unmet if first else 0)
    finish = max((work.day for work in mine), default=order.due_on)
    work_order = models.WorkOrder.objects.create(
        ref=events_.next_ref("WO", at=at),
        factory=capability.factory,
        capability=capability,
        order_line_id=line.id,
        quantity=Decimal(sum(work.quantity for work in mine)),
        unmet=unmet,
        due_on=order.due_on,
        late_days=max(0, (finish - order.due_on).days),
        why=[reason.to_json() for reason in plan.why],
        planned_at=at,
    )
    taken: dict[date, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for work in mine:
        taken[work.day] = (work.quantity, work.minutes[capability.resource])
    for day, (quantity, minutes) in sorted(taken.items()):
        _take(work_order, capability, day, quantity, minutes)
    events_.record(
        events.WorkPlanned(work_order.ref, order.ref, capability.factory.ref, work_order.quantity, unmet),
        source_ref=work_order.ref,
        at=at,
    )
    return work_order.ref


def _take(work: models.WorkOrder, capability: models.Capability, day: date, quantity: int, minutes: int) -> None:
    """Take the minutes by one conditional update; whoever comes second finds them gone."""
    hours = models.FactoryDay.objects.filter(factory=capability.factory, resource=capability.resource, day=day)
    if not hours.filter(minutes_left__gte=minutes).update(minutes_left=F("minutes_left") - minutes):
        raise HoursTaken(day=day)
    models.WorkDay.objects.create(work=work, factory_day=hours.get(), quantity=Decimal(quantity), minutes=minutes)

"""By what lists of settlement may be narrowed."""

from __future__ import annotations

import django_filters

from finance.settlement.rules import OBLIGATION_KINDS, ORDER
from finance.settlement.states import OBLIGATION, RUN, STEP


class ObligationFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.ChoiceFilter(choices=[(state, state) for state in OBLIGATION.states()])
    kind = django_filters.ChoiceFilter(choices=[(kind, kind) for kind in OBLIGATION_KINDS])
    currency = django_filters.CharFilter()
    source = django_filters.CharFilter(field_name="source_ref")
    due_from = django_filters.DateFilter(field_name="due_on", lookup_expr="gte")
    due_before = django_filters.DateFilter(field_name="due_on", lookup_expr="lt")


class RunFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.ChoiceFilter(choices=[(state, state) for state in RUN.states()])
    business_date = django_filters.DateFilter()


class StepFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.ChoiceFilter(choices=[(state, state) for state in STEP.states()])
    kind = django_filters.ChoiceFilter(choices=[(kind, kind) for kind in ORDER])
    run = django_filters.CharFilter(field_name="run__ref")

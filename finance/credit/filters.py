"""By what lists of credit may be narrowed."""

from __future__ import annotations

import django_filters

from finance.credit.states import DRAWDOWN, FACILITY, RECEIVABLE


class FacilityFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.ChoiceFilter(choices=[(state, state) for state in FACILITY.states()])
    currency = django_filters.CharFilter()


class ReceivableFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.ChoiceFilter(choices=[(state, state) for state in RECEIVABLE.states()])
    currency = django_filters.CharFilter()
    source = django_filters.CharFilter(field_name="source_ref")
    due_before = django_filters.DateFilter(field_name="due_on", lookup_expr="lt")


class DrawdownFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.ChoiceFilter(choices=[(state, state) for state in DRAWDOWN.states()])
    currency = django_filters.CharFilter()
    facility = django_filters.CharFilter(field_name="facility__ref")
    source = django_filters.CharFilter(field_name="receivable__source_ref")
    matures_from = django_filters.DateFilter(field_name="matures_on", lookup_expr="gte")
    matures_before = django_filters.DateFilter(field_name="matures_on", lookup_expr="lt")

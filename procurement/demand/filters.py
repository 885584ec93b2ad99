"""By what requests may be narrowed."""

from __future__ import annotations

import django_filters

from procurement.demand import models
from procurement.demand.states import REQUEST, SUGGESTION


class RequestFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.MultipleChoiceFilter(choices=[(state, state) for state in REQUEST.states()])
    external_ref = django_filters.CharFilter()
    batch = django_filters.CharFilter(field_name="batch__ref")
    opened_after = django_filters.IsoDateTimeFilter(field_name="opened_at", lookup_expr="gte")
    opened_before = django_filters.IsoDateTimeFilter(field_name="opened_at", lookup_expr="lt")

    class Meta:
        model = models.PurchaseRequest
        fields = ["state", "external_ref", "batch", "currency", "opened_after", "opened_before"]


class BatchFilter(django_filters.FilterSet):  # type: ignore[misc]
    class Meta:
        model = models.ImportBatch
        fields = ["mapping_name", "take_good", "file_sha256"]


class SuggestionFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.MultipleChoiceFilter(choices=[(state, state) for state in SUGGESTION.states()])
    request = django_filters.CharFilter(field_name="line__request__ref")

    class Meta:
        model = models.MatchSuggestion
        fields = ["state", "request", "origin"]

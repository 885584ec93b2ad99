"""How lists of pools and commitments may be narrowed."""

from __future__ import annotations

from typing import Any

import django_filters
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet

from marketplace.foundation.api import actor_of
from marketplace.kernel.clock import midnight
from marketplace.kernel.periods import KNOWN
from procurement.pools import queries
from procurement.pools.states import COMMITMENT, POOL


class PoolFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.ChoiceFilter(choices=[(state, state) for state in POOL.states()])
    region = django_filters.CharFilter()
    product = django_filters.CharFilter(field_name="product__ref")
    currency = django_filters.CharFilter()
    window_from = django_filters.DateFilter(field_name="window_start", lookup_expr="gte")
    window_to = django_filters.DateFilter(field_name="window_end", lookup_expr="lte")
    freezes_before = django_filters.IsoDateTimeFilter(
        field_name="freeze_at",
        lookup_expr="lt",
        validators=[MinValueValidator(midnight(KNOWN.start)), MaxValueValidator(midnight(KNOWN.end))],
    )
    near = django_filters.BooleanFilter(method="keep_near")

    def keep_near(self, rows: QuerySet[Any], name: str, wanted: bool) -> QuerySet[Any]:
        """Keep the pools that the asker's organisation could join nearby."""
        return rows.filter(pk__in=queries.near(actor_of(self.request)).values("pk")) if wanted else rows


class CommitmentFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.ChoiceFilter(choices=[(state, state) for state in COMMITMENT.states()])
    pool = django_filters.CharFilter(field_name="pool__ref")

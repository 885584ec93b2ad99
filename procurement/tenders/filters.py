"""How lists of tenders, bids and awards may be narrowed: by nothing that could tell of a rival."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet

from marketplace.foundation.api import actor_of
from procurement.tenders import queries
from procurement.tenders.states import BID, TENDER


class TenderFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.ChoiceFilter(choices=[(state, state) for state in TENDER.states()])
    currency = django_filters.CharFilter()
    closes_before = django_filters.IsoDateTimeFilter(field_name="bids_until", lookup_expr="lt")
    historic = django_filters.BooleanFilter()
    open = django_filters.BooleanFilter(method="keep_open")

    def keep_open(self, rows: QuerySet[Any], name: str, wanted: bool) -> QuerySet[Any]:
        """Keep the tenders in which the asker's organisation may bid now."""
        return rows.filter(pk__in=queries.open_tenders_for(actor_of(self.request)).values("pk")) if wanted else rows


class BidFilter(django_filters.FilterSet):  # type: ignore[misc]
    tender = django_filters.CharFilter(field_name="tender__ref")
    state = django_filters.ChoiceFilter(choices=[(state, state) for state in BID.states()])


class PaperFilter(django_filters.FilterSet):  # type: ignore[misc]
    tender = django_filters.CharFilter(field_name="tender__ref")


class OfTenderFilter(PaperFilter):
    state = django_filters.CharFilter()


class AwardFilter(django_filters.FilterSet):  # type: ignore[misc]
    tender = django_filters.CharFilter(field_name="tender__ref")

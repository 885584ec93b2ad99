"""By what the catalogue may be narrowed."""

from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet

from marketplace.catalogue import models


class ProductFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(method="named", label="part of a code or name")
    category = django_filters.CharFilter(field_name="category__code")
    code = django_filters.CharFilter()
    unit = django_filters.CharFilter()

    class Meta:
        model = models.Product
        fields = ["q", "category", "code", "unit"]

    def named(self, rows: QuerySet[models.Product], name: str, value: str) -> QuerySet[models.Product]:
        return rows.filter(Q(code__icontains=value) | Q(name_en__icontains=value) | Q(name_zh__icontains=value))


class ProposalFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.CharFilter()
    product = django_filters.CharFilter(field_name="product__ref")
    category = django_filters.CharFilter(field_name="category__code")
    substitute = django_filters.CharFilter(field_name="substitute__ref")

    class Meta:
        model = models.Proposal
        fields = ["state", "product", "category", "substitute"]


class SubstituteFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.CharFilter()
    product = django_filters.CharFilter(field_name="product__ref")
    replacement = django_filters.CharFilter(field_name="replacement__ref")

    class Meta:
        model = models.Substitute
        fields = ["state", "product", "replacement"]


class CategoryFilter(django_filters.FilterSet):  # type: ignore[misc]
    parent = django_filters.CharFilter(field_name="parent__code")

    class Meta:
        model = models.Category
        fields = ["parent"]

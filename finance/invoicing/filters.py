"""By what lists of invoices may be narrowed."""

from __future__ import annotations

import django_filters

from finance.invoicing.states import OUTPUT_INVOICE, SUPPLIER_INVOICE


class _InvoiceFilter(django_filters.FilterSet):  # type: ignore[misc]
    currency = django_filters.CharFilter()
    source = django_filters.CharFilter(field_name="source_ref")
    issued_from = django_filters.DateFilter(field_name="issued_on", lookup_expr="gte")
    issued_before = django_filters.DateFilter(field_name="issued_on", lookup_expr="lt")
    due_from = django_filters.DateFilter(field_name="due_on", lookup_expr="gte")
    due_before = django_filters.DateFilter(field_name="due_on", lookup_expr="lt")


class SupplierInvoiceFilter(_InvoiceFilter):
    state = django_filters.ChoiceFilter(choices=[(state, state) for state in SUPPLIER_INVOICE.states()])
    number = django_filters.CharFilter()


class InvoiceFilter(_InvoiceFilter):
    state = django_filters.ChoiceFilter(choices=[(state, state) for state in OUTPUT_INVOICE.states()])

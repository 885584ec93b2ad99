"""By what payment orders may be narrowed."""

from __future__ import annotations

import django_filters

from finance.treasury import models


class PaymentOrderFilter(django_filters.FilterSet):  # type: ignore[misc]
    class Meta:
        model = models.PaymentOrder
        fields = ["state", "direction", "currency", "source_ref"]

"""By what accounts may be narrowed."""

from __future__ import annotations

import django_filters

from finance.ledger import models


class AccountFilter(django_filters.FilterSet):  # type: ignore[misc]
    class Meta:
        model = models.Account
        fields = ["book", "kind", "currency"]

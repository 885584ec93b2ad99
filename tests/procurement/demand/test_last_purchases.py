"""What a buyer bought before, as evidence of a saving."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from marketplace.catalogue import queries as catalogue
from marketplace.parties import queries as parties
from procurement.demand import models, queries, use_cases
from tests.cast import Player
from tests.procurement.demand.conftest import AT, approved, ask

pytestmark = pytest.mark.django_db
SUMMER = date(2026, 7, 1)


def price_of(ref: str, price: str) -> models.RequestLine:
    """State a price with the only line of a request, as an import would, and return the line."""
    models.RequestLine.objects.filter(request__ref=ref).update(unit_price=Decimal(price))
    return models.RequestLine.objects.get(request__ref=ref)


class TestLastPurchases:
    def test_an_approved_line_is_evidence(self, lin: Player, bolt: catalogue.ProductView) -> None:
        price_of(approved(lin, bolt), "1.10")

        found = queries.last_price(parties.organisation(lin.org).id, bolt.id, SUMMER)

        assert found is not None
        assert found.amount == Decimal("1.10")

    def test_a_draft_proves_nothing(self, lin: Player, bolt: catalogue.ProductView) -> None:
        price_of(ask(lin, bolt), "99")

        assert queries.last_price(parties.organisation(lin.org).id, bolt.id, SUMMER) is None

    def test_a_cancelled_line_proves_nothing(self, lin: Player, bolt: catalogue.ProductView) -> None:
        ref = approved(lin, bolt)
        price_of(ref, "99")
        use_cases.cancel_request(request_ref=ref, by=lin.by, at=AT)

        assert queries.last_price(parties.organisation(lin.org).id, bolt.id, SUMMER) is None

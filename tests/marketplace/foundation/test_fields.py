"""Numbers of money and quantity are kept exactly, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Max, Sum
from hypothesis import given
from hypothesis import strategies as st

from marketplace.catalogue import use_cases
from marketplace.catalogue.models import Product
from marketplace.catalogue.use_cases import NewProduct
from marketplace.foundation.fields import MOST, less, more, scaled

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def enter(*weights: Decimal) -> None:
    rows = [NewProduct(f"P{n}", f"P{n}", weight_kg=weight) for n, weight in enumerate(weights)]
    use_cases.register_many(rows=rows, by="user:wei", at=NOON)


@pytest.mark.django_db
class TestExactDecimalField:
    def test_sums_to_the_last_digit(self) -> None:
        enter(*[Decimal("0.1")] * 30, Decimal("0.000001"), Decimal("1234567.654321"))

        assert Product.objects.aggregate(s=Sum("weight_kg"))["s"] == Decimal("1234570.654322")

    def test_comes_back_as_it_went_in(self) -> None:
        for value in (Decimal("0"), Decimal("0.000001"), Decimal("9223372036854.775807")):
            enter_one = Product(code=str(value), pack_size=value)
            assert Product._meta.get_field("pack_size").get_prep_value(enter_one.pack_size) == scaled(value)
        enter(Decimal("9223372036854.775807"))
        assert Product.objects.aggregate(m=Max("weight_kg"))["m"] == Decimal("9223372036854.775807")

    @pytest.mark.parametrize(
        "value",
        [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("0.0000001"), MOST + 1, -MOST - 1, 0.5, "1e30"],
    )
    def test_refuses_what_it_cannot_keep(self, value: Any) -> None:
        enter(Decimal(1))

        with pytest.raises(ValueError), transaction.atomic():
            Product.objects.update(weight_kg=value)

        assert Product.objects.get().weight_kg == Decimal(1)

    def test_takes_and_gives_in_one_statement(self) -> None:
        enter(Decimal("10.5"))
        pot = Product.objects.filter(weight_kg__gte=Decimal("4.25"))

        assert pot.update(weight_kg=less("weight_kg", Decimal("4.25"))) == 1
        assert pot.update(weight_kg=less("weight_kg", Decimal("4.25"))) == 1
        assert pot.update(weight_kg=less("weight_kg", Decimal("4.25"))) == 0
        assert Product.objects.get().weight_kg == Decimal("2")
        Product.objects.update(weight_kg=more("weight_kg", Decimal("0.000001")))
        assert Product.objects.get().weight_kg == Decimal("2.000001")

    def test_the_sign_is_the_databases_to_guard(self) -> None:
        enter(Decimal(1))

        with pytest.raises(IntegrityError), transaction.atomic():
            Product.objects.update(weight_kg=less("weight_kg", Decimal(2)))

        assert Product.objects.get().weight_kg == Decimal(1)

    def test_is_compared_and_ordered_by_value(self) -> None:
        enter(Decimal(10), Decimal(9), Decimal("9.5"))

        assert list(Product.objects.order_by("weight_kg").values_list("weight_kg", flat=True)) == [
            Decimal(9),
            Decimal("9.5"),
            Decimal(10),
        ]
        assert Product.objects.filter(weight_kg__gt=Decimal("9.4")).count() == 2


class TestScaled:
    @given(st.decimals(min_value=-MOST, max_value=MOST, places=6, allow_nan=False))
    def test_loses_nothing(self, value: Decimal) -> None:
        assert Decimal(scaled(value)).scaleb(-6) == value

"""Merit beside price: Prozorro's published example, points against a reference, monetised criteria.

Source of the first: openprocurement.auction and the API's documentation of features: maxima 0.15 + 0.15, chosen
0.1 + 0.1, coefficient 9/7, an offer of 499.00 counts as 388.11.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from marketplace.kernel.refusals import BadValue
from procurement.engines.scoring import (
    Criterion,
    Option,
    Scoring,
    additions,
    merit_of,
    total_points,
    weighted_price,
)


def criterion(code: str, *values: str) -> Criterion:
    return Criterion(code, code, tuple(Option(f"o{at}", f"o{at}", Fraction(one)) for at, one in enumerate(values)))


PROZORRO = Scoring("coefficient", (criterion("air", "0", "0.1", "0.15"), criterion("years", "0", "0.1", "0.15")))
POINTS = Scoring("points", (criterion("warranty", "0", "10", "30"),), price_weight=Fraction(70))
MONETISED = Scoring(
    "monetised",
    (criterion("quality", "60", "100"),),
    quality_weight=Fraction("0.02"),
    carbon_price=Fraction(100),
    life_cycle=True,
)


class TestCoefficient:
    def test_gives_nine_sevenths_and_388_11(self):
        merit = merit_of(PROZORRO, {"air": "o1", "years": "o1"})

        assert merit.coefficient == Fraction(9, 7)
        assert round(weighted_price(merit, Decimal("499.00")), 2) == Fraction("388.11")

    def test_adds_the_life_cycle_cost_undivided(self):
        scoring = Scoring("coefficient", PROZORRO.criteria, life_cycle=True)
        merit = merit_of(scoring, {"air": "o1", "years": "o1"})

        found = weighted_price(merit, Decimal(90), additions(scoring, None, Decimal("5.5")))

        assert found == 70 + Fraction("5.5")

    def test_without_an_answer_the_price_is_the_price(self):
        assert weighted_price(merit_of(PROZORRO, {}), Decimal("12.5")) == Fraction("12.5")

    def test_refuses_maxima_beyond_three_tenths_unless_more_is_published(self):
        with pytest.raises(BadValue):
            Scoring("coefficient", (criterion("air", "0.31"),))

        assert Scoring("coefficient", (criterion("air", "0.99"),), maxima=Fraction("0.99")).sum_of_maxima == Fraction(
            "0.99"
        )

    def test_adds_tenths_exactly(self):
        three = tuple(criterion(code, "0.1") for code in "abc")

        assert Scoring("coefficient", three).sum_of_maxima == Fraction(3, 10)


class TestPoints:
    def test_a_point_is_worth_the_reference_over_the_weight_of_the_price(self):
        full, none = (
            merit_of(POINTS, {"warranty": "o2"}, Decimal(140)),
            merit_of(POINTS, {"warranty": "o0"}, Decimal(140)),
        )

        assert (full.penalty, none.penalty) == (0, 60)  # 30 points x 140 / 70

    def test_ranks_by_points_as_by_what_prices_count_as(self):
        dear, cheap = merit_of(POINTS, {"warranty": "o2"}, Decimal(140)), merit_of(POINTS, {}, Decimal(140))

        assert weighted_price(dear, Decimal(150)) == 150
        assert weighted_price(cheap, Decimal(100)) == 160
        assert total_points(POINTS, dear, Decimal(150), Decimal(140)) == 95
        assert total_points(POINTS, cheap, Decimal(100), Decimal(140)) == 90

    def test_refuses_to_count_points_without_a_reference(self):
        with pytest.raises(BadValue):
            merit_of(POINTS, {"warranty": "o2"})


class TestMonetised:
    def test_adds_what_lacks_in_quality_carbon_and_life_cycle(self):
        merit = merit_of(MONETISED, {"quality": "o0"})

        found = weighted_price(merit, Decimal(10), additions(MONETISED, Decimal("2.5"), Decimal("0.3")))

        assert found == 10 + Fraction("0.8") + Fraction("0.25") + Fraction("0.3")

    def test_refuses_quality_that_is_not_out_of_a_hundred(self):
        with pytest.raises(BadValue):
            Scoring("monetised", (criterion("quality", "60", "90"),), quality_weight=Fraction(1))


@pytest.mark.parametrize("scoring", [PROZORRO, POINTS, MONETISED])
def test_what_is_published_is_what_is_read(scoring):
    assert Scoring.read(scoring.document()) == scoring


@pytest.mark.parametrize("chosen", [{"nobody": "o1"}, {"air": "o9"}])
def test_refuses_answers_that_nobody_asked_for(chosen):
    with pytest.raises(BadValue):
        merit_of(PROZORRO, chosen)

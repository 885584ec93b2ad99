"""Merit beside price: what is published about criteria becomes money a unit, so that one linear objective ranks all.

Three methods, each fixed before anybody bids and each read from the bid alone:

    coefficient   coefficient = 1 + sum(chosen) / (1 - sum of maxima); a price counts as price / coefficient
    points        a price at the reference earns `price_weight` points, every point is worth reference / price_weight
    monetised     quality is points out of 100; each that lacks costs `quality_weight` a unit

Carbon (`carbon_price` a tonne x kg a unit / 1000) and life-cycle cost a unit are added as they are in all three. No
method looks at another bid: who comes or goes turns no ranking of the others round. Fractions throughout, exact.

Source: the coefficient is the one Prozorro publishes (openprocurement.auction, "features"); docs/algorithms/scoring.md
works all three by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from marketplace.kernel.refusals import BadValue

COEFFICIENT, POINTS, MONETISED = "coefficient", "points", "monetised"
METHODS = (COEFFICIENT, POINTS, MONETISED)
USUAL_MAXIMA = Fraction(3, 10)  # the maxima of a coefficient add up to so much at most, unless more is published
MOST_MAXIMA = Fraction(99, 100)
FULL_QUALITY = 100
KG_A_TONNE = 1000


@dataclass(frozen=True)
class Option:
    """One answer a bidder may choose, and what it is worth: a part of 1, or points."""

    code: str
    title: str
    value: Fraction


@dataclass(frozen=True)
class Criterion:
    """A question with its answers; the best of them is the criterion's maximum."""

    code: str
    title: str
    options: tuple[Option, ...]

    @property
    def most(self) -> Fraction:
        return max(one.value for one in self.options)

    def value_of(self, option: str) -> Fraction:
        """Return what an answer is worth.

        :raises BadValue: the criterion has no such answer.
        """
        for one in self.options:
            if one.code == option:
                return one.value
        raise BadValue(place=self.code, value=option, reason="is none of its options")


@dataclass(frozen=True)
class Scoring:
    """What is published about merit.

    price_weight    points that a price at the lot's reference earns (method `points`)
    quality_weight  money a unit for each point of quality out of 100 that lacks (method `monetised`)
    carbon_price    money a tonne of CO2 equivalent
    life_cycle      whether bidders state, and are charged, a life-cycle cost a unit
    maxima          what the maxima of a coefficient may add up to

    :raises BadValue: an unknown method, a doubled code, a negative value, a weight that the method lacks, maxima beyond
        what is published, points of quality that do not add up to 100.
    """

    method: str
    criteria: tuple[Criterion, ...] = ()
    price_weight: Fraction = Fraction(0)
    quality_weight: Fraction = Fraction(0)
    carbon_price: Fraction = Fraction(0)
    life_cycle: bool = False
    maxima: Fraction = USUAL_MAXIMA

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise BadValue(place="scoring.method", value=self.method, reason="is none of " + ", ".join(METHODS))
        _once("scoring.criteria", [one.code for one in self.criteria])
        for one in self.criteria:
            _check_criterion(one)
        for place in ("price_weight", "quality_weight", "carbon_price"):
            if getattr(self, place) < 0:
                raise BadValue(place=f"scoring.{place}", value=str(getattr(self, place)), reason="is negative")
        self._check_method()

    def _check_method(self) -> None:
        if not 0 <= self.maxima <= MOST_MAXIMA:
            raise BadValue(place="scoring.maxima", value=str(self.maxima), reason=f"is not between 0 and {MOST_MAXIMA}")
        if self.method == COEFFICIENT and self.sum_of_maxima > self.maxima:
            raise BadValue(place="scoring.criteria", value=str(self.sum_of_maxima), reason=f"pass {self.maxima}")
        if self.method == POINTS and not self.price_weight:
            raise BadValue(place="scoring.price_weight", value=0, reason="is zero: price would count nothing")
        if self.method == MONETISED and self.criteria and self.sum_of_maxima != FULL_QUALITY:
            raise BadValue(place="scoring.criteria", value=str(self.sum_of_maxima), reason="do not add up to 100")

    @property
    def sum_of_maxima(self) -> Fraction:
        return sum((one.most for one in self.criteria), Fraction(0))

    @property
    def needs_reference(self) -> bool:
        """Whether every lot needs a reference price that is published beforehand."""
        return self.method == POINTS

    def chosen_sum(self, chosen: Mapping[str, str]) -> Fraction:
        """Return what a bidder's answers add up to; a criterion without an answer is worth nothing.

        :raises BadValue: an unknown criterion or answer.
        """
        known = {one.code: one for one in self.criteria}
        unknown = next((code for code in chosen if code not in known), None)
        if unknown is not None:
            raise BadValue(place="chosen", value=unknown, reason="is no criterion of this tender")
        return sum((known[code].value_of(option) for code, option in chosen.items()), Fraction(0))

    def document(self) -> dict[str, Any]:
        """Return what is published, numbers as text."""
        return {
            "method": self.method,
            "criteria": [
                {
                    "code": one.code,
                    "title": one.title,
                    "options": [{"code": o.code, "title": o.title, "value": str(o.value)} for o in one.options],
                }
                for one in self.criteria
            ],
            "price_weight": str(self.price_weight),
            "quality_weight": str(self.quality_weight),
            "carbon_price": str(self.carbon_price),
            "life_cycle": self.life_cycle,
            "maxima": str(self.maxima),
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Scoring:
        """Return what a published document says."""
        return cls(
            method=document["method"],
            criteria=tuple(
                Criterion(
                    one["code"],
                    one["title"],
                    tuple(Option(o["code"], o["title"], Fraction(o["value"])) for o in one["options"]),
                )
                for one in document["criteria"]
            ),
            price_weight=Fraction(document["price_weight"]),
            quality_weight=Fraction(document["quality_weight"]),
            carbon_price=Fraction(document["carbon_price"]),
            life_cycle=bool(document["life_cycle"]),
            maxima=Fraction(document["maxima"]),
        )


def _once(place: str, codes: list[str]) -> None:
    twice = next((code for at, code in enumerate(codes) if code in codes[:at]), None)
    if twice is not None:
        raise BadValue(place=place, value=twice, reason="stands twice")


def _check_criterion(one: Criterion) -> None:
    place = f"scoring.{one.code}"
    if not one.options:
        raise BadValue(place=place, value=one.code, reason="has no options")
    _once(place, [option.code for option in one.options])
    for option in one.options:
        if option.value < 0:
            raise BadValue(place=f"{place}.{option.code}", value=str(option.value), reason="is negative")


@dataclass(frozen=True)
class Merit:
    """What a bidder's answers make of its price: price / coefficient + `penalty` a unit."""

    coefficient: Fraction = Fraction(1)
    penalty: Fraction = Fraction(0)
    points: Fraction = Fraction(0)


def merit_of(scoring: Scoring, chosen: Mapping[str, str], reference: Decimal | Fraction | None = None) -> Merit:
    """Return the coefficient and the money a unit that the bidder's answers come to.

    reference  the lot's reference price a unit; needed by method `points`

    :raises BadValue: an unknown criterion or answer; a method that needs a reference without one.
    """
    points = scoring.chosen_sum(chosen)
    if scoring.method == COEFFICIENT:
        return Merit(1 + points / (1 - scoring.sum_of_maxima), Fraction(0), points)
    missing = scoring.sum_of_maxima - points
    if scoring.method == MONETISED:
        return Merit(Fraction(1), scoring.quality_weight * missing, points)
    if reference is None or reference <= 0:
        raise BadValue(place="reference", value=reference, reason="points need a reference above zero")
    return Merit(Fraction(1), missing * Fraction(reference) / scoring.price_weight, points)


def additions(scoring: Scoring, co2: Decimal | None, life_cycle: Decimal | None) -> Fraction:
    """Return what carbon (kg a unit) and life cycle (money a unit) add to a unit's price."""
    carbon = scoring.carbon_price * Fraction(co2 or 0) / KG_A_TONNE
    return carbon + (Fraction(life_cycle or 0) if scoring.life_cycle else Fraction(0))


def weighted_price(merit: Merit, price: Decimal | Fraction, added: Fraction = Fraction(0)) -> Fraction:
    """Return what a unit's price counts as: the lower the better.

    price  goods and freight a unit
    added  what `additions` says
    """
    return Fraction(price) / merit.coefficient + merit.penalty + added


def total_points(scoring: Scoring, merit: Merit, price: Decimal | Fraction, reference: Decimal) -> Fraction:
    """Return the points of method `points`: price_weight x (2 - price / reference) + the chosen points.

    Ranking by them, highest first, is ranking by `weighted_price`, lowest first.
    """
    return scoring.price_weight * (2 - Fraction(price) / Fraction(reference)) + merit.points

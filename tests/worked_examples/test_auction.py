"""An auction worked by hand, as docs/algorithms/auction.md tells it.

Sources: the order of turns (worst first, three rounds) is that of openprocurement.auction; the coefficient 9/7 for
chosen 0.1 + 0.1 of maxima 0.15 + 0.15, and 499.00 counting as 388.11, stand in its documentation of features; that a
step of 10.2 below 100.1 allows 89.9 is its test of exact steps.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from procurement.engines import auction as engine
from procurement.engines.auction import BEGAN, BID, STAYED, TIMED_OUT, Bidder, Event, Terms
from procurement.tenders.rules.auctioning import freight_a_unit, lowered
from procurement.tenders.rules.offers import Tier

EIGHT = datetime(2026, 3, 2, 8, tzinfo=UTC)
NINE_SEVENTHS = 1 + (Fraction(1, 10) + Fraction(1, 10)) / (1 - (Fraction(15, 100) + Fraction(15, 100)))


def test_the_published_coefficient() -> None:
    bidder = Bidder("Bidder 1", Decimal(499), 1, NINE_SEVENTHS)

    assert Fraction(9, 7) == NINE_SEVENTHS
    assert round(bidder.weighed(Decimal("499.00")), 2) == Fraction(38811, 100)


def test_three_bidders_in_three_rounds() -> None:
    terms = Terms(
        (
            Bidder("Bidder 1", Decimal("100.1"), 1),
            Bidder("Bidder 2", Decimal(110), 2, NINE_SEVENTHS),
            Bidder("Bidder 3", Decimal(95), 3),
        ),
        step=Decimal("10.2"),
        places=4,
        turn_seconds=120,
        starts_at=EIGHT,
    )
    moves = [
        [("Bidder 1", "89.9"), ("Bidder 3", "80"), ("Bidder 2", None)],
        [("Bidder 1", "out of time"), ("Bidder 2", "99.8"), ("Bidder 3", None)],
        [("Bidder 1", "79.7"), ("Bidder 3", None), ("Bidder 2", None)],
    ]

    at, state = EIGHT, engine.follow(engine.begin(terms), Event(BEGAN, EIGHT))
    for round_, moved in enumerate(moves, start=1):
        assert (state.round, list(state.order)) == (round_, [name for name, _ in moved])
        for name, said in moved:
            if said == "out of time":
                at += timedelta(seconds=120)
                state = engine.follow(state, Event(TIMED_OUT, at, name))
            else:
                at += timedelta(seconds=30)
                kind = STAYED if said is None else BID
                state = engine.follow(state, Event(kind, at, name, None if said is None else Decimal(said)))

    assert engine.result_of(state) == {
        "winner": "Bidder 2",
        "ranking": [
            {"bidder": "Bidder 2", "price": "99.8", "weighed": "3493/45"},
            {"bidder": "Bidder 1", "price": "79.7", "weighed": "797/10"},
            {"bidder": "Bidder 3", "price": "80", "weighed": "80"},
        ],
    }


def test_freight_and_tiers_of_an_offer() -> None:
    wanted = {"Zhejiang": Decimal(100), "Jiangsu": Decimal(30)}
    tiers = [Tier(Decimal(1), Decimal(50), Decimal(20)), Tier(Decimal(51), None, Decimal("12.5"))]

    assert freight_a_unit({"Zhejiang": Decimal("0.1")}, wanted) == Fraction(1, 13)
    assert [one.price for one in lowered(tiers, Decimal("12.5"), Decimal("11.9"))] == [
        Decimal("19.04"),
        Decimal("11.9"),
    ]
    assert [one.price for one in lowered(tiers, Decimal("12.5"), Decimal("11.7777"))] == [
        Decimal("18.8443"),
        Decimal("11.7777"),
    ]

"""What an offer must say: no database."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from procurement.tenders.rules.offers import BadOffer, LotTerms, OfferTerms, Tier, read_offer, steps_of

TERMS = OfferTerms(
    (
        LotTerms("LT-2026-0001", Decimal(10), ("Zhejiang", "Anhui")),
        LotTerms("LT-2026-0002", Decimal(1), ("Zhejiang",)),
    ),
    "CNY",
)
FREIGHT = {"Zhejiang": "0.3", "Anhui": "0.5"}


def offer(*tiers: tuple[Any, Any, Any], **more: Any) -> dict[str, Any]:
    rows = [{"from": start, "to": end, "price": price} for start, end, price in tiers]
    return {"lots": [{"lot": "LT-2026-0001", "tiers": rows, **more}]}


class TestReadOffer:
    def test_reads_tiers_freight_capacity_and_lead_time(self):
        document = offer(("1", "99", "12.5"), (100, None, "11.9"), freight=FREIGHT, lead_days=21)

        found = read_offer({**document, "capacity": "5000"}, TERMS)

        assert found.capacity == 5000
        assert found.lots[0].tiers == (
            Tier(Decimal(1), Decimal(99), Decimal("12.5")),
            Tier(Decimal(100), None, Decimal("11.9")),
        )
        assert found.lots[0].freight == {"Zhejiang": Decimal("0.3"), "Anhui": Decimal("0.5")}
        assert found.lots[0].lead_days == 21

    def test_takes_prices_without_freight_as_delivered(self):
        found = read_offer(offer((1, None, "12")), TERMS)

        assert found.lots[0].freight == {"Zhejiang": 0, "Anhui": 0}

    def test_says_again_what_it_read(self):
        found = read_offer(offer((1, 99, "12.50"), (100, None, "11.9"), freight=FREIGHT), TERMS)

        assert read_offer(found.document(), TERMS) == found

    def test_counts_tiers_in_whole_steps_of_the_lot(self):
        found = read_offer(offer((1, "99", "12"), ("100", None, "11")), TERMS)

        assert [steps_of(tier, Decimal(10)) for tier in found.lots[0].tiers] == [(1, 9), (10, None)]

    def test_takes_the_steps_that_lie_wholly_within_a_tier(self):
        found = read_offer(offer((1, 15, "12"), (16, 35, "11"), (36, None, "10")), TERMS)

        assert [steps_of(tier, Decimal(10)) for tier in found.lots[0].tiers] == [(1, 1), (2, 3), (4, None)]


@pytest.mark.parametrize(
    ("document", "place", "reason"),
    [
        (
            offer((1, 99, "12"), (120, None, "11")),
            "LT-2026-0001.tiers[1].from",
            "leaves a gap after the tier before it",
        ),
        (offer((1, 100, "12"), (100, None, "11")), "LT-2026-0001.tiers[1].from", "overlaps the tier before it"),
        (offer((1, None, "12"), (100, None, "11")), "LT-2026-0001.tiers[1].from", "follows a tier without end"),
        (offer((100, 50, "12")), "LT-2026-0001.tiers[0].to", "ends before it begins"),
        (offer((1, 9, "12")), "LT-2026-0001.tiers[0].to", "holds no whole step of 10"),
        (offer((1, None, "-12")), "LT-2026-0001.tiers[0].price", "is negative"),
        (offer((1, None, "-0")), "LT-2026-0001.tiers[0].price", "is negative"),
        (offer(("-1", None, "12")), "LT-2026-0001.tiers[0].from", "is negative"),
        (offer((1, None, "12.34567")), "LT-2026-0001.tiers[0].price", "has more than 4 decimals"),
        (offer((1, None, 12.5)), "LT-2026-0001.tiers[0].price", "is no number written as text"),
        (offer((1, None, True)), "LT-2026-0001.tiers[0].price", "is no number written as text"),
        (offer((1, None, None)), "LT-2026-0001.tiers[0].price", "is missing"),
        (offer((1, None, "12"), freight={"Zhejiang": "1"}), "LT-2026-0001.freight", "says nothing of Anhui"),
        (
            offer((1, None, "12"), freight={**FREIGHT, "Hunan": "1"}),
            "LT-2026-0001.freight",
            "has a key nobody knows: Hunan",
        ),
        (offer((1, None, "12"), lead_days=-1), "LT-2026-0001.lead_days", "is no number of days"),
        (offer((1, None, "12"), discount="3"), "lots[0]", "has a key nobody knows: discount"),
        (offer(), "LT-2026-0001.tiers", "is no list, or an empty one"),
        ({"lots": [{"lot": "LT-2026-0099", "tiers": []}]}, "lots[0].lot", "is no lot of this tender"),
        ({"lots": [{"tiers": []}]}, "lots[0].lot", "is no lot of this tender"),
        ({"lots": [{"lot": "LT-2026-0001"}]}, "LT-2026-0001.tiers", "is no list, or an empty one"),
        ({"lots": []}, "lots", "is no list, or an empty one"),
        ({"lots": offer((1, None, "1"))["lots"] * 2}, "LT-2026-0001", "is offered twice"),
        ({"lots": offer((1, None, "1"))["lots"] * 3}, "lots", "is longer than 2"),
        ({**offer((1, None, "1")), "capacity": "0"}, "capacity", "is zero"),
        ([], "offer", "is no object"),
        ({"price": "9.99"}, "offer", "has a key nobody knows: price"),
    ],
)
def test_refuses_what_cannot_be_read_in_one_way_only(document, place, reason):
    with pytest.raises(BadOffer) as refused:
        read_offer(document, TERMS)

    assert refused.value.facts == {"place": place, "reason": reason}


@pytest.mark.parametrize(
    "price", ["NaN", "Infinity", "1e308", "0x10", "", " 12", "1,200", "１２", "9" * 13, Decimal("NaN"), "1_000", {}, []]
)
def test_refuses_a_price_that_is_no_plain_number_and_does_not_repeat_it(price):
    with pytest.raises(BadOffer) as refused:
        read_offer(offer((1, None, price)), TERMS)

    assert refused.value.facts["place"] == "LT-2026-0001.tiers[0].price"
    assert not str(price) or str(price) not in str(refused.value)

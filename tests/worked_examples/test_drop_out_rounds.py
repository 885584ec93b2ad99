"""Drop-out rounds worked by hand: three members, one falling price, then two suppliers at different prices.

Teng sells 1-49 at 100, 50-99 at 90, from 100 at 80. Lin wants 60 at no more than 85, Bao 40 at any price,
Wei 20 at no more than 105.
"""

from __future__ import annotations

from fractions import Fraction

from procurement.engines.award import (
    AwardProblem,
    Bid,
    Dropped,
    Lot,
    Package,
    Rules,
    Supplier,
    Tier,
    Want,
    drop_out_rounds,
)

LIN = Want("Lin", "bolts", "north", 60, Fraction(85))
BAO = Want("Bao", "bolts", "north", 40)
WEI = Want("Wei", "bolts", "north", 20, Fraction(105))
FALLING = (Tier(1, 49, 100), Tier(50, 99, 90), Tier(100, 500, 80))


def market(*bids: Bid, capacity: int = 500, packages: tuple[Package, ...] = ()) -> AwardProblem:
    return AwardProblem(
        mode="all_units",
        regions=("north",),
        lots=(Lot("bolts", {"north": 0}, 200), Lot("nuts", {"north": 0}, 50)),
        suppliers=(Supplier("Teng", capacity, capacity), Supplier("Hua", 500, 500)),
        bids=bids,
        packages=packages,
        rules=Rules(0, 2, 2, 0),
    )


def bid(supplier: str, *tiers: Tier, freight: int = 0, criteria: int = 0) -> Bid:
    return Bid(supplier.lower(), supplier, "bolts", tiers, {"north": freight}, criteria)


def test_everybody_stays_at_the_lowest_step() -> None:
    rounds = drop_out_rounds(market(bid("Teng", *FALLING)), [LIN, BAO, WEI])

    assert [one.landed for one in rounds] == [{("bolts", "north"): 80}]
    assert rounds[0].dropped == ()


def test_one_who_leaves_can_take_others_along() -> None:
    # With 6 of freight the landed price of 120 units is 86: Lin leaves; 60 units cost 96 and nobody else minds.
    # With 16 of freight: 96 drops Lin, 106 drops Wei, and Bao alone pays 116.
    some = drop_out_rounds(market(bid("Teng", *FALLING, freight=6)), [LIN, BAO, WEI])
    all_but_one = drop_out_rounds(market(bid("Teng", *FALLING, freight=16)), [LIN, BAO, WEI])

    assert [one.dropped for one in some] == [(Dropped(LIN, Fraction(86)),), ()]
    assert [one.landed["bolts", "north"] for one in all_but_one] == [96, 106, 116]
    assert all_but_one[-1].wants == (BAO,)


def test_the_fee_counts_and_what_only_ranks_bids_does_not() -> None:
    rounds = drop_out_rounds(market(bid("Teng", *FALLING, criteria=50)), [LIN, BAO, WEI], fee=Fraction(1, 20))

    assert rounds[0].landed == {("bolts", "north"): 84}
    assert len(rounds) == 1


def test_two_suppliers_give_one_blended_price() -> None:
    # Teng can make 100 at 80; Hua the other 20 at 98 with 2 of freight: (8000 + 20 x 98 + 40) / 120 = 250 / 3.
    rounds = drop_out_rounds(
        market(bid("Teng", *FALLING), bid("Hua", Tier(1, 500, 98), freight=2), capacity=100), [LIN, BAO, WEI]
    )

    assert rounds[-1].landed == {("bolts", "north"): Fraction(250, 3)}


def test_a_package_is_shared_by_quantity_at_reserve() -> None:
    # 100 bolts at reserve 200 and 100 nuts at reserve 50: four fifths and one fifth of 10,000.
    both = Package(
        "kit",
        "Hua",
        {"bolts": 100, "nuts": 100},
        10_000,
        {"bolts": {"north": 3}, "nuts": {"north": 1}},
        {"bolts": 0, "nuts": 0},
    )
    wants = [Want("Lin", "bolts", "north", 100, Fraction(83)), Want("Bao", "nuts", "north", 100, Fraction(21))]

    rounds = drop_out_rounds(market(packages=(both,)), wants)

    assert rounds[-1].landed == {("bolts", "north"): 83, ("nuts", "north"): 21}


def test_a_curve_keeps_its_cheaper_wants_only_at_cheaper_prices() -> None:
    # Lin wants 30 at up to 100 and 30 more at up to 85.
    curve = [Want("Lin", "bolts", "north", 30, Fraction(100)), Want("Lin", "bolts", "north", 30, Fraction(85))]

    rounds = drop_out_rounds(market(bid("Teng", *FALLING)), curve)

    assert [one.landed["bolts", "north"] for one in rounds] == [90, 100]
    assert rounds[-1].wants == (curve[0],)

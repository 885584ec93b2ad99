"""The rounds of an award: no database; small cases by hand, and against trying everything."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from procurement.tenders.rules import rounds
from procurement.tenders.rules.cases import Case, Demand, LotCase, Member, parts_of
from procurement.tenders.rules.offers import LotOffer, Tier
from procurement.tenders.rules.rounds import AwardNotConfirmed, NoAwardPossible, decide
from procurement.tenders.rules.terms import AwardRules

D = Decimal
TENG, SHEN, GAO = "OR-2026-0005", "OR-2026-0006", "OR-2026-0007"


def member(name: str, quantity: int | str, ceiling: str | None = None) -> Member:
    return Member(name, D(quantity), None if ceiling is None else D(ceiling))


def demand(pool: str, *members: Member, region: str = "Zhejiang", fee: str = "0") -> Demand:
    return Demand(pool, region, D(fee), members)


def tiers(*steps: tuple[int, int | None, str]) -> tuple[Tier, ...]:
    return tuple(Tier(D(start), None if end is None else D(end), D(price)) for start, end, price in steps)


def offers(lot_ref: str, **by_supplier: Any) -> tuple[tuple[str, LotOffer], ...]:
    refs = {"teng": TENG, "shen": SHEN, "gao": GAO}
    found = []
    for name, said in by_supplier.items():
        steps, freight = said if isinstance(said, tuple) else (said, {})
        regions = {"Zhejiang": D(0), "Anhui": D(0)} | {region: D(cost) for region, cost in freight.items()}
        found.append((refs[name], LotOffer(lot_ref, tiers(*steps), regions)))
    return tuple(found)


def lot(*demands: Demand, ref: str = "LT-1", step: str = "1", reserve: str | None = None, **said: Any) -> LotCase:
    return LotCase(ref, D(step), None if reserve is None else D(reserve), demands, offers(ref, **said))


def case(*lots: LotCase, capacities: dict[str, Decimal] | None = None, **rules: Any) -> Case:
    return Case(lots, capacities or {}, AwardRules(**rules), "CNY")


def won(part: rounds.PartAward) -> set[tuple[str, str, Decimal, Decimal]]:
    return {(one.supplier_ref, one.pool_ref, one.quantity, one.price) for one in part.won}


class TestDecide:
    def test_gives_the_lot_to_the_cheapest(self):
        wanted = demand("PL-1", member("CM-1", 60), member("CM-2", 40))

        (part,) = decide(case(lot(wanted, teng=[(1, None, "12.5")], shen=[(1, None, "12.4")])), 5)

        assert won(part) == {(SHEN, "PL-1", D(100), D("12.4"))}
        assert part.total == part.bound == 1240
        assert part.proved
        assert part.prices["PL-1"] == D("12.4")
        assert [(one["supplier"], one["code"], one["at_least"]) for one in part.rejected] == [
            (TENG, "dearer", "0.100000")
        ]

    def test_pays_the_tier_that_the_pooled_quantity_reaches(self):
        wanted = demand("PL-1", member("CM-1", 60), member("CM-2", 40))

        (part,) = decide(case(lot(wanted, teng=[(1, 99, "13"), (100, None, "11")], shen=[(1, None, "12")])), 5)

        assert won(part) == {(TENG, "PL-1", D(100), D(11))}
        assert part.total == 1100

    def test_splits_by_freight_over_regions(self):
        near, far = demand("PL-1", member("CM-1", 10)), demand("PL-2", member("CM-2", 10), region="Anhui")
        teng = ([(1, None, "10")], {"Zhejiang": "0.5", "Anhui": "3"})
        shen = ([(1, None, "11")], {"Zhejiang": "2", "Anhui": "0.25"})

        (part,) = decide(case(lot(near, far, teng=teng, shen=shen)), 5)

        assert won(part) == {(TENG, "PL-1", D(10), D(10)), (SHEN, "PL-2", D(10), D(11))}
        assert part.prices["PL-1"] == D("10.5")
        assert part.prices["PL-2"] == D("11.25")

    def test_charges_everybody_of_a_pool_the_same_blend_where_two_suppliers_deliver(self):
        wanted = demand("PL-1", member("CM-1", 30), member("CM-2", 70))

        (part,) = decide(case(lot(wanted, teng=[(1, 60, "10")], shen=[(1, None, "11")])), 5)

        assert won(part) == {(TENG, "PL-1", D(60), D(10)), (SHEN, "PL-1", D(40), D(11))}
        assert part.prices["PL-1"] == D("10.4")

    def test_counts_in_steps_and_keeps_decimals_exact(self):
        wanted = demand("PL-1", member("CM-1", "2.5"), member("CM-2", "1.5"))

        (part,) = decide(case(lot(wanted, step="0.5", teng=[(0, None, "0.0003")])), 5)

        assert won(part) == {(TENG, "PL-1", D(4), D("0.0003"))}
        assert part.total == Fraction(12, 10000)

    def test_says_the_same_again(self):
        wanted = demand("PL-1", member("CM-1", 100))
        asked = case(lot(wanted, teng=[(1, None, "10")], shen=[(1, None, "10")]))

        first, second = (list(decide(asked, 5)) for _ in range(2))

        assert won(first[0]) == won(second[0]) == {(TENG, "PL-1", D(100), D(10))}


class TestDropOut:
    def test_drops_whose_ceiling_is_below_the_landed_price_and_awards_anew(self):
        wanted = demand("PL-1", member("CM-1", 60, "12"), member("CM-2", 40, "10.9"), member("CM-3", 20))

        (part,) = decide(case(lot(wanted, teng=[(1, 99, "12"), (100, None, "11")])), 5)

        assert [sorted(one.dropped) for one in part.rounds] == [["CM-2"], []]
        assert part.dropped["CM-2"].to_json() == {
            "code": "price_above_ceiling",
            "landed": "11.000000",
            "ceiling": "10.900000",
        }
        assert won(part) == {(TENG, "PL-1", D(80), D(12))}
        assert part.failed == {}

    def test_drops_again_when_the_price_rises_for_those_who_stay(self):
        wanted = demand("PL-1", member("CM-1", 60, "11.5"), member("CM-2", 40, "10.9"), member("CM-3", 20))

        (part,) = decide(case(lot(wanted, teng=[(1, 99, "12"), (100, None, "11")])), 5)

        assert [sorted(one.dropped) for one in part.rounds] == [["CM-2"], ["CM-1"], []]
        assert won(part) == {(TENG, "PL-1", D(20), D(12))}

    def test_judges_the_ceiling_by_goods_freight_and_fee(self):
        stays = demand("PL-1", member("CM-1", 10, "10.6"), fee="1")
        goes = demand("PL-2", member("CM-2", 10, "10.59"), fee="1", region="Anhui")
        teng = ([(1, None, "10")], {"Zhejiang": "0.5", "Anhui": "0.5"})

        (part,) = decide(case(lot(stays, goes, teng=teng)), 5)

        assert part.dropped.keys() == {"CM-2"}
        assert part.failed == {"PL-2": "price_above_ceiling"}
        assert part.prices == {"PL-1": D("10.5")}

    def test_serves_the_oldest_first_when_suppliers_deliver_less(self):
        wanted = demand("PL-1", member("CM-1", 50), member("CM-2", 40), member("CM-3", 30))

        (part,) = decide(case(lot(wanted, teng=[(1, 80, "10")])), 5)

        assert part.dropped["CM-3"].code == "nobody_delivers"
        assert {ref: (cut.quantity, cut.why.code) for ref, cut in part.cut.items()} == {"CM-2": (D(30), "part")}
        assert won(part) == {(TENG, "PL-1", D(80), D(10))}

    def test_shares_by_the_rule_that_the_pool_named_when_suppliers_deliver_less(self):
        wanted = replace(demand("PL-1", member("CM-1", 50), member("CM-2", 40), member("CM-3", 30)), rule="pro_rata")

        (part,) = decide(case(lot(wanted, teng=[(1, 60, "10")])), 5)

        assert part.dropped == {}
        assert {ref: cut.quantity for ref, cut in part.cut.items()} == {"CM-1": D(25), "CM-2": D(20), "CM-3": D(15)}
        assert {cut.why.code for cut in part.cut.values()} == {"part_pro_rata"}
        assert [sorted(one.cut) for one in part.rounds] == [["CM-1", "CM-2", "CM-3"], []]
        assert won(part) == {(TENG, "PL-1", D(60), D(10))}

    def test_who_drops_out_after_a_cut_is_out(self):
        wanted = demand("PL-1", member("CM-1", 60), member("CM-2", 60, "10.5"))

        (part,) = decide(case(lot(wanted, teng=[(1, 79, "11"), (80, 80, "10")])), 5)

        assert (part.cut, part.dropped) == ({"CM-2": part.cut["CM-2"]}, {})
        assert part.cut["CM-2"].quantity == D(20)

    def test_fails_the_pool_that_nobody_delivers_to(self):
        (part,) = decide(case(lot(demand("PL-1", member("CM-1", 50)))), 5)

        assert (part.won, part.failed) == ((), {"PL-1": "nobody_delivers"})
        assert len(part.rounds) == 1

    def test_fails_the_pool_when_even_the_least_award_is_more_than_is_wanted(self):
        wanted = demand("PL-1", member("CM-1", 50))

        (part,) = decide(case(lot(wanted, teng=[(60, None, "10")])), 5)

        assert part.failed == {"PL-1": "nobody_delivers"}

    def test_leaves_what_costs_more_than_the_published_reserve(self):
        wanted = demand("PL-1", member("CM-1", 50))

        (part,) = decide(case(lot(wanted, reserve="9.99", teng=[(1, None, "10")])), 5)

        assert part.failed == {"PL-1": "nobody_delivers"}


class TestParts:
    def test_decides_lots_apart_that_share_nothing(self):
        one = lot(demand("PL-1", member("CM-1", 50)), ref="LT-1", teng=[(1, None, "10")])
        two = lot(demand("PL-2", member("CM-2", 50)), ref="LT-2", teng=[(1, None, "20")])

        assert len(parts_of(case(one, two))) == 2
        assert sum(part.total for part in decide(case(one, two), 5)) == 1500

    def test_keeps_lots_together_that_a_capacity_ties(self):
        one = lot(demand("PL-1", member("CM-1", 50)), ref="LT-1", teng=[(1, None, "10")], shen=[(1, None, "11")])
        two = lot(demand("PL-2", member("CM-2", 50)), ref="LT-2", teng=[(1, None, "20")], shen=[(1, None, "25")])

        (part,) = decide(case(one, two, capacities={TENG: D(60)}), 5)

        assert won(part) == {(TENG, "PL-1", D(10), D(10)), (SHEN, "PL-1", D(40), D(11)), (TENG, "PL-2", D(50), D(20))}
        assert part.total == 100 + 440 + 1000

    def test_takes_no_notice_of_a_capacity_that_cannot_bind(self):
        one = lot(demand("PL-1", member("CM-1", 50)), ref="LT-1", teng=[(1, None, "10")])
        two = lot(demand("PL-2", member("CM-2", 50)), ref="LT-2", teng=[(1, None, "20")])

        assert [part.capacities for part in parts_of(case(one, two, capacities={TENG: D(100)}))] == [{}, {}]

    def test_keeps_lots_together_that_a_limit_on_winners_ties(self):
        one = lot(demand("PL-1", member("CM-1", 50)), ref="LT-1", teng=[(1, None, "10")], shen=[(1, None, "11")])
        two = lot(demand("PL-2", member("CM-2", 50)), ref="LT-2", teng=[(1, None, "24")], shen=[(1, None, "20")])

        (part,) = decide(case(one, two, winners_max=1), 5)

        assert {one.supplier_ref for one in part.won} == {SHEN}

    def test_lets_as_many_share_a_lot_as_the_rules_say(self):
        wanted = demand("PL-1", member("CM-1", 100))
        said = {"teng": [(1, 60, "10")], "shen": [(1, 60, "11")], "gao": [(1, None, "10.8")]}

        (alone,) = decide(case(lot(wanted, **said), winners_per_lot=1), 5)
        (shared,) = decide(case(lot(wanted, **said)), 5)

        assert won(alone) == {(GAO, "PL-1", D(100), D("10.8"))}
        assert won(shared) == {(TENG, "PL-1", D(60), D(10)), (GAO, "PL-1", D(40), D("10.8"))}

    def test_counts_a_capacity_over_lots_of_different_steps_in_units(self):
        one = lot(demand("PL-1", member("CM-1", 50)), ref="LT-1", step="10", teng=[(1, None, "1")])
        two = lot(demand("PL-2", member("CM-2", 9)), ref="LT-2", step="3", teng=[(1, None, "2")])

        (part,) = decide(case(one, two, capacities={TENG: D(53)}), 5)

        assert sum(line.quantity for line in part.won) <= 53

    def test_counts_on_in_the_same_steps_when_a_lot_falls_away(self):
        one = lot(demand("PL-1", member("CM-1", 50)), ref="LT-1", step="10", teng=[(1, None, "1")])
        two = lot(demand("PL-2", member("CM-2", 9, "1.5")), ref="LT-2", step="3", teng=[(1, None, "2")])

        (part,) = decide(case(one, two, capacities={TENG: D(58)}), 5)

        assert won(part) == {(TENG, "PL-1", D(50), D(1))}
        assert part.total == 50
        assert part.failed == {"PL-2": "price_above_ceiling"}


class TestChecks:
    def test_refuses_an_award_that_the_checker_does_not_confirm(self, monkeypatch):
        monkeypatch.setattr(rounds, "check_award", lambda problem, decision: ["total is wrong"])

        with pytest.raises(AwardNotConfirmed):
            list(decide(case(lot(demand("PL-1", member("CM-1", 50)), teng=[(1, None, "10")])), 5))

    def test_says_when_the_rules_leave_no_award(self):
        with pytest.raises(NoAwardPossible):
            list(decide(case(lot(demand("PL-1", member("CM-1", 5)), teng=[(1, None, "10")]), winners_min=2), 5))


def tried(lots: list[LotCase], most: dict[str, int]) -> int:
    """The least cost of serving everything, by trying every split of every lot over three suppliers."""
    splits = []
    for one in lots:
        wanted = int(one.quantity)
        options = []
        for shares in product(range(wanted + 1), repeat=len(one.offers)):
            if sum(shares) == wanted:
                prices = [price_of(offer, units) for (_, offer), units in zip(one.offers, shares, strict=True)]
                if None not in prices:
                    options.append((shares, sum(p * u for p, u in zip(prices, shares, strict=True) if p is not None)))
        splits.append(options)
    best = []
    for chosen in product(*splits):
        sold: dict[str, int] = {}
        for one, (shares, _) in zip(lots, chosen, strict=True):
            for (ref, _), units in zip(one.offers, shares, strict=True):
                sold[ref] = sold.get(ref, 0) + units
        if all(sold.get(ref, 0) <= limit for ref, limit in most.items()):
            best.append(sum(cost for _, cost in chosen))
    return min(best)


def price_of(offer: LotOffer, units: int) -> int | None:
    if not units:
        return 0
    return next((int(t.price) for t in offer.tiers if t.start <= units and (t.end is None or units <= t.end)), None)


@pytest.mark.parametrize("capacity", [5, 7, 9, 30])
@pytest.mark.parametrize("cheap", [6, 8])
def test_costs_no_more_than_any_split_that_was_tried(capacity, cheap):
    first = lot(
        demand("PL-1", member("CM-1", 4), member("CM-2", 3)),
        ref="LT-1",
        teng=[(2, 4, "10"), (5, None, str(cheap))],
        shen=[(1, 3, "9"), (4, None, "8")],
        gao=[(3, 6, "7")],
    )
    second = lot(
        demand("PL-2", member("CM-3", 5)), ref="LT-2", teng=[(1, None, "5")], shen=[(5, None, "4")], gao=[(1, 2, "3")]
    )

    parts = list(decide(case(first, second, capacities={TENG: D(capacity), SHEN: D(6)}), 10))

    assert sum(part.total for part in parts) == tried([first, second], {TENG: capacity, SHEN: 6})
    assert all(part.proved for part in parts)

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.refusals import BadValue
from procurement.engines.allocation_rules import ALLOCATION_RULES, MEANINGS, NAMES, WORDS, Allocation, allocate
from procurement.engines.packs import Row, allocate_first_come

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
RULES = st.sampled_from(ALLOCATION_RULES)
PACKS_CODES = {"full", "firm_full", "part", "nothing_left"}
MEMBERS_COMPETE = ("pro_rata", "max_min", "smallest_first")
amounts = st.integers(0, 40).map(Decimal)
fine = st.decimals(0, 1000, places=3)


@st.composite
def queues(draw: st.DrawFn, quantities: st.SearchStrategy[Decimal] = amounts) -> list[Row]:
    minutes, numbers = st.integers(0, 3), st.integers(0, 2)
    many = draw(st.lists(st.tuples(quantities, quantities, minutes, numbers, numbers), max_size=7))
    return [
        Row(f"r{place}", f"m{place % 4}", firm, more, NOON + timedelta(minutes=minute), sequence, priority)
        for place, (firm, more, minute, sequence, priority) in enumerate(many)
    ]


def row(ref: str, firm: int, tolerance: int = 0, *, member: str = "", minute: int = 0, priority: int = 0) -> Row:
    at = NOON + timedelta(minutes=minute)
    return Row(ref, member or ref, Decimal(firm), Decimal(tolerance), at, priority=priority)


def firm_of(found: Allocation) -> dict[str, Decimal]:
    got: dict[str, Decimal] = defaultdict(Decimal)
    for share in found.shares:
        got[share.member] += share.firm
    return got


class TestAllocate:
    @given(RULES, queues(fine), fine)
    def test_gives_nobody_more_than_firm_and_tolerance(self, rule: str, rows: list[Row], available: Decimal) -> None:
        asked = {one.ref: one for one in rows}

        for share in allocate(rule, rows, available).shares:
            assert 0 <= share.firm <= asked[share.ref].firm
            assert 0 <= share.tolerance <= asked[share.ref].tolerance

    @given(RULES, queues(fine), fine)
    def test_adds_up_exactly_and_wastes_nothing(self, rule: str, rows: list[Row], available: Decimal) -> None:
        found = allocate(rule, rows, available)

        assert sum((share.quantity for share in found.shares), found.left_over) == available
        assert found.left_over == max(available - sum(one.firm + one.tolerance for one in rows), 0)

    @given(RULES, queues(), amounts)
    def test_serves_firm_quantities_before_any_tolerance(self, rule: str, rows: list[Row], available: Decimal) -> None:
        shares = allocate(rule, rows, available).shares
        wanted = {one.ref: one.firm for one in rows}

        if any(share.tolerance for share in shares):
            assert all(share.firm == wanted[share.ref] for share in shares)

    @given(RULES, queues(fine), fine)
    def test_gives_whole_steps(self, rule: str, rows: list[Row], available: Decimal) -> None:
        found = allocate(rule, rows, available, step=Decimal("0.25"))

        assert all(share.firm % found.step == share.tolerance % found.step == 0 for share in found.shares)

    @given(RULES, queues(), amounts, st.randoms(use_true_random=False))
    def test_does_not_care_in_which_order_rows_come(
        self, rule: str, rows: list[Row], available: Decimal, shuffling: random.Random
    ) -> None:
        mixed = list(rows)
        shuffling.shuffle(mixed)

        assert allocate(rule, mixed, available) == allocate(rule, rows, available)

    @given(st.sampled_from(MEMBERS_COMPETE), queues(), amounts)
    def test_age_moves_nothing_but_the_odd_steps(self, rule: str, rows: list[Row], available: Decimal) -> None:
        younger = [
            Row(one.ref, one.member, one.firm, one.tolerance, NOON - timedelta(minutes=place))
            for place, one in enumerate(rows)
        ]
        before, after = firm_of(allocate(rule, rows, available)), firm_of(allocate(rule, younger, available))

        if rule == "smallest_first":
            assert sorted(before.values()) == sorted(after.values())
        else:
            assert all(abs(before[member] - after[member]) <= 1 for member in before)

    @given(st.sampled_from(MEMBERS_COMPETE), queues(), amounts)
    def test_splitting_a_want_gains_nothing(self, rule: str, rows: list[Row], available: Decimal) -> None:
        halves = [
            Row(f"{one.ref}{half}", one.member, part, more, one.at, one.sequence)
            for one in rows
            for half, part, more in (("a", one.firm // 2, one.tolerance), ("b", one.firm - one.firm // 2, Decimal(0)))
        ]

        assert firm_of(allocate(rule, halves, available)) == firm_of(allocate(rule, rows, available))

    @given(queues(fine), fine)
    def test_first_come_is_the_rule_of_packs(self, rows: list[Row], available: Decimal) -> None:
        ours, theirs = allocate("first_come", rows, available), allocate_first_come(rows, available)

        assert [(one.ref, one.firm, one.tolerance, one.why.code) for one in ours.shares] == [
            (one.ref, one.firm, one.tolerance, one.why.code) for one in theirs.shares
        ]
        assert [Decimal(str(one.why.facts["ahead"])) for one in ours.shares] == [
            Decimal(str(one.why.facts["ahead"])) for one in theirs.shares
        ]
        assert ours.by_member == theirs.by_member

    @given(RULES, queues(), amounts)
    def test_every_share_says_why_in_known_words(self, rule: str, rows: list[Row], available: Decimal) -> None:
        for share in allocate(rule, rows, available).shares:
            facts = share.why.facts
            assert Decimal(str(facts["got"])) == share.quantity
            assert facts["rule"] == rule
            assert share.why.code in PACKS_CODES or WORDS[share.why.code].format(**facts)

    def test_every_rule_has_a_name_and_a_meaning(self) -> None:
        assert set(NAMES) == set(MEANINGS) == set(ALLOCATION_RULES)


class TestProRata:
    @given(queues(), amounts)
    def test_stays_within_a_step_of_the_exact_part(self, rows: list[Row], available: Decimal) -> None:
        wanted: dict[str, Decimal] = defaultdict(Decimal)
        for one in rows:
            wanted[one.member] += one.firm
        whole = sum(wanted.values())

        for member, got in firm_of(allocate("pro_rata", rows, available)).items():
            exact = Fraction(wanted[member] * min(available, whole)) / Fraction(whole or 1)
            assert abs(Fraction(got) - exact) < 1

    def test_odd_steps_go_to_the_largest_remainder_then_to_the_older(self) -> None:
        rows = [row("late", 1, minute=2), row("big", 4, minute=1), row("early", 1)]

        found = allocate("pro_rata", rows, Decimal(4))

        # 2/3, 8/3 and 2/3: whole steps 0, 2, 0; two odd steps, three equal remainders of 2/3
        assert firm_of(found) == {"early": 1, "big": 3, "late": 0}
        assert found.shares[1].why.facts["percent"] == "66.66"


class TestMaxMin:
    def test_equals_the_best_of_all_divisions(self) -> None:
        chance = random.Random(3)
        for _ in range(1_000):
            wants = [chance.randrange(6) for _ in range(chance.randint(1, 4))]
            available = chance.randint(0, sum(wants))
            rows = [row(str(place), want, minute=place) for place, want in enumerate(wants)]

            found = firm_of(allocate("max_min", rows, Decimal(available)))

            every = (one for one in product(*(range(want + 1) for want in wants)) if sum(one) == available)
            best = max(every, key=lambda one: (sorted(one), one))  # the poorest first; then the older
            assert [found[str(place)] for place in range(len(wants))] == list(best)

    def test_states_the_level(self) -> None:
        found = allocate("max_min", [row("Lin", 2), row("Bao", 9, minute=1), row("Wei", 9, minute=2)], Decimal(13))

        assert firm_of(found) == {"Lin": 2, "Bao": 6, "Wei": 5}
        assert [share.why.facts["level"] for share in found.shares] == ["5", "5", "5"]
        assert found.shares[1].why.code == "part_max_min"


class TestPriority:
    def test_serves_the_higher_first_and_the_older_among_equals(self) -> None:
        rows = [row("old", 5), row("young", 5, minute=1), row("urgent", 5, minute=2, priority=9)]

        found = allocate("priority", rows, Decimal(8))

        assert firm_of(found) == {"old": 3, "young": 0, "urgent": 5}
        assert [(share.ref, share.why.code, share.why.facts["ahead"]) for share in found.shares] == [
            ("old", "part_priority", "5"),
            ("young", "nothing_left_priority", "8"),
            ("urgent", "full", "0"),
        ]


class TestSteps:
    def test_shrink_to_what_divides_everything(self) -> None:
        rows = [row("Lin", 10), Row("Bao", "Bao", Decimal("7.5"), Decimal(0), NOON + timedelta(minutes=1))]

        found = allocate("pro_rata", rows, Decimal(10))

        assert found.step == Decimal("0.5")
        assert firm_of(found) == {"Lin": Decimal("5.5"), "Bao": Decimal("4.5")}

    def test_keep_whole_boxes(self) -> None:
        found = allocate("max_min", [row("Lin", 12), row("Bao", 24, minute=1)], Decimal(30), step=Decimal(6))

        assert (found.step, firm_of(found)) == (6, {"Lin": 12, "Bao": 18})


class TestRefusals:
    @pytest.mark.parametrize(
        ("changed", "place", "reason"),
        [
            ({"rule": "loudest"}, "rule", "none of first_come, pro_rata, max_min, smallest_first, priority"),
            ({"available": Decimal(-1)}, "available", "negative"),
            ({"available": Decimal("NaN")}, "available", "not a number"),
            ({"available": Decimal("1E+100")}, "available", "beyond the column"),
            ({"available": Decimal("0.0000001")}, "available", "more than 6 places"),
            ({"step": Decimal(0)}, "step", "nothing"),
            ({"rows": [row("r", 1, -1)]}, "r.tolerance", "negative"),
            ({"rows": [row("r", 9_223_372_036_855)]}, "r.firm", "beyond the column"),
            ({"rows": [row("r", 1), row("r", 2)]}, "rows", "stands twice"),
        ],
    )
    def test_name_place_value_and_reason(self, changed: dict[str, object], place: str, reason: str) -> None:
        given_ = {"rule": "max_min", "rows": [row("r", 1)], "available": Decimal(1), "step": Decimal(1)} | changed

        with pytest.raises(BadValue) as refused:
            allocate(given_["rule"], given_["rows"], given_["available"], step=given_["step"])  # type: ignore[arg-type]

        assert (refused.value.facts["place"], refused.value.facts["reason"]) == (place, reason)
        assert "value" in refused.value.facts

    @pytest.mark.parametrize("rule", ALLOCATION_RULES)
    def test_an_empty_pool_leaves_everything_over(self, rule: str) -> None:
        found = allocate(rule, [], Decimal(5))

        assert (found.shares, found.left_over) == ((), 5)

    @pytest.mark.parametrize("rule", ALLOCATION_RULES)
    def test_one_member_gets_what_it_wants_or_what_there_is(self, rule: str) -> None:
        assert allocate(rule, [row("Lin", 5, 3)], Decimal(6)).by_member == {"Lin": 6}
        assert allocate(rule, [row("Lin", 5, 3)], Decimal(9)).by_member == {"Lin": 8}
        assert allocate(rule, [row("Lin", 5, 3)], Decimal(2)).by_member == {"Lin": 2}

    @pytest.mark.parametrize("rule", ALLOCATION_RULES)
    def test_equal_instants_are_ordered_by_sequence_then_by_ref(self, rule: str) -> None:
        rows = [
            Row("b", "Bao", Decimal(1), Decimal(0), NOON, 1),
            Row("c", "Wei", Decimal(1), Decimal(0), NOON, 0),
            Row("a", "Lin", Decimal(1), Decimal(0), NOON, 1),
        ]

        found = allocate(rule, rows, Decimal(2))

        assert [share.ref for share in found.shares] == ["c", "a", "b"]
        assert [share.quantity for share in found.shares] == [1, 1, 0]

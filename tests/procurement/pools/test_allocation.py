"""Whatever members ask for, what they get adds up."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.money import Money
from procurement.pools.rules import Want, deposit_of, plan_packs, share_arrival

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
millionths = st.integers(min_value=0, max_value=10**12).map(lambda n: Decimal(n).scaleb(-6))
positive = millionths.map(lambda n: n + Decimal("0.000001"))
asked = st.lists(st.tuples(positive, millionths), max_size=12)


def wants_of(rows: list[tuple[Decimal, Decimal]]) -> list[Want]:
    return [Want(f"CM-{n}", quantity, tolerance, NOON, n) for n, (quantity, tolerance) in enumerate(rows)]


class TestPlanPacks:
    @given(rows=asked, pack=positive, minimum=millionths, capacity=st.none() | positive)
    def test_shares_add_up_to_whole_packs_within_what_each_asked(
        self, rows: list[tuple[Decimal, Decimal]], pack: Decimal, minimum: Decimal, capacity: Decimal | None
    ) -> None:
        wants = wants_of(rows)

        plan = plan_packs(wants, pack=pack, minimum=minimum, capacity=capacity)

        assert sum(share.quantity for share in plan.shares.values()) == plan.ordered
        assert plan.ordered % pack == 0
        assert plan.ordered == 0 or plan.ordered >= minimum
        for want in wants:
            assert 0 <= plan.shares[want.ref].quantity <= want.quantity + want.tolerance

    @given(rows=asked, pack=positive)
    def test_tolerance_completes_one_pack_at_most(self, rows: list[tuple[Decimal, Decimal]], pack: Decimal) -> None:
        plan = plan_packs(wants_of(rows), pack=pack, minimum=Decimal(0), capacity=None)

        firm = sum((quantity for quantity, _ in rows), Decimal(0))
        assert firm - pack < plan.ordered < firm + pack


class TestShareArrival:
    @given(rows=asked, pack=positive, first=st.fractions(0, 1), second=st.fractions(0, 1))
    def test_two_arrivals_give_what_one_would_have_given(
        self, rows: list[tuple[Decimal, Decimal]], pack: Decimal, first: object, second: object
    ) -> None:
        plan = plan_packs(wants_of(rows), pack=pack, minimum=Decimal(0), capacity=None)
        units = int(plan.ordered.scaleb(6))
        early, later = sorted(int(units * part) for part in (first, second))  # type: ignore[operator]
        whole = _arrive(rows, plan_shares := _allocated(plan), Decimal(later).scaleb(-6), {})

        before = _arrive(rows, plan_shares, Decimal(early).scaleb(-6), {})
        after = _arrive(rows, plan_shares, Decimal(later - early).scaleb(-6), before)

        assert {ref: before[ref] + after[ref] for ref in before} == whole


def _allocated(plan: object) -> dict[str, Decimal]:
    return {ref: share.quantity for ref, share in plan.shares.items()}  # type: ignore[attr-defined]


def _arrive(
    rows: list[tuple[Decimal, Decimal]], allocated: dict[str, Decimal], came: Decimal, got: dict[str, Decimal]
) -> dict[str, Decimal]:
    wants = [
        Want(w.ref, w.quantity, w.tolerance, w.at, w.order, allocated[w.ref], got.get(w.ref, Decimal(0)))
        for w in wants_of(rows)
    ]
    return {ref: share.quantity for ref, share in share_arrival(wants, came).items()}


class TestDepositOf:
    def test_rounds_once_half_up(self) -> None:
        deposit = deposit_of(Decimal(3), Decimal("12.5"), "CNY", ceiling=Decimal("0.36"), indicative=None, stated=None)

        assert deposit.amount == Money(Decimal("0.14"), "CNY")

    def test_takes_the_ceiling_before_other_prices(self) -> None:
        prices = {"ceiling": Decimal(10), "indicative": Decimal(8), "stated": Decimal(9)}

        assert deposit_of(Decimal(10), Decimal(10), "CNY", **prices).amount == Money(Decimal(10), "CNY")
        assert deposit_of(Decimal(10), Decimal(10), "CNY", **{**prices, "ceiling": None}).why.code == (
            "deposit_on_indicative"
        )

    def test_takes_the_indicative_step_when_the_ceiling_is_below_it(self) -> None:
        deposit = deposit_of(
            Decimal(100), Decimal(10), "CNY", ceiling=Decimal("0.000001"), indicative=Decimal(8), stated=None
        )

        assert (deposit.amount, deposit.why.code) == (Money(Decimal(80), "CNY"), "deposit_on_indicative")

    def test_says_when_no_price_is_known(self) -> None:
        deposit = deposit_of(Decimal(3), Decimal(10), "CNY", ceiling=None, indicative=None, stated=None)

        assert (deposit.amount, deposit.why.code) == (Money.zero("CNY"), "deposit_without_price")

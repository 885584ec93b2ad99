"""What a saving is."""

from __future__ import annotations

from decimal import Decimal

from marketplace.kernel.money import Money, Rate
from procurement.insights.rules import Base, Baseline, price_index, prove, tier_price


def cny(text: str) -> Money:
    return Money(Decimal(text), "CNY")


def rate(text: str) -> Rate:
    return Rate(Decimal(text), "CNY")


TIERS = [(Decimal(1), rate("10")), (Decimal(100), rate("9")), (Decimal(500), rate("8"))]


def test_a_small_buyer_alone_reaches_only_its_own_tier() -> None:
    assert tier_price(TIERS, Decimal(99)) == rate("10")
    assert tier_price(TIERS, Decimal(100)) == rate("9")
    assert tier_price(TIERS, Decimal("0.5")) is None


def test_every_baseline_is_proved_the_best_evidence_first() -> None:
    bases = [
        Base(Baseline.CEILING, rate("11")),
        Base(Baseline.MARKET_INDEX, rate("9.90"), {"base_month": "2026-01"}),
        Base(Baseline.STAND_ALONE_TIER, rate("10"), {"own_quantity": "50"}),
        Base(Baseline.OWN_LAST_PRICE, rate("9.50")),
    ]

    proofs = prove(Decimal(50), cny("410.00"), bases)

    assert [(proof.baseline, proof.saved) for proof in proofs] == [
        (Baseline.OWN_LAST_PRICE, cny("65.00")),
        (Baseline.STAND_ALONE_TIER, cny("90.00")),
        (Baseline.MARKET_INDEX, cny("85.00")),
        (Baseline.CEILING, cny("140.00")),
    ]
    assert proofs[1].base.evidence == "the published price at 50 bought alone"


def test_a_loss_is_shown_as_one() -> None:
    proofs = prove(Decimal(10), cny("100.00"), [Base(Baseline.OWN_LAST_PRICE, rate("9"))])

    assert [proof.saved for proof in proofs] == [cny("-10.00")]


def test_a_price_in_another_currency_proves_nothing() -> None:
    usd = Rate(Decimal(9), "USD")

    assert prove(Decimal(10), cny("80.00"), [Base(Baseline.OWN_LAST_PRICE, usd)]) == []


def test_without_any_baseline_nothing_is_claimed() -> None:
    assert prove(Decimal(10), cny("80.00"), []) == []


def test_an_index_weighs_by_what_was_bought_in_the_base_month() -> None:
    # Bolts 100 at 2.00 then 2.20, nuts 50 at 4.00 then 3.00 (two lines); screws have no price now.
    base = {1: [(Decimal(100), Decimal(2))], 2: [(Decimal(50), Decimal(4))], 3: [(Decimal(9), Decimal(1))]}
    now = {1: [(Decimal(7), Decimal("2.20"))], 2: [(Decimal(10), Decimal("2.50")), (Decimal(10), Decimal("3.50"))]}

    index = price_index(base, now)

    # (100 x 2.20 + 50 x 3.00) / (100 x 2.00 + 50 x 4.00) = 370 / 400
    assert index is not None
    assert (index.value, index.products, index.base_lines, index.lines) == (Decimal("0.925"), 2, 2, 3)
    assert price_index(base, {}) is None

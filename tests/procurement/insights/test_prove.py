"""What a saving is."""

from __future__ import annotations

from decimal import Decimal

from marketplace.kernel.money import Money, Rate
from procurement.insights.rules import Baseline, prove, tier_price


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
    proofs = prove(Decimal(50), cny("410.00"), last_price=rate("9.50"), tiers=TIERS, ceiling=rate("11"))

    assert [(proof.baseline, proof.saved) for proof in proofs] == [
        (Baseline.OWN_LAST_PRICE, cny("65.00")),
        (Baseline.STAND_ALONE_TIER, cny("90.00")),
        (Baseline.CEILING, cny("140.00")),
    ]


def test_a_loss_is_shown_as_one() -> None:
    proofs = prove(Decimal(10), cny("100.00"), last_price=rate("9"), tiers=[], ceiling=None)

    assert [proof.saved for proof in proofs] == [cny("-10.00")]


def test_a_price_in_another_currency_proves_nothing() -> None:
    usd = Rate(Decimal(9), "USD")

    assert prove(Decimal(10), cny("80.00"), last_price=usd, tiers=[(Decimal(1), usd)], ceiling=None) == []


def test_without_any_baseline_nothing_is_claimed() -> None:
    assert prove(Decimal(10), cny("80.00"), last_price=None, tiers=[], ceiling=None) == []

"""Requests are approved within a spending limit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from marketplace.catalogue import use_cases as catalogue_
from marketplace.catalogue.queries import ProductView
from marketplace.kernel.money import Money, Rate
from marketplace.kernel.refusals import NotFound
from procurement.demand import models, use_cases
from tests.cast import Player, enter, join
from tests.procurement.demand.conftest import AT, ask

pytestmark = pytest.mark.django_db


def cny(amount: str) -> Money:
    return Money(Decimal(amount), "CNY")


@pytest.fixture
def approver(lin: Player) -> Player:
    """A colleague of Lin's who may approve up to CNY 700.00."""
    enter("ming")
    return join("ming", lin.org, seat=["approver"], limit=cny("700.00"))


def submitted(buyer: Player, product: ProductView, **more: object) -> str:
    ref = ask(buyer, product, **more)  # type: ignore[arg-type]
    use_cases.submit_request(request_ref=ref, by=buyer.by, at=AT)
    return ref


def state(ref: str) -> str:
    return models.PurchaseRequest.objects.get(ref=ref).state


class TestWithinTheLimit:
    def test_a_request_that_may_cost_exactly_the_limit_passes(
        self, lin: Player, approver: Player, bolt: ProductView
    ) -> None:
        ref = submitted(lin, bolt, quantity="500", tolerance=Decimal(60))  # (500 + 60) x 1.25 = 700.00

        use_cases.approve_request(request_ref=ref, by=approver.by, at=AT)

        assert state(ref) == "approved"

    def test_without_a_limit_no_price_is_needed(self, lin: Player, bolt: ProductView) -> None:
        ref = submitted(lin, bolt, ceiling=None)

        use_cases.approve_request(request_ref=ref, by=lin.by, at=AT)

        assert state(ref) == "approved"

    def test_without_a_ceiling_the_published_price_tells_the_cost(
        self, lin: Player, approver: Player, bolt: ProductView
    ) -> None:
        tiers = [(0, "1.60"), (400, "1.40"), (1000, "1.10")]
        catalogue_.publish_price_list(
            product_ref=bolt.ref,
            supplier_ref=None,
            tiers=[catalogue_.Tier(Decimal(start), Rate(Decimal(price), "CNY")) for start, price in tiers],
            by="user:wei",
            at=AT,
        )
        cheap, dear = (submitted(lin, bolt, quantity=q, ceiling=None) for q in ("500", "501"))

        use_cases.approve_request(request_ref=cheap, by=approver.by, at=AT)  # 500 x 1.40 = 700.00
        with pytest.raises(use_cases.BeyondSpendingLimit):
            use_cases.approve_request(request_ref=dear, by=approver.by, at=AT)


class TestBeyondTheLimit:
    def test_one_cent_more_is_refused_and_nothing_changes(
        self, lin: Player, approver: Player, bolt: ProductView
    ) -> None:
        ref = submitted(lin, bolt, quantity="500", tolerance=Decimal("60.01"))

        with pytest.raises(use_cases.BeyondSpendingLimit) as refused:
            use_cases.approve_request(request_ref=ref, by=approver.by, at=AT)

        assert (refused.value.facts["cost"], refused.value.facts["limit"]) == ("CNY 700.0125", "CNY 700.00")
        assert state(ref) == "submitted"

    def test_a_line_that_nobody_can_price_is_refused(self, lin: Player, approver: Player, bolt: ProductView) -> None:
        ref = submitted(lin, bolt, ceiling=None)

        with pytest.raises(use_cases.Unpriced):
            use_cases.approve_request(request_ref=ref, by=approver.by, at=AT)

        assert state(ref) == "submitted"

    def test_a_limit_in_another_currency_covers_nothing(self, lin: Player, bolt: ProductView) -> None:
        enter("dan")
        dan = join("dan", lin.org, seat=["approver"], limit=Money(Decimal(10**6), "USD"))
        ref = submitted(lin, bolt)

        with pytest.raises(use_cases.BeyondSpendingLimit):
            use_cases.approve_request(request_ref=ref, by=dan.by, at=AT)

    def test_another_firms_approver_finds_no_seat(self, lin: Player, bao: Player, bolt: ProductView) -> None:
        ref = submitted(lin, bolt)

        with pytest.raises(NotFound):
            use_cases.approve_request(request_ref=ref, by=bao.by, at=AT)

        assert state(ref) == "submitted"

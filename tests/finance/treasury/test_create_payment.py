from __future__ import annotations

import pytest

from finance.ledger.use_cases import Acct, BadJournal, KeyReused
from finance.treasury import models, queries
from marketplace.kernel.refusals import NotFound
from tests.cast import Player
from tests.finance.treasury.shorthand import KEY, cny, order, traces

pytestmark = pytest.mark.django_db


class TestCreatePayment:
    def test_orders_and_sends_nothing_yet(self, teng: Player) -> None:
        ref = order(teng)

        view = queries.payment(ref)
        assert (view.state, view.amount, view.counterparty_ref, view.key) == ("created", cny("100.00"), teng.org, KEY)
        assert queries.verify() == []

    def test_same_request_returns_the_first_order(self, teng: Player) -> None:
        assert order(teng) == order(teng)
        assert models.PaymentOrder.objects.count() == 1

    def test_same_key_for_another_amount_is_refused(self, teng: Player) -> None:
        order(teng)
        before = traces()

        with pytest.raises(KeyReused):
            order(teng, "101.00")

        assert traces() == before

    @pytest.mark.parametrize("amount", ["0.00", "-1.00"])
    def test_refuses_an_amount_that_is_none(self, teng: Player, amount: str) -> None:
        with pytest.raises(BadJournal):
            order(teng, amount)

        assert traces() == ([], 0)

    def test_refuses_another_direction(self, teng: Player) -> None:
        with pytest.raises(BadJournal):
            order(teng, direction="sideways")

    def test_refuses_a_counterparty_nobody_knows(self) -> None:
        with pytest.raises(NotFound):
            order(Player("ghost", "OR-2026-9999"))

    def test_refuses_another_currency_than_the_account(self, teng: Player) -> None:
        with pytest.raises(BadJournal):
            order(teng, settles=Acct("supplier_payable", owner=teng.org, currency="USD"))

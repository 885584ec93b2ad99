"""Orders change by the word of every party they touch, and members keep what their pool's rule gives them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from finance.ledger import queries as ledger
from finance.ledger.use_cases import Acct
from marketplace.events import relay
from marketplace.kernel.refusals import BadValue, IllegalMove, NotAllowed, Refusal, StaleWrite
from procurement.contracts import queries
from procurement.contracts import use_cases as contracts
from procurement.contracts.models import DueDelivery, Framework, OrderChange
from procurement.contracts.rules import Delivery
from procurement.contracts.use_cases import ChangeOutrun, ChangeUnderWay, NothingChanges, Wish
from procurement.delivery import queries as deliveries
from procurement.delivery import use_cases as delivery
from procurement.pools import queries as pools
from tests.cast import Player
from tests.procurement.contracts.scene import LATER, Bench, bench

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(lin: Player, bao: Player, teng: Player) -> Bench:
    return bench(lin, bao, teng)


def propose(desk: Bench, order: str, who: Player | None = None, **given: Any) -> str:
    """Let Teng propose a change of the order's one line."""
    who, line = who or desk.teng, queries.order(order).lines[0].id
    wish = {name: given.pop(name) for name in ("quantity", "unit_price", "deliveries") if name in given}
    wishes = [Wish(line, **wish)] if wish else []
    known = {"order_ref": order, "party_ref": who.org, "why": "two moulds broke", "by": who.by, "at": LATER}
    return contracts.propose_change(**{**known, "wishes": wishes, **given})


def agree(change: str, *players: Player) -> list[bool]:
    return [
        contracts.agree_change(change_ref=change, party_ref=one.org, by=one.by, at=LATER) for one in players
    ]  # fmt: skip


def shares(order: str) -> list[Decimal]:
    return [member.quantity for member in queries.order(order).lines[0].members]


def sound() -> bool:
    return (queries.verify(), pools.verify(), deliveries.verify()) == ([], [], [])


class TestQuantity:
    def test_falls_when_all_agree_and_is_shared_by_the_pool_s_rule(self, desk: Bench) -> None:
        order = desk.order()
        change = propose(desk, order, quantity=Decimal(80))

        assert agree(change, desk.lin) == [False]
        assert shares(order) == [60, 40]
        assert agree(change, desk.bao) == [True]

        view = queries.order(order)
        assert (view.lines[0].quantity, shares(order)) == (80, [60, 20])
        assert queries.orders_for(_staff()).get(ref=order).total_minor == 80 * 12_00
        framework = Framework.objects.get()
        assert (framework.called, framework.called_minor) == (80, 80 * 12_00)
        assert pools.pool(view.lines[0].pool_ref).ordered == 80
        assert sound()

    def test_whoever_is_left_nothing_has_its_advance_back_and_is_told(self, desk: Bench) -> None:
        order = desk.order()
        advances, free = Acct("customer_advances", desk.bao.org), Acct("buyer_deposits", desk.bao.org)
        paid, before = ledger.balance(advances), ledger.available(free)
        assert paid.minor > 0

        agree(propose(desk, order, quantity=Decimal(60)), desk.lin, desk.bao)

        assert shares(order) == [60, 0]
        assert (ledger.balance(advances).minor, ledger.available(free)) == (0, before + paid)
        assert sound()

    def test_is_never_raised_nor_cut_below_what_was_sent(self, desk: Bench) -> None:
        order = desk.order()
        line = queries.order(order).lines[0].id
        delivery.dispatch_shipment(order_ref=order, quantities={line: Decimal(50)}, by=desk.teng.by, at=LATER)

        for quantity in (Decimal(101), Decimal(0), Decimal(-1), Decimal("NaN"), Decimal("0.0000001"), Decimal(40), 60):
            with pytest.raises(BadValue):
                propose(desk, order, quantity=Decimal(quantity))

        assert (OrderChange.objects.count(), shares(order)) == (0, [60, 40])

    def test_what_was_accepted_stays_and_the_order_is_received_when_nothing_is_left_to_send(self, desk: Bench) -> None:
        order = desk.order()
        line = queries.order(order).lines[0].id
        sent = delivery.dispatch_shipment(order_ref=order, quantities={line: Decimal(50)}, by=desk.teng.by, at=LATER)
        for receipt in delivery.arrive_shipment(shipment_ref=sent, by="user:wei", at=LATER):
            delivery.confirm_receipt(receipt_ref=receipt, by="user:lin", at=LATER)

        agree(propose(desk, order, quantity=Decimal(50)), desk.lin, desk.bao)
        relay.drain(at=LATER)

        assert (queries.state_of(order), shares(order)) == ("received", [50, 0])
        assert sound()


class TestPrice:
    def test_may_fall_and_gives_money_back_to_the_framework(self, desk: Bench) -> None:
        order = desk.order()

        agree(propose(desk, order, unit_price=Decimal("11.25")), desk.lin, desk.bao)

        assert queries.order(order).lines[0].unit_price.amount == Decimal("11.25")
        assert Framework.objects.get().called_minor == 100 * 11_75
        assert sound()

    def test_never_rises(self, desk: Bench) -> None:
        order = desk.order()

        with pytest.raises(BadValue, match="promised"):
            propose(desk, order, unit_price=Decimal("11.51"))


class TestDays:
    TWO = (Delivery(date(2026, 4, 1), Decimal(70)), Delivery(date(2026, 4, 20), Decimal(30)))

    def test_split_a_line_into_deliveries_that_add_up(self, desk: Bench) -> None:
        order = desk.order()

        agree(propose(desk, order, deliveries=self.TWO), desk.lin, desk.bao)

        assert queries.order(order).lines[0].due == self.TWO
        assert queries.order(order).due_on == date(2026, 4, 20)
        assert sound()

    def test_shipments_take_the_earliest_day_that_is_open(self, desk: Bench) -> None:
        order = desk.order()
        agree(propose(desk, order, deliveries=self.TWO), desk.lin, desk.bao)
        line = queries.order(order).lines[0].id

        due = []
        for quantity in (70, 30):
            ref = delivery.dispatch_shipment(
                order_ref=order, quantities={line: Decimal(quantity)}, by=desk.teng.by, at=LATER
            )
            due.append(deliveries.shipments_for(_staff()).get(ref=ref).due_on)

        assert due == [date(2026, 4, 1), date(2026, 4, 20)]

    @pytest.mark.parametrize(
        "days",
        [
            [(date(2026, 4, 1), 99)],
            [(date(2026, 4, 1), 101)],
            [(date(2026, 4, 1), 50), (date(2026, 4, 1), 50)],
            [(date(2026, 3, 1), 50), (date(2026, 4, 1), 50)],
            [(date(2026, 4, 1), 110), (date(2026, 4, 2), -10)],
        ],
    )
    def test_that_do_not_add_up_come_twice_or_are_over_are_refused(self, desk: Bench, days: Any) -> None:
        order = desk.order()

        with pytest.raises(BadValue):
            propose(desk, order, deliveries=tuple(Delivery(day, Decimal(quantity)) for day, quantity in days))

        assert OrderChange.objects.count() == 0

    def test_what_is_late_is_told_once_to_both_sides(self, desk: Bench) -> None:
        order = desk.order()
        agree(propose(desk, order, deliveries=self.TWO), desk.lin, desk.bao)
        line = queries.order(order).lines[0].id
        delivery.dispatch_shipment(order_ref=order, quantities={line: Decimal(69)}, by=desk.teng.by, at=LATER)
        evening, after = (LATER.replace(month=4, day=day) for day in (1, 2))

        assert contracts.tell_late(at=evening) == 0
        assert [contracts.tell_late(at=after), contracts.tell_late(at=after + timedelta(days=1))] == [1, 0]

        assert DueDelivery.objects.filter(told_at__isnull=False).count() == 1
        assert [_told(player, "is late") for player in (desk.lin, desk.bao, desk.teng)] == [1, 1, 1]


class TestConsent:
    def test_one_refusal_with_a_reason_ends_it(self, desk: Bench) -> None:
        order = desk.order()
        change = propose(desk, order, quantity=Decimal(80))
        agree(change, desk.lin)

        with pytest.raises(BadValue):
            contracts.decline_change(change_ref=change, party_ref=desk.bao.org, why=" ", by="user:bao", at=LATER)
        contracts.decline_change(change_ref=change, party_ref=desk.bao.org, why="we need it", by="user:bao", at=LATER)
        with pytest.raises(Refusal):
            agree(change, desk.bao)

        assert (OrderChange.objects.get().reason, shares(order)) == ("we need it", [60, 40])

    def test_a_buyer_may_propose_and_the_supplier_has_the_last_word(self, desk: Bench) -> None:
        order = desk.order((desk.lin, 100, None))
        change = propose(desk, order, desk.lin, quantity=Decimal(90))

        assert agree(change, desk.teng) == [True]
        assert shares(order) == [90]

    def test_nobody_speaks_twice_and_strangers_not_at_all(self, desk: Bench, qian: Player) -> None:
        order = desk.order()
        change = propose(desk, order, quantity=Decimal(80))
        agree(change, desk.lin)

        for player in (desk.teng, desk.lin, qian):
            with pytest.raises(NotAllowed):
                agree(change, player)
        with pytest.raises(NotAllowed):
            propose(desk, order, qian, quantity=Decimal(70))

    def test_a_change_that_the_order_has_outrun_cannot_be_agreed(self, desk: Bench) -> None:
        order = desk.order()
        change = propose(desk, order, quantity=Decimal(80))
        agree(change, desk.lin)
        line = queries.order(order).lines[0].id
        delivery.dispatch_shipment(order_ref=order, quantities={line: Decimal(10)}, by=desk.teng.by, at=LATER)

        with pytest.raises(ChangeOutrun):
            agree(change, desk.bao)
        later = propose(desk, order, deliveries=TestDays.TWO)

        assert shares(order) == [60, 40]
        assert dict(OrderChange.objects.values_list("ref", "state")) == {change: "lapsed", later: "proposed"}

    def test_one_is_open_at_a_time_until_it_is_withdrawn(self, desk: Bench) -> None:
        order = desk.order()
        change = propose(desk, order, quantity=Decimal(80))

        with pytest.raises(ChangeUnderWay):
            propose(desk, order, quantity=Decimal(70))
        with pytest.raises(NotAllowed):
            contracts.withdraw_change(change_ref=change, party_ref=desk.lin.org, by="user:lin", at=LATER)
        contracts.withdraw_change(change_ref=change, party_ref=desk.teng.org, by=desk.teng.by, at=LATER)

        assert propose(desk, order, quantity=Decimal(70)) != change

    def test_what_changes_nothing_or_was_seen_otherwise_is_refused(self, desk: Bench) -> None:
        order = desk.order()

        with pytest.raises(NothingChanges):
            propose(desk, order, quantity=Decimal(100))
        with pytest.raises(StaleWrite):
            propose(desk, order, quantity=Decimal(80), order_revision=99)


class TestGivingUp:
    def test_releases_the_pool_and_the_framework_when_all_agree(self, desk: Bench) -> None:
        order = desk.order()
        [line] = queries.order(order).lines
        change = propose(desk, order, cancels=True)

        assert agree(change, desk.lin, desk.bao) == [False, True]

        assert (queries.state_of(order), pools.pool(line.pool_ref).state) == ("cancelled", "failed")
        assert (Framework.objects.get().called, ledger.balance(Acct("customer_advances", desk.lin.org)).minor) == (0, 0)
        assert sound()

    def test_is_too_late_once_something_was_sent(self, desk: Bench) -> None:
        order = desk.order()
        delivery.dispatch_shipment(
            order_ref=order,
            quantities={queries.order(order).lines[0].id: Decimal(1)},
            by=desk.teng.by,
            at=LATER,
        )

        with pytest.raises(IllegalMove):
            propose(desk, order, cancels=True)


class TestNothingAccepted:
    def test_an_order_of_which_all_was_rejected_closes_and_its_members_have_their_advances_back(
        self, desk: Bench
    ) -> None:
        order = desk.order()
        [line] = queries.order(order).lines
        sent = delivery.dispatch_shipment(order_ref=order, by=desk.teng.by, at=LATER)
        for ref in delivery.arrive_shipment(shipment_ref=sent, by="user:wei", at=LATER):
            delivery.confirm_receipt(
                receipt_ref=ref, rejected=deliveries.receipt_shares(ref), why="cracked", by="user:lin", at=LATER
            )

        assert (queries.state_of(order), pools.pool(line.pool_ref).state) == ("closed", "failed")
        assert [ledger.balance(Acct("customer_advances", one.org)).minor for one in (desk.lin, desk.bao)] == [0, 0]
        assert sound()

    def test_who_got_nothing_of_a_pool_that_others_got_has_its_advance_back(self, desk: Bench) -> None:
        order = desk.order()
        [line] = queries.order(order).lines
        sent = delivery.dispatch_shipment(order_ref=order, by=desk.teng.by, at=LATER)
        refs = delivery.arrive_shipment(shipment_ref=sent, counted={line.id: Decimal(60)}, by="user:wei", at=LATER)
        for ref in refs:
            delivery.confirm_receipt(receipt_ref=ref, by="user:lin", at=LATER)
        delivery.submit_supplier_invoice(
            order_ref=order, number="T-1", issued_on=LATER.date(), due_on=date(2026, 5, 12), by=desk.teng.by, at=LATER
        )
        relay.drain(at=LATER)

        assert pools.pool(line.pool_ref).state == "fulfilled"
        assert ledger.balance(Acct("customer_advances", desk.bao.org)).minor == 0
        assert sound()


def _staff() -> Any:
    from marketplace.kernel.actors import Actor

    return Actor(by="test", staff=True)


def _told(player: Player, words: str) -> int:
    from marketplace.parties.models import Notification

    return Notification.objects.filter(organisation__ref=player.org, text__contains=words).count()

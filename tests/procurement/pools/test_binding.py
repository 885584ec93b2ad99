from __future__ import annotations

from decimal import Decimal

import pytest

from finance.ledger import queries as ledger
from finance.ledger.use_cases import Acct, LimitReached
from marketplace.kernel.money import Money, Rate
from marketplace.kernel.refusals import IllegalMove, NotAllowed
from marketplace.parties.models import Notification
from procurement.pools import queries
from procurement.pools.models import Commitment, Pool
from procurement.pools.rules import withdrawal_of
from procurement.pools.use_cases import (
    BeyondLimit,
    BeyondMemberLimit,
    NotOffered,
    WouldBreakPool,
    freeze_pool,
    offer_commitment,
    raise_commitment,
    record_award,
    replace_buyer,
    start_tendering,
    withdraw_commitment,
)
from tests.procurement.pools.scene import THEN, WHO, Market, pay_in

EIGHT = Rate(Decimal(8), "CNY")


def free(owner: str) -> Decimal:
    return ledger.available(Acct("buyer_deposits", owner)).amount


def balance(kind: str) -> Decimal:
    return ledger.balance(Acct(kind)).amount


@pytest.fixture
def frozen(market: Market) -> str:
    """Lin is bound to 20 (in two rows) and Bao to 20, each with 16.00 held of 100; a fifth of it is the penalty."""
    for buyer in (market.lin, market.bao):
        pay_in(buyer, "100.00")
    pool = market.pool()
    Pool.objects.update(withdrawal_percent=Decimal(20))
    lin = market.join(pool, market.lin, 15, ceiling=EIGHT)
    raise_commitment(commitment_ref=lin, quantity=Decimal(5), **WHO)
    market.join(pool, market.bao, 20, ceiling=EIGHT)
    freeze_pool(pool_ref=pool, **THEN)
    assert (free(market.lin), free(market.bao)) == (84, 84)
    return pool


def of(market: Market, buyer: str) -> list[str]:
    rows = Commitment.objects.filter(buyer__ref=buyer, state="bound").order_by("id")
    return list(rows.values_list("ref", flat=True))


class TestWithdrawalOf:
    @pytest.mark.parametrize(("percent", "penalty"), [("0", "0.00"), ("20", "3.53"), ("100", "17.65")])
    def test_parts_add_up_to_the_deposit(self, percent: str, penalty: str) -> None:
        deposit = Money(Decimal("17.65"), "CNY")

        found = withdrawal_of(deposit, Decimal(percent))

        assert found.penalty == Money(Decimal(penalty), "CNY")
        assert found.penalty + found.freed == deposit


class TestManyRows:
    """What a want costs does not depend on how many rows it was asked for in."""

    def test_the_penalty_booked_is_the_one_of_the_whole_deposit(self, market: Market) -> None:
        pay_in(market.lin, "100.00")
        lin = market.join(market.pool(), market.lin, 1, ceiling=Rate(Decimal("0.5"), "CNY"))
        Pool.objects.update(deposit_percent=10, withdrawal_percent=10, pack_size=1)
        for _ in range(9):
            raise_commitment(commitment_ref=lin, quantity=Decimal(1), **WHO)
        freeze_pool(pool_ref=Pool.objects.get().ref, **THEN)
        assert free(market.lin) == Decimal("99.50")

        assert withdraw_commitment(commitment_ref=lin, **THEN) == Money(Decimal("0.05"), "CNY")
        assert balance("other_income") == Decimal("0.05")
        assert queries.verify() == []

    def test_the_deposit_is_not_rounded_away_row_by_row(self, market: Market) -> None:
        pay_in(market.lin, "100.00")
        lin = market.join(market.pool(), market.lin, "0.4", ceiling=Rate(Decimal("0.1"), "CNY"))
        Pool.objects.update(deposit_percent=10, pack_size=1)
        for _ in range(24):
            raise_commitment(commitment_ref=lin, quantity=Decimal("0.4"), **WHO)
        needed = queries.deposits_to_come(THEN["at"])

        freeze_pool(pool_ref=Pool.objects.get().ref, **THEN)

        assert free(market.lin) == Decimal("99.90")
        assert needed == {(market.lin, "CNY"): Money(Decimal("0.10"), "CNY")}
        assert queries.verify() == []


class TestWithdrawCommitment:
    def test_costs_a_part_of_the_deposit_and_frees_the_rest(self, market: Market, frozen: str) -> None:
        penalty = withdraw_commitment(
            commitment_ref=of(market, market.lin)[0], why="no need", by="user:lin", at=THEN["at"]
        )

        assert penalty == Money(Decimal("3.20"), "CNY")
        assert free(market.lin) == Decimal("96.80")
        assert balance("other_income") == balance("cash_bank") == Decimal("3.20")
        assert balance("cash_escrow") == Decimal("196.80")
        assert ledger.balance(Acct("buyer_deposits", market.lin)).amount == Decimal("96.80")
        assert queries.verify() == []

    def test_takes_all_rows_out_and_counts_packs_anew(self, market: Market, frozen: str) -> None:
        withdraw_commitment(commitment_ref=of(market, market.lin)[1], by="user:lin", at=THEN["at"])

        row = Pool.objects.get()
        assert (row.joined, row.ordered, row.state) == (20, 20, "frozen")
        gone = Commitment.objects.filter(buyer__ref=market.lin).values_list("state", "allocated", "deposit_minor")
        assert set(gone) == {("withdrawn", 0, 0)}

    def test_cuts_what_no_whole_pack_serves_any_more(self, market: Market) -> None:
        pool = market.pool()
        for buyer, quantity in ((market.lin, 15), (market.bao, 15)):
            pay_in(buyer, "100.00")
            market.join(pool, buyer, quantity, ceiling=EIGHT)
        freeze_pool(pool_ref=pool, **THEN)

        withdraw_commitment(commitment_ref=of(market, market.lin)[0], by="user:lin", at=THEN["at"])

        bao = Commitment.objects.get(buyer__ref=market.bao)
        assert (bao.allocated, bao.reasons[-1]["code"]) == (10, "packs_counted_anew_less")
        assert Pool.objects.get().ordered == 10
        assert queries.verify() == []

    def test_refuses_when_the_others_would_get_nothing(self, market: Market, frozen: str) -> None:
        Pool.objects.update(minimum=Decimal(30))

        with pytest.raises(WouldBreakPool):
            withdraw_commitment(commitment_ref=of(market, market.lin)[0], by="user:lin", at=THEN["at"])

        assert Pool.objects.get().ordered == 40
        assert free(market.lin) == 84

    def test_of_the_only_member_ends_the_pool(self, market: Market) -> None:
        pay_in(market.lin, "100.00")
        pool = market.pool()
        market.join(pool, market.lin, 20, ceiling=EIGHT)
        freeze_pool(pool_ref=pool, **THEN)

        withdraw_commitment(commitment_ref=of(market, market.lin)[0], by="user:lin", at=THEN["at"])

        assert (Pool.objects.get().state, Pool.objects.get().ordered) == ("failed", 0)
        assert free(market.lin) == 84  # all of the deposit by the standing rule
        assert queries.verify() == []

    def test_who_joined_to_lower_the_price_and_left_is_not_counted_in_the_tender(
        self, market: Market, frozen: str
    ) -> None:
        start_tendering(pool_refs=[frozen], tender_ref="TD-2026-0001", **THEN)

        withdraw_commitment(commitment_ref=of(market, market.bao)[0], by="user:bao", at=THEN["at"])

        assert sum(member.quantity for member in queries.members(frozen)) == 20
        assert queries.pool(frozen).ordered == 20
        assert balance("other_income") == Decimal("3.20")

    def test_refuses_after_the_award_and_twice(self, market: Market, frozen: str) -> None:
        lin, bao = of(market, market.lin)[0], of(market, market.bao)[0]
        withdraw_commitment(commitment_ref=lin, by="user:lin", at=THEN["at"])
        with pytest.raises(IllegalMove):
            withdraw_commitment(commitment_ref=lin, by="user:lin", at=THEN["at"])
        start_tendering(pool_refs=[frozen], tender_ref="TD-2026-0001", **THEN)
        record_award(pool_ref=frozen, unit_price=EIGHT, dropped={}, **THEN)

        with pytest.raises(IllegalMove):
            withdraw_commitment(commitment_ref=bao, by="user:bao", at=THEN["at"])

        assert balance("other_income") == Decimal("3.20")


class TestReplaceBuyer:
    def test_holds_the_new_deposit_and_frees_the_old_without_penalty(self, market: Market, frozen: str) -> None:
        [first, _] = of(market, market.lin)
        offer_commitment(commitment_ref=first, by="user:lin", at=THEN["at"])
        assert queries.offered(frozen).count() == 2

        fresh = replace_buyer(commitment_ref=first, buyer_ref=market.bao, by="user:bao", at=THEN["at"])

        assert (free(market.lin), free(market.bao)) == (100, 68)
        assert balance("other_income") == 0
        rows = Commitment.objects.filter(ref__in=fresh).order_by("entry")
        assert list(rows.values_list("state", "allocated", "deposit_minor")) == [("bound", 15, 1200), ("bound", 5, 400)]
        assert (Pool.objects.get().joined, Pool.objects.get().ordered) == (40, 40)
        assert queries.verify() == []

    def test_tells_both(self, market: Market, frozen: str) -> None:
        [first, _] = of(market, market.lin)
        offer_commitment(commitment_ref=first, by="user:lin", at=THEN["at"])
        replace_buyer(commitment_ref=first, buyer_ref=market.bao, by="user:bao", at=THEN["at"])

        last = {n.organisation.ref: n.text for n in Notification.objects.select_related("organisation").order_by("id")}
        assert last[market.lin].startswith("Another buyer has taken your place")
        assert last[market.bao] == "You have taken over {quantity} from another member."

    def test_refuses_a_place_that_is_not_offered_and_a_buyer_that_cannot(self, market: Market, frozen: str) -> None:
        [first, _] = of(market, market.lin)
        with pytest.raises(NotOffered):
            replace_buyer(commitment_ref=first, buyer_ref=market.bao, by="user:bao", at=THEN["at"])
        offer_commitment(commitment_ref=first, by="user:lin", at=THEN["at"])

        for buyer in (market.lin, market.teng):
            with pytest.raises(NotAllowed):
                replace_buyer(commitment_ref=first, buyer_ref=buyer, by="user:x", at=THEN["at"])

        assert Commitment.objects.filter(state="replaced").count() == 0

    def test_refuses_without_cover_and_changes_nothing(self, market: Market, frozen: str) -> None:
        [first, _] = of(market, market.lin)
        offer_commitment(commitment_ref=first, by="user:lin", at=THEN["at"])
        ledger_empty(market.bao)

        with pytest.raises(LimitReached):
            replace_buyer(commitment_ref=first, buyer_ref=market.bao, by="user:bao", at=THEN["at"])

        assert of(market, market.lin)[0] == first
        assert queries.verify() == []

    def test_a_member_limit_counts_what_the_new_buyer_has(self, market: Market, frozen: str) -> None:
        [first, _] = of(market, market.lin)
        offer_commitment(commitment_ref=first, by="user:lin", at=THEN["at"])
        Pool.objects.update(member_limit=Decimal(30))

        with pytest.raises(BeyondMemberLimit):
            replace_buyer(commitment_ref=first, buyer_ref=market.bao, by="user:bao", at=THEN["at"])

        assert of(market, market.lin)[0] == first

    def test_a_spending_limit_counts_what_the_new_buyer_has(self, market: Market, frozen: str) -> None:
        [first, _] = of(market, market.lin)
        offer_commitment(commitment_ref=first, by="user:lin", at=THEN["at"])
        limit = Money(Decimal(160), "CNY")  # 20 x 8.00 stand already

        with pytest.raises(BeyondLimit):
            replace_buyer(
                commitment_ref=first, buyer_ref=market.bao, spending_limit=limit, by="user:bao", at=THEN["at"]
            )

        assert of(market, market.lin)[0] == first


def ledger_empty(buyer: str) -> None:
    """Hold what is left of a buyer's deposits for something else."""
    from finance.ledger import use_cases as ledger_

    ledger_.hold(
        key="elsewhere",
        debit=Acct("buyer_deposits", buyer),
        credit=Acct("customer_advances", buyer),
        amount=ledger.available(Acct("buyer_deposits", buyer)),
        source_ref="elsewhere",
        **THEN,
    )

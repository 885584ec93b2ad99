"""Twins at the fallbacks and in the binding stage: whoever comes second finds it done, nothing is lost or doubled."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from finance.ledger import queries as ledger
from finance.ledger.use_cases import Acct
from marketplace.kernel.money import Rate
from procurement.pools import queries
from procurement.pools.models import Commitment, Pool
from procurement.pools.use_cases import (
    freeze_pool,
    join_pool,
    offer_commitment,
    open_pool,
    replace_buyer,
    withdraw_commitment,
)
from tests.chaos.pools.test_races import a_pool, at_once, buyers
from tests.procurement.pools.scene import FREEZE, THEN, WHO, pay_in

pytestmark = pytest.mark.django_db(transaction=True)
SECOND = {"done", "illegal_move", "stale_write"}


def beside(pool: str, **given: object) -> str:
    """Open a pool of all regions for the same goods and window."""
    like = Pool.objects.select_related("product").get(ref=pool)
    return open_pool(
        product_ref=like.product.ref,
        window_start=like.window_start,
        window_end=like.window_end,
        **{"freeze_at": FREEZE + timedelta(days=3), **WHO, **given},
    )


class TestTwoSweepsFreezeOnePool:
    def test_its_members_move_once(self) -> None:
        pool = a_pool(region="Zhejiang", minimum=Decimal(50), fallbacks=["merge", "extend"])
        big = beside(pool, minimum=Decimal(50))
        everybody = buyers(8)
        for buyer in everybody:
            join_pool(pool_ref=pool, buyer_ref=buyer, quantity=Decimal(5), **WHO)
        join_pool(pool_ref=big, buyer_ref=everybody[0], quantity=Decimal(20), **WHO)

        came = Counter(at_once([lambda: freeze_pool(pool_ref=pool, **THEN)] * 4, workers=4))

        assert came["done"] == 1
        assert set(came) <= SECOND
        assert [(row.state, row.joined) for row in Pool.objects.order_by("id")] == [("merged", 0), ("open", 60)]
        assert Commitment.objects.filter(pool__ref=big, state="reserved").count() == 9
        assert queries.verify() == []


class TestTwoPoolsThatWouldMergeIntoEachOther:
    def test_do_not_wait_for_one_another(self) -> None:
        one = a_pool(region="Zhejiang", minimum=Decimal(50), fallbacks=["merge"])
        other = beside(one, minimum=Decimal(50), fallbacks=["merge"], freeze_at=FREEZE)
        for buyer in buyers(5):
            for pool in (one, other):
                join_pool(pool_ref=pool, buyer_ref=buyer, quantity=Decimal(6), **WHO)

        deeds = [lambda ref=ref: freeze_pool(pool_ref=ref, **WHO) for ref in (one, other)]  # type: ignore[misc]
        came = Counter(at_once(deeds, workers=2))

        assert set(came) <= SECOND
        live = Commitment.objects.filter(state__in=["reserved", "bound"])
        standing = {"frozen": 60, "open": 60, "failed": 0, "merged": 0}
        assert sum(row.joined for row in Pool.objects.all()) == sum(row.quantity for row in live)
        assert all(row.joined in {standing[row.state], 30} for row in Pool.objects.all())
        assert queries.verify() == []


class TestWithdrawingAndReplacingAtOnce:
    def test_one_of_them_happens(self) -> None:
        pool = a_pool(deposit_percent=Decimal(10))
        lin, bao, *others = buyers(6)
        for buyer in (lin, bao, *others):
            pay_in(buyer, "100.00")
        for buyer in (lin, bao):
            join_pool(pool_ref=pool, buyer_ref=buyer, quantity=Decimal(20), ceiling=Rate(Decimal(8), "CNY"), **WHO)
        freeze_pool(pool_ref=pool, **THEN)
        ref = Commitment.objects.get(buyer__ref=lin).ref
        offer_commitment(commitment_ref=ref, **THEN)

        deeds = [lambda: withdraw_commitment(commitment_ref=ref, **THEN)] * 3
        deeds += [lambda b=b: replace_buyer(commitment_ref=ref, buyer_ref=b, **THEN) for b in others]  # type: ignore[misc]
        came = Counter(at_once(deeds, workers=7))

        assert came["done"] == 1
        assert set(came) <= SECOND
        gone = Commitment.objects.get(ref=ref).state
        taken = Commitment.objects.filter(buyer__ref__in=others, state="bound").count()
        assert (gone, taken) in {("withdrawn", 0), ("replaced", 1)}
        assert ledger.available(Acct("buyer_deposits", lin)).amount == (84 if gone == "withdrawn" else 100)
        assert Pool.objects.get().ordered == (20 if gone == "withdrawn" else 40)
        assert queries.verify() == []

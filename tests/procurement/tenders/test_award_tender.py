"""Awarding, what pools are told, and concluding."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from marketplace.events.models import OutboxEvent
from marketplace.kernel.refusals import IllegalMove, StaleWrite
from procurement.engines.award_check import check_award
from procurement.pools import queries as pools
from procurement.pools import use_cases as pools_
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from procurement.tenders.rules import rounds
from tests.procurement.tenders.scene import (
    AWARDING,
    BIDS_UNTIL,
    HUA,
    MEI,
    OPENING,
    WEI,
    bid,
    freeze,
    new_product,
    priced,
)


def award(ref: str) -> str:
    return tenders.award_tender(tender_ref=ref, seconds=10, by=HUA, at=AWARDING)


def conclude(ref: str, at=AWARDING) -> None:
    tenders.conclude_tender(tender_ref=ref, by=HUA, at=at)


class TestAwardTender:
    def test_gives_the_pool_its_price_and_the_supplier_the_order(self, market):
        pool = market.frozen()
        ref = market.opened(pool, teng=[(1, 99, "13"), (100, None, "11.5")], shen=[(1, None, "12")])

        found = queries.award(award(ref))

        (line,) = found.lines
        assert (line.supplier_ref, line.pool_ref, line.quantity, line.unit_price) == (
            market.teng,
            pool,
            100,
            Decimal("11.5"),
        )
        assert (str(found.total), str(found.bound), found.proved, found.rounds) == (
            "CNY 1150.00",
            "CNY 1150.00",
            True,
            1,
        )
        assert queries.tender(ref).state == "awarded"
        assert (pools.pool(pool).state, pools.pool(pool).unit_price.amount) == ("awarded", Decimal("11.5"))

    def test_says_why_the_winner_won_and_what_the_loser_lacked(self, market):
        ref = market.opened(teng=[(1, None, "11.5")], shen=[(1, None, "12")])

        found = queries.award(award(ref))

        assert found.lines[0].why == {
            "code": "cheapest_landed",
            "landed": "11.500000",
            "next": market.shen,
            "next_landed": "12.000000",
        }
        (lost,) = found.rejected
        assert (lost["supplier"], lost["code"], lost["how"], lost["at_least"]) == (
            market.shen,
            "dearer",
            "exact",
            "0.500000",
        )

    def test_blends_the_price_where_two_deliver_and_sends_freight_its_way(self, market):
        east, west = market.frozen(), market.frozen("Anhui")
        ref = market.published(east, west)
        teng = priced(ref, (1, 150, "10"), freight={"Zhejiang": "0.1", "Anhui": "0.5"})
        shen = priced(ref, (1, None, "11"), freight={"Zhejiang": "0.7", "Anhui": "0.2"})
        open_with(ref, market, teng=teng, shen=shen)

        found = queries.award(award(ref))

        given = {(one.supplier_ref, one.region): (one.quantity, one.freight) for one in found.lines}
        assert given == {
            (market.teng, "Zhejiang"): (100, Decimal("0.1")),
            (market.teng, "Anhui"): (50, Decimal("0.5")),
            (market.shen, "Anhui"): (50, Decimal("0.2")),
        }
        assert pools.pool(east).unit_price.amount == Decimal("10.1")
        assert pools.pool(west).unit_price.amount == Decimal("10.85")

    def test_drops_whose_ceiling_is_too_low_and_awards_the_rest_anew(self, market):
        pool = market.pool()
        stays = market.join(pool, market.lin, 60, "13")
        goes = market.join(pool, market.bao, 40, "11", minute=1)
        freeze(pool)
        ref = market.opened(pool, teng=[(1, 99, "12"), (100, None, "11.5")])

        found = queries.award(award(ref))

        assert (found.rounds, found.lines[0].quantity, found.lines[0].unit_price) == (2, 60, Decimal(12))
        assert [one.commitment_ref for one in pools.members(pool)] == [stays]
        first = models.AwardRound.objects.get(round=1)
        assert first.dropped == {goes: {"code": "price_above_ceiling", "landed": "11.500000", "ceiling": "11.000000"}}
        assert (pools.pool(pool).ordered, pools.pool(pool).unit_price.amount) == (60, 12)
        assert queries.verify() == []

    def test_keeps_every_round_so_that_a_stranger_can_check_it(self, market):
        ref = market.opened(teng=[(1, None, "11.5")], shen=[(1, None, "12")])

        award(ref)

        (kept,) = models.AwardRound.objects.all()
        assert check_award(kept.problem.encode(), json.dumps(kept.decision)) == []

    def test_fails_the_pool_that_nobody_bids_for_and_awards_the_other(self, market):
        served, left = market.frozen(), market.frozen(product=new_product("P-2"))
        ref = market.opened(served, left, teng=[(1, None, "12")])

        award(ref)

        assert (pools.pool(served).state, pools.pool(left).state) == ("awarded", "failed")
        assert models.LotPool.objects.get(pool_ref=left).live is False
        assert queries.verify() == []

    def test_fails_the_tender_when_nobody_delivers_at_all(self, market):
        pool = market.frozen()
        ref = market.opened(pool, teng=[(1000, None, "12")])

        assert award(ref) == ""

        assert (queries.tender(ref).state, pools.pool(pool).state) == ("failed", "failed")
        assert not models.Award.objects.exists()

    def test_leaves_out_a_pool_that_failed_meanwhile(self, market):
        stays, gone = market.frozen(), market.frozen("Anhui")
        ref = market.opened(stays, gone, teng=[(1, None, "12")])
        pools_.fail_pool(pool_ref=gone, why="stopped", by=WEI, at=AWARDING)

        found = queries.award(award(ref))

        assert [(line.pool_ref, line.quantity) for line in found.lines] == [(stays, 100)]
        assert queries.verify() == []

    def test_takes_no_notice_of_a_rejected_bid(self, market):
        ref = market.opened(teng=[(1, None, "9")], shen=[(1, None, "12")])
        models.OpenedBid.objects.filter(supplier_ref=market.teng).update(rejected="altered")

        assert queries.award(award(ref)).lines[0].supplier_ref == market.shen

    def test_obeys_the_published_limit_on_winners(self, market):
        one, two = market.frozen(), market.frozen(product=new_product("P-2"))
        ref = market.published(one, two, rules=tenders.AwardRules(winners_max=1))
        teng = {"lots": priced(ref, (1, None, "10"))["lots"] + priced(ref, (1, None, "22"), lot=1)["lots"]}
        shen = {"lots": priced(ref, (1, None, "11"))["lots"] + priced(ref, (1, None, "20"), lot=1)["lots"]}
        open_with(ref, market, teng=teng, shen=shen)

        found = queries.award(award(ref))

        assert {line.supplier_ref for line in found.lines} == {market.shen}
        assert models.AwardRound.objects.count() == 1

    def test_counts_the_published_cost_of_each_winner(self, market):
        one, two = market.frozen(), market.frozen(product=new_product("P-2"))
        ref = market.published(one, two, rules=tenders.AwardRules(fixed_cost_minor=30_000))
        teng = {"lots": priced(ref, (1, None, "10"))["lots"] + priced(ref, (1, None, "22"), lot=1)["lots"]}
        shen = priced(ref, (1, None, "20"), lot=1)
        open_with(ref, market, teng=teng, shen=shen)

        found = queries.award(award(ref))

        assert {line.supplier_ref for line in found.lines} == {market.teng}
        assert str(found.total) == "CNY 3500.00"
        assert queries.verify() == []

    def test_refuses_before_opening(self, market):
        ref = market.published()

        with pytest.raises(IllegalMove):
            award(ref)

        assert not models.Award.objects.exists()

    def test_refuses_a_second_award(self, market):
        ref = market.opened(teng=[(1, None, "12")])
        award(ref)

        with pytest.raises(IllegalMove):
            award(ref)

        assert models.Award.objects.count() == 1

    def test_refuses_when_the_published_terms_were_changed(self, market):
        ref = market.opened(teng=[(1, None, "12")], shen=[(1, None, "13")])
        models.Tender.objects.filter(ref=ref).update(rules={"winners_max": 1})

        with pytest.raises(tenders.TermsChanged):
            award(ref)

        assert queries.tender(ref).state == "opened"

    def test_refuses_what_the_checker_does_not_confirm_and_keeps_nothing(self, market, monkeypatch):
        pool = market.frozen()
        ref = market.opened(pool, teng=[(1, None, "12")])
        monkeypatch.setattr(rounds, "check_award", lambda problem, decision: ["the total is wrong"])

        with pytest.raises(tenders.AwardNotConfirmed):
            award(ref)

        assert (queries.tender(ref).state, pools.pool(pool).state) == ("opened", "tendering")
        assert not models.Award.objects.exists()

    def test_keeps_nothing_when_somebody_cancelled_meanwhile(self, market, monkeypatch):
        ref = market.opened(teng=[(1, None, "12")])
        tenders.ask_to_cancel(tender_ref=ref, why="the need is gone", by=WEI, at=AWARDING)
        module = sys.modules["procurement.tenders.use_cases.award_tender"]
        decided = rounds.decide

        def cancel_while_deciding(case, seconds):
            tenders.cancel_tender(tender_ref=ref, by=MEI, at=AWARDING)
            return decided(case, seconds)

        monkeypatch.setattr(module, "decide", cancel_while_deciding)

        with pytest.raises(StaleWrite):
            award(ref)

        assert queries.tender(ref).state == "cancelled"
        assert not models.Award.objects.exists()

    def test_the_database_itself_refuses_an_unchecked_award(self, market):
        award(market.opened(teng=[(1, None, "12")]))

        with pytest.raises(IntegrityError), transaction.atomic():
            models.Award.objects.update(checked=False)


class TestConcludeTender:
    def test_tells_who_delivers_what_to_which_pool(self, market):
        pool = market.frozen()
        ref = market.opened(pool, teng=[(1, None, "12.25")])
        awarded = award(ref)

        conclude(ref)

        assert queries.tender(ref).state == "contracted"
        fact = OutboxEvent.objects.get(name="TenderAwarded")
        assert fact.payload == {
            "tender_ref": ref,
            "award_ref": awarded,
            "lines": [
                {
                    "lot_ref": queries.tender(ref).lots[0].ref,
                    "supplier_ref": market.teng,
                    "region": "Zhejiang",
                    "pool_ref": pool,
                    "product_id": pools.pool(pool).product_id,
                    "quantity": "100.000000",
                    "unit_price": "12.250000",
                    "freight": "0.000000",
                    "currency": "CNY",
                }
            ],
        }

    def test_waits_for_the_standstill(self, market):
        ref = market.opened(teng=[(1, None, "12")], standstill_days=10)
        award(ref)
        until = AWARDING + timedelta(days=10)

        with pytest.raises(tenders.StandstillRuns):
            conclude(ref, until - timedelta(seconds=1))
        assert not OutboxEvent.objects.filter(name="TenderAwarded").exists()

        conclude(ref, until)
        assert OutboxEvent.objects.filter(name="TenderAwarded").count() == 1

    def test_refuses_twice(self, market):
        ref = market.opened(teng=[(1, None, "12")])
        award(ref)
        conclude(ref)

        with pytest.raises(IllegalMove):
            conclude(ref)

        assert OutboxEvent.objects.filter(name="TenderAwarded").count() == 1

    def test_refuses_what_is_not_awarded(self, market):
        ref = market.opened(teng=[(1, None, "12")])

        with pytest.raises(IllegalMove):
            conclude(ref)

    def test_can_be_cancelled_in_the_standstill_and_lets_the_pool_go(self, market):
        pool = market.frozen()
        ref = market.opened(pool, teng=[(1, None, "12")], standstill_days=10)
        award(ref)
        tenders.ask_to_cancel(tender_ref=ref, why="a complaint is right", by=WEI, at=AWARDING)

        tenders.cancel_tender(tender_ref=ref, by=MEI, at=AWARDING)

        assert (queries.tender(ref).state, pools.pool(pool).state) == ("cancelled", "failed")


class TestVerify:
    def test_finds_an_award_line_that_was_changed(self, market):
        pool = market.frozen()
        award(market.opened(pool, teng=[(1, None, "12")]))
        models.AwardLine.objects.update(quantity=90)

        assert queries.verify() == [
            f"{pool} orders 100.000000, its award gives 90.000000",
            f"{models.Award.objects.get().ref} says CNY 1200.00, its lines say CNY 1080.00",
        ]

    def test_finds_a_problem_that_was_changed(self, market):
        award(market.opened(teng=[(1, None, "12")]))
        models.AwardRound.objects.update(problem="{}")

        (found,) = queries.verify()
        assert found.endswith("part 1 round 1: the problem is not the one that was decided")


def open_with(ref, market, **said) -> None:
    for name, offer in said.items():
        bid(ref, getattr(market, name), offer)
    tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)
    tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)


class TestMovesWhileDeciding:
    def test_a_withdrawal_while_deciding_refuses_the_award_and_lets_it_be_decided_anew(self, market, monkeypatch):
        pool = market.frozen()
        ref = market.opened(pool, teng=[(1, 99, "9"), (100, None, "7")])
        bao = next(one.commitment_ref for one in pools.members(pool) if one.buyer_ref == market.bao)
        module = sys.modules["procurement.tenders.use_cases.award_tender"]
        decide = module.decide

        def slowly(case, seconds):
            parts = list(decide(case, seconds))
            pools_.withdraw_commitment(commitment_ref=bao, by="user:bao", at=AWARDING)
            return parts

        monkeypatch.setattr(module, "decide", slowly)
        with pytest.raises(StaleWrite):
            award(ref)
        monkeypatch.setattr(module, "decide", decide)

        (line,) = queries.award(award(ref)).lines
        assert (line.quantity, line.unit_price) == (60, Decimal(9))

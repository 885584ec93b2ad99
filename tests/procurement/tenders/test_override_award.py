"""Awarding against the engine, by two persons; and what each limit of an award costs."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from marketplace.kernel.refusals import BadValue, IllegalMove, StaleWrite
from procurement.engines.award_check import check_award
from procurement.pools import queries as pools
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from procurement.tenders.use_cases.override_award import OverrideAsked
from tests.procurement.tenders.scene import AWARDING, BIDS_UNTIL, HUA, MEI, OPENING, WEI, bid, lots_of, new_product

LATER = AWARDING + timedelta(hours=1)


def ask(ref: str, wishes: object, **more: object) -> str:
    known = {"why": "Teng's pumps failed the test", "seconds": 10, "by": WEI, "at": AWARDING}
    return tenders.ask_to_override(tender_ref=ref, wishes=wishes, **{**known, **more})


def approve(wish: str, by: str = MEI, at=LATER) -> str:
    return tenders.approve_override(override_ref=wish, seconds=10, by=by, at=at)


@pytest.fixture
def opened(market) -> str:
    """Teng asks 11, Shen 12, for 100 units."""
    return market.opened(teng=[(1, None, "11")], shen=[(1, None, "12")])


class TestAskToOverride:
    def test_tells_what_it_costs_beside_the_best(self, market, opened):
        wish = models.AwardOverride.objects.get(ref=ask(opened, {"without": [market.teng]}))

        assert (wish.total_minor, wish.best_minor, wish.cost_minor) == (120_000, 110_000, 10_000)
        assert wish.proposal == [
            {
                "lot": lots_of(opened)[0],
                "supplier": market.shen,
                "region": "Zhejiang",
                "quantity": "100",
                "price": "12",
                "freight": "0",
            }
        ]
        assert queries.tender(opened).state == "opened"

    def test_names_who_alone_may_win_a_lot(self, market, opened):
        wish = models.AwardOverride.objects.get(ref=ask(opened, {"only": {lots_of(opened)[0]: [market.shen]}}))

        assert wish.cost_minor == 10_000

    @pytest.mark.parametrize(
        "wishes",
        [{}, {"without": []}, {"without": ["OR-2026-9999"]}, {"only": {"LT-2026-9999": []}}, {"best": 1}, [], None],
    )
    def test_is_refused_when_it_wishes_nothing_or_names_strangers(self, opened, wishes):
        with pytest.raises(BadValue):
            ask(opened, wishes)

        assert not models.AwardOverride.objects.exists()

    def test_needs_a_reason(self, market, opened):
        with pytest.raises(BadValue):
            ask(opened, {"without": [market.teng]}, why="  ")

    def test_waits_alone(self, market, opened):
        ask(opened, {"without": [market.teng]})

        with pytest.raises(OverrideAsked):
            ask(opened, {"without": [market.shen]}, by=MEI)

    def test_is_refused_where_nobody_who_may_win_delivers(self, market, opened):
        with pytest.raises(tenders.NoAwardPossible):
            ask(opened, {"without": [market.teng, market.shen]})


class TestApproveOverride:
    def test_awards_as_asked_and_keeps_both_names_and_the_proof(self, market, opened):
        wish = ask(opened, {"without": [market.teng]})

        found = queries.award(approve(wish))

        row = models.Award.objects.get(ref=found.ref)
        assert [one.supplier_ref for one in found.lines] == [market.shen]
        assert (row.override.asked_by, row.override.decided_by, row.override.state) == (WEI, MEI, "approved")
        assert pools.pool(found.lines[0].pool_ref).unit_price.amount == 12
        proof = row.decisions.order_by("-part")[0]
        assert check_award(proof.problem.encode(), json.dumps(proof.decision)) == []
        assert (proof.decision["status"], Decimal(proof.decision["bound_exact"]) / proof.money_scale) == (
            "feasible",
            1100,
        )
        assert queries.verify() == []

    def test_needs_another_person(self, market, opened):
        wish = ask(opened, {"without": [market.teng]})

        with pytest.raises(tenders.FourEyes):
            approve(wish, by=WEI)

        assert queries.tender(opened).state == "opened"

    def test_is_refused_when_a_bid_is_not_the_one_it_was_asked_for(self, market, opened):
        wish = ask(opened, {"without": [market.teng]})
        models.BidTier.objects.filter(unit_price=12).update(unit_price=13)

        with pytest.raises(StaleWrite):
            approve(wish)

        assert not models.Award.objects.exists()

    def test_is_refused_when_the_tender_moved_since(self, market, opened):
        wish = ask(opened, {"without": [market.teng]})
        tenders.ask_to_cancel(tender_ref=opened, why="money is gone", by=HUA, at=LATER)

        with pytest.raises(StaleWrite):
            approve(wish)

    def test_comes_too_late_after_the_engines_award(self, market, opened):
        wish = ask(opened, {"without": [market.teng]})
        tenders.award_tender(tender_ref=opened, seconds=10, by=HUA, at=LATER)

        with pytest.raises(IllegalMove):
            approve(wish)
        assert models.AwardOverride.objects.get(ref=wish).state == "refused"

    def test_is_decided_once(self, market, opened):
        wish = ask(opened, {"without": [market.teng]})
        tenders.refuse_override(override_ref=wish, why="the test was wrong", by=MEI, at=LATER)

        with pytest.raises(IllegalMove):
            approve(wish)
        again = ask(opened, {"without": [market.teng]}, at=LATER)
        assert approve(again)

    def test_the_database_itself_wants_two_persons(self, market, opened):
        wish = ask(opened, {"without": [market.teng]})

        with pytest.raises(IntegrityError), transaction.atomic():
            models.AwardOverride.objects.filter(ref=wish).update(decided_by=WEI)


class TestPriceConstraints:
    def test_says_what_a_limit_on_winners_costs(self, market):
        one, two = market.frozen(), market.frozen(product=new_product("P-2"))
        ref = market.published(one, two, rules=tenders.AwardRules(winners_max=1))
        first, second = lots_of(ref)
        _bid(ref, market.teng, {first: "10", second: "14"})
        _bid(ref, market.shen, {first: "13", second: "12"})
        _open(ref)
        award = tenders.award_tender(tender_ref=ref, seconds=10, by=HUA, at=AWARDING)

        rows = tenders.price_constraints(award_ref=award, seconds=10, by=HUA, at=LATER)

        assert rows == [{"limit": "winners_max", "about": "1", "saves": "200.00", "settled": True}]
        assert models.Award.objects.get(ref=award).constraint_prices == rows

    def test_says_what_a_suppliers_capacity_costs_and_its_minimum(self, market):
        ref = market.published()
        lot = lots_of(ref)[0]
        _bid(ref, market.teng, {lot: "10"}, capacity="60")
        _bid(ref, market.shen, {lot: "12"}, least=20)
        _open(ref)
        award = tenders.award_tender(tender_ref=ref, seconds=10, by=HUA, at=AWARDING)

        rows = tenders.price_constraints(award_ref=award, seconds=10, by=HUA, at=LATER)

        assert [(row["limit"], row["about"], row["saves"]) for row in rows] == [
            ("capacity", market.teng, "80.00"),
            ("minimum_award", f"{market.shen}/{lot}", "0.00"),
        ]


def _bid(ref: str, supplier: str, prices: dict[str, str], least: int = 1, **more: str) -> None:

    lots = [{"lot": lot, "tiers": [{"from": least, "to": None, "price": price}]} for lot, price in prices.items()]
    bid(ref, supplier, {"lots": lots, **more})


def _open(ref: str) -> None:

    tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)
    tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)

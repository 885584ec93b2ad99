"""Packages, incremental tiers, currencies, validity and merit: from the sealed document to the award."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from marketplace.kernel.money import Rate
from marketplace.kernel.refusals import BadValue
from procurement.engines.scoring import Criterion, Option, Scoring
from procurement.pools import queries as pools
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from procurement.tenders.rules.bid_terms import BidTerms
from procurement.tenders.rules.offers import BadOffer
from tests.procurement.tenders.scene import (
    AWARDING,
    BIDS_UNTIL,
    HUA,
    OPENING,
    bid,
    freeze,
    lots_of,
    new_product,
    priced,
)

WARRANTY = Criterion(
    "warranty", "Years of warranty", (Option("one", "1", Fraction(0)), Option("five", "5", Fraction("0.2")))
)


def award(ref: str, at=AWARDING) -> queries.AwardView:
    return queries.award(tenders.award_tender(tender_ref=ref, seconds=10, by=HUA, at=at))


def open_with(market, ref: str, **offers) -> None:
    for name, said in offers.items():
        bid(ref, getattr(market, name), said)
    tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)
    tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)


@pytest.fixture
def two_lots(market) -> list[str]:
    """Two pools of 100 units, of two products."""
    return [market.frozen(), market.frozen(product=new_product("P-2"))]


class TestPackages:
    def test_win_whole_when_they_are_cheaper_than_the_parts(self, market, two_lots):
        ref = market.published(*two_lots)
        first, second = lots_of(ref)
        bundle = {
            "name": "Both",
            "price": "1900",
            "lots": [
                {"lot": first, "quantity": "100", "freight": {"Zhejiang": "0.5"}},
                {"lot": second, "quantity": "100"},
            ],
        }
        alone = [{"lot": lot, "tiers": [{"from": "1", "to": None, "price": "10"}]} for lot in (first, second)]
        open_with(market, ref, teng={"packages": [bundle]}, shen={"lots": alone})

        found = award(ref)

        assert {one.supplier_ref for one in found.lines} == {market.teng}
        assert str(found.total) == "CNY 1950.00"
        assert {one.lot_ref: one.freight for one in found.lines} == {first: Decimal("0.5"), second: 0}
        assert sum(one.quantity * one.unit_price for one in found.lines) == 1900
        assert found.lines[0].why["code"] == "package_cheaper_as_a_mix"
        assert found.lines[0].why["packages"] == ["Both"]
        assert queries.verify() == []

    def test_lose_whole_and_are_told_by_how_much(self, market, two_lots):
        ref = market.published(*two_lots)
        bundle = {"name": "B", "price": "2100", "lots": [{"lot": lot, "quantity": "100"} for lot in lots_of(ref)]}
        alone = [{"lot": lot, "tiers": [{"from": "1", "to": None, "price": "10"}]} for lot in lots_of(ref)]
        open_with(market, ref, teng={"packages": [bundle]}, shen={"lots": alone})

        found = award(ref)

        (lost,) = found.rejected
        assert (lost["supplier"], lost["package"], lost["how"], lost["at_least"]) == (
            market.teng,
            "B",
            "exact",
            "100.000000",
        )

    def test_stand_beside_bids_of_the_same_supplier_on_one_line(self, market):
        ref = market.published()
        (lot,) = lots_of(ref)
        offer = {
            **priced(ref, (1, 40, "8")),
            "packages": [{"name": "A", "price": "540", "lots": [{"lot": lot, "quantity": 60}]}],
        }
        open_with(market, ref, teng=offer, shen=[(1, None, "20")])

        found = award(ref)

        (line,) = found.lines
        assert (line.quantity, line.unit_price, str(found.total)) == (100, Decimal("8.6"), "CNY 860.00")

    @pytest.mark.parametrize(
        ("lots", "more", "place", "reason"),
        [
            ([("LT-2026-9999", 10)], {}, "A.lots[0].lot", "is no lot of this tender"),
            ([("?", 10)], {"price": "-1"}, "A.price", "is negative"),
            ([], {"price": "NaN"}, "A.price", "is no plain number of at most twelve digits before the point"),
            ([], {}, "A.lots", "is no list, or an empty one"),
            ([], {"name": ""}, "packages[0].name", "is no name of at most forty letters and digits"),
            ([("?", "7")], {}, "A.lots[0].quantity", "is not a whole number of steps of 10"),
            ([("?", "200")], {}, "A.lots[0].quantity", "is more than is wanted"),
            ([("?", "20"), ("?", "20")], {}, "A.lots", "is longer than 1"),
            ([], {"rebate": "9"}, "packages[0]", "has a key nobody knows: rebate"),
        ],
    )
    def test_are_refused_with_place_and_reason(self, market, lots, more, place, reason):
        ref = market.published()
        held = [{"lot": lots_of(ref)[0] if lot == "?" else lot, "quantity": quantity} for lot, quantity in lots]

        with pytest.raises(BadOffer) as refused:
            bid(ref, market.teng, {"packages": [{"name": "A", "price": "1", "lots": held, **more}]})

        assert refused.value.facts == {"place": place, "reason": reason}
        assert not models.SealedBid.objects.exists()

    def test_are_refused_where_the_tender_takes_none(self, market):
        ref = market.published(bidding=BidTerms(packages=False))
        package = {"name": "A", "price": "1", "lots": [{"lot": lots_of(ref)[0], "quantity": "100"}]}

        with pytest.raises(BadOffer) as refused:
            bid(ref, market.teng, {"packages": [package]})

        assert refused.value.facts == {"place": "packages", "reason": "are not taken by this tender"}


class TestTiers:
    def test_read_by_the_unit_cost_each_what_their_own_tier_says(self, market):
        ref = market.published(bidding=BidTerms(mode="incremental"))
        open_with(market, ref, teng=[(1, 60, "12"), (61, None, "9")], shen=[(1, None, "11")])

        found = award(ref)

        assert {one.supplier_ref: (one.quantity, one.unit_price) for one in found.lines} == {
            market.teng: (100, Decimal("10.8"))
        }
        assert str(found.total) == "CNY 1080.00"

    def test_leave_no_cent_open_where_the_mean_price_does_not_end(self, market):
        pool = market.frozen(lin=40, bao=30)
        ref = market.published(pool, bidding=BidTerms(mode="incremental"))
        open_with(market, ref, teng=[(1, 10, "10"), (11, None, "9.99")])

        found = award(ref)

        assert str(found.total) == "CNY 699.40"
        assert found.lines[0].unit_price == Decimal("9.991429")
        assert queries.verify() == []


class TestCurrencies:
    def test_are_counted_at_the_rate_that_was_published(self, market):
        ref = market.published(bidding=BidTerms(rates={"EUR": Decimal("7.85")}))
        open_with(
            market,
            ref,
            teng={**priced(ref, (1, None, "1.5"), freight={"Zhejiang": "0.1"}), "currency": "EUR"},
            shen=[(1, None, "13")],
        )

        found = award(ref)

        assert (found.lines[0].supplier_ref, found.lines[0].unit_price, found.lines[0].freight) == (
            market.teng,
            Decimal("11.775"),
            Decimal("0.785"),
        )
        opened = models.OpenedBid.objects.get(supplier_ref=market.teng)
        assert (opened.currency, opened.rate, opened.said["lots"][0]["tiers"][0]["price"]) == (
            "EUR",
            Decimal("7.85"),
            "1.5",
        )

    def test_without_a_published_rate_are_refused(self, market):
        ref = market.published(bidding=BidTerms(rates={"EUR": Decimal("7.85")}))

        with pytest.raises(BadOffer) as refused:
            bid(ref, market.teng, {**priced(ref, (1, None, "1.5")), "currency": "USD"})

        assert refused.value.facts == {"place": "currency", "reason": "is none that this tender takes"}

    def test_whose_rate_changes_after_publication_stop_the_award(self, market):
        ref = market.opened(teng=[(1, None, "12")], bidding=BidTerms(rates={"EUR": Decimal("7.85")}))
        tender = models.Tender.objects.get(ref=ref)
        models.Tender.objects.filter(ref=ref).update(rules={**tender.rules, "rates": {"EUR": "7.84"}})

        with pytest.raises(tenders.TermsChanged):
            award(ref)

    @pytest.mark.parametrize("rate", ["0", "-1", "NaN", "Infinity", "0.0000001"])
    def test_have_rates_that_are_numbers_above_zero(self, rate):
        with pytest.raises(BadValue):
            BidTerms(rates={"EUR": Decimal(rate)})


class TestValidity:
    def test_a_bid_that_binds_no_more_wins_nothing_and_is_told(self, market):
        lapsing = market.published()
        open_with(market, lapsing, teng={**priced(lapsing, (1, None, "12")), "valid_days": 30}, shen=[(1, None, "13")])

        found = award(lapsing, at=BIDS_UNTIL + timedelta(days=31))

        assert [one.supplier_ref for one in found.lines] == [market.shen]
        assert {
            "lot": lots_of(lapsing)[0],
            "supplier": market.teng,
            "code": "validity_over",
            "how": "never",
        } in found.rejected

    def test_a_bid_still_wins_on_its_last_day(self, market):
        ref = market.published()
        open_with(market, ref, teng={**priced(ref, (1, None, "12")), "valid_days": 30}, shen=[(1, None, "13")])

        assert award(ref, at=BIDS_UNTIL + timedelta(days=30)).lines[0].supplier_ref == market.teng

    def test_shorter_than_what_is_published_is_refused(self, market):
        ref = market.published(bidding=BidTerms(valid_days=60))

        with pytest.raises(BadOffer) as refused:
            bid(ref, market.teng, {**priced(ref, (1, None, "12")), "valid_days": 59})

        assert refused.value.facts == {"place": "valid_days", "reason": "is less than the 60 days that are asked for"}


class TestMerit:
    def test_lets_the_dearer_win_by_its_coefficient_and_pays_the_price_itself(self, market):
        ref = market.published(bidding=BidTerms(scoring=Scoring("coefficient", (WARRANTY,))))
        open_with(
            market,
            ref,
            teng={**priced(ref, (1, None, "12")), "chosen": {"warranty": "five"}},
            shen={**priced(ref, (1, None, "10")), "chosen": {"warranty": "one"}},
        )

        found = award(ref)

        (line,) = found.lines
        assert (line.supplier_ref, line.unit_price, line.why["weighted"]) == (market.teng, Decimal(12), "9.600000")
        assert str(found.total) == "CNY 1200.00"
        assert pools.pool(line.pool_ref).unit_price.amount == 12
        assert models.Award.objects.get(ref=found.ref).score_minor == 96_000

    def test_tells_the_loser_its_discount_on_the_price_it_asked(self, market):
        ref = market.published(bidding=BidTerms(scoring=Scoring("coefficient", (WARRANTY,))))
        open_with(
            market,
            ref,
            teng={**priced(ref, (1, None, "15")), "chosen": {"warranty": "five"}},
            shen={**priced(ref, (1, None, "10")), "chosen": {"warranty": "one"}},
        )

        (lost,) = award(ref).rejected

        assert (lost["supplier"], lost["at_least"]) == (market.teng, "2.500000")  # 12.5 / 1.25 = 10

    def test_drops_members_by_what_they_would_pay_not_by_what_it_counts_as(self, market):
        pool = market.pool()
        market.join(pool, market.lin, 60, "12")
        out = market.join(pool, market.bao, 40, "11", minute=1)
        freeze(pool)
        ref = market.published(pool, bidding=BidTerms(scoring=Scoring("coefficient", (WARRANTY,))))
        open_with(market, ref, teng={**priced(ref, (1, None, "12")), "chosen": {"warranty": "five"}})

        found = award(ref)

        assert found.lines[0].quantity == 60
        assert models.AwardRound.objects.get(round=1).dropped[out]["landed"] == "12.000000"

    def test_counts_points_against_a_reference_that_is_bound_by_the_terms(self, market):
        pool = market.frozen()
        points = Criterion("warranty", "Warranty", (Option("one", "1", Fraction(0)), Option("five", "5", Fraction(30))))
        terms = BidTerms(scoring=Scoring("points", (points,), price_weight=Fraction(70)))
        ref = market.published(pool, bidding=terms, references={pool: Rate(Decimal(14), "CNY")})
        open_with(
            market,
            ref,
            teng={**priced(ref, (1, None, "15")), "chosen": {"warranty": "five"}},
            shen={**priced(ref, (1, None, "10")), "chosen": {"warranty": "one"}},
        )

        found = award(ref)

        assert (found.lines[0].supplier_ref, found.lines[0].why["weighted"]) == (market.teng, "15.000000")

    def test_needs_a_reference_for_points(self, market):
        points = Criterion("warranty", "Warranty", (Option("five", "5", Fraction(30)),))

        with pytest.raises(BadValue):
            market.prepared(bidding=BidTerms(scoring=Scoring("points", (points,), price_weight=Fraction(70))))

    def test_charges_carbon_and_life_cycle_and_needs_them_said(self, market):
        terms = BidTerms(scoring=Scoring("monetised", carbon_price=Fraction(1000), life_cycle=True))
        ref = market.published(bidding=terms)
        with pytest.raises(BadOffer) as refused:
            bid(ref, market.teng, priced(ref, (1, None, "10")))
        open_with(
            market,
            ref,
            teng=priced(ref, (1, None, "10"), co2="2.5", life_cycle="1"),
            shen=priced(ref, (1, None, "11"), co2="0.5", life_cycle="0.5"),
        )

        found = award(ref)

        assert refused.value.facts["reason"] == "is missing, and this tender counts it"
        assert (found.lines[0].supplier_ref, found.lines[0].why["weighted"]) == (market.shen, "12.000000")
        assert str(found.total) == "CNY 1100.00"

    @pytest.mark.parametrize(
        ("chosen", "place"),
        [({}, "chosen.warranty"), ({"warranty": "ten"}, "chosen.warranty"), ({"colour": "red"}, "chosen")],
    )
    def test_asks_for_one_answer_to_each_criterion(self, market, chosen, place):
        ref = market.published(bidding=BidTerms(scoring=Scoring("coefficient", (WARRANTY,))))

        with pytest.raises(BadOffer) as refused:
            bid(ref, market.teng, {**priced(ref, (1, None, "12")), "chosen": chosen})

        assert refused.value.facts["place"] == place

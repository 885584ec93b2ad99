from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, transaction

from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import BadValue, IllegalMove, NotFound
from procurement.engines import auction as engine
from procurement.tenders import handlers, models, queries
from procurement.tenders import use_cases as tenders
from tests.procurement.tenders.auction_scene import (
    PLANNED,
    SECOND,
    STARTS,
    auction,
    move,
    opened,
    planned,
    played,
    running,
)
from tests.procurement.tenders.scene import HUA, WEI, lots_of, priced

pytestmark = pytest.mark.django_db
TURN = timedelta(seconds=120)


class TestPlanAnAuction:
    def test_it_waits_for_its_beginning_with_masked_bidders(self, market):
        ref = planned(opened(market))

        row = auction(ref)
        assert (row.state, row.steps, row.due_at) == ("planned", 0, STARTS)
        assert {one["name"] for one in row.terms["bidders"]} == {"Bidder 1", "Bidder 2"}
        assert {one["opening"] for one in row.terms["bidders"]} == {"12.5", "12.2"}
        assert market.teng not in json.dumps(row.terms)

    def test_freight_counts_beside_the_price(self, market):
        pools = [market.frozen("Zhejiang"), market.frozen("Jiangsu", lin=20, bao=10)]
        tender = market.published(*pools, procedure="auction")
        from tests.procurement.tenders.scene import BIDS_UNTIL, OPENING, bid

        for supplier, price, freight in ((market.teng, "12.5", "0.1"), (market.shen, "12.2", "0.5")):
            said = priced(tender, (1, None, price), freight={"Zhejiang": freight, "Jiangsu": "0"})
            bid(tender, supplier, said)
        tenders.close_tender(tender_ref=tender, by="system:clock", at=BIDS_UNTIL)
        tenders.open_tender(tender_ref=tender, by=HUA, at=OPENING)

        view = queries.auction_view(auction(planned(tender)), Actor(by=WEI, staff=True))

        assert {one.addition for one in view.seats} == {Fraction(10, 130), Fraction(50, 130)}

    def test_only_a_tender_with_an_auction_has_one(self, market):
        tender = market.opened(teng=[(1, None, "12.5")], shen=[(1, None, "12.2")])

        with pytest.raises(tenders.NoAuctionHere):
            planned(tender)
        assert not models.Auction.objects.exists()

    def test_one_bidder_is_no_auction_and_the_award_waits_for_none(self, market):
        tender = opened(market, shen=None)

        with pytest.raises(tenders.NoAuctionHere):
            planned(tender)
        assert tenders.award_tender(tender_ref=tender, seconds=2, by=WEI, at=PLANNED)

    def test_a_lot_is_auctioned_once(self, market):
        tender = opened(market)
        planned(tender)

        with pytest.raises(tenders.AuctionPlannedAlready):
            planned(tender)
        assert models.Auction.objects.count() == 1

    def test_a_beginning_that_is_past_or_a_step_of_nothing_is_refused(self, market):
        tender = opened(market)

        with pytest.raises(BadValue):
            planned(tender, starts_at=PLANNED - SECOND)
        with pytest.raises(BadValue):
            planned(tender, step=Decimal(0))
        with pytest.raises(BadValue):
            planned(tender, step=Decimal("NaN"))
        assert not models.Auction.objects.exists()

    def test_it_may_be_called_off_before_it_begins_and_planned_anew(self, market):
        tender = opened(market)
        ref = planned(tender)

        tenders.call_off_auction(auction_ref=ref, why="wrong step", by=WEI, at=PLANNED)

        assert auction(ref).state == "called_off"
        assert planned(tender) != ref

    def test_a_running_one_is_not_called_off(self, market):
        ref = running(market)

        with pytest.raises(IllegalMove):
            tenders.call_off_auction(auction_ref=ref, why="wrong step", by=WEI, at=STARTS)
        assert auction(ref).state == "running"


class TestMoveInAnAuction:
    def test_the_dearer_moves_first_and_a_bid_ends_the_turn(self, market):
        ref = running(market)

        assert move(ref, market.teng, "12.1", STARTS + SECOND) == 2
        assert move(ref, market.shen, None, STARTS + 2 * SECOND) == 3
        rows = models.AuctionEvent.objects.order_by("number").values_list("number", "kind", "price")
        assert list(rows) == [(1, "began", None), (2, "bid", Decimal("12.1")), (3, "stayed", None)]

    def test_a_rival_may_not_move(self, market):
        ref = running(market)

        with pytest.raises(engine.NotYourTurn):
            move(ref, market.shen, "12", STARTS + SECOND)
        assert auction(ref).steps == 1

    def test_who_did_not_bid_finds_no_auction(self, market):
        ref = running(market)

        with pytest.raises(NotFound):
            move(ref, market.lin, "1", STARTS + SECOND)

    def test_a_price_less_than_a_step_below_is_refused(self, market):
        ref = running(market)

        with pytest.raises(engine.NotLowEnough):
            move(ref, market.teng, "12.4001", STARTS + SECOND)
        assert move(ref, market.teng, "12.4", STARTS + SECOND) == 2

    @pytest.mark.parametrize("price", ["NaN", "-1", "12.00001", "Infinity"])
    def test_what_is_no_price_is_refused(self, market, price):
        ref = running(market)

        with pytest.raises(engine.BadPrice):
            move(ref, market.teng, price, STARTS + SECOND)
        assert auction(ref).steps == 1

    def test_a_bid_that_is_late_by_the_databases_clock_is_refused(self, market):
        ref = running(market)
        in_time = STARTS + TURN - SECOND

        with pytest.raises(engine.TurnOver):
            move(ref, market.teng, "12", in_time, clock=lambda: STARTS + TURN)
        assert auction(ref).steps == 1
        assert move(ref, market.teng, "12", in_time, clock=lambda: in_time) == 2

    def test_after_the_end_nobody_moves(self, market):
        ref = running(market)
        at = played(market, ref)

        with pytest.raises(engine.AuctionOver):
            move(ref, market.teng, "1", at + SECOND)

    def test_nobody_moves_in_the_auction_of_a_tender_that_came_to_nothing(self, market):
        ref = running(market)
        tender = auction(ref).tender.ref
        tenders.ask_to_cancel(tender_ref=tender, why="no money", by=WEI, at=STARTS)
        tenders.cancel_tender(tender_ref=tender, by=HUA, at=STARTS)

        with pytest.raises(engine.AuctionOver):
            move(ref, market.teng, "12", STARTS + SECOND)
        handlers.look_after_tenders(STARTS + SECOND)
        assert auction(ref).state == "called_off"


class TestKeepItsTime:
    def test_nothing_happens_before_it_is_due(self, market):
        ref = planned(opened(market))

        assert not tenders.advance_auction(auction_ref=ref, at=STARTS - SECOND)
        assert auction(ref).state == "planned"

    def test_it_begins_and_ends_turns_once_however_often_it_is_rung(self, market):
        ref = planned(opened(market))

        for _ in range(3):
            tenders.advance_auction(auction_ref=ref, at=STARTS)
        assert auction(ref).steps == 1
        for _ in range(3):
            tenders.advance_auction(auction_ref=ref, at=STARTS + TURN)
        assert auction(ref).steps == 2

    def test_the_sweep_goes_on_where_a_worker_died_and_nobody_loses_time(self, market):
        ref = running(market)
        back = STARTS + timedelta(hours=1)

        handlers.look_after_tenders(back)

        row = auction(ref)
        assert (row.steps, row.due_at) == (2, back + TURN)
        assert move(ref, market.shen, "12", back + SECOND) == 3

    def test_a_worker_that_dies_within_a_step_leaves_none(self, market, monkeypatch):
        ref = running(market)

        def dies(*args, **kwargs):
            raise RuntimeError("killed")

        with monkeypatch.context() as patched:
            patched.setattr(models.AuctionEvent.objects, "create", dies)
            with pytest.raises(RuntimeError), transaction.atomic():
                move(ref, market.teng, "12", STARTS + SECOND)

        assert auction(ref).steps == models.AuctionEvent.objects.count() == 1
        assert move(ref, market.teng, "12", STARTS + 2 * SECOND) == 2

    def test_left_alone_it_ends_at_the_sealed_prices(self, market):
        ref, at = running(market), STARTS
        for _ in range(6):
            at += TURN
            handlers.look_after_tenders(at)

        row = auction(ref)
        assert (row.state, row.steps, row.ended_at) == ("ended", 7, at)
        assert sorted(row.results.values_list("price", flat=True)) == [Decimal("12.2"), Decimal("12.5")]


class TestTheAward:
    def test_it_waits_for_the_auction(self, market):
        tender = opened(market)
        planned(tender)

        with pytest.raises(tenders.AuctionsLeft):
            tenders.award_tender(tender_ref=tender, seconds=2, by=WEI, at=PLANNED)
        with pytest.raises(IntegrityError), transaction.atomic():
            models.Tender.objects.filter(ref=tender).update(state="awarded")

    def test_it_is_decided_on_the_prices_of_the_auction(self, market):
        ref = running(market)
        at = played(market, ref)

        award = tenders.award_tender(tender_ref=auction(ref).tender.ref, seconds=2, by=WEI, at=at)

        (line,) = queries.award(award).lines
        assert (line.supplier_ref, line.unit_price, line.quantity) == (market.teng, Decimal("11.9"), Decimal(100))

    def test_every_tier_is_lowered_in_the_same_measure_and_the_sealed_offer_is_kept(self, market):
        tender = opened(market, teng=[(1, 50, "20"), (51, None, "12.5")])
        ref = planned(tender)
        tenders.advance_auction(auction_ref=ref, at=STARTS)
        played(market, ref)

        from procurement.tenders.use_cases.award_tender import case_of

        ((supplier, offer), _) = case_of(auction(ref).tender).lots[0].offers
        assert supplier == market.teng
        assert [one.price for one in offer.tiers] == [Decimal("19.04"), Decimal("11.9")]
        row = models.LotOffer.objects.get(opened_bid__supplier_ref=market.teng)
        assert [one.unit_price for one in queries.tiers_now(row)] == [Decimal("19.04"), Decimal("11.9")]
        sealed = models.BidTier.objects.filter(lot_offer__opened_bid__supplier_ref=market.teng)
        assert sorted(sealed.values_list("unit_price", flat=True)) == [Decimal("12.5"), Decimal(20)]


class TestTheRecord:
    def test_the_stored_record_replays_to_the_same_result(self, market, tmp_path):
        ref = running(market)
        played(market, ref)
        file, out = tmp_path / "record.json", StringIO()
        file.write_text(json.dumps(queries.auction_record(auction(ref))))

        call_command("verify_auction", str(file), stdout=out)

        told = json.loads(out.getvalue())
        assert told["same"] is True
        assert told["signed"] is True
        assert told["result"]["ranking"][0]["price"] == "11.9"

    @pytest.mark.parametrize("change", ["price", "result", "drop"])
    def test_a_record_that_was_altered_is_refused(self, market, tmp_path, change):
        ref = running(market)
        played(market, ref)
        whole = queries.auction_record(auction(ref))
        if change == "price":
            whole["record"]["events"][1]["price"] = "12.0999"
        elif change == "result":
            whole["record"]["result"]["ranking"][0]["price"] = "11.8"
        else:
            del whole["record"]["events"][-1]
        file, out = tmp_path / "record.json", StringIO()
        file.write_text(json.dumps(whole))

        with pytest.raises(SystemExit):
            call_command("verify_auction", str(file), stdout=out)
        assert json.loads(out.getvalue())["signed"] is False

    def test_steps_are_never_changed_or_taken_out(self, market):
        ref = running(market)
        played(market, ref)

        for rows in (models.AuctionEvent, models.AuctionSeat, models.AuctionResult):
            with pytest.raises(DatabaseError), transaction.atomic():
                rows.objects.all().delete()
        with pytest.raises(DatabaseError), transaction.atomic():
            models.AuctionEvent.objects.filter(number=2).update(price=1)

    def test_two_rows_never_hold_the_same_step(self, market):
        ref = running(market)
        row = models.AuctionEvent.objects.get()

        with pytest.raises(IntegrityError), transaction.atomic():
            models.AuctionEvent.objects.create(auction=row.auction, number=1, kind="began", at=STARTS, by="user:x")
        assert auction(ref).steps == 1

    def test_the_audit_finds_an_auction_that_does_not_replay(self, market):
        ref = running(market)
        played(market, ref)
        assert queries.verify() == []

        models.Auction.objects.filter(ref=ref).update(record="{}")

        assert any(ref in one for one in queries.verify())


class TestMaskedNames:
    def test_before_the_end_nobody_reads_who_is_who(self, market):
        ref = running(market)
        for actor in (
            Actor(by=WEI, staff=True),
            Actor(by="user:lin", organisation=market.lin, roles=frozenset({"buyer"})),
            Actor(by="user:shen", organisation=market.shen, roles=frozenset({"supplier", "sales"})),
        ):
            view = queries.auction_view(auction(ref), actor)

            assert [one.name for one in view.seats] == ["", ""]
            assert sum(one.mine for one in view.seats) == (actor.organisation == market.shen)
        assert market.teng not in json.dumps(queries.auction_record(auction(ref)))

    def test_staff_see_no_opened_bid_until_then(self, market):
        ref = running(market)
        staff = Actor(by=WEI, staff=True)

        assert not queries.bids_for(staff).exists()
        played(market, ref)
        assert queries.bids_for(staff).count() == 2

    def test_after_the_last_auction_of_the_tender_names_are_told(self, market):
        ref = running(market)
        played(market, ref)

        view = queries.auction_view(auction(ref), Actor(by="user:x"))

        assert all(one.name for one in view.seats)

    def test_one_auction_that_is_left_keeps_all_masked(self, market):
        from tests.procurement.tenders.scene import BIDS_UNTIL, OPENING, bid, new_product

        pools = [market.frozen(), market.frozen(product=new_product("P-2"))]
        tender = market.published(*pools, procedure="auction")
        for supplier, price in ((market.teng, "12.5"), (market.shen, "12.2")):
            rows = [{"lot": lot, "tiers": [{"from": "1", "to": None, "price": price}]} for lot in lots_of(tender)]
            bid(tender, supplier, {"lots": rows})
        tenders.close_tender(tender_ref=tender, by="system:clock", at=BIDS_UNTIL)
        tenders.open_tender(tender_ref=tender, by=HUA, at=OPENING)
        ref = planned(tender)
        tenders.advance_auction(auction_ref=ref, at=STARTS)
        played(market, ref)

        assert auction(ref).tender.auctions_left == 1
        assert not any(one.name for one in queries.auction_view(auction(ref), Actor(by=WEI, staff=True)).seats)

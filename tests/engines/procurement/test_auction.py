from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.refusals import BadValue, Refusal
from procurement.engines import auction as engine
from procurement.engines.auction import BEGAN, BID, STAYED, TIMED_OUT, Bidder, Event, State, Terms
from procurement.engines.reading import document

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def terms_of(*openings: str, step: str = "1", rounds: int = 3, places: int = 4) -> Terms:
    bidders = tuple(Bidder(f"Bidder {n}", Decimal(price), n) for n, price in enumerate(openings, start=1))
    return Terms(bidders, Decimal(step), places, 120, START, rounds)


def began(terms: Terms) -> State:
    return engine.follow(engine.begin(terms), Event(BEGAN, START))


def bid(state: State, name: str, price: str, seconds: int = 1) -> State:
    return engine.follow(state, Event(BID, (state.last or START) + timedelta(seconds=seconds), name, Decimal(price)))


def stay(state: State) -> State:
    return engine.follow(state, Event(STAYED, (state.last or START) + timedelta(seconds=1), state.mover or ""))


class TestTurns:
    def test_the_worst_moves_first(self):
        state = began(terms_of("10", "12", "11"))

        assert state.order == ("Bidder 2", "Bidder 3", "Bidder 1")
        assert state.mover == "Bidder 2"

    def test_of_equals_the_later_moves_first(self):
        assert began(terms_of("10", "10")).order == ("Bidder 2", "Bidder 1")

    def test_each_round_orders_anew(self):
        state = bid(began(terms_of("10", "12")), "Bidder 2", "9")
        state = stay(state)

        assert (state.round, state.order) == (2, ("Bidder 1", "Bidder 2"))

    def test_who_came_down_to_a_price_later_is_worse_than_who_stood_there(self):
        state = stay(bid(began(terms_of("10", "12")), "Bidder 2", "10"))

        assert state.ranking() == ("Bidder 1", "Bidder 2")

    def test_after_the_rounds_it_is_over(self):
        state = began(terms_of("10", "12", rounds=1))

        state = stay(stay(state))

        assert (state.over, state.mover, state.due) == (True, None, None)

    def test_merit_weighs_prices_exactly(self):
        terms = terms_of("499", "400")
        first = replace(terms.bidders[0], coefficient=Fraction(9, 7))
        state = began(replace(terms, bidders=(first, terms.bidders[1])))

        assert first.weighed(Decimal(499)) == Fraction(3493, 9)
        assert state.ranking() == ("Bidder 1", "Bidder 2")

    def test_a_turn_ends_by_itself_and_the_next_begins_when_that_is_written(self):
        late = START + timedelta(seconds=600)

        state = engine.follow(began(terms_of("10", "12")), Event(TIMED_OUT, late, "Bidder 2"))

        assert (state.mover, state.due) == ("Bidder 1", late + timedelta(seconds=120))


class TestRefusals:
    @pytest.mark.parametrize(
        ("name", "price", "code"),
        [
            ("Bidder 1", "9", "not_your_turn"),
            ("Bidder 9", "9", "no_such_bidder"),
            ("Bidder 2", "NaN", "bad_price"),
            ("Bidder 2", "Infinity", "bad_price"),
            ("Bidder 2", "-1", "bad_price"),
            ("Bidder 2", "10.00001", "bad_price"),
            ("Bidder 2", "1E+30", "bad_price"),
            ("Bidder 2", "11.0001", "not_low_enough"),
            ("Bidder 2", "12", "not_low_enough"),
        ],
    )
    def test_a_bid_that_is_none_is_named(self, name, price, code):
        state = began(terms_of("10", "12"))

        with pytest.raises(Refusal) as refusal:
            bid(state, name, price)

        assert refusal.value.code == code

    def test_trailing_zeros_are_no_digits(self):
        assert bid(began(terms_of("10", "12")), "Bidder 2", "11.000000").prices["Bidder 2"] == 11

    def test_the_step_is_exact(self):
        state = began(terms_of("50", "100.1", step="10.2"))

        assert state.at_most("Bidder 2") == Decimal("89.9")
        assert bid(state, "Bidder 2", "89.9").prices["Bidder 2"] == Decimal("89.9")
        with pytest.raises(engine.NotLowEnough):
            bid(state, "Bidder 2", "89.9001")

    def test_a_price_below_the_step_cannot_fall(self):
        state = began(terms_of("0", "0.5"))

        assert state.at_most("Bidder 2") is None
        with pytest.raises(engine.NotLowEnough):
            bid(state, "Bidder 2", "0")

    def test_a_bid_at_the_last_instant_is_taken_and_one_at_the_end_is_not(self):
        state = began(terms_of("10", "12"))
        due = START + timedelta(seconds=120)

        assert engine.follow(state, Event(BID, due - timedelta(microseconds=1), "Bidder 2", Decimal(9))).number == 2
        with pytest.raises(engine.TurnOver):
            engine.follow(state, Event(BID, due, "Bidder 2", Decimal(9)))
        with pytest.raises(engine.TurnRuns):
            engine.follow(state, Event(TIMED_OUT, due - timedelta(microseconds=1), "Bidder 2"))

    def test_nothing_happens_before_the_beginning_twice_or_after_the_end(self):
        fresh = engine.begin(terms_of("10", "12", rounds=1))

        with pytest.raises(engine.NotBegun):
            engine.follow(fresh, Event(BEGAN, START - timedelta(seconds=1)))
        with pytest.raises(engine.NotBegun):
            engine.follow(fresh, Event(BID, START, "Bidder 2", Decimal(9)))
        running = engine.follow(fresh, Event(BEGAN, START))
        with pytest.raises(engine.AuctionBegun):
            engine.follow(running, Event(BEGAN, START))
        with pytest.raises(engine.TimeRunsBack):
            engine.follow(running, Event(STAYED, START - timedelta(seconds=1), "Bidder 2"))
        with pytest.raises(engine.AuctionOver):
            stay(stay(stay(running)))

    @pytest.mark.parametrize(
        "change",
        [
            {"step": Decimal(0)},
            {"step": Decimal("NaN")},
            {"step": Decimal("0.00001")},
            {"rounds": 0},
            {"turn_seconds": 1},
            {"places": 9},
            {"starts_at": START.replace(tzinfo=None)},
            {"bidders": ()},
            {"bidders": (Bidder("A", Decimal(1), 1), Bidder("A", Decimal(1), 2))},
            {"bidders": (Bidder("A", Decimal(1), 1), Bidder("B", Decimal(1), 1))},
            {"bidders": (Bidder("A", Decimal(-1), 1), Bidder("B", Decimal(1), 2))},
            {"bidders": (Bidder("A", Decimal(1), 1, Fraction(0)), Bidder("B", Decimal(1), 2))},
        ],
    )
    def test_terms_that_make_no_sense_are_refused_with_their_place(self, change):
        with pytest.raises(BadValue):
            replace(terms_of("10", "12"), **change)


prices = st.decimals(0, 100, places=2)
merits = st.fractions(Fraction(1, 2), 2, max_denominator=9)


@st.composite
def auctions(draw: st.DrawFn) -> tuple[Terms, list[Event]]:
    """Terms, and a whole record that follows them."""
    bidders = tuple(
        Bidder(f"Bidder {n}", draw(prices), n, draw(merits), draw(merits))
        for n in range(1, draw(st.integers(2, 4)) + 1)
    )
    terms = Terms(bidders, draw(st.decimals("0.01", 20, places=2)), 2, 60, START, draw(st.integers(1, 3)))
    events = [Event(BEGAN, START + timedelta(seconds=draw(st.integers(0, 99))))]
    state = engine.replay(terms, events)
    while not state.over:
        events.append(draw(moves(state)))
        state = engine.follow(state, events[-1])
    return terms, events


@st.composite
def moves(draw: st.DrawFn, state: State) -> Event:
    assert state.mover is not None
    assert state.last is not None
    assert state.due is not None
    at_most = state.at_most(state.mover)
    kind = draw(st.sampled_from([BID, STAYED, TIMED_OUT] if at_most is not None else [STAYED, TIMED_OUT]))
    if kind == TIMED_OUT:
        return Event(kind, state.due + timedelta(seconds=draw(st.integers(0, 99))), state.mover)
    at = state.last + timedelta(seconds=draw(st.integers(0, 59)))
    price = draw(st.decimals(0, at_most, places=2)) if kind == BID and at_most is not None else None
    return Event(kind, at, state.mover, price)


class TestReplay:
    @given(auctions(), st.data())
    def test_any_prefix_and_the_rest_equal_the_whole(self, auction, data):
        terms, events = auction
        cut = data.draw(st.integers(0, len(events)))

        state = engine.replay(terms, events[:cut])
        for event in events[cut:]:
            state = engine.follow(state, event)

        assert state == engine.replay(terms, events)

    @given(auctions())
    def test_the_winner_is_the_lowest_and_of_equals_the_earlier(self, auction):
        terms, events = auction
        state = engine.replay(terms, events)

        standing = {one.name: (one.opening, one.place - 100) for one in terms.bidders}
        for number, event in enumerate(events):
            if event.price is not None:
                standing[event.bidder] = (event.price, number)
        best = min(terms.bidders, key=lambda one: (one.weighed(standing[one.name][0]), standing[one.name][1]))
        assert state.ranking()[0] == best.name
        assert {name: price for name, (price, _) in standing.items()} == dict(state.prices)

    @given(auctions())
    def test_everybody_moves_once_a_round_and_prices_only_fall_by_the_step(self, auction):
        terms, events = auction
        many = len(terms.bidders)
        moved = [one.bidder for one in events[1:]]

        assert len(moved) == many * terms.rounds
        for place in range(0, len(moved), many):
            assert sorted(moved[place : place + many]) == sorted(one.name for one in terms.bidders)
        last = {one.name: one.opening for one in terms.bidders}
        for event in events:
            if event.price is not None:
                assert Fraction(last[event.bidder]) - Fraction(event.price) >= Fraction(terms.step)
                last[event.bidder] = event.price

    @given(auctions())
    def test_a_written_record_reads_back_to_the_same_result(self, auction):
        terms, events = auction
        state = engine.replay(terms, events)

        written = json.dumps(engine.write_record({"lot": "LT-1"}, state, events))
        record = engine.read_record(document(written))

        assert engine.replay(record.terms, record.events) == state
        assert engine.result_of(engine.replay(record.terms, record.events)) == record.result

    @given(auctions(), st.data())
    def test_a_record_without_one_of_its_steps_is_refused_or_goes_on(self, auction, data):
        terms, events = auction
        gone = data.draw(st.integers(0, len(events) - 1))

        try:
            state = engine.replay(terms, events[:gone] + events[gone + 1 :])
        except Refusal:
            return
        assert not state.over

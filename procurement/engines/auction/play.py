"""How an auction goes on: one event after another, worst first, until the last round is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Context, Decimal

from procurement.engines.auction.refusals import (
    AuctionBegun,
    AuctionOver,
    BadPrice,
    NoSuchBidder,
    NotBegun,
    NotLowEnough,
    NotYourTurn,
    TimeRunsBack,
    TurnOver,
    TurnRuns,
)
from procurement.engines.auction.terms import BEGAN, BID, KINDS, STAYED, Event, Terms, price_fault

EXACT = Context(prec=60)  # prices have twelve digits before the point and six behind it


@dataclass(frozen=True)
class State:
    """An auction after `number` events.

    round   1 .. rounds; 0 before it begins, rounds + 1 when it is over
    order   who moves in this round, worst first; `turn` counts those who have moved
    since   when the present turn began; `last` when the last event was
    prices  each bidder's standing price, `set_by` the number of the event that set it (<= 0: its opening, in the order
            of receipt)
    """

    terms: Terms
    prices: Mapping[str, Decimal]
    set_by: Mapping[str, int]
    number: int = 0
    round: int = 0
    order: tuple[str, ...] = ()
    turn: int = 0
    since: datetime | None = None
    last: datetime | None = None

    @property
    def over(self) -> bool:
        return self.round > self.terms.rounds

    @property
    def mover(self) -> str | None:
        """Whose turn it is, None before and after."""
        return self.order[self.turn] if self.round and not self.over else None

    @property
    def due(self) -> datetime | None:
        """When the present turn is over by itself; before it begins, when that may be; None after the end."""
        if not self.round:
            return self.terms.starts_at
        if self.since is None:
            return None
        return self.since + timedelta(seconds=self.terms.turn_seconds)

    def ranking(self) -> tuple[str, ...]:
        """Return the names best first: the lowest weighed price, of equals who had it earlier."""
        keys = {one.name: (one.weighed(self.prices[one.name]), self.set_by[one.name]) for one in self.terms.bidders}
        return tuple(sorted(keys, key=keys.__getitem__))

    def at_most(self, name: str) -> Decimal | None:
        """Return the highest price this bidder may name next, None where a step below its own would be negative."""
        left = EXACT.subtract(self.prices[name], self.terms.step)
        return left if left >= 0 else None


def begin(terms: Terms) -> State:
    """Return the auction before its first event."""
    by_receipt = sorted(terms.bidders, key=lambda one: one.place)
    set_by = {one.name: place - len(by_receipt) for place, one in enumerate(by_receipt, start=1)}
    return State(terms, {one.name: one.opening for one in terms.bidders}, set_by)


def replay(terms: Terms, events: Iterable[Event]) -> State:
    """Return the auction after these events.

    :raises Refusal: one of them could not have happened; see `follow`.
    """
    state = begin(terms)
    for event in events:
        state = follow(state, event)
    return state


def follow(state: State, event: Event) -> State:
    """Return the auction after one more event.

    :raises NotBegun, AuctionBegun, AuctionOver: it comes before the beginning, begins twice, or comes after the end.
    :raises TimeRunsBack: it lies before the last one.
    :raises NoSuchBidder, NotYourTurn: somebody moves who may not.
    :raises TurnOver, TurnRuns: a move at or after the turn's end; an end by itself before it.
    :raises BadPrice, NotLowEnough: a price that is none, or lies less than the step below the bidder's own.
    """
    if event.kind not in KINDS:
        raise ValueError(event.kind)
    if state.over:
        raise AuctionOver
    if state.last is not None and event.at < state.last:
        raise TimeRunsBack(at=event.at.isoformat(), last=state.last.isoformat())
    if event.kind == BEGAN:
        return _begun(state, event)
    _check_mover(state, event)
    _check_time(state, event)
    if event.kind == BID:
        state = _bid(state, event)
    return _next_turn(replace(state, number=state.number + 1), event.at)


def _begun(state: State, event: Event) -> State:
    if state.round:
        raise AuctionBegun
    if event.at < state.terms.starts_at:
        raise NotBegun(starts_at=state.terms.starts_at.isoformat())
    return _next_round(replace(state, number=state.number + 1), event.at)


def _check_mover(state: State, event: Event) -> None:
    if not state.round:
        raise NotBegun(starts_at=state.terms.starts_at.isoformat())
    if state.terms.bidder(event.bidder) is None:
        raise NoSuchBidder(bidder=event.bidder)
    if event.bidder != state.mover:
        raise NotYourTurn(bidder=event.bidder, turn_of=state.mover)


def _check_time(state: State, event: Event) -> None:
    due = state.due
    if due is None:
        raise AuctionOver
    by_itself = event.kind not in (BID, STAYED)
    if by_itself and event.at < due:
        raise TurnRuns(due=due.isoformat())
    if not by_itself and event.at >= due:
        raise TurnOver(due=due.isoformat(), at=event.at.isoformat())


def _bid(state: State, event: Event) -> State:
    price, at_most = event.price, state.at_most(event.bidder)
    if price is None:
        raise BadPrice(price="", reason="it is not a number")
    fault = price_fault(price, state.terms.places)
    if fault:
        raise BadPrice(price=str(price), reason=fault)
    if at_most is None or price > at_most:
        raise NotLowEnough(price=format(price, "f"), at_most="-" if at_most is None else format(at_most, "f"))
    return replace(
        state,
        prices={**state.prices, event.bidder: price},
        set_by={**state.set_by, event.bidder: state.number + 1},
    )


def _next_turn(state: State, at: datetime) -> State:
    if state.turn + 1 < len(state.order):
        return replace(state, turn=state.turn + 1, since=at, last=at)
    return _next_round(state, at)


def _next_round(state: State, at: datetime) -> State:
    """Begin the next round, worst first; after the last one nobody has a turn."""
    over = state.round == state.terms.rounds
    order = () if over else tuple(reversed(state.ranking()))
    return replace(state, round=state.round + 1, order=order, turn=0, since=None if over else at, last=at)

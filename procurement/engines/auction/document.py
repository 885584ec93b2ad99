"""The record of an auction as JSON: terms, every step, the result. Anybody replays it to the same result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from marketplace.kernel.refusals import BadValue
from procurement.engines.auction.play import EXACT, State
from procurement.engines.auction.terms import BID, KINDS, Bidder, Event, Terms
from procurement.engines.reading import Page, refuse

KIND = "jicai/auction/1"
MOST_EVENTS = 10_000


@dataclass(frozen=True)
class Record:
    """A record as read; `result` is what it says came out, None while it goes on."""

    terms: Terms
    events: tuple[Event, ...]
    result: Any


def write_terms(terms: Terms) -> dict[str, Any]:
    """Return the terms as a document: prices and fractions as text."""
    return {
        "rounds": terms.rounds,
        "step": _plain(terms.step),
        "places": terms.places,
        "turn_seconds": terms.turn_seconds,
        "starts_at": terms.starts_at.isoformat(),
        "bidders": [
            {
                "name": one.name,
                "opening": _plain(one.opening),
                "place": one.place,
                "coefficient": str(one.coefficient),
                "addition": str(one.addition),
            }
            for one in terms.bidders
        ],
    }


def write_event(number: int, event: Event) -> dict[str, Any]:
    """Return one step as a document."""
    return {
        "number": number,
        "kind": event.kind,
        "at": event.at.isoformat(),
        "bidder": event.bidder or None,
        "price": None if event.price is None else _plain(event.price),
    }


def result_of(state: State) -> dict[str, Any] | None:
    """Return what came out: the ranking, best first, with what each price counts as; None while it goes on."""
    if not state.over:
        return None
    ranking = state.ranking()
    rows = []
    for name in ranking:
        bidder = state.terms.bidder(name)
        if bidder is not None:
            price = state.prices[name]
            rows.append({"bidder": name, "price": _plain(price), "weighed": str(bidder.weighed(price))})
    return {"winner": ranking[0], "ranking": rows}


def write_record(about: dict[str, Any], state: State, events: Sequence[Event]) -> dict[str, Any]:
    """Return the whole record.

    about   what the auction is of, as facts beside terms and events
    """
    return {
        "kind": KIND,
        **about,
        "terms": write_terms(state.terms),
        "events": [write_event(number, one) for number, one in enumerate(events, start=1)],
        "result": result_of(state),
    }


def read_record(page: Page) -> Record:
    """Return the record that a document holds.

    :raises BadValue: it is none, with place, value and reason.
    """
    if page.text("kind") != KIND:
        refuse("kind", page.text("kind"), f"not {KIND}")
    events = list(page.pages("events"))
    if len(events) > MOST_EVENTS:
        refuse("events", len(events), f"more than {MOST_EVENTS}")
    return Record(
        read_terms(page.page("terms")),
        tuple(_event(number, one) for number, one in enumerate(events, start=1)),
        page.content.get("result"),
    )


def read_terms(page: Page) -> Terms:
    """Return the terms that a document holds.

    :raises BadValue: it is none, with place, value and reason.
    """
    return Terms(
        bidders=tuple(_bidder(one) for one in page.pages("bidders")),
        step=page.decimal("step"),
        places=page.number("places"),
        turn_seconds=page.number("turn_seconds"),
        starts_at=page.instant("starts_at"),
        rounds=page.number("rounds"),
    )


def _bidder(page: Page) -> Bidder:
    return Bidder(
        page.text("name"),
        page.decimal("opening"),
        page.number("place"),
        _fraction(page, "coefficient"),
        _fraction(page, "addition"),
    )


def _fraction(page: Page, key: str) -> Fraction:
    written = page.text(key)
    try:
        return Fraction(written)
    except (ValueError, ZeroDivisionError):
        raise BadValue(place=f"{page.place}.{key}", value=written[:40], reason="not a fraction") from None


def _event(number: int, page: Page) -> Event:
    if page.number("number") != number:
        refuse(f"{page.place}.number", page.number("number"), f"not {number}: a step is missing, or stands twice")
    kind = page.text("kind")
    if kind not in KINDS:
        refuse(f"{page.place}.kind", kind, "none of " + ", ".join(KINDS))
    if (kind == BID) != page.has("price"):
        refuse(f"{page.place}.price", page.content.get("price"), "a bid has a price, and nothing else has")
    return Event(
        kind,
        page.instant("at"),
        page.text("bidder") if page.has("bidder") else "",
        page.decimal("price") if page.has("price") else None,
    )


def _plain(number: Decimal) -> str:
    """Return a number in plain digits, without the zeros that say nothing: one value is always written alike."""
    return format(number.normalize(EXACT), "f")

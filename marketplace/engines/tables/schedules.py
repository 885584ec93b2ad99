"""What a bid tabulation says: the lines of a schedule, what each bidder asks for them, and what had to be judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from marketplace.engines.tables.bidders import Bidder

CENT = Decimal("0.01")


def to_cent(amount: Decimal) -> Decimal:
    """Return `amount` rounded half-up to the cent."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class ScheduleLine:
    """One line to be priced. What the sheet does not say (or says as an error) is None."""

    row: int
    number: str | None
    description: str | None
    quantity: Decimal | None
    unit: str | None
    unit_spelling: str = ""


@dataclass(frozen=True)
class Price:
    """What one bidder asks for one line: per unit, and the line's total as the bidder states it."""

    unit_price: Decimal | None
    stated_total: Decimal | None


@dataclass(frozen=True)
class StatedTotal:
    """A row of totals: its label, and whether it is this schedule's own or adds up several schedules."""

    row: int
    label: str
    own: bool
    amounts: Mapping[str, Decimal]


@dataclass(frozen=True)
class Bid:
    """One bidder's prices, one for each line of the schedule and in their order."""

    bidder: Bidder
    prices: tuple[Price, ...]
    placeholder: bool = False


@dataclass(frozen=True)
class Judgement:
    """A place where the sheet alone does not decide: what was done, and why.

    `what` is stable: broken_reference, empty_template, not_priced, zero_line, unknown_unit, line_total_differs,
    stated_total_differs, stated_total_missing.
    """

    file: str
    sheet: str
    rows: str
    what: str
    why: str


@dataclass(frozen=True)
class Schedule:
    """One sheet of a tabulation: a lot with its lines, its bids, the engineer's estimate, and its stated totals."""

    file: str
    sheet: str
    tender: str
    kind: str
    currency: str
    titles: Mapping[str, str]
    opened_on: date | None
    lines: tuple[ScheduleLine, ...]
    bids: tuple[Bid, ...]
    estimate: Bid | None
    stated: tuple[StatedTotal, ...]
    judgements: tuple[Judgement, ...] = ()

    def is_complete(self, bid: Bid) -> bool:
        """Say whether the bid prices every line, and every line has a quantity."""
        pairs = zip(self.lines, bid.prices, strict=True)
        return all(line.quantity is not None and price.unit_price is not None for line, price in pairs)

    def amounts(self, bid: Bid) -> list[Decimal | None]:
        """Return quantity x unit price of each line, rounded half-up to the cent; None where either is unknown."""
        return [_amount(line, price) for line, price in zip(self.lines, bid.prices, strict=True)]

    @cached_property
    def totals(self) -> dict[str, Decimal]:
        """What each complete bidder asks for the whole schedule, by bidder key."""
        return {bid.bidder.key: self.total_of(bid) for bid in self.bids if self.is_complete(bid)}

    def total_of(self, bid: Bid) -> Decimal:
        """Return the sum of the bid's amounts, lines without one left out."""
        return sum((amount for amount in self.amounts(bid) if amount is not None), Decimal(0))

    @property
    def own_stated(self) -> Mapping[str, Decimal]:
        """What the sheet states as this schedule's total, by bidder key."""
        return next((total.amounts for total in self.stated if total.own), {})

    @property
    def line_minima(self) -> Decimal:
        """The sum over the lines of the least amount that a complete bidder asks; zero without complete bidders."""
        complete = [self.amounts(bid) for bid in self.bids if bid.bidder.key in self.totals]
        return sum((min(a for a in asked if a is not None) for asked in zip(*complete, strict=True)), Decimal(0))

    def compared(self) -> list[tuple[str, Decimal, Decimal]]:
        """Return (bidder key, stated, computed) for each complete bidder whose total is stated, to the cent."""
        stated = self.own_stated
        return [(key, to_cent(stated[key]), total) for key, total in self.totals.items() if key in stated]


def _amount(line: ScheduleLine, price: Price) -> Decimal | None:
    if line.quantity is None or price.unit_price is None:
        return None
    return to_cent(line.quantity * price.unit_price)


@dataclass
class BidTally:
    """Sums over schedules, as the report of an import shows them.

    `prices` counts the cells of unit prices, the estimate's too; `bidders` are keys, `spellings` their names as
    written, `placeholders` names that nobody filled in. `lowest_total` and `line_minima` are sums over the `contested`
    schedules: those with two complete bidders or more.
    """

    tenders: set[str] = field(default_factory=set)
    lots: int = 0
    lines: int = 0
    prices: int = 0
    bidders: set[str] = field(default_factory=set)
    spellings: set[str] = field(default_factory=set)
    placeholders: set[str] = field(default_factory=set)
    compared: int = 0
    equal: int = 0
    contested: int = 0
    lowest_total: Decimal = Decimal(0)
    line_minima: Decimal = Decimal(0)
    judgements: list[Judgement] = field(default_factory=list)

    def add(self, schedule: Schedule) -> None:
        """Count one schedule."""
        self.tenders.add(schedule.tender)
        self.lots += 1
        self.lines += len(schedule.lines)
        self.prices += len(schedule.lines) * (len(schedule.bids) + (schedule.estimate is not None))
        for bid in schedule.bids:
            if bid.placeholder:
                self.placeholders.add(bid.bidder.name)
            else:
                self.bidders.add(bid.bidder.key)
                self.spellings.add(bid.bidder.name)
        pairs = schedule.compared()
        self.compared += len(pairs)
        self.equal += sum(1 for _, stated, computed in pairs if stated == computed)
        self.judgements += schedule.judgements
        if len(schedule.totals) >= 2:
            self.contested += 1
            self.lowest_total += min(schedule.totals.values())
            self.line_minima += schedule.line_minima


def tally_of(schedules: Iterable[Schedule]) -> BidTally:
    """Return the sums over some schedules."""
    tally = BidTally()
    for schedule in schedules:
        tally.add(schedule)
    return tally


def runs(rows: Iterable[int]) -> Iterator[str]:
    """Yield row numbers as runs: 8, 97-140."""
    start = last = None
    for row in [*rows, None]:
        if start is not None and last is not None and row != last + 1:
            yield str(start) if start == last else f"{start}-{last}"
            start = row
        if start is None:
            start = row
        last = row

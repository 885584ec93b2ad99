"""What a tabulation leaves open, and what was done about it, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from marketplace.engines.tables.matrix import LINE_COLUMNS
from marketplace.engines.tables.schedules import Bid, Judgement, Schedule, ScheduleLine, runs, to_cent


def judged(schedule: Schedule, broken: Mapping[int, Sequence[str]]) -> Schedule:
    """Return the schedule with every judgement made about it.

    broken   row -> which of its cells hold a spreadsheet's error value
    """
    return replace(schedule, judgements=tuple(_judgements(schedule, broken)))


def _judgements(schedule: Schedule, broken: Mapping[int, Sequence[str]]) -> Iterator[Judgement]:
    yield from _broken(schedule, broken)
    blank = [line for n, line in enumerate(schedule.lines) if _is_zero(schedule, n, line)]
    if blank:
        yield _judgement(
            schedule,
            [line.row for line in blank],
            "zero_line",
            "number, description, quantity and unit are all 0 and nobody prices the row; it is kept as a line, as it"
            " was received, so no bidder of this schedule is complete",
        )
    unknown = [line for line in schedule.lines if line.unit is None and line.unit_spelling and line not in blank]
    for line in unknown:
        yield _judgement(
            schedule, [line.row], "unknown_unit", f"{line.unit_spelling!r} is no unit the mapping knows; left empty"
        )
    yield from _unpriced(schedule, blank)
    yield from _differences(schedule)


def _judgement(schedule: Schedule, rows: Sequence[int], what: str, why: str) -> Judgement:
    return Judgement(schedule.file, schedule.sheet, ", ".join(runs(rows)), what, why)


def _broken(schedule: Schedule, broken: Mapping[int, Sequence[str]]) -> Iterator[Judgement]:
    lines = {line.row: line for line in schedule.lines}
    without = [row for row in broken if row in lines and lines[row].quantity is None]
    if without:
        yield _judgement(
            schedule,
            without,
            "broken_reference",
            f"{_named(broken[without[0]])} are spreadsheet errors in {len(without)} of {len(lines)} lines; the"
            " prices are kept, but without a quantity no bid is complete and no total can be computed or compared",
        )
    totals = [row for row in broken if row not in lines]
    if totals:
        why = "the stated totals are spreadsheet errors; none is compared"
        yield _judgement(schedule, totals, "broken_reference", why)


def _named(cells: Sequence[str]) -> str:
    return ", ".join(part for part in LINE_COLUMNS if part in cells)


def _is_zero(schedule: Schedule, n: int, line: ScheduleLine) -> bool:
    said = (line.number, line.description, line.unit_spelling)
    return (
        said == ("0", "0", "0")
        and line.quantity == 0
        and all(bid.prices[n].unit_price is None for bid in schedule.bids)
    )


def _unpriced(schedule: Schedule, blank: Sequence[ScheduleLine]) -> Iterator[Judgement]:
    gaps = {bid.bidder.key: _gaps(schedule, bid, blank) for bid in schedule.bids}
    if schedule.bids and all(len(rows) == len(schedule.lines) for rows in gaps.values()):
        names = f"{schedule.bids[0].bidder.name!r} to {schedule.bids[-1].bidder.name!r}"
        filled = "names that nobody filled in" if schedule.bids[0].placeholder else "names"
        yield _judgement(
            schedule,
            [line.row for line in schedule.lines],
            "empty_template",
            f"{len(schedule.bids)} blocks under {filled} ({names}) price none of {len(schedule.lines)} lines: the"
            " tabulation was never filled in, so it has no complete bidder and counts in no sum",
        )
        return
    for bid in schedule.bids:
        rows = gaps[bid.bidder.key]
        if rows:
            yield _judgement(
                schedule,
                rows,
                "not_priced",
                f"{bid.bidder.name} states no unit price in {len(rows)} of {len(schedule.lines)} lines; none is derived"
                " from a stated total, and the bid is not complete",
            )


def _gaps(schedule: Schedule, bid: Bid, blank: Sequence[ScheduleLine]) -> list[int]:
    pairs = zip(schedule.lines, bid.prices, strict=True)
    return [line.row for line, price in pairs if price.unit_price is None and line not in blank]


def _differences(schedule: Schedule) -> Iterator[Judgement]:
    for bid in schedule.bids:
        trio = zip(schedule.lines, bid.prices, schedule.amounts(bid), strict=True)
        rows = [
            line.row
            for line, price, amount in trio
            if amount is not None and price.stated_total is not None and to_cent(price.stated_total) != amount
        ]
        if rows:
            why = f"{bid.bidder.name} states totals that are not quantity x unit price; the unit price stands"
            yield _judgement(schedule, rows, "line_total_differs", why)
    own = next((total for total in schedule.stated if total.own), None)
    for key, stated, computed in schedule.compared():
        if own and stated != computed:
            why = f"{key} states {stated}, the lines add up to {computed}; the lines stand"
            yield _judgement(schedule, [own.row], "stated_total_differs", why)
    missing = [key for key in schedule.totals if key not in schedule.own_stated]
    if missing:
        why = f"no total is stated for {', '.join(missing)}"
        yield _judgement(schedule, [own.row] if own else [], "stated_total_missing", why)

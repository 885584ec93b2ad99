"""Who gets what when there is less than was asked: five rules, of which a pool names one beforehand.

Under `first_come` and `priority` rows compete. Under `pro_rata`, `max_min` and `smallest_first` members do: a member's
rows are added up first, so that nobody gains by splitting what it wants; what it gets goes to its rows, oldest first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from math import gcd

from marketplace.kernel.refusals import BadValue
from marketplace.kernel.words import gettext_noop
from procurement.engines.exact import decimal_of, millionths, text_of
from procurement.engines.packs import FirstCome, Row, Share
from procurement.engines.reasons import Reason

ALLOCATION_RULES = ("first_come", "pro_rata", "max_min", "smallest_first", "priority")
ROWS_COMPETE = frozenset({"first_come", "priority"})

NAMES: Mapping[str, str] = {
    "first_come": gettext_noop("first come, first served"),
    "pro_rata": gettext_noop("everybody the same part"),
    "max_min": gettext_noop("equal shares, as far as each wants"),
    "smallest_first": gettext_noop("the smallest wants first"),
    "priority": gettext_noop("by priority"),
}
MEANINGS: Mapping[str, str] = {
    "first_come": gettext_noop("Who joined earlier is served in full before who joined later."),
    "pro_rata": gettext_noop("Everybody gets the same percentage of what it asked for."),
    "max_min": gettext_noop(
        "Everybody gets the same quantity; who wants less gets that, and the rest is shared again."
    ),
    "smallest_first": gettext_noop("Who asked for little is served in full before who asked for much."),
    "priority": gettext_noop("Who has the higher priority is served first; among equals, who joined earlier."),
}
# What is said for the reasons that `allocate` gives beside those of `packs`; the facts fill the blanks.
WORDS: Mapping[str, str] = {
    "part_pro_rata": gettext_noop(
        "You get {member_got} of {member_wanted}: everybody got {percent} % of what was asked for."
    ),
    "nothing_left_pro_rata": gettext_noop("Nothing was left: everybody got {percent} % of what was asked for."),
    "part_max_min": gettext_noop(
        "You get {member_got} of {member_wanted}: the goods reached for about {level} a member, and nobody got more."
    ),
    "nothing_left_max_min": gettext_noop("Nothing was left: the goods reached for about {level} a member."),
    "part_smallest_first": gettext_noop(
        "You get {member_got} of {member_wanted}: {ahead} went to members who asked for less, or as much and earlier."
    ),
    "nothing_left_smallest_first": gettext_noop(
        "Nothing was left: {ahead} went to members who asked for less, or as much and earlier."
    ),
    "part_priority": gettext_noop(
        "You get {got} of {wanted}: {ahead} went to commitments of a higher priority, or of yours and earlier."
    ),
    "nothing_left_priority": gettext_noop(
        "Nothing was left: {ahead} went to commitments of a higher priority, or of yours and earlier."
    ),
}


@dataclass(frozen=True)
class Allocation(FirstCome):
    """Shares, oldest row first, what nobody asked for, the rule, and the step that every share is a multiple of."""

    rule: str
    step: Decimal


def allocate(rule: str, rows: Sequence[Row], available: Decimal, *, step: Decimal = Decimal(1)) -> Allocation:
    """Share scarce goods: firm quantities first, by the rule; then, if anything is left, tolerances, by the rule.

    rule        one of ALLOCATION_RULES
    rows        in any order; equal instants are ordered by `sequence`, then by `ref`
    available   what there is to share, >= 0, in the rows' unit
    step        the smallest quantity that can be asked for, > 0; where a quantity is no multiple of it, the greatest
                common divisor of all of them and of the step is used, so that nothing is lost
    returns     one share a row, a multiple of the step and never above firm + tolerance; shares and `left_over` sum
                exactly to `available`; odd steps go by largest remainder, ties to the older
    cost        O(n log n)

    :raises BadValue: a rule nobody knows; a quantity that is negative, no number, with more than six places or beyond a
        column; a step of nothing; a ref that stands twice.

    Source: docs/algorithms/allocation_rule.md; max-min fairness by progressive filling: Bertsekas and Gallager, Data
    Networks, 1992, section 6.5.2; largest remainder: Hamilton's rule of apportionment; worked by hand in
    tests/worked_examples/test_allocation_rules.py.
    """
    if rule not in ALLOCATION_RULES:
        raise BadValue(place="rule", value=rule, reason=f"none of {', '.join(ALLOCATION_RULES)}")
    wants = _read(rows, available, step)
    firm = _serve(rule, wants.queue, wants.firm, wants.there)
    more = _serve(rule, wants.queue, wants.tolerance, wants.there - sum(firm.got))
    shares = tuple(
        Share(row.ref, row.member, decimal_of(got * wants.step), decimal_of(extra * wants.step), why)
        for row, got, extra, why in zip(wants.queue, firm.got, more.got, _whys(rule, wants, firm, more), strict=True)
    )
    left = wants.there - sum(firm.got) - sum(more.got)
    return Allocation(shares, decimal_of(left * wants.step), rule, decimal_of(wants.step))


@dataclass(frozen=True)
class _Wants:
    """The rows, oldest first, with what they want and what there is, counted in `step` millionths."""

    queue: list[Row]
    firm: list[int]
    tolerance: list[int]
    there: int
    step: int


def _read(rows: Sequence[Row], available: Decimal, step: Decimal) -> _Wants:
    unit, there = millionths("step", step), millionths("available", available)
    if not unit:
        raise BadValue(place="step", value=step, reason="nothing")
    seen: set[str] = set()
    for row in rows:
        if row.ref in seen:
            raise BadValue(place="rows", value=row.ref, reason="stands twice")
        seen.add(row.ref)
    queue = sorted(rows, key=lambda row: row.age)
    firm = [millionths(f"{row.ref}.firm", row.firm) for row in queue]
    tolerance = [millionths(f"{row.ref}.tolerance", row.tolerance) for row in queue]
    unit = gcd(unit, there, *firm, *tolerance)
    return _Wants(queue, [one // unit for one in firm], [one // unit for one in tolerance], there // unit, unit)


@dataclass(frozen=True)
class _Claim:
    """Who competes: one row, or all rows of a member; `rows` are places in the queue, oldest first."""

    rows: list[int]
    wanted: int
    priority: int


@dataclass(frozen=True)
class _Served:
    """What each row got, and for its claim: wanted, got and the figure that explains it."""

    got: list[int]
    claims: list[Mapping[str, int | str]]


def _serve(rule: str, queue: list[Row], wants: list[int], there: int) -> _Served:
    """Serve one kind of want (firm quantities, or tolerances)."""
    claims = _claims(rule, queue, wants)
    taken, figures = _RULES[rule](claims, there)
    got = [0] * len(queue)
    said: list[Mapping[str, int | str]] = [{}] * len(queue)
    for claim, amount, figure in zip(claims, taken, figures, strict=True):
        facts = {"member_wanted": claim.wanted, "member_got": amount, **figure}
        for place in claim.rows:
            got[place] = min(wants[place], amount)
            amount -= got[place]
            said[place] = facts
    return _Served(got, said)


def _claims(rule: str, queue: list[Row], wants: list[int]) -> list[_Claim]:
    """Return the claims, oldest first: a member is as old as its oldest row that wants anything."""
    if rule in ROWS_COMPETE:
        return [_Claim([place], wanted, queue[place].priority) for place, wanted in enumerate(wants)]
    rows: dict[str, list[int]] = {}
    for wanting in (True, False):
        for place, row in enumerate(queue):
            if (wants[place] > 0) is wanting:
                rows.setdefault(row.member, []).append(place)
    return [_Claim(places, sum(wants[place] for place in places), 0) for places in rows.values()]


Figures = list[dict[str, int | str]]


def _fill(claims: list[_Claim], order: Sequence[int], there: int) -> tuple[list[int], Figures]:
    """Serve claims in full, one after the other."""
    taken = [0] * len(claims)
    figures: Figures = [{}] * len(claims)
    ahead = 0
    for place in order:
        figures[place] = {"ahead": ahead}
        taken[place] = min(claims[place].wanted, there - ahead)
        ahead += taken[place]
    return taken, figures


def _first_come(claims: list[_Claim], there: int) -> tuple[list[int], Figures]:
    return _fill(claims, range(len(claims)), there)


def _priority(claims: list[_Claim], there: int) -> tuple[list[int], Figures]:
    return _fill(claims, sorted(range(len(claims)), key=lambda place: -claims[place].priority), there)


def _smallest_first(claims: list[_Claim], there: int) -> tuple[list[int], Figures]:
    return _fill(claims, sorted(range(len(claims)), key=lambda place: claims[place].wanted), there)


def _pro_rata(claims: list[_Claim], there: int) -> tuple[list[int], Figures]:
    """Give everybody the same part of what it wants, whole steps, the rest by largest remainder."""
    whole = sum(claim.wanted for claim in claims)
    if whole <= there:
        return [claim.wanted for claim in claims], [{"percent": "100"}] * len(claims)
    taken = [there * claim.wanted // whole for claim in claims]
    by_remainder = sorted(range(len(claims)), key=lambda place: -(there * claims[place].wanted % whole))
    for place in by_remainder[: there - sum(taken)]:
        taken[place] += 1
    return taken, [{"percent": _percent(there, whole)}] * len(claims)


def _max_min(claims: list[_Claim], there: int) -> tuple[list[int], Figures]:
    """Raise everybody's share together until it has what it wants or nothing is left; odd steps go to the older."""
    rest, level = there, 0
    by_want = sorted(claim.wanted for claim in claims)
    for place, wanted in enumerate(by_want):
        level = min(wanted, rest // (len(by_want) - place))
        if level < wanted:
            break
        rest -= wanted
    taken = [min(claim.wanted, level) for claim in claims]
    wanting = [place for place, claim in enumerate(claims) if claim.wanted > level]
    for place in wanting[: there - sum(taken)]:
        taken[place] += 1
    return taken, [{"level": level}] * len(claims)


_RULES: dict[str, Callable[[list[_Claim], int], tuple[list[int], Figures]]] = {
    "first_come": _first_come,
    "pro_rata": _pro_rata,
    "max_min": _max_min,
    "smallest_first": _smallest_first,
    "priority": _priority,
}


def _percent(part: int, whole: int) -> str:
    exact = Fraction(part * 100, whole)
    cut = (Decimal(exact.numerator) / exact.denominator).quantize(Decimal("0.01"), ROUND_DOWN)
    return format(cut, "f")


def _whys(rule: str, wants: _Wants, firm: _Served, more: _Served) -> list[Reason]:
    """Say of every row why it got that much: the figures are those of the firm quantities."""
    whys = []
    for place, (got, extra) in enumerate(zip(firm.got, more.got, strict=True)):
        figures = {
            name: text_of(figure * wants.step) if isinstance(figure, int) else figure
            for name, figure in firm.claims[place].items()
        }
        facts = {
            "rule": rule,
            "wanted": text_of(wants.firm[place] * wants.step),
            "tolerance": text_of(wants.tolerance[place] * wants.step),
            "got": text_of((got + extra) * wants.step),
            **figures,
        }
        whys.append(Reason(_code(rule, wants, place, got, extra), facts))
    return whys


def _code(rule: str, wants: _Wants, place: int, got: int, extra: int) -> str:
    if got == wants.firm[place]:
        return "full" if extra == wants.tolerance[place] else "firm_full"
    code = "part" if got else "nothing_left"
    return code if rule == "first_come" else f"{code}_{rule}"

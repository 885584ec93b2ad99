"""What is tried, in the order a pool names, when its minimum is missed at freezing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, Inexact, localcontext
from fractions import Fraction

from marketplace.kernel.periods import Period
from procurement.engines import packs
from procurement.engines.reasons import Reason
from procurement.pools.rules.text import plain

FALLBACKS = ("extend", "merge", "substitute", "smaller_pack", "release")
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Waiting:
    """One row of a pool that missed its minimum; days are [first, last + 1)."""

    ref: str
    quantity: Decimal
    tolerance: Decimal
    days: Period
    substitutes_allowed: bool = False
    ceiling: Decimal | None = None


@dataclass(frozen=True)
class Neighbour:
    """A pool that may still be joined and could take rows over.

    ratio   units of its product that stand for one of ours: 1 where the product is the same
    """

    ref: str
    same_product: bool
    region: str
    window: Period
    pack: Decimal
    minimum: Decimal
    room: Decimal | None
    firm: Decimal
    tolerance: Decimal
    freeze_at: datetime
    ratio: Fraction = Fraction(1)


@dataclass(frozen=True)
class Missed:
    """A pool that orders nothing as it stands, and what could help it."""

    region: str
    window: Period
    pack: Decimal
    minimum: Decimal
    smaller_pack: Decimal | None
    extend_days: int
    extended: int
    rows: Sequence[Waiting]
    neighbours: Sequence[Neighbour] = ()


@dataclass(frozen=True)
class Attempt:
    """One fallback that was tried.

    taken  whether it is what happens
    into   the pool that takes rows over; `moved` their refs with the quantity and tolerance that they have there
    """

    kind: str
    taken: bool
    why: Reason
    into: str = ""
    moved: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        return {"kind": self.kind, "taken": self.taken, "why": self.why.to_json(), "into": self.into}


def choose(missed: Missed, order: Sequence[str]) -> list[Attempt]:
    """Return what was tried, in the pool's order, up to what is taken; releasing everybody is always the last."""
    tried: list[Attempt] = []
    for kind in [*order, "release"]:
        tried.append(_TRIES[kind](missed))
        if tried[-1].taken:
            break
    return tried


def _extend(missed: Missed) -> Attempt:
    if missed.extended or not missed.extend_days:
        code = "extended_before" if missed.extended else "no_days_to_extend"
        return Attempt("extend", False, Reason(code))
    return Attempt("extend", True, Reason("extended", {"days": str(missed.extend_days)}))


def _smaller_pack(missed: Missed) -> Attempt:
    pack = missed.smaller_pack
    if pack is None or pack >= missed.pack:
        return Attempt("smaller_pack", False, Reason("no_smaller_pack"))
    firm, tolerance = _sums(missed.rows)
    count = packs.count_packs(firm, tolerance, pack=pack, minimum=missed.minimum)
    facts = {"pack": plain(pack), "packs": str(count.packs), "missing": plain(count.missing)}
    if not count.packs:
        return Attempt("smaller_pack", False, Reason("smaller_pack_not_filled", facts))
    return Attempt("smaller_pack", True, Reason("smaller_pack", facts))


def _merge(missed: Missed) -> Attempt:
    """Move everybody whose days allow it to a neighbouring pool of the same product that then reaches its minimum."""
    near = [
        other
        for other in missed.neighbours
        if other.same_product and other.region in {"", missed.region} and _meet(other.window, missed.window)
    ]
    return _into("merge", near, missed.rows)


def _substitute(missed: Missed) -> Attempt:
    """Move those who allow it to a pool of an agreed substitute that then reaches its minimum."""
    others = [one for one in missed.neighbours if not one.same_product and one.region in {"", missed.region}]
    return _into("substitute", others, [row for row in missed.rows if row.substitutes_allowed])


def _release(missed: Missed) -> Attempt:
    return Attempt("release", True, Reason("released"))


_TRIES = {
    "extend": _extend,
    "merge": _merge,
    "substitute": _substitute,
    "smaller_pack": _smaller_pack,
    "release": _release,
}


def _into(kind: str, pools: Sequence[Neighbour], rows: Sequence[Waiting]) -> Attempt:
    """Return the move into the pool that takes most, the one that freezes first among equals."""
    moves = [(pool, _moved(pool, rows)) for pool in pools]
    good = [(pool, moved) for pool, moved in moves if moved and _helps(pool, moved)]
    if not good:
        code = f"{kind}_does_not_help" if any(moved for _, moved in moves) else f"nothing_to_{kind}_with"
        return Attempt(kind, False, Reason(code))
    pool, moved = min(good, key=lambda pair: (-_firm(pair[1]), pair[0].freeze_at, pair[0].ref))
    facts = {"pool": pool.ref, "rows": str(len(moved)), "quantity": plain(_firm(moved))}
    return Attempt(kind, True, Reason("merged" if kind == "merge" else "substituted", facts), pool.ref, moved)


def _moved(pool: Neighbour, rows: Sequence[Waiting]) -> dict[str, tuple[Decimal, Decimal]]:
    """Return the rows that the pool can take over, oldest first, as far as there is room, in its own units."""
    room, moved = pool.room, {}
    for row in rows:
        turned = _turned(row, pool.ratio)
        if turned is None or not row.days.overlaps(pool.window) or (room is not None and turned[0] > room):
            continue
        room = None if room is None else room - turned[0]
        moved[row.ref] = turned
    return moved


def _turned(row: Waiting, ratio: Fraction) -> tuple[Decimal, Decimal] | None:
    """Return a row's quantities in the other product, None when six places cannot hold its numbers exactly."""
    if row.ceiling is not None and exact_times(row.ceiling, 1 / ratio) is None:
        return None
    quantity, tolerance = exact_times(row.quantity, ratio), exact_times(row.tolerance, ratio)
    return None if quantity is None or tolerance is None else (quantity, tolerance)


def exact_times(amount: Decimal, ratio: Fraction) -> Decimal | None:
    """Return `amount` x `ratio` when six places hold it exactly, else None."""
    millionths = Fraction(amount) * ratio * 10**6
    if millionths.denominator != 1:
        return None
    with localcontext() as context:
        context.prec = 40
        context.traps[Inexact] = True
        return Decimal(int(millionths)).scaleb(-6)


def _helps(pool: Neighbour, moved: Mapping[str, tuple[Decimal, Decimal]]) -> bool:
    """Return whether the pool would order something with these rows in it."""
    firm = pool.firm + _firm(moved)
    tolerance = pool.tolerance + sum((more for _, more in moved.values()), NOTHING)
    return packs.count_packs(firm, tolerance, pack=pool.pack, minimum=pool.minimum).packs > 0


def _firm(moved: Mapping[str, tuple[Decimal, Decimal]]) -> Decimal:
    return sum((firm for firm, _ in moved.values()), NOTHING)


def _sums(rows: Sequence[Waiting]) -> tuple[Decimal, Decimal]:
    return sum((row.quantity for row in rows), NOTHING), sum((row.tolerance for row in rows), NOTHING)


def _meet(one: Period, other: Period) -> bool:
    """Return whether two windows overlap or touch."""
    return one.start <= other.end and other.start <= one.end

"""Why two records are, or are not, thought to be one product: codes with facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from marketplace.engines.product_match.records import Reading

FOR, AGAINST = "for", "against"
_SHOWN = 6


@dataclass(frozen=True)
class Reason:
    """One thing that speaks `for` or `against` a pair.

    code    stable: `part_number`, `words`, `words_missing`, `vague` (most words are missing), `amount`,
            `amount_missing`, `number`, `grade`, `brand`, `price`, `attribute`
    facts   what was compared, as text or numbers
    """

    code: str
    side: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the reason as JSON keeps it."""
        return {"code": self.code, "side": self.side, **self.facts}


def reasons(left: Reading, right: Reading) -> tuple[Reason, ...]:
    """Return what speaks for and what speaks against the pair, strongest kinds first.

    These are facts read out of the two texts, not weights of the model; the same facts are what its features count.
    """
    found: list[Reason] = []
    for kind in (_part_numbers, _amounts, _grades, _attributes, _numbers, _brand, _words, _price):
        found.extend(kind(left, right))
    return tuple(found)


def _part_numbers(left: Reading, right: Reading) -> Iterator[Reason]:
    shared = [code for code in left.codes if code in right.compact_all]
    shared += [code for code in right.codes if code in left.compact_all and code not in shared]
    if shared:
        yield Reason("part_number", FOR, {"same": shared[:_SHOWN]})
    elif left.codes and right.codes:
        yield Reason("part_number", AGAINST, {"left": left.codes[:_SHOWN], "right": right.codes[:_SHOWN]})


def _by_dimension(reading: Reading) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for amount in reading.amounts:
        dimension, _, value = amount.partition("=")
        found.setdefault(dimension, set()).add(value)
    return found


def _amounts(left: Reading, right: Reading) -> Iterator[Reason]:
    ours, theirs = _by_dimension(left), _by_dimension(right)
    for dimension in sorted(ours.keys() & theirs.keys()):
        same = ours[dimension] & theirs[dimension]
        if same:
            yield Reason("amount", FOR, {"dimension": dimension, "same": sorted(same)})
        else:
            facts = {"dimension": dimension, "left": sorted(ours[dimension]), "right": sorted(theirs[dimension])}
            yield Reason("amount", AGAINST, facts)
    stated = sorted(dimension for dimension in ours.keys() - theirs.keys() if dimension != "count")
    if stated:
        yield Reason(
            "amount_missing", AGAINST, {"left": [f"{name} {v}" for name in stated for v in sorted(ours[name])]}
        )


def _sets(code: str, ours: set[str], theirs: set[str]) -> Iterator[Reason]:
    same = ours & theirs
    if same:
        yield Reason(code, FOR, {"same": sorted(same)[:_SHOWN]})
    elif ours and theirs:
        yield Reason(code, AGAINST, {"left": sorted(ours)[:_SHOWN], "right": sorted(theirs)[:_SHOWN]})


def _grades(left: Reading, right: Reading) -> Iterator[Reason]:
    yield from _sets("grade", set(left.grades), set(right.grades))


def _numbers(left: Reading, right: Reading) -> Iterator[Reason]:
    yield from _sets("number", set(left.numbers), set(right.numbers))


def _brand(left: Reading, right: Reading) -> Iterator[Reason]:
    for own, other in ((left, right), (right, left)):
        told = [word for word in own.brand if word in other.words]
        if told:
            yield Reason("brand", FOR, {"same": told[:_SHOWN]})
            return


def _attributes(left: Reading, right: Reading) -> Iterator[Reason]:
    for name in sorted(left.attributes.keys() & right.attributes.keys()):
        ours, theirs = left.attributes[name], right.attributes[name]
        facts = {"name": name, "same": ours} if ours == theirs else {"name": name, "left": ours, "right": theirs}
        yield Reason("attribute", FOR if ours == theirs else AGAINST, facts)


def _words(left: Reading, right: Reading) -> Iterator[Reason]:
    ours, theirs = dict.fromkeys(left.title), dict.fromkeys(right.title)
    same = [word for word in ours if word in theirs]
    if same:
        yield Reason("words", FOR, {"same": same[:_SHOWN], "of": len(ours)})
    missing = [word for word in ours if word not in right.words and word not in right.compact_all]
    if ours and 2 * len(missing) > len(ours):
        yield Reason("vague", AGAINST, {"left": missing[:_SHOWN], "of": len(ours)})
    elif missing:
        yield Reason("words_missing", AGAINST, {"left": missing[:_SHOWN]})


def _price(left: Reading, right: Reading) -> Iterator[Reason]:
    if left.price and right.price:
        ratio = round(left.price / right.price, 2)
        yield Reason("price", FOR if 0.7 <= ratio <= 1.43 else AGAINST, {"ratio": ratio})

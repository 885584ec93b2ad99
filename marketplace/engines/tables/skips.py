"""The predicates by which a mapping leaves rows out on purpose."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from marketplace.engines.tables.cells import Cell, clean_cell, fold
from marketplace.engines.tables.numbers import NumberRule, number_of
from marketplace.engines.tables.patterns import LONGEST_TEXT
from marketplace.engines.tables.results import CellRefused

Operand = str | Decimal | bool | frozenset[str] | re.Pattern[str]

TEXT_VERBS = ("equals", "not_equals", "starts_with", "ends_with", "contains")
NUMBER_VERBS = ("at_most", "below", "at_least", "above")
VERBS = (*TEXT_VERBS, *NUMBER_VERBS, "empty", "matches")

_BY_TEXT: dict[str, Callable[[str, frozenset[str]], bool]] = {
    "equals": lambda text, any_of: fold(text) in {fold(one) for one in any_of},
    "not_equals": lambda text, any_of: fold(text) not in {fold(one) for one in any_of},
    "starts_with": lambda text, any_of: text.startswith(tuple(any_of)),
    "ends_with": lambda text, any_of: text.endswith(tuple(any_of)),
    "contains": lambda text, any_of: any(fold(one) in fold(text) for one in any_of),
}
_BY_NUMBER: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "at_most": lambda number, bound: number <= bound,
    "below": lambda number, bound: number < bound,
    "at_least": lambda number, bound: number >= bound,
    "above": lambda number, bound: number > bound,
}


def predicate(verb: str, operand: Operand, numbers: NumberRule) -> Callable[[Cell], bool]:
    """Return what says whether a cell passes one test.

    A cell that cannot be read (an error value, no number where a number is compared) passes no test, so that the
    row is not left out silently but reported by its field.
    """

    def holds(cell: Cell) -> bool:
        try:
            if isinstance(operand, Decimal):
                return _BY_NUMBER[verb](number_of(cell, numbers), operand)
            text = clean_cell(cell)
        except CellRefused:
            return False
        if isinstance(operand, bool):
            return (not text) is operand
        if isinstance(operand, re.Pattern):
            return bool(operand.search(text[:LONGEST_TEXT]))
        return _BY_TEXT[verb](text, operand if isinstance(operand, frozenset) else frozenset((operand,)))

    return holds

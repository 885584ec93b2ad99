"""Patterns that strangers may write into a mapping: none that can run for hours on one cell."""

from __future__ import annotations

import re
from typing import Any

LONGEST_PATTERN = 500
LONGEST_TEXT = 2_000  # characters of a cell that a pattern is held against; a longer cell is refused by its field

_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


def safe_pattern(text: str) -> re.Pattern[str]:
    """Return the compiled pattern.

    A repeat of something that itself repeats or branches can take exponential time ((a+)+, (a|aa)*), so none is taken.

    :raises ValueError: too long, not a pattern, or such a repeat.
    """
    if len(text) > LONGEST_PATTERN:
        raise ValueError(f"is longer than {LONGEST_PATTERN} characters")
    try:
        pattern = re.compile(text)
        tree = re._parser.parse(text)  # type: ignore[attr-defined]
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"is not a regular expression: {error}") from error
    if _runs_away(tree, repeated=False):
        raise ValueError("repeats something that itself repeats or branches, which may run for hours")
    return pattern


def _runs_away(tree: Any, *, repeated: bool) -> bool:
    """Say whether a repeat, or a branch, stands inside a repeat of the parsed pattern."""
    for op, arguments in tree:
        name = str(op)
        repeats = name in _REPEATS
        if repeated and (name == "BRANCH" or (repeats and arguments[1] != arguments[0])):
            return True
        inner = repeated or (repeats and arguments[1] > 1)
        if any(_runs_away(part, repeated=inner) for part in _parts(arguments)):
            return True
    return False


def _parts(arguments: Any) -> list[Any]:
    """Return the parsed patterns among (and one level inside) an operation's arguments."""
    kind = re._parser.SubPattern  # type: ignore[attr-defined]
    found = []
    for one in arguments if isinstance(arguments, tuple | list) else (arguments,):
        several = one if isinstance(one, list) else (one,)
        found += [part for part in several if isinstance(part, kind)]
    return found

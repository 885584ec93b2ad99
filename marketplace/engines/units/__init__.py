"""Units of UN/ECE Recommendation 20: how people spell them, and exact conversion between them.

Every factor is a Fraction, so a conversion there and back gives the number that was typed: 242 stays 242.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from marketplace.engines.units.table import ALONE, AMBIGUOUS, CASE_MATTERS, KINDS
from marketplace.kernel.quantity import Quantity
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop


class UnknownUnit(Refusal):
    """No unit is spelled like this."""

    code = "unknown_unit"
    status = 400
    words = gettext_noop("{text} is no unit we know. Give a UN/ECE Rec 20 code or a common name.")


class AmbiguousUnit(UnknownUnit):
    """More than one unit is spelled like this."""

    code = "ambiguous_unit"
    words = gettext_noop("{text} could be several units. Say which: {codes}.")


class CannotConvert(Refusal):
    """The two units do not measure the same kind of thing, or no fixed number leads from one to the other."""

    code = "cannot_convert"
    status = 400
    words = gettext_noop("{unit} cannot be turned into {to}.")


@dataclass(frozen=True)
class Unit:
    """A unit of Recommendation 20.

    kind     what it measures; units of one kind convert into each other
    factor   how many of the kind's base unit one of it holds
    """

    code: str
    kind: str
    factor: Fraction
    symbol: str
    name_en: str
    name_zh: str


def _rows() -> Iterator[tuple[Unit, list[str]]]:
    for kind, table in KINDS.items():
        for line in table.strip().splitlines():
            code, factor, symbol, name_en, name_zh, others = (cell.strip() for cell in line.split("|"))
            yield Unit(code, kind, Fraction(factor), symbol, name_en, name_zh), others.split()
    for line in ALONE.strip().splitlines():
        code, symbol, name_en, name_zh, others = (cell.strip() for cell in line.split("|"))
        yield Unit(code, code, Fraction(1), symbol, name_en, name_zh), others.split()


def _folded(text: str) -> str:
    """Return `text` as spellings are compared: NFKC, case folded, without spaces, stops and bracketed plurals."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("(s)", "s")
    return "".join(c for c in plain if not c.isspace() and c not in "._")


UNITS: dict[str, Unit] = {unit.code: unit for unit, _ in _rows()}
_SPELLINGS: dict[str, str] = {}
for _unit, _others in _rows():
    # a code wins over a name, the first row over a later one
    for _word in (_unit.symbol, _unit.name_en, _unit.name_zh, *_others):
        if _word and _folded(_word) not in AMBIGUOUS:
            _SPELLINGS.setdefault(_folded(_word), _unit.code)
_CODES = {_folded(code): code for code in UNITS}


def parse_unit(text: str) -> str:
    """Return the Rec 20 code of the unit that `text` spells: a code, a symbol, or an English or Chinese name.

    :raises AmbiguousUnit: it could be several (`ton`).
    :raises UnknownUnit: no unit is spelled so.
    """
    word = _folded(text)
    if word in AMBIGUOUS:
        raise AmbiguousUnit(text=text, codes=", ".join(AMBIGUOUS[word]))
    if text.strip() in UNITS:
        return text.strip()
    found = _SPELLINGS.get(word) or _CODES.get(word)
    if found is None or (word in CASE_MATTERS and text.strip() != UNITS[found].symbol):
        raise UnknownUnit(text=text)
    return found


def unit(code: str) -> Unit:
    """Return the unit with this Rec 20 code.

    :raises UnknownUnit: there is none here.
    """
    if code not in UNITS:
        raise UnknownUnit(text=code)
    return UNITS[code]


def convert(quantity: Quantity, to: str) -> Quantity:
    """Return `quantity` in the unit `to`, exactly.

    quantity   any amount of a known unit
    to         a Rec 20 code of the same kind

    :raises UnknownUnit: one of the units is not known.
    :raises CannotConvert: they measure different things.

    Source: UN/ECE Recommendation 20, rev. 17; exact definitions of yard and pound from the 1959 agreement.
    """
    source, target = unit(quantity.unit), unit(to)
    if source.kind != target.kind:
        raise CannotConvert(unit=quantity.unit, to=to)
    return Quantity(quantity.amount * source.factor / target.factor, to)

"""One bidder under several spellings: by rule, not by likeness."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from marketplace.engines.tables.cells import collapse

# A company's legal form at the end of its name says nothing of who it is, and is the first thing people leave out.
LEGAL_FORMS = {
    "INCORPORATED": "INC",
    "CORPORATION": "CORP",
    "COMPANY": "CO",
    "LIMITED": "LTD",
} | {form: form for form in ("INC", "CORP", "CO", "LTD", "LLC", "LLP", "LP", "PLC", "GMBH", "SA", "BV")}
_INITIALS = re.compile(r"\b([A-Z]) (?=[A-Z]\b)")
_SIGNS = re.compile(r"[^\w&+]+")


@dataclass(frozen=True)
class Bidder:
    """Who bids. Two spellings of one bidder have one `key`; `name` is the spelling with its blanks put right."""

    key: str
    name: str


def bidder_key(name: str) -> str:
    """Return what all spellings of a bidder's name share.

    Letters in one case, line ends and punctuation as blanks, initials together (M. J. as MJ), `and` as &, and legal
    forms at the end left out (INC, LLC, CORP, CO and their long forms); never empty for a name that holds a letter.
    """
    text = unicodedata.normalize("NFKC", name).upper().replace("'", "").replace("\u2019", "")
    text = _INITIALS.sub(r"\1", collapse(_SIGNS.sub(" ", text)))
    words = [LEGAL_FORMS.get(word, "&" if word == "AND" else word) for word in text.split()]
    while len(words) > 1 and words[-1] in LEGAL_FORMS:
        words.pop()
    return " ".join(words)


def bidder_of(name: str, aliases: Mapping[str, str]) -> Bidder:
    """Return the bidder that a spelling names; `aliases` put misspelt keys right."""
    key = bidder_key(name)
    return Bidder(aliases.get(key, key), collapse(name))

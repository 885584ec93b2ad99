"""What people write about a tender."""

from __future__ import annotations

from marketplace.kernel.refusals import BadValue
from marketplace.kernel.words import gettext_noop
from procurement.tenders.rules.procedures import LONGEST_TEXT


def checked_text(place: str, text: str, most: int = LONGEST_TEXT) -> str:
    """Return `text` without the blanks around it.

    :raises BadValue: nothing is left, it is longer than `most` characters, or it holds a NUL.
    """
    said = text.strip()
    if not said:
        raise BadValue(place=place, value=text[:40], reason=gettext_noop("is empty"))
    if len(said) > most:
        raise BadValue(place=place, value=len(said), reason=gettext_noop("is too long"))
    if "\0" in said:
        raise BadValue(place=place, value="NUL", reason=gettext_noop("is no text"))
    return said


def betrays(text: str, *names: str) -> bool:
    """Return whether a text names one of `names`, however it is spaced or cased."""
    flat = _flat(text)
    return any(len(_flat(name)) >= 3 and _flat(name) in flat for name in names)


def _flat(text: str) -> str:
    return "".join(text.casefold().split())

"""How the name of a region is written, so that what looks the same is the same."""

from __future__ import annotations

import unicodedata


def region_name(text: str) -> str:
    """Return `text` as regions are kept and compared: NFKC, no characters that show nothing, single blanks.

    Case is kept: it shows. Source of the normal form: Unicode Standard Annex 15; of what shows nothing: category Cf.
    """
    folded = unicodedata.normalize("NFKC", text)
    shown = "".join(one for one in folded if unicodedata.category(one) != "Cf")
    return " ".join(shown.split())

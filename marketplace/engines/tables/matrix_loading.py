"""The matrix section of a bids mapping, from TOML."""

from __future__ import annotations

from marketplace.engines.tables.matrix import Matrix
from marketplace.engines.tables.sections import Section


def load_matrix(section: Section) -> Matrix:
    """Return the wide layout that the section spells."""
    section.done()
    return Matrix()

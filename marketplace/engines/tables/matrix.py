"""The wide layout of bid tabulations: fixed columns, then one block of columns for each bidder."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Matrix:
    """Filled in with the bid workbooks."""

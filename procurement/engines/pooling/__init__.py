"""Pooling: which demand lines belong together, which step one closing reaches, and how a whole market pools best.

Grouping and one closing stand here; the optimiser of a whole market, which needs compiled code, is imported from
`procurement.engines.pooling.planning`, so that nobody else waits for the compiler.
"""

from procurement.engines.pooling.closing import Clearing, Reached, Step, clear_one_closing
from procurement.engines.pooling.grouping import Pools, group_lines, window_starts

__all__ = ["Clearing", "Pools", "Reached", "Step", "clear_one_closing", "group_lines", "window_starts"]

"""Which findings about bids are kept, and how the engine's figures are told."""

from __future__ import annotations

LOW, UNBALANCED, COLLUSION, SHARED = "abnormally_low", "unbalanced", "collusion", "shared_traces"
KINDS = (LOW, UNBALANCED, COLLUSION, SHARED)

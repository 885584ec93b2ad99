"""What kinds of pool there are."""

from __future__ import annotations

from typing import Final

BULK: Final = "bulk"
SAMPLE: Final = "sample"  # 拼单: lots below a factory's minimum, for a service fee
KINDS = (BULK, SAMPLE)

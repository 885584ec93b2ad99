"""Named places at which a settlement worker can be killed on purpose (crash tests); nothing happens otherwise.

FAULT_POINT=<name> in the environment kills the process by SIGKILL when it first comes by, FAULT_POINT=<name>:<n> when
it comes by for the n-th time. FAULT_SIGNAL=SIGSTOP puts it to sleep there instead, to be woken by SIGCONT.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

POINTS = (
    "before_claim",
    "after_claim",
    "after_take",
    "after_create_payment",
    "after_post",
    "before_bank",
    "after_bank",
    "after_record",
    "before_confirm",
    "after_confirm",
)
_PASSED: Counter[str] = Counter()


def point(name: str) -> None:
    """Die here, or sleep, if the environment says so."""
    wanted = os.environ.get("FAULT_POINT", "")
    if not wanted:
        return
    place, _, nth = wanted.partition(":")
    _PASSED[name] += 1
    if place == name and _PASSED[name] == int(nth or 1):
        os.kill(os.getpid(), signal.Signals[os.environ.get("FAULT_SIGNAL", "SIGKILL")])

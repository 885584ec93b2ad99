"""What treasury looks after by itself."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from finance.treasury import queries, use_cases
from marketplace.events.registry import sweeps
from marketplace.kernel.refusals import Refusal

log = logging.getLogger(__name__)
BY = "system:treasury"
ASK_AGAIN = timedelta(seconds=60)
TRY_AGAIN = timedelta(minutes=10)


@sweeps
def see_to_payments(at: datetime) -> int:
    """Ask after what the bank has not settled, and try again what could not leave."""
    asked = queries.unanswered(asked_before=at - ASK_AGAIN)
    for ref in asked:
        _attempt(use_cases.confirm_payment, ref, at)
    waiting = queries.kept_back(tried_before=at - TRY_AGAIN)
    for ref in waiting:
        _attempt(use_cases.send_payment, ref, at)
    return len(asked) + len(waiting)


def _attempt(deed: object, ref: str, at: datetime) -> None:
    try:
        deed(payment_ref=ref, by=BY, at=at)  # type: ignore[operator]
    except Refusal as refusal:
        log.warning("payment.waits", extra={"payment": ref, "code": refusal.code, **refusal.facts})

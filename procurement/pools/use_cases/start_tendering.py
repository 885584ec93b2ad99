"""Put frozen pools to tender."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from procurement.pools.use_cases.loading import load_pool


@transaction.atomic
def start_tendering(*, pool_refs: Sequence[str], tender_ref: str, by: str, at: datetime) -> None:
    """Mark the pools as being put to suppliers by `tender_ref`, all of them or none.

    :raises NotFound: one does not exist.
    :raises IllegalMove: one is not frozen.
    """
    for ref in sorted(pool_refs):
        load_pool(ref).move("start_tendering", by=by, at=at, why=tender_ref, tender_ref=tender_ref)

"""What no pool and no member may ask for, through whatever door it comes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from marketplace.kernel.refusals import BadValue
from procurement.pools.models import Pool
from tests.procurement.pools.scene import Market


class TestDaysOfAPool:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"window_start": date(9999, 12, 1), "window_end": date(9999, 12, 31)},
            {"window_start": date(1999, 12, 1)},
            {"freeze_at": datetime(9999, 12, 31, tzinfo=UTC)},
        ],
    )
    def test_days_outside_the_calendar_are_refused(self, market: Market, wrong: dict[str, Any]) -> None:
        with pytest.raises(BadValue):
            market.pool(**wrong)

        assert not Pool.objects.exists()

"""What no request may ask for, through whatever door it comes."""

from __future__ import annotations

from datetime import date

import pytest

from marketplace.catalogue.queries import ProductView
from procurement.demand import rules
from procurement.demand.models import RequestLine
from tests.cast import Player
from tests.procurement.demand.test_api import API, as_, line

pytestmark = pytest.mark.django_db


class TestDays:
    @pytest.mark.parametrize(
        "days", [("9999-12-15", "9999-12-31"), ("1999-12-31", "2026-05-01"), ("2026-04-01", "2200-01-02")]
    )
    def test_days_outside_the_calendar_are_refused(self, lin: Player, bolt: ProductView, days: tuple[str, str]) -> None:
        wish = line(bolt, needed_from=days[0], needed_to=days[1])

        reply = as_(lin).post(f"{API}/", {"lines": [wish]}, format="json")

        assert (reply.status_code, reply.json()["code"]) == (400, "bad_value")
        assert not RequestLine.objects.exists()

    def test_the_first_and_the_last_day_are_taken(self) -> None:
        assert rules.period_fault(date(2000, 1, 1), date(2200, 1, 1)) == ""

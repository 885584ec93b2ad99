"""A line that wants more when it costs less: by verb, by API and by a mapped column."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from marketplace.kernel.money import Rate
from marketplace.kernel.refusals import BadValue
from procurement.demand import models, queries, use_cases
from procurement.engines.wants import Entry, Level
from tests.cast import Player
from tests.procurement.demand.conftest import AT, written
from tests.procurement.demand.test_import_rows import OPEN_TO_ALL, run

pytestmark = pytest.mark.django_db
CURVE = (Level(Decimal(10), Decimal(100)), Level(Decimal("9.00"), Decimal(150)))
BESIDE = "differs from what the cheapest level of the demand curve wants"
WANT: dict[str, Any] = {
    "text": "bolts", "unit": "pcs", "needed_from": date(2026, 9, 1), "needed_to": date(2026, 9, 2), "at": AT,
}  # fmt: skip


def draft(player: Player) -> str:
    return use_cases.open_request(buyer_ref=player.org, by=player.by, at=AT)


class TestAddLine:
    def test_takes_its_quantity_and_ceiling_from_the_ends_of_the_curve(self, lin: Player) -> None:
        use_cases.add_line(
            request_ref=draft(lin), curve=CURVE, tolerance=Decimal(5), substitutes_allowed=True, by=lin.by, **WANT
        )

        line = models.RequestLine.objects.get()
        assert (line.quantity, line.ceiling, line.curve) == (150, 10, "10:100; 9:150")
        assert line.substitutes_allowed

    @pytest.mark.parametrize(
        ("given", "reason"),
        [
            ({"curve": CURVE[::-1]}, "must begin at the dearest price"),
            ({"curve": [CURVE[0], Level(Decimal(9), Decimal(90))]}, "wants less at a cheaper price"),
            ({"curve": [CURVE[0], Level(Decimal(10), Decimal(190))]}, "names a price twice"),
            ({"curve": [Level(Decimal(0), Decimal(1))]}, "has a price or a quantity that is not above zero"),
            ({"curve": [Level(Decimal("1e-7"), Decimal(1))]}, "must not be below 0.000001"),
            ({"curve": CURVE, "quantity": Decimal(100)}, BESIDE),
            ({"curve": CURVE, "ceiling": Rate(Decimal(9), "CNY")}, "has a ceiling that is not the dearest price of its "
             "demand curve"),
            ({}, "a quantity or a demand curve is needed"),
        ],
    )  # fmt: skip
    def test_says_what_is_wrong_with_it(self, lin: Player, given: dict[str, Any], reason: str) -> None:
        request = draft(lin)

        with pytest.raises(BadValue) as refused:
            use_cases.add_line(request_ref=request, by=lin.by, **WANT, **given)

        assert refused.value.facts["reason"] == reason
        assert not models.RequestLine.objects.exists()

    def test_costs_at_most_its_dearest_level(self, lin: Player) -> None:
        request = draft(lin)
        use_cases.add_line(request_ref=request, curve=CURVE, tolerance=Decimal(5), by=lin.by, **WANT)

        cost = queries.cost_of(request)

        assert cost.total == {"CNY": Decimal(9 * 155)}

    def test_a_smaller_quantity_cuts_the_curve_and_a_larger_one_is_refused(self, lin: Player) -> None:
        request = draft(lin)
        use_cases.add_line(request_ref=request, curve=CURVE, by=lin.by, **WANT)

        with pytest.raises(BadValue):
            use_cases.change_quantity(request_ref=request, position=1, quantity=Decimal(151), by=lin.by, at=AT)
        use_cases.change_quantity(request_ref=request, position=1, quantity=Decimal(120), by=lin.by, at=AT)
        assert models.RequestLine.objects.get().curve == "10:100; 9:120"
        use_cases.change_quantity(request_ref=request, position=1, quantity=Decimal(80), by=lin.by, at=AT)
        assert models.RequestLine.objects.get().curve == "10:80"


class TestApi:
    def test_takes_and_shows_a_curve(self, lin: Player) -> None:
        client = APIClient()
        client.force_authenticate(lin.user)
        levels = [{"price": "10", "quantity": "100"}, {"price": "9", "quantity": "150"}]
        line = {"text": "bolts", "unit": "pcs", "needed_from": "2026-09-01", "needed_to": "2026-09-02", "curve": levels}

        reply = client.post("/api/v1/purchase-requests/", {"lines": [line]}, format="json")

        assert reply.status_code == 201, reply.content
        [found] = reply.json()["lines"]
        assert (found["curve"], found["quantity"], found["ceiling"]) == (levels, "150", "10")


class TestImport:
    HEAD = "No,Order,Buyer,Item,Qty,Needed,Price,Vendor,Curve\n"
    MAPPING = OPEN_TO_ALL + '[fields.curve]\ncolumn = "Curve"\n'

    @pytest.fixture
    def mapping(self, tmp_path: Path) -> Path:
        file = tmp_path / "curves.toml"
        file.write_text(self.MAPPING)
        return file

    def test_reads_a_curve_from_a_mapped_column(self, tmp_path: Path, mapping: Path) -> None:
        rows = "1,A,N,P,150,2026-09-01,,V,10.00:100; 9.00:150\n2,A,N,P,7,2026-09-01,,V,\n"

        run(written(tmp_path, "a.csv", self.HEAD + rows), mapping)

        found = models.RequestLine.objects.order_by("id").values_list("quantity", "ceiling", "curve")
        assert list(found) == [(150, 10, "10:100; 9:150"), (7, None, "")]
        first = next(iter(queries.open_lines()))
        assert first.entries == [
            Entry(Decimal(100), Decimal(0), Decimal(10)),
            Entry(Decimal(50), Decimal(0), Decimal(9)),
        ]

    @pytest.mark.parametrize(
        ("cell", "reason"),
        [
            ("10:0", "has a price or a quantity that is not above zero"),
            ("9:150; 10:100", "must begin at the dearest price"),
            ("10:150; 9:100", "wants less at a cheaper price"),
            ("much:100", "is not written as price:quantity; price:quantity"),
            ("10:100; 9:140", "does not end in the row's own quantity"),
        ],
    )
    def test_names_the_row_and_column_of_a_curve_that_is_none(
        self, tmp_path: Path, mapping: Path, cell: str, reason: str
    ) -> None:
        rows = f"1,A,N,P,150,2026-09-01,,V,{cell}\n"

        with pytest.raises(use_cases.ImportRefused) as refused:
            run(written(tmp_path, "a.csv", self.HEAD + rows), mapping)

        [error] = refused.value.report.shown
        assert (error.column, error.value, error.reason) == ("Curve", cell, reason)

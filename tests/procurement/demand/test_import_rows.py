"""Files become requests: wholly or not at all, once, and every bad row is named."""

from __future__ import annotations

import gzip
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.queries import ProductView
from marketplace.engines.tables import BadFile, BadMapping, RowError
from marketplace.events.models import OutboxEvent
from marketplace.parties import queries as parties
from procurement.demand import models, queries, use_cases
from procurement.demand.use_cases.importing.writing import LineRow
from tests.cast import Player
from tests.procurement.demand.conftest import AT, written

pytestmark = pytest.mark.django_db

OPEN_TO_ALL = """
kind = "demand"
name = "orders"
key = ["line"]
[constants]
unit = "pcs"
unknown_buyers = "register"
unknown_products = "register"
[fields.line]
column = "No"
required = true
[fields.request]
column = "Order"
[fields.buyer]
column = "Buyer"
required = true
[fields.product]
column = "Item"
required = true
[fields.quantity]
column = "Qty"
type = "number"
required = true
[fields.needed_from]
column = "Needed"
type = "date"
required = true
formats = ["iso"]
[fields.unit_price]
column = "Price"
type = "number"
[fields.vendor]
column = "Vendor"
"""
CLOSED = OPEN_TO_ALL.replace('"register"', '"refuse"')
HEAD = "No,Order,Buyer,Item,Qty,Needed,Price,Vendor\n"
GOOD = (
    HEAD
    + "1,A-1,North Mill,PUMP-1,10,2026-04-01,12.50,Fast Co\n"
    + "2,A-1,North Mill,VALVE-2,4,2026-04-03,3.125,Fast Co\n"
    + "3,B-7,South Mill,PUMP-1,6,2026-05-01,11,Slow Co\n"
)


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """A mapping that registers whom and what it does not know."""
    return written(tmp_path, "orders.toml", OPEN_TO_ALL)


def run(path: Path, mapping: Path | str, **more: Any) -> use_cases.ImportReport:
    return use_cases.import_demand(path=path, mapping=mapping, by="user:wei", at=AT, **more)


def nothing_is_there() -> bool:
    kept = (models.ImportBatch, models.PurchaseRequest, models.RequestLine, OutboxEvent)
    known = parties.refs_by_name(["North Mill"]) or catalogue.ids_by_code(["PUMP-1"])
    return not known and not any(model.objects.exists() for model in kept)


class TestAGoodFile:
    def test_its_rows_become_approved_requests_grouped_by_buyer_and_order(self, tmp_path: Path, orders: Path) -> None:
        report = run(written(tmp_path, "april.csv", GOOD), orders)

        requests = models.PurchaseRequest.objects.order_by("id").values_list("state", "external_ref", "requested_by")
        lines = models.RequestLine.objects.order_by("id").values_list(
            "request__external_ref", "position", "quantity", "unit", "stated_value", "external_key"
        )
        assert list(requests) == [("approved", "A-1", "user:wei"), ("approved", "B-7", "user:wei")]
        assert list(lines) == [
            ("A-1", 1, Decimal(10), "C62", Decimal(125), "orders|1"),
            ("A-1", 2, Decimal(4), "C62", Decimal("12.5"), "orders|2"),
            ("B-7", 1, Decimal(6), "C62", Decimal(66), "orders|3"),
        ]
        assert report.as_json() | {"seconds": 0, "peak_mb": 0} == {
            "rows": 3,
            "lines": 3,
            "skipped": 0,
            "errors": 0,
            "quantity": "20",
            "value": {"CNY": "203.50"},
            "freight": {"numeric": "0.00", "references": 0, "to_price": 0, "invoiced_separately": 0},
            "seconds": 0,
            "peak_mb": 0,
        }

    def test_unknown_buyers_and_products_are_registered_when_the_mapping_says_so(
        self, tmp_path: Path, orders: Path
    ) -> None:
        run(written(tmp_path, "april.csv", GOOD), orders)

        refs = parties.refs_by_name(["North Mill", "South Mill"])
        views = parties.organisations(refs.values())
        assert [(view.legal_name, view.state, sorted(view.roles)) for view in views.values()] == [
            ("North Mill", "verified", ["buyer"]),
            ("South Mill", "verified", ["buyer"]),
        ]
        assert set(catalogue.ids_by_code(["PUMP-1", "VALVE-2"])) == {"PUMP-1", "VALVE-2"}

    def test_a_buyer_who_is_known_by_name_is_not_made_again(self, lin: Player, tmp_path: Path, orders: Path) -> None:
        run(written(tmp_path, "april.csv", GOOD.replace("North Mill", "LINJIANG  pumps")), orders)

        assert (
            models.PurchaseRequest.objects.filter(external_ref="A-1").get().buyer_id
            == (parties.ids_by_ref([lin.org])[lin.org])
        )

    def test_a_line_in_dozens_is_counted_in_the_products_own_pieces(
        self, bolt: ProductView, tmp_path: Path, orders: Path
    ) -> None:
        mapping = written(tmp_path, "dozens.toml", OPEN_TO_ALL.replace('unit = "pcs"', 'unit = "DZN"'))
        path = written(tmp_path, "a.csv", HEAD + "1,A,North Mill,BOLT-M8,10,2026-04-01,30,Fast Co\n")

        report = run(path, mapping)

        line = models.RequestLine.objects.get()
        assert (line.quantity, line.unit, line.unit_price, line.stated_value) == (120, "C62", Decimal("2.5"), 300)
        assert report.quantity == 120

    def test_a_folder_is_summed(self, tmp_path: Path, orders: Path) -> None:
        folder = tmp_path / "in"
        folder.mkdir()
        written(folder, "a.csv", GOOD)
        (folder / "b.csv.gz").write_bytes(gzip.compress((HEAD + "9,C,North Mill,PUMP-1,1,2026-04-01,1,X\n").encode()))
        written(folder, "notes.md", "no table")

        report = run(folder, orders)

        assert (report.rows, report.lines, report.quantity, report.value) == (4, 4, 21, {"CNY": Decimal("204.500")})
        assert models.ImportBatch.objects.count() == 2

    def test_progress_is_told_and_a_fact_recorded(self, tmp_path: Path, orders: Path) -> None:
        told: list[int] = []

        run(written(tmp_path, "april.csv", GOOD), orders, progress=told.append)

        assert told[-1] == 3
        assert OutboxEvent.objects.filter(name="DemandImported").get().payload["value"] == {"CNY": "203.50"}

    def test_the_bulk_row_has_the_tables_columns(self) -> None:
        columns = [field.column for field in models.RequestLine._meta.concrete_fields if field.column != "id"]

        assert list(LineRow._fields) == columns


class TestTheSameAgain:
    def test_the_same_file_changes_nothing_and_answers_the_same(self, tmp_path: Path, orders: Path) -> None:
        path = written(tmp_path, "april.csv", GOOD)
        first = run(path, orders)

        again = run(path, orders)

        assert (again.as_json(), again.already) == (first.as_json(), 1)
        assert (models.RequestLine.objects.count(), models.ImportBatch.objects.count()) == (3, 1)

    def test_a_packed_copy_under_another_name_is_the_same_file(self, tmp_path: Path, orders: Path) -> None:
        run(written(tmp_path, "april.csv", GOOD), orders)
        (tmp_path / "copy.csv.gz").write_bytes(gzip.compress(GOOD.encode()))

        assert run(tmp_path / "copy.csv.gz", orders).already == 1

    def test_another_file_with_a_key_that_stands_is_refused(self, tmp_path: Path, orders: Path) -> None:
        run(written(tmp_path, "april.csv", GOOD), orders)
        other = written(
            tmp_path, "may.csv", HEAD + "3,B-7,South Mill,PUMP-1,6,2026-05-01,11,X\n4,C,N,P,1,2026-05-01,1,X\n"
        )

        with pytest.raises(use_cases.ImportRefused) as refused:
            run(other, orders)

        assert refused.value.report.shown == (
            RowError("may.csv", "", 2, "No", "3", "is a duplicate key: it was imported before"),
        )
        assert models.RequestLine.objects.count() == 3

    def test_two_files_of_one_folder_share_no_key(self, tmp_path: Path, orders: Path) -> None:
        folder = tmp_path / "in"
        folder.mkdir()
        written(folder, "a.csv", GOOD)
        written(folder, "b.csv", HEAD + "3,B-7,South Mill,PUMP-1,6,2026-05-01,11,X\n")

        with pytest.raises(use_cases.ImportRefused):
            run(folder, orders)

        assert nothing_is_there()

    def test_without_a_declared_key_every_row_counts(self, tmp_path: Path) -> None:
        mapping = written(tmp_path, "nokey.toml", OPEN_TO_ALL.replace('key = ["line"]', ""))
        row = "1,A,North Mill,PUMP-1,10,2026-04-01,12.50,Fast Co\n"

        assert run(written(tmp_path, "a.csv", HEAD + row + row), mapping).lines == 2


BAD_ROWS = {
    "a negative quantity": ("4,C,N,P,-5,2026-04-01,1,V", "Qty", "-5"),
    "a quantity of nothing": ("4,C,N,P,0,2026-04-01,1,V", "Qty", "0"),
    "not a number": ("4,C,N,P,NaN,2026-04-01,1,V", "Qty", "NaN"),
    "infinity": ("4,C,N,P,inf,2026-04-01,1,V", "Qty", "inf"),
    "an overflowing quantity": ("4,C,N,P,1e308,2026-04-01,1,V", "Qty", "1e308"),
    "more than one line may ask for": ("4,C,N,P,9000000000,2026-04-01,1,V", "Qty", "9000000000"),
    "a price below zero": ("4,C,N,P,5,2026-04-01,-1,V", "Price", "-1"),
    "a day that is none": ("4,C,N,P,5,2026-02-30,1,V", "Needed", "2026-02-30"),
    "a date of another form": ("4,C,N,P,5,01/04/2026,1,V", "Needed", "01/04/2026"),
    "no product": ("4,C,N,,5,2026-04-01,1,V", "Item", ""),
    "a text too long": (f"4,C,N,{'P' * 201},5,2026-04-01,1,V", "Item", "P" * 120),
    "a spreadsheet error": ("4,C,N,P,#REF!,2026-04-01,1,V", "Qty", "#REF!"),
    "a key twice in the file": ("2,C,N,P,5,2026-04-01,1,V", "No", "2"),
    "too few cells": ("4,C,N,P", "", "P"),
    "seven digits behind the point": ("4,C,N,P,1.0000001,2026-04-01,1,V", "Qty", "1.0000001"),
}


class TestABadRow:
    @pytest.mark.parametrize(("row", "column", "value"), BAD_ROWS.values(), ids=BAD_ROWS)
    def test_it_is_named_and_nothing_is_saved(
        self, tmp_path: Path, orders: Path, row: str, column: str, value: str
    ) -> None:
        path = written(tmp_path, "april.csv", GOOD + row + "\n")

        with pytest.raises(use_cases.ImportRefused) as refused:
            run(path, orders)

        (error,) = refused.value.report.shown
        assert (error.file, error.row, error.column, error.value) == ("april.csv", 5, column, value)
        assert error.reason
        assert (refused.value.report.rows, refused.value.report.errors, refused.value.report.lines) == (4, 1, 0)
        assert nothing_is_there()

    @pytest.mark.parametrize(("row", "column", "value"), BAD_ROWS.values(), ids=BAD_ROWS)
    def test_the_good_ones_are_taken_when_asked(
        self, tmp_path: Path, orders: Path, row: str, column: str, value: str
    ) -> None:
        report = run(written(tmp_path, "april.csv", GOOD + row + "\n"), orders, take_good=True)

        assert (report.rows, report.lines, report.errors, report.quantity) == (4, 3, 1, 20)
        assert models.ImportBatch.objects.get().report["shown"][0]["row"] == 5

    def test_one_cell_that_feeds_two_fields_is_told_once(self, tmp_path: Path) -> None:
        until = '[fields.needed_to]\ncolumn = "Needed"\ntype = "date"\nformats = ["iso"]\nplus_days = 9\n'
        mapping = written(tmp_path, "m.toml", OPEN_TO_ALL + until)

        with pytest.raises(use_cases.ImportRefused) as refused:
            run(written(tmp_path, "april.csv", GOOD + "4,C,N,P,5,soon,1,V\n"), mapping)

        assert [(error.row, error.column) for error in refused.value.report.shown] == [(5, "Needed")]

    def test_every_error_is_told_and_fifty_are_shown(self, tmp_path: Path, orders: Path) -> None:
        bad = "".join(f"{n},C,N,P,-1,2026-04-01,1,V\n" for n in range(100, 200))
        told: list[RowError] = []

        with pytest.raises(use_cases.ImportRefused) as refused:
            run(written(tmp_path, "april.csv", GOOD + bad), orders, on_error=told.append)

        assert (len(told), len(refused.value.report.shown), refused.value.report.errors) == (100, 50, 100)

    def test_who_and_what_nobody_knows_is_an_error_unless_the_mapping_registers(
        self, lin: Player, bolt: ProductView, tmp_path: Path
    ) -> None:
        mapping = written(tmp_path, "closed.toml", CLOSED)
        rows = (
            "1,A,Linjiang Pumps,BOLT-M8,1,2026-04-01,1,V\n"
            "2,A,Nobody,BOLT-M8,1,2026-04-01,1,V\n"
            "3,A,Linjiang Pumps,NUT,1,2026-04-01,1,V\n"
        )

        report = run(written(tmp_path, "a.csv", HEAD + rows), mapping, take_good=True)

        assert (report.lines, report.errors) == (1, 2)
        assert [(error.row, error.column, error.value, error.reason) for error in report.shown] == [
            (3, "Buyer", "Nobody", "is no verified buyer"),
            (4, "Item", "NUT", "is no product of the catalogue"),
        ]

    def test_a_supplier_cannot_be_the_buyer(self, teng: Player, bolt: ProductView, tmp_path: Path) -> None:
        mapping = written(tmp_path, "closed.toml", CLOSED)

        with pytest.raises(use_cases.ImportRefused):
            run(written(tmp_path, "a.csv", HEAD + "1,A,Tengda Casting,BOLT-M8,1,2026-04-01,1,V\n"), mapping)

    def test_a_unit_that_cannot_become_the_products_is_an_error(self, bolt: ProductView, tmp_path: Path) -> None:
        mapping = written(tmp_path, "kilos.toml", OPEN_TO_ALL.replace('unit = "pcs"', 'unit = "kg"'))

        with pytest.raises(use_cases.ImportRefused) as refused:
            run(written(tmp_path, "a.csv", HEAD + "1,A,N,BOLT-M8,1,2026-04-01,1,V\n"), mapping)

        assert refused.value.report.shown[0].reason == "cannot be turned into C62, the product's unit"

    def test_a_line_in_words_is_kept_when_the_mapping_says_so(self, lin: Player, tmp_path: Path) -> None:
        text = CLOSED.replace('unknown_products = "refuse"', 'unknown_products = "text"')
        mapping = written(tmp_path, "words.toml", text)

        run(written(tmp_path, "a.csv", HEAD + "1,A,Linjiang Pumps,blue grease,1,2026-04-01,1,V\n"), mapping)

        line = models.RequestLine.objects.get()
        assert (line.product_id, line.text) == (None, "blue grease")
        assert list(queries.open_lines()) == []


class TestABadFile:
    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("empty.csv", b""),
            ("truncated.csv.gz", gzip.compress(GOOD.encode() * 50)[:-20]),
            ("truncated.xlsx", b"PK\x03\x04" + b"\0" * 50),
            ("noise.csv", bytes(range(128, 256)) * 9),
            ("headless.csv", b"1,A,North Mill,PUMP-1,10,2026-04-01,12.50,Fast Co\n"),
            ("half.csv", GOOD.encode("utf-16")[:-1]),
        ],
    )
    @pytest.mark.parametrize("take_good", [False, True])
    def test_it_is_refused_whole(
        self, tmp_path: Path, orders: Path, name: str, content: bytes, take_good: bool
    ) -> None:
        (tmp_path / name).write_bytes(content)

        with pytest.raises(BadFile) as refused:
            run(tmp_path / name, orders, take_good=take_good)

        assert (refused.value.facts["file"], bool(refused.value.facts["reason"])) == (name, True)
        assert nothing_is_there()

    def test_there_is_no_such_file(self, tmp_path: Path, orders: Path) -> None:
        with pytest.raises(BadFile):
            run(tmp_path / "missing.csv", orders)

    def test_one_of_a_folder_is_an_error_when_the_good_are_taken(self, tmp_path: Path, orders: Path) -> None:
        folder = tmp_path / "in"
        folder.mkdir()
        written(folder, "a.csv", GOOD)
        (folder / "b.csv").write_bytes(b"")

        report = run(folder, orders, take_good=True)

        assert (report.lines, report.errors, report.shown[0].file) == (3, 1, "b.csv")
        with pytest.raises(BadFile):
            run(folder, orders)

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
    def test_any_encoding_in_use_is_read(self, tmp_path: Path, orders: Path, encoding: str) -> None:
        text = GOOD.replace("North Mill", "北方泵业有限公司").replace("PUMP-1", "水泵")

        report = run(written(tmp_path, "订单.csv", text, encoding), orders)

        assert report.lines == 3
        assert parties.refs_by_name(["北方泵业有限公司"])
        assert catalogue.ids_by_code(["水泵"])


class TestWhatStands:
    def test_lines_wait_in_order_of_entry(self, tmp_path: Path, orders: Path) -> None:
        run(written(tmp_path, "april.csv", GOOD), orders)

        lines = list(queries.open_lines(after=date(2026, 4, 1), before=date(2026, 5, 2)))

        assert [(line.quantity, line.needed_from, line.needed_to, line.vendor) for line in lines] == [
            (4, date(2026, 4, 3), date(2026, 4, 4), "Fast Co"),
            (6, date(2026, 5, 1), date(2026, 5, 2), "Slow Co"),
        ]
        assert (lines[0].unit_price, lines[0].currency, lines[0].request_ref[:3]) == (Decimal("3.125"), "CNY", "RQ-")
        assert lines[0].buyer_ref == parties.refs_by_name(["North Mill"])["North Mill"]

    def test_reading_them_costs_the_same_however_many(
        self, tmp_path: Path, orders: Path, django_assert_num_queries: Any
    ) -> None:
        rows = "".join(f"{n},O-{n % 7},B-{n % 5},P-{n % 11},1,2026-04-01,1,V\n" for n in range(300))
        run(written(tmp_path, "april.csv", HEAD + rows), orders)

        with django_assert_num_queries(3):
            assert len(list(queries.open_lines())) == 300

    def test_an_import_of_thousands_costs_dozens_of_statements(
        self, tmp_path: Path, orders: Path, django_assert_max_num_queries: Any
    ) -> None:
        rows = "".join(f"{n},O-{n % 7},B-{n % 5},P-{n % 11},1,2026-04-01,1,V\n" for n in range(3000))

        with django_assert_max_num_queries(70):
            run(written(tmp_path, "april.csv", HEAD + rows), orders)

    def test_windows_are_summed_over_regions_in_code_point_order(self, tmp_path: Path, orders: Path) -> None:
        run(written(tmp_path, "april.csv", GOOD + "4,Z,South Mill,PUMP-1,1,2026-04-30,2,V\n"), orders)

        assert list(queries.pooled_windows("month")) == [
            ("PUMP-1", "2026-04", 11, 127, 2, 1),
            ("PUMP-1", "2026-05", 6, 66, 1, 1),
            ("VALVE-2", "2026-04", 4, Decimal("12.5"), 1, 1),
        ]
        assert [row.window for row in queries.pooled_windows("week")] == ["2026-W14", "2026-W18", "2026-W14"]

    def test_cancelled_lines_and_drafts_do_not_count(self, lin: Player, tmp_path: Path, orders: Path) -> None:
        run(written(tmp_path, "april.csv", GOOD), orders)
        use_cases.cancel_request(
            request_ref=models.PurchaseRequest.objects.get(external_ref="A-1").ref, by="user:wei", at=AT
        )

        assert [row.product for row in queries.pooled_windows("month")] == ["PUMP-1"]

    def test_pounds_are_not_added_to_dollars(self, tmp_path: Path, orders: Path) -> None:
        euros = OPEN_TO_ALL.replace('unit = "pcs"', 'unit = "pcs"\ncurrency = "EUR"').replace('"orders"', '"euros"')
        run(written(tmp_path, "april.csv", GOOD), orders)
        run(
            written(tmp_path, "april2.csv", GOOD + "4,Z,South Mill,PUMP-1,1,2026-04-30,2,V\n"),
            written(tmp_path, "e.toml", euros),
        )

        april = [row for row in queries.pooled_windows("month") if row[:2] == ("PUMP-1", "2026-04")]
        assert [(row.quantity, row.value) for row in april] == [(10, 125), (11, 127)]


class TestPricesKnown:
    @pytest.fixture
    def history(self, tmp_path: Path, orders: Path) -> None:
        rows = (
            "1,A,North,P,1,2026-01-05,10,Fast\n"
            "2,A,North,P,1,2026-02-05,9,Fast\n"
            "3,A,South,P,1,2026-02-05,8.5,Fast\n"
            "4,A,South,P,1,2026-03-05,0,Fast\n"
            "5,A,South,P,1,2026-01-07,7,Slow\n"
            "6,A,South,Q,1,2026-01-07,3,Slow\n"
            "7,A,South,Q,1,2026-01-07,3,\n"
            "8,A,South,P,1,2026-04-01,1,Fast\n"
        )
        run(written(tmp_path, "past.csv", HEAD + rows), orders)

    def test_a_vendors_last_price_above_zero_stands_as_its_offer(self, history: None) -> None:
        codes = {pk: code for code, pk in catalogue.ids_by_code(["P", "Q"]).items()}

        offers = queries.vendor_offers(before=date(2026, 4, 1))

        assert [
            (codes[offer.product_id], offer.vendor, offer.unit_price.amount, offer.priced_on, offer.lines)
            for offer in offers
        ] == [
            ("P", "Fast", Decimal("8.5"), date(2026, 2, 5), 3),
            ("P", "Slow", Decimal(7), date(2026, 1, 7), 1),
            ("Q", "Slow", Decimal(3), date(2026, 1, 7), 1),
        ]

    def test_a_buyers_last_price_is_its_own(self, history: None, django_assert_num_queries: Any) -> None:
        ids = catalogue.ids_by_code(["P", "Q"])
        buyers = parties.ids_by_ref(parties.refs_by_name(["North"]).values())
        (north,) = buyers.values()

        with django_assert_num_queries(1):
            found = queries.last_prices([(north, ids["P"]), (north, ids["Q"])], date(2026, 4, 1))

        assert {pair: rate.amount for pair, rate in found.items()} == {(north, ids["P"]): 9}
        assert queries.last_price(north, ids["P"], date(2026, 1, 5)) is None
        assert queries.last_price(north, ids["P"], AT.date() - timedelta(days=40)).amount == 10  # type: ignore[union-attr]


class TestAMappingThatMeansSomethingElse:
    @pytest.mark.parametrize(
        ("before", "after", "key"),
        [
            ('column = "Qty"\ntype = "number"', 'column = "Qty"', "fields.quantity.type"),
            ('column = "Buyer"', 'column = "Buyer"\ntype = "integer"', "fields.buyer.type"),
            ('type = "date"', 'type = "datetime"', "fields.needed_from.type"),
            ('unit = "pcs"', 'unit = "pcs"\ntolerance = "5"', "constants.tolerance"),
            ('unit = "pcs"', "unit = 5", "constants.unit"),
            ('unit = "pcs"', 'unit = "pcs"\nneeded_to = 2026-01-01T00:00:00', "constants.needed_to"),
            ('name = "orders"', f'name = "{"o" * 61}"', "name"),
        ],
    )
    def test_a_field_of_the_wrong_type_is_refused_before_a_row_is_read(
        self, tmp_path: Path, before: str, after: str, key: str
    ) -> None:
        mapping = written(tmp_path, "m.toml", OPEN_TO_ALL.replace(before, after))

        with pytest.raises(BadMapping) as refused:
            run(written(tmp_path, "a.csv", GOOD), mapping)

        assert refused.value.facts["key"] == key

    def test_constants_may_be_whole_numbers_and_days(self, tmp_path: Path) -> None:
        text = OPEN_TO_ALL.replace('unit = "pcs"', 'unit = "pcs"\ntolerance = 5\nceiling = 2.5\nneeded_to = 2026-12-31')

        run(written(tmp_path, "a.csv", GOOD), written(tmp_path, "m.toml", text))

        line = models.RequestLine.objects.all()[0]
        assert (line.tolerance, line.ceiling, line.needed_to) == (5, Decimal("2.5"), date(2026, 12, 31))

    @pytest.mark.parametrize(
        ("unit", "row", "reason"),
        [
            ("pcs", "1,A,N,P,1000000000,2026-04-01,99999999999,V", "is more money than one line may be worth"),
            ("GRO", "1,A,N,BOLT-M8,999999999,2026-04-01,1,V", "is more than one line may ask for"),
            ("pcs", f"{'7' * 161},A,N,P,1,2026-04-01,1,V", "is longer than 160 characters"),
        ],
    )
    def test_what_would_overflow_is_a_row_error(
        self, bolt: ProductView, tmp_path: Path, unit: str, row: str, reason: str
    ) -> None:
        mapping = written(tmp_path, "m.toml", OPEN_TO_ALL.replace('unit = "pcs"', f'unit = "{unit}"'))

        with pytest.raises(use_cases.ImportRefused) as refused:
            run(written(tmp_path, "a.csv", HEAD + row + "\n"), mapping)

        assert [error.reason for error in refused.value.report.shown] == [reason]


FREIGHTED = (
    OPEN_TO_ALL
    + """
[fields.shipment]
column = "Shipment"
[fields.weight]
column = "Weight"
type = "number"
status = "weight_status"
stated = "numeric"
[fields.freight]
column = "Freight"
type = "number"
status = "freight_status"
stated = "numeric"
[[fields.freight.texts]]
matches = 'see (?P<freight_of>[0-9]+)'
status = "reference"
[[fields.freight.texts]]
equals = "separately"
status = "invoiced_separately"
"""
)
FREIGHT_HEAD = HEAD.strip() + ",Shipment,Weight,Freight\n"


class TestFreight:
    @pytest.fixture
    def mapping(self, tmp_path: Path) -> Path:
        return written(tmp_path, "freighted.toml", FREIGHTED)

    def row(self, number: int, shipment: str, weight: str, freight: str) -> str:
        return f"{number},A,N,P,1,2026-04-01,1,V,{shipment},{weight},{freight}\n"

    def test_a_shipments_freight_is_shared_by_weight_and_adds_up(self, tmp_path: Path, mapping: Path) -> None:
        rows = self.row(1, "S1", "1", "10.00") + self.row(2, "S1", "1", "see 1") + self.row(3, "S1", "1", "see 1")

        report = run(written(tmp_path, "a.csv", FREIGHT_HEAD + rows), mapping)

        shares = models.FreightNote.objects.order_by("line_id").values_list("share_minor", "carrier", "basis")
        assert list(shares) == [(334, "orders|1", "weight"), (333, "orders|1", "weight"), (333, "orders|1", "weight")]
        assert (report.freight.numeric, report.freight.references, report.freight.to_price) == (10, 2, 2)

    def test_a_reference_to_an_earlier_file_is_followed_there(self, tmp_path: Path, mapping: Path) -> None:
        first = self.row(1, "S1", "1", "10.00") + self.row(2, "S2", "1", "separately")
        run(written(tmp_path, "a.csv", FREIGHT_HEAD + first), mapping)
        later = self.row(3, "S1", "1", "see 1") + self.row(4, "S2", "1", "see 2") + self.row(5, "S9", "1", "see 1")

        report = run(written(tmp_path, "b.csv", FREIGHT_HEAD + later), mapping)

        freight = report.freight
        assert (freight.references, freight.to_price, freight.invoiced_separately, freight.unresolved) == (3, 1, 1, 1)
        notes = models.FreightNote.objects.filter(carrier="orders|1").values_list("share_minor", flat=True)
        assert sorted(note for note in notes if note is not None) == [0, 1000]

    @pytest.mark.parametrize("freight", ["0.001", "-1", "1e12"])
    def test_freight_that_cannot_be_paid_is_a_row_error(self, tmp_path: Path, mapping: Path, freight: str) -> None:
        with pytest.raises(use_cases.ImportRefused) as refused:
            run(written(tmp_path, "a.csv", FREIGHT_HEAD + self.row(1, "S1", "1", freight)), mapping)

        assert refused.value.report.shown[0].column == "Freight"

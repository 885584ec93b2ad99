"""Bid tabulations from elsewhere: by hand, and the real ones of ../shared."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from marketplace.engines.tables import BadFile, BadMapping
from marketplace.events.queries import history
from marketplace.parties.models import Organisation
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders

AT = datetime(2026, 3, 2, 4, tzinfo=UTC)
BIDDERS = ("Alder Paving, Inc.", "Birch & Sons LLC", "Engineer's Estimate")
ROWS = (
    ("0001", "Mobilisation", 1, "LS", "5000", "4500.5", "5200"),
    ("0002", "Asphalt", 200, "Ton", "101.25", "99", "100"),
    ("0003", "Marking", 40, "LF", "2.5", "3", "2.75"),
)


def workbook(path: Path, *, tender: str = "2026-0001", rows: Any = ROWS, stated: Any = None, **cells: Any) -> Path:
    """Write a tabulation as they are received: names above pairs of columns, a row of totals below."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Bid Tabulation"
    sheet.append(["RIVER AIRPORT", None, None, None, *(cell for name in BIDDERS for cell in (name, None))])
    sheet.append(["RUNWAY"])
    sheet.append([f"Solicitation No. {tender}"])
    sheet.append([date(2025, 11, 3)])
    sheet.append(["Item No.", "Item Description", "Estimated Quantity", "Units", *["Unit Price", "Total Price"] * 3])
    for number, text, quantity, unit, *prices in rows:
        pairs = [cell for price in prices for cell in (float(price) if price else None, None)]
        sheet.append([number, text, quantity, unit, *pairs])
    totals = stated or [total(rows, place) for place in range(3)]
    sheet.append([None, "Total Amount Bid", None, None, *(cell for one in totals for cell in (None, one))])
    for place, value in cells.items():
        sheet[place] = value
    book.save(path)
    return path


def total(rows: Any, place: int) -> float:
    return float(sum(Decimal(row[2]) * Decimal(row[4 + place] or 0) for row in rows))


def take(path: Path) -> Any:
    return tenders.import_bids(path=path, mapping="tenders_pdx", by="user:wei", at=AT)


def everything() -> dict[str, int]:
    """How many rows every table holds."""
    return {model._meta.label: model.objects.count() for model in apps.get_models()}


@pytest.mark.django_db
class TestImportBids:
    def test_makes_an_opened_tender_of_a_workbook(self, tmp_path):
        report = take(workbook(tmp_path / "a.xlsx"))

        tender = models.Tender.objects.get()
        assert (tender.state, tender.title, tender.currency, tender.historic) == ("opened", "RUNWAY", "USD", True)
        assert tender.source == "tenders_pdx:2026-0001"
        assert tender.opened_at == datetime(2025, 11, 2, 16, tzinfo=UTC)  # midnight of 3 November where we trade
        assert [(step.verb, step.why) for step in history(tender.ref)] == [("import", "a.xlsx: opened elsewhere")]
        assert (len(report.tenders), report.lots, report.lines) == (1, 1, 3)

    def test_keeps_a_schedule_as_a_lot_with_its_lines_and_the_estimate(self, tmp_path):
        take(workbook(tmp_path / "a.xlsx"))

        lot = models.Lot.objects.get()
        assert lot.schedule == "base: Bid Tabulation"
        lines = lot.lines.order_by("position").values_list("code", "description", "quantity", "unit", "estimate")
        assert list(lines) == [
            ("0001", "Mobilisation", 1, "LS", 5200),
            ("0002", "Asphalt", 200, "STN", 100),
            ("0003", "Marking", 40, "LF", Decimal("2.75")),
        ]

    def test_registers_bidders_as_suppliers_with_prices_and_totals(self, tmp_path):
        take(workbook(tmp_path / "a.xlsx"))

        assert set(Organisation.objects.filter(is_supplier=True).values_list("legal_name", flat=True)) == set(
            BIDDERS[:2]
        )
        offer = models.LotOffer.objects.get(opened_bid__supplier_name="Birch & Sons LLC")
        assert (offer.complete, offer.total_minor, offer.stated_total_minor) == (True, 2_442_050, 2_442_050)
        prices = offer.tiers.order_by("line__position").values_list("unit_price", flat=True)
        assert list(prices) == [Decimal("4500.5"), 99, 3]

    def test_adds_up_what_the_bidders_ask(self, tmp_path):
        figures = take(workbook(tmp_path / "a.xlsx")).as_json()

        assert (figures["lowest_total"], figures["line_minima"]) == ("24420.50", "24400.50")
        assert figures["stated_totals"] == {"compared": 2, "equal": 2}
        assert (figures["bidders"], figures["firms"]) == (2, 2)

    def test_counts_a_bidder_once_under_all_its_spellings(self, tmp_path):
        take(workbook(tmp_path / "a.xlsx"))

        figures = take(workbook(tmp_path / "b.xlsx", tender="2026-0002", E1="ALDER PAVING")).as_json()

        assert Organisation.objects.filter(is_supplier=True).count() == 2
        assert figures["firms"] == 2

    def test_keeps_an_incomplete_bid_and_says_so(self, tmp_path):
        rows = (*ROWS[:2], ("0003", "Marking", 40, "LF", "2.5", None, "2.75"))

        figures = take(workbook(tmp_path / "a.xlsx", rows=rows)).as_json()

        offer = models.LotOffer.objects.get(opened_bid__supplier_name="Birch & Sons LLC")
        assert (offer.complete, offer.total_minor, offer.tiers.count()) == (False, None, 2)
        assert [one["what"] for one in figures["judgement"]] == ["not_priced"]
        assert figures["lowest_total"] == "0.00"

    def test_keeps_a_line_whose_quantity_the_source_lost(self, tmp_path):
        figures = take(workbook(tmp_path / "a.xlsx", C7="#REF!", D7="#REF!")).as_json()

        line = models.LotLine.objects.get(position=2)
        assert (line.quantity, line.unit) == (None, "")
        assert "broken_reference" in {one["what"] for one in figures["judgement"]}

    def test_notes_a_stated_total_that_differs(self, tmp_path):
        figures = take(workbook(tmp_path / "a.xlsx", stated=[25352.01, 24420.5, 25310])).as_json()

        assert figures["stated_totals"] == {"compared": 2, "equal": 1}
        assert "stated_total_differs" in {one["what"] for one in figures["judgement"]}

    def test_the_same_file_again_changes_nothing_and_says_the_same(self, tmp_path):
        first = take(workbook(tmp_path / "a.xlsx"))
        before = everything()

        again = take(tmp_path / "a.xlsx")

        assert everything() == before
        assert again.already == 1
        assert again.as_json() == {**first.as_json(), "already_imported": 1}

    def test_sums_a_folder(self, tmp_path):
        workbook(tmp_path / "a.xlsx")
        workbook(tmp_path / "b.xlsx", tender="2026-0002")
        (tmp_path / "~$a.xlsx").write_bytes(b"open elsewhere")
        (tmp_path / "notes.txt").write_text("no table")

        figures = take(tmp_path).as_json()

        assert (figures["files"], figures["tenders"], figures["lots"], figures["bidders"]) == (2, 2, 2, 2)
        assert figures["lowest_total"] == "48841.00"


@pytest.mark.django_db
class TestRefusals:
    @pytest.fixture(autouse=True)
    def _nothing_changes(self, tmp_path):
        before = everything()
        yield
        assert everything() == before

    @pytest.mark.parametrize("content", [b"", b"no workbook", b"PK\x03\x04 truncated"])
    def test_a_file_that_is_no_workbook(self, tmp_path, content):
        (tmp_path / "a.xlsx").write_bytes(content)

        with pytest.raises(BadFile):
            take(tmp_path / "a.xlsx")

    def test_a_workbook_that_was_cut_off(self, tmp_path):
        whole = workbook(tmp_path / "a.xlsx").read_bytes()
        (tmp_path / "a.xlsx").write_bytes(whole[: len(whole) // 2])

        with pytest.raises(BadFile):
            take(tmp_path / "a.xlsx")

    def test_a_workbook_without_a_tabulation(self, tmp_path):
        Workbook().save(tmp_path / "a.xlsx")

        with pytest.raises(BadFile):
            take(tmp_path / "a.xlsx")

    @pytest.mark.parametrize(
        ("cell", "value"), [("E6", -5000), ("E6", "five"), ("E6", "NaN"), ("E6", "9" * 20), ("C7", -200), ("E6", 1e308)]
    )
    def test_a_cell_that_is_no_price_or_quantity(self, tmp_path, cell, value):
        path = workbook(tmp_path / "a.xlsx", **{cell: value})

        with pytest.raises(tenders.BidsRefused) as refused:
            take(path)

        assert refused.value.facts["errors"] == 1
        (shown,) = refused.value.facts["shown"]
        assert (shown["file"], shown["sheet"], shown["row"]) == ("a.xlsx", "Bid Tabulation", int(cell[1:]))

    def test_one_bad_workbook_of_a_folder_refuses_all(self, tmp_path):
        workbook(tmp_path / "a.xlsx")
        workbook(tmp_path / "b.xlsx", tender="2026-0002", E6=-1)

        with pytest.raises(tenders.BidsRefused):
            take(tmp_path)

    def test_two_files_of_one_tender(self, tmp_path):
        workbook(tmp_path / "a.xlsx")
        workbook(tmp_path / "b.xlsx", E6=1)

        with pytest.raises(tenders.TenderKnown) as refused:
            take(tmp_path)

        assert (refused.value.facts["file"], refused.value.facts["source"]) == ("b.xlsx", "2026-0001")

    def test_an_empty_folder_and_a_missing_file(self, tmp_path):
        for path in (tmp_path, tmp_path / "gone.xlsx"):
            with pytest.raises(BadFile):
                take(path)

    @pytest.mark.parametrize("mapping", ["scms", "nobody_knows"])
    def test_a_mapping_that_reads_no_bids(self, tmp_path, mapping):
        path = workbook(tmp_path / "a.xlsx")

        with pytest.raises(BadMapping):
            tenders.import_bids(path=path, mapping=mapping, by="user:wei", at=AT)

    def test_the_command_says_what_is_wrong(self, tmp_path):
        path = workbook(tmp_path / "a.xlsx", E6=-5000)
        told = StringIO()

        with pytest.raises(CommandError, match="Nothing was imported"):
            call_command("import_bids", str(path), mapping="tenders_pdx", stdout=told)

        assert "-5000" in told.getvalue()


@pytest.mark.django_db
def test_the_command_ends_with_one_line_of_json(tmp_path):
    told = StringIO()

    call_command("import_bids", str(workbook(tmp_path / "a.xlsx")), mapping="tenders_pdx", json=True, stdout=told)

    figures = json.loads(told.getvalue().splitlines()[-1])
    assert (figures["tenders"], figures["lowest_total"], figures["judgement"]) == (1, "24420.50", [])


@pytest.mark.django_db
def test_an_imported_tender_is_nobody_s_work(tmp_path):
    take(workbook(tmp_path / "a.xlsx"))

    tender = models.Tender.objects.get()
    assert (queries.refs_in("opened"), tender.verbs, queries.verify()) == ([], [], [])
    with pytest.raises(tenders.OpenedElsewhere):
        tenders.award_tender(tender_ref=tender.ref, by="user:wei", at=AT)
    with pytest.raises(tenders.OpenedElsewhere):
        tenders.ask_to_cancel(tender_ref=tender.ref, why="by mistake", by="user:wei", at=AT)
    assert not history(tender.ref).exclude(verb="import").exists()


@pytest.mark.shared
@pytest.mark.django_db
class TestRealTabulations:
    def test_meet_their_facts(self, shared):
        folder = shared / "data/tenders_pdx"
        facts = json.loads((folder / "facts.json").read_text())

        figures = take(folder / "workbooks").as_json()

        assert figures["files"] == facts["workbooks"] == 16
        assert figures["tenders"] == facts["solicitations"] == 16
        assert figures["lots"] == len(facts["lots"]) == 24
        assert figures["lines"] == sum(lot["lines"] for lot in facts["lots"]) == 918
        assert figures["prices"] == facts["line_bid_rows"] == 5859
        assert figures["bidders"] == facts["bidders_canonical"] == 48
        assert figures["stated_totals"] == {"compared": 84, "equal": 84}
        assert facts["stated_vs_computed"] == {"compared": 84, "differ": 0}
        assert figures["contested_lots"] == facts["lots_with_2plus_complete_bidders"] == 17
        assert figures["lowest_total"] == facts["sum_lowest_total_usd"] == "45452509.50"
        assert figures["line_minima"] == facts["sum_line_minima_usd"] == "36277515.38"
        judged = {one["where"].split(" [")[0] for one in figures["judgement"]}
        assert {"PDX_15D147BidTab.xlsx", "PDX_2017D013.xlsx"} <= judged

    def test_the_tables_hold_what_the_report_says(self, shared):
        take(shared / "data/tenders_pdx/workbooks")

        assert models.Tender.objects.filter(historic=True, state="opened").count() == 16
        assert models.LotLine.objects.count() == 918
        complete = models.LotOffer.objects.filter(complete=True, stated_total_minor__isnull=False)
        assert [one.total_minor == one.stated_total_minor for one in complete] == [True] * 84
        assert Organisation.objects.filter(is_supplier=True).count() == 31

    def test_twice_changes_nothing(self, shared):
        folder = shared / "data/tenders_pdx/workbooks"
        first = take(folder)
        before = everything()

        again = take(folder)

        assert everything() == before
        assert again.as_json() == {**first.as_json(), "already_imported": 16}

"""The real sets that stand beside the project: their facts met to the cent."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Sum

from procurement.demand import models, queries, use_cases

pytestmark = [pytest.mark.django_db, pytest.mark.shared]
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
CENT = Decimal("0.01")


def facts(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "facts.json").read_text())
    return found


def load(path: Path, mapping: str) -> use_cases.ImportReport:
    return use_cases.import_demand(path=path, mapping=mapping, by="system:test", at=AT)


def exported(window: str, path: Path) -> list[dict[str, str]]:
    call_command("export_pools", "--window", window, "--out", str(path))
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


class TestScms:
    @pytest.fixture
    def scms(self, shared: Path) -> Path:
        return shared / "data" / "scms"

    @pytest.fixture
    def report(self, scms: Path) -> use_cases.ImportReport:
        return load(scms / "scms_dev_to_2012.csv.gz", "scms")

    def test_its_totals_are_met_to_the_cent(self, scms: Path, report: use_cases.ImportReport) -> None:
        stated = facts(scms)

        assert (report.rows, report.lines, report.skipped, report.errors) == (6507, 6507, 0, 0)
        assert report.value == {"USD": Decimal(stated["total_line_value_usd"])} == {"USD": Decimal("939945228.87")}
        assert report.quantity == stated["total_packs"] == 109633696
        assert models.RequestLine.objects.aggregate(value=Sum("stated_value"))["value"] == report.value["USD"]

    def test_its_freight_is_resolved_and_shipments_sums_are_kept(self, report: use_cases.ImportReport) -> None:
        notes = models.FreightNote.objects
        freight = report.freight

        assert (freight.numeric, freight.references) == (Decimal("40523874.46"), 1536)
        assert (freight.to_price, freight.invoiced_separately, freight.unresolved) == (1494, 42, 0)
        assert notes.aggregate(sum=Sum("share_minor"))["sum"] == 4052387446
        stated = dict(notes.filter(stated_minor__isnull=False).values_list("line__external_key", "stated_minor"))
        shared = dict(notes.exclude(carrier="").values_list("carrier").annotate(Sum("share_minor")))
        assert (shared, len(shared)) == (stated, 4152)

    def test_its_pools_are_those_of_the_digest(
        self, scms: Path, report: use_cases.ImportReport, tmp_path: Path
    ) -> None:
        stated = facts(scms)["product_months"]
        rows = exported("month", tmp_path / "pools.csv")
        digest = hashlib.sha256()
        for row in rows:
            value = Decimal(row["value"]).quantize(CENT)
            digest.update(f"{row['product']}|{row['window']}|{row['quantity']}|{value}\n".encode())

        assert (len(rows), sum(int(row["regions"]) >= 2 for row in rows)) == (2473, 1001)
        assert digest.hexdigest() == stated["canonical_sha256"]

    def test_a_second_import_changes_nothing(self, scms: Path, report: use_cases.ImportReport) -> None:
        again = load(scms / "scms_dev_to_2012.csv.gz", "scms")

        assert (again.as_json(), again.already) == (report.as_json(), 1)
        assert models.RequestLine.objects.count() == 6507

    def test_every_vendors_last_price_is_known_by_mid_2012(self, report: use_cases.ImportReport, scms: Path) -> None:
        last: dict[tuple[str, str], tuple[str, int, Decimal]] = {}
        with gzip.open(scms / "scms_dev_to_2012.csv.gz", "rt", encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.DictReader(file)):
                day = datetime.strptime(row["Scheduled Delivery Date"], "%d-%b-%y").date().isoformat()  # noqa: DTZ007
                price = Decimal(row["Pack Price"])
                key = (row["Item Description"], " ".join(row["Vendor"].split()))
                if day < "2012-07-01" and price > 0:
                    last[key] = max(last.get(key, ("", 0, price)), (day, number, price))
        offers = queries.vendor_offers(before=datetime(2012, 7, 1, tzinfo=UTC).date())
        codes = dict(models.RequestLine.objects.values_list("product_id", "product__code").distinct())

        assert {(codes[o.product_id], o.vendor): (o.priced_on.isoformat(), o.unit_price.amount) for o in offers} == {
            key: (day, price) for key, (day, _, price) in last.items()
        }


class TestRetail:
    def test_its_valid_lines_and_weeks_are_met(self, shared: Path, tmp_path: Path) -> None:
        folder = shared / "data" / "retail"
        stated = facts(folder)

        report = load(folder / "online_retail_2010-12_to_2011-08.csv.gz", "retail")

        assert (report.rows, report.lines, report.errors) == (stated["rows"], stated["valid_rows"], 0)
        assert report.value == {"GBP": Decimal(stated["valid_sum_gbp"])} == {"GBP": Decimal("5239240.562")}
        assert report.skipped == 320705 - 226467
        rows = exported("week", tmp_path / "weeks.csv")
        weeks = stated["stock_weeks"]
        buyers = [int(row["buyers"]) for row in rows]
        assert len(rows) == weeks["count"] == 58338
        assert sum(n >= 2 for n in buyers) == weeks["with_2plus_customers"] == 37479
        assert sum(n >= 5 for n in buyers) == weeks["with_5plus_customers"] == 15073
        two = [row for row, n in zip(rows, buyers, strict=True) if n >= 2]
        assert sum(int(row["quantity"]) for row in two) == weeks["qty_in_2plus"]
        assert rows == sorted(rows, key=lambda row: (row["product"], row["window"]))
        lines = sorted(f"{row['product']}|{row['window']}|{row['quantity']}|{row['buyers']}\n" for row in rows)
        assert hashlib.sha256("".join(lines).encode()).hexdigest() == weeks["canonical_sha256"]
        by_product: dict[str, Decimal] = defaultdict(Decimal)
        for row in rows:
            by_product[row["product"]] += Decimal(row["value"])
        assert (sum(by_product.values()), len(by_product)) == (Decimal("5239240.562"), stated["valid_stock_codes"])

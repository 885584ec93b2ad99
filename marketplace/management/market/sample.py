"""The sample market's own round: its firms, its goods, its spreadsheets, and the people who try it."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from rich.console import Console
from rich.table import Table

from finance.credit import queries as credit
from finance.credit import use_cases as credit_
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue import use_cases as catalogue_
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money, Rate
from marketplace.kernel.periods import Period
from marketplace.management.market.clock import MarketClock
from marketplace.management.market.cycle import (
    DESK,
    Cycle,
    Progress,
    Round,
    Shortfall,
    give_bank_accounts,
    passed_over,
)
from marketplace.management.market.offers import Offers, read_offers
from marketplace.management.market.today import Today
from marketplace.parties import queries as parties
from marketplace.parties import use_cases as parties_
from procurement.capacity import use_cases as capacity_
from procurement.demand import use_cases as demand_

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
LAYOUTS = (("demand_pumps.csv", "pumps"), ("demand_shoes.xlsx", "shoes"), ("demand_traders.csv", "traders"))
AS_OF = date(2026, 6, 30)
FACILITY_LIMIT = Decimal("3000000.00")
PASSWORD = "jicai-demo"  # noqa: S105 - the sample market's accounts are meant to be tried


def rows_of(name: str) -> list[dict[str, str]]:
    """Return the rows of one of the sample's own CSV files."""
    with (SAMPLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class SampleMarket:
    """Loads the sample, takes it through one round, and opens pools for today; safe to run again."""

    def __init__(self, progress: Progress[object]) -> None:
        self.progress = progress
        self.clock = MarketClock(AS_OF)
        self.refs: dict[str, str] = {}
        self.notes: list[str] = []
        self.accounts: list[tuple[str, str, str]] = []

    def load(self) -> None:
        """Register firms, goods, published prices, factories, facilities and people."""
        self._firms()
        self._goods()
        self._factories()
        self._facilities()
        self._people()

    def _firms(self) -> None:
        rows = rows_of("parties.csv")
        self.refs = parties_.register_many(
            rows=[
                parties_.NewOrganisation(
                    external_code=row["credit_code"],
                    legal_name=row["name_zh"],
                    country="CN",
                    region=row["region"],
                    roles=tuple(row["roles"].split()),
                )
                for row in rows
            ],
            by=DESK,
            at=self.clock(),
        )
        give_bank_accounts([self.refs[row["credit_code"]] for row in rows], clock=self.clock)

    def _goods(self) -> None:
        from samples.catalogue import CATEGORIES

        standing = set(catalogue.categories().values_list("code", flat=True))
        for code, name_en, name_zh in CATEGORIES:
            if code not in standing:
                catalogue_.register_category(
                    code=code,
                    name_en=name_en,
                    name_zh=name_zh,
                    deposit_percent=Decimal(10),
                    fee_percent=Decimal("1.5"),
                    by=DESK,
                    at=self.clock(),
                )
        rows = rows_of("products.csv")
        ids = catalogue_.register_many(
            rows=[
                catalogue_.NewProduct(
                    code=row["code"],
                    name_en=row["name_en"],
                    name_zh=row["name_zh"],
                    category_code=row["category"],
                    unit=row["unit"],
                    pack_size=Decimal(row["pack"]),
                    weight_kg=Decimal(row["weight_kg"]),
                )
                for row in rows
            ],
            by=DESK,
            at=self.clock(),
        )
        views = catalogue.products_by_id(ids.values())
        for row in rows:
            view = views[ids[row["code"]]]
            if not catalogue.price_list(view.id, "CNY"):
                price, pack = Decimal(row["list_price"]), Decimal(row["pack"])
                steps = [(Decimal(1), Decimal(1)), (pack * 20, Decimal("0.96")), (pack * 100, Decimal("0.92"))]
                tiers = [
                    catalogue_.Tier(start, Rate((price * share).quantize(Decimal("0.0001")), "CNY"))
                    for start, share in steps
                ]
                catalogue_.publish_price_list(
                    product_ref=view.ref, supplier_ref=None, tiers=tiers, by=DESK, at=self.clock()
                )

    def _factories(self) -> None:
        for row in rows_of("factories.csv"):
            factory_ref = capacity_.register_factory(
                organisation_ref=self.refs[row["credit_code"]],
                name=row["name"],
                region=parties.organisation(self.refs[row["credit_code"]]).region,
                capabilities=[
                    capacity_.CapabilitySpec(
                        category_code=row["category"],
                        process=row["process"],
                        resource=row["resource"],
                        minutes_per_unit=Decimal(row["minutes_per_unit"]),
                        setup_minutes=int(row["setup_minutes"]),
                    )
                ],
                by=DESK,
                at=self.clock(),
            )
            capacity_.offer_hours(
                factory_ref=factory_ref,
                resource=row["resource"],
                period=Period(AS_OF, AS_OF + timedelta(days=120)),
                minutes=int(row["minutes_a_day"]),
                weekdays=range(1, int(row["days_a_week"]) + 1),
                by=DESK,
                at=self.clock(),
            )

    def _facilities(self) -> None:
        if credit.facilities_for(Actor(by=DESK, staff=True)).exists():
            return
        for place, row in enumerate(r for r in rows_of("parties.csv") if r["roles"] == "financier"):
            credit_.open_facility(
                financier_ref=self.refs[row["credit_code"]],
                limit=Money(FACILITY_LIMIT, "CNY"),
                rate_percent=Decimal("4.35") + place,
                by=DESK,
                at=self.clock(),
            )

    def _people(self) -> None:
        """Lin and Bao buy, Teng supplies, Feng has a factory, Qian funds, Wei and Wang are staff."""
        rows = rows_of("parties.csv")
        buyers = [row for row in rows if row["roles"] == "buyer"]
        first = {role: next(row for row in rows if row["roles"] == role) for role in ("supplier", "supplier factory")}
        seats = [
            ("lin", buyers[0], ("requester", "approver", "finance")),
            ("bao", buyers[1], ("requester", "approver", "finance")),
            ("teng", first["supplier"], ("sales", "planner", "finance")),
            ("feng", first["supplier factory"], ("sales", "planner", "finance")),
            ("qian", next(row for row in rows if row["roles"] == "financier"), ("finance",)),
        ]
        for name, row, roles in seats:
            self._person(name, staff=False)
            ref = self.refs[row["credit_code"]]
            if not any(seat.organisation_ref == ref for seat in parties.seats_of(name)):
                parties_.add_member(
                    organisation_ref=ref,
                    username=name,
                    roles=roles,
                    spending_limit=Money(Decimal("500000.00"), "CNY"),
                    by=DESK,
                    at=self.clock(),
                )
            self.accounts.append((name, row["name_zh"], row["roles"]))
        for name in ("wei", "wang"):
            self._person(name, staff=True)
            self.accounts.append((name, "Jicai", "staff"))

    def _person(self, username: str, *, staff: bool) -> None:
        with passed_over(parties_.NameTaken):
            parties_.register_person(
                username=username,
                password=PASSWORD,
                name=username.title(),
                staff=staff,
                by=DESK,
                at=self.clock(),
            )

    def run(self) -> None:
        """Import the three layouts, good rows only, and take the round through the chain."""
        for file, mapping in LAYOUTS:
            found = demand_.import_demand(
                path=SAMPLES / file,
                mapping=str(SAMPLES / "mappings" / f"{mapping}.toml"),
                take_good=True,
                by=DESK,
                at=self.clock(),
            ).as_json()
            counts = ", ".join(f"{found[what]} {what}" for what in ("rows", "lines", "skipped", "errors"))
            self.notes.append(f"{file}: {counts}")
        offers = read_offers(SAMPLES / "offers.csv", "CNY", self.refs)
        self.notes.append(offers.note)
        short = Shortfall(every=13, percent=Decimal(5), reject_every=40)
        self._cycle(offers, short).run()
        self.notes.append("Some shipments come 5 % short and some pieces are rejected, so that re-allocation is seen.")

    def _cycle(self, offers: Offers, short: Shortfall) -> Cycle:
        until = date(AS_OF.year, AS_OF.month + 3, 1)
        title = "Pumps, valves and shoes, July and August 2026"
        return Cycle(
            Round(AS_OF, offers, title, until=until, region_scope="each", shortfall=short, finance_every=3),
            self.clock,
            self.progress,
        )

    def open_for_today(self) -> None:
        """Open pools and a tender for those who try the pages, and lay lines in words before Lin (see `Today`)."""
        Today(rows_of, self.refs).open()

    def show_accounts(self, console: Console) -> None:
        """Print who may sign in."""
        table = Table(
            "sign in as", "for", "role", title=f"Demo accounts (password {PASSWORD}) at http://127.0.0.1:8000"
        )
        for account in self.accounts:
            table.add_row(*account)
        console.print(table)

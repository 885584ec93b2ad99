"""A market small enough to reckon by hand: two buyers, two suppliers, one of them a factory, two products."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from finance.credit import use_cases as credit_
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue import use_cases as catalogue_
from marketplace.kernel.money import Money
from marketplace.kernel.periods import Period
from marketplace.management.market.clock import MarketClock
from marketplace.management.market.cycle import DESK, Cycle, Round, Shortfall, give_bank_accounts
from marketplace.management.market.offers import Offers, PriceList
from marketplace.parties import use_cases as parties_
from procurement.capacity import use_cases as capacity_
from procurement.demand import use_cases as demand_

AS_OF = date(2026, 6, 30)
FIRMS = {
    "lin": ("Lin Pumps", ("buyer",)),
    "bao": ("Bao Valves", ("buyer",)),
    "teng": ("Teng Supply", ("supplier",)),
    "feng": ("Feng Works", ("supplier", "factory")),
    "qian": ("Qian Finance", ("financier",)),
}
NEEDS = """line,request,buyer,product,quantity,unit,needed,ceiling,paid,vendor
1,R-0,lin,BOLT,50,C62,2026-05-04,,1.20,old shop
2,R-1,lin,BOLT,600,C62,2026-07-06,1.50,,
3,R-2,bao,BOLT,400,C62,2026-07-20,1.50,,
4,R-2,bao,SOLE,90,PR,2026-07-20,20.00,,
"""
MAPPING = """
name = "small"
kind = "demand"
key = ["line"]
[constants]
currency = "CNY"
region = "Taizhou"
[fields.line]
column = "line"
[fields.request]
column = "request"
[fields.buyer]
column = "buyer"
required = true
[fields.product]
column = "product"
required = true
[fields.quantity]
column = "quantity"
type = "number"
required = true
above = 0
[fields.unit]
column = "unit"
[fields.needed_from]
column = "needed"
type = "date"
formats = ["iso"]
required = true
[fields.needed_to]
column = "needed"
type = "date"
formats = ["iso"]
plus_days = 10
[fields.ceiling]
column = "ceiling"
type = "number"
[fields.unit_price]
column = "paid"
type = "number"
[fields.vendor]
column = "vendor"
"""


class SmallMarket:
    """The firms, goods and hours, and one round over them."""

    def __init__(self, folder: Path, *, shortfall: Shortfall | None = None, finance_every: int = 0) -> None:
        self.folder, self.clock = folder, MarketClock(AS_OF)
        at = self.clock()
        rows = [
            parties_.NewOrganisation(external_code=code, legal_name=name, country="CN", region="Taizhou", roles=roles)
            for code, (name, roles) in FIRMS.items()
        ]
        self.refs = parties_.register_many(rows=rows, by=DESK, at=at)
        give_bank_accounts(self.refs.values(), clock=self.clock)
        for code, name in (("BOLT", "Bolts"), ("SOLE", "Soles")):
            catalogue_.register_category(
                code=f"C-{code}",
                name_en=name,
                deposit_percent=Decimal(10),
                fee_percent=Decimal("1.5"),
                by=DESK,
                at=at,
            )
        goods = [
            catalogue_.NewProduct(code="BOLT", name_en="Bolt M8", category_code="C-BOLT", pack_size=Decimal(100)),
            catalogue_.NewProduct(code="SOLE", name_en="Sole 41", category_code="C-SOLE", unit="PR"),
        ]
        self.products = catalogue_.register_many(rows=goods, by=DESK, at=at)
        self.factory = capacity_.register_factory(
            organisation_ref=self.refs["feng"],
            name="Feng's line",
            region="Taizhou",
            capabilities=[capacity_.CapabilitySpec("C-SOLE", "moulding", "line 1", Decimal(5), setup_minutes=30)],
            by=DESK,
            at=at,
        )
        capacity_.offer_hours(
            factory_ref=self.factory,
            resource="line 1",
            period=Period(AS_OF, AS_OF + timedelta(days=60)),
            minutes=120,
            by=DESK,
            at=at,
        )
        if finance_every:
            credit_.open_facility(
                financier_ref=self.refs["qian"],
                limit=Money(Decimal("100000.00"), "CNY"),
                rate_percent=Decimal("4.8"),
                by=DESK,
                at=at,
            )
        self.cycle = Cycle(
            Round(
                AS_OF, self.offers(), "A small round", shortfall=shortfall or Shortfall(), finance_every=finance_every
            ),
            self.clock,
        )

    def offers(self) -> Offers:
        """Teng sells bolts at 1.10, from 1,000 on at 1.00; Feng bolts at 1.08 and soles at 15.00 with freight 0.50."""
        bolt, sole = (self.products["BOLT"], "CNY"), (self.products["SOLE"], "CNY")
        tiers = ((Decimal(1), Decimal("1.10")), (Decimal(1000), Decimal("1.00")))
        return Offers(
            {
                self.refs["teng"]: {bolt: PriceList(tiers)},
                self.refs["feng"]: {
                    bolt: PriceList(((Decimal(1), Decimal("1.08")),)),
                    sole: PriceList(((Decimal(1), Decimal("15.00")),), Decimal("0.50"), 10),
                },
            }
        )

    def bring_needs(self, needs: str = NEEDS) -> None:
        """Import the buyers' needs."""
        path, mapping = self.folder / "needs.csv", self.folder / "small.toml"
        path.write_text(needs)
        mapping.write_text(MAPPING)
        demand_.import_demand(path=path, mapping=str(mapping), by=DESK, at=self.clock())

    def product_ref(self, code: str) -> str:
        return catalogue.products_by_code([code])[code].ref

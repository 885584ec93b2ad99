"""What a market has done so far, in figures that anybody can recompute from its tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from finance.credit import queries as credit
from finance.invoicing import queries as invoicing
from finance.ledger import queries as ledger
from finance.settlement import queries as settlement
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from marketplace.management.commands.verify_ledger import verify_everything
from procurement.capacity import queries as capacity
from procurement.contracts import queries as contracts
from procurement.delivery import queries as delivery
from procurement.demand import queries as demand
from procurement.insights import queries as insights
from procurement.insights.queries import BuyerSaving
from procurement.pools import queries as pools
from procurement.tenders import queries as tenders

AUDITOR = Actor(by="system:report", staff=True)


@dataclass(frozen=True)
class Report:
    """A market's figures; counts by state, money by currency as text with all its digits."""

    figures: dict[str, Any]
    savings: list[BuyerSaving]
    notes: list[str]
    wrong: list[str]

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON keeps it."""
        savings = [
            {
                "buyer": saving.buyer_ref,
                "name": saving.buyer,
                "baseline": saving.baseline,
                "pools": saving.pools,
                "currency": saving.paid.currency,
                "paid": str(saving.paid.amount),
                "saved": str(saving.saved.amount),
                "percent": str(saving.percent),
            }
            for saving in self.savings
        ]
        return {**self.figures, "savings": savings, "notes": self.notes, "clean": not self.wrong, "wrong": self.wrong}


def by_currency(amounts: Iterable[tuple[str, int]]) -> dict[str, str]:
    """Sum minor units by currency and return them as text."""
    sums: dict[str, int] = Counter()
    for currency, minor in amounts:
        sums[currency] += minor
    return {currency: str(Money.from_minor(units, currency).amount) for currency, units in sorted(sums.items())}


def states(rows: Any) -> dict[str, int]:
    """Count rows by state."""
    return dict(sorted(Counter(rows.order_by().values_list("state", flat=True)).items()))


def make_report(notes: Iterable[str] = ()) -> Report:
    """Read the whole market and recompute its invariants."""
    checks = verify_everything()
    everything = AUDITOR
    pools_ = pools.pools_for(everything)
    orders = contracts.orders_for(everything)
    trial = ledger.trial_balance()
    figures: dict[str, Any] = {
        "requests": states(demand.requests_for(everything)),
        "pools": states(pools_),
        "pools_with_two_buyers_or_more": pools.shared_pools(),
        "tenders": states(tenders.tenders_for(everything)),
        "awards": [award_figures(tenders.award(award.ref)) for award in tenders.awards_for(everything).order_by("id")],
        "orders": states(orders),
        "ordered": by_currency(orders.order_by().values_list("currency", "total_minor")),
        "work_orders": states(capacity.work_for(everything)),
        "shipments": states(delivery.shipments_for(everything)),
        "receipts": states(delivery.receipts_for(everything)),
        "supplier_invoices": states(invoicing.supplier_invoices_for(everything)),
        "invoices": states(invoicing.invoices_for(everything)),
        "drawdowns": states(credit.drawdowns_for(everything)),
        "settled": [
            {
                "kind": total.kind,
                "count": total.obligations,
                "currency": total.amount.currency,
                "amount": str(total.amount.amount),
            }
            for total in settlement.settled_totals()
        ],
        "trial_balance": trial_difference(trial),
        "checks": {app: len(faults) for app, faults in checks.items()},
    }
    wrong = [f"{app}: {fault}" for app, faults in checks.items() for fault in faults]
    return Report(figures, insights.savings_per_buyer(everything), list(notes), wrong)


def award_figures(award: tenders.AwardView) -> dict[str, Any]:
    """Return what an award bought, from how many, for how much, and how far it may be from the best."""
    return {
        "award": award.ref,
        "tender": award.tender_ref,
        "total": str(award.total),
        "bound": str(award.bound),
        "lines": len(award.lines),
        "suppliers": len({line.supplier_ref for line in award.lines}),
    }


def trial_difference(rows: Iterable[Any]) -> dict[str, str]:
    """Return debits less credits by currency: zero when the books balance."""
    sums: dict[str, Decimal] = {}
    for row in rows:
        currency = row.currency
        sums[currency] = sums.get(currency, Decimal(0)) + row.debits.amount - row.credits.amount
    return {currency: str(difference) for currency, difference in sorted(sums.items())}


def show(report: Report, console: Console, *, most: int = 15) -> None:
    """Print a report for people."""
    chain = Table(title=_("The market's round"), show_header=False)
    for name, value in report.figures.items():
        if name not in {"settled", "awards", "checks"}:
            chain.add_row(name.replace("_", " "), _plain(value))
    console.print(chain)
    for award in report.figures["awards"]:
        console.print(_plain(award))
    money = Table(_("Settled"), _("count"), _("currency"), _("amount"), title=_("Money settled"))
    for row in report.figures["settled"]:
        money.add_row(row["kind"], str(row["count"]), row["currency"], f"{Decimal(row['amount']):,}")
    console.print(money)
    _show_savings(report, console, most)
    for note in report.notes:
        console.print(f"[dim]{note}[/dim]")
    for fault in report.wrong[:20]:
        console.print(f"[red]{fault}[/red]")
    console.print(_("Every invariant holds.") if not report.wrong else _("Some invariants do not hold."))


def _show_savings(report: Report, console: Console, most: int) -> None:
    title = _("Savings per buyer, against the best baseline each had")
    table = Table(_("Buyer"), _("baseline"), _("pools"), _("paid"), _("saved"), "%", title=title)
    for saving in report.savings[:most]:
        row = [saving.buyer, saving.baseline.replace("_", " "), str(saving.pools)]
        table.add_row(*row, f"{saving.paid.amount:,}", f"{saving.saved.amount:,}", str(saving.percent))
    console.print(table)
    if len(report.savings) > most:
        console.print(_("and %(more)d more") % {"more": len(report.savings) - most})
    for baseline in sorted({saving.baseline for saving in report.savings}):
        mine = [saving for saving in report.savings if saving.baseline == baseline]
        for currency in sorted({saving.paid.currency for saving in mine}):
            saved = sum((s.saved.amount for s in mine if s.saved.currency == currency), Decimal(0))
            console.print(f"{baseline.replace('_', ' ')}: {currency} {saved:,}")


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(item)}" for key, item in value.items()) or "-"
    if isinstance(value, list):
        return "; ".join(_plain(item) for item in value)
    return str(value)

"""What an import answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from marketplace.engines.tables import RowError
from procurement.demand import rules

SHOWN = 50  # errors that a report repeats


@dataclass(frozen=True)
class FreightFigures:
    """Freight of a file: the sum stated in numbers, and how many references to another row's freight there were.

    to_price, invoiced_separately   what the references lead to      unresolved   those that lead nowhere
    """

    numeric: Decimal = Decimal(0)
    references: int = 0
    to_price: int = 0
    invoiced_separately: int = 0
    unresolved: int = 0

    def __add__(self, other: FreightFigures) -> FreightFigures:
        return FreightFigures(
            self.numeric + other.numeric,
            self.references + other.references,
            self.to_price + other.to_price,
            self.invoiced_separately + other.invoiced_separately,
            self.unresolved + other.unresolved,
        )


@dataclass(frozen=True)
class ImportReport:
    """The figures of one import: every row is a line, skipped by a rule of the mapping, or in error.

    lines     stand after the import       errors    rows with one bad cell or more
    value     by currency                  already   files that had been imported before
    shown     the first errors             seconds, peak_mb   as measured at the door
    """

    rows: int = 0
    lines: int = 0
    skipped: int = 0
    errors: int = 0
    quantity: Decimal = Decimal(0)
    value: Mapping[str, Decimal] = field(default_factory=dict)
    freight: FreightFigures = FreightFigures()
    batches: tuple[str, ...] = ()
    already: int = 0
    by_rule: Mapping[str, int] = field(default_factory=dict)
    shown: tuple[RowError, ...] = ()
    seconds: float = 0
    peak_mb: float = 0

    def as_json(self) -> dict[str, Any]:
        """Return the figures as the command's last line gives them: money and quantities as text, all digits."""
        return {
            "rows": self.rows,
            "lines": self.lines,
            "skipped": self.skipped,
            "errors": self.errors,
            "quantity": rules.plain(self.quantity),
            "value": rules.by_currency(self.value),
            "freight": {
                "numeric": rules.plain(self.freight.numeric, 2),
                "references": self.freight.references,
                "to_price": self.freight.to_price,
                "invoiced_separately": self.freight.invoiced_separately,
            },
            "seconds": round(self.seconds, 2),
            "peak_mb": round(self.peak_mb, 1),
        }

    def kept(self) -> dict[str, Any]:
        """Return what is kept with the batch, so that the same file can be answered again."""
        figures = {key: value for key, value in self.as_json().items() if key not in ("seconds", "peak_mb")}
        errors = [error._asdict() for error in self.shown]
        return figures | {"unresolved": self.freight.unresolved, "by_rule": dict(self.by_rule), "shown": errors}


def kept_report(kept: Mapping[str, Any], batch_ref: str) -> ImportReport:
    """Return the report that was kept with a batch, as one of a file that had been imported before."""
    freight = kept["freight"]
    return ImportReport(
        rows=kept["rows"],
        lines=kept["lines"],
        skipped=kept["skipped"],
        errors=kept["errors"],
        quantity=Decimal(kept["quantity"]),
        value={currency: Decimal(amount) for currency, amount in kept["value"].items()},
        freight=FreightFigures(
            numeric=Decimal(freight["numeric"]),
            references=freight["references"],
            to_price=freight["to_price"],
            invoiced_separately=freight["invoiced_separately"],
            unresolved=kept["unresolved"],
        ),
        batches=(batch_ref,),
        already=1,
        by_rule=kept["by_rule"],
        shown=tuple(RowError(**error) for error in kept["shown"]),
    )


def summed(reports: Iterable[ImportReport]) -> ImportReport:
    """Return several files' reports as one."""
    total = ImportReport()
    for one in reports:
        total = ImportReport(
            rows=total.rows + one.rows,
            lines=total.lines + one.lines,
            skipped=total.skipped + one.skipped,
            errors=total.errors + one.errors,
            quantity=total.quantity + one.quantity,
            value=_sums(total.value, one.value),
            freight=total.freight + one.freight,
            batches=total.batches + one.batches,
            already=total.already + one.already,
            by_rule=dict(Counter(total.by_rule) + Counter(one.by_rule)),
            shown=(total.shown + one.shown)[:SHOWN],
        )
    return total


def nothing_stands(report: ImportReport) -> ImportReport:
    """Return the report of an import that was refused: its rows were read and none of them stands."""
    return replace(report, lines=0, quantity=Decimal(0), value={}, freight=FreightFigures(), batches=())


def _sums(left: Mapping[str, Decimal], right: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {coin: left.get(coin, Decimal(0)) + right.get(coin, Decimal(0)) for coin in {*left, *right}}

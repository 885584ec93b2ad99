"""What an import of bid tabulations found, file by file and summed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from marketplace.engines.tables import Judgement, Schedule, tally_of

_SIGNS = re.compile(r"[^\w&+]+")


@dataclass(frozen=True)
class BidReport:
    """The figures of one file, or of several.

    names        bidders as the workbooks name them, told apart by letters and digits alone; blocks that nobody filled
                 in count, the engineer's estimate does not
    firms        how many of them are firms of their own: legal forms, initials and known misspellings put together
    lowest_total, line_minima
                 sums over the `contested` schedules: those with two complete bidders or more
    already      files that had been imported before
    """

    files: int = 0
    already: int = 0
    tenders: tuple[str, ...] = ()
    lots: int = 0
    lines: int = 0
    prices: int = 0
    names: tuple[str, ...] = ()
    firms: tuple[str, ...] = ()
    compared: int = 0
    equal: int = 0
    contested: int = 0
    lowest_total: Decimal = Decimal(0)
    line_minima: Decimal = Decimal(0)
    judgement: tuple[Mapping[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the figures as the command's last line gives them: money as text, all digits."""
        return {
            "files": self.files,
            "already_imported": self.already,
            "tenders": len(self.tenders),
            "lots": self.lots,
            "lines": self.lines,
            "prices": self.prices,
            "bidders": len(self.names),
            "firms": len(self.firms),
            "stated_totals": {"compared": self.compared, "equal": self.equal},
            "contested_lots": self.contested,
            "lowest_total": f"{self.lowest_total:.2f}",
            "line_minima": f"{self.line_minima:.2f}",
            "judgement": [dict(one) for one in self.judgement] + self._naming(),
        }

    def _naming(self) -> list[dict[str, str]]:
        """Say how names became firms, where they are not the same."""
        if len(self.names) == len(self.firms):
            return []
        why = (
            f"{len(self.names)} names of bidders stand for {len(self.firms)} firms: legal forms, initials and known"
            " misspellings are put together, and blocks that nobody filled in are nobody's"
        )
        return [{"what": "spellings", "where": f"{self.files} files", "why": why}]

    def kept(self) -> dict[str, Any]:
        """Return what is kept with an import, so that the same file can be answered again."""
        figures = asdict(self) | {"lowest_total": str(self.lowest_total), "line_minima": str(self.line_minima)}
        return {key: list(value) if isinstance(value, tuple) else value for key, value in figures.items()}


def kept_report(kept: Mapping[str, Any]) -> BidReport:
    """Return the report that was kept, as one of a file that had been imported before."""
    figures: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in kept.items()}
    money = {key: Decimal(kept[key]) for key in ("lowest_total", "line_minima")}
    return BidReport(**{**figures, **money, "already": 1})


def report_of(schedules: Sequence[Schedule]) -> BidReport:
    """Return the figures of one file's schedules."""
    tally = tally_of(schedules)
    return BidReport(
        files=1,
        tenders=tuple(sorted(tally.tenders)),
        lots=tally.lots,
        lines=tally.lines,
        prices=tally.prices,
        names=tuple(sorted({plain_name(name) for name in tally.spellings | tally.placeholders})),
        firms=tuple(sorted(tally.bidders)),
        compared=tally.compared,
        equal=tally.equal,
        contested=tally.contested,
        lowest_total=tally.lowest_total,
        line_minima=tally.line_minima,
        judgement=tuple(_judged(one) for one in tally.judgements),
    )


def plain_name(name: str) -> str:
    """Return a name in capitals, with blanks for its punctuation."""
    return " ".join(_SIGNS.sub(" ", name.upper()).split())


def _judged(one: Judgement) -> dict[str, str]:
    where = f"{one.file} [{one.sheet}] rows {one.rows}" if one.rows else f"{one.file} [{one.sheet}]"
    return {"what": one.what, "where": where, "why": one.why}


def summed(reports: Iterable[BidReport]) -> BidReport:
    """Return the figures of several files; a tender or bidder that stands in two of them counts once."""
    total = BidReport()
    for one in reports:
        total = BidReport(
            files=total.files + one.files,
            already=total.already + one.already,
            tenders=tuple(sorted({*total.tenders, *one.tenders})),
            lots=total.lots + one.lots,
            lines=total.lines + one.lines,
            prices=total.prices + one.prices,
            names=tuple(sorted({*total.names, *one.names})),
            firms=tuple(sorted({*total.firms, *one.firms})),
            compared=total.compared + one.compared,
            equal=total.equal + one.equal,
            contested=total.contested + one.contested,
            lowest_total=total.lowest_total + one.lowest_total,
            line_minima=total.line_minima + one.line_minima,
            judgement=(*total.judgement, *one.judgement),
        )
    return total

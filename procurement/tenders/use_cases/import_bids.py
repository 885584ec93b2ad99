"""Bid tabulations of tenders that were opened elsewhere become tenders with their lots, lines, bidders and prices."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from marketplace.engines import tables
from marketplace.engines.tables import BadFile, RowError, Schedule
from marketplace.engines.tables.loading import SHIPPED
from marketplace.engines.tables.schedules import Bid, to_cent
from marketplace.events import use_cases as events_
from marketplace.foundation.fields import scaled
from marketplace.kernel.clock import midnight
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import use_cases as parties_
from marketplace.parties.queries import ids_by_ref
from procurement.tenders import models
from procurement.tenders.rules.bid_report import BidReport, kept_report, report_of, summed
from procurement.tenders.states import TENDER, TenderState

BATCH = 2_000
SHOWN = 20  # row errors that a refusal repeats


class BidsRefused(Refusal):
    """Rows of a tabulation are wrong; nothing was imported."""

    code = "bids_refused"
    status = 400
    words = gettext_noop("Nothing was imported: {errors} cells of {file} are wrong. The first: {first}.")

    def __init__(self, file: str, errors: Sequence[RowError]) -> None:
        shown = [error._asdict() for error in errors[:SHOWN]]
        super().__init__(file=file, errors=len(errors), first=str(errors[0]), shown=shown)


class TenderKnown(Refusal):
    """The same tender came by another file before."""

    code = "tender_known"
    words = gettext_noop("{file} tells of {source}, which was imported from another file as {tender}.")


def import_bids(
    *,
    path: str | Path,
    mapping: str | Path,
    by: str,
    at: datetime,
    progress: Callable[[str], None] | None = None,
) -> BidReport:
    """Read a bid tabulation (or every workbook of a folder) and keep it as tenders that are opened and historic.

    A schedule becomes a lot, its rows become the lot's lines with the engineer's estimate; each bidder that prices
    anything becomes a supplier with its unit prices, its total where it priced everything, and the total it stated.
    The same file by the same mapping again changes nothing and answers with the same figures. All files or none.

    progress    told the name of each file before it is read

    :raises BadFile: a file cannot be read as a tabulation at all, or the folder holds none.
    :raises BadMapping: there is no such mapping, or it is none for bids.
    :raises BidsRefused: cells of a file are wrong.
    :raises TenderKnown: a tender came by another file before.
    """
    loaded = tables.load_mapping(mapping)
    text = (SHIPPED / f"{mapping}.toml" if mapping in tables.shipped_mappings() else Path(mapping)).read_bytes()
    run = _Run(loaded, hashlib.sha256(text).hexdigest(), by, at)
    reports = []
    with transaction.atomic():
        for file in _files(Path(path)):
            if progress:
                progress(file.name)
            reports.append(_import_file(file, run))
    return summed(reports)


@dataclass(frozen=True)
class _Run:
    mapping: tables.Mapping
    mapping_sha256: str
    by: str
    at: datetime


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = [one for one in sorted(path.iterdir()) if one.suffix.lower() == ".xlsx" and not one.name.startswith("~$")]
    if not found:
        raise BadFile(file=path.name, reason="holds no workbook (.xlsx)")
    return found


def _import_file(file: Path, run: _Run) -> BidReport:
    """Import one file, once: its place among the imports is taken first."""
    try:
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise BadFile(file=file.name, reason=f"cannot be opened: {error.strerror}") from error
    row, new = models.BidImport.objects.get_or_create(
        file_sha256=sha256,
        mapping_sha256=run.mapping_sha256,
        defaults={"file_name": file.name[:300], "report": {}, "imported_by": run.by, "imported_at": run.at},
    )
    if not new:
        return kept_report(row.report)
    schedules = _schedules(file, run)
    for source in dict.fromkeys(one.tender for one in schedules):
        _keep_tender(file.name, source, [one for one in schedules if one.tender == source], run)
    report = report_of(schedules)
    models.BidImport.objects.filter(pk=row.pk).update(report=report.kept())
    return report


def _schedules(file: Path, run: _Run) -> list[Schedule]:
    found = list(tables.read_schedules(file, run.mapping))
    schedules = [one for one in found if isinstance(one, Schedule)]
    errors = [one for one in found if isinstance(one, RowError)]
    errors += [error for schedule in schedules for error in _beyond(schedule)]
    if errors:
        raise BidsRefused(file.name, errors)
    return schedules


def _beyond(schedule: Schedule) -> Iterable[RowError]:
    """Yield the numbers that no column of ours holds exactly."""
    offers = [bid for bid in (*schedule.bids, schedule.estimate) if bid]
    for place, line in enumerate(schedule.lines):
        numbers = [("quantity", line.quantity), *((bid.bidder.name, bid.prices[place].unit_price) for bid in offers)]
        for column, number in numbers:
            try:
                scaled(number or 0)
            except ValueError as error:
                yield RowError(schedule.file, schedule.sheet, line.row, column, str(number), str(error))


def _keep_tender(file: str, source: str, schedules: Sequence[Schedule], run: _Run) -> None:
    first, name = schedules[0], f"{run.mapping.name}:{source}"[:200]
    opened_at = next((midnight(one.opened_on) for one in schedules if one.opened_on), run.at)
    tender, new = models.Tender.objects.get_or_create(
        source=name,
        defaults={
            "ref": events_.next_ref("TD", at=run.at),
            "state": TenderState.OPENED.value,
            "title": (first.titles.get("title") or source)[:200],
            "currency": first.currency,
            "bids_until": opened_at,
            "closed_at": opened_at,
            "opened_at": opened_at,
            "prepared_by": run.by,
            "prepared_at": run.at,
            "historic": True,
        },
    )
    if not new:
        raise TenderKnown(file=file, source=source, tender=tender.ref)
    events_.note_change(
        machine=TENDER.name,
        ref=tender.ref,
        revision=0,
        verb="import",
        from_state="",
        to_state=tender.state,
        by=run.by,
        at=run.at,
        why=f"{file}: opened elsewhere",
    )
    lots = _keep_lots(tender, schedules, run)
    opened = _keep_bidders(tender, schedules, run)
    for lot, schedule in zip(lots, schedules, strict=True):
        _keep_prices(lot, schedule, opened)


def _keep_lots(tender: models.Tender, schedules: Sequence[Schedule], run: _Run) -> list[models.Lot]:
    refs = events_.next_refs("LT", len(schedules), at=run.at)
    lots = models.Lot.objects.bulk_create(
        models.Lot(
            ref=ref,
            tender=tender,
            position=position,
            schedule=f"{one.kind}: {one.sheet}"[:120],
            description=f"{tender.title}, {one.sheet}"[:300],
        )
        for position, (ref, one) in enumerate(zip(refs, schedules, strict=True), start=1)
    )
    models.LotLine.objects.bulk_create(
        (
            models.LotLine(
                lot=lot,
                position=position,
                code=(line.number or "")[:40],
                description=(line.description or "")[:500],
                unit=(line.unit or "")[:12],
                quantity=line.quantity,
                estimate=schedule.estimate.prices[position - 1].unit_price if schedule.estimate else None,
            )
            for lot, schedule in zip(lots, schedules, strict=True)
            for position, line in enumerate(schedule.lines, start=1)
        ),
        batch_size=BATCH,
    )
    return lots


def _priced(bid: Bid) -> bool:
    return not bid.placeholder and any(one.unit_price is not None for one in bid.prices)


def _keep_bidders(tender: models.Tender, schedules: Sequence[Schedule], run: _Run) -> dict[str, models.OpenedBid]:
    """Register who priced anything as a supplier, by the name it is known by whatever its spelling."""
    names = {bid.bidder.key: bid.bidder.name for one in schedules for bid in one.bids if _priced(bid)}
    refs = parties_.register_many(
        rows=[
            parties_.NewOrganisation(
                external_code=f"bidder:{key}"[:200], legal_name=name[:200], country="", roles=("supplier",)
            )
            for key, name in names.items()
        ],
        by=run.by,
        at=run.at,
    )
    ids = ids_by_ref(refs.values())
    opened = models.OpenedBid.objects.bulk_create(
        models.OpenedBid(
            tender=tender,
            supplier_id=ids[ref],
            supplier_ref=ref,
            supplier_name=names[key][:200],
            received_at=tender.bids_until,
        )
        for key in names
        for ref in (refs[f"bidder:{key}"[:200]],)
    )
    return dict(zip(names, opened, strict=True))


def _keep_prices(lot: models.Lot, schedule: Schedule, opened: dict[str, models.OpenedBid]) -> None:
    bids = [bid for bid in schedule.bids if _priced(bid)]
    offers = models.LotOffer.objects.bulk_create(
        models.LotOffer(
            opened_bid=opened[bid.bidder.key],
            lot=lot,
            complete=schedule.is_complete(bid),
            total_minor=_minor(schedule.totals.get(bid.bidder.key), schedule.currency),
            stated_total_minor=_minor(schedule.own_stated.get(bid.bidder.key), schedule.currency),
        )
        for bid in bids
    )
    lines = list(models.LotLine.objects.filter(lot=lot).order_by("position"))
    models.BidTier.objects.bulk_create(
        (
            models.BidTier(lot_offer=offer, line=line, unit_price=price.unit_price)
            for offer, bid in zip(offers, bids, strict=True)
            for line, price in zip(lines, bid.prices, strict=True)
            if price.unit_price is not None
        ),
        batch_size=BATCH,
    )


def _minor(amount: Decimal | None, currency: str) -> int | None:
    return None if amount is None else Money(to_cent(amount), currency).minor

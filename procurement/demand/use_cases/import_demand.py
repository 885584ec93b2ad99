"""A foreign file becomes purchase requests: once, and wholly or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.db import IntegrityError, transaction

from marketplace.engines.tables import BadFile, RowError, read_records
from marketplace.events.use_cases import next_ref, record
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties
from procurement.demand import events, models, rules
from procurement.demand.states import RequestState
from procurement.demand.use_cases.importing.freight import keep_freight
from procurement.demand.use_cases.importing.known import Directory, Policy
from procurement.demand.use_cases.importing.loader import Loader, OnError, Terms
from procurement.demand.use_cases.importing.report import ImportReport, kept_report, nothing_stands, summed
from procurement.demand.use_cases.importing.rows import DEFAULT_CURRENCY
from procurement.demand.use_cases.importing.sources import Source, content_sha256, sources
from procurement.demand.use_cases.mappings import Reading, mapping_file, named_mapping
from procurement.demand.use_cases.requests import verified_buyer

Progress = Callable[[int], None]


class ImportRefused(Refusal):
    """Rows are wrong, and nobody asked for the good ones alone; nothing was imported."""

    code = "import_refused"
    status = 400
    words = gettext_noop("Nothing was imported: {errors} of {rows} rows are wrong. The first: {first}.")

    def __init__(self, report: ImportReport) -> None:
        errors = [error._asdict() for error in report.shown]
        super().__init__(errors=report.errors, rows=report.rows, first=str(report.shown[0]), shown=errors)
        self.report = report


class ImportedMeanwhile(Refusal):
    """Somebody else imported some of the same rows at the same time."""

    code = "imported_meanwhile"
    words = gettext_noop("Somebody imported rows of {file} at the same time. Import it again.")


@dataclass(frozen=True)
class _Run:
    """One call: how to read, for whom, and what to do with bad rows. `own_ref` is whose own file it is, if any's."""

    reading: Reading
    directory: Directory
    own_ref: str | None
    take_good: bool
    by: str
    at: datetime
    progress: Progress | None
    on_error: OnError | None

    @property
    def organisation_ref(self) -> str:
        return self.own_ref or parties.PLATFORM


def import_demand(
    *,
    path: str | Path | BinaryIO,
    mapping: str | Path,
    take_good: bool = False,
    organisation_ref: str | None = None,
    file_name: str = "",
    by: str,
    at: datetime,
    progress: Progress | None = None,
    on_error: OnError | None = None,
) -> ImportReport:
    """Read a file (or every table of a folder) by a mapping and keep its rows as purchase requests.

    path              a file, a folder, or an open binary file that can seek
    mapping           the name of a mapping; or, where no organisation is given, the path of a TOML file
    take_good         keep the good rows of a file in which others are wrong; else one wrong row refuses everything
    organisation_ref  whose own file it is: its rows become drafts of that buyer alone, whatever the file says. None:
                      the platform imports, the rows are vouched for and count as approved
    progress          told now and then how many rows have been read
    on_error          told of every row error as it is found

    Rows of one buyer and one `request` of the file become one request. The same file by the same mapping again changes
    nothing and answers with the same figures; a key that the mapping declares stands once, whichever file brought it.

    :raises NotABuyer: the organisation is no verified buyer.
    :raises ImportRefused: rows are wrong; its `report` has the figures, with no lines.
    :raises BadFile: the file cannot be read as a table at all.
    :raises BadMapping, NoSuchMapping, NotForDemand: there is no such mapping for demand.
    """
    if organisation_ref is not None:
        verified_buyer(organisation_ref)
    reading = _reading(mapping, organisation_ref)
    policy = Policy.of(reading.mapping.constants, trusted=organisation_ref is None)
    directory = Directory(policy, organisation_ref, by, at)
    run = _Run(reading, directory, organisation_ref, take_good, by, at, progress, on_error)
    files = sources(path, file_name)
    try:
        with transaction.atomic():
            reports = [_import_file(source, run, alone=len(files) == 1) for source in files]
            if not take_good and any(report.errors and not report.already for report in reports):
                raise ImportRefused(nothing_stands(summed(reports)))
            return summed(reports)
    except IntegrityError as error:
        if "unique" not in str(error).lower():
            raise
        raise ImportedMeanwhile(file=files[0].name) from error


def _reading(mapping: str | Path, organisation_ref: str | None) -> Reading:
    is_path = isinstance(mapping, Path) or mapping.endswith(".toml")
    if is_path and organisation_ref is None:
        return mapping_file(mapping)
    return named_mapping(str(mapping), organisation_ref or parties.PLATFORM)


def _import_file(source: Source, run: _Run, *, alone: bool) -> ImportReport:
    """Import one file in a savepoint of its own; of several, one that cannot be read is an error like a row's."""
    try:
        with transaction.atomic():
            return _import_opened(source, run)
    except BadFile as bad:
        if alone or not run.take_good:
            raise
        error = RowError(source.name, "", 0, str(bad.facts.get("place", "")), "", str(bad.facts["reason"]))
        if run.on_error:
            run.on_error(error)
        return ImportReport(rows=1, errors=1, shown=(error,))


def _import_opened(source: Source, run: _Run) -> ImportReport:
    with source.opened() as stream:
        batch, new = _batch(source, content_sha256(stream), run)
        if not new:
            return kept_report(batch.report, batch.ref)
        state = RequestState.DRAFT if run.own_ref else RequestState.APPROVED
        name = run.reading.mapping.name
        origin = f"{run.own_ref}:{name}" if run.own_ref else name
        loader = Loader(
            Terms(batch, run.directory, origin, state.value, run.by, run.at), run.reading.mapping, run.on_error
        )
        loader.take(read_records(stream, run.reading.mapping, source.name), run.progress)
    return _finish(batch, loader, run, origin)


def _batch(source: Source, sha256: str, run: _Run) -> tuple[models.ImportBatch, bool]:
    """Return the file's batch and whether it is new. The unique key is the first write, so twins queue up behind it."""
    name = run.reading.mapping.name
    return models.ImportBatch.objects.get_or_create(
        organisation_id=parties.organisation(run.organisation_ref).id,
        file_sha256=sha256,
        mapping_sha256=run.reading.sha256,
        defaults={
            "ref": next_ref("IB", at=run.at),
            "file_name": source.name[:200],
            "mapping_name": name[:60],
            "take_good": run.take_good,
            "imported_by": run.by,
            "imported_at": run.at,
        },
    )


def _finish(batch: models.ImportBatch, loader: Loader, run: _Run, origin: str) -> ImportReport:
    tally = loader.tally
    report = ImportReport(
        rows=tally.rows,
        lines=tally.lines,
        skipped=tally.skipped,
        errors=tally.bad_rows,
        quantity=loader.quantity,
        value=loader.value,
        freight=keep_freight(loader.freight, loader.reader.freight_currency or DEFAULT_CURRENCY, origin),
        batches=(batch.ref,),
        by_rule=dict(tally.by_rule),
        shown=tuple(loader.shown),
    )
    if report.errors and not run.take_good:
        return report  # the caller refuses and rolls back
    models.ImportBatch.objects.filter(pk=batch.pk).update(
        rows=report.rows, lines=report.lines, skipped=report.skipped, errors=report.errors, report=report.kept()
    )
    value = rules.by_currency(report.value)
    fact = events.DemandImported(batch.ref, run.organisation_ref, batch.file_name, report.lines, value)
    record(fact, source_ref=batch.ref, at=run.at)
    return report

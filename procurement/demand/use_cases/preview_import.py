"""What importing a file would bring, before anybody decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from procurement.demand import models, queries
from procurement.demand.use_cases.import_demand import import_demand
from procurement.demand.use_cases.importing.report import ImportReport


@dataclass(frozen=True)
class Preview:
    """The figures of an import that was not kept, and its first lines; they have no row in any table."""

    report: ImportReport
    first: tuple[models.RequestLine, ...]


def preview_import(
    *, path: BinaryIO, mapping: str, organisation_ref: str, file_name: str, first: int = 10, by: str, at: datetime
) -> Preview:
    """Import a buyer's own file, look, and undo it: what would come, with every bad row, and nothing has changed.

    :raises NotABuyer, BadFile, BadMapping, NoSuchMapping, NotForDemand: as `import_demand`.
    """
    with transaction.atomic():
        report = import_demand(
            path=path,
            mapping=mapping,
            take_good=True,
            organisation_ref=organisation_ref,
            file_name=file_name,
            by=by,
            at=at,
        )
        lines = () if report.already else tuple(queries.batch_lines(report.batches[0], first))
        transaction.set_rollback(True)
    return Preview(report, lines)

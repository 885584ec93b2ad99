"""The freight of imported shipments, shared over their lines and kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from marketplace.engines.tables import FreightRow, FreightSummary, allocate_freight
from marketplace.kernel.money import Money
from procurement.demand import models
from procurement.demand.use_cases.importing.report import FreightFigures
from procurement.demand.use_cases.importing.rows import PRICED

INVOICED = "invoiced_separately"


def keep_freight(rows: Mapping[str, FreightRow], currency: str, source: str) -> FreightFigures:
    """Share each shipment's freight over its lines, keep a note with each line, and return the figures.

    rows     by row key, all of them lines by now      source    stands before keys where they are kept

    A reference to a row of an earlier import is followed there; its own share is then zero, since the carrier's freight
    was shared when it came.
    """
    if not rows:
        return FreightFigures()
    summary = allocate_freight(rows.values(), currency)
    earlier = _earlier(summary, rows, source)
    lines = _line_ids(rows, source)
    notes = [_note(row, lines[key], summary, earlier, source) for key, row in rows.items()]
    models.FreightNote.objects.bulk_create(notes, batch_size=4_000)
    led_to = [PRICED if note.carrier else note.status for note in earlier.values()]
    return FreightFigures(
        numeric=summary.numeric.amount,
        references=summary.references,
        to_price=summary.to_price + led_to.count(PRICED),
        invoiced_separately=summary.to_invoiced + led_to.count(INVOICED),
        unresolved=len(summary.unresolved) - len(earlier),
    )


def _line_ids(keys: Iterable[str], source: str) -> dict[str, int]:
    found: dict[str, int] = {}
    full = {f"{source}|{key}": key for key in keys}
    every = list(full)
    for start in range(0, len(every), 900):
        rows = models.RequestLine.objects.filter(external_key__in=every[start : start + 900])
        found.update((full[str(key)], pk) for key, pk in rows.values_list("external_key", "pk"))
    return found


def _earlier(summary: FreightSummary, rows: Mapping[str, FreightRow], source: str) -> dict[str, models.FreightNote]:
    """Return, by row key, the notes of earlier imports that references of this one lead to, within one shipment."""
    ids = _line_ids({one.target for one in summary.unresolved}, source)
    notes = {note.line_id: note for note in models.FreightNote.objects.filter(line_id__in=list(ids.values()))}
    led = {one.id: notes.get(ids.get(one.target, 0)) for one in summary.unresolved}
    return {key: note for key, note in led.items() if note and note.shipment == rows[key].shipment}


def _note(
    row: FreightRow,
    line_id: int,
    summary: FreightSummary,
    earlier: Mapping[str, models.FreightNote],
    source: str,
) -> models.FreightNote:
    note = models.FreightNote(
        line_id=line_id, shipment=row.shipment, status=row.status[:24], currency=summary.numeric.currency
    )
    if row.freight is not None:
        note.stated_minor = Money(row.freight, note.currency).minor
    share = summary.allocations.get(row.id)
    if share:
        note.share_minor, note.basis = share.share.minor, share.basis
        note.carrier = f"{source}|{share.carrier}"
    elif row.id in earlier:
        note.share_minor, note.carrier = 0, earlier[row.id].carrier or f"{source}|{row.target}"
    return note

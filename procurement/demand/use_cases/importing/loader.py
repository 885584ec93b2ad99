"""Wants become lines, a chunk at a time, so that memory does not grow with the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from marketplace.engines import tables
from marketplace.engines.tables import FreightRow, Record, RowError, Skipped, Tally
from marketplace.events.use_cases import next_refs
from marketplace.foundation.fields import scaled
from procurement.demand import models, rules
from procurement.demand.states import LineState
from procurement.demand.use_cases.importing.known import TEXT, Buyer, Directory, Thing
from procurement.demand.use_cases.importing.report import SHOWN
from procurement.demand.use_cases.importing.rows import YES, RowReader, Want, freight_of
from procurement.demand.use_cases.importing.units import factor_between
from procurement.demand.use_cases.importing.writing import LineRow, insert_lines

CHUNK = 4_000
OnError = Callable[[RowError], None]
Placed = tuple[Want, Buyer, Thing | None]


@dataclass(frozen=True)
class Terms:
    """Under which an import runs. `source` goes before the rows' own keys; `state` is what its requests begin in."""

    batch: models.ImportBatch
    directory: Directory
    source: str
    state: str
    by: str
    at: datetime


class Loader:
    """Reads one file's items, writes its good rows as lines, and counts every row once."""

    def __init__(self, terms: Terms, mapping: tables.Mapping, on_error: OnError | None) -> None:
        self.terms = terms
        self.reader = RowReader(mapping)
        self.on_error = on_error
        self.tally = Tally()
        self.shown: list[RowError] = []
        self.quantity = Decimal(0)
        self.value: dict[str, Decimal] = {}
        self.freight: dict[str, FreightRow] = {}
        self._requests: dict[tuple[int, str], int] = {}
        self._positions: Counter[int] = Counter()
        self._waiting: list[Want] = []
        self._last: RowError | None = None

    def take(self, items: Iterable[tables.Item], progress: Callable[[int], None] | None) -> None:
        """Read every item; `progress` is told now and then how many rows have been read."""
        for item in items:
            if isinstance(item, Record):
                self._take_record(item)
            elif isinstance(item, Skipped):
                self.tally.add(item)
            else:
                self._refuse(item)
            if len(self._waiting) >= CHUNK:
                self.flush()
                if progress:
                    progress(self.tally.rows)
        self.flush()
        if progress:
            progress(self.tally.rows)

    def _take_record(self, record: Record) -> None:
        read = self.reader.read(record)
        if isinstance(read, Want):
            self._waiting.append(read)
        else:
            for error in read:
                self._refuse(error)

    def _refuse(self, error: RowError) -> None:
        """Count and tell an error by the file's own headings; two fields of one cell tell it once."""
        if error.column == ", ".join(self.reader.mapping.key):
            error = error._replace(column=self.reader.key_label)
        self.tally.add(error)
        if error == self._last:
            return
        self._last = error
        if len(self.shown) < SHOWN:
            self.shown.append(error)
        if self.on_error:
            self.on_error(error)

    def flush(self) -> None:
        """Write the rows that wait."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        self.terms.directory.learn(waiting)
        stand = self._standing_keys(waiting)
        good = [row for want in waiting if (row := self._placed(want, stand))]
        self._open_requests(good)
        insert_lines([self._line(*row) for row in good])
        for want, _, _ in good:
            self._count(want)

    def _placed(self, want: Want, stand: set[str]) -> Placed | None:
        """Return the row with its buyer and product, in the product's unit; None, and an error noted, if it cannot."""
        buyer = self._buyer(want, stand)
        if buyer is None:
            return None
        thing = self.terms.directory.thing(want.product, buyer)
        if thing is None and self.terms.directory.policy.unknown_products != TEXT:
            self._no("product", want, want.product, "is no product of the catalogue")
            return None
        if thing is None or thing.unit == want.unit:
            return want, buyer, thing
        factor = factor_between(want.unit, thing.unit)
        if factor is None:
            self._no("unit", want, want.unit, f"cannot be turned into {thing.unit}, the product's unit")
            return None
        turned = _turned(want, factor, thing.unit)
        fault = rules.quantity_fault(turned.quantity, turned.tolerance) or rules.price_fault(turned.unit_price)
        fault = fault or (rules.curve_faults(turned.curve) if turned.curve else "")
        if fault:
            self._no("quantity", turned, turned.quantity, fault)
            return None
        return turned, buyer, thing

    def _no(self, field: str, want: Want, value: object, reason: str) -> None:
        self._refuse(self.reader.fault(want.place, field, value, reason))

    def _standing_keys(self, wants: Sequence[Want]) -> set[str]:
        """Return those of the rows' keys that stand already, from this import or an earlier one."""
        keys = [self._key(want) for want in wants if want.key]
        found: set[str] = set()
        for start in range(0, len(keys), 900):
            some = models.RequestLine.objects.filter(external_key__in=keys[start : start + 900])
            found.update(str(key) for key in some.values_list("external_key", flat=True))
        return found

    def _key(self, want: Want) -> str:
        return f"{self.terms.source}|{want.key}"

    def _buyer(self, want: Want, stand: set[str]) -> Buyer | None:
        """Return whose row it is, None (and an error noted) when it is a duplicate or nobody's."""
        if want.key and self._key(want) in stand:
            reason = "is a duplicate key: it was imported before"
            self._refuse(self.reader.fault(want.place, self.reader.key_label, want.key, reason))
            return None
        buyer = self.terms.directory.buyers[want.buyer]
        if buyer is None:
            own = self.terms.directory.own_ref
            self._no("buyer", want, want.buyer, f"is not your organisation ({own})" if own else "is no verified buyer")
        return buyer

    def _open_requests(self, good: Sequence[Placed]) -> None:
        """Make the requests that these rows are the first of."""
        new: dict[tuple[int, str], Want] = {}
        for want, buyer, _ in good:
            new.setdefault((buyer.id, want.request), want)
        names = [name for name in new if name not in self._requests]
        if not names:
            return
        refs = next_refs("RQ", len(names), at=self.terms.at)
        made = [self._request(ref, *name, new[name].currency) for ref, name in zip(refs, names, strict=True)]
        models.PurchaseRequest.objects.bulk_create(made, batch_size=CHUNK)
        self._requests.update((name, request.pk) for name, request in zip(names, made, strict=True))

    def _request(self, ref: str, buyer_id: int, text: str, currency: str) -> models.PurchaseRequest:
        return models.PurchaseRequest(
            ref=ref,
            state=self.terms.state,
            buyer_id=buyer_id,
            currency=currency,
            requested_by=self.terms.by,
            opened_at=self.terms.at,
            batch=self.terms.batch,
            external_ref=text,
        )

    def _line(self, want: Want, buyer: Buyer, thing: Thing | None) -> LineRow:
        request_id = self._requests[buyer.id, want.request]
        self._positions[request_id] += 1
        return LineRow(
            request_id=request_id,
            position=self._positions[request_id],
            product_id=thing.id if thing else None,
            text="" if self.terms.directory.products[want.product] else want.product,
            quantity=scaled(want.quantity),
            tolerance=scaled(want.tolerance),
            unit=want.unit,
            needed_from=want.needed_from,
            needed_to=want.needed_to,
            region=want.region or buyer.region,
            ceiling=_maybe(want.ceiling),
            stated_value=_maybe(want.value),
            unit_price=_maybe(want.unit_price),
            currency=want.currency,
            vendor=want.vendor,
            external_key=self._key(want) if want.key else None,
            line_state=LineState.OPEN.value,
            entered_at=want.entered_at or self.terms.at,
            curve=rules.curve_of(want.curve) if want.curve else "",
            substitutes_allowed=want.substitutes in YES,
        )

    def _count(self, want: Want) -> None:
        self.tally.lines += 1
        self.quantity += want.quantity
        if want.value is not None:
            self.value[want.currency] = self.value.get(want.currency, Decimal(0)) + want.value
        row = freight_of(want)
        if row is not None:
            self.freight[row.id] = row


def _turned(want: Want, factor: Decimal, unit: str) -> Want:
    """Return the row counted in another unit, of which one of its own holds `factor`; its value stays."""
    return want._replace(
        unit=unit,
        quantity=rules.in_units(want.quantity, factor),
        tolerance=rules.in_units(want.tolerance, factor),
        ceiling=rules.per_unit(want.ceiling, factor),
        unit_price=rules.per_unit(want.unit_price, factor),
        curve=rules.levels_in_units(want.curve, factor),
    )


def _maybe(number: Decimal | None) -> int | None:
    return None if number is None else scaled(number)

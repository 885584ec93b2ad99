"""Freight that one row carries for a whole shipment, shared over the shipment's rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from marketplace.kernel.money import Money, split, total

PRICED, REFERENCE, INCLUDED, INVOICED = "numeric", "reference", "included", "invoiced_separately"


class FreightRow(NamedTuple):
    """One row as freight sees it.

    status  `numeric` (then `freight` is the amount), `reference` (then `target` is the id of the row that carries the
            shipment's freight), `included` in the price, or `invoiced_separately`
    weight  in any one unit, None where the row does not say
    value   of the line, not negative
    """

    id: str
    shipment: str
    status: str
    freight: Decimal | None
    target: str | None
    weight: Decimal | None
    value: Decimal


class Allocation(NamedTuple):
    """A row's share of the freight that row `carrier` states, and by what it was shared: weight, value or rows."""

    share: Money
    carrier: str
    basis: str


class Unresolved(NamedTuple):
    """A reference that leads nowhere, and why."""

    id: str
    target: str
    reason: str


@dataclass(frozen=True)
class FreightSummary:
    """What became of the freight of a file.

    numeric       the sum of all stated amounts; equal to the sum of all shares
    references    rows that refer to another; of them `to_price` reach an amount, `to_invoiced` a separate invoice,
                  `to_included` a price that includes it, the rest are `unresolved`
    statuses      rows by status
    allocations   by row id; rows without freight of their own are absent
    """

    numeric: Money
    references: int
    to_price: int
    to_invoiced: int
    to_included: int
    unresolved: tuple[Unresolved, ...]
    statuses: Mapping[str, int]
    allocations: Mapping[str, Allocation]


def allocate_freight(rows: Iterable[FreightRow], currency: str = "USD") -> FreightSummary:
    """Share each shipment's freight over the row that states it and the rows that refer to that row.

    By weight where every row of the group states its own, else by line value, else equally; by largest remainder, so
    that the shares of a group add up to the stated amount to the cent.

    rows     read once, in any order; a reference may stand before its target
    cost     O(n) time and memory
    returns  counts, sums and a share for each row that bears freight

    :raises ValueError: two rows have one id, or an amount has more digits than the currency.

    The rule and its data: USAID SCMS delivery history, 'See ASN-93 (ID#:1281)'; worked by hand in
    docs/algorithms/column_mapping.md.
    """
    by_id: dict[str, FreightRow] = {}
    for row in rows:
        if row.id in by_id:
            raise ValueError(f"two rows have the id {row.id!r}")
        by_id[row.id] = row
    groups: dict[str, list[FreightRow]] = defaultdict(list)
    reached: Counter[str] = Counter()
    unresolved = []
    for row in by_id.values():
        end = _end_of(row, by_id)
        if isinstance(end, Unresolved):
            unresolved.append(end)
            continue
        reached[end.status] += row.status == REFERENCE
        if end.status == PRICED:
            groups[end.id].append(row)
    allocations: dict[str, Allocation] = {}
    for carrier, members in groups.items():
        allocations |= _shared(_money(by_id[carrier], currency), carrier, members)
    statuses = Counter(row.status for row in by_id.values())
    stated = [_money(row, currency) for row in by_id.values() if row.status == PRICED]
    return FreightSummary(
        numeric=total(stated, currency),
        references=statuses[REFERENCE],
        to_price=reached[PRICED],
        to_invoiced=reached[INVOICED],
        to_included=reached[INCLUDED],
        unresolved=tuple(unresolved),
        statuses=statuses,
        allocations=allocations,
    )


def _money(row: FreightRow, currency: str) -> Money:
    if row.freight is None:
        raise ValueError(f"row {row.id!r} states freight and has no amount")
    return Money(row.freight, currency)


def _end_of(row: FreightRow, by_id: Mapping[str, FreightRow]) -> FreightRow | Unresolved:
    """Follow references to the row that states something."""
    seen = {row.id}
    here = row
    while here.status == REFERENCE:
        target = by_id.get(here.target or "")
        if target is None:
            return Unresolved(row.id, here.target or "", "no row has that id")
        if target.id in seen:
            return Unresolved(row.id, target.id, "the references run in a circle")
        if target.shipment != row.shipment:
            return Unresolved(row.id, target.id, f"belongs to shipment {target.shipment}, not {row.shipment}")
        seen.add(target.id)
        here = target
    return here


def _shared(amount: Money, carrier: str, members: list[FreightRow]) -> dict[str, Allocation]:
    weights = [row.weight for row in members if row.weight is not None and row.weight > 0]
    values = [row.value for row in members]
    if len(weights) == len(members):
        basis, by = "weight", weights
    elif sum(values) > 0:
        basis, by = "value", values
    else:
        basis, by = "rows", [Decimal(1)] * len(members)
    shares = split(amount, by)
    return {row.id: Allocation(share, carrier, basis) for row, share in zip(members, shares, strict=True)}

"""How frozen pools become lots, and what of a tender may not change once it is published."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import gcd
from typing import Any

ALL_REGIONS = "all"  # how a pool that gathers every region is called among a lot's regions
MICRO = 10**6


@dataclass(frozen=True)
class Need:
    """One frozen pool: what it wants, in steps that no member's share cuts through."""

    pool_ref: str
    pool_id: int
    product_id: int
    region: str
    window_start: date
    window_end: date
    unit: str
    pack_size: Decimal
    shares: tuple[Decimal, ...]

    @property
    def quantity(self) -> Decimal:
        return sum(self.shares, Decimal(0))


@dataclass(frozen=True)
class LotPlan:
    """One lot: a product in a window, wanted in each of its regions by one pool."""

    needs: tuple[Need, ...]

    @property
    def quantity(self) -> Decimal:
        return sum((need.quantity for need in self.needs), Decimal(0))

    @property
    def step(self) -> Decimal:
        return step_of(
            [need.pack_size for need in self.needs] + [share for need in self.needs for share in need.shares]
        )


def plan_lots(needs: Sequence[Need]) -> list[LotPlan]:
    """Gather pools of one product and window into lots, in the order of product, window and region.

    A second pool of the same region (another unit, say) opens a lot of its own: every member of a lot and region pays
    one price, and a pool has one.
    """
    grouped: dict[tuple[Any, ...], list[list[Need]]] = {}
    for need in sorted(needs, key=lambda one: (one.product_id, one.window_start, one.window_end, one.region)):
        lots = grouped.setdefault((need.product_id, need.window_start, need.window_end, need.unit), [])
        home = next((lot for lot in lots if need.region not in {one.region for one in lot}), None)
        if home is None:
            lots.append([need])
        else:
            home.append(need)
    return [LotPlan(tuple(lot)) for lots in grouped.values() for lot in lots]


def step_of(quantities: Sequence[Decimal]) -> Decimal:
    """Return the largest step of which every quantity is a whole multiple: the pack, unless a share cuts through it.

    Engines count in whole numbers; whoever drops out later, what remains is still whole steps.

    :raises ValueError: a quantity of more than six places.
    """
    found = 0
    for quantity in quantities:
        units = quantity * MICRO
        if units != units.to_integral_value():
            raise ValueError(f"{quantity} has more than six places")
        found = gcd(found, int(units))
    return Decimal(found) / MICRO


def terms_sha256(
    tender_ref: str,
    currency: str,
    rules: Mapping[str, Any],
    lots: Sequence[Mapping[str, Any]],
    procedure: Mapping[str, Any] | None = None,
) -> str:
    """Return the digest of what was published: whoever changes rules, lots or quantities afterwards is found out.

    procedure   flags, conditions and papers; None for a tender published before there were any
    """
    terms = {"tender": tender_ref, "currency": currency, "rules": dict(rules), "lots": list(lots)}
    if procedure is not None:
        terms["procedure"] = dict(procedure)
    text = json.dumps(terms, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()

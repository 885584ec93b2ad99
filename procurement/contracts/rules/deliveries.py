"""Dated deliveries of an order line: what is sent fills the earliest days first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Delivery:
    """So much is to be sent by the end of `due_on`."""

    due_on: date
    quantity: Decimal


@dataclass(frozen=True)
class Late:
    """A delivery whose day is over, and how much of it was not sent."""

    delivery: Delivery
    missing: Decimal


def late_of(deliveries: Sequence[Delivery], shipped: Decimal, today: date) -> list[Late]:
    """Return the deliveries due before `today` that what was sent does not cover, earliest first."""
    found, left = [], shipped
    for delivery in sorted(deliveries, key=lambda one: one.due_on):
        missing = max(delivery.quantity - left, NOTHING)
        left = max(left - delivery.quantity, NOTHING)
        if missing and delivery.due_on < today:
            found.append(Late(delivery, missing))
    return found


def first_due(deliveries: Sequence[Delivery], shipped: Decimal) -> date | None:
    """Return the day of the earliest delivery that `shipped` leaves open, None when nothing is."""
    left = shipped
    for delivery in sorted(deliveries, key=lambda one: one.due_on):
        if delivery.quantity > left:
            return delivery.due_on
        left -= delivery.quantity
    return None


def cut_deliveries(deliveries: Sequence[Delivery], quantity: Decimal) -> list[Delivery]:
    """Return the deliveries that are left when a line falls to `quantity`: the latest are cut first."""
    kept, left = [], quantity
    for delivery in sorted(deliveries, key=lambda one: one.due_on):
        part = min(delivery.quantity, left)
        left -= part
        if part:
            kept.append(Delivery(delivery.due_on, part))
    return kept

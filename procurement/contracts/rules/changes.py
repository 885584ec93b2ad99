"""What a change of an order may do to a line, and who gets how much of a smaller one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from marketplace.kernel.words import gettext_noop
from procurement.contracts.rules.deliveries import Delivery
from procurement.engines.allocation_rules import allocate
from procurement.engines.packs import Row

AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)  # members come oldest first, so their place alone orders them
NOTHING = Decimal(0)


@dataclass(frozen=True)
class LineNow:
    """An order line as it stands."""

    line: int
    quantity: Decimal
    shipped: Decimal
    delivered: Decimal
    unit_price: Decimal


@dataclass(frozen=True)
class LineWish:
    """What a change would make of it: quantity, price a unit, and its dated deliveries."""

    line: int
    quantity: Decimal
    unit_price: Decimal
    deliveries: tuple[Delivery, ...]


def faults_of(now: LineNow, wish: LineWish, today: date) -> list[tuple[str, object, str]]:
    """Return what a change may not do to a line, as (place, value, reason); nothing when it may.

    Members were promised the award's price and are bound to their quantity: a change lowers, it never raises. What was
    sent stays ordered. A quantity falls only while nothing sent waits for its members' word.
    """
    found: list[tuple[str, object, str]] = []
    if not NOTHING < wish.quantity <= now.quantity:
        found.append(("quantity", wish.quantity, gettext_noop("members are bound to less, or it is nothing")))
    if wish.quantity < now.shipped:
        found.append(("quantity", wish.quantity, gettext_noop("more was sent already")))
    if wish.quantity < now.quantity and now.shipped != now.delivered:
        found.append(("quantity", wish.quantity, gettext_noop("part of what was sent is not accepted yet")))
    if not NOTHING <= wish.unit_price <= now.unit_price:
        found.append(("unit_price", wish.unit_price, gettext_noop("the members were promised the agreed price")))
    if wish.unit_price != now.unit_price and now.shipped:
        found.append(("unit_price", wish.unit_price, gettext_noop("part of it was sent at the agreed price")))
    return found + _faults_of_days(now, wish, today)


def _faults_of_days(now: LineNow, wish: LineWish, today: date) -> list[tuple[str, object, str]]:
    days = [one.due_on for one in wish.deliveries]
    total = sum((one.quantity for one in wish.deliveries), NOTHING)
    past = sum((one.quantity for one in wish.deliveries if one.due_on < today), NOTHING)
    found: list[tuple[str, object, str]] = []
    if any(one.quantity <= 0 for one in wish.deliveries):
        found.append(("deliveries", min(one.quantity for one in wish.deliveries), gettext_noop("must exceed 0")))
    if total != wish.quantity:
        found.append(("deliveries", total, gettext_noop("the deliveries do not add up to the line")))
    if len(set(days)) < len(days):
        found.append(("deliveries", max(days, key=days.count).isoformat(), gettext_noop("the same day twice")))
    if past > now.shipped:
        found.append(("deliveries", min(days).isoformat(), gettext_noop("that day is over and not all of it was sent")))
    return found


@dataclass(frozen=True)
class Holding:
    """One member's share of a line, and what of it was delivered."""

    member: str
    share: Decimal
    delivered: Decimal
    priority: int = 0


def cut_shares(quantity: Decimal, holdings: Sequence[Holding], rule: str) -> list[Decimal]:
    """Share a smaller line among its members by the pool's rule; what one has got already stays its own.

    quantity    of the line from now on, between what was delivered and the sum of the shares
    holdings    oldest first
    rule        the pool's allocation rule
    returns     each holding's new share; the sum is `quantity`
    """
    left = quantity - sum((one.delivered for one in holdings), NOTHING)
    rows = [
        Row(str(place), one.member, one.share - one.delivered, NOTHING, AT_ONCE, place, one.priority)
        for place, one in enumerate(holdings)
    ]
    got = {share.ref: share.quantity for share in allocate(rule, rows, left).shares}
    return [one.delivered + got[str(place)] for place, one in enumerate(holdings)]

"""Many orders over many factories: the agreed allocation problem and its decision.

Days count from 0; money in minor units, times 100 where percentages enter, so that everything stays whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from procurement.engines import reading
from procurement.engines.reading import refuse
from procurement.engines.reasons import Reason


@dataclass(frozen=True)
class Shop:
    """A cloud factory: its capabilities, minutes by day, and how fast and dear it is against the norm (100)."""

    factory: str
    capabilities: frozenset[str]
    region: int
    machine_minutes: tuple[int, ...]
    labour_minutes: tuple[int, ...]
    speed_percent: int
    cost_percent: int
    setup_minutes: int
    setup_cost: int

    @property
    def setup_work(self) -> int:
        """A setup in the unit in which work is counted: hundredths of a second at the norm's speed."""
        return 60 * self.speed_percent * self.setup_minutes

    def machine_work(self, day: int) -> int:
        return 60 * self.speed_percent * self.machine_minutes[day]

    def labour_work(self, day: int) -> int:
        return 60 * self.speed_percent * self.labour_minutes[day]


@dataclass(frozen=True)
class Order:
    """Pieces of one capability, wanted between release and due, with the seconds and the price of a piece."""

    order: str
    capability: str
    quantity: int
    release: int
    due: int
    region: int
    machine_seconds: int
    labour_seconds: int
    price: int


@dataclass(frozen=True)
class NetworkRules:
    """How orders may be split and late, and what lateness, distance and unmet pieces cost."""

    factories_per_order: int
    min_share_percent: int
    late_days: int
    late_percent_per_day: int
    unmet_percent: int
    freight_per_region: int


@dataclass(frozen=True)
class AllocationProblem:
    """Orders, factories, days and rules.

    :raises BadValue: at construction: a name twice, a negative number, a factory without minutes for each day, an
        order that falls due before its release.
    """

    days: int
    factories: tuple[Shop, ...]
    orders: tuple[Order, ...]
    rules: NetworkRules

    def __post_init__(self) -> None:
        _check(self)

    @cached_property
    def shops_for(self) -> dict[str, list[Shop]]:
        """The factories that have what each order needs."""
        return {
            order.order: [shop for shop in self.factories if order.capability in shop.capabilities]
            for order in self.orders
        }

    def last_day(self, order: Order) -> int:
        return min(self.days - 1, order.due + self.rules.late_days)

    def unit_cost(self, order: Order, shop: Shop, day: int) -> int:
        """What a piece costs there on that day, times 100: price, freight and lateness."""
        late = self.rules.late_percent_per_day * order.price * max(0, day - order.due)
        freight = 100 * self.rules.freight_per_region * abs(order.region - shop.region)
        return order.price * shop.cost_percent + freight + late

    def unmet_cost(self, order: Order) -> int:
        """What leaving out a piece costs, times 100."""
        return order.price * self.rules.unmet_percent

    def least_share(self, order: Order) -> int:
        """The fewest pieces that a factory of an order makes."""
        return max(1, -(-self.rules.min_share_percent * order.quantity // 100))

    @classmethod
    def from_json(cls, text: bytes | str) -> AllocationProblem:
        """Read the agreed format.

        :raises BadValue: it is not JSON, a key is missing, a value has the wrong kind, or the problem makes no sense.
        """
        page = reading.document(text)
        if page.text("kind") != "allocation":
            refuse("kind", page.text("kind"), "not allocation")
        return cls(
            days=page.number("days"),
            factories=tuple(_shop(one) for one in page.pages("factories")),
            orders=tuple(_order(one) for one in page.pages("orders")),
            rules=_rules(page.page("rules")),
        )


@dataclass(frozen=True)
class NetworkLine:
    """`quantity` pieces of an order at a factory on a day."""

    order: str
    factory: str
    day: int
    quantity: int


@dataclass(frozen=True)
class AllocationDecision:
    """Who makes what when.

    total_x100   money times 100, whole
    bound_x100   no decision costs less; `bound_kind` says where that comes from
    why          reasons for orders that are late, unmet or split
    """

    status: str
    problem_sha256: str
    lines: tuple[NetworkLine, ...]
    unmet: dict[str, int]
    total_x100: int
    bound_x100: int
    bound_kind: str
    why: tuple[Reason, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "allocation",
            "status": self.status,
            "problem_sha256": self.problem_sha256,
            "total_x100": self.total_x100,
            "bound_x100": self.bound_x100,
            "bound_kind": self.bound_kind,
            "lines": [
                {"order": one.order, "factory": one.factory, "day": one.day, "quantity": one.quantity}
                for one in self.lines
            ],
            "unmet": [{"order": order, "quantity": quantity} for order, quantity in self.unmet.items()],
            "why": [one.to_json() for one in self.why],
        }


def total_x100(problem: AllocationProblem, lines: Sequence[NetworkLine], unmet: dict[str, int]) -> int:
    """What a decision costs, times 100, in integers."""
    shops = {one.factory: one for one in problem.factories}
    orders = {one.order: one for one in problem.orders}
    money = sum(line.quantity * problem.unit_cost(orders[line.order], shops[line.factory], line.day) for line in lines)
    money += sum(100 * shops[factory].setup_cost for _, factory in {(line.order, line.factory) for line in lines})
    return money + sum(quantity * problem.unmet_cost(orders[order]) for order, quantity in unmet.items())


def _shop(page: reading.Page) -> Shop:
    return Shop(
        factory=page.text("factory"),
        capabilities=frozenset(page.texts("capabilities")),
        region=page.number("region"),
        machine_minutes=tuple(page.integers("machine_minutes")),
        labour_minutes=tuple(page.integers("labour_minutes")),
        speed_percent=page.number("speed_percent"),
        cost_percent=page.number("cost_percent"),
        setup_minutes=page.number("setup_minutes"),
        setup_cost=page.number("setup_cost"),
    )


def _order(page: reading.Page) -> Order:
    numbers = ("quantity", "release", "due", "region", "machine_seconds", "labour_seconds", "price")
    return Order(page.text("order"), page.text("capability"), *(page.number(name) for name in numbers))


def _rules(page: reading.Page) -> NetworkRules:
    return NetworkRules(
        factories_per_order=page.number("factories_per_order"),
        min_share_percent=page.number("min_share_percent"),
        late_days=page.number("late_days"),
        late_percent_per_day=page.number("late_percent_per_day"),
        unmet_percent=page.number("unmet_percent"),
        freight_per_region=page.number("freight_per_region"),
    )


def _check(problem: AllocationProblem) -> None:
    if problem.days < 1:
        refuse("days", problem.days, "less than 1")
    _once("factories", [one.factory for one in problem.factories])
    _once("orders", [one.order for one in problem.orders])
    for shop in problem.factories:
        _check_shop(shop, problem.days)
    for order in problem.orders:
        _not_negative(order.order, quantity=order.quantity - 1, release=order.release, price=order.price)
        _not_negative(order.order, machine_seconds=order.machine_seconds, labour_seconds=order.labour_seconds)
        if order.due < order.release:
            refuse(f"{order.order}.due", order.due, f"before the release {order.release}")
    rules = problem.rules
    _not_negative("rules", factories_per_order=rules.factories_per_order, min_share_percent=rules.min_share_percent)
    _not_negative("rules", late_days=rules.late_days, late_percent_per_day=rules.late_percent_per_day)
    _not_negative("rules", unmet_percent=rules.unmet_percent, freight_per_region=rules.freight_per_region)


def _once(place: str, names: Sequence[str]) -> None:
    if len(set(names)) != len(names):
        refuse(place, next(name for name in names if names.count(name) > 1), "stands twice")


def _check_shop(shop: Shop, days: int) -> None:
    for name, minutes in (("machine_minutes", shop.machine_minutes), ("labour_minutes", shop.labour_minutes)):
        if len(minutes) != days:
            refuse(f"{shop.factory}.{name}", len(minutes), f"not {days} days")
        _not_negative(f"{shop.factory}", **{name: min(minutes)})
    _not_negative(shop.factory, speed_percent=shop.speed_percent - 1, cost_percent=shop.cost_percent)
    _not_negative(shop.factory, setup_minutes=shop.setup_minutes, setup_cost=shop.setup_cost)


def _not_negative(place: str, **values: int) -> None:
    for name, value in values.items():
        if value < 0:
            refuse(f"{place}.{name}", value, "too small")

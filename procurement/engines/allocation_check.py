"""Checking plans of work from two documents alone: the problem's bytes and the decision.

It shares no code with the engines that plan: it reads JSON and adds up in integers.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

Json = Mapping[str, Any]


def check_plan(problem: bytes, plan: Json | bytes | str) -> list[str]:
    """Return what is wrong with a plan for one work order; an empty list means that it is valid, its bounds true.

    problem   the raw bytes the plan was made from (`WorkOrderProblem.to_json`)
    plan      the plan, parsed or as text
    """
    answer: Json = json.loads(plan) if isinstance(plan, bytes | str) else plan
    if answer.get("kind") != "work_plan":
        return [f"kind is {answer.get('kind')!r}, not 'work_plan'"]
    if answer.get("problem_sha256") != hashlib.sha256(problem).hexdigest():
        return ["problem_sha256 is not of these bytes"]
    order = _Order(json.loads(problem))
    wrong = list(order.wrong_lines(answer["lines"]))
    return wrong or list(order.wrong_sums(answer))


class _Order:
    def __init__(self, problem: Json) -> None:
        self.problem = problem
        self.shops: dict[str, Json] = {one["factory"]: one for one in problem["factories"]}
        last = problem["latest"]
        self.left = {
            (name, one["day"]): one["left"]
            for name, shop in self.shops.items()
            for one in shop["days"]
            if one["day"] >= problem["release"] and (last is None or one["day"] <= last)
        }

    def wrong_lines(self, lines: Sequence[Json]) -> Iterator[str]:
        begins: dict[str, str] = {}
        for line in lines:
            begins[line["factory"]] = min(line["day"], begins.get(line["factory"], line["day"]))
        for key, times in Counter((line["factory"], line["day"]) for line in lines).items():
            if times > 1:
                yield f"{key[0]} on {key[1]} stands {times} times"
        for line in lines:
            place = f"{line['factory']} on {line['day']}"
            if (line["factory"], line["day"]) not in self.left:
                yield f"{place}: no such factory, or no work there on that day"
            elif type(line["quantity"]) is not int or line["quantity"] < 1:
                yield f"{place}: {line['quantity']!r} is not a whole number of at least 1"
            else:
                yield from self._wrong_minutes(line, place, first=begins[line["factory"]] == line["day"])

    def _wrong_minutes(self, line: Json, place: str, *, first: bool) -> Iterator[str]:
        shop, left = self.shops[line["factory"]], self.left[line["factory"], line["day"]]
        if set(line["minutes"]) != set(shop["minutes_per_unit"]):
            yield f"{place}: minutes name other resources"
            return
        for resource, each in shop["minutes_per_unit"].items():
            work = Fraction(each) * line["quantity"]
            needed = -(-work.numerator // work.denominator) + (shop["setup_minutes"].get(resource, 0) if first else 0)
            if line["minutes"][resource] != needed:
                yield f"{place}: {resource} takes {needed} minutes, not {line['minutes'][resource]}"
            if needed > left[resource]:
                yield f"{place}: {resource} takes {needed} minutes of {left[resource]}"

    def wrong_sums(self, answer: Json) -> Iterator[str]:
        lines, unmet, wanted = answer["lines"], answer["unmet"], self.problem["quantity"]
        made = sum(line["quantity"] for line in lines)
        if type(unmet) is not int or unmet < 0 or made + unmet != wanted:
            yield f"{made} made and {unmet!r} unmet are not the {wanted} wanted"
            return
        limit = self.problem["max_days"]
        if limit is not None and len(lines) > limit:
            yield f"{len(lines)} days of work pass {limit}"
        best = self._best(made)
        stated = answer["bound"]["unmet"], answer["bound"]["finish"], answer["bound"]["days"]
        if stated != best:
            yield f"the bounds are {best}, not {stated}"
        reached = unmet, max((line["day"] for line in lines), default=None), len(lines)
        if answer["status"] == "proved" and stated != reached:
            yield f"'proved' is said of {reached}, which does not meet its bounds"

    def _best(self, made: int) -> tuple[int, str | None, int]:
        """The least unmet; the earliest finish of `made` pieces; the fewest entries that make them by then."""
        limit, wanted = self.problem["max_days"], int(self.problem["quantity"])
        unmet, finish, entries = wanted, None, 0
        for last in sorted({day for _, day in self.left}):
            table = self._table(last)
            most = max(table if limit is None else table[: limit + 1])
            unmet = wanted - min(wanted, most)
            if finish is None and 0 < made <= most:
                finish, entries = last, next(count for count, made_by in enumerate(table) if made_by >= made)
        return unmet, finish, entries

    def _table(self, last: str) -> list[int]:
        """The most that n entries make by `last`: a knapsack over factories, which do not touch each other."""
        table = [0]
        for shop in self.shops:
            own = sorted(day for name, day in self.left if name == shop and day <= last)
            gains = [0] + [-1] * len(own)
            for place, day in enumerate(own):
                begin = self._fits(shop, day, first=True)
                after = sorted((self._fits(shop, later, first=False) for later in own[place + 1 :]), reverse=True)
                for entries in range(1, len(after) + 2 if begin else 1):
                    gains[entries] = max(gains[entries], begin + sum(after[: entries - 1]))
            table = [_best_sum(table, gains, size) for size in range(len(table) + len(own))]
        return table

    def _fits(self, factory: str, day: str, *, first: bool) -> int:
        shop, left, most = self.shops[factory], self.left[factory, day], int(self.problem["quantity"])
        for resource, each in shop["minutes_per_unit"].items():
            free = left[resource] - (shop["setup_minutes"].get(resource, 0) if first else 0)
            if free < 0:
                return 0
            if Fraction(each) > 0:
                most = min(most, int(free // Fraction(each)))
        return most


def check_allocation(problem: bytes, decision: Json | bytes | str) -> list[str]:
    """Return what is wrong with a decision of the agreed allocation format; an empty list means that it is valid.

    problem    the raw bytes the decision was made from
    decision   the decision, parsed or as text
    """
    answer: Json = json.loads(decision) if isinstance(decision, bytes | str) else decision
    if answer.get("kind") != "allocation":
        return [f"kind is {answer.get('kind')!r}, not 'allocation'"]
    if answer.get("problem_sha256") != hashlib.sha256(problem).hexdigest():
        return ["problem_sha256 is not of these bytes"]
    network = _Network(json.loads(problem))
    wrong = list(network.wrong_form(answer)) or list(network.wrong_work(answer))
    if wrong:
        return wrong
    total = network.total(answer)
    if total != answer["total_x100"]:
        wrong.append(f"total_x100 is {total}, not {answer['total_x100']}")
    if answer["bound_x100"] is not None and not answer["bound_x100"] <= total:
        wrong.append(f"bound_x100 {answer['bound_x100']} passes the total {total}")
    return wrong


def _best_sum(table: Sequence[int], gains: Sequence[int], size: int) -> int:
    """The most of `size` entries split between what is in the table and one factory's gains (-1 = impossible)."""
    splits = range(max(0, size - len(table) + 1), min(size, len(gains) - 1) + 1)
    return max((table[size - own] + gains[own] for own in splits if gains[own] >= 0), default=0)


class _Network:
    def __init__(self, problem: Json) -> None:
        self.days: int = problem["days"]
        self.rules: Json = problem["rules"]
        self.shops: dict[str, Json] = {one["factory"]: one for one in problem["factories"]}
        self.orders: dict[str, Json] = {one["order"]: one for one in problem["orders"]}

    def wrong_form(self, answer: Json) -> Iterator[str]:
        keys = [(line["order"], line["factory"], line["day"]) for line in answer["lines"]]
        keys += [(one["order"], "unmet", 0) for one in answer["unmet"]]
        for key, times in Counter(keys).items():
            if times > 1:
                yield f"{key} stands {times} times"
        for line in [*answer["lines"], *answer["unmet"]]:
            if type(line["quantity"]) is not int or line["quantity"] < 1:
                yield f"{line['order']}: {line['quantity']!r} is not a whole number of at least 1"
            if line["order"] not in self.orders or line.get("factory", next(iter(self.shops))) not in self.shops:
                yield f"{line['order']} at {line.get('factory')}: unknown"
            elif "factory" in line:
                yield from self._wrong_day(line)

    def _wrong_day(self, line: Json) -> Iterator[str]:
        order, shop, day = self.orders[line["order"]], self.shops[line["factory"]], line["day"]
        if order["capability"] not in shop["capabilities"]:
            yield f"{line['order']}: {line['factory']} lacks {order['capability']}"
        last = min(self.days - 1, order["due"] + self.rules["late_days"])
        if type(day) is not int or not order["release"] <= day <= last:
            yield f"{line['order']} at {line['factory']}: day {day} is outside its time"

    def wrong_work(self, answer: Json) -> Iterator[str]:
        made: dict[str, Counter[str]] = defaultdict(Counter)
        first: dict[tuple[str, str], int] = {}
        for line in answer["lines"]:
            key = line["order"], line["factory"]
            made[line["order"]][line["factory"]] += line["quantity"]
            first[key] = min(line["day"], first.get(key, line["day"]))
        unmet = Counter({one["order"]: one["quantity"] for one in answer["unmet"]})
        for name, order in self.orders.items():
            yield from self._wrong_order(name, order, made[name], unmet[name])
        yield from self._wrong_minutes(answer["lines"], first)

    def _wrong_order(self, name: str, order: Json, made: Counter[str], unmet: int) -> Iterator[str]:
        if sum(made.values()) + unmet != order["quantity"]:
            yield f"{name}: {sum(made.values())} made and {unmet} unmet are not {order['quantity']}"
        if len(made) > self.rules["factories_per_order"]:
            yield f"{name}: {len(made)} factories pass {self.rules['factories_per_order']}"
        for factory, quantity in made.items():
            if quantity * 100 < self.rules["min_share_percent"] * order["quantity"]:
                yield f"{name}: {quantity} at {factory} is less than its least share"

    def _wrong_minutes(self, lines: Sequence[Json], first: Mapping[tuple[str, str], int]) -> Iterator[str]:
        machine: Counter[tuple[str, int]] = Counter()
        labour: Counter[tuple[str, int]] = Counter()
        for line in lines:
            order = self.orders[line["order"]]
            machine[line["factory"], line["day"]] += line["quantity"] * order["machine_seconds"] * 100
            labour[line["factory"], line["day"]] += line["quantity"] * order["labour_seconds"] * 100
        for (_, factory), day in first.items():
            shop = self.shops[factory]
            machine[factory, day] += 60 * shop["speed_percent"] * shop["setup_minutes"]
        for used, resource in ((machine, "machine_minutes"), (labour, "labour_minutes")):
            for (factory, day), work in used.items():
                shop = self.shops[factory]
                have = 60 * shop[resource][day] * shop["speed_percent"]
                if work > have:
                    yield f"{factory} on day {day}: {resource} {work} pass {have}"

    def total(self, answer: Json) -> int:
        rules, money = self.rules, 0
        for line in answer["lines"]:
            order, shop = self.orders[line["order"]], self.shops[line["factory"]]
            unit = order["price"] * shop["cost_percent"]
            unit += 100 * rules["freight_per_region"] * abs(order["region"] - shop["region"])
            unit += rules["late_percent_per_day"] * order["price"] * max(0, line["day"] - order["due"])
            money += line["quantity"] * unit
        for factory in (key[1] for key in {(line["order"], line["factory"]) for line in answer["lines"]}):
            money += 100 * self.shops[factory]["setup_cost"]
        for one in answer["unmet"]:
            money += one["quantity"] * self.orders[one["order"]]["price"] * rules["unmet_percent"]
        return int(money)

"""Checking an award from two documents alone: the problem's bytes and the decision.

It shares no code with the engine that decides: it reads JSON, adds up in integers, and derives the bound again from the
certificate in exact arithmetic. docs/algorithms/award.md names the rows and columns it rebuilds.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from typing import Any

from procurement.engines.award_lots_check import LotsBound, Offer

Json = Mapping[str, Any]
Column = tuple[str, int, int, int]  # its name, its upper bound, its cost, and A'y for it
Reached = tuple[int, Json, int]  # a tier's place, the tier, its end cut to what can be bought


def check_award(problem: bytes, decision: Json | bytes | str) -> list[str]:
    """Return what is wrong with a decision; an empty list means that it is valid, its total and its bound right.

    problem    the raw bytes the decision was made from
    decision   the decision, parsed or as text
    """
    answer: Json = json.loads(decision) if isinstance(decision, bytes | str) else decision
    case = _Case(json.loads(problem))
    if answer.get("kind") != "award":
        return [f"kind is {answer.get('kind')!r}, not 'award'"]
    if answer.get("status") == "infeasible":
        return case.infeasibility()
    wrong = []
    if answer.get("problem_sha256") != hashlib.sha256(problem).hexdigest():
        wrong.append("problem_sha256 is not of these bytes")
    wrong += list(_shape(answer))
    if wrong:
        return wrong
    wrong = list(case.violations(answer))
    return wrong or [*case.wrong_total(answer), *case.wrong_bounds(answer)]


def recompute_total(problem: bytes, decision: Json) -> int:
    """Return what a valid decision costs, in integers."""
    return _Case(json.loads(problem)).total(decision)


def derive_bound(problem: bytes, certificate: Json) -> Fraction:
    """Return the lower bound that a certificate proves, in exact arithmetic.

    :raises ValueError: the certificate proves nothing: a row nobody knows, a multiplier of the wrong sign, leaves that
        leave some award out.
    """
    return _Case(json.loads(problem)).bound(certificate)


def _shape(answer: Json) -> Iterator[str]:
    """What is not of the agreed form: an amount that is no whole number of at least 1, a key said twice."""
    keys: list[tuple[object, ...]] = []
    amounts: list[tuple[str, object]] = []
    for line in answer["lines"]:
        keys.append(("line", line["bid"], line["region"]))
        amounts.append((f"line {line['bid']} to {line['region']}", line["quantity"]))
    for one in answer["packages"]:
        keys.append(("package", one["package"]))
        for lot, spread in one["spread"].items():
            amounts += [(f"package {one['package']} {lot} to {region}", units) for region, units in spread.items()]
    for one in answer["unserved"]:
        keys.append(("unserved", one["lot"], one["region"]))
        amounts.append((f"unserved {one['lot']} in {one['region']}", one["quantity"]))
    amounts.append(("total", answer["total"] + 1 if type(answer["total"]) is int else answer["total"]))
    for place, amount in amounts:
        if type(amount) is not int or amount < 1:
            yield f"{place}: {amount!r} is not a whole number of at least 1"
    for key, times in Counter(keys).items():
        if times > 1:
            yield f"{' '.join(map(str, key))} stands {times} times"


class _Case:
    """A problem, indexed."""

    def __init__(self, problem: Json) -> None:
        self.problem = problem
        self.rules: Json = problem["rules"]
        self.lots: dict[str, Json] = {one["lot"]: one for one in problem["lots"]}
        self.bids: dict[str, Json] = {one["bid"]: one for one in problem["bids"]}
        self.packages: dict[str, Json] = {one["package"]: one for one in problem["packages"]}
        self.limit = {one["supplier"]: min(one["capacity"], one["share_cap"]) for one in problem["suppliers"]}

    # what was decided

    def violations(self, answer: Json) -> Iterator[str]:
        unknown = list(self._unknown(answer))
        yield from unknown
        if unknown:
            return
        yield from self._quantities(answer)
        yield from self._suppliers(answer)
        yield from self._demand(answer)

    def _unknown(self, answer: Json) -> Iterator[str]:
        regions = set(self.problem["regions"])
        for line in answer["lines"]:
            if line["bid"] not in self.bids or line["region"] not in regions:
                yield f"line {line['bid']} to {line['region']}: unknown"
        for one in answer["packages"]:
            if one["package"] not in self.packages:
                yield f"package {one['package']}: unknown"
            elif any(region not in regions for spread in one["spread"].values() for region in spread):
                yield f"package {one['package']}: goes to an unknown region"
        for one in answer["unserved"]:
            if one["lot"] not in self.lots or one["region"] not in regions:
                yield f"unserved {one['lot']} in {one['region']}: unknown"

    def _quantities(self, answer: Json) -> Iterator[str]:
        for name, units in self._bought(answer).items():
            tiers = self.bids[name]["tiers"]
            if not tiers[0]["from"] <= units <= tiers[-1]["to"]:
                yield f"bid {name}: {units} lies outside {tiers[0]['from']}..{tiers[-1]['to']}"
        for one in answer["packages"]:
            spread = {lot: sum(by_region.values()) for lot, by_region in one["spread"].items()}
            if spread != self.packages[one["package"]]["quantities"]:
                yield f"package {one['package']}: {spread} is not all of it"

    def _suppliers(self, answer: Json) -> Iterator[str]:
        sold: Counter[str] = Counter()
        in_lot: dict[str, set[str]] = defaultdict(set)
        for name, units in self._bought(answer).items():
            bid = self.bids[name]
            sold[bid["supplier"]] += units
            in_lot[bid["lot"]].add(bid["supplier"])
        for one in answer["packages"]:
            package = self.packages[one["package"]]
            sold[package["supplier"]] += sum(package["quantities"].values())
            for lot in package["quantities"]:
                in_lot[lot].add(package["supplier"])
        for supplier, units in sold.items():
            if units > self.limit[supplier]:
                yield f"supplier {supplier}: {units} units pass its limit {self.limit[supplier]}"
        for lot, suppliers in in_lot.items():
            if len(suppliers) > self.rules["winners_per_lot"]:
                yield f"lot {lot}: {len(suppliers)} winners pass {self.rules['winners_per_lot']}"
        if not self.rules["winners_min"] <= len(sold) <= self.rules["winners_max"]:
            yield f"{len(sold)} winners lie outside {self.rules['winners_min']}..{self.rules['winners_max']}"

    def _demand(self, answer: Json) -> Iterator[str]:
        served: Counter[tuple[str, str]] = Counter()
        for line in answer["lines"]:
            served[self.bids[line["bid"]]["lot"], line["region"]] += line["quantity"]
        for one in answer["packages"]:
            for lot, spread in one["spread"].items():
                for region, units in spread.items():
                    served[lot, region] += units
        for one in answer["unserved"]:
            served[one["lot"], one["region"]] += one["quantity"]
        for lot, content in self.lots.items():
            for region in self.problem["regions"]:
                units, wanted = served[lot, region], content["demand"][region]
                if units != wanted:
                    yield f"lot {lot} in {region}: {units} units for a demand of {wanted}"

    def _bought(self, answer: Json) -> Counter[str]:
        units: Counter[str] = Counter()
        for line in answer["lines"]:
            units[line["bid"]] += line["quantity"]
        return units

    def _goods(self, bid: Json, units: int) -> int:
        if self.problem["mode"] == "all_units":
            return int(units * next(tier["price"] for tier in bid["tiers"] if units <= tier["to"]))
        money = below = 0
        for tier in bid["tiers"]:
            money += max(0, min(units, tier["to"]) - below) * tier["price"]
            below = tier["to"]
        return money

    def total(self, answer: Json) -> int:
        bought = self._bought(answer)
        winners = {self.bids[name]["supplier"] for name in bought}
        money = sum(self._goods(self.bids[name], units) for name, units in bought.items())
        for line in answer["lines"]:
            bid = self.bids[line["bid"]]
            money += line["quantity"] * (bid["freight"][line["region"]] + bid["criteria"])
        for one in answer["packages"]:
            package = self.packages[one["package"]]
            winners.add(package["supplier"])
            money += package["price"]
            for lot, spread in one["spread"].items():
                for region, units in spread.items():
                    money += units * (package["freight"][lot][region] + package["criteria"][lot])
        money += len(winners) * self.rules["fixed_cost_per_winner"]
        return int(money + sum(one["quantity"] * self.lots[one["lot"]]["reserve"] for one in answer["unserved"]))

    def wrong_total(self, answer: Json) -> Iterator[str]:
        total = self.total(answer)
        if total != answer["total"]:
            yield f"total is {total}, not {answer['total']}"

    # what was proved

    def infeasibility(self) -> list[str]:
        """An award without any winner serves nobody; only too few suppliers who could ever win exclude every award."""
        able = {bid["supplier"] for bid in self.bids.values() if self._tiers(bid)}
        able |= {one["supplier"] for one in self.packages.values() if self._fits(one)}
        if self.rules["winners_min"] > min(len(able), self.rules["winners_max"]):
            return []
        return [f"infeasible is not shown: {len(able)} suppliers could win and {self.rules['winners_min']} must"]

    def wrong_bounds(self, answer: Json) -> Iterator[str]:
        stated = answer.get("bound_exact")
        if stated is not None:
            try:
                derived = self.bound(answer["certificate"])
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                yield f"certificate: {error}"
            else:
                if Fraction(stated) != derived:
                    yield f"bound_exact derives to {derived}, not {stated}"
                if derived > answer["total"]:
                    yield f"bound_exact {derived} passes the total {answer['total']}"
                if answer.get("status") == "proved" and derived != answer["total"]:
                    yield f"'proved' is said with bound_exact {derived} below the total {answer['total']}"
        elif answer.get("status") == "proved":
            yield "'proved' is said without bound_exact"
        claimed = answer.get("bound_solver")
        if claimed is not None and not claimed <= answer["total"]:
            yield f"bound_solver {claimed} passes the total {answer['total']}"

    def bound(self, certificate: Json) -> Fraction:
        denominator, leaves = certificate["denominator"], certificate["leaves"]
        if type(denominator) is not int or denominator < 1:
            raise ValueError(f"denominator {denominator!r} is no whole number of at least 1")
        relaxation = certificate.get("relaxation", "rows")
        if relaxation not in ("rows", "lots"):
            raise ValueError(f"there is no relaxation {relaxation!r}")
        whole = set(self._whole_columns())
        paths = [[(str(column), value) for column, value in leaf["fixed"]] for leaf in leaves]
        for column, value in (step for path in paths for step in path):
            if column not in whole or type(value) is not int or value not in (0, 1):
                raise ValueError(f"a leaf fixes {column} at {value!r}")
        if not _covers(paths):
            raise ValueError("the leaves leave some award out")
        leaf_of = self._lots(denominator).leaf if relaxation == "lots" else partial(self._leaf, denominator=denominator)
        found = [leaf_of(leaf["multipliers"], dict(path)) for leaf, path in zip(leaves, paths, strict=True)]
        bounds = [one for one in found if one is not None]
        if not bounds:
            raise ValueError("no leaf bounds anything")
        return Fraction(min(bounds))

    def _lots(self, denominator: int) -> LotsBound:
        """The problem as planned lot by lot."""
        regions = self.problem["regions"]
        offers: dict[str, list[Offer]] = {name: [] for name in self.lots}
        for bid in self.bids.values():
            tiers = [
                (
                    one["from"],
                    end,
                    one["price"] + bid["criteria"],
                    self._goods(bid, one["from"]) - one["from"] * one["price"],
                )
                for _, one, end in self._tiers(bid)
            ]
            if tiers:
                freight = [bid["freight"][region] for region in regions]
                offers[bid["lot"]].append(Offer(bid["supplier"], tiers, freight, None))
        packages = {name: one for name, one in self.packages.items() if self._fits(one)}
        for name, one in packages.items():
            for lot, units in one["quantities"].items():
                freight = [one["freight"][lot][region] for region in regions]
                tiers = [(units, units, one["criteria"][lot], 0)]
                offers[lot].append(Offer(one["supplier"], tiers, freight, name))
        return LotsBound(self.problem, self.limit, offers, packages, denominator, _name)

    def _leaf(self, multipliers: Mapping[str, int], fixed: Mapping[str, int], denominator: int) -> int:
        """Weak duality for one leaf, rounded up, since every cost and so every total is whole."""
        seen: set[str] = set()

        def of(sense: str, *parts: object) -> int:
            row = _name(*parts)
            value = multipliers.get(row, 0)
            if type(value) is not int or (sense == ">=" and value < 0) or (sense == "<=" and value > 0):
                raise ValueError(f"the multiplier {value!r} of {row} has the wrong sign")
            seen.add(row)
            return value

        value = self._right_hand(of)
        for column, most, money, weight in self._columns(of):
            rest = money * denominator - weight
            value += rest * fixed[column] if column in fixed else min(0, rest) * most
        if unknown := set(multipliers) - seen:
            raise ValueError(f"there is no row {min(unknown)}")
        return -(-value // denominator)

    def _right_hand(self, of: Any) -> int:
        value: int = self.rules["winners_min"] * of(">=", "winners-min")
        value += self.rules["winners_max"] * of("<=", "winners-max")
        for lot, content in self.lots.items():
            value += self.rules["winners_per_lot"] * of("<=", "winners-per-lot", lot)
            value += sum(units * of("=", "cover", lot, region) for region, units in content["demand"].items())
        return value

    def _columns(self, of: Any) -> Iterator[Column]:
        pairs: dict[tuple[str, str], int] = defaultdict(int)  # (supplier, lot) -> A'y of what links to its lot winner
        for name, bid in self.bids.items():
            tiers = self._tiers(bid)
            if tiers:
                pairs[bid["supplier"], bid["lot"]] -= of("<=", "one-tier", name)
                yield from self._bid_columns(name, bid, tiers, of)
        for name, package in self.packages.items():
            if self._fits(package):
                for lot in package["quantities"]:
                    pairs[package["supplier"], lot] -= of("<=", "package-winner", name, lot)
                yield from self._package_columns(name, package, of)
        links: Counter[str] = Counter()
        for (supplier, lot), weight in pairs.items():
            link = of("<=", "lot-winner", supplier, lot)
            links[supplier] += link
            yield _name("w", supplier, lot), 1, 0, weight + link + of("<=", "winners-per-lot", lot)
        for supplier, limit in self.limit.items():
            weight = of(">=", "winners-min") + of("<=", "winners-max") - links[supplier]
            weight -= limit * of("<=", "capacity", supplier) + of(">=", "has-award", supplier)
            yield _name("z", supplier), 1, self.rules["fixed_cost_per_winner"], weight
        for lot, content in self.lots.items():
            for region, units in content["demand"].items():
                yield _name("o", lot, region), units, content["reserve"], of("=", "cover", lot, region)

    def _bid_columns(self, name: str, bid: Json, tiers: list[Reached], of: Any) -> Iterator[Column]:
        supplier, lot, balance = bid["supplier"], bid["lot"], of("=", "balance", name)
        most = self._most(bid)
        used = of("<=", "one-tier", name) + of(">=", "has-award", supplier)
        for region, demand in self.lots[lot]["demand"].items():
            reach = of("<=", "reach", name, region)
            used -= min(demand, most) * reach
            landed = bid["freight"][region] + bid["criteria"]
            yield _name("x", name, region), min(demand, most), landed, reach - balance + of("=", "cover", lot, region)
        for place, tier, end in tiers:
            up, down = of("<=", "most", name, place), of(">=", "least", name, place)
            beyond = self._goods(bid, tier["from"]) - tier["from"] * tier["price"]
            yield _name("y", name, place), 1, beyond, used - end * up - tier["from"] * down
            yield _name("u", name, place), end, tier["price"], up + down + balance + of("<=", "capacity", supplier)

    def _package_columns(self, name: str, package: Json, of: Any) -> Iterator[Column]:
        supplier = package["supplier"]
        taken = of(">=", "has-award", supplier)
        taken += sum(package["quantities"].values()) * of("<=", "capacity", supplier)
        for lot, units in package["quantities"].items():
            whole = of("=", "package-whole", name, lot)
            taken += of("<=", "package-winner", name, lot) - units * whole
            for region, demand in self.lots[lot]["demand"].items():
                reach = of("<=", "package-reach", name, lot, region)
                taken -= min(demand, units) * reach
                landed = package["freight"][lot][region] + package["criteria"][lot]
                weight = reach + whole + of("=", "cover", lot, region)
                yield _name("h", name, lot, region), min(demand, units), landed, weight
        yield _name("g", name), 1, package["price"], taken

    def _whole_columns(self) -> Iterator[str]:
        zero = lambda *_: 0  # noqa: E731
        return (column for column, *_ in self._columns(zero) if column[:2] in ("z:", "w:", "y:", "g:"))

    def _most(self, bid: Json) -> int:
        return int(min(sum(self.lots[bid["lot"]]["demand"].values()), self.limit[bid["supplier"]]))

    def _tiers(self, bid: Json) -> list[Reached]:
        """The tiers in reach: their place, themselves, their end cut to demand and the supplier's limit."""
        most = self._most(bid)
        return [(place, one, min(one["to"], most)) for place, one in enumerate(bid["tiers"]) if one["from"] <= most]

    def _fits(self, package: Json) -> bool:
        amounts = package["quantities"]
        roomy = all(units <= sum(self.lots[lot]["demand"].values()) for lot, units in amounts.items())
        return roomy and sum(amounts.values()) <= self.limit[package["supplier"]]


def _covers(paths: Iterable[list[tuple[str, int]]]) -> bool:
    """Whether every way to set the columns agrees with some path: both branches of each column stand."""
    paths = list(paths)
    if any(not path for path in paths):
        return True
    if len({path[0][0] for path in paths}) != 1:
        return False
    branches = [[path[1:] for path in paths if path[0][1] == value] for value in (0, 1)]
    return all(branch and _covers(branch) for branch in branches)


def _name(*parts: object) -> str:
    return ":".join(str(part).replace("%", "%25").replace(":", "%3A") for part in parts)

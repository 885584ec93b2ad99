"""HiGHS or CP-SAT on an award problem: python award_rivals.py highs|cp_sat PROBLEM SECONDS, one line of JSON."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

Terms = list[tuple[int, int]]


class Model:
    """Integer columns in [0, upper] and rows low <= sum <= high (None: open)."""

    def __init__(self) -> None:
        self.cost: list[int] = []
        self.upper: list[int] = []
        self.binary: list[bool] = []
        self.rows: list[tuple[int | None, int | None, Terms]] = []

    def column(self, cost: int, upper: int, *, binary: bool = False) -> int:
        self.cost.append(cost)
        self.upper.append(upper)
        self.binary.append(binary)
        return len(self.cost) - 1

    def row(self, low: int | None, high: int | None, terms: Terms) -> None:
        self.rows.append((low, high, terms))


class Builder:
    """The model: a column for each bid, tier and region, so that its relaxation is the tighter of the common ones."""

    def __init__(self, problem: dict[str, Any]) -> None:
        self.problem, self.model = problem, Model()
        self.limit = {one["supplier"]: min(one["capacity"], one["share_cap"]) for one in problem["suppliers"]}
        self.lots = {one["lot"]: one for one in problem["lots"]}
        fixed = problem["rules"]["fixed_cost_per_winner"]
        self.wins = {name: self.model.column(fixed, 1, binary=True) for name in self.limit}
        self.in_lot: dict[tuple[str, str], int] = {}
        self.cover: dict[tuple[str, str], Terms] = {}
        self.sold: dict[str, Terms] = {name: [] for name in self.limit}
        self.awards: dict[str, Terms] = {name: [] for name in self.limit}
        for lot in problem["lots"]:
            for region, units in lot["demand"].items():
                self.cover[lot["lot"], region] = [(self.model.column(lot["reserve"], units), 1)]

    def build(self) -> Model:
        for bid in self.problem["bids"]:
            self._bid(bid)
        for package in self.problem["packages"]:
            self._package(package)
        model, rules = self.model, self.problem["rules"]
        for (lot, region), terms in self.cover.items():
            model.row(self.lots[lot]["demand"][region], self.lots[lot]["demand"][region], terms)
        for name, limit in self.limit.items():
            model.row(None, 0, [*self.sold[name], (self.wins[name], -limit)])
            model.row(0, None, [*self.awards[name], (self.wins[name], -1)])
        model.row(rules["winners_min"], rules["winners_max"], [(column, 1) for column in self.wins.values()])
        for lot in self.lots:
            model.row(
                None, rules["winners_per_lot"], [(at, 1) for (_, there), at in self.in_lot.items() if there == lot]
            )
        return model

    def _in_lot(self, supplier: str, lot: str) -> int:
        if (supplier, lot) not in self.in_lot:
            self.in_lot[supplier, lot] = self.model.column(0, 1, binary=True)
            self.model.row(None, 0, [(self.in_lot[supplier, lot], 1), (self.wins[supplier], -1)])
        return self.in_lot[supplier, lot]

    def _bid(self, bid: dict[str, Any]) -> None:
        demand, used = self.lots[bid["lot"]]["demand"], []
        most, paid, below = min(sum(demand.values()), self.limit[bid["supplier"]]), 0, 0
        for tier in bid["tiers"]:
            if tier["from"] > most:
                break
            beyond = paid - below * tier["price"] if self.problem["mode"] == "incremental" else 0
            paid, below = paid + (tier["to"] - below) * tier["price"], tier["to"]
            at, high = self.model.column(beyond, 1, binary=True), min(tier["to"], most)
            used.append((at, 1))
            sent = []
            for region, units in demand.items():
                landed = tier["price"] + bid["freight"][region] + bid["criteria"]
                sent.append((self.model.column(landed, min(units, high)), 1))
                self.model.row(None, 0, [sent[-1], (at, -min(units, high))])
                self.cover[bid["lot"], region].append(sent[-1])
            self.model.row(None, 0, [*sent, (at, -high)])
            self.model.row(0, None, [*sent, (at, -tier["from"])])
            self.sold[bid["supplier"]] += sent
        if used:
            self.awards[bid["supplier"]] += used
            self.model.row(None, 0, [*used, (self._in_lot(bid["supplier"], bid["lot"]), -1)])

    def _package(self, package: dict[str, Any]) -> None:
        supplier, quantities = package["supplier"], package["quantities"]
        if sum(quantities.values()) > self.limit[supplier]:
            return
        taken = self.model.column(package["price"], 1, binary=True)
        self.awards[supplier].append((taken, 1))
        self.sold[supplier].append((taken, sum(quantities.values())))
        for lot, quantity in quantities.items():
            self.model.row(None, 0, [(taken, 1), (self._in_lot(supplier, lot), -1)])
            terms: Terms = [(taken, -quantity)]
            for region, units in self.lots[lot]["demand"].items():
                landed = package["freight"][lot][region] + package["criteria"][lot]
                sent = (self.model.column(landed, min(units, quantity)), 1)
                self.cover[lot, region].append(sent)
                terms.append(sent)
            self.model.row(0, 0, terms)


def highs(model: Model, seconds: float) -> dict[str, Any]:
    """HiGHS at its own settings on two threads."""
    import highspy
    import numpy as np

    begun = time.perf_counter()
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = len(model.cost), len(model.rows)
    program.col_cost_, program.col_upper_ = np.array(model.cost, float), np.array(model.upper, float)
    program.col_lower_ = np.zeros(len(model.cost))
    program.row_lower_ = np.array([-1e30 if low is None else low for low, _, _ in model.rows], float)
    program.row_upper_ = np.array([1e30 if high is None else high for _, high, _ in model.rows], float)
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = np.cumsum([0, *(len(terms) for _, _, terms in model.rows)]).astype(np.int32)
    program.a_matrix_.index_ = np.array([at for _, _, terms in model.rows for at, _ in terms], np.int32)
    program.a_matrix_.value_ = np.array([entry for _, _, terms in model.rows for _, entry in terms], float)
    kinds = highspy.HighsVarType
    program.integrality_ = [kinds.kInteger if one else kinds.kContinuous for one in model.binary]
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 2)
    solver.passModel(program)
    solver.setOptionValue("time_limit", max(0.1, seconds - (time.perf_counter() - begun)))
    solver.run()
    info = solver.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return _answer(info.objective_function_value if found else None, info.mip_dual_bound)


def cp_sat(model: Model, seconds: float) -> dict[str, Any]:
    """CP-SAT at its own settings on two workers."""
    from ortools.sat.python import cp_model

    begun = time.perf_counter()
    program = cp_model.CpModel()
    columns = [program.new_int_var(0, upper, "") for upper in model.upper]
    for low, high, terms in model.rows:
        total = sum(entry * columns[at] for at, entry in terms)
        if low is not None and low == high:
            program.add(total == low)
            continue
        if low is not None:
            program.add(total >= low)
        if high is not None:
            program.add(total <= high)
    program.minimize(sum(cost * columns[at] for at, cost in enumerate(model.cost) if cost))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.max_time_in_seconds = max(0.1, seconds - (time.perf_counter() - begun))
    found = solver.solve(program) in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return _answer(solver.objective_value if found else None, solver.best_objective_bound)


def _answer(objective: float | None, bound: float) -> dict[str, Any]:
    gap = None if objective is None or bound <= 0 else round(objective / bound - 1, 6)
    return {"objective": objective, "bound": bound, "gap": gap}


if __name__ == "__main__":
    start = time.perf_counter()
    built = Builder(json.loads(Path(sys.argv[2]).read_text())).build()
    left = float(sys.argv[3]) - (time.perf_counter() - start)
    answer = {"highs": highs, "cp_sat": cp_sat}[sys.argv[1]](built, left)
    print(json.dumps(answer | {"seconds": round(time.perf_counter() - start, 2)}))

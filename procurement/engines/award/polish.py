"""The last cents: with sources and tiers as they are, the quantities of all lots at once."""

from __future__ import annotations

from collections import defaultdict

from procurement.engines.award.lots import Lots
from procurement.engines.award.rebuild import Standing
from procurement.engines.linear import LinearModel, complete


def polish(lots: Lots, state: Standing, seconds: float) -> None:
    """Write the cheapest quantities into an award whose sources and tiers stay; leave it where there is no time.

    What is left is a network (supplier, source, region), so that the linear program's answer is whole.
    """
    model, sent = _network(lots, state)
    values = complete(model, [0.0] * len(model.columns), seconds)
    if values is None:
        return
    saved = sum(model.cost[column] * (values[column] - int(state.sent[at])) for at, column in sent.items())
    if saved >= 0:
        return
    table = lots.table
    for at, column in sent.items():
        state.sent[at] = values[column]
    state.total[0] += saved
    state.units[:] = 0
    for lot in range(len(table.sources)):
        for place in range(int(state.size[lot])):
            state.units[table.supplier[lot, state.source[lot, place]]] += int(state.sent[lot, place].sum())


def _network(lots: Lots, state: Standing) -> tuple[LinearModel, dict[tuple[int, int, int], int]]:
    table, model = lots.table, LinearModel()
    sent: dict[tuple[int, int, int], int] = {}
    sold: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for lot in range(len(table.sources)):
        demand = table.demand[lot].tolist()
        cover: list[list[tuple[int, int]]] = [[] for _ in demand]
        for place in range(int(state.size[lot]) + 1):
            served = place < state.size[lot]
            one, tier = (int(state.source[lot, place]), int(state.tier[lot, place])) if served else (0, 0)
            for region, units in enumerate(demand):
                cost = table.price[lot, one, tier] + table.landed[lot, one, region] if served else table.reserve[lot]
                column = model.column(f"{lot}:{place}:{region}", cost=int(cost), upper=units)
                sent[lot, place, region] = column
                cover[region].append((column, 1))
            if served:
                terms = [(sent[lot, place, region], 1) for region in range(len(demand))]
                model.row(f"least:{lot}:{place}", ">=", int(table.low[lot, one, tier]), terms)
                model.row(f"most:{lot}:{place}", "<=", int(table.high[lot, one, tier]), terms)
                sold[int(table.supplier[lot, one])] += terms
        for region, units in enumerate(demand):
            model.row(f"cover:{lot}:{region}", "=", units, cover[region])
    for supplier, terms in sold.items():
        model.row(f"room:{supplier}", "<=", int(lots.limit[supplier]), terms)
    return model, sent

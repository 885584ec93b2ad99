"""A small market as one JSON document, for `decide pooling`: names instead of numbers, a reason for every line."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from procurement.engines.pooling.market import Market, market_of, tariffs_of
from procurement.engines.pooling.planning import MarketDecision, plan_market
from procurement.engines.reading import Page, document, refuse
from procurement.engines.reasons import Reason

_NUMBERS = ("quantity", "earliest", "deadline", "ceiling")


def decide_pooling(problem: bytes, seconds: float) -> dict[str, Any]:
    """Decide the market of a document with best effort (docs/algorithms/pooling.md, pooling.schema.json).

    Lines are in the order of their names, so that their order in the document does not matter.

    :raises BadValue: a document that is no such market; place, value and reason are given.
    """
    page = document(problem)
    if page.text("kind") != "pooling":
        refuse("kind", page.text("kind"), "not pooling")
    lines = sorted(page.pages("lines"), key=lambda line: line.text("line"))
    market = _market(lines, list(page.pages("tiers")), hashlib.sha256(problem).hexdigest())
    decision = plan_market(market, effort="best", seconds=seconds)
    return decision.to_json() | {"lines": _explained(lines, market, decision)}


def _market(lines: Sequence[Page], tiers: Sequence[Page], sha256: str) -> Market:
    for before, line in zip(lines, lines[1:], strict=False):
        if before.text("line") == line.text("line"):
            refuse(f"{line.place}.line", line.text("line"), "the line stands twice")
    products = {name: number for number, name in enumerate(sorted({tier.text("product") for tier in tiers}))}
    rows = [(products[tier.text("product")], tier.number("from"), tier.number("price")) for tier in tiers]
    columns = np.array(rows, np.int64).reshape(-1, 3).T
    tariffs = tariffs_of(*columns, [tier.place for tier in tiers])
    for line in lines:
        if line.text("product") not in products:
            refuse(f"{line.place}.product", line.text("product"), "no tiers for this product")
    regions = {name: number for number, name in enumerate(sorted({line.text("region") for line in lines}))}
    keys = [range(len(lines)), [products[line.text("product")] for line in lines]]
    places = [regions[line.text("region")] for line in lines]
    numbers = [[line.number(name) for line in lines] for name in _NUMBERS]
    return market_of([*keys, places, *numbers], tariffs, sha256, places=[line.place for line in lines])


def _explained(lines: Sequence[Page], market: Market, decision: MarketDecision) -> list[dict[str, Any]]:
    volume: dict[tuple[int, int, int], int] = {}
    keys = list(zip(market.product.tolist(), market.region.tolist(), decision.closing.tolist(), strict=True))
    for key, quantity in zip(keys, market.quantity.tolist(), strict=True):
        volume[key] = volume.get(key, 0) + quantity
    told = []
    for line, (product, region, day) in zip(lines, keys, strict=True):
        if day < 0:
            facts = {"unit_cost": int(market.tariffs.out[product])}
            told.append({"line": line.text("line"), "closing_day": None, "why": Reason("left_out", facts).to_json()})
            continue
        joined = volume[product, region, day]
        starts = market.tariffs.start[product]
        tier = int(np.searchsorted(starts, joined, side="right")) - 1
        facts = {"quantity": joined, "from": int(starts[tier]), "price": int(market.tariffs.price[product, tier])}
        told.append({"line": line.text("line"), "closing_day": day, "why": Reason("joined", facts).to_json()})
    return told

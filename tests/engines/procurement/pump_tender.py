"""One tender worked by hand: cast-iron bodies and seals for two regions, four bidders, one package."""

from __future__ import annotations

import json
from typing import Any

TENDER: dict[str, Any] = {
    "kind": "award",
    "mode": "all_units",
    "regions": ["north", "south"],
    "lots": [
        {"lot": "bodies", "demand": {"north": 60, "south": 40}, "reserve": 1000},
        {"lot": "seals", "demand": {"north": 0, "south": 50}, "reserve": 200},
    ],
    "suppliers": [
        {"supplier": "Teng", "capacity": 150, "share_cap": 150},
        {"supplier": "Hua", "capacity": 80, "share_cap": 200},
        {"supplier": "Ming", "capacity": 200, "share_cap": 200},
        {"supplier": "Yue", "capacity": 500, "share_cap": 500},
    ],
    "bids": [
        {
            "bid": "teng-bodies",
            "supplier": "Teng",
            "lot": "bodies",
            "tiers": [{"from": 10, "to": 59, "price": 800}, {"from": 60, "to": 120, "price": 700}],
            "freight": {"north": 10, "south": 30},
            "criteria": 5,
        },
        {
            "bid": "hua-bodies",
            "supplier": "Hua",
            "lot": "bodies",
            "tiers": [{"from": 1, "to": 100, "price": 690}],
            "freight": {"north": 40, "south": 10},
            "criteria": 0,
        },
        {
            "bid": "ming-seals",
            "supplier": "Ming",
            "lot": "seals",
            "tiers": [{"from": 20, "to": 100, "price": 90}],
            "freight": {"north": 5, "south": 5},
            "criteria": 0,
        },
        {
            "bid": "yue-seals",
            "supplier": "Yue",
            "lot": "seals",
            "tiers": [{"from": 60, "to": 100, "price": 10}],
            "freight": {"north": 0, "south": 0},
            "criteria": 0,
        },
    ],
    "packages": [
        {
            "package": "teng-both",
            "supplier": "Teng",
            "quantities": {"bodies": 100, "seals": 50},
            "price": 90000,
            "freight": {"bodies": {"north": 10, "south": 30}, "seals": {"north": 10, "south": 10}},
            "criteria": {"bodies": 5, "seals": 0},
        }
    ],
    "rules": {"winners_min": 1, "winners_max": 3, "winners_per_lot": 2, "fixed_cost_per_winner": 500},
}

RAW = json.dumps(TENDER).encode()

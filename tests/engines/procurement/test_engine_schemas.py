from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from marketplace.kernel.refusals import BadValue
from procurement.engines.decide import decide
from tests.engines.procurement.pump_tender import RAW, TENDER
from tests.engines.procurement.test_allocation_engine import PUMPS, PUMPS_RAW
from tests.worked_examples.test_clearing import BOLTS, BOLTS_RAW, DRUMS, DRUMS_RAW
from tests.worked_examples.test_share_joint_saving import CASTINGS, CASTINGS_RAW

PAIR: dict[str, Any] = {
    "kind": "pooling",
    "lines": [
        {"line": "Lin", "product": "P", "region": "R", "quantity": 60, "earliest": 0, "deadline": 4, "ceiling": 850},
        {"line": "Bao", "product": "P", "region": "R", "quantity": 70, "earliest": 3, "deadline": 9, "ceiling": 0},
        {"line": "Wei", "product": "P", "region": "R", "quantity": 20, "earliest": 6, "deadline": 8, "ceiling": 950},
    ],
    "tiers": [
        {"product": "P", "from": 1, "price": 1000},
        {"product": "P", "from": 50, "price": 900},
        {"product": "P", "from": 130, "price": 800},
    ],
}
PAIR_RAW = json.dumps(PAIR).encode()

DOCS = Path(__file__).resolve().parents[3] / "docs" / "algorithms"


def schema(name: str, part: str) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads((DOCS / f"{name}.schema.json").read_text())
    return {key: value for key, value in whole.items() if key != "oneOf"} | {"$ref": f"#/$defs/{part}"}


class TestSchemas:
    @pytest.mark.parametrize(
        ("name", "problem"),
        [
            ("award", TENDER),
            ("allocation", PUMPS),
            ("clearing", BOLTS),
            ("allocation_rule", DRUMS),
            ("pooling", PAIR),
            ("sharing", CASTINGS),
        ],
    )
    def test_describe_the_problems(self, name: str, problem: dict[str, Any]) -> None:
        jsonschema.validate(problem, schema(name, "problem"))

    @pytest.mark.parametrize(
        ("name", "raw"),
        [
            ("award", RAW),
            ("allocation", PUMPS_RAW),
            ("clearing", BOLTS_RAW),
            ("allocation_rule", DRUMS_RAW),
            ("pooling", PAIR_RAW),
            ("sharing", CASTINGS_RAW),
        ],
    )
    def test_describe_the_decisions(self, name: str, raw: bytes) -> None:
        jsonschema.validate(json.loads(json.dumps(decide(name, raw, 5))), schema(name, "decision"))

    def test_describe_an_infeasible_award(self) -> None:
        raw = json.dumps(TENDER | {"rules": TENDER["rules"] | {"winners_min": 5, "winners_max": 5}}).encode()

        jsonschema.validate(decide("award", raw), schema("award", "infeasible"))


class TestDecidePooling:
    def test_tells_every_line_why(self) -> None:
        lines = decide("pooling", PAIR_RAW, 5)["lines"]

        joined = {"code": "joined", "quantity": 130, "from": 130, "price": 800}
        assert lines == [
            {"line": "Bao", "closing_day": 4, "why": joined},
            {"line": "Lin", "closing_day": 4, "why": joined},
            {"line": "Wei", "closing_day": None, "why": {"code": "left_out", "unit_cost": 1100}},
        ]

    def test_refuses_a_line_without_tiers_by_name(self) -> None:
        raw = json.dumps(PAIR | {"tiers": [{"product": "Q", "from": 1, "price": 5}]}).encode()

        with pytest.raises(BadValue) as refusal:
            decide("pooling", raw)

        assert refusal.value.facts == {"place": "lines[1].product", "value": "P", "reason": "no tiers for this product"}

    def test_refuses_a_window_that_ends_before_it_begins(self) -> None:
        lines = [line | {"earliest": 9, "deadline": 8} for line in PAIR["lines"][:1]]

        with pytest.raises(BadValue) as refusal:
            decide("pooling", json.dumps(PAIR | {"lines": lines}).encode())

        assert refusal.value.facts["place"] == "lines[0].deadline"

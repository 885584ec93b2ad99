from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from procurement.engines.decide import decide
from tests.engines.procurement.pump_tender import RAW, TENDER
from tests.engines.procurement.test_allocation_engine import PUMPS, PUMPS_RAW
from tests.worked_examples.test_clearing import BOLTS, BOLTS_RAW, DRUMS, DRUMS_RAW
from tests.worked_examples.test_share_joint_saving import CASTINGS, CASTINGS_RAW

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
            ("sharing", CASTINGS_RAW),
        ],
    )
    def test_describe_the_decisions(self, name: str, raw: bytes) -> None:
        jsonschema.validate(json.loads(json.dumps(decide(name, raw, 5))), schema(name, "decision"))

    def test_describe_an_infeasible_award(self) -> None:
        raw = json.dumps(TENDER | {"rules": TENDER["rules"] | {"winners_min": 5, "winners_max": 5}}).encode()

        jsonschema.validate(decide("award", raw), schema("award", "infeasible"))

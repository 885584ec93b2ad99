"""What `decide sharing` reads and refuses."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from marketplace.kernel.refusals import BadValue
from procurement.engines.decide import decide
from procurement.engines.sharing import NothingToShare
from tests.engines.procurement.test_engine_schemas import schema
from tests.worked_examples.test_share_joint_saving import CASTINGS

GLOVES: dict[str, Any] = {
    "kind": "coalitions",
    "of": "gain",
    "members": ["left", "right", "other right"],
    "v": {"100": 0, "010": 0, "001": 0, "110": "1.5", "101": "3/2", "011": 0, "111": 2},
}


def asked(problem: dict[str, Any]) -> dict[str, Any]:
    return decide("sharing", json.dumps(problem).encode())


class TestATableOfGains:
    def test_is_shared_and_told_in_gains(self) -> None:
        jsonschema.validate(GLOVES, schema("sharing", "problem"))

        decision = asked(GLOVES)

        jsonschema.validate(json.loads(json.dumps(decision)), schema("sharing", "decision"))
        splits = {one["rule"]: one for one in decision["splits"]}
        assert (decision["of"], decision["total"]) == ("gain", 2)
        assert splits["shapley"]["exact"] == {"left": "7/6", "right": "5/12", "other right": "5/12"}
        assert sum(splits["shapley"]["shares"].values()) == 2
        assert [one["code"] for one in decision["not_offered"]] == ["no_weights"]

    def test_without_a_core_says_so(self) -> None:
        majority = {"kind": "gain", "n": 3, "v": {k: int(k.count("1") > 1) for k in GLOVES["v"]}}

        assert asked(majority)["core_empty"] is True


class TestRefuses:
    @pytest.mark.parametrize(
        ("change", "place"),
        [
            ({"kind": "auction"}, "kind"),
            ({"of": "loss"}, "of"),
            ({"members": []}, "members"),
            ({"members": ["a"] * 3}, "members[1]"),
            ({"members": [f"m{n}" for n in range(17)]}, "members"),
            ({"v": GLOVES["v"] | {"1111": 3}}, "v.1111"),
            ({"v": GLOVES["v"] | {"000": 3}}, "v.000"),
            ({"v": {k: 1 for k in GLOVES["v"] if k != "011"}}, "v.011"),
            ({"v": GLOVES["v"] | {"111": "1e999999999"}}, "v.111"),
            ({"v": GLOVES["v"] | {"111": True}}, "v.111"),
            ({"v": GLOVES["v"] | {"111": 1e300}}, "v.111"),
            ({"v": GLOVES["v"] | {"111": "3/0"}}, "v.111"),
        ],
    )
    def test_a_table_that_makes_no_sense(self, change: dict[str, Any], place: str) -> None:
        with pytest.raises(BadValue) as refused:
            asked(GLOVES | change)

        assert refused.value.facts["place"] == place

    @pytest.mark.parametrize(
        ("change", "place"),
        [
            ({"tiers": []}, "tiers"),
            ({"tiers": [{"from": 9, "price": 5}, {"from": 9, "price": 4}]}, "tiers[1].from"),
            ({"tiers": [{"from": 1, "price": 5.5}]}, "tiers[0].price"),
            ({"members": [{"member": "a", "quantity": 2**54}]}, "members[0].quantity"),
            (
                {"members": [{"member": "a", "quantity": 2**53 - 1}], "tiers": [{"from": 1, "price": 500}]},
                "tiers[0].price",
            ),
        ],
    )
    def test_a_tariff_that_makes_no_sense(self, change: dict[str, Any], place: str) -> None:
        with pytest.raises(BadValue) as refused:
            asked(CASTINGS | change)

        assert refused.value.facts["place"] == place

    @pytest.mark.parametrize("members", [[], [{"member": "a", "quantity": 0}], [{"member": "a", "quantity": -1}]])
    def test_nobody_and_nothing(self, members: list[dict[str, Any]]) -> None:
        with pytest.raises(NothingToShare):
            asked(CASTINGS | {"members": members})

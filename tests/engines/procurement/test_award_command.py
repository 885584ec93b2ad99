from __future__ import annotations

import copy
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.engines.procurement.pump_tender import RAW

Decision = dict[str, Any]


@pytest.fixture
def decided(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[Path, Decision]:
    """The pump tender's file and what `decide award` writes for it."""
    answer = _decide(monkeypatch, RAW)
    problem = tmp_path / "problem.json"
    problem.write_bytes(RAW)
    return problem, json.loads(answer)


def _decide(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> str:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
    out = io.StringIO()
    call_command("decide", "award", seconds=5.0, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def _verify(problem: Path, decision: object, tmp_path: Path) -> str:
    file, said = tmp_path / "decision.json", io.StringIO()
    file.write_text(decision if isinstance(decision, str) else json.dumps(decision))
    try:
        call_command("verify_award", str(problem), str(file), stdout=io.StringIO(), stderr=said)
    except CommandError:
        return said.getvalue()
    return ""


class TestVerifyAward:
    def test_confirms_what_decide_wrote(self, decided: tuple[Path, Decision], tmp_path: Path) -> None:
        problem, decision = decided

        assert _verify(problem, decision, tmp_path) == ""

    def test_refuses_a_decision_a_cent_off(self, decided: tuple[Path, Decision], tmp_path: Path) -> None:
        problem, decision = decided

        assert "total is 77150, not 77151" in _verify(problem, decision | {"total": decision["total"] + 1}, tmp_path)

    def test_refuses_a_decision_a_unit_off(self, decided: tuple[Path, Decision], tmp_path: Path) -> None:
        problem, decision = decided
        altered = copy.deepcopy(decision)
        altered["lines"][0]["quantity"] += 1

        assert "61 units for a demand of 60" in _verify(problem, altered, tmp_path)

    def test_refuses_a_bound_a_cent_off(self, decided: tuple[Path, Decision], tmp_path: Path) -> None:
        problem, decision = decided

        assert "bound_exact derives to 77150" in _verify(problem, decision | {"bound_exact": "77149"}, tmp_path)

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"kind": "award"}', '{"kind": "award", "lines": 3}'])
    def test_refuses_what_is_no_decision(self, text: str, decided: tuple[Path, Decision], tmp_path: Path) -> None:
        problem, _ = decided

        assert _verify(problem, text, tmp_path) != ""

    def test_names_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match=r"nowhere.json"):
            call_command("verify_award", str(tmp_path / "nowhere.json"), str(tmp_path / "nowhere.json"))


class TestDecideAward:
    @pytest.mark.parametrize(
        ("old", "new", "place"),
        [
            (b'"price": 800', b'"price": NaN', "NaN"),
            (b'"price": 800', b'"price": -1', "teng-bodies.tiers[0].price"),
            (b'"lot": "bodies"', b'"lot": "valves"', "teng-both.quantities"),
        ],
    )
    def test_refuses_bad_input_with_its_place(
        self, old: bytes, new: bytes, place: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bad = json.dumps(json.loads(RAW)).encode().replace(old, new)
        assert new in bad

        with pytest.raises(CommandError, match=place.replace("[", r"\[").replace("]", r"\]")):
            _decide(monkeypatch, bad)

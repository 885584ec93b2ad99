"""Identifiers are judged by their own standards, and a doubt never blocks."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from marketplace.engines.identifiers import judge


class TestJudge:
    def test_a_credit_code_with_its_check_digit_holds(self) -> None:
        found = judge("cn.uscc", "91310110666007217t")

        assert (found.value, found.valid) == ("91310110666007217T", True)

    def test_a_real_pilot_region_code_is_doubted_and_kept(self) -> None:
        found = judge("cn.uscc", "91350211M00013FA1N")

        assert (found.value, found.doubt) == ("91350211M00013FA1N", "InvalidChecksum")

    def test_a_gtin_is_written_compactly(self) -> None:
        assert judge("gtin", "978-0-471-11709-4").value == "9780471117094"

    def test_a_gtin_with_a_wrong_digit_is_doubted(self) -> None:
        assert judge("gtin", "9780471117095").doubt == "InvalidChecksum"

    def test_a_scheme_without_a_standard_is_taken_as_it_is(self) -> None:
        assert judge("own", "  A  17 ") == judge("own", "A 17")
        assert judge("own", "A 17").valid


@pytest.mark.shared
def test_the_published_cases_are_judged_as_published(shared: Path) -> None:
    with (shared / "data/reference/identifier_cases.csv").open(encoding="utf-8") as file:
        cases = list(csv.DictReader(file))

    wrong = [case for case in cases if not _agrees(case["scheme"], case["value"], case["expected"])]
    assert wrong == []
    assert len(cases) >= 15


def _agrees(scheme: str, value: str, expected: str) -> bool:
    doubt = judge(scheme, value).doubt
    if expected == "valid":
        return not doubt
    if expected.startswith("format only"):
        return doubt in {"", "InvalidChecksum"}
    if expected.startswith("invalid: check digit"):
        return doubt == "InvalidChecksum"
    return doubt == expected

"""Units are spelled by people and converted exactly."""

from __future__ import annotations

import csv
import gzip
import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.engines.units import UNITS, AmbiguousUnit, CannotConvert, UnknownUnit, convert, parse_unit
from marketplace.kernel.quantity import Quantity

# Recommendation 20 prints the imperial gallon of before 1985 (ours is the legal 4.54609 litres), and the troy ounce of
# 31.1034768 g a power of ten too small.
MISPRINTED = {"GLI", "APZ"}


class TestParseUnit:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("个", "C62"),
            ("pcs", "C62"),
            ("Each", "EA"),
            ("公斤", "KGM"),
            ("千克", "KGM"),
            ("kg", "KGM"),
            (" Ｋｇ ", "KGM"),
            ("KGM", "KGM"),
            ("吨", "TNE"),
            ("m", "MTR"),
            ("㎡", "MTK"),
            ("m²", "MTK"),
            ("m3", "MTQ"),
            ("L.S.", "LS"),
            ("LS", "LS"),
            ("S.Y.", "YDK"),
            ("C.Y.", "YDQ"),
            ("LF", "LF"),
            ("Gal", "GLL"),
            ("双", "PR"),
            ("箱", "XCT"),
            ("MW", "MAW"),
        ],
    )
    def test_knows_codes_symbols_and_names_in_both_languages(self, text: str, code: str) -> None:
        assert parse_unit(text) == code

    @pytest.mark.parametrize("text", ["", "#REF!", "0", "furlong", "mW", "NaN", "k g m x"])
    def test_refuses_what_is_no_unit(self, text: str) -> None:
        with pytest.raises(UnknownUnit):
            parse_unit(text)

    @pytest.mark.parametrize("text", ["Ton", "tons", "斤", "ct"])
    def test_refuses_to_guess_between_several(self, text: str) -> None:
        with pytest.raises(AmbiguousUnit) as caught:
            parse_unit(text)

        assert caught.value.facts["codes"]

    @given(st.sampled_from(sorted(UNITS)))
    def test_takes_every_code_as_it_is(self, code: str) -> None:
        assert parse_unit(code) == code


class TestConvert:
    @pytest.mark.parametrize(
        ("amount", "unit", "to", "result"),
        [
            (242, "LBR", "KGM", Fraction("109.76935354")),
            (12, "INH", "FOT", Fraction(1)),
            (Fraction(1, 3), "DZN", "C62", Fraction(4)),
            (7, "PR", "EA", Fraction(14)),
            (1, "GLL", "LTR", Fraction("3.785411784")),
            (1, "STN", "LBR", Fraction(2000)),
            (1, "YDK", "FTK", Fraction(9)),
            (1, "BLL", "GLL", Fraction(42)),
            (1, "ANN", "MON", Fraction(12)),
        ],
    )
    def test_is_exact(self, amount: int, unit: str, to: str, result: Fraction) -> None:
        assert convert(Quantity(Fraction(amount), unit), to) == Quantity(result, to)

    @given(st.fractions(), st.sampled_from(sorted(UNITS)), st.data())
    def test_there_and_back_is_what_was_typed(self, amount: Fraction, code: str, data: st.DataObject) -> None:
        kin = [other.code for other in UNITS.values() if other.kind == UNITS[code].kind]
        other = data.draw(st.sampled_from(kin))

        assert convert(convert(Quantity(amount, code), other), code) == Quantity(amount, code)

    @pytest.mark.parametrize(("unit", "to"), [("KGM", "MTR"), ("SET", "C62"), ("XBX", "XCT"), ("MTK", "MTQ")])
    def test_refuses_between_different_things(self, unit: str, to: str) -> None:
        with pytest.raises(CannotConvert):
            convert(Quantity(Fraction(1), unit), to)

    def test_refuses_a_unit_it_does_not_know(self) -> None:
        with pytest.raises(UnknownUnit):
            convert(Quantity(Fraction(1), "QQQ"), "KGM")


@pytest.mark.shared
class TestAgainstRecommendation20:
    def test_every_code_stands_in_the_recommendation_and_is_not_withdrawn(self, shared: Path) -> None:
        standard = _standard(shared)

        ours = [code for code in UNITS if not code.startswith("X")]
        assert [code for code in ours if code not in standard] == []
        assert [code for code in ours if standard[code]["Status"]] == []

    def test_every_factor_it_prints_is_ours_rounded_to_as_many_digits(self, shared: Path) -> None:
        printed = {code: _factor(row["ConversionFactor"]) for code, row in _standard(shared).items() if code in UNITS}
        told = {code: found for code, found in printed.items() if found is not None and UNITS[code].kind != "share"}

        wrong = {code for code, (theirs, step) in told.items() if abs(UNITS[code].factor - theirs) > step / 2}
        assert wrong == MISPRINTED
        assert len(told) > 80


def _standard(shared: Path) -> dict[str, dict[str, str]]:
    with gzip.open(shared / "data/reference/unece_rec20.csv.gz", "rt", encoding="utf-8") as file:
        return {row["CommonCode"]: row for row in csv.DictReader(file)}


SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def _factor(text: str) -> tuple[Fraction, Fraction] | None:
    """Read `2,834 952 x 10⁻² kg` as the number and the value of its last printed digit; None when there is none."""
    power = re.search("10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", text)
    rest = text.replace(power[0], "") if power else text
    number = re.match(r"\d[\d, \xa0]*", rest)
    if rest.strip().endswith("mg") or not (power or number):
        return None
    digits = re.sub(r"[ \xa0]", "", number[0] if number else "1").replace(",", ".")
    scale = Fraction(10) ** int((power[1] if power else "0").translate(SUPERSCRIPTS))
    places = len(digits.partition(".")[2])
    return Fraction(digits) * scale, Fraction(1, 10**places) * scale

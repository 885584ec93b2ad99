"""Messy texts are read, compared, and become products with confidence and reasons."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.engines.product_match import (
    Corpus,
    Matcher,
    NothingToLearn,
    Options,
    Record,
    candidates,
    practice_pairs,
    read,
    reasons,
)
from marketplace.engines.product_match.attributes import compare_attributes
from marketplace.engines.product_match.context import confirmed, rivals
from marketplace.engines.product_match.corpus import Table
from marketplace.engines.product_match.decide import decide
from marketplace.engines.product_match.features import Pairs, featurise
from marketplace.engines.product_match.matcher import best_threshold
from marketplace.engines.product_match.reading import fold, term, words
from marketplace.kernel.refusals import BadValue

BOLTS = [
    Record(
        f"B{size}-{length}-{grade}",
        f"Hexagon bolt M{size}x{length} stainless {grade} / 不锈钢六角螺栓 M{size}×{length} {grade}",
    )
    for size in (6, 8, 10)
    for length in (20, 30, 40)
    for grade in ("A2", "A4")
]


def of(text: str, **more: Any) -> Record:
    return Record("r", text, **more)


class TestReading:
    @pytest.mark.parametrize(
        ("text", "amounts"),
        [
            ("M8x30 hex bolt, A2 stainless, 200 pc", {"thread=8", "thread length=30", "count=200"}),
            ("１．５ｋＷ motor", {"power=1500"}),
            ("lg 52 ' lcd 320gb", {"length=1321", "data=3.2e+05"}),
            ("钢板 400*300 厚5毫米", {"size=300x400", "length=5"}),
            ("cable 1/2 inch", {"length=12.7"}),
        ],
    )
    def test_numbers_with_units_are_told_in_base_units(self, text: str, amounts: set[str]) -> None:
        assert amounts <= set(read(of(text)).amounts)

    def test_full_width_case_and_accents_fold(self) -> None:
        assert fold("Ｍ８×３０ CAFÉ Straße") == "m8x30 cafe strasse"

    def test_chinese_is_read_in_pairs_beside_latin(self) -> None:
        assert words(fold("不锈钢螺栓M8")) == ["不锈", "锈钢", "钢螺", "螺栓", "m8"]

    def test_part_numbers_join_over_dashes_and_units_are_none(self) -> None:
        assert read(of("kenwood kca-ip300v cable 320gb 1080p")).codes == ["kcaip300v", "ip300v"]

    def test_grades_are_found(self) -> None:
        assert read(of("SUS304 钢板 Q235 8.8级 A2")).grades == ["sus304", "q235", "88", "a2"]

    def test_numbers_have_one_spelling(self) -> None:
        assert read(of("word v7.0 2007")).numbers == ["7", "2007"]

    def test_a_term_keeps_every_inner_sign(self) -> None:
        assert (term("  The USUAL,  please. "), term("-5 x") == term("5 x")) == ("the usual, please", False)

    @given(st.text(max_size=80))
    def test_any_text_can_be_read(self, text: str) -> None:
        found = read(Record("r", text, text=text))

        assert all(found.words)


class TestBlocking:
    def test_the_nearest_come_first_and_no_more_than_k(self) -> None:
        corpus = Corpus.of(BOLTS)

        found = candidates([of("M8x30 hex bolt A4")], BOLTS, corpus, k=3)

        assert BOLTS[found[0][1]].key == "B8-30-A4"
        assert len(found) == 3

    def test_nothing_shared_is_no_candidate(self) -> None:
        assert candidates([of("zzz")], BOLTS, Corpus.of(BOLTS)) == []


class TestFeatures:
    def test_the_order_of_pairs_does_not_change_their_features(self) -> None:
        pairs = [(BOLTS[n], BOLTS[m]) for n in range(4) for m in range(4)]
        corpus = Corpus.of(BOLTS)

        def rows(some: Any) -> Any:
            found = Pairs.of(some)
            return featurise(Table.of(found.records, corpus), found.left, found.right).matrix

        assert np.allclose(rows(pairs)[::-1], rows(pairs[::-1]))

    def test_worked_by_hand(self) -> None:
        """docs/algorithms/product_match.md: three records, one shared word of two and three."""
        a, b = of("hex bolt"), Record("s", "bolt m8 zinc")
        corpus = Corpus.of([a, b, Record("t", "nut m8")])
        found = featurise(Table.of([a, b], corpus), np.array([0]), np.array([1]))
        told = dict(zip(found.names, found.matrix[0], strict=True))

        assert told["title: cosine"] == pytest.approx(0.3135, abs=1e-4)
        assert (told["title: count both"], told["title: count left"], told["title: count right"]) == (1, 1, 2)


class TestRivals:
    def test_lead_rank_and_best_other(self) -> None:
        odds = np.log(np.array([0.8, 0.5, 0.2]) / (1 - np.array([0.8, 0.5, 0.2]))).astype(np.float32)

        told = rivals(odds, [np.array([0, 0, 1])])

        assert told[:, 0].tolist() == pytest.approx([0.3, -0.3, 0.2], abs=1e-6)
        assert (told[:, 1].tolist(), told[:, 2].tolist()) == ([0, 1, 0], [2, 2, 1])

    def test_confirmed_elsewhere_does_not_count_the_pair_itself(self) -> None:
        left, right, labels = np.array([0, 0]), np.array([5, 6]), np.array([1, 0])

        told = confirmed(left, right, labels, of_left=left, of_right=right, own=labels)

        assert told.tolist() == [[0, 0], [1, 0]]


class TestMatcher:
    def test_the_same_input_gives_the_same_scores(self) -> None:
        pairs, labels = practice_pairs(BOLTS, seed=3, most=60)
        made = [Matcher.fit(pairs, labels, seed=1, options=Options(members=1, rounds=20)) for _ in "12"]

        first, second = (matcher.score(pairs[:40]) for matcher in made)

        assert first.tolist() == second.tolist()
        assert (first.min() >= 0, first.max() <= 1) == (True, True)

    def test_one_kind_of_label_teaches_nothing(self) -> None:
        with pytest.raises(NothingToLearn) as refused:
            Matcher.fit([(BOLTS[0], BOLTS[1])] * 5, [0] * 5, seed=1)

        assert refused.value.facts == {"matches": 0, "pairs": 5}

    def test_the_threshold_is_where_f1_is_largest(self) -> None:
        threshold, f1 = best_threshold(np.array([0.9, 0.8, 0.3, 0.1], np.float32), np.array([1, 1, 0, 0]))

        assert (threshold, f1) == (pytest.approx(0.55), 1.0)

    def test_reasons_are_facts_for_and_against(self) -> None:
        told = {(r.code, r.side) for r in reasons(read(of("M8x30 bolt A4")), read(BOLTS[8]))}

        assert {("part_number", "for"), ("amount", "for"), ("grade", "against")} <= told


class TestPractice:
    def test_positives_keep_their_digits_and_negatives_are_others(self) -> None:
        pairs, labels = practice_pairs(BOLTS, seed=5, most=40)

        for (text, product), label in zip(pairs, labels, strict=True):
            own = text.key.split(":")[1] == product.key
            assert own == bool(label)
        assert 0 < sum(labels) < len(labels) / 2

    def test_the_seed_decides(self) -> None:
        assert practice_pairs(BOLTS, seed=5, most=40) == practice_pairs(BOLTS, seed=5, most=40)
        assert practice_pairs(BOLTS, seed=5, most=40) != practice_pairs(BOLTS, seed=6, most=40)


class TestAttributes:
    GIVEN: list[dict[str, Any]] = [
        {"name": "diameter", "type": "number", "unit": "mm", "must_match": True},
        {"name": "length", "type": "number", "unit": "mm"},
        {"name": "material", "type": "choice", "choices": ["A2", "A4"], "must_match": True},
        {"name": "sterile", "type": "flag"},
    ]
    VALUES = {"diameter": 8, "length": 30, "material": "A2", "sterile": True}

    def told(self, text: str) -> dict[str, tuple[str, bool]]:
        found = compare_attributes(read(of(text)), self.GIVEN, self.VALUES)
        return {reason.facts["name"]: (reason.side, must) for reason, must in found}

    def test_what_agrees(self) -> None:
        assert self.told("bolt M8x30 A2") == {
            "diameter": ("for", True),
            "length": ("for", False),
            "material": ("for", True),
        }

    def test_what_contradicts(self) -> None:
        assert self.told("bolt M8x40 A4") == {
            "diameter": ("for", True),
            "length": ("against", False),
            "material": ("against", True),
        }

    def test_what_is_not_said_speaks_neither_way(self) -> None:
        assert self.told("a bolt") == {}


class TestDeciding:
    PROBLEM: dict[str, Any] = {
        "catalogue": [
            {"code": r.key, "name": r.title.split(" / ")[0], "name_zh": r.title.split(" / ")[1]} for r in BOLTS
        ],
        "lines": [{"id": "a", "text": "M8*30 hex bolt, A2 stainless, 200 pc"}, {"id": "b", "text": "garden hose"}],
    }

    def test_a_line_becomes_a_product_with_reasons_and_another_becomes_none(self) -> None:
        came = decide(json.dumps(self.PROBLEM).encode())

        first, second = came["lines"]
        assert (first["decision"], first["product"], first["id"]) == ("automatic", "B8-30-A2", "a")
        assert {"code": "grade", "side": "for", "same": ["a2"]} in first["reasons"]
        assert (second["decision"], second["product"], second["confidence"]) == ("none", None, 0.0)

    @pytest.mark.parametrize(
        ("problem", "place"),
        [
            ([], "problem"),
            ({"lines": []}, "catalogue"),
            ({"catalogue": [{"name": "x"}], "lines": []}, "catalogue[0].code"),
            ({"catalogue": [], "lines": [{"text": 3}]}, "lines[0].text"),
            ({"catalogue": [{"code": "a", "name": "x"}] * 2, "lines": []}, "catalogue"),
            ({"catalogue": [], "lines": [], "seed": "x"}, "seed"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, problem: Any, place: str) -> None:
        with pytest.raises(BadValue) as refused:
            decide(json.dumps(problem).encode())

        assert refused.value.facts["place"] == place

    def test_an_empty_catalogue_matches_nothing(self) -> None:
        came = decide(json.dumps({"catalogue": [], "lines": [{"text": "bolt"}]}).encode())

        assert came["lines"][0]["decision"] == "none"

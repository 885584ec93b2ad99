"""How open data is written and merged."""

from __future__ import annotations

from decimal import Decimal

import pytest

from procurement.insights.rules.open_data import compiled, merge, read, write


class TestWrite:
    def test_numbers_keep_all_their_digits(self):
        text = write(
            {"amount": Decimal("12345678901234567.890000"), "count": 3, "name": "泵", "none": None, "yes": True}
        )

        assert text == '{"amount":12345678901234567.89,"count":3,"name":"泵","none":null,"yes":true}'
        assert write(read(text)) == text

    @pytest.mark.parametrize("value", [1.5, Decimal("NaN"), object()])
    def test_refuses_what_is_no_exact_number_or_no_json(self, value):
        with pytest.raises(TypeError):
            write({"amount": value})

    def test_whole_numbers_keep_their_noughts(self):
        assert write([Decimal("100"), Decimal("1E+3"), Decimal("0.10")]) == "[100,1000,0.1]"


class TestMerge:
    def test_objects_by_field_lists_by_id_others_whole(self):
        old = {"a": {"x": 1, "y": 2}, "rows": [{"id": "1", "v": 1}, {"id": "2"}], "tags": ["a", "b"], "gone": 1}
        new = {"a": {"y": 3}, "rows": [{"id": "1", "w": 2}, {"id": "3"}], "tags": ["c"], "gone": None}

        assert merge(old, new) == {
            "a": {"x": 1, "y": 3},
            "rows": [{"id": "1", "v": 1, "w": 2}, {"id": "2"}, {"id": "3"}],
            "tags": ["c"],
        }

    def test_lists_that_the_schema_replaces_whole_are_replaced(self):
        old = {"additionalClassifications": [{"id": "1"}]}

        assert merge(old, {"additionalClassifications": [{"id": "2"}]}) == {"additionalClassifications": [{"id": "2"}]}

    def test_a_compiled_release_is_dated_by_the_last_and_keeps_its_process(self):
        releases = [
            {"ocid": "o-1", "id": "1", "date": "2026-03-01T00:00:00Z", "tag": ["tender"], "tender": {"id": "t"}},
            {"ocid": "o-1", "id": "2", "date": "2026-03-02T00:00:00Z", "tag": ["award"], "awards": [{"id": "a"}]},
        ]

        assert compiled(releases) == {
            "ocid": "o-1",
            "id": "o-1-2026-03-02T00:00:00Z",
            "date": "2026-03-02T00:00:00Z",
            "tag": ["compiled"],
            "tender": {"id": "t"},
            "awards": [{"id": "a"}],
        }

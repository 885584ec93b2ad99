"""Which products one pool gathers, and what inherits down the tree."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.catalogue import models, queries, rules, use_cases
from marketplace.catalogue.use_cases import WrongAttributes
from tests.marketplace.catalogue.scene import BEI, LENGTH, NOTE, STEEL, WEI, category, draft, pk, product

pytestmark = pytest.mark.django_db


class TestPooledAs:
    @pytest.mark.parametrize(
        "same",
        [
            {"length": 30, "steel": "A2"},
            {"length": "30.0", "steel": "a2 "},
            {"length": "3 cm", "steel": "Ａ２"},
            {"length": "0.03 m", "steel": "A2", "note": "whatever"},
        ],
    )
    def test_products_equal_in_what_must_match_are_one(self, same: dict[str, Any]) -> None:
        category()
        one, other = product("S-1"), product("S-2", same)

        assert queries.pooled_as([pk(one), pk(other)]) == {pk(one): pk(one), pk(other): pk(one)}

    @pytest.mark.parametrize(
        ("other", "more"),
        [
            ({"length": 31, "steel": "A2"}, {}),
            ({"length": 30, "steel": "A4"}, {}),
            ({"length": 30}, {}),
            ({"length": 30, "steel": " "}, {}),
            ({"length": 30, "steel": "A2"}, {"unit": "KGM"}),
            ({"length": 30, "steel": "A2"}, {"category_code": "nails"}),
        ],
    )
    def test_others_stand_for_themselves(self, other: dict[str, Any], more: dict[str, Any]) -> None:
        category()
        category("nails")
        one, two = product("S-1"), product("S-2", other, **more)

        assert queries.pooled_as([pk(one), pk(two)]) == {pk(one): pk(one), pk(two): pk(two)}

    def test_two_that_lack_the_same_value_are_not_one(self) -> None:
        category()
        one, two = product("S-1", {"length": 30}), product("S-2", {"length": 30})

        assert queries.pooled_as([pk(two)]) == {pk(two): pk(two)}
        assert queries.pooled_as([pk(one)]) == {pk(one): pk(one)}

    def test_a_category_in_which_nothing_must_match_gathers_nothing(self) -> None:
        category("screws", NOTE)
        one, two = product("S-1", {"note": "x"}), product("S-2", {"note": "x"})

        assert queries.pooled_as([pk(one), pk(two)]) == {pk(one): pk(one), pk(two): pk(two)}

    def test_the_first_in_use_stands_for_all_even_when_nobody_asks_for_it(self) -> None:
        category()
        old, one, two = product("S-1"), product("S-2"), product("S-3")
        waiting = draft("S-0")
        assert queries.pooled_as([pk(two)]) == {pk(two): pk(old)}

        use_cases.retire_product(product_ref=old, **WEI)

        assert queries.pooled_as([pk(two), pk(old), pk(waiting)]) == {
            pk(two): pk(one),
            pk(old): pk(one),
            pk(waiting): pk(one),
        }

    def test_takes_as_many_queries_for_many_as_for_one(self) -> None:
        category()
        ids = [pk(product(f"S-{n}", {"length": n + 1, "steel": "A2"})) for n in range(12)]

        counts = []
        for asked in (ids[:1], ids):
            with CaptureQueriesContext(connection) as found:
                assert set(queries.pooled_as(asked)) == set(asked)
            counts.append(len(found))

        assert counts == [2, 2]
        assert queries.pooled_as([]) == {}


class TestInheritance:
    def test_a_branch_has_its_parents_definitions_unless_it_says_otherwise(self) -> None:
        category()
        own = {"name": "steel", "type": "choice", "choices": ["A4"], "required": True, "must_match": True}
        category("marine", own, parent_code="screws")

        with pytest.raises(WrongAttributes):
            draft("M-1", {"steel": "A4"}, category_code="marine")
        with pytest.raises(WrongAttributes):
            draft("M-1", {"steel": "A2", "length": 30}, category_code="marine")
        one = product("M-1", {"steel": "A4", "length": 30}, category_code="marine")
        two = product("M-2", {"steel": "A4", "length": "3cm"}, category_code="marine")

        assert queries.pooled_as([pk(two)]) == {pk(two): pk(one)}
        assert models.Product.objects.filter(match_key="").count() == 0

    def test_the_nearest_definition_holds(self) -> None:
        nearer = {**STEEL, "required": True}

        assert rules.effective([[LENGTH, STEEL], [nearer], [NOTE]]) == [LENGTH, nearer, NOTE]


class TestReview:
    def test_a_draft_that_no_longer_fits_is_not_let_in(self) -> None:
        category()
        ref = draft("S-1")
        models.Category.objects.update(attributes=[{**NOTE, "required": True}])

        with pytest.raises(WrongAttributes):
            use_cases.review_product(product_ref=ref, **BEI)

        assert queries.product(ref).state == "draft"


class TestNumbers:
    @pytest.mark.parametrize(
        "wrong", ["", "x", "NaN", "1e999", "3 kg", "3 parsec", True, [1], "1,5", "0x10", "Infinity", "9" * 61]
    )
    def test_what_is_no_number_of_the_unit_is_none(self, wrong: Any) -> None:
        assert rules.number_of(LENGTH, wrong) is None

    def test_a_unit_is_not_guessed_where_the_definition_has_none(self) -> None:
        assert rules.number_of({"name": "n", "type": "number"}, "3 mm") is None
        assert rules.number_of({"name": "n", "type": "number", "unit": "HRC"}, "58 hrc") == 58


class TestKeys:
    def test_products_that_stood_before_are_given_theirs(self) -> None:
        category()
        category("marine", NOTE, parent_code="screws")
        one, two = product("M-1", category_code="marine"), product("M-2", category_code="marine")
        models.Product.objects.update(match_key="")
        migration = import_module("marketplace.catalogue.migrations.0004_match_keys")

        migration.write(apps, None)

        assert queries.pooled_as([pk(two)]) == {pk(two): pk(one)}

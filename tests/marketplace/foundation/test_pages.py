"""What every page stands on."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from marketplace.catalogue.models import Category
from marketplace.foundation import navigation
from marketplace.foundation.navigation import Entry
from marketplace.foundation.pages import csv_of, leaf_of
from marketplace.kernel.actors import NOBODY, Actor

LIN = Actor("user:lin", "OR-2026-0001", frozenset({"buyer", "requester"}))
WEI = Actor("user:wei", staff=True)


class TestEntries:
    @pytest.mark.parametrize(
        ("entry", "shown_to"),
        [
            (Entry("x", "x", frozenset(), False, False, 0), {"lin"}),
            (Entry("x", "x", frozenset({"buyer"}), True, False, 0), {"lin", "wei"}),
            (Entry("x", "x", frozenset({"supplier"}), False, False, 0), set()),
            (Entry("x", "x", frozenset(), False, True, 0), {"lin", "wei", "nobody"}),
        ],
    )
    def test_are_shown_to_those_who_may_open_them(self, entry: Entry, shown_to: set[str]) -> None:
        people = {"lin": LIN, "wei": WEI, "nobody": NOBODY}
        assert {name for name, actor in people.items() if entry.shown_to(actor)} == shown_to

    def test_the_one_that_holds_the_page_is_marked(self) -> None:
        here = navigation.links(RequestFactory().get("/organisation/apply/"), LIN)

        assert [link.url for link in here if link.current] == ["/organisation/"]


@pytest.mark.django_db
class TestLeaf:
    def test_turns_a_long_list_over_by_key(self) -> None:
        Category.objects.bulk_create(Category(code=f"c{n}", name_en="x") for n in range(5))
        seen, address = [], "/?q=x"
        for _ in range(3):
            leaf = leaf_of(Category.objects.all(), RequestFactory().get(address), size=2)
            seen.append([row.code for row in leaf.rows])
            address = f"/{leaf.older}"

        assert seen == [["c4", "c3"], ["c2", "c1"], ["c0"]]
        assert leaf.older == ""
        assert not leaf.first

    @pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "１", "1;--"])
    def test_forgives_an_address_that_was_tampered_with(self, before: str) -> None:
        leaf = leaf_of(Category.objects.all(), RequestFactory().get("/", {"before": before}))

        assert leaf.rows == []


class TestDownloads:
    def test_spreadsheets_get_text_never_formulas(self) -> None:
        answer: HttpResponse = csv_of("x", ["name", "n"], [["=1+1", -5], ["@cmd", "-2.5"], ["+86 10", None], ["-x", 3]])

        lines = answer.content.decode("utf-8-sig").splitlines()
        assert lines == ["name,n", "'=1+1,-5", "'@cmd,-2.5", "'+86 10,", "'-x,3"]
        assert answer["Content-Disposition"] == 'attachment; filename="x.csv"'

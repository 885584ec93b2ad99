"""Two products that are one are merged, and nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from marketplace.catalogue import models, queries, use_cases
from marketplace.catalogue.queries import Kept
from marketplace.catalogue.use_cases import (
    CodeTaken,
    IdentifierTaken,
    MergeCircle,
    NoExactConversion,
    NotInUse,
    OddAttributes,
    Tier,
)
from marketplace.events.models import OutboxEvent
from marketplace.events.queries import history
from marketplace.kernel.money import Rate
from marketplace.kernel.refusals import BadValue, IllegalMove, StaleWrite
from tests.cast import Player
from tests.marketplace.catalogue.scene import BEI, LENGTH, NOTE, WEI, category, draft, pk, product, replaced

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 4, 2, 12, tzinfo=UTC)


def merge(kept: str, merged: str, **more: Any) -> None:
    given = {"keep_ref": kept, "merge_ref": merged, "why": "same thing", **WEI}
    use_cases.merge_products(**{**given, **more})


def split(ref: str, **more: Any) -> None:
    use_cases.split_product(**{"product_ref": ref, "why": "not the same", **BEI, **more})


def price(ref: str, *tiers: tuple[str, str], supplier: str | None = None) -> None:
    steps = [Tier(Decimal(start), Rate(Decimal(amount), "CNY")) for start, amount in tiers]
    use_cases.publish_price_list(product_ref=ref, supplier_ref=supplier, tiers=steps, **WEI)


def prices(ref: str) -> list[tuple[Decimal, Decimal]]:
    return [(start, rate.amount) for start, rate in queries.price_list(pk(ref))]


def standing() -> list[Any]:
    products = models.Product.objects.order_by("id").values_list("state", "merged_into", "merge_ratio", "revision")
    return [*products, models.MergeStep.objects.count()]


@pytest.fixture
def three() -> tuple[str, str, str]:
    category()
    return product("S-1"), product("S-2"), product("S-3")


class TestMergeProducts:
    def test_the_kept_one_answers_for_the_other_by_every_name(self, three: tuple[str, str, str]) -> None:
        one, two, _ = three
        use_cases.add_identifier(product_ref=one, scheme="own", value="1", **WEI)
        use_cases.add_identifier(product_ref=two, scheme="own", value="2", **WEI)

        merge(one, two)

        assert queries.product(two).ref == one
        assert queries.products_by_code(["S-2"])["S-2"].ref == one
        assert queries.ids_by_code(["S-2"]) == {"S-2": pk(one)}
        assert queries.resolve("own", "2").ref == one
        assert queries.identifiers_of(one) == [("own", "1"), ("own", "2")]
        assert queries.canonical_ids([pk(two), pk(one), 10**9]) == {pk(two): pk(one), pk(one): pk(one)}
        assert OutboxEvent.objects.get(name="ProductsMerged").payload == {"kept_ref": one, "merged_ref": two}

    def test_its_row_stays_for_whatever_refers_to_it(self, three: tuple[str, str, str]) -> None:
        one, two, _ = three
        merge(one, two)

        view = queries.products_by_id([pk(two)])[pk(two)]
        assert (view.ref, view.code, view.state) == (two, "S-2", "merged")
        assert [step.verb for step in history(two)] == ["review", "merge"]
        assert [(step.verb, step.why) for step in history(one)][-1] == ("absorb", "same thing")
        with pytest.raises(CodeTaken):
            draft("S-2")
        with pytest.raises(DatabaseError), transaction.atomic():
            models.MergeStep.objects.update(why="?")

    def test_its_pool_is_that_of_the_kept_one(self, three: tuple[str, str, str]) -> None:
        one, _, _ = three
        other = product("S-9", {"length": 99, "steel": "A4"})

        merge(other, one, all_the_same=True)

        assert queries.pooled_as([pk(one), pk(other)]) == {pk(one): pk(other), pk(other): pk(other)}
        assert models.MergeStep.objects.get().odds == {"length": ["30", 99], "steel": ["A2", "A4"]}

    def test_prices_of_both_are_one_list(self, three: tuple[str, str, str], teng: Player) -> None:
        one, two, _ = three
        price(one, ("1", "5"), supplier=teng.org)
        price(two, ("100", "4"), supplier=teng.org)
        merge(one, two)

        assert prices(one) == prices(two) == [(Decimal(1), Decimal(5)), (Decimal(100), Decimal(4))]
        price(two, ("1", "3"), supplier=teng.org)
        assert prices(one) == [(Decimal(1), Decimal(3))]
        assert models.PriceListTier.objects.filter(superseded_at=None).get().product.ref == one

    def test_substitutes_of_both_hold_for_both(self, three: tuple[str, str, str]) -> None:
        one, two, three_ = three
        nine = product("S-9", {"length": 99, "steel": "A4"})
        replaced(two, nine, ratio=Decimal(2))
        replaced(nine, two)
        merge(one, two)
        merge(three_, one)

        for asked in three:
            assert [(s.ref, s.ratio) for s in queries.substitutes_of(pk(asked))] == [(nine, Decimal(2))]
        assert [s.ref for s in queries.substitutes_of(pk(nine))] == [three_]
        replaced(one, nine, ratio=Decimal(3))
        assert [s.ratio for s in queries.substitutes_of(pk(two))] == [Decimal(3)]

    def test_what_was_merged_before_follows(self, three: tuple[str, str, str]) -> None:
        one, two, last = three
        merge(two, one)
        merge(last, two)

        assert set(queries.canonical_ids([pk(ref) for ref in three]).values()) == {pk(last)}
        assert queries.product(one).ref == last

    def test_an_identifier_of_the_merged_one_is_known_already(self, three: tuple[str, str, str]) -> None:
        one, two, last = three
        use_cases.add_identifier(product_ref=two, scheme="own", value="2", **WEI)
        merge(one, two)

        assert use_cases.add_identifier(product_ref=one, scheme="own", value="2", **WEI) == ""
        with pytest.raises(IdentifierTaken):
            use_cases.add_identifier(product_ref=last, scheme="own", value="2", **WEI)

    def test_refuses_circles(self, three: tuple[str, str, str]) -> None:
        one, two, last = three
        merge(one, two)
        merge(last, one)
        before = standing()

        for kept, merged in ((one, one), (one, last), (two, last), (last, two)):
            with pytest.raises(MergeCircle):
                merge(kept, merged)

        assert standing() == before

    def test_refuses_what_is_not_traded_and_no_reason(self, three: tuple[str, str, str]) -> None:
        one, two, last = three
        use_cases.retire_product(product_ref=two, **WEI)
        before = standing()

        with pytest.raises(NotInUse):
            merge(two, one)
        with pytest.raises(IllegalMove):
            merge(one, two)
        with pytest.raises(BadValue):
            merge(one, last, why=" ")
        assert standing() == before

    def test_refuses_to_keep_one_that_is_merged(self, three: tuple[str, str, str]) -> None:
        one, two, last = three
        merge(one, two)

        with pytest.raises(NotInUse):
            merge(two, last)
        with pytest.raises(IllegalMove):
            merge(last, two)

    def test_refuses_two_that_differ_in_what_must_match(self, three: tuple[str, str, str]) -> None:
        one, _, _ = three
        other = product("S-9", {"length": "3.1 cm"})
        before = standing()

        with pytest.raises(OddAttributes) as refused:
            merge(one, other)

        assert refused.value.facts["wrong"] == "length: 3.1 cm - 30"
        assert standing() == before

    def test_of_two_merges_at_once_one_stands(
        self, three: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from marketplace.catalogue.use_cases import merging

        one, two, _ = three
        read = {ref: merging.load_row(ref) for ref in (one, two)}
        merge(one, two)
        before = standing()
        monkeypatch.setattr(merging, "load_row", read.get)

        with pytest.raises(StaleWrite), transaction.atomic():
            merge(two, one)

        assert standing() == before

    def test_a_waiting_version_of_the_merged_one_is_refused(self, three: tuple[str, str, str]) -> None:
        one, two, _ = three
        waiting = use_cases.propose_version(product_ref=two, changes={"name_en": "Two"}, why="x", **WEI)
        merge(one, two)

        with pytest.raises(NotInUse):
            use_cases.publish_proposal(proposal_ref=waiting, **BEI)

        assert queries.products_by_id([pk(two)])[pk(two)].name_en == "S-2"


class TestUnits:
    def test_two_units_are_merged_by_their_exact_conversion(self) -> None:
        category("screws", NOTE)
        grams, kilos = product("G", {}, unit="g"), product("K", {}, unit="kg")
        price(kilos, ("2", "5"))
        merge(grams, kilos)

        assert queries.kept([pk(kilos)]) == {pk(kilos): Kept(pk(grams), Decimal(1000))}
        assert prices(grams) == [(Decimal(2000), Decimal("0.005"))]
        assert prices(kilos) == [(Decimal(2), Decimal(5))]

    def test_quantities_of_two_units_are_never_gathered_as_one(self) -> None:
        category("screws", LENGTH)
        grams, kilos = product("G", {"length": 1}, unit="g"), product("K", {"length": 1}, unit="kg")
        merge(grams, kilos)

        assert queries.pooled_as([pk(kilos), pk(grams)]) == {pk(kilos): pk(kilos), pk(grams): pk(grams)}
        assert queries.ids_by_code(["K"]) == {"K": pk(kilos)}

    def test_refuses_what_does_not_convert_exactly(self) -> None:
        category("screws", NOTE)
        pieces, kilos, grams = product("P", {}), product("K", {}, unit="kg"), product("G", {}, unit="g")
        inches, metres = product("I", {}, unit="in"), product("M", {}, unit="m")
        price(grams, ("1", "0.333333"), ("2", "0.3"))
        price(inches, ("0", "0.01"))
        before = standing()

        for kept, merged, more in (
            (pieces, kilos, {}),
            (kilos, pieces, {}),
            (inches, metres, {}),
            (grams, kilos, {"ratio": Decimal(999)}),
            (pieces, kilos, {"ratio": Decimal(0)}),
            (pieces, kilos, {"ratio": Decimal("0.0000001")}),
            (metres, inches, {}),
        ):
            with pytest.raises(NoExactConversion):
                merge(kept, merged, **more)

        assert standing() == before

    def test_a_told_ratio_leads_between_units_that_do_not_convert(self) -> None:
        category("screws", NOTE)
        pieces, boxes = product("P", {}), product("B", {}, unit="BX")
        merge(pieces, boxes, ratio=Decimal(200))

        assert queries.kept([pk(boxes)])[pk(boxes)].ratio == 200

    def test_refuses_another_unit_while_substitutes_are_agreed_in_it(self) -> None:
        category("screws", NOTE)
        grams, kilos, other = product("G", {}, unit="g"), product("K", {}, unit="kg"), product("O", {}, unit="kg")
        ref = replaced(kilos, other)
        with pytest.raises(NoExactConversion):
            merge(grams, kilos)

        use_cases.withdraw_substitute(substitute_ref=ref, why="before the merge", **BEI)
        merge(grams, kilos)

        assert queries.product(kilos).ref == grams


class TestSplitProduct:
    def test_undoes_a_merge_and_keeps_both_steps(self, three: tuple[str, str, str]) -> None:
        one, two, _ = three
        use_cases.add_identifier(product_ref=two, scheme="own", value="2", **WEI)
        merge(one, two)

        split(two, at=LATER)

        assert (queries.product(two).ref, queries.product(two).state) == (two, "reviewed")
        assert queries.resolve("own", "2").ref == two
        assert queries.canonical_ids([pk(two)]) == {pk(two): pk(two)}
        assert [(s.verb, s.by, s.why) for s in models.MergeStep.objects.order_by("id")] == [
            ("merge", "user:wei", "same thing"),
            ("split", "user:bei", "not the same"),
        ]
        assert OutboxEvent.objects.get(name="ProductSplit").payload == {"product_ref": two, "kept_ref": one}
        assert [step.verb for step in history(one)][-2:] == ["absorb", "let_go"]
        merge(one, two)
        assert queries.product(two).ref == one

    def test_takes_along_what_was_merged_into_it(self, three: tuple[str, str, str]) -> None:
        one, two, last = three
        four = product("S-4")
        merge(two, one)
        merge(last, two)
        merge(last, four)

        split(two)

        assert queries.canonical_ids([pk(ref) for ref in (one, two, last, four)]) == {
            pk(one): pk(two),
            pk(two): pk(two),
            pk(last): pk(last),
            pk(four): pk(last),
        }

    def test_the_first_of_a_chain_goes_alone(self, three: tuple[str, str, str]) -> None:
        one, two, last = three
        merge(two, one)
        merge(last, two)

        split(one)

        assert queries.canonical_ids([pk(ref) for ref in three]) == {
            pk(one): pk(one),
            pk(two): pk(last),
            pk(last): pk(last),
        }

    def test_is_a_draft_when_its_category_has_other_definitions_by_now(self) -> None:
        category("screws", NOTE)
        category("nails", LENGTH)
        one, two = product("S-1", {}), product("N-1", {"length": 5}, category_code="nails")
        merge(one, two)
        models.Category.objects.filter(code="nails").update(attributes=[{**NOTE, "required": True}])

        split(two)

        assert queries.product(two).state == "draft"

    def test_refuses_what_is_not_merged(self, three: tuple[str, str, str]) -> None:
        before = standing()
        with pytest.raises(IllegalMove):
            split(three[0])

        assert standing() == before


class TestDuplicateCandidates:
    def test_are_those_equal_in_what_must_match_or_known_by_one_number(self) -> None:
        category()
        one, two = product("S-1"), product("S-2", {"length": "3 cm", "steel": "A2"})
        other, more = product("S-3", {"length": 9}), product("S-4", {"length": 8})
        draft("S-5")
        use_cases.add_identifier(product_ref=other, scheme="gtin", value="4006381333931", **WEI)
        use_cases.add_identifier(product_ref=more, scheme="own", value="04006381333931", **WEI)

        found = queries.duplicate_candidates()

        assert [(c.reason, c.value, c.refs) for c in found] == [
            ("attributes", "", (one, two)),
            ("identifier", "4006381333931", (other, more)),
        ]
        merge(one, two)
        merge(other, more, all_the_same=True)
        assert queries.duplicate_candidates() == []

    def test_are_found_in_as_many_queries_however_many_there_are(self) -> None:
        category()
        counts = []
        for n in range(2):
            for _ in range(3):
                product(f"S-{models.Product.objects.count()}", {"length": n, "steel": "A2"})
            with CaptureQueriesContext(connection) as found:
                queries.duplicate_candidates()
            counts.append(len(found))

        assert counts == [3, 3]


class TestPriceLists:
    def test_take_as_many_queries_for_many_as_for_one(self, three: tuple[str, str, str]) -> None:
        merge(three[0], three[1])
        for ref in (three[0], three[2]):
            price(ref, ("1", "2"))

        for asked in ([three[0]], list(three)):
            ids = [pk(ref) for ref in asked]
            with CaptureQueriesContext(connection) as found:
                assert {pk for pk, _ in queries.price_lists(ids)} == set(ids)
            assert len(found) == 2

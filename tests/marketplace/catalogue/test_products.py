"""Products and categories enter the catalogue."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from marketplace.catalogue import models, queries, use_cases
from marketplace.catalogue.use_cases import CodeTaken, IdentifierTaken, NewProduct, SameEyes, Tier, WrongAttributes
from marketplace.engines.units import UnknownUnit
from marketplace.events.queries import history
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Rate
from marketplace.kernel.refusals import BadValue, IllegalMove, NotFound
from tests.cast import Player

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WHO: dict[str, Any] = {"by": "user:wei", "at": NOON}
BEI: dict[str, Any] = {"by": "user:bei", "at": NOON}
THREAD = {"name": "thread", "type": "choice", "choices": ["M8", "M10"], "required": True, "must_match": True}


@pytest.fixture
def bolts() -> str:
    return use_cases.register_category(code="bolts", name_en="Bolts", name_zh="螺栓", attributes=[THREAD], **WHO)


def register(**changes: Any) -> str:
    given = {"code": "B-8", "name_en": "Hex bolt M8", "category_code": "bolts", "unit": "个", **WHO, **changes}
    return use_cases.register_product(**{"attributes": {"thread": "M8"}, **given})


def cny(amount: str) -> Rate:
    return Rate(Decimal(amount), "CNY")


class TestRegisterCategory:
    def test_takes_the_rest_of_its_standing_rule_from_its_parent(self, bolts: str) -> None:
        use_cases.register_category(
            code="metal", name_en="Metal", window="week", deposit_percent=Decimal("12.5"), region_scope="all", **WHO
        )
        use_cases.register_category(code="castings", name_en="Castings", parent_code="metal", window="month", **WHO)

        row = models.Category.objects.get(code="castings")
        assert (row.window, row.deposit_percent, row.region_scope) == ("month", Decimal("12.5"), "all")

    def test_refuses_a_code_twice(self, bolts: str) -> None:
        with pytest.raises(CodeTaken):
            use_cases.register_category(code="bolts", name_en="Other", **WHO)

        assert models.Category.objects.get().name_en == "Bolts"

    @pytest.mark.parametrize(
        "wrong",
        [{"deposit_percent": Decimal(101)}, {"fee_percent": Decimal("NaN")}, {"window": "year"}, {"region_scope": "?"}],
    )
    def test_refuses_a_rule_that_cannot_be(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(BadValue):
            use_cases.register_category(code="x", name_en="X", **wrong, **WHO)

        assert not models.Category.objects.exists()

    def test_refuses_a_definition_of_no_type(self) -> None:
        with pytest.raises(WrongAttributes):
            use_cases.register_category(code="x", name_en="X", attributes=[{"name": "a", "type": "colour"}], **WHO)


class TestRegisterProduct:
    def test_enters_a_draft_in_its_base_unit(self, bolts: str) -> None:
        ref = register(pack_size=Decimal(100), weight_kg=Decimal("0.015"))

        view = queries.product(ref)
        assert (view.ref, view.unit, view.pack_size, view.weight_kg) == (
            "PR-2026-0001",
            "C62",
            Decimal(100),
            Decimal("0.015"),
        )
        assert (view.state, view.category_code, view.tax_rate_percent) == ("draft", "bolts", Decimal(13))

    def test_refuses_an_unknown_unit(self, bolts: str) -> None:
        with pytest.raises(UnknownUnit):
            register(unit="furlong")

        assert not models.Product.objects.exists()

    @pytest.mark.parametrize("attributes", [{}, {"thread": "M9"}, {"thread": "M8", "colour": "red"}])
    def test_refuses_attributes_that_do_not_fit_the_category(self, bolts: str, attributes: dict[str, str]) -> None:
        with pytest.raises(WrongAttributes):
            register(attributes=attributes)

        assert not models.Product.objects.exists()

    @pytest.mark.parametrize(
        "wrong",
        [{"pack_size": Decimal(0)}, {"pack_size": Decimal("NaN")}, {"tax_rate_percent": Decimal(-1)}],
    )
    def test_refuses_numbers_that_cannot_be(self, bolts: str, wrong: dict[str, Decimal]) -> None:
        with pytest.raises(BadValue):
            register(**wrong)

        assert not models.Product.objects.exists()

    def test_refuses_a_code_twice(self, bolts: str) -> None:
        register()

        with pytest.raises(CodeTaken):
            register(name_en="Another")

        assert models.Product.objects.get().name_en == "Hex bolt M8"

    def test_is_seen_by_traders_once_reviewed(self, bolts: str) -> None:
        ref, trader = register(), Actor("user:lin", "OR-2026-0001")
        assert not queries.products_for(trader).exists()

        use_cases.review_product(product_ref=ref, **BEI)

        assert queries.products_for(trader).get().ref == ref
        assert [step.verb for step in history(ref)] == ["review"]

    def test_is_reviewed_once(self, bolts: str) -> None:
        ref = register()
        use_cases.review_product(product_ref=ref, **BEI)

        with pytest.raises(IllegalMove):
            use_cases.review_product(product_ref=ref, **BEI)

    def test_is_reviewed_by_another_than_whoever_entered_it(self, bolts: str) -> None:
        ref = register()

        with pytest.raises(SameEyes):
            use_cases.review_product(product_ref=ref, **WHO)

        assert queries.product(ref).state == "draft"


class TestRegisterMany:
    def test_enters_each_code_once_and_changes_nothing_the_second_time(self) -> None:
        rows = [
            NewProduct("A", "Alpha", category_code="drugs", unit="C62", pack_size=Decimal(30)),
            NewProduct("B", "Beta", weight_kg=Decimal("1.5")),
            NewProduct("A", "Alpha again"),
        ]

        first = use_cases.register_many(rows=rows, **WHO)
        second = use_cases.register_many(rows=rows, **WHO)

        assert first == second
        assert set(first) == {"A", "B"}
        view = queries.products_by_id(first.values())[first["A"]]
        assert (view.name_en, view.pack_size, view.category_code, view.state) == (
            "Alpha",
            Decimal(30),
            "drugs",
            "reviewed",
        )
        assert queries.products_by_code(["B"])["B"].category_code == "unsorted"
        assert models.Product.objects.count() == 2

    def test_saves_none_when_one_is_bad(self) -> None:
        with pytest.raises(UnknownUnit):
            use_cases.register_many(rows=[NewProduct("A", "Alpha"), NewProduct("B", "Beta", unit="?")], **WHO)

        assert not models.Product.objects.exists()

    def test_gives_pools_their_rule(self) -> None:
        use_cases.register_category(code="drugs", name_en="Drugs", fee_percent=Decimal("0.5"), window="week", **WHO)
        ids = use_cases.register_many(
            rows=[NewProduct("A", "Alpha", category_code="drugs", pack_size=Decimal(4))], **WHO
        )

        rule = queries.rule_for(ids["A"])

        assert (rule.fee_percent, rule.window, rule.pack_size) == (Decimal("0.5"), "week", Decimal(4))
        assert (rule.deposit_percent, rule.allocation_rule, rule.region_scope) == (Decimal(10), "first_come", "each")
        with pytest.raises(NotFound):
            queries.rule_for(ids["A"] + 1)


class TestIdentifiers:
    def test_name_a_product_and_note_a_doubt(self, bolts: str) -> None:
        ref = register()
        assert use_cases.add_identifier(product_ref=ref, scheme="gtin", value="978-0-471-11709-4", **WHO) == ""
        assert use_cases.add_identifier(product_ref=ref, scheme="gtin", value="73513538", **WHO) == "InvalidChecksum"

        assert queries.resolve("gtin", "9780471117094").ref == ref
        assert queries.identifiers_of(ref) == [("gtin", "73513538"), ("gtin", "9780471117094")]

    def test_name_one_product_only(self, bolts: str) -> None:
        one, other = register(), register(code="B-9")
        use_cases.add_identifier(product_ref=one, scheme="own", value="88", **WHO)

        with pytest.raises(IdentifierTaken):
            use_cases.add_identifier(product_ref=other, scheme="own", value="88", **WHO)

        assert queries.resolve("own", "88").ref == one


class TestPublishPriceList:
    def test_replaces_the_suppliers_earlier_list_and_keeps_it_on_record(self, bolts: str, teng: Player) -> None:
        ref = register()
        for price in ("2.00", "1.80"):
            tiers = [Tier(Decimal(0), cny(price)), Tier(Decimal(1000), cny("1.50"))]
            use_cases.publish_price_list(product_ref=ref, supplier_ref=teng.org, tiers=tiers, **WHO)

        steps = queries.price_list(queries.product(ref).id)
        assert steps == [(Decimal(0), cny("1.80")), (Decimal(1000), cny("1.50"))]
        assert models.PriceListTier.objects.count() == 4

    def test_several_suppliers_give_the_best_price_at_each_quantity(self, bolts: str, teng: Player) -> None:
        ref = register()
        from tests.cast import enter

        other = enter("zhou", "Zhoushan Bolts", roles=["supplier"], seat=["sales"]).org
        ours = [Tier(Decimal(0), cny("2")), Tier(Decimal(1000), cny("1"))]
        theirs = [Tier(Decimal(100), cny("1.7")), Tier(Decimal(5000), cny("1.2"))]
        use_cases.publish_price_list(product_ref=ref, supplier_ref=teng.org, tiers=ours, **WHO)
        use_cases.publish_price_list(product_ref=ref, supplier_ref=other, tiers=theirs, **WHO)

        assert queries.price_list(queries.product(ref).id) == [
            (Decimal(0), cny("2")),
            (Decimal(100), cny("1.7")),
            (Decimal(1000), cny("1")),
        ]

    @pytest.mark.parametrize(
        "tiers",
        [
            [],
            [Tier(Decimal(0), cny("1")), Tier(Decimal(0), cny("2"))],
            [Tier(Decimal(0), cny("0"))],
            [Tier(Decimal(-1), cny("1"))],
            [Tier(Decimal(0), cny("1")), Tier(Decimal(5), Rate(Decimal(1), "USD"))],
        ],
    )
    def test_refuses_what_is_no_price_list(self, bolts: str, tiers: list[Tier]) -> None:
        ref = register()

        with pytest.raises(BadValue):
            use_cases.publish_price_list(product_ref=ref, supplier_ref=None, tiers=tiers, **WHO)

        assert not models.PriceListTier.objects.exists()

"""The standing rule of a category, and every change of it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from rest_framework.test import APIClient

from marketplace.catalogue import models, queries, use_cases
from marketplace.catalogue.use_cases import NewProduct
from marketplace.events.models import OutboxEvent
from marketplace.kernel.refusals import BadValue, NotFound, StaleWrite
from tests.cast import Player

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WHO: dict[str, Any] = {"by": "user:wei", "at": NOON}
RULE: dict[str, Any] = {"category_code": "bolts", **WHO, "why": "harvest"}
WRONG: list[dict[str, Any]] = [
    {"minimum": Decimal(-1)},
    {"minimum": Decimal("NaN")},
    {"minimum": Decimal("1e30")},
    {"minimum": Decimal("0.0000001")},
    {"minimum": 1.5},
    {"fallbacks": []},
    {"fallbacks": ["sell"]},
    {"fallbacks": "extend"},
    {"fallbacks": ["extend", "extend"]},
    {"fallbacks": ["release", "extend"]},
    {"fallbacks": ["smaller_pack"]},
    {"extend_days": 0},
    {"extend_days": 367},
    {"extend_days": True},
    {"filling_days": -1},
    {"withdrawal_percent": Decimal(101)},
    {"sample_fee_percent": Decimal(-1)},
    {"opens_pools": "yes"},
    {"smaller_pack": Decimal(0)},
    {"window": "year"},
    {"colour": "red"},
]


@pytest.fixture
def bolts() -> str:
    return use_cases.register_category(code="bolts", name_en="Bolts", **WHO)


def standing(code: str = "bolts") -> dict[str, Any]:
    names = ("minimum", "fallbacks", "withdrawal_percent", "rule_revision", "window")
    return models.Category.objects.values(*names).get(code=code)


class TestSetStandingRule:
    def test_changes_what_is_given_and_keeps_what_stood_before(self, bolts: str) -> None:
        changes: dict[str, Any] = {"minimum": Decimal("500.5"), "fallbacks": ("extend", "release"), "extend_days": 3}

        assert use_cases.set_standing_rule(**RULE, **changes) == 1
        assert use_cases.set_standing_rule(**{**RULE, "why": "again"}, minimum=Decimal(600), revision=1) == 2

        first, second = queries.rule_changes(bolts)
        assert first.before == {"minimum": "0", "fallbacks": ["release"], "extend_days": 7}
        assert first.after == {"minimum": "500.5", "fallbacks": ["extend", "release"], "extend_days": 3}
        assert (second.before, second.after, second.by, second.at, second.why) == (
            {"minimum": "500.5"},
            {"minimum": "600"},
            "user:wei",
            NOON,
            "again",
        )
        fact = OutboxEvent.objects.filter(name="StandingRuleChanged").order_by("id").last()
        assert fact is not None
        assert fact.payload == {"category_code": "bolts", "revision": 2, "changed": ["minimum"]}

    def test_is_what_pools_are_told(self, bolts: str) -> None:
        ids = use_cases.register_many(rows=[NewProduct("A", "Alpha", category_code="bolts")], **WHO)
        changes = {"smaller_pack": Decimal("2.5"), "opens_pools": False, "filling_days": 2}
        use_cases.set_standing_rule(**RULE, **changes, fallbacks=["smaller_pack"], sample_fee_percent=Decimal(3))

        rule = queries.rule_for(ids["A"])

        assert (rule.minimum, rule.fallbacks, rule.smaller_pack) == (Decimal(0), ("smaller_pack",), Decimal("2.5"))
        assert (rule.extend_days, rule.filling_days, rule.opens_pools) == (7, 2, False)
        assert (rule.withdrawal_percent, rule.sample_fee_percent) == (Decimal(100), Decimal(3))

    @pytest.mark.parametrize("wrong", WRONG)
    def test_refuses_what_cannot_be_and_changes_nothing(self, bolts: str, wrong: dict[str, Any]) -> None:
        before = standing()

        with pytest.raises(BadValue):
            use_cases.set_standing_rule(**{**RULE, "deposit_percent": Decimal(5), **wrong})

        assert (standing(), queries.rule_changes(bolts).count()) == (before, 0)

    def test_refuses_a_change_without_a_reason_and_one_that_changes_nothing(self, bolts: str) -> None:
        with pytest.raises(BadValue):
            use_cases.set_standing_rule(**{**RULE, "why": " "}, minimum=Decimal(1))
        with pytest.raises(BadValue):
            use_cases.set_standing_rule(**RULE, minimum=Decimal(0), fallbacks=["release"])

        assert (standing()["rule_revision"], queries.rule_changes(bolts).count()) == (0, 0)

    def test_of_two_decided_on_the_same_rule_one_stands(self, bolts: str) -> None:
        use_cases.set_standing_rule(**RULE, minimum=Decimal(1), revision=0)

        with pytest.raises(StaleWrite):
            use_cases.set_standing_rule(**RULE, minimum=Decimal(2), revision=0)

        assert (standing()["minimum"], queries.rule_changes(bolts).count()) == (Decimal(1), 1)

    def test_refuses_a_category_nobody_knows(self) -> None:
        with pytest.raises(NotFound):
            use_cases.set_standing_rule(**RULE, minimum=Decimal(1))

    def test_its_changes_cannot_be_rewritten(self, bolts: str) -> None:
        use_cases.set_standing_rule(**RULE, minimum=Decimal(1))

        with pytest.raises(DatabaseError), transaction.atomic():
            models.StandingRuleChange.objects.update(why="no reason")

        assert queries.rule_changes(bolts).get().why == "harvest"


class TestInheritance:
    def test_a_branch_takes_what_it_leaves_out_from_its_parent(self, bolts: str) -> None:
        use_cases.set_standing_rule(**RULE, minimum=Decimal(9), fallbacks=["merge", "release"], window="week")
        use_cases.register_category(code="m8", name_en="M8", parent_code="bolts", withdrawal_percent=Decimal(40), **WHO)

        assert standing("m8") == {
            "minimum": Decimal(9),
            "fallbacks": ["merge", "release"],
            "withdrawal_percent": Decimal(40),
            "rule_revision": 0,
            "window": "week",
        }

    def test_a_later_change_above_does_not_reach_it(self, bolts: str) -> None:
        use_cases.register_category(code="m8", name_en="M8", parent_code="bolts", **WHO)
        use_cases.set_standing_rule(**RULE, minimum=Decimal(9))

        assert standing("m8")["minimum"] == Decimal(0)

    @pytest.mark.parametrize("wrong", WRONG)
    def test_a_branch_with_a_rule_that_cannot_be_is_refused(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(BadValue):
            use_cases.register_category(code="x", name_en="X", **wrong, **WHO)

        assert not models.Category.objects.exists()


class TestApi:
    URL = "/api/v1/categories/bolts/standing-rule/"

    def as_(self, player: Player) -> APIClient:
        client = APIClient()
        client.force_authenticate(player.user)
        return client

    def test_staff_change_it_and_everybody_reads_its_history(self, bolts: str, wei: Player, lin: Player) -> None:
        body = {"minimum": "120.5", "fallbacks": ["extend", "release"], "why": "too small", "revision": 0}

        reply = self.as_(wei).post(self.URL, body, format="json")

        assert (reply.status_code, reply.json()["minimum"], reply.json()["rule_revision"]) == (200, "120.5", 1)
        assert [row["after"] for row in self.as_(lin).get(self.URL).json()] == [
            {"minimum": "120.5", "fallbacks": ["extend", "release"]}
        ]
        assert self.as_(wei).post(self.URL, body, format="json").status_code == 409

    def test_nobody_else_changes_it(self, bolts: str, lin: Player, mallory: Player) -> None:
        for player in (lin, mallory):
            assert self.as_(player).post(self.URL, {"minimum": "1", "why": "x"}, format="json").status_code == 403

        assert standing()["rule_revision"] == 0

"""A product changes by its next version alone, which somebody else reviews."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from marketplace.catalogue import models, queries, use_cases
from marketplace.catalogue.use_cases import NothingChanges, NotInUse, SameEyes, StaleVersion, WrongAttributes
from marketplace.events.models import OutboxEvent
from marketplace.events.queries import history
from marketplace.kernel.refusals import BadValue, NotFound, StaleWrite
from tests.marketplace.catalogue.scene import BEI, WEI, category, draft, pk, product

pytestmark = pytest.mark.django_db


def propose(ref: str, *, why: str = "new catalogue", **changes: Any) -> str:
    return use_cases.propose_version(product_ref=ref, changes=changes, why=why, **WEI)


def publish(proposal: str) -> int:
    return use_cases.publish_proposal(proposal_ref=proposal, **BEI)


@pytest.fixture
def screw() -> str:
    category()
    return product("S-1")


class TestProposeVersion:
    def test_what_is_traded_stays_until_another_person_has_reviewed_it(self, screw: str) -> None:
        proposal = propose(screw, name_en="Screw", pack_size=Decimal("12.50"), tax_rate_percent=Decimal(9))
        assert (queries.product(screw).name_en, queries.product(screw).pack_size) == ("S-1", Decimal(1))

        assert publish(proposal) == 2

        view = queries.product(screw)
        assert (view.name_en, view.pack_size, view.tax_rate_percent) == ("Screw", Decimal("12.5"), Decimal(9))
        fact = OutboxEvent.objects.get(name="ProductVersionPublished")
        assert fact.payload == {
            "product_ref": screw,
            "version": 2,
            "changed": ["name_en", "pack_size", "tax_rate_percent"],
        }

    def test_every_version_is_kept_with_who_when_why_and_what_changed(self, screw: str) -> None:
        assert [v.number for v in queries.versions_of_product(screw)] == [1]
        publish(propose(screw, attributes={"length": "40", "steel": "A2"}, why="longer"))
        publish(propose(screw, weight_kg=Decimal("0.02"), why="weighed"))

        first, second, third = queries.versions_of_product(screw)
        assert (first.content["attributes"], first.changes, first.proposed_by) == (
            {"length": "30", "steel": "A2"},
            {},
            "user:wei",
        )
        assert second.changes == {"attributes": [{"length": "30", "steel": "A2"}, {"length": "40", "steel": "A2"}]}
        assert (third.changes, third.why, third.proposed_by, third.reviewed_by, third.at) == (
            {"weight_kg": [None, "0.02"]},
            "weighed",
            "user:wei",
            "user:bei",
            BEI["at"],
        )
        assert third.content["attributes"]["length"] == "40"
        assert [step.verb for step in history(screw)] == ["review", "amend", "amend"]

    def test_no_version_can_be_rewritten(self, screw: str) -> None:
        publish(propose(screw, name_en="Screw"))

        with pytest.raises(DatabaseError), transaction.atomic():
            models.Version.objects.filter(number=1).delete()
        with pytest.raises(DatabaseError), transaction.atomic():
            models.Version.objects.update(why="?")

        assert len(queries.versions_of_product(screw)) == 2

    def test_a_stale_version_is_refused(self, screw: str) -> None:
        first, second = propose(screw, name_en="One"), propose(screw, name_en="Two")
        publish(first)

        with pytest.raises(StaleVersion) as refused:
            publish(second)

        assert refused.value.facts == {"proposal": second, "base": 1, "now": 2}
        assert (queries.product(screw).name_en, len(queries.versions_of_product(screw))) == ("One", 2)

    def test_a_twin_that_read_before_the_first_wrote_loses(self, screw: str, monkeypatch: pytest.MonkeyPatch) -> None:
        from marketplace.catalogue.use_cases import proposals

        first, second = propose(screw, name_en="One"), propose(screw, name_en="Two")
        read = proposals.load_proposal(second)
        publish(first)
        monkeypatch.setattr(proposals, "load_proposal", lambda ref: read)

        with pytest.raises(StaleWrite), transaction.atomic():
            publish(second)

        assert (queries.product(screw).name_en, len(queries.versions_of_product(screw))) == ("One", 2)

    def test_is_not_reviewed_by_whoever_proposed_it(self, screw: str) -> None:
        proposal = propose(screw, name_en="Screw")

        with pytest.raises(SameEyes):
            use_cases.publish_proposal(proposal_ref=proposal, **WEI)

        assert (queries.product(screw).name_en, models.Version.objects.filter(product_id=pk(screw)).count()) == (
            "S-1",
            0,
        )
        with pytest.raises(DatabaseError), transaction.atomic():
            models.Proposal.objects.update(state="published", decided_by="user:wei")

    @pytest.mark.parametrize(
        ("wrong", "refusal"),
        [
            ({"unit": "KGM"}, BadValue),
            ({"code": "X"}, BadValue),
            ({"name_en": " "}, BadValue),
            ({"name_en": "x" * 401}, BadValue),
            ({"name_en": 5}, BadValue),
            ({"pack_size": Decimal(0)}, BadValue),
            ({"pack_size": Decimal("NaN")}, BadValue),
            ({"pack_size": Decimal("1e30")}, BadValue),
            ({"pack_size": 1.5}, BadValue),
            ({"pack_size": None}, BadValue),
            ({"tax_rate_percent": Decimal(101)}, BadValue),
            ({"weight_kg": Decimal(-1)}, BadValue),
            ({"attributes": {"steel": "A2"}}, WrongAttributes),
            ({"attributes": {"length": "3 kg"}}, WrongAttributes),
            ({"attributes": []}, BadValue),
            ({"category_code": "nowhere"}, NotFound),
            ({"name_en": "S-1"}, NothingChanges),
            ({}, NothingChanges),
            ({"name_en": "Screw", "why": "  "}, BadValue),
        ],
    )
    def test_refuses_what_cannot_be_and_changes_nothing(self, screw: str, wrong: Any, refusal: Any) -> None:
        with pytest.raises(refusal):
            propose(screw, **wrong)

        assert not models.Proposal.objects.exists()

    def test_moves_to_another_category_when_it_fits_there(self, screw: str) -> None:
        category("nails", {"name": "length", "type": "number", "must_match": True})
        with pytest.raises(WrongAttributes):
            propose(screw, category_code="nails")

        publish(propose(screw, category_code="nails", attributes={"length": 5}))

        assert queries.product(screw).category_code == "nails"
        assert queries.pooled_as([pk(screw)]) == {pk(screw): pk(screw)}

    def test_a_new_version_falls_into_the_pool_of_what_it_now_equals(self, screw: str) -> None:
        longer = product("S-2", {"length": "4 cm", "steel": "a2"})
        assert queries.pooled_as([pk(longer)]) == {pk(longer): pk(longer)}

        publish(propose(longer, attributes={"length": 30, "steel": "A2"}))

        assert queries.pooled_as([pk(longer)]) == {pk(longer): pk(screw)}

    def test_refuses_a_product_that_was_retired_meanwhile(self, screw: str) -> None:
        proposal = propose(screw, name_en="Screw")
        use_cases.retire_product(product_ref=screw, **WEI)

        with pytest.raises(NotInUse):
            publish(proposal)
        with pytest.raises(NotInUse):
            propose(screw, name_en="Other")

        assert (queries.product(screw).name_en, models.Proposal.objects.get().state) == ("S-1", "proposed")

    def test_a_draft_product_changes_the_same_way(self, screw: str) -> None:
        ref = draft("S-9")
        publish(propose(ref, name_zh="螺钉"))

        assert (queries.product(ref).name_zh, queries.product(ref).state) == ("螺钉", "draft")

    def test_a_draft_that_was_sent_back_is_revised_on_the_version_in_force(self, screw: str) -> None:
        waiting, other = propose(screw, name_en="One"), propose(screw, name_zh="螺钉")
        use_cases.send_back_proposal(proposal_ref=waiting, why="which one?", **BEI)
        publish(other)

        again = use_cases.propose_version(
            product_ref=screw, changes={"name_en": "Two"}, proposal_ref=waiting, why="this one", **WEI
        )

        assert again == waiting
        assert publish(waiting) == 3
        assert (queries.product(screw).name_en, queries.versions_of_product(screw)[-1].why) == ("Two", "this one")

    def test_a_draft_of_something_else_is_not_revised(self, screw: str) -> None:
        waiting = use_cases.propose_version(
            product_ref=screw, changes={"name_en": "One"}, draft=True, why="soon", **WEI
        )
        other = product("S-2")

        with pytest.raises(BadValue):
            use_cases.propose_version(
                product_ref=other, changes={"name_en": "Two"}, proposal_ref=waiting, why="x", **WEI
            )

        assert models.Proposal.objects.get().content == {"name_en": "One"}

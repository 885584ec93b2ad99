"""What a category defines changes by its next version."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.catalogue import models, queries, rules, use_cases
from marketplace.catalogue.use_cases import (
    DefinitionConflicts,
    NothingChanges,
    SameEyes,
    StaleVersion,
    WrongAttributes,
)
from marketplace.events.models import OutboxEvent
from marketplace.events.queries import history
from marketplace.kernel.refusals import NotFound
from tests.marketplace.catalogue.scene import BEI, LENGTH, NOTE, STEEL, WEI, category, draft, pk, product

pytestmark = pytest.mark.django_db
HEAD = {"name": "head", "type": "choice", "choices": ["hex", "pan"], "required": True, "must_match": True}


def propose(*definitions: dict[str, Any], code: str = "screws", **more: Any) -> str:
    given = {"category_code": code, "attributes": definitions, "why": "standard 2026", **WEI}
    return use_cases.propose_definitions(**{**given, **more})


def publish(proposal: str) -> int:
    return use_cases.publish_proposal(proposal_ref=proposal, **BEI)


def attributes(ref: str) -> Any:
    return models.Product.objects.values_list("attributes", flat=True).get(ref=ref)


class TestProposeDefinitions:
    def test_hold_once_another_person_has_reviewed_them(self) -> None:
        category()
        proposal = propose(LENGTH, NOTE)
        with pytest.raises(SameEyes):
            use_cases.publish_proposal(proposal_ref=proposal, **WEI)

        assert publish(proposal) == 2

        first, second = queries.versions_of_category("screws")
        assert (first.number, first.content["attributes"]) == (1, [LENGTH, STEEL, NOTE])
        assert second.changes == {"attributes": [[LENGTH, STEEL, NOTE], [LENGTH, NOTE]]}
        assert (second.proposed_by, second.reviewed_by, second.why) == ("user:wei", "user:bei", "standard 2026")
        fact = OutboxEvent.objects.get(name="DefinitionsPublished")
        assert fact.payload == {"category_code": "screws", "version": 2, "products_changed": 0}

    def test_products_that_do_not_fit_are_named_and_stop_them(self) -> None:
        category()
        one, two = product("S-1"), product("S-2", {"length": 40})
        draft("S-3")
        proposal = propose(LENGTH, STEEL, NOTE, HEAD)

        assert [(c.product_ref, c.name, c.reason) for c in queries.conflicts_of(proposal)] == [
            (one, "head", "needed"),
            (two, "head", "needed"),
        ]
        with pytest.raises(DefinitionConflicts) as refused:
            publish(proposal)

        assert (refused.value.facts["count"], refused.value.facts["category"]) == (2, "screws")
        assert refused.value.facts["shown"][0] == {"product": one, "attribute": "head", "reason": "needed"}
        assert models.Category.objects.get().attributes == [LENGTH, STEEL, NOTE]
        assert (attributes(one), models.Proposal.objects.get().state) == ({"length": "30", "steel": "A2"}, "proposed")

    def test_products_take_the_values_they_are_told(self) -> None:
        category()
        one, two, three = product("S-1"), product("S-2"), product("S-3")
        proposal = propose(
            LENGTH, STEEL, HEAD, values={two: {"head": "pan", "steel": None}}, fill={"head": "hex", "length": 1}
        )

        publish(proposal)

        assert attributes(one) == attributes(three) == {"length": "30", "steel": "A2", "head": "hex"}
        assert attributes(two) == {"length": "30", "head": "pan"}
        assert queries.pooled_as([pk(three), pk(two)]) == {pk(three): pk(one), pk(two): pk(two)}
        version = queries.versions_of_product(two)[-1]
        assert (version.number, version.reviewed_by) == (2, "user:bei")
        assert version.changes["attributes"][1] == {"length": "30", "head": "pan"}
        assert [step.verb for step in history(two)] == ["review", "amend"]

    def test_an_attribute_that_is_dropped_is_taken_away_when_told(self) -> None:
        category()
        one = product("S-1", {"length": 30, "note": "x"})
        with pytest.raises(DefinitionConflicts):
            publish(propose(LENGTH))

        publish(propose(LENGTH, fill={"note": None}))

        assert attributes(one) == {"length": 30}

    def test_a_bare_number_is_not_taken_for_another_unit(self) -> None:
        category()
        bare, told = product("S-1", {"length": 30}), product("S-2", {"length": "30 mm"})
        centimetres = {**LENGTH, "unit": "cm"}
        proposal = propose(centimetres, STEEL, NOTE)
        assert [c.product_ref for c in queries.conflicts_of(proposal)] == [bare]

        publish(propose(centimetres, STEEL, NOTE, values={bare: {"length": "30 mm"}}))

        assert [attributes(bare), attributes(told)] == [{"length": "30 mm"}] * 2

    def test_reach_the_branches_below_unless_they_say_otherwise(self) -> None:
        category()
        category("marine", NOTE, parent_code="screws")
        category("own", {**HEAD, "required": False}, parent_code="screws")
        below, other = product("M-1", category_code="marine"), product("O-1", category_code="own")

        with pytest.raises(DefinitionConflicts) as refused:
            publish(propose(LENGTH, STEEL, NOTE, HEAD))
        assert refused.value.facts["count"] == 1

        publish(propose(LENGTH, STEEL, NOTE, HEAD, fill={"head": "hex"}))
        assert (attributes(below)["head"], "head" in attributes(other)) == ("hex", False)

    def test_products_fall_into_other_pools_at_once(self) -> None:
        category("screws", LENGTH)
        one, two = product("S-1", {"length": 30}), product("S-2", {"length": 30})
        assert queries.pooled_as([pk(two)]) == {pk(two): pk(one)}

        publish(propose({**LENGTH, "must_match": False}))

        assert queries.pooled_as([pk(two)]) == {pk(two): pk(two)}
        assert len(queries.versions_of_product(two)) == 1

    def test_a_stale_version_is_refused(self) -> None:
        category()
        first, second = propose(LENGTH), propose(NOTE)
        publish(first)

        with pytest.raises(StaleVersion):
            publish(second)

        assert models.Category.objects.get().attributes == [LENGTH]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"name": "x", "type": "colour"},
            {"name": "x", "type": "choice", "choices": "abc"},
            {"name": "x", "type": "text", "required": "yes"},
            {"name": "x", "type": "text", "must_match": 1},
            {"name": "", "type": "text"},
        ],
    )
    def test_refuses_what_is_no_definition(self, wrong: dict[str, Any]) -> None:
        category()
        with pytest.raises(WrongAttributes):
            propose(wrong)

        assert not models.Proposal.objects.exists()

    def test_refuses_nothing_new_and_products_of_elsewhere(self) -> None:
        category()
        category("nails", NOTE)
        other = product("N-1", {}, category_code="nails")
        with pytest.raises(NothingChanges):
            propose(LENGTH, STEEL, NOTE)
        with pytest.raises(NotFound):
            propose(LENGTH, values={other: {"length": 1}})
        with pytest.raises(NotFound):
            propose(LENGTH, code="nowhere")

        assert not models.Proposal.objects.exists()

    def test_a_category_of_an_import_has_its_first_version_kept_as_well(self) -> None:
        use_cases.register_many(rows=[use_cases.NewProduct("A", "Alpha", category_code="drugs")], **WEI)

        publish(propose(NOTE, code="drugs"))

        assert [v.content["attributes"] for v in queries.versions_of_category("drugs")] == [[], [NOTE]]


values = st.dictionaries(
    st.sampled_from(["length", "steel", "note", "head"]),
    st.one_of(st.none(), st.integers(-5, 50), st.sampled_from(["30 mm", "3cm", "A2", "a2", "hex", "", "3 kg"])),
)


class TestRefitted:
    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(values, values, values)
    def test_what_fits_afterwards_fits_by_the_new_definitions(self, own: Any, told: Any, fill: Any) -> None:
        old, new = [LENGTH, STEEL, NOTE], [{**LENGTH, "unit": "cm"}, STEEL, HEAD]

        after, wrong = rules.refitted(old, new, own, told, fill)

        assert {*rules.faults(new, after)} <= {*wrong}
        assert all(after[name] == told[name] for name in told if name in after and name not in fill)
        assert None not in after.values()

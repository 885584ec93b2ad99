"""One product may be replaced by another."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from marketplace.catalogue import models, queries, use_cases
from marketplace.catalogue.use_cases import NothingChanges, NotInUse, SameEyes, StaleVersion
from marketplace.events.models import OutboxEvent
from marketplace.kernel.refusals import BadValue, IllegalMove, NotFound
from tests.marketplace.catalogue.scene import BEI, WEI, category, draft, pk, product, replaced

pytestmark = pytest.mark.django_db


def propose(ref: str, other: str, **more: Any) -> str:
    given = {"product_ref": ref, "replacement_ref": other, "why": "same use", **WEI}
    return use_cases.propose_substitute(**{**given, **more})


def agreed(ref: str) -> list[tuple[str, Decimal, str, int]]:
    return [(s.ref, s.ratio, s.conditions, s.version) for s in queries.substitutes_of(pk(ref))]


@pytest.fixture
def pair() -> tuple[str, str]:
    category()
    return product("S-1"), product("S-2", {"length": 35, "steel": "A2"})


class TestProposeSubstitute:
    def test_holds_once_another_person_has_reviewed_it_and_in_one_direction(self, pair: tuple[str, str]) -> None:
        one, other = pair
        proposal = propose(one, other, ratio=Decimal("1.25"), conditions=" not at sea ")
        assert agreed(one) == []

        assert use_cases.publish_proposal(proposal_ref=proposal, **BEI) == 1

        assert agreed(one) == [(other, Decimal("1.25"), "not at sea", 1)]
        assert agreed(other) == []
        assert [fact.name for fact in OutboxEvent.objects.filter(source_ref__startswith="SB-")] == ["SubstituteAgreed"]

    def test_is_not_reviewed_by_whoever_proposed_it(self, pair: tuple[str, str]) -> None:
        proposal = propose(*pair)

        with pytest.raises(SameEyes):
            use_cases.publish_proposal(proposal_ref=proposal, **WEI)

        assert (agreed(pair[0]), models.Proposal.objects.get().state) == ([], "proposed")

    def test_other_terms_are_a_new_version_and_the_old_one_stays(self, pair: tuple[str, str]) -> None:
        one, other = pair
        ref = replaced(one, other)
        replaced(one, other, ratio=Decimal(2), why="thinner")

        assert agreed(one) == [(other, Decimal(2), "", 2)]
        first, second = models.Version.objects.filter(substitute__ref=ref).order_by("number")
        assert first.changes["ratio"] == [None, "1"]
        assert (second.changes, second.why, second.proposed_by, second.reviewed_by) == (
            {"ratio": ["1", "2"]},
            "thinner",
            "user:wei",
            "user:bei",
        )
        with pytest.raises(DatabaseError), transaction.atomic():
            models.Version.objects.update(why="")

    def test_of_two_decided_on_the_same_terms_the_second_is_stale(self, pair: tuple[str, str]) -> None:
        replaced(*pair)
        first, second = propose(*pair, ratio=Decimal(2)), propose(*pair, ratio=Decimal(3))
        use_cases.publish_proposal(proposal_ref=first, **BEI)

        with pytest.raises(StaleVersion):
            use_cases.publish_proposal(proposal_ref=second, **BEI)

        assert agreed(pair[0]) == [(pair[1], Decimal(2), "", 2)]

    @pytest.mark.parametrize("ratio", [Decimal(0), Decimal(-1), Decimal("NaN"), Decimal("0.0000001"), Decimal("1e20")])
    def test_refuses_a_ratio_that_cannot_be(self, pair: tuple[str, str], ratio: Decimal) -> None:
        with pytest.raises(BadValue):
            propose(*pair, ratio=ratio)

        assert not models.Proposal.objects.exists()
        assert not models.Substitute.objects.exists()

    def test_refuses_itself_a_draft_and_what_is_agreed_already(self, pair: tuple[str, str]) -> None:
        one, other = pair
        with pytest.raises(BadValue):
            propose(one, one)
        with pytest.raises(NotInUse):
            propose(one, draft("S-9"))
        with pytest.raises(NotFound):
            propose(one, "PR-2026-9999")
        with pytest.raises(BadValue):
            propose(one, other, why=" ")
        assert not models.Substitute.objects.exists()

        replaced(one, other)
        with pytest.raises(NothingChanges):
            propose(one, other)

    def test_two_units_convert_or_need_a_ratio(self, pair: tuple[str, str]) -> None:
        one, _ = pair
        grams, kilos = product("G", unit="g"), product("K", unit="kg")

        with pytest.raises(BadValue):
            propose(one, grams)
        replaced(grams, kilos)

        assert agreed(grams) == [(kilos, Decimal("0.001"), "", 1)]


class TestWithdrawSubstitute:
    def test_ends_it_and_keeps_the_end_as_a_version(self, pair: tuple[str, str]) -> None:
        ref = replaced(*pair)

        use_cases.withdraw_substitute(substitute_ref=ref, why="breaks", **BEI)

        assert agreed(pair[0]) == []
        last = models.Version.objects.filter(substitute__ref=ref).order_by("number").last()
        assert last is not None
        assert (last.number, last.changes, last.why) == (2, {"state": ["reviewed", "withdrawn"]}, "breaks")
        with pytest.raises(IllegalMove):
            use_cases.withdraw_substitute(substitute_ref=ref, why="again", **BEI)

    def test_may_be_agreed_again(self, pair: tuple[str, str]) -> None:
        use_cases.withdraw_substitute(substitute_ref=replaced(*pair), why="breaks", **BEI)
        replaced(*pair)

        assert agreed(pair[0]) == [(pair[1], Decimal(1), "", 3)]

    def test_a_change_proposed_before_is_stale(self, pair: tuple[str, str]) -> None:
        ref = replaced(*pair)
        waiting = propose(*pair, ratio=Decimal(2))
        use_cases.withdraw_substitute(substitute_ref=ref, why="breaks", **BEI)

        with pytest.raises(StaleVersion):
            use_cases.publish_proposal(proposal_ref=waiting, **BEI)

        assert agreed(pair[0]) == []

    def test_one_that_nobody_has_agreed_ends_with_its_proposals(self, pair: tuple[str, str]) -> None:
        proposal = propose(*pair)
        ref = models.Substitute.objects.get().ref

        use_cases.withdraw_substitute(substitute_ref=ref, why="no", **BEI)

        assert (models.Substitute.objects.get().state, models.Proposal.objects.get().state) == ("withdrawn",) * 2
        with pytest.raises(IllegalMove):
            use_cases.publish_proposal(proposal_ref=proposal, **BEI)
        assert not models.Version.objects.filter(substitute__isnull=False).exists()


class TestProposals:
    def test_a_draft_waits_until_it_is_handed_in(self, pair: tuple[str, str]) -> None:
        proposal = propose(*pair, draft=True)
        with pytest.raises(IllegalMove):
            use_cases.publish_proposal(proposal_ref=proposal, **BEI)

        use_cases.propose_draft(proposal_ref=proposal, **WEI)
        use_cases.send_back_proposal(proposal_ref=proposal, why="which grade?", **BEI)
        use_cases.propose_draft(proposal_ref=proposal, **BEI)

        with pytest.raises(SameEyes):
            use_cases.publish_proposal(proposal_ref=proposal, **BEI)
        use_cases.publish_proposal(proposal_ref=proposal, **WEI)
        assert agreed(pair[0]) == [(pair[1], Decimal(1), "", 1)]

    def test_one_that_is_withdrawn_takes_its_agreement_along(self, pair: tuple[str, str]) -> None:
        use_cases.withdraw_proposal(proposal_ref=propose(*pair), why="no", **WEI)

        assert models.Substitute.objects.get().state == "withdrawn"
        assert agreed(pair[0]) == []


class TestSubstitutesOf:
    def test_takes_as_many_queries_for_many_as_for_one(self, pair: tuple[str, str]) -> None:
        replaced(*pair)
        replaced(pair[1], pair[0])

        for asked in ([pk(pair[0])], [pk(ref) for ref in pair]):
            with CaptureQueriesContext(connection) as found:
                assert set(queries.substitutes_of_many(asked)) == set(asked)
            assert len(found) == 2

    def test_leaves_out_what_is_retired(self, pair: tuple[str, str]) -> None:
        replaced(*pair)
        use_cases.retire_product(product_ref=pair[1], **WEI)

        assert agreed(pair[0]) == []

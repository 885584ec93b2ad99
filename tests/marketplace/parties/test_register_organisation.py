"""Entering an organisation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from marketplace.events.models import OutboxEvent
from marketplace.events.queries import history
from marketplace.kernel.refusals import BadValue, IllegalMove, NotFound
from marketplace.parties import models, queries, use_cases
from marketplace.parties.use_cases import AlreadyRegistered, UnknownRole

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WHO = {"by": "user:wei", "at": NOON}


def register(**changes: Any) -> str:
    given = {"legal_name": "Linjiang Pumps", "country": "CN", "roles": ["buyer"], **WHO, **changes}
    return use_cases.register_organisation(**given)


class TestRegisterOrganisation:
    def test_gives_a_ref_and_records_the_fact(self) -> None:
        ref = register(roles=["factory", "supplier"], region="Zhejiang", identifier="91310110666007217T")

        view = queries.organisation(ref)
        assert ref == "OR-2026-0001"
        assert (view.legal_name, view.country, view.region, view.state) == (
            "Linjiang Pumps",
            "CN",
            "Zhejiang",
            "applied",
        )
        assert view.roles == {"factory", "supplier"}
        fact = OutboxEvent.objects.get()
        assert (fact.name, fact.payload["organisation_ref"]) == ("OrganisationRegistered", ref)

    def test_notes_a_doubtful_credit_code_and_does_not_block(self) -> None:
        ref = register(identifier="91350211M00013FA1N")

        assert models.Organisation.objects.get(ref=ref).identifier_doubt == "InvalidChecksum"

    def test_refuses_a_role_nobody_has(self) -> None:
        with pytest.raises(UnknownRole):
            register(roles=["buyer", "king"])

        assert models.Organisation.objects.filter(is_platform=False).count() == 0

    @pytest.mark.parametrize("wrong", [{"legal_name": " "}, {"country": "CHN"}, {"size_class": "huge"}])
    def test_refuses_what_cannot_be(self, wrong: dict[str, str]) -> None:
        with pytest.raises(BadValue):
            register(**wrong)

        assert models.Organisation.objects.filter(is_platform=False).count() == 0

    def test_refuses_an_identifier_twice(self) -> None:
        register(identifier="91310110666007217T")

        with pytest.raises(AlreadyRegistered):
            register(identifier="9131 0110 6660 0721 7T", legal_name="Another")

        assert models.Organisation.objects.filter(is_platform=False).count() == 1


class TestLifeOfAnOrganisation:
    def test_is_verified_suspended_reinstated_and_leaves_with_every_step_on_record(self) -> None:
        ref = register()
        for verb in ("verify", "suspend", "reinstate"):
            getattr(use_cases, f"{verb}_organisation")(organisation_ref=ref, why=f"because {verb}", **WHO)
        use_cases.leave_market(organisation_ref=ref, **WHO)

        steps = [(step.verb, step.to_state, step.by) for step in history(ref)]
        assert steps == [
            ("verify", "verified", "user:wei"),
            ("suspend", "suspended", "user:wei"),
            ("reinstate", "verified", "user:wei"),
            ("leave", "left", "user:wei"),
        ]

    def test_cannot_be_suspended_before_it_is_verified(self) -> None:
        ref = register()

        with pytest.raises(IllegalMove):
            use_cases.suspend_organisation(organisation_ref=ref, **WHO)

        assert queries.organisation(ref).state == "applied"

    def test_an_unknown_one_is_not_found(self) -> None:
        with pytest.raises(NotFound):
            use_cases.verify_organisation(organisation_ref="OR-2026-9999", **WHO)


class TestThePlatform:
    def test_is_there_from_the_start(self) -> None:
        view = queries.organisation(queries.PLATFORM)

        assert (view.state, view.country, view.roles) == ("verified", "CN", {"platform"})

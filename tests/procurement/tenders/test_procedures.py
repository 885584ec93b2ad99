"""One engine, five procedures: the record of flags that is published, and conditions that fit it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from marketplace.kernel.refusals import BadValue
from procurement.tenders import models
from procurement.tenders import use_cases as tenders
from procurement.tenders.rules.procedures import PROCEDURES, Conditions, Milestone, check_conditions
from procurement.tenders.use_cases.loading import terms_now
from tests.procurement.tenders.scene import MEI, PUBLISHED

STAGES = (
    Milestone("Prototype", Decimal(30), "runs for an hour on our bench"),
    Milestone("Pilot", Decimal("30.5"), "ten pieces within tolerance"),
    Milestone("Series", Decimal("39.5"), "a thousand pieces delivered"),
)


class TestConditions:
    def test_are_read_as_they_were_written(self):
        said = Conditions(("iso9001",), Decimal("60.5"), False, Decimal(5), 365, True, STAGES)

        assert Conditions.read(said.document()) == said
        assert Conditions.read({}) == Conditions()

    @pytest.mark.parametrize(
        ("procedure", "conditions", "place"),
        [
            ("open", Conditions(retention_percent=Decimal(31), warranty_days=1), "retention_percent"),
            ("open", Conditions(retention_percent=Decimal("NaN"), warranty_days=1), "retention_percent"),
            ("open", Conditions(retention_percent=Decimal(-1), warranty_days=1), "retention_percent"),
            ("open", Conditions(retention_percent=Decimal(5)), "warranty_days"),
            ("open", Conditions(warranty_days=-1), "warranty_days"),
            ("invited", Conditions(least_score=Decimal(101)), "least_score"),
            ("open", Conditions(milestones=STAGES), "milestones"),
            ("challenge", Conditions(), "milestones"),
            ("challenge", Conditions(milestones=STAGES[:2]), "milestones"),
            ("challenge", Conditions(milestones=(replace(STAGES[0], percent=Decimal(0)),)), "milestones[1]"),
            ("challenge", Conditions(milestones=(replace(STAGES[0], acceptance=" "),)), "milestones[1]"),
        ],
    )
    def test_refuses_what_does_not_fit_the_procedure(self, procedure, conditions, place):
        with pytest.raises(BadValue) as refused:
            check_conditions(procedure, conditions)

        assert refused.value.facts["place"] == place

    def test_an_open_challenge_is_paid_by_milestones_that_add_up(self):
        check_conditions("challenge", Conditions(milestones=STAGES))


class TestPublishedFlags:
    @pytest.mark.parametrize("procedure", ["open", "framework", "auction"])
    def test_are_kept_with_the_tender_and_hashed(self, market, procedure):
        ref = market.prepared(procedure=procedure)
        tenders.publish_tender(tender_ref=ref, by=MEI, at=PUBLISHED)

        row = models.Tender.objects.get()
        assert row.flags == PROCEDURES[procedure].document()
        models.Tender.objects.update(flags={**row.flags, "auction": not row.flags["auction"]})
        assert terms_now(models.Tender.objects.get()) != row.terms_sha256

    @pytest.mark.parametrize("changed", [{"bond_minor": 1}, {"standstill_days": 1}, {"terms_version": 2}])
    def test_the_hash_covers_bond_standstill_and_version(self, market, changed):
        market.published()
        before = models.Tender.objects.get().terms_sha256

        models.Tender.objects.update(**changed)

        assert terms_now(models.Tender.objects.get()) != before

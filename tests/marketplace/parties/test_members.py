"""People act for firms, and only those who sit there."""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from marketplace.kernel.money import Money
from marketplace.kernel.refusals import BadValue, NotFound
from marketplace.parties import models, queries, use_cases
from marketplace.parties.use_cases import AlreadyMember, NameTaken, NewOrganisation, UnknownRole
from tests.cast import Player, join

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WHO: dict[str, Any] = {"by": "user:wei", "at": NOON}


def request_of(player: Player, *, header: str = "", session: str = "") -> Any:
    return SimpleNamespace(user=player.user, headers={"X-Organisation": header}, session={"organisation": session})


class TestRegisterPerson:
    def test_refuses_a_name_twice(self, lin: Player) -> None:
        with pytest.raises(NameTaken):
            use_cases.register_person(username="lin", password="x", **WHO)

        assert models.User.objects.filter(username="lin").count() == 1

    def test_keeps_no_plain_password(self) -> None:
        use_cases.register_person(username="ada", password="open sesame", language="zh-hans", **WHO)

        row = models.User.objects.get(username="ada")
        assert row.check_password("open sesame")
        assert "sesame" not in row.password
        assert row.language == "zh-hans"


class TestAddMember:
    def test_gives_a_spending_limit(self, lin: Player, mallory: Player) -> None:
        limit = Money(Decimal("5000.00"), "CNY")
        join("mallory", lin.org, seat=["requester"], limit=limit)

        assert queries.spending_limit("mallory", lin.org) == limit
        assert queries.spending_limit("lin", lin.org) is None
        assert [seat.organisation_ref for seat in queries.seats_of("mallory")] == [lin.org]

    def test_refuses_a_person_nobody_knows(self, lin: Player) -> None:
        with pytest.raises(NotFound):
            use_cases.add_member(organisation_ref=lin.org, username="nobody", roles=["requester"], **WHO)

    def test_refuses_a_role_nobody_has(self, lin: Player, mallory: Player) -> None:
        with pytest.raises(UnknownRole):
            use_cases.add_member(organisation_ref=lin.org, username="mallory", roles=["owner"], **WHO)

        assert queries.seats_of("mallory") == []

    def test_refuses_a_second_seat_there(self, lin: Player) -> None:
        with pytest.raises(AlreadyMember):
            use_cases.add_member(organisation_ref=lin.org, username="lin", roles=["requester"], **WHO)

        assert models.Membership.objects.count() == 1

    def test_refuses_a_limit_below_zero(self, lin: Player, mallory: Player) -> None:
        minus = Money(Decimal("-1.00"), "CNY")
        with pytest.raises(BadValue):
            use_cases.add_member(
                organisation_ref=lin.org, username="mallory", roles=["requester"], spending_limit=minus, **WHO
            )

    def test_an_ended_membership_lets_nobody_in_and_can_begin_anew(self, lin: Player) -> None:
        use_cases.end_membership(organisation_ref=lin.org, username="lin", **WHO)

        assert queries.actor_of(request_of(lin)).organisation == ""
        with pytest.raises(NotFound):
            use_cases.end_membership(organisation_ref=lin.org, username="lin", **WHO)
        join("lin", lin.org, seat=["requester"])
        assert queries.actor_of(request_of(lin)).organisation == lin.org


class TestActorOf:
    def test_a_sole_membership_needs_no_choice(self, lin: Player) -> None:
        actor = queries.actor_of(request_of(lin))

        assert (actor.by, actor.organisation, actor.staff) == ("user:lin", lin.org, False)
        assert actor.roles == {"buyer", "requester", "approver", "finance"}

    def test_several_memberships_need_a_choice(self, lin: Player, bao: Player) -> None:
        join("lin", bao.org, seat=["requester"])

        assert queries.actor_of(request_of(lin)).organisation == ""
        assert queries.actor_of(request_of(lin, session=bao.org)).organisation == bao.org
        assert queries.actor_of(request_of(lin, session=bao.org, header=lin.org)).organisation == lin.org

    def test_nobody_acts_for_a_firm_without_a_seat(self, lin: Player, mallory: Player) -> None:
        with pytest.raises(NotFound):
            queries.actor_of(request_of(mallory, header=lin.org))
        assert queries.actor_of(request_of(mallory, session=lin.org)).organisation == ""

    def test_a_suspended_firm_lends_its_roles_no_more(self, lin: Player) -> None:
        use_cases.suspend_organisation(organisation_ref=lin.org, **WHO)

        actor = queries.actor_of(request_of(lin))
        assert (actor.organisation, "buyer" in actor.roles, "finance" in actor.roles) == (lin.org, False, True)

    def test_staff_act_for_nobody(self, wei: Player) -> None:
        actor = queries.actor_of(request_of(wei))

        assert (actor.staff, actor.organisation, actor.roles) == (True, "", frozenset())


class TestRegisterMany:
    ROWS = (
        NewOrganisation("Vietnam", "Viet Nam", "VN", "Asia", ["buyer"]),
        NewOrganisation("ACME", "Acme", "US", "", ["supplier"]),
        NewOrganisation("ACME", "Acme Inc", "US", "", ["factory"]),
    )

    def test_enters_each_code_once_with_all_its_roles(self) -> None:
        refs = use_cases.register_many(rows=self.ROWS, **WHO)

        assert set(refs) == {"Vietnam", "ACME"}
        acme = queries.organisation(refs["ACME"])
        assert (acme.legal_name, acme.state, acme.roles) == ("Acme", "verified", {"supplier", "factory"})

    def test_changes_nothing_the_second_time(self) -> None:
        assert use_cases.register_many(rows=self.ROWS, **WHO) == use_cases.register_many(rows=self.ROWS, **WHO)
        assert models.Organisation.objects.filter(external_code__isnull=False).count() == 2

    def test_adds_a_role_that_was_missing(self) -> None:
        refs = use_cases.register_many(rows=self.ROWS, **WHO)

        use_cases.register_many(rows=[NewOrganisation("Vietnam", "-", "VN", roles=["supplier"])], **WHO)

        view = queries.organisation(refs["Vietnam"])
        assert (view.legal_name, view.roles) == ("Viet Nam", {"buyer", "supplier"})


class TestSitesPapersAndNotices:
    def test_a_site_lies_on_the_globe(self, lin: Player) -> None:
        ref = use_cases.add_site(
            organisation_ref=lin.org,
            name="Hall 1",
            latitude=Decimal("30.25"),
            longitude=Decimal("120.166667"),
            receives_from=time(8),
            receives_until=time(17),
            **WHO,
        )

        assert ref == "ST-2026-0001"
        assert queries.site_id(ref, lin.org) == models.Site.objects.get(latitude=Decimal("30.25")).pk

    @pytest.mark.parametrize("wrong", [{"latitude": Decimal(91)}, {"longitude": Decimal("NaN")}])
    def test_refuses_a_site_off_the_globe(self, lin: Player, wrong: dict[str, Decimal]) -> None:
        with pytest.raises(BadValue):
            use_cases.add_site(organisation_ref=lin.org, name="?", **wrong, **WHO)

        assert not models.Site.objects.exists()

    def test_anothers_site_is_not_found(self, lin: Player, bao: Player) -> None:
        ref = use_cases.add_site(organisation_ref=lin.org, name="Hall 1", **WHO)

        with pytest.raises(NotFound):
            queries.site_id(ref, bao.org)

    def test_the_same_paper_twice_is_one(self, lin: Player) -> None:
        paper = {"kind": "licence", "file_name": "l.pdf", "media_type": "application/pdf", "content": b"%PDF-1.7"}
        digests = {use_cases.add_document(organisation_ref=lin.org, **paper, **WHO) for _ in range(2)}

        assert len(digests) == 1
        assert bytes(models.VerificationDocument.objects.get().content) == b"%PDF-1.7"

    def test_refuses_an_empty_paper_and_a_giant_one(self, lin: Player) -> None:
        for content in (b"", b"x" * (5 * 2**20 + 1)):
            with pytest.raises(BadValue):
                use_cases.add_document(
                    organisation_ref=lin.org, kind="x", file_name="x", media_type="x", content=content, **WHO
                )

        assert not models.VerificationDocument.objects.exists()

    def test_a_firm_reads_its_own_notices_once(self, lin: Player, bao: Player) -> None:
        for firm in (lin, bao):
            use_cases.notify(
                organisation_ref=firm.org, text="{pool} is frozen", facts={"pool": "PL-1"}, about_ref="PL-1", at=NOON
            )
        mine = queries.notifications_for(queries.actor_of(request_of(lin))).get()

        assert use_cases.mark_read(organisation_ref=lin.org, up_to_id=mine.pk + 10, **WHO) == 1
        assert use_cases.mark_read(organisation_ref=lin.org, up_to_id=mine.pk + 10, **WHO) == 0
        assert models.Notification.objects.filter(read_at__isnull=True).count() == 1


class TestLookups:
    def test_refs_and_ids_lead_to_each_other(self, lin: Player, bao: Player) -> None:
        ids = queries.ids_by_ref([lin.org, bao.org, "OR-1999-0001"])

        assert set(ids) == {lin.org, bao.org}
        assert queries.ref_of(ids[lin.org]) == lin.org
        assert queries.refs_by_id(ids.values()) == {number: ref for ref, number in ids.items()}
        assert set(queries.organisations([lin.org, "OR-1999-0001"])) == {lin.org}
        with pytest.raises(NotFound):
            queries.ref_of(0)

    def test_only_verified_firms_hold_a_role(self, lin: Player, bao: Player) -> None:
        use_cases.suspend_organisation(organisation_ref=bao.org, **WHO)

        assert queries.refs_with_role("buyer") == [lin.org]

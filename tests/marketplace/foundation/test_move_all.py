from __future__ import annotations

import pytest
from django.db import transaction

from marketplace.events.models import StateChange
from marketplace.foundation.models import move_all
from marketplace.kernel.refusals import IllegalMove, StaleWrite
from marketplace.parties.models import Organisation
from tests.cast import FOUNDING, Player

pytestmark = pytest.mark.django_db


class TestMoveAll:
    def test_moves_each_and_adds_each_step_to_the_trail(self, lin: Player, bao: Player) -> None:
        firms = list(Organisation.objects.filter(ref__in=[lin.org, bao.org]).order_by("id"))

        move_all(firms, "suspend", by="user:wei", at=FOUNDING, why="papers expired", region="Anhui")

        fresh = Organisation.objects.filter(ref__in=[lin.org, bao.org]).order_by("id")
        assert [(firm.state, firm.region) for firm in fresh] == [("suspended", "Anhui")] * 2
        assert [(firm.state, firm.revision) for firm in firms] == [(firm.state, firm.revision) for firm in fresh]
        steps = StateChange.objects.filter(verb="suspend").order_by("ref")
        assert [(step.ref, step.from_state, step.revision) for step in steps] == [
            (lin.org, "verified", 2),
            (bao.org, "verified", 2),
        ]

    def test_one_that_somebody_moved_first_takes_all_back(self, lin: Player, bao: Player) -> None:
        firms = list(Organisation.objects.filter(ref__in=[lin.org, bao.org]))
        Organisation.objects.get(ref=bao.org).move("suspend", by="user:wei", at=FOUNDING)

        with pytest.raises(StaleWrite), transaction.atomic():
            move_all(firms, "suspend", by="user:wei", at=FOUNDING)

        assert Organisation.objects.get(ref=lin.org).state == "verified"

    def test_refuses_a_verb_that_one_of_them_cannot_take(self, lin: Player, bao: Player) -> None:
        Organisation.objects.get(ref=bao.org).move("suspend", by="user:wei", at=FOUNDING)
        firms = list(Organisation.objects.filter(ref__in=[lin.org, bao.org]))

        with pytest.raises(IllegalMove), transaction.atomic():
            move_all(firms, "suspend", by="user:wei", at=FOUNDING)

        assert Organisation.objects.get(ref=lin.org).state == "verified"

    def test_nothing_to_move_is_no_work(self) -> None:
        move_all([], "suspend", by="user:wei", at=FOUNDING)

        assert not StateChange.objects.exists()

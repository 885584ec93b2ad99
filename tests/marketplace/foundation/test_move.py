"""A thing moves by a verb, once per revision, and leaves its step in the trail."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from marketplace.events.queries import history
from marketplace.kernel.refusals import IllegalMove, StaleWrite
from marketplace.parties.models import Organisation
from tests.cast import Player

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.django_db
class TestMove:
    def test_writes_state_revision_changes_and_step_together(self, lin: Player) -> None:
        firm = Organisation.objects.get(ref=lin.org)

        firm.move("suspend", by="user:wei", at=NOON, why="late", region="Hubei")

        assert (firm.state, firm.revision, firm.region) == ("suspended", 2, "Hubei")
        assert [step.verb for step in history(lin.org)] == ["verify", "suspend"]

    def test_the_reader_of_an_old_revision_loses(self, lin: Player) -> None:
        early, late = Organisation.objects.get(ref=lin.org), Organisation.objects.get(ref=lin.org)
        early.move("suspend", by="user:wei", at=NOON)

        with pytest.raises(StaleWrite) as caught:
            late.move("leave", by="user:lin", at=NOON)

        assert caught.value.facts == {"ref": lin.org, "revision": 1}
        assert Organisation.objects.get(ref=lin.org).state == "suspended"
        assert [step.verb for step in history(lin.org)] == ["verify", "suspend"]

    def test_a_verb_the_table_does_not_know_is_refused(self, lin: Player) -> None:
        with pytest.raises(IllegalMove):
            Organisation.objects.get(ref=lin.org).move("verify", by="user:wei", at=NOON)

        assert history(lin.org).count() == 1

    def test_shows_the_verbs_of_the_present_state(self, lin: Player) -> None:
        assert Organisation.objects.get(ref=lin.org).verbs == ["suspend", "leave"]

    def test_the_database_knows_no_other_state(self, lin: Player) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Organisation.objects.filter(ref=lin.org).update(state="crowned")


@pytest.mark.django_db(transaction=True)
def test_a_move_needs_a_transaction(lin: Player) -> None:
    with pytest.raises(RuntimeError):
        Organisation.objects.get(ref=lin.org).move("suspend", by="user:wei", at=NOON)

    assert Organisation.objects.get(ref=lin.org).state == "verified"

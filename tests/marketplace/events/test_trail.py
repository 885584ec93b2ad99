"""The trail of steps can be added to and never changed, on whichever database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from marketplace.events.models import StateChange
from marketplace.events.queries import history
from marketplace.events.use_cases import note_change
from marketplace.parties import use_cases as parties
from tests.cast import Player

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class TestStateChange:
    def test_tells_who_when_and_why(self, lin: Player) -> None:
        parties.suspend_organisation(organisation_ref=lin.org, by="user:wei", at=NOON, why="papers expired")

        step = history(lin.org).last()
        assert step is not None
        assert (step.verb, step.from_state, step.to_state, step.by, step.at, step.why, step.revision) == (
            "suspend",
            "verified",
            "suspended",
            "user:wei",
            NOON,
            "papers expired",
            2,
        )

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE events_statechange SET why = 'forged'",
            "UPDATE events_statechange SET why = 'forged' WHERE 1 = 0 OR id > 0",
            "DELETE FROM events_statechange",
        ],
    )
    def test_no_statement_changes_or_removes_a_step(self, lin: Player, statement: str) -> None:
        before = list(StateChange.objects.values())

        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

        assert list(StateChange.objects.values()) == before

    def test_the_orm_does_not_either(self, lin: Player) -> None:
        for forge in (
            lambda: StateChange.objects.update(by="user:mallory"),
            lambda: StateChange.objects.all().delete(),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                forge()

        assert history(lin.org).get().by == "system:cast"

    def test_no_truncation_empties_it(self, lin: Player) -> None:
        if connection.vendor != "postgresql":
            return  # SQLite has no TRUNCATE; its DELETE is refused above
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE events_statechange")

        assert history(lin.org).count() == 1

    def test_a_step_is_noted_once_per_revision(self, lin: Player) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            note_change(
                machine="organisation",
                ref=lin.org,
                revision=1,
                verb="verify",
                from_state="applied",
                to_state="verified",
                by="user:mallory",
                at=NOON,
                why="",
            )


ROW = "machine, ref, revision, verb, from_state, to_state, by, at, why"
FORGED = "'lamp', 'LA-2026-0001', 1, 'go', 'red', 'red', 'x', '2026-01-01 00:00:00+00', ''"
UPSERT = f"INSERT INTO events_statechange ({ROW}) VALUES ({FORGED}) ON CONFLICT (machine, ref, revision) DO UPDATE"
OVERWRITES = {
    "postgresql": [f"{UPSERT} SET to_state = 'red'"],
    "sqlite": [
        f"{UPSERT} SET to_state = 'red'",
        f"INSERT OR REPLACE INTO events_statechange ({ROW}) VALUES ({FORGED})",
        f"INSERT OR REPLACE INTO events_statechange (id, {ROW}) SELECT id, {FORGED} FROM events_statechange",
    ],
}


def test_inserting_over_a_step_is_refused_too() -> None:
    with transaction.atomic():
        note_change(
            machine="lamp",
            ref="LA-2026-0001",
            revision=1,
            verb="go",
            from_state="red",
            to_state="green",
            by="x",
            at=NOON,
            why="",
        )

    for statement in OVERWRITES[connection.vendor]:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    assert StateChange.objects.get(ref="LA-2026-0001").to_state == "green"

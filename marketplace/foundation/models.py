"""What every table with a life cycle stands on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db import connection, models
from django.db.models import Q

from marketplace.events.use_cases import note_change, note_changes
from marketplace.kernel.refusals import StaleWrite
from marketplace.kernel.state_machine import Machine


class Stateful(models.Model):
    """A thing whose `state` changes only by a verb of its machine, and only once per revision."""

    machine: ClassVar[Machine]

    ref = models.CharField(max_length=40, unique=True)
    state = models.CharField(max_length=24)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.ref} ({self.state})"

    @property
    def verbs(self) -> list[str]:
        """The verbs open in the present state."""
        return self.machine.verbs(self.state)

    def move(self, verb: str, *, by: str, at: datetime, why: str = "", **changes: Any) -> None:
        """Take `verb`, write the new state with `changes`, and add the step to the trail, once.

        The write is conditional on the revision that was read, so two workers cannot both take the step, on SQLite as
        on PostgreSQL.

        :raises IllegalMove: the machine has no such move from this state.
        :raises StaleWrite: someone else moved the thing first.
        :raises RuntimeError: there is no transaction that could hold both writes.
        """
        if not connection.in_atomic_block:
            raise RuntimeError("move() needs a transaction")
        before, after = self.state, self.machine.after(self.state, verb)
        mine = type(self)._base_manager.filter(pk=self.pk, revision=self.revision)
        if not mine.update(state=after.value, revision=self.revision + 1, **changes):
            raise StaleWrite(ref=self.ref, revision=self.revision)
        note_change(
            machine=self.machine.name,
            ref=self.ref,
            revision=self.revision + 1,
            verb=verb,
            from_state=before,
            to_state=after.value,
            by=by,
            at=at,
            why=why,
        )
        self.refresh_from_db()


def move_all(things: Iterable[Stateful], verb: str, *, by: str, at: datetime, why: str = "", **changes: Any) -> None:
    """Take `verb` with many things of one table, all of them or none, in a handful of queries.

    Like `move`, each write is conditional on the revision that was read. The things in memory are carried along, except
    for changes that are expressions.

    :raises IllegalMove: the machine has no such move from the state of one of them.
    :raises StaleWrite: someone else moved one of them first; the transaction must not be committed.
    :raises RuntimeError: there is no transaction that could hold all writes.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("move_all() needs a transaction")
    alike: dict[tuple[str, int], list[Stateful]] = defaultdict(list)
    for thing in things:
        alike[thing.state, thing.revision].append(thing)
    for (before, revision), group in alike.items():
        after = group[0].machine.after(before, verb).value
        for start in range(0, len(group), 500):
            _move_alike(group[start : start + 500], revision, after, changes)
        steps = [(thing.ref, revision + 1, before) for thing in group]
        note_changes(steps, machine=group[0].machine.name, verb=verb, to_state=after, by=by, at=at, why=why)


def _move_alike(group: Sequence[Stateful], revision: int, after: str, changes: dict[str, Any]) -> None:
    manager = type(group[0])._base_manager
    mine = manager.filter(pk__in=[thing.pk for thing in group], revision=revision)
    if mine.update(state=after, revision=revision + 1, **changes) != len(group):
        raise StaleWrite(ref=group[0].ref, revision=revision)
    for thing in group:
        thing.state, thing.revision = after, revision + 1
        for name, value in changes.items():
            if not hasattr(value, "resolve_expression"):
                setattr(thing, name, value)


def state_known(machine: Machine, name: str) -> models.CheckConstraint:
    """Return the constraint that no state stands in the table that the machine does not know."""
    return models.CheckConstraint(condition=Q(state__in=machine.states()), name=name)


def at_least(column: str, least: int, name: str) -> models.CheckConstraint:
    """Return the constraint that `column` never falls below `least` (NULL passes)."""
    return models.CheckConstraint(condition=Q(**{f"{column}__gte": least}), name=name)

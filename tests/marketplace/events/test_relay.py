"""Facts are handed on once, whoever relays, whatever fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from marketplace.events import queries, registry, relay, use_cases
from marketplace.events.models import InboxEntry, OutboxEvent
from marketplace.events.registry import Fact
from marketplace.parties import use_cases as parties
from marketplace.parties.events import OrganisationLeft
from marketplace.parties.models import Notification
from marketplace.parties.queries import PLATFORM
from tests.marketplace.together import run_together

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def happen(number: int = 1) -> None:
    with transaction.atomic():
        for n in range(number):
            use_cases.record(OrganisationLeft(f"OR-2026-{n + 1:04d}"), source_ref=f"OR-2026-{n + 1:04d}", at=NOON)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Listen for organisations that leave; what was heard, in order."""
    seen: list[str] = []

    def listen(fact: Fact) -> None:
        seen.append(fact.source_ref)

    monkeypatch.setitem(registry.HANDLERS, "OrganisationLeft", [listen])
    return seen


def listen_by(monkeypatch: pytest.MonkeyPatch, *handlers: Callable[[Fact], None]) -> None:
    monkeypatch.setitem(registry.HANDLERS, "OrganisationLeft", list(handlers))


class TestRecord:
    @pytest.mark.django_db(transaction=True)
    def test_refuses_outside_a_transaction(self) -> None:
        with pytest.raises(RuntimeError):
            use_cases.record(OrganisationLeft("OR-1"), source_ref="OR-1", at=NOON)

        assert not OutboxEvent.objects.exists()

    @pytest.mark.django_db(transaction=True)
    def test_is_undone_with_the_deed_it_reports(self) -> None:
        @transaction.atomic
        def deed() -> None:
            use_cases.record(OrganisationLeft("OR-1"), source_ref="OR-1", at=NOON)
            raise ConnectionError

        with pytest.raises(ConnectionError):
            deed()

        assert not OutboxEvent.objects.exists()


@pytest.mark.django_db
class TestRelay:
    def test_hands_each_fact_to_each_handler_once(self, heard: list[str]) -> None:
        happen(3)

        assert [relay.relay_due(at=NOON), relay.relay_due(at=NOON)] == [3, 0]
        assert heard == ["OR-2026-0001", "OR-2026-0002", "OR-2026-0003"]
        assert queries.waiting(NOON) == 0

    def test_a_handler_sees_when_it_happened(self, monkeypatch: pytest.MonkeyPatch) -> None:
        facts: list[Fact] = []
        listen_by(monkeypatch, facts.append)
        happen()

        relay.relay_due(at=NOON + timedelta(days=2))

        assert (facts[0].at, facts[0].payload) == (NOON, {"organisation_ref": "OR-2026-0001"})

    def test_a_handler_that_fails_is_asked_again_later_and_the_others_are_not(
        self, monkeypatch: pytest.MonkeyPatch, heard: list[str]
    ) -> None:
        tries: list[int] = []

        def stumble(fact: Fact) -> None:
            tries.append(fact.id)
            if len(tries) == 1:
                raise ConnectionError("the printer is out of paper")

        listen_by(monkeypatch, stumble, *registry.HANDLERS["OrganisationLeft"])
        happen()

        relay.relay_due(at=NOON)
        assert (len(tries), heard) == (1, ["OR-2026-0001"])
        assert "out of paper" in queries.stuck(NOON).get().last_error
        assert relay.relay_due(at=NOON + timedelta(seconds=1)) == 0
        relay.relay_due(at=NOON + timedelta(minutes=1))

        assert (len(tries), heard) == (2, ["OR-2026-0001"])
        assert queries.waiting(NOON + timedelta(days=1)) == 0

    def test_a_handler_that_fails_leaves_nothing_behind(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def stumble(fact: Fact) -> None:
            parties.notify(organisation_ref=PLATFORM, text="half", about_ref="", at=NOON)
            raise ConnectionError

        listen_by(monkeypatch, stumble)
        happen()

        relay.relay_due(at=NOON)

        assert not Notification.objects.exists()
        assert not InboxEntry.objects.exists()

    def test_a_fact_that_a_dead_relay_held_is_taken_over_when_its_lease_ends(self, heard: list[str]) -> None:
        happen()
        OutboxEvent.objects.update(claimed_until=NOON + relay.LEASE, attempts=1)

        assert relay.relay_due(at=NOON + timedelta(seconds=59)) == 0
        assert relay.relay_due(at=NOON + relay.LEASE) == 1
        assert heard == ["OR-2026-0001"]

    def test_what_a_handler_records_is_handed_on_in_the_same_draining(self, monkeypatch: pytest.MonkeyPatch) -> None:
        chain: list[str] = []

        def echo(fact: Fact) -> None:
            chain.append(fact.source_ref)
            if len(chain) < 4:
                use_cases.record(OrganisationLeft("again"), source_ref=f"again-{len(chain)}", at=NOON)

        listen_by(monkeypatch, echo)
        happen()

        assert relay.drain(at=NOON) == 4
        assert chain == ["OR-2026-0001", "again-1", "again-2", "again-3"]

    def test_an_outbox_that_never_rests_is_a_bug_and_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def forever(fact: Fact) -> None:
            use_cases.record(OrganisationLeft("again"), source_ref="again", at=NOON)

        listen_by(monkeypatch, forever)
        happen()

        with pytest.raises(RuntimeError):
            relay.drain(at=NOON, rounds=5)

    def test_a_sweep_that_fails_does_not_keep_the_others_from_their_turn(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(at: datetime) -> int:
            raise ValueError

        def fine(at: datetime) -> int:
            return 3

        monkeypatch.setattr(relay, "SWEEPS", [broken, fine])

        assert list(relay.sweep(at=NOON).values()) == [-1, 3]


@pytest.mark.django_db(transaction=True)
class TestTwinRelays:
    def test_share_the_work_and_do_none_of_it_twice(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def tell(fact: Fact) -> None:
            parties.notify(organisation_ref=PLATFORM, text=fact.source_ref, about_ref=fact.source_ref, at=NOON)

        listen_by(monkeypatch, tell)
        happen(20)
        tried = run_together(lambda: relay.relay_due(at=NOON), 4)

        assert sum(tried) == 20
        told = list(Notification.objects.values_list("about_ref", flat=True))
        assert (len(told), len(set(told))) == (20, 20)
        assert queries.waiting(NOON) == 0


@pytest.mark.django_db(transaction=True)
class TestRefs:
    def test_are_unique_whoever_counts_at_once(self) -> None:
        def count() -> list[str]:
            refs = []
            for _ in range(10):
                with transaction.atomic():
                    refs += use_cases.next_refs("RQ", 3, at=NOON)
            return refs

        refs = [ref for some in run_together(count, 4) for ref in some]

        assert len(refs) == 120
        assert set(refs) == {f"RQ-2026-{n:04d}" for n in range(1, 121)}

    def test_are_counted_by_kind_and_year(self) -> None:
        with transaction.atomic():
            first = use_cases.next_ref("TD", at=NOON)
            others = [use_cases.next_ref("PL", at=NOON), use_cases.next_ref("TD", at=NOON.replace(year=2027))]

        assert [first, *others] == ["TD-2026-0001", "PL-2026-0001", "TD-2027-0001"]

    def test_are_refused_outside_a_transaction(self) -> None:
        with pytest.raises(RuntimeError):
            use_cases.next_ref("TD", at=NOON)

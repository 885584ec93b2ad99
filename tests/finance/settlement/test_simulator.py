"""Any schedule of lost, doubled, shuffled and interrupted messages ends with the books of the clean run.

SCALE=n plays n times as many schedules; each failure names its seed.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import transaction

from finance.settlement import handlers, models, use_cases
from finance.settlement.faults import POINTS
from finance.settlement.states import RESTING
from finance.treasury.bank.fake_bank import FakeBank
from marketplace.events import relay
from marketplace.events.models import OutboxEvent
from marketplace.events.registry import Fact
from marketplace.kernel.refusals import StaleWrite
from tests.chaos.settlement.scenario import build
from tests.finance.invoicing.shorthand import DUE
from tests.finance.settlement.shorthand import NOON_OF_DUE, bank, books, hand_on, paid, settle, sound

pytestmark = pytest.mark.django_db
SEEDS = range(6 * int(os.environ.get("SCALE", "1")))
TURNS = 70
HEARD = {
    "SupplierInvoiceMatched": handlers.owe_the_supplier,
    "InvoiceIssued": handlers.charge_the_buyer,
    "DrawdownApproved": handlers.draw_the_advance,
    "PaymentSettled": handlers.hear_from_the_bank,
}


class Crash(BaseException):
    """A worker dies here: what it had not committed is gone."""


class Simulator:
    """One random schedule: every turn something arrives, gets lost, comes again, or somebody dies."""

    def __init__(self, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.chance = Random(seed)
        self.now: datetime = NOON_OF_DUE
        self.fatal, self.countdown = "", 0
        self.crashes = 0
        monkeypatch.setattr("finance.settlement.faults.point", self.point)
        plain = FakeBank.instruct

        def instruct(bank: FakeBank, key: str, instruction: Any) -> Any:
            self.point("before_bank")
            reply = plain(bank, key, instruction)
            self.point("after_bank")
            return reply

        monkeypatch.setattr(FakeBank, "instruct", instruct)

    def point(self, name: str) -> None:
        if name == self.fatal:
            self.countdown -= 1
            if self.countdown <= 0:
                self.fatal = ""
                self.crashes += 1
                raise Crash(name)

    def play(self) -> None:
        for _ in range(TURNS):
            self.now += timedelta(seconds=self.chance.choice([0, 0, 1, 5, 20, 40]))
            deed = self.chance.choice(
                [self.ring, self.ring, self.ring, self.relay, self.again, self.plan, self.trouble]
            )
            if self.chance.random() < 0.3:
                self.fatal, self.countdown = self.chance.choice(POINTS), self.chance.randint(1, 2)
            with suppress(Crash, StaleWrite):
                deed()
            self.fatal = ""

    def ring(self) -> None:
        """A bell for some step arrives, perhaps an old one; a worker answers."""
        steps = list(models.SettlementStep.objects.values_list("pk", flat=True))
        if steps:
            worker = f"worker:{self.chance.randint(1, 3)}"
            use_cases.take_step(step_id=self.chance.choice(steps), worker=worker, at=self.now)

    def relay(self) -> None:
        relay.relay_due(at=self.now, limit=self.chance.randint(1, 4))

    def again(self) -> None:
        """Some fact is heard out of order, before its turn or once more."""
        known = list(OutboxEvent.objects.filter(name__in=HEARD))
        event = self.chance.choice(known)
        with transaction.atomic():
            HEARD[event.name](Fact(event.pk, event.name, event.source_ref, event.payload, event.recorded_at))

    def plan(self) -> None:
        if self.chance.random() < 0.5:
            handlers.plan_and_ring(self.now)
        else:
            use_cases.plan_run(business_date=DUE, by="system:planner", at=self.now)

    def trouble(self) -> None:
        bank().tell(self.chance.choice(["timeout", "lost", "delay", "status_timeout"]))

    def calm_down(self) -> None:
        """Everything works from now on; whatever is overdue is seen to."""
        for _ in range(4):
            self.now += timedelta(minutes=2)
            hand_on(self.now)
            settle(self.now, day=DUE)


def outcome() -> dict[str, Any]:
    owed = models.Obligation.objects.order_by("kind", "source_ref")
    return {
        "books": books(),
        "sound": sound(),
        "owed": list(owed.values_list("kind", "source_ref", "amount_minor", "state")),
        "runs": list(models.SettlementRun.objects.order_by("pk").values_list("business_date", "state")),
        "unfinished": models.SettlementStep.objects.exclude(state__in=RESTING).count(),
        "payments": {"twice": bank().paid_twice(), "counts": set(paid().values())},
    }


def in_a_world_of_its_own(play: Callable[[], dict[str, Any]], settings: Any, base: Path) -> dict[str, Any]:
    """Play on a copy of the bank and take everything back afterwards."""
    mine = base.with_name(f"bank-{secrets.token_hex(6)}.sqlite3")
    with sqlite3.connect(base) as source, sqlite3.connect(mine) as target:
        source.backup(target)
    settings.FAKE_BANK_FILE = mine
    mark = transaction.savepoint()  # an atomic block would forbid the durable ones of treasury
    try:
        return play()
    finally:
        transaction.savepoint_rollback(mark)
        settings.FAKE_BANK_FILE = base


def test_any_schedule_ends_with_the_books_of_the_clean_run(settings: Any) -> None:
    build(tell=False)
    base: Path = settings.FAKE_BANK_FILE

    def quietly() -> dict[str, Any]:
        settle(NOON_OF_DUE)
        return outcome()

    clean = in_a_world_of_its_own(quietly, settings, base)
    assert (clean["sound"], clean["unfinished"]) == ([], 0)
    assert clean["payments"] == {"twice": [], "counts": {1}}
    crashes = 0
    for seed in SEEDS:
        with pytest.MonkeyPatch.context() as patch:
            simulator = Simulator(seed, patch)

            def wildly(simulator: Simulator = simulator) -> dict[str, Any]:
                simulator.play()
                simulator.calm_down()
                return outcome()

            found = in_a_world_of_its_own(wildly, settings, base)
        assert found == clean, f"seed {seed}"
        crashes += simulator.crashes
    assert crashes > len(SEEDS)

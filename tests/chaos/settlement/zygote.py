"""A process that has loaded everything, and forks a worker for each line it reads.

Reads one JSON object a line: {"do": build | settle | ring | report, "db": ..., "bank": ..., "env": {...}, "out": ...}.
Answers one line: {"pid": ...} at once when "wait" is false, else {"signal": n, "code": n} when the worker has ended.
{"do": "reap", "pid": ...} waits for one that was not waited for.
"""

from __future__ import annotations

import json
import os
import random
import sys
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import django


def main() -> None:
    django.setup()
    for module in ("tests.chaos.settlement.scenario", "finance.settlement.management.commands.run_settlement"):
        import_module(module)  # before the first fork, so that no worker has to

    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "reap":
            print(json.dumps(_ended(order["pid"])), flush=True)  # noqa: T201
            continue
        pid = os.fork()
        if not pid:
            _child(order)
        print(json.dumps({"pid": pid} if not order.get("wait", True) else _ended(pid)), flush=True)  # noqa: T201


def _ended(pid: int) -> dict[str, int]:
    _, status = os.waitpid(pid, 0)
    signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    return {"signal": signal, "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1}


def _child(order: dict[str, Any]) -> None:
    code = 1
    try:
        os.environ.update(order.get("env", {}))
        _point_at(order["db"], Path(order["bank"]))
        DEEDS[order["do"]](order)
        code = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _point_at(db: str, bank: Path) -> None:
    """Use this database and this bank; leases are short, so that nobody waits long for the dead."""
    from django.conf import settings
    from django.db import connections

    from finance.settlement import faults
    from finance.settlement.use_cases import take_step
    from finance.treasury.bank.fake_bank import FakeBank

    connections["default"].close()
    connections["default"].settings_dict["NAME"] = db
    settings.FAKE_BANK_FILE = bank
    sys.modules[take_step.__module__].LEASE = timedelta(milliseconds=int(os.environ.get("LEASE_MS", "400")))  # type: ignore[attr-defined]
    plain = FakeBank.instruct

    def instruct(self: FakeBank, key: str, instruction: Any) -> Any:
        faults.point("before_bank")
        reply = plain(self, key, instruction)
        faults.point("after_bank")
        return reply

    FakeBank.instruct = instruct  # type: ignore[method-assign]


def _build(order: dict[str, Any]) -> None:
    from django.core.management import call_command

    from tests.chaos.settlement.scenario import build

    call_command("migrate", verbosity=0)
    build()


def _settle(order: dict[str, Any]) -> None:
    from io import StringIO

    from django.core.management import call_command

    call_command("run_settlement", "--date", order["date"], "-v0", stdout=StringIO())


def _ring(order: dict[str, Any]) -> None:
    """Take the steps as a Celery worker would: by their tasks, each rung for several times, in any order."""
    from finance.settlement import tasks, use_cases
    from finance.settlement.models import SettlementStep
    from marketplace.kernel import clock

    chance = random.Random(order["seed"])
    day, true_time = date.fromisoformat(order["date"]), clock.now
    ahead = clock.midnight(day) - clock.midnight(clock.business_date(true_time()))
    clock.now = lambda: true_time() + ahead
    for _ in range(4):
        use_cases.plan_run(business_date=day, by="worker", at=clock.now())
        bells = list(SettlementStep.objects.values_list("pk", flat=True)) * 2
        chance.shuffle(bells)
        for step_id in bells:
            tasks.take_step_task(step_id)


def _report(order: dict[str, Any]) -> None:
    from tests.chaos.settlement.scenario import report

    Path(order["out"]).write_text(json.dumps(report(), default=str))


DEEDS = {"build": _build, "settle": _settle, "ring": _ring, "report": _report}

if __name__ == "__main__":
    main()

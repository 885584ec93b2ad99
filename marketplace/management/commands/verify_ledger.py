"""Recompute everything that must hold about money and quantities, and say what does not."""

from __future__ import annotations

import json
import time
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string, module_has_submodule


class Command(BaseCommand):
    """Collects the `verify()` of every app that has one; exit code 1 when anything is wrong."""

    help = "Recompute every invariant of the books and of what stands on them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="the last line is one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.perf_counter()
        found = verify_everything()
        wrong = [fault for faults in found.values() for fault in faults]
        for app, faults in found.items():
            self.stdout.write(f"{app}: {'clean' if not faults else f'{len(faults)} wrong'}")
            for fault in faults[:50]:
                self.stdout.write(f"  {fault}")
        if options["json"]:
            seconds = round(time.perf_counter() - began, 3)
            self.stdout.write(json.dumps({"clean": not wrong, "apps": list(found), "wrong": wrong, "seconds": seconds}))
        if wrong:
            raise CommandError(f"{len(wrong)} invariants do not hold")


def verify_everything() -> dict[str, list[str]]:
    """Return, for every app with a `queries.verify()`, what it finds wrong."""
    found: dict[str, list[str]] = {}
    for config in apps.get_app_configs():
        if config.module is None or not module_has_submodule(config.module, "queries"):
            continue
        try:
            verify = import_string(f"{config.name}.queries.verify")
        except ImportError:
            continue
        found[config.name] = verify()
    return found

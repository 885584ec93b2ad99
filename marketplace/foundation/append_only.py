"""The migration step that makes a table append-only on whichever database it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import migrations

from marketplace.kernel.append_only import append_only, no_longer


def make_append_only(table: str) -> migrations.RunPython:
    """Return the step that lays the triggers on `table`, and takes them away when migrating backwards."""
    return migrations.RunPython(_running(append_only, table), _running(no_longer, table))


def open_to_migrate(table: str) -> migrations.RunPython:
    """Return the step that takes the triggers of `table` away, before a migration alters it.

    SQLite alters a table by making it anew, which loses them: `make_append_only` must follow as the last step.
    """
    return migrations.RunPython(_running(no_longer, table), _running(append_only, table))


def _running(statements: Callable[[str, str], list[str]], table: str) -> Callable[[Any, Any], None]:
    def run(apps: Any, editor: Any) -> None:
        for statement in statements(editor.connection.vendor, table):
            editor.execute(statement)

    return run

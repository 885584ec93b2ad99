"""The migration step that makes a table append-only on whichever database it runs."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from marketplace.kernel.append_only import append_only, no_longer


def make_append_only(table: str) -> migrations.RunPython:
    """Return the step that lays the triggers on `table`, and takes them away when migrating backwards."""

    def lock(apps: Any, editor: Any) -> None:
        for statement in append_only(editor.connection.vendor, table):
            editor.execute(statement)

    def unlock(apps: Any, editor: Any) -> None:
        for statement in no_longer(editor.connection.vendor, table):
            editor.execute(statement)

    return migrations.RunPython(lock, unlock)

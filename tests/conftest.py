"""What every test may lean on."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings

from tests.cast import *  # noqa: F403  (the cast)

ROOT = Path(__file__).resolve().parent.parent
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long counts to `make soak`, which asks for them by their marker."""
    if "soak" in (config.option.markexpr or ""):
        return
    long = [item for item in items if item.get_closest_marker("soak")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real input that stands beside the project."""
    folder = Path(os.environ.get("JICAI_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("real input is not here: ../shared")
    return folder


@pytest.fixture(autouse=True)
def _bank_of_its_own(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give each test a pretended bank that nobody has used; the file is made when it is first called."""
    settings.FAKE_BANK_FILE = tmp_path_factory.getbasetemp() / f"bank-{secrets.token_hex(6)}.sqlite3"


@pytest.fixture(autouse=True, scope="session")
def _emptying_for_tests() -> Any:
    """Let the test runner empty append-only tables between transactional tests; nothing else may."""
    import django.db.backends.sqlite3.base  # noqa: F401  (its modules import one another in a circle)
    from django.db.backends.postgresql.operations import DatabaseOperations as Postgres
    from django.db.backends.sqlite3.operations import DatabaseOperations as Sqlite

    plain_sqlite, plain_postgres = Sqlite.execute_sql_flush, Postgres.execute_sql_flush

    def sqlite(self: Any, sql_list: list[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'append_only_%'")
            triggers = cursor.fetchall()
        drop = [f"DROP TRIGGER {name}" for name, _ in triggers]
        plain_sqlite(self, [*drop, *sql_list, *(sql for _, sql in triggers)])

    def postgres(self: Any, sql_list: list[str]) -> None:
        around = ["SET LOCAL session_replication_role = replica", *sql_list]
        plain_postgres(self, around if sql_list else sql_list)

    Sqlite.execute_sql_flush, Postgres.execute_sql_flush = sqlite, postgres
    yield
    Sqlite.execute_sql_flush, Postgres.execute_sql_flush = plain_sqlite, plain_postgres

"""A zygote for each kind of database, a market laid out once, and a copy of it for each test."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from tests.conftest import ROOT
from tests.finance.invoicing.shorthand import DUE


@dataclass
class Zygote:
    """The process that forks workers, on SQLite files or PostgreSQL databases."""

    folder: Path
    url: str
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "marketplace.settings",
            "DATABASE_URL": self.url,
            "JICAI_VAR": str(self.folder / "var"),
            "RING_DOORBELL": "0",
            "LOG_LEVEL": "CRITICAL",
            "PYTHONPATH": str(ROOT),
        }
        env.pop("REDIS_URL", None)
        command = [sys.executable, str(Path(__file__).with_name("zygote.py"))]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, env=env, stdin=pipe, stdout=pipe, text=True, cwd=ROOT)

    def ask(self, **order: Any) -> dict[str, int]:
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(order) + "\n")
        stdin.flush()
        answer: dict[str, int] = json.loads(stdout.readline())
        return answer


@dataclass
class World:
    """One copy of the market: its database and its bank."""

    zygote: Zygote
    db: str
    bank: Path

    def settle(self, fault: str = "", *, do: str = "settle", wait: bool = True, **more: Any) -> dict[str, int]:
        """Let a worker settle DUE; `fault` names where it dies."""
        env = {"FAULT_POINT": fault, **more.pop("env", {})}
        order = {"do": do, "db": self.db, "bank": str(self.bank), "env": env, "date": DUE.isoformat(), "wait": wait}
        return self.zygote.ask(**order, **more)

    def reap(self, pid: int) -> dict[str, int]:
        return self.zygote.ask(do="reap", pid=pid)

    def report(self) -> dict[str, Any]:
        out = self.zygote.folder / f"{secrets.token_hex(6)}.json"
        assert self.settle(do="report", out=str(out))["code"] == 0
        found: dict[str, Any] = json.loads(out.read_text())
        return found


class Sqlite:
    """Copies by copying files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.zygote = Zygote(folder, f"sqlite:///{folder / 'base.sqlite3'}")

    def base(self) -> World:
        return World(self.zygote, str(self.folder / "base.sqlite3"), self.folder / "base-bank.sqlite3")

    def copy(self, base: World) -> World:
        name = secrets.token_hex(6)
        world = World(self.zygote, str(self.folder / f"{name}.sqlite3"), self.folder / f"{name}-bank.sqlite3")
        with sqlite3.connect(base.db) as source, sqlite3.connect(world.db) as target:
            source.backup(target)
        _copy_bank(base, world)
        return world

    def drop(self, world: World) -> None:
        Path(world.db).unlink()


class Postgres:
    """Copies by database templates."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.mark = folder, secrets.token_hex(4)
        self.zygote = Zygote(folder, os.environ["DATABASE_URL"])
        self._sql(f"CREATE DATABASE chaos_{self.mark}_base")

    def base(self) -> World:
        return World(self.zygote, f"chaos_{self.mark}_base", self.folder / "base-bank.sqlite3")

    def copy(self, base: World) -> World:
        name = f"chaos_{self.mark}_{secrets.token_hex(4)}"
        self._sql(f"CREATE DATABASE {name} TEMPLATE {base.db}")
        world = World(self.zygote, name, self.folder / f"{name}-bank.sqlite3")
        _copy_bank(base, world)
        return world

    def drop(self, world: World) -> None:
        self._sql(f"DROP DATABASE {world.db} WITH (FORCE)")

    def _sql(self, statement: str) -> None:
        import psycopg

        place = settings.DATABASES["default"]
        known = {"host": place["HOST"], "port": place["PORT"], "user": place["USER"], "password": place["PASSWORD"]}
        given = {key: value for key, value in known.items() if value}
        with psycopg.connect(dbname="postgres", autocommit=True, **given) as db:
            db.execute(statement)  # type: ignore[arg-type]


def _copy_bank(base: World, world: World) -> None:
    with sqlite3.connect(base.bank) as source, sqlite3.connect(world.bank) as target:
        source.backup(target)


KINDS = [pytest.param("sqlite", id="sqlite"), pytest.param("postgres", id="postgres", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session", params=KINDS)
def market(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, World]]:
    """The market as it stands before the run, on each kind of database that is here."""
    if request.param == "postgres" and connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: DATABASE_URL")
    folder = tmp_path_factory.mktemp(f"chaos-{request.param}")
    kind: Any = Postgres(folder) if request.param == "postgres" else Sqlite(folder)
    base = kind.base()
    try:
        assert base.settle(do="build")["code"] == 0
        yield kind, base
    finally:
        kind.zygote.process.stdin.close()
        kind.zygote.process.wait(20)
        kind.drop(base)


@pytest.fixture
def world(market: tuple[Any, World]) -> Iterator[World]:
    """A copy of the market for one test."""
    kind, base = market
    copy = kind.copy(base)
    yield copy
    kind.drop(copy)


@pytest.fixture(scope="session")
def clean(market: tuple[Any, World]) -> dict[str, Any]:
    """What the run leaves when nothing goes wrong."""
    kind, base = market
    copy = kind.copy(base)
    assert copy.settle()["code"] == 0
    found: dict[str, Any] = copy.report()
    kind.drop(copy)
    return found

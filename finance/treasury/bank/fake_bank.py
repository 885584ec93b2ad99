"""A bank that lives in one SQLite file: it survives kills, counts every call, and fails when it is told to."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from finance.treasury.bank import Answer, BankTimeout, Instruction, Reply
from marketplace.kernel.money import Money

TABLES = """
CREATE TABLE IF NOT EXISTS payment (
    account TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, answer TEXT NOT NULL,
    bank_reference TEXT NOT NULL, reason TEXT NOT NULL, asks_left INTEGER NOT NULL, PRIMARY KEY (account, key));
CREATE TABLE IF NOT EXISTS movement (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, key TEXT NOT NULL, direction TEXT NOT NULL,
    minor INTEGER NOT NULL, currency TEXT NOT NULL, booked_on TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS call (id INTEGER PRIMARY KEY, account TEXT NOT NULL, key TEXT NOT NULL, verb TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS call_key ON call (key);
CREATE INDEX IF NOT EXISTS movement_key ON movement (account, key);
CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY, pattern TEXT NOT NULL, kind TEXT NOT NULL, left_over INTEGER NOT NULL,
    detail TEXT NOT NULL);
"""
_LAID_OUT: set[Path] = set()
FAULTS = ("timeout", "lost", "reject", "delay")


class FakeBank:
    """Pays at once and settles when it is next asked, unless told otherwise.

    Keys are unique within an account; the same key gets the same answer and never moves money again. Faults:

    timeout   the bank acts, its answer is lost
    lost      the request never arrives
    reject    the bank refuses, for `detail`
    delay     the bank stays at `accepted` for `detail` more asks
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = not self.path.exists() or self.path not in _LAID_OUT
        db = sqlite3.connect(self.path, timeout=20, isolation_level=None)
        try:
            if fresh:
                _lay_out(db)
                _LAID_OUT.add(self.path)
            db.execute("PRAGMA synchronous=NORMAL")
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
        finally:
            db.close()

    def instruct(self, key: str, instruction: Instruction) -> Reply:
        """Pay or collect, once for each key.

        :raises BankTimeout: by the faults `timeout` and `lost`.
        :raises ValueError: the key stands for another instruction.
        """
        with self._open() as db:
            db.execute("INSERT INTO call (account, key, verb) VALUES (?, ?, 'instruct')", (instruction.account, key))
            fault, detail = _take_fault(db, key, ("timeout", "lost", "reject", "delay"))
            known = _kept(db, key, instruction.account)
            if fault != "lost" and known is None:
                known = _execute(db, key, instruction, fault, detail)
            elif known is not None and known[1] != _request(instruction):
                raise ValueError(f"{key} stands for another instruction at the bank")
        if known is None or fault in ("timeout", "lost"):
            raise BankTimeout(key)
        return known[0]

    def status(self, key: str, account: str) -> Reply:
        """Tell what became of a key; what is accepted settles when its delay has run out."""
        with self._open() as db:
            db.execute("INSERT INTO call (account, key, verb) VALUES (?, ?, 'status')", (account, key))
            fault, _ = _take_fault(db, key, ("status_timeout",))
            kept = _kept(db, key, account)
            reply = Reply(Answer.UNHEARD) if kept is None else _aged(db, key, account, kept[0])
        if fault:
            raise BankTimeout(key)
        return reply

    def tell(self, kind: str, *, key: str = "*", times: int = 1, detail: str = "") -> None:
        """Make the next `times` calls whose key matches the pattern `key` (GLOB) fail by `kind`.

        `status_timeout` loses the answers to `status`; the other kinds stand in the class's docstring.
        """
        if kind not in (*FAULTS, "status_timeout"):
            raise ValueError(f"{kind} is no fault")
        with self._open() as db:
            db.execute(
                "INSERT INTO fault (pattern, kind, left_over, detail) VALUES (?, ?, ?, ?)", (key, kind, times, detail)
            )

    def calls(self, key: str, verb: str = "instruct") -> int:
        """Return how often the bank was called for `key`."""
        return self._number("SELECT COUNT(*) FROM call WHERE key = ? AND verb = ?", key, verb)

    def times_paid(self, key: str) -> int:
        """Return how often money moved for `key`."""
        return self._number("SELECT COUNT(*) FROM movement WHERE key = ?", key)

    def paid_twice(self) -> list[str]:
        """Return the keys for which money moved more than once; there ought to be none, ever."""
        with self._open() as db:
            rows = db.execute("SELECT key FROM movement GROUP BY account, key HAVING COUNT(*) > 1 ORDER BY key")
            return [key for (key,) in rows]

    def moved(self, account: str) -> dict[tuple[str, str], int]:
        """Return for each (direction, currency) how much has moved over our `account`, in the smallest coin."""
        sums: Counter[tuple[str, str]] = Counter()
        with self._open() as db:
            for direction, currency, minor in db.execute(
                "SELECT direction, currency, SUM(minor) FROM movement WHERE account = ? GROUP BY 1, 2", (account,)
            ):
                sums[(direction, currency)] = minor
        return dict(sums)

    def _number(self, sql: str, *values: str) -> int:
        with self._open() as db:
            return int(db.execute(sql, values).fetchone()[0])


def _lay_out(db: sqlite3.Connection) -> None:
    with suppress(sqlite3.OperationalError):  # somebody else is switching it over at this moment
        db.execute("PRAGMA journal_mode=WAL")
    db.executescript(TABLES)


def _take_fault(db: sqlite3.Connection, key: str, kinds: tuple[str, ...]) -> tuple[str, str]:
    marks = ", ".join("?" * len(kinds))
    row = db.execute(
        f"SELECT id, kind, detail FROM fault WHERE left_over > 0 AND ? GLOB pattern AND kind IN ({marks}) "  # noqa: S608
        "ORDER BY id LIMIT 1",
        (key, *kinds),
    ).fetchone()
    if row is None:
        return "", ""
    db.execute("UPDATE fault SET left_over = left_over - 1 WHERE id = ?", (row[0],))
    return row[1], row[2]


def _kept(db: sqlite3.Connection, key: str, account: str) -> tuple[Reply, str] | None:
    row = db.execute(
        "SELECT answer, bank_reference, reason, request FROM payment WHERE account = ? AND key = ?", (account, key)
    ).fetchone()
    return None if row is None else (Reply(Answer(row[0]), row[1], row[2]), row[3])


def _request(instruction: Instruction) -> str:
    """Everything that makes two instructions the same, apart from the day."""
    i = instruction
    return "|".join((i.ref, i.direction, str(i.amount), i.holder, i.bank_code, i.number, i.purpose))


def _execute(db: sqlite3.Connection, key: str, instruction: Instruction, fault: str, detail: str) -> tuple[Reply, str]:
    rejected = fault == "reject"
    answer = Answer.REJECTED if rejected else Answer.ACCEPTED
    count = db.execute("SELECT COUNT(*) FROM payment").fetchone()[0] + 1
    reply = Reply(answer, f"FB{count:010d}", (detail or "refused by the bank") if rejected else "")
    asks = int(detail or 1) if fault == "delay" else 0
    db.execute(
        "INSERT INTO payment VALUES (?, ?, ?, ?, ?, ?, ?)",
        (instruction.account, key, _request(instruction), answer.value, reply.bank_reference, reply.reason, asks),
    )
    if not rejected:
        money: Money = instruction.amount
        db.execute(
            "INSERT INTO movement (account, key, direction, minor, currency, booked_on) VALUES (?, ?, ?, ?, ?, ?)",
            (instruction.account, key, instruction.direction, money.minor, money.currency, instruction.on.isoformat()),
        )
    return reply, _request(instruction)


def _aged(db: sqlite3.Connection, key: str, account: str, reply: Reply) -> Reply:
    if reply.answer != Answer.ACCEPTED:
        return reply
    waiting = "UPDATE payment SET asks_left = asks_left - 1 WHERE account = ? AND key = ? AND asks_left > 0"
    if db.execute(waiting, (account, key)).rowcount:
        return reply
    db.execute("UPDATE payment SET answer = 'settled' WHERE account = ? AND key = ?", (account, key))
    return Reply(Answer.SETTLED, reply.bank_reference)

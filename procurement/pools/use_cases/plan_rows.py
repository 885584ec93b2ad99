"""A plan's lines to and from the database, as columns: COPY on PostgreSQL, executemany on SQLite."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from procurement.pools import models

Integers = NDArray[np.int64]

COLUMNS = ("plan_id", "line", "product", "region", "quantity", "earliest", "deadline", "ceiling", "closing")
BATCH = 50_000


def table() -> str:
    """Return the quoted name of the table of a plan's lines."""
    return connection.ops.quote_name(models.MarketPlanLine._meta.db_table)


def write_lines(plan_id: int, columns: Sequence[Integers]) -> None:
    """Write the lines of a plan; `columns` run in the order of `COLUMNS` from `line` on, -1 for no closing day."""
    write_ready(ready(plan_id, columns))


def ready(plan_id: int, columns: Sequence[Integers]) -> bytes | list[Integers]:
    """Return the rows as the database takes them: CSV text on PostgreSQL, columns on SQLite."""
    from procurement.engines.pooling.csv_files import rows_text

    every = [np.full(len(columns[0]), plan_id, np.int64), *columns]
    return rows_text(every) if connection.vendor == "postgresql" else every


def write_ready(rows: bytes | list[Integers]) -> None:
    """Write rows that are ready."""
    names = ", ".join(COLUMNS)
    with connection.cursor() as cursor:
        if isinstance(rows, bytes):
            with cursor.copy(f"COPY {table()} ({names}) FROM STDIN (FORMAT csv)") as copy:
                copy.write(rows)
            return
        marks = ", ".join(["%s"] * (len(COLUMNS) - 1) + ["nullif(%s, -1)"])
        statement = f"INSERT INTO {table()} ({names}) VALUES ({marks})"  # noqa: S608 (names are ours)
        with transaction.atomic():
            for start in range(0, len(rows[0]), BATCH):
                some = zip(*(one[start : start + BATCH].tolist() for one in rows), strict=True)
                cursor.executemany(statement, list(some))


def read_lines(plan_id: int, first_product: int, last_product: int) -> list[Integers]:
    """Return the columns from `line` to `closing` of the lines of a range of products, by line; -1 for no day."""
    names = ", ".join((*COLUMNS[1:-1], "coalesce(closing, -1)"))
    where = f"plan_id = {int(plan_id)} AND product BETWEEN {int(first_product)} AND {int(last_product)}"
    statement = f"SELECT {names} FROM {table()} WHERE {where} ORDER BY line"  # noqa: S608 (integers)
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows = cursor.fetchall()
    return list(np.array(rows, np.int64).reshape(-1, len(COLUMNS) - 1).T.copy())


def update_closings(plan_id: int, line: Integers, closing: Integers) -> None:
    """Write other closing days of some lines of a plan, -1 for none."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"UPDATE {table()} AS l SET closing = nullif(v.closing, -1)"  # noqa: S608 (names are ours)
                " FROM unnest(%s::bigint[], %s::bigint[]) AS v(line, closing) WHERE l.plan_id = %s AND l.line = v.line",
                [line.tolist(), closing.tolist(), plan_id],
            )
            return
        cursor.executemany(
            f"UPDATE {table()} SET closing = nullif(%s, -1) WHERE plan_id = %s AND line = %s",  # noqa: S608
            [(day, plan_id, key) for key, day in zip(line.tolist(), closing.tolist(), strict=True)],
        )


def copy_out(plan_id: int) -> bytes:
    """Return `line,closing_day` of a plan as CSV with a header, by line, as pools.csv has it."""
    statement = f"SELECT line, closing AS closing_day FROM {table()} WHERE plan_id = {int(plan_id)} ORDER BY line"  # noqa: S608
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT csv, HEADER)") as copy:
                return b"".join(bytes(block) for block in copy)
        cursor.execute(statement)
        rows = [f"{line},{'' if day is None else day}\n" for line, day in cursor.fetchall()]
    return ("line,closing_day\n" + "".join(rows)).encode()

"""Lines go into their table in bulk: no model instance and no compiled statement for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection

from procurement.demand import models

TABLE = models.RequestLine._meta.db_table


class LineRow(NamedTuple):
    """A row of RequestLine, column by column; quantities, prices and values in millionths."""

    request_id: int
    position: int
    product_id: int | None
    text: str
    quantity: int
    tolerance: int
    unit: str
    needed_from: date
    needed_to: date
    region: str
    ceiling: int | None
    stated_value: int | None
    unit_price: int | None
    currency: str
    vendor: str
    external_key: str | None
    line_state: str
    entered_at: datetime
    curve: str = ""
    substitutes_allowed: bool = False


COLUMNS = ", ".join(f'"{column}"' for column in LineRow._fields)


def insert_lines(rows: Sequence[LineRow]) -> None:
    """Insert the rows in the caller's transaction: by COPY on PostgreSQL, else by one prepared statement.

    :raises IntegrityError: a constraint does not hold.
    """
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _copy(cursor, rows)
        else:
            marks = ", ".join(["%s"] * len(LineRow._fields))
            cursor.executemany(f"INSERT INTO {TABLE} ({COLUMNS}) VALUES ({marks})", _adapted(rows))  # type: ignore[arg-type]  # noqa: S608


def _copy(cursor: Any, rows: Iterable[LineRow]) -> None:
    with connection.wrap_database_errors, cursor.copy(f"COPY {TABLE} ({COLUMNS}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _adapted(rows: Iterable[LineRow]) -> Iterator[LineRow]:
    """Yield the rows with days and instants as the database keeps them."""
    day: Callable[[date], Any] = lru_cache(4096)(connection.ops.adapt_datefield_value)
    instant: Callable[[datetime], Any] = lru_cache(4096)(connection.ops.adapt_datetimefield_value)
    for row in rows:
        yield row._replace(
            needed_from=day(row.needed_from), needed_to=day(row.needed_to), entered_at=instant(row.entered_at)
        )

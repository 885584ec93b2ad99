"""Plant unusual prices, then search everything that is kept, told or logged before opening."""

from __future__ import annotations

import base64
import json
import logging
import secrets
import struct
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from marketplace.events.models import OutboxEvent, StateChange
from procurement.tenders import models
from procurement.tenders import use_cases as tenders
from tests.procurement.tenders.scene import BIDDING, Market, bid


def unusual() -> str:
    """Draw a price that nobody met before: what an earlier run left in a log of the server is no find of ours."""
    return f"{10_000 + secrets.randbelow(990_000)}.{secrets.randbelow(1000):03d}{1 + secrets.randbelow(9)}"


PLANTED = tuple(unusual() for _ in range(3))


def spellings(price: str) -> Iterator[bytes]:
    """Every way in which a price might stand somewhere: text, minor units, scaled integers, floats, encodings."""
    digits = price.replace(".", "")
    texts = {price, digits, digits + "00", f"{Decimal(price):.2f}", f"{Decimal(price):,}"}
    for text in texts:
        yield text.encode()
        yield text.encode("utf-16-le")
        yield text.encode().hex().encode()
        yield base64.b64encode(text.encode()).rstrip(b"=")[:-1]
    for number in (int(digits), int(digits) * 100, int(Decimal(price) * 100)):
        yield from (struct.pack(order, number) for order in ("<q", ">q"))
        yield f"{number:x}".encode()
    yield from (struct.pack(order, float(price)) for order in ("<d", ">d"))


# Shorter ones would be met by chance in the ciphertexts.
NEEDLES = [needle for price in PLANTED for needle in spellings(price) if len(needle) >= 8]


def hits(haystack: bytes) -> list[bytes]:
    return [needle for needle in NEEDLES if needle in haystack]


def every_cell() -> Iterator[tuple[str, bytes]]:
    """Yield every value of every column of every table."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                yield table, b"\0".join(raw(value) for value in row)


def raw(value: Any) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    if isinstance(value, dict | list):
        return json.dumps(value).encode()
    return str(value).encode()


def files_of_database() -> Iterator[tuple[str, bytes]]:
    """Yield every file the database keeps of our tables, its write-ahead log too."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA database_list")
            file = Path(cursor.fetchone()[2])
            yield from ((path.name, path.read_bytes()) for path in file.parent.glob(file.name + "*"))
            return
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            yield "tables alone: files are for the database's owner", b"".join(cells for _, cells in every_cell())
            return
        cursor.execute(
            "SELECT relname, pg_read_binary_file(pg_relation_filepath(oid), 0, 1 << 24, true) FROM pg_class "
            "WHERE relkind IN ('r', 't', 'i') AND pg_relation_size(oid) > 0"
        )
        yield from ((name, bytes(content or b"")) for name, content in cursor.fetchall())
        cursor.execute(
            "SELECT name, pg_read_binary_file('pg_wal/' || name, 0, 1 << 24, true) FROM pg_ls_waldir() "
            "ORDER BY modification DESC LIMIT 2"
        )
        yield from ((name, bytes(content or b"")) for name, content in cursor.fetchall())


@pytest.fixture
def planted(market: Market, caplog: pytest.LogCaptureFixture) -> str:
    """A tender with planted prices in a replaced, a withdrawn, a live and a refused bid, sealed by use case and API."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="django.db.backends")
    connection.force_debug_cursor = True
    ref = market.published()
    bid(ref, market.teng, [(1, None, PLANTED[0])])
    bid(ref, market.teng, [(1, 49, PLANTED[1]), (50, None, PLANTED[2])])
    bid(ref, market.shen, [(1, None, PLANTED[0])])
    tenders.withdraw_bid(tender_ref=ref, supplier_ref=market.shen, by="user:shen", at=BIDDING)
    with pytest.raises(tenders.BadOffer):
        bid(ref, market.shen, [(1, 20, PLANTED[0]), (50, None, PLANTED[1])])
    return ref


@pytest.mark.django_db(transaction=True)
class TestBeforeOpening:
    def test_no_table_holds_a_price(self, planted):
        assert [(table, hits(cells)) for table, cells in every_cell() if hits(cells)] == []

    def test_no_byte_of_the_database_s_files_holds_a_price(self, planted):
        read = [(name, hits(content)) for name, content in files_of_database()]

        assert len(read) >= 1
        assert [found for found in read if found[1]] == []

    def test_no_fact_and_no_step_tells_of_a_bid(self, planted):
        assert set(OutboxEvent.objects.values_list("name", flat=True)).isdisjoint({"BidSealed", "BidWithdrawn"})
        assert not OutboxEvent.objects.filter(source_ref__startswith="BD-").exists()
        assert set(StateChange.objects.filter(ref__startswith="BD-").values_list("by", flat=True)) == {"bidder"}

    def test_no_log_holds_a_price_though_every_query_is_logged(self, planted, caplog):
        told = "\n".join(record.getMessage() for record in caplog.get_records("setup"))

        assert "tenders_sealedbid" in told
        assert hits(told.encode()) == []

    def test_no_query_that_the_connection_remembers_holds_a_price(self, planted):
        assert hits("\n".join(query["sql"] for query in connection.queries).encode()) == []

    def test_no_refusal_repeats_a_price(self, planted, market):
        for tiers in ([(1, None, f"-{PLANTED[0]}")], [(1, None, f"{PLANTED[0]}99")], [(1, 5, PLANTED[0])]):
            with pytest.raises(tenders.BadOffer) as refused:
                bid(planted, market.shen, tiers)
            assert hits(str(refused.value).encode()) == []


@pytest.mark.django_db(transaction=True)
def test_the_search_finds_a_price_once_the_bids_are_opened(market):
    price = unusual()
    market.opened(teng=[(1, None, price)])

    assert models.BidTier.objects.get().unit_price == Decimal(price)
    assert any(needle in cells for _, cells in every_cell() for needle in spellings(price) if len(needle) >= 8)

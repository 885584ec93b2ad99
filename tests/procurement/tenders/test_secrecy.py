"""Plant unusual prices, then search everything that is kept, told or logged before opening."""

from __future__ import annotations

import base64
import json
import logging
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
from tests.procurement.tenders.scene import BIDDING, BIDS_UNTIL, HUA, OPENING, Market, bid

PLANTED = ("73189.4621", "918273.6455", "40404.0407")


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

    def test_no_byte_of_the_database_file_holds_a_price(self, planted):
        if connection.vendor != "sqlite":
            pytest.skip("the files of PostgreSQL are not ours to read")
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA database_list")
            file = Path(cursor.fetchone()[2])

        for path in file.parent.glob(file.name + "*"):
            assert hits(path.read_bytes()) == [], path.name

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

    def test_the_prices_are_there_after_all(self, planted):
        tenders.close_tender(tender_ref=planted, by="system:clock", at=BIDS_UNTIL)
        tenders.open_tender(tender_ref=planted, by=HUA, at=OPENING)

        assert sorted(models.BidTier.objects.values_list("unit_price", flat=True)) == sorted(map(Decimal, PLANTED[1:]))
        assert any(hits(cells) for _, cells in every_cell())

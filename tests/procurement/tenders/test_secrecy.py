"""Plant unusual prices, then search everything that is kept, told or logged before opening."""

from __future__ import annotations

import base64
import json
import logging
import re
import secrets
import shutil
import struct
import subprocess
from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as conf
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from marketplace.celery import app
from marketplace.events.models import OutboxEvent, StateChange
from marketplace.kernel import clock
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from procurement.tenders.rules.key_shares import join_key
from tests.cast import Player, enter
from tests.procurement.tenders.holders import Holder, held, register_many, shut
from tests.procurement.tenders.scene import BIDDING, Market, bid, freeze, priced


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
        yield from (text.encode(f"utf-16-{order}") for order in ("le", "be"))
        yield text.encode().hex().encode()
        yield from (at_any_place(text.encode(), shift) for shift in range(3))
    whole, _, part = price.partition(".")
    groups = [int(whole[:-4] or 0), int(whole[-4:]), int(part.ljust(4, "0"))]
    yield struct.pack("<3h", *groups)
    for number in (int(digits), int(digits) * 100, int(Decimal(price) * 100)):
        yield from (struct.pack(order, number) for order in ("<q", ">q"))
        yield f"{number:x}".encode()
    yield from (struct.pack(order, float(price)) for order in ("<d", ">d"))


def at_any_place(raw: bytes, shift: int) -> bytes:
    """Return the part of the base64 of `raw` that stands there wherever `raw` begins, and whatever follows."""
    coded = base64.b64encode(b"\0" * shift + raw).rstrip(b"=")
    return coded[(0, 2, 3)[shift] : -1]


# Shorter ones would be met by chance in the ciphertexts. (PostgreSQL keeps a number in groups of four digits.)
NEEDLES = [needle for price in PLANTED for needle in spellings(price) if len(needle) >= 6]


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


def dump() -> Iterator[tuple[str, bytes]]:
    """Yield the whole database as a backup would have it: SQL text, blobs as hex."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        yield "iterdump", "\n".join(connection.connection.iterdump()).encode()
        return
    at = connection.settings_dict
    command = ["pg_dump", "-h", at["HOST"], "-p", str(at["PORT"] or 5432), "-U", at["USER"], at["NAME"]]
    env = {"PGPASSWORD": at["PASSWORD"] or "", "PATH": "/usr/bin:/bin:/usr/local/bin"}
    yield "pg_dump", subprocess.run(command, env=env, capture_output=True, check=True).stdout


def queue_and_cache() -> Iterator[tuple[str, bytes]]:
    """Yield whatever stands in the broker and the cache, task arguments and results among it."""
    if conf.REDIS_URL:
        import redis

        server = redis.Redis.from_url(conf.REDIS_URL)
        for key in server.scan_iter("*"):
            kind = server.type(key)
            read: dict[bytes, Any] = {
                b"string": server.get,
                b"list": lambda k: b"\0".join(server.lrange(k, 0, -1)),  # type: ignore[arg-type]
                b"set": lambda k: b"\0".join(server.smembers(k)),  # type: ignore[arg-type]
                b"hash": lambda k: b"\0".join(x for pair in server.hgetall(k).items() for x in pair),  # type: ignore[union-attr]
                b"zset": lambda k: b"\0".join(server.zrange(k, 0, -1)),  # type: ignore[arg-type]
            }
            yield f"redis {key!r}", key + b"\0" + (read[kind](key) or b"")
    for folder in (conf.BROKER_FOLDER, conf.VAR / "cache"):
        for file in folder.rglob("*"):
            if file.is_file():
                yield str(file), file.read_bytes()


def open_up(texts: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Yield everything also as it reads once base64 in it is decoded: a task's body travels so."""
    for name, raw in texts:
        yield name, raw
        for coded in re.findall(rb"[A-Za-z0-9+/]{24,}={0,2}", raw):
            yield f"{name} decoded", base64.b64decode(coded + b"=" * (-len(coded) % 4))


def found_in(places: Iterable[tuple[str, bytes]], needles: Iterable[bytes]) -> list[tuple[str, bytes]]:
    return [(name, needle) for name, raw in places for needle in needles if needle in raw]


def as_(player: Player) -> tuple[Client, APIClient]:
    browser, client = Client(), APIClient()
    browser.force_login(player.user)
    client.force_authenticate(player.user)
    return browser, client


def running(market: Market, holders: list[Holder]) -> str:
    now = clock.now()
    pool = market.pool(freeze_at=now + timedelta(hours=1))
    market.join(pool, market.lin, 60)
    freeze(pool, now)
    times = {"at": now - timedelta(hours=2), "published_at": now - timedelta(hours=1)}
    return held(market, holders, 2, pool, **times, bids_until=now + timedelta(days=1, minutes=30))


PAGES = ("tenders:list", "tenders:bids", "tenders:awards", "tenders:openings")
ADMIN = ("tender", "sealedbid", "openedbid", "award", "keyshare", "keyholder", "openingrecord", "lot")
LISTS = ("tenders", "bids", "awards", "openings", "key-holders", "key-shares")
CHANGING = re.compile(
    rb'csrfmiddlewaretoken" value="[^"]+"|X-CSRFToken": "[^"]+"|nonce="[^"]+"|<span class="soft small">[^<]*</span>'
)


def seen_by(player: Player, ref: str) -> dict[str, bytes]:
    """Return everything that a person can look at round a tender, but for what changes by itself."""
    browser, client = as_(player)
    pk = models.Tender.objects.get(ref=ref).pk
    addresses = ["/", *map(reverse, PAGES)]
    addresses += [reverse(f"tenders:{name}", args=[ref]) for name in ("tender", "opening", "record")]
    addresses += [reverse("admin:index"), *(reverse(f"admin:tenders_{name}_changelist") for name in ADMIN)]
    addresses += [reverse("admin:tenders_tender_change", args=[pk]), f"{reverse('tenders:list')}?show=all"]
    answers = {address: browser.get(address) for address in addresses}
    told = [f"/api/v1/{name}/" for name in LISTS]
    told += [f"/api/v1/{name}/{ref}/" for name in ("tenders", "openings")]
    told += [f"/api/v1/bids/?tender={ref}", "/api/v1/tenders/?open=true", f"/api/v1/openings/{ref}/record/"]
    answers |= {address: client.get(address) for address in told}
    return {name: CHANGING.sub(b"", answer.content) for name, answer in answers.items() if answer.status_code < 500}


@pytest.mark.django_db(transaction=True)
class TestThroughEveryDoor:
    @pytest.fixture
    def three(self, market: Market) -> list[Holder]:
        return register_many(3)

    @pytest.fixture
    def sealed(self, market: Market, three: list[Holder], settings: Any, caplog: Any) -> str:
        """A tender of today in which Teng and Shen bid by page and API, with a worker's bell that really rings."""
        app.set_current()
        settings.RING_DOORBELL = True
        caplog.set_level(logging.DEBUG)
        ref = running(market, three)
        browser, _ = as_(Player("teng"))
        lot = models.Lot.objects.get(tender__ref=ref)
        part = lot.pools.get()
        form = {f"{lot.ref}-from-0": "1", f"{lot.ref}-price-0": PLANTED[0], f"{lot.ref}-freight-{part.pk}": PLANTED[1]}
        assert browser.post(reverse("tenders:bid", args=[ref]), form).status_code == 302
        bad = {**form, f"{lot.ref}-from-1": "1", f"{lot.ref}-price-1": PLANTED[2]}
        assert browser.post(reverse("tenders:bid", args=[ref]), bad).status_code == 400
        _, client = as_(Player("shen"))
        for price, status in ((PLANTED[2], 201), (f"-{PLANTED[0]}", 400)):
            body, key = priced(ref, ("1", None, price)), {"Idempotency-Key": f"key {status}"}
            reply = client.post(f"/api/v1/tenders/{ref}/bid/", body, format="json", headers=key)
            assert reply.status_code == status
        return ref

    def test_no_dump_holds_a_price(self, sealed: str) -> None:
        if connection.vendor == "postgresql" and not shutil.which("pg_dump"):
            pytest.skip("pg_dump is not here")
        read = list(dump())

        assert b"tenders_sealedbid" in read[0][1]
        assert found_in(read, NEEDLES) == []

    def test_no_table_and_no_file_of_the_database_holds_a_price(self, sealed: str) -> None:
        assert found_in([*every_cell(), *files_of_database()], NEEDLES) == []

    def test_no_queue_and_no_cache_holds_a_price(self, sealed: str) -> None:
        read = list(open_up(queue_and_cache()))

        assert any(b"relay_outbox" in raw for _, raw in read), "the bell rang"
        assert found_in(read, NEEDLES) == []

    def test_no_log_and_no_mail_holds_a_price(self, sealed: str, caplog: Any) -> None:
        told = "\n".join(
            f"{one.getMessage()} {one.exc_text or ''} {one.args}"
            for phase in ("setup", "call")
            for one in caplog.get_records(phase)
        )
        mails = "\n".join(str(one.message()) for one in mail.outbox)

        assert hits((told + mails).encode()) == []

    def test_no_page_and_no_answer_holds_a_price(
        self, sealed: str, market: Market, wei: Player, lin: Player, mallory: Player
    ) -> None:
        for player in (Player("teng"), Player("shen"), lin, wei, mallory, Player("chen")):
            assert found_in(seen_by(player, sealed).items(), NEEDLES) == []

    @pytest.mark.usefixtures("wei", "lin", "teng", "shen", "mallory")
    def test_what_others_see_does_not_change_by_one_byte_when_bids_come(
        self, market: Market, three: list[Holder]
    ) -> None:
        """No count, no rival's name, no hint: not for a rival, a buyer, staff, a key holder or a stranger."""
        bao = enter("bao2", "Baotou Steel", roles=["supplier"], seat=["sales"])
        ref = running(market, three)
        bid(ref, market.teng, [(1, None, "10")], at=clock.now())
        watchers = [*map(Player, ("teng", "lin", "wei", "mallory", "chen"))]
        before = {one.username: seen_by(one, ref) for one in watchers}

        bid(ref, market.shen, [(1, None, "11")], at=clock.now())
        bid(ref, bao.org, [(1, None, "12")], at=clock.now())
        bid(ref, bao.org, [(1, None, "13")], at=clock.now())
        tenders.withdraw_bid(tender_ref=ref, supplier_ref=bao.org, by=bao.by, at=clock.now())

        for one in watchers:
            after = seen_by(one, ref)
            assert len(after) > 20
            assert {name for name in after if after[name] != before[one.username][name]} == set(), one.username

    def test_no_key_and_no_share_is_kept_anywhere(self, sealed: str, three: list[Holder], caplog: Any) -> None:
        given = [one.opened(sealed) for one in three]
        secrets_ = [join_key({one.number: one.share for one in given[:2]}), *(one.share for one in given)]
        needles = [
            form
            for one in secrets_
            for raw in (one, one[:16], one[16:])
            for form in (raw, raw.hex().encode(), *(at_any_place(raw, shift) for shift in range(3)))
        ]
        told = "\n".join(one.getMessage() for one in caplog.get_records("setup")).encode()

        places = [*every_cell(), *files_of_database(), *queue_and_cache(), *dump(), ("logs", told)]

        assert found_in(places, needles) == []

    def test_a_share_that_waits_stands_nowhere_in_the_clear_and_is_gone_after_the_opening(
        self, market: Market, three: list[Holder], caplog: Any
    ) -> None:
        caplog.set_level(logging.DEBUG)
        caplog.set_level(logging.DEBUG, logger="django.db.backends")
        connection.force_debug_cursor = True
        ref = held(market, three)
        bid(ref, market.teng, [(1, None, "12.5")])
        shut(ref)
        given = [one.opened(ref) for one in three[:2]]

        three[0].hand_in(ref, given[0])
        between = [*every_cell(), *files_of_database(), *dump()]
        three[1].hand_in(ref, given[1])
        after = [*every_cell(), *files_of_database(), *dump()]

        needles = [form for one in given for form in (one.share, one.share.hex().encode())]
        told = "\n".join(one.getMessage() for one in caplog.records).encode()
        assert found_in([*between, *after, ("logs", told)], needles) == []
        assert queries.tender(ref).state == "opened"
        assert not models.KeyShare.objects.filter(waiting__isnull=False).exists()

"""A box of many sealed bids: seconds to open it, beside the bare decryption of the same envelopes.

python -m bench opening [--bids 1000] [--lots 1] [--needed 3] [--holders 5] [--runs 3]; on SQLite, or on PostgreSQL when
DATABASE_URL says so, in a database of its own that is thrown away. `seconds` is the median of the runs, from the last
holder's share to the committed opening: shares checked and put together, every commitment and receipt checked, every
bid decrypted, read and kept, the record signed. `cpu_seconds` is what the process worked meanwhile, so that a busy
machine is told apart; `floor_seconds` is the same of X25519, HKDF and AES-256-GCM alone on the same bids, and `ratio`
what is between these two.
`--needed 0` opens a box whose key the platform holds itself.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
DAY = timedelta(days=1)
BENCH = "system:bench"


def run(argv: list[str]) -> dict[str, Any]:
    """Measure and return the figures."""
    parser = argparse.ArgumentParser(prog="bench opening", description=__doc__)
    parser.add_argument("--bids", type=int, default=1000)
    parser.add_argument("--lots", type=int, default=1)
    parser.add_argument("--needed", type=int, default=3)
    parser.add_argument("--holders", type=int, default=5)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args(argv)
    os.environ["RING_DOORBELL"] = "0"

    import django

    django.setup()
    from bench.tenders import _database

    with _database() as vendor:
        return {"name": "opening", "database": vendor, **_measure(asked)}


def _measure(asked: argparse.Namespace) -> dict[str, Any]:
    vendors, products, holders = _scene(asked)
    laps = [_one(asked, n, vendors, products, holders) for n in range(asked.runs)]
    seconds, cpus, floors = (list(figures) for figures in zip(*laps, strict=True))
    return {
        "size": asked.bids,
        "lots": asked.lots,
        "shares": f"{asked.needed} of {asked.holders}" if asked.needed else "held by the platform",
        "seconds": round(statistics.median(seconds), 3),
        "cpu_seconds": round(statistics.median(cpus), 3),
        "floor_seconds": round(statistics.median(floors), 3),
        "ratio": round(statistics.median(cpus) / statistics.median(floors), 2),
        "all_seconds": [round(one, 3) for one in seconds],
        "target_seconds": 2.0 if asked.bids == 1000 else None,
    }


def _scene(asked: argparse.Namespace) -> tuple[list[str], list[str], dict[str, tuple[bytes, str]]]:
    """Suppliers, a buyer, products, and holders by person: their private key and ref."""
    from marketplace.catalogue import use_cases as catalogue
    from marketplace.catalogue.queries import products_by_id
    from marketplace.parties import use_cases as parties
    from procurement.tenders import use_cases as tenders
    from procurement.tenders.rules.key_shares import new_key_pair

    who: dict[str, Any] = {"by": BENCH, "at": NOON}
    firms = [parties.NewOrganisation(f"v{n}", f"Vendor {n}", "CN", roles=("supplier",)) for n in range(asked.bids)]
    firms.append(parties.NewOrganisation("b", "Buyer", "CN", roles=("buyer",)))
    refs = parties.register_many(rows=firms, **who)
    catalogue.register_category(code="bench", name_en="Bench", **who)
    rows = [
        catalogue.NewProduct(code=f"P{n}", name_en=f"Product {n}", category_code="bench", unit="C62")
        for n in range(asked.lots)
    ]
    products = [one.ref for one in products_by_id(catalogue.register_many(rows=rows, **who).values()).values()]
    holders = {}
    for n in range(asked.holders if asked.needed else 0):
        parties.register_person(username=f"holder{n}", password=f"holder{n}-password", **who)
        private, public = new_key_pair()
        ref = tenders.propose_holder_key(
            person=f"user:holder{n}", name=f"Holder {n}", public_key=public.hex(), by="user:wei", at=NOON
        )
        tenders.confirm_holder_key(holder_ref=ref, by="user:mei", at=NOON)
        holders[f"user:holder{n}"] = (private, ref)
    return [refs[f"v{n}"] for n in range(asked.bids)] + [refs["b"]], products, holders


def _one(
    asked: argparse.Namespace, turn: int, firms: list[str], products: list[str], holders: dict[str, tuple[bytes, str]]
) -> tuple[float, float, float]:
    """Fill one box and open it; return the opening's seconds, its processor seconds, and those of bare decryption."""
    from procurement.tenders import queries, use_cases
    from procurement.tenders.models import KeyShare, Tender

    ref = _filled(asked, turn, firms, products, holders)
    tender = Tender.objects.get(ref=ref)
    shares = []
    for row in KeyShare.objects.filter(tender=tender).select_related("holder").order_by("number")[: asked.needed]:
        shares.append((row.holder.person, _given(row, ref, holders[row.holder.person][0])))
    floor = _floor(tender, [given for _, given in shares])
    for person, given in shares[:-1]:
        use_cases.hand_in_share(tender_ref=ref, file=_file(given), by=person, at=NOON + 10 * DAY)
    start, busy = time.perf_counter(), time.process_time()
    if shares:
        use_cases.hand_in_share(tender_ref=ref, file=_file(shares[-1][1]), by=shares[-1][0], at=NOON + 10 * DAY)
    else:
        use_cases.open_tender(tender_ref=ref, by="user:hua", at=NOON + 10 * DAY)
    seconds, cpu = time.perf_counter() - start, time.process_time() - busy
    assert queries.tender(ref).state == "opened"
    assert tender.opened_bids.filter(rejected="").count() == asked.bids
    return seconds, cpu, floor


def _given(row: Any, ref: str, private_key: bytes) -> Any:
    from procurement.tenders.rules.key_shares import Given, unseal_share

    share = unseal_share(bytes(row.sealed), tender_ref=ref, number=row.number, holder_private_key=private_key)
    return Given(ref, row.number, share)


def _file(given: Any) -> str:
    from procurement.tenders.rules.key_shares import share_file

    return share_file(given)


def _filled(
    asked: argparse.Namespace, turn: int, firms: list[str], products: list[str], holders: dict[str, tuple[bytes, str]]
) -> str:
    """Return a closed tender in which every supplier has bid for every lot, in three steps of price."""
    from procurement.pools import use_cases as pools
    from procurement.tenders import queries, use_cases

    who: dict[str, Any] = {"by": BENCH, "at": NOON}
    opened = []
    for product in products:
        pool = pools.open_pool(
            product_ref=product,
            region=f"Region {turn}",
            window_start=date(2026, 4, 1),
            window_end=date(2026, 5, 1),
            freeze_at=NOON + DAY,
            deposit_percent=Decimal(0),
            **who,
        )
        pools.join_pool(pool_ref=pool, buyer_ref=firms[-1], quantity=Decimal(1000), **who)
        pools.freeze_pool(pool_ref=pool, by=BENCH, at=NOON + DAY)
        opened.append(pool)
    ref = use_cases.prepare_tender(
        title="Bench", pool_refs=opened, bids_until=NOON + 9 * DAY, by="user:wei", at=NOON + DAY
    )
    if holders:
        use_cases.name_key_holders(
            tender_ref=ref,
            holder_refs=[key for _, key in holders.values()],
            needed=asked.needed,
            by="user:wei",
            at=NOON + DAY,
        )
    use_cases.publish_tender(tender_ref=ref, by="user:mei", at=NOON + 2 * DAY)
    lots = [lot.ref for lot in queries.tender(ref).lots]
    for n, firm in enumerate(firms[:-1]):
        steps = [("1", "99", 12), ("100", "499", 11), ("500", None, 10)]
        tiers = [{"from": start, "to": end, "price": f"{base}.{n:04d}"} for start, end, base in steps]
        offer = {"lots": [{"lot": lot, "tiers": tiers} for lot in lots]}
        use_cases.seal_bid(tender_ref=ref, supplier_ref=firm, offer=offer, by=BENCH, at=NOON + 3 * DAY)
    use_cases.close_tender(tender_ref=ref, by=BENCH, at=NOON + 9 * DAY)
    return ref


def _floor(tender: Any, given: list[Any]) -> float:
    """Seconds of bare key agreement, key derivation and decryption of the box; reading the rows is not counted."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    from procurement.tenders.rules.key_shares import join_key
    from procurement.tenders.rules.sealing import unlock_tender_key
    from procurement.tenders.use_cases.loading import secret

    public = bytes(tender.public_key)
    raw = (
        join_key({one.number: one.share for one in given})
        if given
        else unlock_tender_key(secret(), tender.ref, public, bytes(tender.locked_key))
    )
    box = [
        (bytes(b.ephemeral_key), bytes(b.nonce), bytes(b.ciphertext), f"{tender.ref}|{b.ref}|{b.version}".encode())
        for b in tender.bids.all()
    ]
    start = time.process_time()
    key = X25519PrivateKey.from_private_bytes(raw)
    for theirs, nonce, ciphertext, place in box:
        shared = key.exchange(X25519PublicKey.from_public_bytes(theirs))
        derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=theirs + public, info=b"jicai/bid/1|" + place).derive(
            shared
        )
        AESGCM(derived).decrypt(nonce, ciphertext, place)
    return time.process_time() - start

"""How a tender's private key is split among holders, handed to them and put together again. No table, no clock.

Any `needed` of the shares give the key, fewer give nothing (Shamir over GF(2^128), the library's; a key of 32 bytes is
split in two halves). A share is sealed to its holder's own X25519 key; a commitment to each share is published with the
tender, so a wrong one is known at once and by name. docs/decisions/0002-sealed-bids.md tells who can do what.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations, islice
from typing import Any

from Cryptodome.Protocol.SecretSharing import Shamir
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from marketplace.kernel.words import gettext_noop

KEY = 32  # bytes of a key, and of a share of it
HALF = 16  # bytes that the library splits at once
NONCE = 12
FEWEST, MOST = 2, 16  # shares needed at least, holders at most
SEALED_KIND, SHARE_KIND = "jicai/sealed-share/1", "jicai/share/1"
SESSION = timedelta(hours=24)  # a share that was handed in waits no longer for the others
TRIES = 20  # subsets of shares that are put together again before a key is trusted to them


class NoShare(Exception):
    """Bytes that are no share, or not this one; `args[0]` is why."""


@dataclass(frozen=True)
class Dealt:
    """One holder's part as it is published: who has it, and what binds it."""

    number: int
    holder_ref: str
    holder_key: bytes
    commitment: str


@dataclass(frozen=True)
class Given:
    """A share as a holder hands it in."""

    tender_ref: str
    number: int
    share: bytes


def new_key_pair() -> tuple[bytes, bytes]:
    """Return the private and the public half of a new X25519 key."""
    pair = X25519PrivateKey.generate()
    return pair.private_bytes_raw(), pair.public_key().public_bytes_raw()


def split_key(private_key: bytes, needed: int, total: int) -> list[bytes]:
    """Split a key into `total` shares of 32 bytes, any `needed` of which give it back.

    The shares are put together again in several ways before they are returned.

    :raises ValueError: not 2 <= needed <= total <= 16, or no key of 32 bytes.
    """
    if len(private_key) != KEY or not FEWEST <= needed <= total <= MOST:
        raise ValueError(f"cannot split {len(private_key)} bytes into {total} shares of which {needed} are needed")
    halves = [Shamir.split(needed, total, private_key[at : at + HALF], False) for at in (0, HALF)]
    shares = [left + right for (_, left), (_, right) in zip(*halves, strict=True)]
    for some in islice(combinations(range(total), needed), TRIES):
        if join_key({number + 1: shares[number] for number in some}) != private_key:
            raise ValueError("the shares do not give the key back")
    return shares


def join_key(shares: Mapping[int, bytes]) -> bytes:
    """Return the key that exactly as many shares as are needed stand for, by their numbers from 1 on.

    Fewer, or wrong ones, give other bytes and no error: whoever calls compares the public key.
    """
    halves = [[(number, share[at : at + HALF]) for number, share in shares.items()] for at in (0, HALF)]
    return b"".join(Shamir.combine(half, False) for half in halves)


def opens(private_key: bytes, public_key: bytes) -> bool:
    """Return whether `private_key` is the private half of `public_key`."""
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw() == public_key


def good_public_key(raw: bytes) -> bool:
    """Return whether something can be sealed to these bytes as an X25519 key: small-order points are none."""
    try:
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(raw))
    except ValueError:
        return False
    return True


def share_commitment(tender_ref: str, number: int, share: bytes) -> str:
    """Return the SHA-256 that binds a share to its tender and number; a share is random, so it tells nothing of it."""
    return hashlib.sha256(b"jicai/share-commitment/1|" + _place(tender_ref, number) + b"|" + share).hexdigest()


def token_of(tender_ref: str, number: int, share: bytes) -> str:
    """Return what only the owner of the share can say to prove that it opened it; it tells nothing of the share."""
    return _derive(share, salt=_place(tender_ref, number), info=b"jicai/share-kept/1").hex()


def token_digest(token: str) -> str:
    """Return what is kept to recognise a token."""
    return hashlib.sha256(b"jicai/share-token/1|" + token.strip().lower().encode()).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare two digests without telling by time where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def holding_sha256(tender_ref: str, needed: int, dealt: Sequence[Dealt]) -> str:
    """Return the digest over who holds which share, which the platform signs with the tender's key."""
    facts = [[one.number, one.holder_ref, one.holder_key.hex(), one.commitment] for one in dealt]
    text = json.dumps(["jicai/holding/1", tender_ref, needed, sorted(facts)], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def seal_share(share: bytes, *, tender_ref: str, number: int, holder_key: bytes) -> bytes:
    """Seal a share to its holder's key: ephemeral X25519, HKDF-SHA256, AES-256-GCM.

    :returns: the ephemeral key (32 bytes), the nonce (12), the ciphertext.
    """
    ephemeral = X25519PrivateKey.generate()
    ours = ephemeral.public_key().public_bytes_raw()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(holder_key))
    nonce, place = os.urandom(NONCE), _place(tender_ref, number)
    key = _derive(shared, salt=ours + holder_key, info=b"jicai/share/1|" + place)
    return ours + nonce + AESGCM(key).encrypt(nonce, share, place)


def unseal_share(sealed: bytes, *, tender_ref: str, number: int, holder_private_key: bytes) -> bytes:
    """Return the share that was sealed to this holder.

    :raises NoShare: sealed to another key, for another tender or number, or altered since.
    """
    theirs = X25519PrivateKey.from_private_bytes(holder_private_key)
    ours, nonce, locked = sealed[:KEY], sealed[KEY : KEY + NONCE], sealed[KEY + NONCE :]
    place = _place(tender_ref, number)
    try:
        shared = theirs.exchange(X25519PublicKey.from_public_bytes(ours))
        key = _derive(shared, salt=ours + theirs.public_key().public_bytes_raw(), info=b"jicai/share/1|" + place)
        return AESGCM(key).decrypt(nonce, locked, place)
    except (InvalidTag, ValueError) as error:
        raise NoShare(gettext_noop("does not open with this key")) from error


def lock_share(secret: bytes, share: bytes, *, tender_ref: str, number: int) -> bytes:
    """Lock a share that was handed in under the platform's secret, until the session ends."""
    nonce, place = os.urandom(NONCE), _place(tender_ref, number)
    return nonce + AESGCM(_waiting_key(secret, tender_ref)).encrypt(nonce, share, place)


def unlock_share(secret: bytes, locked: bytes, *, tender_ref: str, number: int) -> bytes:
    """Return a share that waits in the session.

    :raises NoShare: locked under another secret, for another place, or altered since.
    """
    try:
        key = _waiting_key(secret, tender_ref)
        return AESGCM(key).decrypt(locked[:NONCE], locked[NONCE:], _place(tender_ref, number))
    except (InvalidTag, ValueError) as error:
        raise NoShare(gettext_noop("does not open with the platform's present secret")) from error


def sealed_file(dealt: Dealt, *, tender_ref: str, tender_key: bytes, needed: int, total: int, sealed: bytes) -> str:
    """Return the file that a holder is given at publication."""
    facts = {
        "kind": SEALED_KIND,
        "tender": tender_ref,
        "tender_key": tender_key.hex(),
        "number": dealt.number,
        "needed": needed,
        "of": total,
        "holder": dealt.holder_ref,
        "holder_key": dealt.holder_key.hex(),
        "commitment": dealt.commitment,
        "sealed": sealed.hex(),
    }
    return json.dumps(facts, indent=1) + "\n"


def share_file(given: Given) -> str:
    """Return the file that a holder hands in at the opening."""
    facts = {"kind": SHARE_KIND, "tender": given.tender_ref, "number": given.number, "share": given.share.hex()}
    return json.dumps(facts, indent=1) + "\n"


def read_share_file(text: str | bytes) -> Given:
    """Read what a holder hands in.

    :raises NoShare: it is no share file; the reason never repeats what was given.
    """
    if len(text) > 10_000:
        raise NoShare(gettext_noop("is too long for a share file"))
    try:
        said: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise NoShare(gettext_noop("is no JSON")) from None
    if not isinstance(said, dict) or said.get("kind") not in {SHARE_KIND, SEALED_KIND}:
        raise NoShare(gettext_noop("is no share file"))
    if said["kind"] == SEALED_KIND:
        raise NoShare(gettext_noop("is still sealed: open it with the holder's tool first"))
    tender, number, share = said.get("tender"), said.get("number"), said.get("share")
    if not isinstance(tender, str) or type(number) is not int or not isinstance(share, str):
        raise NoShare(gettext_noop("lacks its tender, its number or its share"))
    return Given(tender, number, _hex(share))


def _hex(text: str) -> bytes:
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raise NoShare(gettext_noop("holds something else than a share")) from None
    if len(raw) != KEY:
        raise NoShare(gettext_noop("holds a share of another length"))
    return raw


def _place(tender_ref: str, number: int) -> bytes:
    return f"{tender_ref}|{number}".encode()


def _waiting_key(secret: bytes, tender_ref: str) -> bytes:
    return _derive(secret, salt=tender_ref.encode(), info=b"jicai/waiting-share/1")


def _derive(secret: bytes, *, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=KEY, salt=salt, info=info).derive(secret)

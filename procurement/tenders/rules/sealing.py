"""How a bid is sealed, receipted and opened. No table, no clock; randomness is the library's own.

A bid is encrypted to its tender's X25519 key with a fresh key pair per bid (ephemeral-static ECDH), HKDF-SHA256 and
AES-256-GCM; the associated data name tender, bid and version, so an envelope opens in its own place only. The payload
is padded, so its length says nothing about the offer. What is kept is bound by a commitment, and the platform signs
a receipt over that commitment which the bidder keeps. docs/decisions/0002-sealed-bids.md tells what trust remains.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SIZES = tuple(4 << (10 + 2 * step) for step in range(6))  # 4 KiB to 4 MiB: all that a ciphertext's length can say
NONCE = 12  # bytes, as GCM asks
LENGTH = 4  # bytes that say how long the payload before its padding is


class NotSealedHere(Exception):
    """An envelope that does not open: another place, another key, or altered bytes."""


class TooLarge(Exception):
    """A payload longer than the largest padded size."""


@dataclass(frozen=True)
class Place:
    """The one place where an envelope belongs."""

    tender_ref: str
    bid_ref: str
    version: int
    supplier_ref: str

    @property
    def associated(self) -> bytes:
        """What AES-GCM authenticates beside the ciphertext."""
        return f"{self.tender_ref}|{self.bid_ref}|{self.version}".encode()


@dataclass(frozen=True)
class Envelope:
    """A sealed bid as it is kept."""

    ephemeral_key: bytes
    nonce: bytes
    ciphertext: bytes


def padded_size(length: int, least: int = 0) -> int:
    """Return the smallest of `SIZES` that holds `length` bytes and is not below `least`.

    :raises TooLarge: none does.
    """
    wanted = max(length + LENGTH, min(least, SIZES[-1]))
    for size in SIZES:
        if wanted <= size:
            return size
    raise TooLarge(f"{length} bytes")


def seal(payload: bytes, *, place: Place, public_key: bytes, least: int = 0) -> Envelope:
    """Encrypt `payload` to the tender's public key, padded to one of `SIZES`.

    :raises TooLarge: the payload is longer than the largest size.
    """
    size = padded_size(len(payload), least)
    padded = (len(payload).to_bytes(LENGTH, "big") + payload).ljust(size, b"\0")
    ephemeral = X25519PrivateKey.generate()
    ours = ephemeral.public_key().public_bytes_raw()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public_key))
    nonce = os.urandom(NONCE)
    key = _derive(shared, salt=ours + public_key, info=b"jicai/bid/1|" + place.associated)
    return Envelope(ours, nonce, AESGCM(key).encrypt(nonce, padded, place.associated))


def unseal(envelope: Envelope, *, place: Place, private_key: bytes) -> bytes:
    """Return the payload that was sealed in `place`.

    :raises NotSealedHere: sealed elsewhere, to another key, or altered since.
    """
    theirs = X25519PrivateKey.from_private_bytes(private_key)
    public_key = theirs.public_key().public_bytes_raw()
    try:
        shared = theirs.exchange(X25519PublicKey.from_public_bytes(envelope.ephemeral_key))
        key = _derive(shared, salt=envelope.ephemeral_key + public_key, info=b"jicai/bid/1|" + place.associated)
        padded = AESGCM(key).decrypt(envelope.nonce, envelope.ciphertext, place.associated)
    except (InvalidTag, ValueError) as error:
        raise NotSealedHere(place.bid_ref) from error
    length = int.from_bytes(padded[:LENGTH], "big")
    if length > len(padded) - LENGTH:
        raise NotSealedHere(place.bid_ref)
    return padded[LENGTH : LENGTH + length]


def _derive(secret: bytes, *, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info).derive(secret)


def new_tender_key(secret: bytes, tender_ref: str) -> tuple[bytes, bytes]:
    """Return a tender's public key, and its private key locked under the platform's secret."""
    pair = X25519PrivateKey.generate()
    public_key = pair.public_key().public_bytes_raw()
    nonce = os.urandom(NONCE)
    locked = AESGCM(_lock_key(secret, tender_ref)).encrypt(nonce, pair.private_bytes_raw(), public_key)
    return public_key, nonce + locked


def unlock_tender_key(secret: bytes, tender_ref: str, public_key: bytes, locked: bytes) -> bytes:
    """Return the tender's private key.

    :raises NotSealedHere: locked under another secret, for another tender, or altered since.
    """
    try:
        return AESGCM(_lock_key(secret, tender_ref)).decrypt(locked[:NONCE], locked[NONCE:], public_key)
    except (InvalidTag, ValueError) as error:
        raise NotSealedHere(tender_ref) from error


def _lock_key(secret: bytes, tender_ref: str) -> bytes:
    return _derive(secret, salt=tender_ref.encode(), info=b"jicai/tender-key/1")


def commitment(envelope: Envelope, place: Place) -> str:
    """Return the SHA-256 that binds an envelope to its place and its bidder."""
    parts = (b"jicai/commitment/1", place.associated, place.supplier_ref.encode())
    return _digest(*parts, envelope.ephemeral_key, envelope.nonce, envelope.ciphertext)


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def receipt_text(place: Place, committed: str, received_at: datetime) -> bytes:
    """Return what a receipt says, always in the same bytes."""
    facts = {
        "bid": place.bid_ref,
        "commitment": committed,
        "received_at": received_at.isoformat(),
        "supplier": place.supplier_ref,
        "tender": place.tender_ref,
        "version": place.version,
    }
    return json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()


def _signing_key(secret: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_derive(secret, salt=b"jicai", info=b"jicai/receipts/1"))


def receipt_key(secret: bytes) -> bytes:
    """Return the public key by which anybody checks the platform's receipts."""
    return _signing_key(secret).public_key().public_bytes_raw()


def sign(secret: bytes, text: bytes) -> bytes:
    """Return the platform's Ed25519 signature over `text`."""
    return _signing_key(secret).sign(text)


def signed_by(public_key: bytes, text: bytes, signature: bytes) -> bool:
    """Return whether `signature` over `text` was made with the key behind `public_key`."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def merkle_root(commitments: list[str]) -> str:
    """Return the root over all commitments in the box, in the order of their own text.

    It is published when the box closes: later nobody can drop, add or swap a bid unseen. Leaves and nodes are hashed
    with different prefixes and an odd node moves up alone.

    Source: RFC 6962, section 2.1 (Merkle hash trees).
    """
    level = [hashlib.sha256(b"\0" + bytes.fromhex(one)).digest() for one in sorted(commitments)]
    if not level:
        return hashlib.sha256(b"").hexdigest()
    while len(level) > 1:
        paired = [
            hashlib.sha256(b"\1" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        level = paired + level[len(paired) * 2 :]
    return level[0].hex()


def root_text(tender_ref: str, root: str) -> bytes:
    """Return what the platform signs when a tender's box closes."""
    return f"jicai/receipts-root/1|{tender_ref}|{root}".encode()


def key_text(tender_ref: str, public_key: bytes, holding: str = "") -> bytes:
    """Return what the platform signs when a tender gets its key: nobody bids to a key put in its place.

    holding   the digest over who holds which share of it (`key_shares.holding_sha256`); empty: the platform itself
    """
    return f"jicai/tender-public-key/1|{tender_ref}|{public_key.hex()}{'|' if holding else ''}{holding}".encode()


def blind(secret: bytes, digest: str) -> str:
    """Return a keyed digest of `digest`: a plain hash of a bid could be tried against every likely price."""
    return hashlib.sha256(_derive(secret, salt=b"jicai", info=b"jicai/blind/1") + digest.encode()).hexdigest()

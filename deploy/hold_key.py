#!/usr/bin/env python3
"""The tool of a key holder: makes the holder's key, opens its share of a tender's key, checks it.

One file that needs Python 3.10 or newer and `cryptography`, and never a network: copy it to a machine of your own.

    python hold_key.py new KEY.pem                    make a key; prints the public half, which you register
    python hold_key.py public KEY.pem                 print the public half again
    python hold_key.py check KEY.pem SEALED.json      open your share, check it, print the word that says you have it
    python hold_key.py share KEY.pem SEALED.json OUT  write the file that you hand in at the opening, not before

The key is locked by a passphrase, asked for at the terminal or read from the file that HOLD_KEY_PASSPHRASE_FILE names.
Keep KEY.pem and SEALED.json: whoever has both, and the passphrase, has your share. Formats and what they protect are
told in docs/decisions/0002-sealed-bids.md.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

SEALED_KIND, SHARE_KIND = "jicai/sealed-share/1", "jicai/share/1"
KEY, NONCE = 32, 12  # bytes


class Refused(Exception):
    """What the holder is told instead of a result."""


def passphrase(*, new: bool = False) -> bytes:
    """Return the passphrase of the key; a new one is asked for twice."""
    file = os.environ.get("HOLD_KEY_PASSPHRASE_FILE")
    said = Path(file).read_text(encoding="utf-8").strip() if file else getpass.getpass("passphrase: ")
    if new and not file and said != getpass.getpass("once more: "):
        raise Refused("the two passphrases differ; no key was made")
    if len(said) < 8:
        raise Refused("a passphrase of eight characters at least, please")
    return said.encode()


def write_once(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads; never over another."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
    except FileExistsError:
        raise Refused(f"{path} is there already; it was left alone") from None


def new(path: Path) -> str:
    """Make a key, write it to `path` and return its public half."""
    if path.exists():
        raise Refused(f"{path} is there already; it was left alone")
    key = X25519PrivateKey.generate()
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase(new=True)))
    write_once(path, locked)
    return key.public_key().public_bytes_raw().hex()


def load(path: Path) -> X25519PrivateKey:
    """Return the holder's key."""
    try:
        key = load_pem_private_key(path.read_bytes(), passphrase())
    except (ValueError, TypeError):
        raise Refused(f"{path} is no key, or this is not its passphrase") from None
    if not isinstance(key, X25519PrivateKey):
        raise Refused(f"{path} is no X25519 key")
    return key


def open_share(key: X25519PrivateKey, path: Path) -> tuple[dict[str, Any], bytes]:
    """Return what a sealed file says, and the share in it, once it is the one that was published."""
    try:
        said = json.loads(path.read_bytes())
        sealed, tender, number = bytes.fromhex(said["sealed"]), str(said["tender"]), int(said["number"])
        kind, theirs, commitment = said["kind"], said["holder_key"], said["commitment"]
    except (ValueError, KeyError, TypeError):
        raise Refused(f"{path} is no sealed share") from None
    ours = key.public_key().public_bytes_raw()
    if kind != SEALED_KIND:
        raise Refused(f"{path} is no sealed share")
    if theirs != ours.hex():
        raise Refused(f"{path} is sealed to another key than yours: {theirs}")
    place, ephemeral, nonce = f"{tender}|{number}".encode(), sealed[:KEY], sealed[KEY : KEY + NONCE]
    try:
        shared = key.exchange(X25519PublicKey.from_public_bytes(ephemeral))
        lock = derive(shared, salt=ephemeral + ours, info=b"jicai/share/1|" + place)
        share = AESGCM(lock).decrypt(nonce, sealed[KEY + NONCE :], place)
    except (InvalidTag, ValueError):
        raise Refused(f"{path} does not open: it was altered, or is of another tender") from None
    if hashlib.sha256(b"jicai/share-commitment/1|" + place + b"|" + share).hexdigest() != commitment:
        raise Refused(f"{path} opens, but its share is not the one its commitment binds: do not accept it")
    return said, share


def derive(secret: bytes, *, salt: bytes, info: bytes) -> bytes:
    """Return 32 bytes by HKDF-SHA256."""
    return HKDF(algorithm=hashes.SHA256(), length=KEY, salt=salt, info=info).derive(secret)


def check(key_file: Path, sealed_file: Path) -> str:
    """Tell what the share is, with the commitment to compare with the tender's page and the word to say there."""
    said, share = open_share(load(key_file), sealed_file)
    place = f"{said['tender']}|{said['number']}".encode()
    word = derive(share, salt=place, info=b"jicai/share-kept/1").hex()
    return "\n".join(
        [
            f"tender      {said['tender']}",
            f"share       {said['number']} of {said['of']}; {said['needed']} open the bids",
            f"commitment  {said['commitment']}",
            f"word        {word}",
        ]
    )


def share(key_file: Path, sealed_file: Path, out: Path) -> str:
    """Write the file to hand in at the opening."""
    said, secret = open_share(load(key_file), sealed_file)
    facts = {"kind": SHARE_KIND, "tender": said["tender"], "number": said["number"], "share": secret.hex()}
    write_once(out, (json.dumps(facts, indent=1) + "\n").encode())
    return (
        f"{out} holds share {said['number']} of {said['tender']}, unlocked. Hand it in at the opening, then delete it."
    )


def main(argv: list[str]) -> int:
    """Do what the first word says; return the exit code."""
    deeds = {
        "new": (new, 1),
        "public": (lambda path: load(path).public_key().public_bytes_raw().hex(), 1),
        "check": (check, 2),
        "share": (share, 3),
    }
    deed, wanted = deeds.get(argv[0] if argv else "", (None, 0))
    if deed is None or len(argv) != wanted + 1:
        sys.stderr.write(__doc__ or "")
        return 2
    try:
        sys.stdout.write(f"{deed(*map(Path, argv[1:]))}\n")  # type: ignore[operator]
    except (Refused, OSError) as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

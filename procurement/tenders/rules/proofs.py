"""What an outsider checks from files alone: that a receipt is the platform's, and that its bid was counted.

Nothing here needs the database, the platform or its secret: only the receipt a bidder kept, the record published at
the opening, and the platform's public key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from procurement.tenders.rules.sealing import merkle_root, root_text, signed_by

RECORD_KIND = "jicai/opening-record/1"
COUNTED, REPLACED, WITHDRAWN, DROPPED = "counted", "replaced", "withdrawn", "dropped"


class NotProved(Exception):
    """A file that does not prove what it claims; `args[0]` is why."""


@dataclass(frozen=True)
class Step:
    """One level of an inclusion proof: the neighbour's hash, and on which side it stands."""

    side: str
    hash: str


@dataclass(frozen=True)
class Verdict:
    """What became of the bid behind a receipt: counted, replaced, withdrawn or dropped; `why` in one sentence."""

    what: str
    why: str

    @property
    def honest(self) -> bool:
        return self.what != DROPPED


def inclusion_path(commitments: Sequence[str], one: str) -> list[Step]:
    """Return the neighbours that lead from `one` to `merkle_root(commitments)`.

    :raises NotProved: `one` is not among them.

    Source: RFC 6962, section 2.1.1 (audit paths).
    """
    ordered = sorted(commitments)
    if one not in ordered:
        raise NotProved("the commitment is not in the box")
    level, at, path = [_leaf(leaf) for leaf in ordered], ordered.index(one), []
    while len(level) > 1:
        beside = at ^ 1
        if beside < len(level):
            path.append(Step("left" if beside < at else "right", level[beside].hex()))
        level = [_node(*level[i : i + 2]) if i + 1 < len(level) else level[i] for i in range(0, len(level), 2)]
        at //= 2
    return path


def root_by_path(commitment: str, path: Sequence[Step]) -> str:
    """Return the root that a commitment and its neighbours lead to.

    :raises NotProved: a step is no hash, or stands on no side.
    """
    try:
        found = _leaf(commitment)
        for step in path:
            beside = bytes.fromhex(step.hash)
            if step.side not in {"left", "right"} or len(beside) != 32:
                raise NotProved("a step of the proof is no hash of a neighbour")
            found = _node(beside, found) if step.side == "left" else _node(found, beside)
    except (ValueError, AttributeError, TypeError):
        raise NotProved("a step of the proof is no hash") from None
    return found.hex()


def _leaf(commitment: str) -> bytes:
    return hashlib.sha256(b"\0" + bytes.fromhex(commitment)).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def record_text(facts: Mapping[str, Any]) -> str:
    """Return an opening record in the bytes that are signed."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def signed_record(record: str) -> bytes:
    """Return what the platform signs of an opening record."""
    return b"jicai/opening-record/1|" + hashlib.sha256(record.encode()).hexdigest().encode()


def read_receipt(document: Any, public_key: bytes) -> dict[str, Any]:
    """Return what a receipt says, once its signature is known to be the platform's.

    document   {"text": ..., "signature": hex}, as a bidder downloads it

    :raises NotProved: the platform did not sign it.
    """
    try:
        text, signature = document["text"].encode(), bytes.fromhex(document["signature"])
        said: dict[str, Any] = json.loads(text)
        bytes.fromhex(said["commitment"])
        _ = said["tender"] + said["bid"], said["version"] + 0
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise NotProved("the receipt is no receipt") from None
    if not signed_by(public_key, text, signature):
        raise NotProved("the receipt does not bear the platform's signature")
    return said


def check_inclusion(receipt: Mapping[str, Any], proof: Any, public_key: bytes) -> None:
    """Check that the receipt's commitment leads to the root that the platform signed at closing.

    proof   {"root": hex, "root_signature": hex, "path": [{"side", "hash"}]}

    :raises NotProved: it does not, or that root is not signed.
    """
    try:
        root, signature = str(proof["root"]), bytes.fromhex(proof["root_signature"])
        path = [Step(one["side"], one["hash"]) for one in proof["path"]]
    except (KeyError, TypeError, ValueError):
        raise NotProved("the proof of inclusion is none") from None
    if not signed_by(public_key, root_text(str(receipt["tender"]), root), signature):
        raise NotProved("the root does not bear the platform's signature")
    if root_by_path(str(receipt["commitment"]), path) != root:
        raise NotProved("the receipt does not lead to the signed root: the bid is not in the box")


def read_record(document: Any, public_key: bytes) -> dict[str, Any]:
    """Return what an opening record says, once its signatures are the platform's and its bids give the signed root.

    document   {"text": ..., "signature": hex}, as it is published

    :raises NotProved: it is not signed, or its box is not the one whose root was published at closing.
    """
    try:
        text, signature = document["text"], bytes.fromhex(document["signature"])
        said: dict[str, Any] = json.loads(text)
        root, root_signature = said["root"], bytes.fromhex(said["root_signature"])
        box = [one["commitment"] for one in said["bids"] if one["verdict"] != WITHDRAWN]
        computed = merkle_root(box)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise NotProved("the record is no opening record") from None
    if not signed_by(public_key, signed_record(text), signature):
        raise NotProved("the record does not bear the platform's signature")
    if not signed_by(public_key, root_text(str(said["tender"]), root), root_signature):
        raise NotProved("the root in the record does not bear the platform's signature")
    if computed != root:
        raise NotProved("the bids in the record do not give the root that was published at closing")
    return said


def judge(receipt: Mapping[str, Any], record: Mapping[str, Any]) -> Verdict:
    """Say what became of the bid behind a receipt, by the record of its tender.

    :raises NotProved: they speak of different tenders.
    """
    if receipt["tender"] != record["tender"]:
        raise NotProved(f"the receipt is of {receipt['tender']}, the record of {record['tender']}")
    of_bid = [one for one in record["bids"] if one["bid"] == receipt["bid"]]
    for one in of_bid:
        if one["verdict"] == WITHDRAWN:
            return Verdict(WITHDRAWN, f"{receipt['bid']} is recorded as withdrawn at version {one['version']}")
        if one["commitment"] == receipt["commitment"]:
            return Verdict(COUNTED, f"{receipt['bid']} version {receipt['version']} was opened: {one['verdict']}")
        if one["version"] > receipt["version"]:
            return Verdict(REPLACED, f"version {one['version']} stands in place of version {receipt['version']}")
    return Verdict(DROPPED, f"{receipt['bid']} version {receipt['version']} was received and is not in the record")

"""Key holders for the tests of tenders: Chen, Deng and Fang, who keep their keys in folders of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from procurement.tenders import models
from procurement.tenders import use_cases as tenders
from procurement.tenders.rules.key_shares import Given, new_key_pair, share_file, token_of, unseal_share
from tests.cast import enter
from tests.procurement.tenders.scene import BIDS_UNTIL, MEI, NOON, OPENING, PREPARED, PUBLISHED, WEI, Market

TOOL = Path(__file__).resolve().parents[3] / "deploy" / "hold_key.py"
NAMES = ("chen", "deng", "fang", "gong", "he")


@dataclass
class Holder:
    """A person with a key; `ref` is the registered key's."""

    username: str
    ref: str
    private_key: bytes
    public_key: bytes

    @property
    def by(self) -> str:
        return f"user:{self.username}"

    def row(self, tender_ref: str) -> models.KeyShare:
        return models.KeyShare.objects.get(tender__ref=tender_ref, holder__person=self.by)

    def take_up(self, tender_ref: str) -> Given:
        """Open the sealed share and say so; return it."""
        given = self.opened(tender_ref)
        token = token_of(tender_ref, given.number, given.share)
        ref = self.row(tender_ref).ref
        tenders.acknowledge_share(share_ref=ref, token=token, by=self.by, at=PUBLISHED)
        return given

    def opened(self, tender_ref: str) -> Given:
        """Open the sealed share without telling anybody."""
        row = self.row(tender_ref)
        share = unseal_share(
            bytes(row.sealed or b""), tender_ref=tender_ref, number=row.number, holder_private_key=self.private_key
        )
        return Given(tender_ref, row.number, share)

    def hand_in(self, tender_ref: str, given: Given, at: datetime = OPENING) -> tenders.Session:
        return tenders.hand_in_share(tender_ref=tender_ref, file=share_file(given), by=self.by, at=at)


def register(username: str) -> Holder:
    """Let a person sign up and register a key that two of the staff saw."""
    enter(username)
    private_key, public_key = new_key_pair()
    ref = tenders.propose_holder_key(
        person=f"user:{username}", name=username.title(), public_key=public_key.hex(), by=WEI, at=NOON
    )
    tenders.confirm_holder_key(holder_ref=ref, by=MEI, at=NOON)
    return Holder(username, ref, private_key, public_key)


def register_many(count: int = 3) -> list[Holder]:
    return [register(name) for name in NAMES[:count]]


def held(market: Market, holders: list[Holder], needed: int = 2, *pools: str, **given: object) -> str:
    """Return a published tender whose key these persons hold."""
    at = given.get("at", PREPARED)
    published_at = given.pop("published_at", PUBLISHED)
    ref = market.prepared(*pools, **given)
    tenders.name_key_holders(
        tender_ref=ref,
        holder_refs=[one.ref for one in holders],
        needed=needed,
        by=WEI,
        at=at,  # type: ignore[arg-type]
    )
    tenders.publish_tender(tender_ref=ref, by=MEI, at=published_at)  # type: ignore[arg-type]
    return ref


def shut(ref: str, at: datetime = BIDS_UNTIL) -> None:
    tenders.close_tender(tender_ref=ref, by="system:clock", at=at)


def tool(folder: Path, *argv: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the holder's tool as a holder does, without our packages on its path."""
    secret = folder / "passphrase"
    secret.write_text("eight and more", encoding="utf-8")
    env = {"HOLD_KEY_PASSPHRASE_FILE": str(secret), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-I", str(TOOL), *map(str, argv)]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)

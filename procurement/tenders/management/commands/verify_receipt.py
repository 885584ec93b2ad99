"""Check a bid's receipt from files alone: `manage.py verify_receipt RECEIPT [--record F] [--proof F] [--key HEX]`.

RECEIPT, the record and the proof are files as the platform gives them out. No database is read, and no secret.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from procurement.tenders.rules import proofs


class Command(BaseCommand):
    help = "Check from files alone that a receipt is the platform's, and that its bid was counted at the opening."
    requires_system_checks: Any = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("receipt", help="the receipt as it was downloaded when the bid was sealed")
        parser.add_argument("--record", help="the opening record of its tender")
        parser.add_argument("--proof", help="the proof of inclusion of the bid")
        parser.add_argument("--key", help="the platform's public key, 64 hex digits, kept from an earlier day")

    def handle(self, *args: Any, **options: Any) -> None:
        document = _read(options["receipt"])
        key, pinned = _key(document, options["key"]), bool(options["key"])
        told: dict[str, Any] = {"key": key.hex(), "key_pinned": pinned}
        try:
            receipt = proofs.read_receipt(document, key)
            told |= {"tender": receipt["tender"], "bid": receipt["bid"], "version": receipt["version"]}
            if options["proof"]:
                proofs.check_inclusion(receipt, _read(options["proof"]), key)
                told["included"] = True
            if options["record"]:
                record = proofs.read_record(_read(options["record"]), key)
                verdict = proofs.judge(receipt, record)
                told |= {"verdict": verdict.what, "why": verdict.why}
        except proofs.NotProved as fault:
            told |= {"verdict": "not proved", "why": str(fault)}
        self.stdout.write(json.dumps(told, ensure_ascii=False))
        if told.get("verdict") in {"not proved", proofs.DROPPED}:
            sys.exit(1)


def _read(path: str) -> Any:
    try:
        return json.loads(Path(path).read_bytes())
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise CommandError(f"{path} is no JSON") from None


def _key(document: Any, said: str | None) -> bytes:
    try:
        return bytes.fromhex(said or document["public_key"])
    except (KeyError, TypeError, ValueError):
        raise CommandError("the public key is no hexadecimal text; give it by --key") from None

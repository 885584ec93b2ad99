"""Replay an auction from its record alone: `manage.py verify_auction RECORD [--key HEX]`.

RECORD is the file that the platform gives out for an auction. No database is read, and no secret.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.kernel.refusals import Refusal
from procurement.engines.auction import read_record, replay, result_of
from procurement.engines.reading import document
from procurement.tenders.rules import proofs, sealing
from procurement.tenders.rules.auctioning import signed_record


class Command(BaseCommand):
    help = "Replay an auction from its record alone, and check that the record is the platform's."
    requires_system_checks: Any = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("record", help="the record as it was downloaded")
        parser.add_argument("--key", help="the platform's public key, 64 hex digits, kept from an earlier day")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            whole = document(Path(options["record"]).read_bytes())
            page = whole.page("record")
            record = read_record(page)
        except OSError as error:
            raise CommandError(f"{options['record']}: {error.strerror}") from None
        except Refusal as refusal:
            raise CommandError(str(refusal)) from None
        told: dict[str, Any] = {"signed": _is_signed(whole.content, options["key"]), "steps": len(record.events)}
        try:
            result = result_of(replay(record.terms, record.events))
            told |= {"same": result == record.result, "result": result}
        except Refusal as refusal:
            told |= {"same": False, "why": str(refusal)}
        self.stdout.write(json.dumps(told, ensure_ascii=False))
        if not told["same"] or told["signed"] is False:
            sys.exit(1)


def _is_signed(whole: dict[str, Any], key: str | None) -> bool | None:
    """Return whether the record is the platform's; None for one that goes on and bears no signature yet."""
    if whole.get("signature") is None:
        return None
    text = proofs.record_text(whole["record"])
    try:
        signer, signature = bytes.fromhex(key or whole["public_key"]), bytes.fromhex(whole["signature"])
    except (KeyError, TypeError, ValueError):
        return False
    return sealing.signed_by(signer, signed_record(text), signature)

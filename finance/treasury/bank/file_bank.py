"""A real bank reached by files: payments out as pain.001, what became of them in as pain.002."""

from __future__ import annotations

import hashlib
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

from finance.engines.bank_formats import BadBankFile, BankParty, Transfer, read_pain_002, write_pain_001
from finance.treasury.bank import Answer, Instruction, Reply

SETTLED = {"ACSC", "ACCC"}
REJECTED = {"RJCT", "CANC"}
PLACES = ("out", "sent", "expected", "in")
ACCEPTED = {"ACTC", "ACCP", "ACSP", "ACWC", "ACFC", "ACWP"}


class FileBank:
    """Writes one file for each payment into `out/`; whoever carries it to the bank moves it to `sent/`.

    Reports are laid into `in/` as pain.002. A file is named after the key and appears whole or not at all, so writing
    it again changes nothing. What is to come in is only noted, in `expected/`: buyers transfer, the statement tells.
    """

    def __init__(self, folder: Path, *, name: str, bank: str) -> None:
        self.folder, self.name, self.bank = folder, name, bank
        for part in PLACES:
            (folder / part).mkdir(parents=True, exist_ok=True)

    def instruct(self, key: str, instruction: Instruction) -> Reply:
        """Write the payment file, unless it was written before.

        :raises BadBankFile: the payment cannot be written as one.
        """
        if self._written(key):
            return Reply(Answer.PENDING, reason="the file is on its way")
        if instruction.direction == "in":
            note = f"<Expected><EndToEndId>{instruction.ref}</EndToEndId>{instruction.amount}</Expected>\n"
            self._lay_down(self.folder / "expected" / _file_name(key), note.encode())
            return Reply(Answer.PENDING, reason="awaiting the payer's transfer")
        self._lay_down(self.folder / "out" / _file_name(key), self._file(key, instruction))
        return Reply(Answer.PENDING, reason="the file is on its way")

    def _file(self, key: str, instruction: Instruction) -> bytes:
        creditor = BankParty(instruction.holder, instruction.bank_code, instruction.number)
        transfer = Transfer(instruction.ref, instruction.amount, creditor, instruction.purpose)
        return write_pain_001(
            message_id=_message_id(key),
            created_at=datetime(instruction.on.year, instruction.on.month, instruction.on.day, tzinfo=UTC),
            debtor=BankParty(self.name, self.bank, instruction.account),
            transfers=[transfer],
            execute_on=instruction.on,
        )

    def status(self, key: str, account: str) -> Reply:
        """Read the newest report about the payment, if there is one."""
        written = self._written(key)
        if written is None:
            return Reply(Answer.UNHEARD)
        ref = _end_to_end_id(written.read_bytes())
        for report in sorted((self.folder / "in").glob("*.xml"), reverse=True):
            for status in read_pain_002(report.read_bytes()):
                if status.end_to_end_id == ref:
                    return _reply(status.code, status.bank_reference, status.reason)
        return Reply(Answer.PENDING)

    def _written(self, key: str) -> Path | None:
        places = (self.folder / part / _file_name(key) for part in PLACES[:3])
        return next((place for place in places if place.exists()), None)

    def _lay_down(self, path: Path, content: bytes) -> None:
        """Write beside, then link: two writers cannot both win, and nobody sees half a file."""
        draft = path.with_suffix(f".{secrets.token_hex(4)}")
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()


def _reply(code: str, bank_reference: str, reason: str) -> Reply:
    if code in SETTLED:
        return Reply(Answer.SETTLED, bank_reference)
    if code in REJECTED:
        return Reply(Answer.REJECTED, bank_reference, reason or code)
    return Reply(Answer.ACCEPTED if code in ACCEPTED else Answer.PENDING, bank_reference)


def _message_id(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:35]


def _file_name(key: str) -> str:
    return f"{_message_id(key)}.pain.001.xml"


def _end_to_end_id(content: bytes) -> str:
    text = content.decode()
    start, end = text.find("<EndToEndId>"), text.find("</EndToEndId>")
    if start < 0 or end < 0:
        raise BadBankFile("a payment file without its end-to-end id")
    return text[start + len("<EndToEndId>") : end]

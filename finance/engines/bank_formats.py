"""Bank files of ISO 20022: credit transfers out (pain.001), what became of them (pain.002)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from xml.etree import ElementTree as Xml

from defusedxml import ElementTree as SafeXml

from marketplace.kernel.money import Money, total

PAIN_001 = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
BIC = re.compile(r"^[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?$")
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff￾￿]")
MOST_BYTES = 20 * 2**20


class BadBankFile(ValueError):
    """The file cannot be written or read as what it ought to be."""


@dataclass(frozen=True)
class BankParty:
    """Who pays or is paid, and where.

    name      as the bank knows the holder
    bank      a BIC, or the bank's 12-digit CNAPS number
    account   the account's number; China has no IBAN, so it is written as `Othr/Id`
    """

    name: str
    bank: str
    account: str


@dataclass(frozen=True)
class Transfer:
    """One payment of a file; `end_to_end_id` (35 characters at most) comes back on every report about it."""

    end_to_end_id: str
    amount: Money
    creditor: BankParty
    remittance: str = ""


@dataclass(frozen=True)
class TransferStatus:
    """What a pain.002 says of one payment: the ISO code (ACSC, ACSP, PDNG, RJCT, ...) and the reason given."""

    end_to_end_id: str
    code: str
    reason: str
    bank_reference: str


def write_pain_001(
    *, message_id: str, created_at: datetime, debtor: BankParty, transfers: Sequence[Transfer], execute_on: date
) -> bytes:
    """Write one payment file, pain.001.001.09, in UTF-8.

    message_id    unique with the bank, 35 characters at most; also the payment block's id
    transfers     n >= 1, one currency, each amount > 0
    returns       the file; the same input gives the same bytes
    cost          O(n)

    :raises BadBankFile: no transfer, two currencies, an amount that is not positive, an id that is too long or used
        twice, or text that XML cannot hold.

    Source: ISO 20022, CustomerCreditTransferInitiationV09, message definition report.
    """
    currency = _one_currency(transfers)
    document = Xml.Element("Document", {"xmlns": PAIN_001})
    root = _add(document, "CstmrCdtTrfInitn")
    count, control = str(len(transfers)), str(total([t.amount for t in transfers], currency).amount)
    header = _add(root, "GrpHdr")
    _add(header, "MsgId", _identifier(message_id))
    _add(header, "CreDtTm", created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _add(header, "NbOfTxs", count)
    _add(header, "CtrlSum", control)
    _add(_add(header, "InitgPty"), "Nm", _text(debtor.name))
    block = _add(root, "PmtInf")
    for tag, text in (("PmtInfId", message_id), ("PmtMtd", "TRF"), ("NbOfTxs", count), ("CtrlSum", control)):
        _add(block, tag, text)
    _add(_add(block, "ReqdExctnDt"), "Dt", execute_on.isoformat())
    _add_party(block, "Dbtr", debtor)
    for transfer in transfers:
        _add_transfer(block, transfer)
    Xml.indent(document)
    body: str = Xml.tostring(document, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'.encode()


def _one_currency(transfers: Sequence[Transfer]) -> str:
    if not transfers:
        raise BadBankFile("a payment file has one transfer or more")
    currencies = {transfer.amount.currency for transfer in transfers}
    if len(currencies) > 1:
        raise BadBankFile(f"one file, one currency, not {sorted(currencies)}")
    if any(transfer.amount.minor <= 0 for transfer in transfers):
        raise BadBankFile("a transfer moves more than nothing")
    if len({transfer.end_to_end_id for transfer in transfers}) < len(transfers):
        raise BadBankFile("an end-to-end id stands twice")
    return currencies.pop()


def _add_transfer(block: Xml.Element, transfer: Transfer) -> None:
    row = _add(block, "CdtTrfTxInf")
    _add(_add(row, "PmtId"), "EndToEndId", _identifier(transfer.end_to_end_id))
    amount = _add(_add(row, "Amt"), "InstdAmt", str(transfer.amount.amount))
    amount.set("Ccy", transfer.amount.currency)
    _add_party(row, "Cdtr", transfer.creditor)
    if transfer.remittance:
        _add(_add(row, "RmtInf"), "Ustrd", _text(transfer.remittance))


def _add_party(parent: Xml.Element, role: str, party: BankParty) -> None:
    """Add name, account and bank in the order the schema wants: a creditor's bank comes first, a debtor's last."""
    places = ["Agt", "", "Acct"] if role == "Cdtr" else ["", "Acct", "Agt"]
    for place in places:
        element = _add(parent, role + place)
        if place == "Agt":
            _add_bank(_add(element, "FinInstnId"), party.bank)
        elif place == "Acct":
            _add(_add(_add(element, "Id"), "Othr"), "Id", _text(party.account, 34))
        else:
            _add(element, "Nm", _text(party.name))


def _add_bank(parent: Xml.Element, bank: str) -> None:
    if BIC.match(bank):
        _add(parent, "BICFI", bank)
        return
    member = _add(parent, "ClrSysMmbId")
    _add(_add(member, "ClrSysId"), "Cd", "CNAPS")
    _add(member, "MmbId", _text(bank, 35))


def _add(parent: Xml.Element, tag: str, text: str | None = None) -> Xml.Element:
    element = Xml.SubElement(parent, tag)
    element.text = text
    return element


def _text(text: str, most: int = 140) -> str:
    if not text or UNWRITABLE.search(text):
        raise BadBankFile(f"{text!r} cannot stand in a bank file")
    return text[:most]


def _identifier(text: str) -> str:
    if not 0 < len(text) <= 35:
        raise BadBankFile(f"{text!r} is no identifier of 1 to 35 characters")
    return _text(text, 35)


def read_pain_002(content: bytes) -> list[TransferStatus]:
    """Read a status report of any version: one status for each payment it names.

    A report on the whole group names no payment and gives none.

    :raises BadBankFile: not XML, not a status report, with a document type or entities, or over 20 MB.
    """
    if len(content) > MOST_BYTES:
        raise BadBankFile("the file is too large")
    try:
        root = SafeXml.fromstring(content, forbid_dtd=True)
    except (Xml.ParseError, ValueError) as error:
        raise BadBankFile(f"not a bank file: {error}") from None
    if not any(_name(element) == "CstmrPmtStsRpt" for element in root):
        raise BadBankFile("not a payment status report")
    return [_status(row) for row in root.iter() if _name(row) == "TxInfAndSts"]


def _status(row: Xml.Element) -> TransferStatus:
    texts: dict[str, str] = {}
    for element in row.iter():
        texts.setdefault(_name(element), (element.text or "").strip())
    end_to_end_id, code = texts.get("OrgnlEndToEndId", ""), texts.get("TxSts", "")
    if not end_to_end_id or not code:
        raise BadBankFile("a status names no payment or no code")
    reason = texts.get("AddtlInf", "") or texts.get("Cd", "") or texts.get("Prtry", "")
    return TransferStatus(end_to_end_id, code, reason, texts.get("AcctSvcrRef", ""))


def _name(element: Xml.Element) -> str:
    return element.tag.rpartition("}")[2]

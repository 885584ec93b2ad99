from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from defusedxml import ElementTree

from finance.engines.bank_formats import (
    PAIN_001,
    BadBankFile,
    BankParty,
    Transfer,
    TransferStatus,
    read_pain_002,
    write_pain_001,
)
from marketplace.kernel.money import Money

US = BankParty("Jicai 集采", "ICBKCNBJ", "6200000000000000001")
TENG = BankParty("Tengda 腾达 & Sons", "102100099996", "6222020200012345678")
NS = {"p": PAIN_001}


def transfer(amount: str = "1200.50", ref: str = "PY-2026-0001", currency: str = "CNY") -> Transfer:
    return Transfer(ref, Money(Decimal(amount), currency), TENG, "Invoice VI-2026-0001")


def write(*transfers: Transfer, message_id: str = "M1") -> bytes:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    return write_pain_001(
        message_id=message_id, created_at=at, debtor=US, transfers=transfers, execute_on=date(2026, 3, 3)
    )


class TestWritePain001:
    def test_says_who_pays_whom_how_much_and_when(self) -> None:
        root = ElementTree.fromstring(write(transfer(), transfer("0.01", "PY-2026-0002")))

        def text(path: str) -> list[str | None]:
            return [element.text for element in root.findall(path, NS)]

        assert root.tag == f"{{{PAIN_001}}}Document"
        assert text(".//p:GrpHdr/p:NbOfTxs") == text(".//p:PmtInf/p:NbOfTxs") == ["2"]
        assert text(".//p:GrpHdr/p:CtrlSum") == text(".//p:PmtInf/p:CtrlSum") == ["1200.51"]
        assert text(".//p:ReqdExctnDt/p:Dt") == ["2026-03-03"]
        assert text(".//p:DbtrAgt//p:BICFI") == ["ICBKCNBJ"]
        assert text(".//p:InstdAmt") == ["1200.50", "0.01"]
        assert [e.get("Ccy") for e in root.findall(".//p:InstdAmt", NS)] == ["CNY", "CNY"]
        assert text(".//p:Cdtr/p:Nm") == ["Tengda 腾达 & Sons"] * 2

    def test_writes_chinese_accounts_and_banks_as_other(self) -> None:
        root = ElementTree.fromstring(write(transfer()))

        assert root.findtext(".//p:CdtrAcct/p:Id/p:Othr/p:Id", "", NS) == "6222020200012345678"
        assert root.findtext(".//p:CdtrAgt//p:ClrSysMmbId/p:ClrSysId/p:Cd", "", NS) == "CNAPS"
        assert root.findtext(".//p:CdtrAgt//p:ClrSysMmbId/p:MmbId", "", NS) == "102100099996"

    def test_keeps_the_order_of_the_schema(self) -> None:
        root = ElementTree.fromstring(write(transfer()))

        def children(path: str) -> list[str]:
            found = root.find(path, NS)
            assert found is not None
            return [child.tag.rpartition("}")[2] for child in found]

        assert children(".//p:GrpHdr") == ["MsgId", "CreDtTm", "NbOfTxs", "CtrlSum", "InitgPty"]
        assert children(".//p:PmtInf") == [
            *("PmtInfId", "PmtMtd", "NbOfTxs", "CtrlSum", "ReqdExctnDt", "Dbtr", "DbtrAcct", "DbtrAgt", "CdtTrfTxInf"),
        ]
        assert children(".//p:CdtTrfTxInf") == ["PmtId", "Amt", "CdtrAgt", "Cdtr", "CdtrAcct", "RmtInf"]

    def test_gives_the_same_bytes_for_the_same_payments(self) -> None:
        assert write(transfer()) == write(transfer())

    @pytest.mark.parametrize(
        "transfers",
        [
            [],
            [transfer("0.00")],
            [transfer(), transfer("1.00", "PY-2026-0002", "USD")],
            [transfer(), transfer()],
            [transfer(ref="x" * 36)],
            [transfer(ref="")],
            [Transfer("PY-2026-0001", Money(Decimal(1), "CNY"), TENG, "a\x00b")],
        ],
        ids=["none", "nothing", "two currencies", "an id twice", "a long id", "no id", "NUL"],
    )
    def test_refuses_what_no_bank_could_read(self, transfers: list[Transfer]) -> None:
        with pytest.raises(BadBankFile):
            write(*transfers)


def report(status: str, reason: str = "") -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
    <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
      <GrpHdr><MsgId>R1</MsgId><CreDtTm>2026-03-03T01:00:00Z</CreDtTm></GrpHdr>
      <OrgnlGrpInfAndSts><OrgnlMsgId>M1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInfAndSts>
      <OrgnlPmtInfAndSts><OrgnlPmtInfId>M1</OrgnlPmtInfId><TxInfAndSts>
        <OrgnlEndToEndId>PY-2026-0001</OrgnlEndToEndId><TxSts>{status}</TxSts>{reason}
      </TxInfAndSts></OrgnlPmtInfAndSts>
    </CstmrPmtStsRpt></Document>""".encode()


class TestReadPain002:
    def test_reads_each_payments_status(self) -> None:
        assert read_pain_002(report("ACSC", "<AcctSvcrRef>B77</AcctSvcrRef>")) == [
            TransferStatus("PY-2026-0001", "ACSC", "", "B77")
        ]

    def test_reads_the_reason_of_a_refusal(self) -> None:
        reason = "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>account closed</AddtlInf></StsRsnInf>"

        assert read_pain_002(report("RJCT", reason)) == [TransferStatus("PY-2026-0001", "RJCT", "account closed", "")]

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"<Document",
            b"<Document/>",
            report("ACSC")[:200],
            report(""),
            b'<!DOCTYPE d [<!ENTITY a "b">]><Document><CstmrPmtStsRpt>&a;</CstmrPmtStsRpt></Document>',
        ],
        ids=["nothing", "torn", "another message", "truncated", "no code", "entities"],
    )
    def test_refuses_what_is_no_report(self, content: bytes) -> None:
        with pytest.raises(BadBankFile):
            read_pain_002(content)

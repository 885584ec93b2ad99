from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from finance.ledger import queries as books
from finance.treasury import queries
from finance.treasury.use_cases import confirm_payment, send_payment
from tests.cast import Player
from tests.engines.finance.test_bank_formats import report
from tests.finance.treasury.shorthand import AT, LATER, give_account, order, owe, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.BANK_ADAPTER, settings.BANK_FOLDER = "file", tmp_path
    return tmp_path


@pytest.fixture
def sent(folder: Path, teng: Player) -> str:
    owe(teng)
    give_account(teng)
    ref = order(teng)
    send_payment(payment_ref=ref, by="system:settlement", at=AT)
    return ref


def confirm(ref: str) -> str:
    return confirm_payment(payment_ref=ref, by="system:settlement", at=LATER)


class TestFileBank:
    def test_writes_one_file_for_a_payment(self, sent: str, folder: Path) -> None:
        [file] = (folder / "out").iterdir()

        assert sent.encode() in file.read_bytes()
        assert state_of(sent) == "sent"

    def test_waits_for_the_report_and_writes_nothing_more(self, sent: str, folder: Path) -> None:
        [file] = (folder / "out").iterdir()
        file.rename(folder / "sent" / file.name)

        assert confirm(sent) == "sent"
        assert list((folder / "out").iterdir()) == []

    def test_settles_by_the_banks_report(self, sent: str, folder: Path) -> None:
        (folder / "in" / "1.xml").write_bytes(report("ACSC", "<AcctSvcrRef>B77</AcctSvcrRef>"))

        assert confirm(sent) == "settled"
        assert queries.payment(sent).bank_reference == "B77"
        assert [*books.verify(), *queries.verify()] == []

    def test_goes_by_the_newest_report(self, sent: str, folder: Path) -> None:
        (folder / "in" / "1.xml").write_bytes(report("ACSP"))
        assert confirm(sent) == "accepted"
        (folder / "in" / "2.xml").write_bytes(report("RJCT"))

        assert confirm(sent) == "rejected"
        assert [*books.verify(), *queries.verify()] == []

    def test_writes_the_file_anew_when_it_was_never_written(self, sent: str, folder: Path) -> None:
        [file] = (folder / "out").iterdir()
        file.unlink()

        confirm(sent)

        assert [again.name for again in (folder / "out").iterdir()] == [file.name]

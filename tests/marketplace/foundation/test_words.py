"""The product speaks Simplified Chinese wherever it speaks English."""

from __future__ import annotations

import ast
import gettext
import re
from pathlib import Path

from django.utils import translation

from marketplace.foundation.wording import word
from marketplace.kernel.refusals import BadValue, IllegalMove, NotFound
from marketplace.parties.models import Organisation

FOLDER = Path(__file__).resolve().parents[3] / "locale" / "zh_Hans" / "LC_MESSAGES"
STRING = r'((?:".*"(?:\n|$))+)'


def texts() -> dict[str, str]:
    """Return every English text of the catalogue with its Chinese."""
    found = {}
    for block in (FOLDER / "django.po").read_text(encoding="utf-8").split("\n\n")[1:]:
        english, chinese = (re.search(rf"^{key} {STRING}", block, re.M) for key in ("msgid", r"msgstr(?:\[0\])?"))
        if english and chinese:
            found[_joined(english[1])] = _joined(chinese[1])
    return found


def _joined(lines: str) -> str:
    return "".join(ast.literal_eval(line) for line in lines.strip().splitlines())


class TestChinese:
    def test_no_text_is_left_in_english(self) -> None:
        assert len(texts()) > 800
        assert [english for english, chinese in texts().items() if not chinese] == []
        assert "fuzzy" not in (FOLDER / "django.po").read_text(encoding="utf-8")

    def test_every_fact_of_a_text_stands_in_its_translation(self) -> None:
        facts = re.compile(r"\{\w*\}|%\(\w+\)[sd]")
        wrong = [e for e, c in texts().items() if set(facts.findall(e)) != set(facts.findall(c))]
        assert wrong == []

    def test_what_is_shown_is_what_was_compiled_last(self) -> None:
        with (FOLDER / "django.mo").open("rb") as file:
            compiled = gettext.GNUTranslations(file)
        stale = [e for e, c in texts().items() if c not in (compiled.gettext(e), compiled.ngettext(e, e, 1))]
        assert [e for e in stale if compiled.pgettext("unit", e) != texts()[e]] == []

    def test_a_refusal_is_worded_with_its_words_translated_too(self) -> None:
        with translation.override("zh-hans"):
            assert word(NotFound(what="bank account", ref="BA-2026-0001")) == "没有银行账户 BA-2026-0001。"
            assert "组织处于“已申请”" in word(IllegalMove(machine="organisation", state="applied", verb="suspend"))
            assert word(BadValue(place="x", value=0, reason="above zero")) == "x：0 被拒绝：须大于零。"

    def test_staff_read_the_names_of_tables_and_columns(self) -> None:
        with translation.override("zh-hans"):
            assert str(Organisation._meta.verbose_name) == "组织"
            assert str(Organisation._meta.get_field("legal_name").verbose_name) == "法定名称"
        assert str(Organisation._meta.get_field("legal_name").verbose_name) == "legal name"

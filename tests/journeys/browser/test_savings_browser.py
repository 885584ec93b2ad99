"""Lin reads why a saving is one: the evidence, and how all of them saved; on a phone too, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.cast import Player
from tests.journeys.browser.test_buyer_browser import faults
from tests.journeys.test_buyer_pages import Story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_reasons_fit_every_screen_and_axe_finds_nothing(
    lin: Player, bao: Player, teng: Player, sit_down: Callable[..., Any]
) -> None:
    story = Story(lin, bao, teng)
    story.invoiced()
    why = re.findall(r"/savings/\d+/why/", story.lin.get("/savings/").content.decode())[0]

    for width, language in ((360, "en"), (360, "zh-hans"), (1280, "en"), (1280, "zh-hans")):
        page = sit_down(lin, width=width, language=language)
        page.goto(why)
        page.locator("summary").first.click()

        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert faults(page) == []
        assert page.locator("[data-rule]").count() == 4

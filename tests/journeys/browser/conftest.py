"""A real browser, where the machine has one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.cast import Player

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Start the browser once."""
    if not shutil.which(CHROMIUM):
        pytest.skip(f"no Chromium at {CHROMIUM}")
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # the browser's driver keeps an event loop in the test's thread
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def sit_down(chromium: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """Give the function that signs a player in and returns the page; what its console complains of fails the test."""
    complaints: list[str] = []
    contexts: list[Any] = []

    def sign_in(player: Player, *, width: int = 1280, language: str = "en") -> Any:
        context = chromium.new_context(viewport={"width": width, "height": 900}, base_url=live_server.url)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/sign-in/")
        page.fill("[name=username]", player.username)
        page.fill("[name=password]", f"{player.username}-password")
        page.click("main button[type=submit]")
        page.wait_for_load_state()
        context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert complaints == []

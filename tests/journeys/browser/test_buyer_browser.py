"""Lin at a real browser: scripts run under the strict policy, pages fit a phone, a screen reader finds its way."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from procurement.pools import queries as pools
from tests.cast import Player
from tests.journeys.buyer_scene import open_pool, pumps
from tests.journeys.test_buyer_pages import Story, refs
from tests.journeys.test_buyer_pools import join

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def faults(page: Any) -> list[str]:
    """Return what axe-core finds against WCAG 2.2 AA on the page."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    return [f"{fault['id']}: {node['html']}" for fault in found for node in fault["nodes"]]


class TestAtTheBrowser:
    def test_a_request_is_written_handed_in_approved_and_joined(
        self, lin: Player, sit_down: Callable[..., Any]
    ) -> None:
        pool = open_pool(pumps())
        start = pools.pool(pool).window_start.isoformat()
        page = sit_down(lin)

        page.goto("/requests/new/")
        page.locator("#id_lines-0-wanted").press_sequentially("entrif")
        page.wait_for_selector("#products option[value=P-1]", state="attached")
        page.fill("#id_lines-0-wanted", "P-1")
        page.fill("#id_lines-0-quantity", "60")
        page.fill("#id_lines-0-needed_from", start)
        page.click("button[name=more]")
        page.wait_for_selector("#id_lines-6-wanted")
        assert page.input_value("#id_lines-0-quantity") == "60"
        for said in ("Write the request down", "Hand it in", "Approve the request"):
            page.get_by_role("button", name=said).click()
        page.wait_for_selector("text=pooled with the needs of others")
        page.goto(f"/pools/{pool}/")
        page.fill("#id_ceiling", "20")
        page.wait_for_selector("#binds strong")  # 10 % of 60 at 20
        assert "A deposit of at most 120.00 CNY is held from" in re.sub(r"\s+", " ", page.inner_text("#binds"))
        page.click("#join button.primary")
        page.wait_for_selector("text=You are in.")
        page.wait_for_selector("text=Leave this pool")

        assert pools.pool(pool).joined == 60

    def test_why_opens_at_the_side_and_leaves_the_page(
        self, story: Story, lin: Player, sit_down: Callable[..., Any]
    ) -> None:
        story.invoiced()
        page = sit_down(lin)

        page.goto("/savings/")
        page.click("text=Why?")
        page.wait_for_selector("#side:not([hidden]) >> text=best evidence")
        page.keyboard.press("Escape")
        page.wait_for_selector("#side", state="hidden")

        assert page.url.endswith("/savings/")

    def test_a_pools_picture_is_drawn_and_its_calculator_answers_as_one_types(
        self, lin: Player, bao: Player, sit_down: Callable[..., Any]
    ) -> None:
        pool = open_pool(pumps())
        join(bao, pool, "60")
        page = sit_down(lin)

        page.goto(f"/pools/{pool}/")
        page.wait_for_selector("#curves .picture canvas")
        page.fill("#worth_amount", "50")
        page.wait_for_selector("#worth-answer >> text=With us everybody pays")
        pixels = page.evaluate(
            "(() => { const c = document.querySelector('#curves canvas');"
            " return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v) => v > 0); })()"
        )

        assert pixels
        assert faults(page) == []

    def test_without_scripts_the_table_says_what_the_picture_would(
        self, lin: Player, bao: Player, chromium: Any, live_server: Any
    ) -> None:
        pool = open_pool(pumps())
        join(bao, pool, "60")
        context = chromium.new_context(java_script_enabled=False, base_url=live_server.url)
        page = context.new_page()
        page.goto("/sign-in/")
        page.fill("[name=username]", "lin")
        page.fill("[name=password]", "lin-password")
        page.click("main button[type=submit]")

        page.goto(f"/pools/{pool}/")
        page.fill("#worth_amount", "50")
        page.click("#worth button")

        assert "40" in page.inner_text("#curves table")
        assert not page.is_visible("#curves .picture")
        assert "With us everybody pays" in page.inner_text("#worth-answer")
        context.close()


@pytest.fixture
def story(lin: Player, bao: Player, teng: Player) -> Story:
    return Story(lin, bao, teng)


@pytest.mark.parametrize(("width", "language"), [(360, "en"), (360, "zh-hans"), (1280, "en"), (1280, "zh-hans")])
def test_every_page_fits_and_axe_finds_nothing(
    story: Story, lin: Player, sit_down: Callable[..., Any], width: int, language: str
) -> None:
    order = story.invoiced()
    receipt, invoice = (
        refs(f"/{what}/", story.lin, prefix)[0] for what, prefix in (("receipts", "RC"), ("invoices", "IN"))
    )
    request = refs("/requests/", story.lin, "RQ")[0]
    other = open_pool(pumps("P-2"))
    page = sit_down(lin, width=width, language=language)

    for address in (
        "/",
        "/requests/",
        "/requests/new/",
        "/requests/upload/",
        "/requests/upload/mapping/",
        f"/requests/{request}/",
        "/pools/",
        "/pools/ours/",
        f"/pools/{story.pool}/",
        f"/pools/{other}/",
        "/orders/",
        f"/orders/{order}/",
        "/receipts/",
        f"/receipts/{receipt}/",
        "/invoices/",
        f"/invoices/{invoice}/",
        "/savings/",
    ):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{address} is {wide} px too wide at {width}"
        assert faults(page) == [], address

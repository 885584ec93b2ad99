"""Takes the screenshots beside this file: `make screens`, with the sample market being served at 127.0.0.1:8000.

Each page is opened in headless Chromium as the person whom it is for, in English and Chinese, wide and narrow.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
BASE = os.environ.get("JICAI_URL", "http://127.0.0.1:8000")
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PASSWORD = "jicai-demo"  # the sample market's
WIDE, NARROW = (1280, 900), (390, 844)

# who: (name of the picture, address); an address that begins with > is the first such link on the page before
PAGES = {
    "": [("sign-in", "/sign-in/")],
    "lin": [
        ("buyer-home", "/"),
        ("requests", "/requests/"),
        ("new-request", "/requests/new/"),
        ("upload", "/requests/upload/"),
        ("pools-near", "/pools/"),
        ("pool", ">/pools/PL-"),
        ("our-pools", "/pools/ours/"),
        ("our-pool", ">/pools/PL-"),
        ("places", "/pools/places/"),
        ("matches", "/requests/matches/"),
        ("orders", "/orders/"),
        ("order", ">/orders/PO-"),
        ("receipts", "/receipts/"),
        ("invoices", "/invoices/"),
        ("invoice", ">/invoices/IN-"),
        ("savings", "/savings/"),
        ("saving-why", ">/savings/[0-9]+/why/"),
    ],
    "teng": [
        ("supplier-home", "/"),
        ("tenders", "/tenders/"),
        ("bid", ">/tenders/TD-"),
        ("bids", "/bids/"),
        ("awards", "/awards/"),
        ("award", ">/awards/AW-"),
    ],
    "feng": [("factory-home", "/"), ("work", "/work/"), ("load", "/work/load/")],
    "qian": [("financier-home", "/"), ("exposure", "/funding/"), ("portfolio", "/funding/portfolio/")],
    "wei": [
        ("staff-home", "/"),
        ("compared", "/tenders/compared/"),
        ("compare", ">/tenders/TD-[0-9-]+/compare/"),
        ("award-why", ">/awards/AW-[0-9-]+/why/"),
        ("settlement-runs", "/settlement/"),
        ("settlement-run", ">/settlement/SR-"),
        ("openings", "/openings/"),
        ("opening", ">/openings/TD-"),
        ("admin", "/admin/"),
        ("admin-pools", "/admin/pools/pool/"),
        ("admin-pool", ">/admin/pools/pool/[0-9]+/"),
        ("admin-matches", "/admin/demand/matchsuggestion/"),
        ("admin-products", "/admin/catalogue/product/"),
        ("admin-product", ">/admin/catalogue/product/[0-9]+/"),
        ("admin-tenders", "/admin/tenders/tender/"),
        ("admin-journals", "/admin/ledger/journal/"),
        ("admin-run", "/admin/settlement/settlementrun/"),
    ],
}


def sign_in(page: Page, name: str) -> None:
    """Sign in as a person of the sample market."""
    page.goto(f"{BASE}/sign-in/")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state("networkidle")


def go(page: Page, address: str) -> None:
    """Open an address, or the first link on the present page that matches a pattern."""
    if address.startswith(">"):
        links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
        address = next((link for link in links if re.match(address[1:], link)), "")
    if not address:
        raise LookupError(f"no such link on {page.url}")
    answer = page.goto(BASE + address)
    if answer is None or answer.status >= 400:
        raise LookupError(f"{address} answered {answer and answer.status}")
    page.wait_for_load_state("networkidle")


def take(browser: Browser, name: str, language: str) -> list[str]:
    """Take every page of one person in one language; return what went wrong."""
    faults: list[str] = []
    context = browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]}, locale=language)
    page = context.new_page()
    page.on("console", lambda m: faults.append(f"{page.url}: {m.text}") if m.type == "error" else None)
    context.add_cookies([{"name": "django_language", "value": language.lower(), "url": BASE}])
    if name:
        sign_in(page, name)
        context.add_cookies([{"name": "django_language", "value": language.lower(), "url": BASE}])
    for picture, address in PAGES[name]:
        try:
            go(page, address)
        except LookupError as error:
            faults.append(f"{picture}: {error}")
            continue
        for width, height in (WIDE, NARROW):
            page.set_viewport_size({"width": width, "height": height})
            picture_file = HERE / f"{picture}-{language.lower()}-{width}.jpg"
            page.screenshot(path=picture_file, type="jpeg", quality=55, full_page=width == NARROW[0])
        page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    context.close()
    return faults


def main() -> None:
    people = sys.argv[1:] or list(PAGES)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        faults = [fault for name in people for language in ("en", "zh-hans") for fault in take(browser, name, language)]
        browser.close()
    print("\n".join(faults) or "every page was taken")


if __name__ == "__main__":
    main()

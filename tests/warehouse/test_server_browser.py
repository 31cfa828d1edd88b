"""The server in a real browser: every page without a complaint, nothing asked outside, the SQL box, a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.warehouse.browser import Browser, browsing
from tests.warehouse.hostile import told as hostile
from tests.warehouse.serving import serving
from tests.warehouse.told import Told
from warehouse import ask
from warehouse.home import Home
from warehouse.load import load
from warehouse.publish import publish
from warehouse.resolve import resolve
from warehouse.store import locked, writing


@pytest.fixture(scope="module")
def browser(tmp_path_factory: Any) -> Iterator[Browser]:
    with browsing(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture(scope="module")
def home(tmp_path_factory: Any) -> Home:
    """Documents that mean harm."""
    home = Home(tmp_path_factory.mktemp("hostile")).make()
    documents, events = hostile()
    with locked(home):
        with writing(home) as connection:
            load(connection, documents, source="test", version="t1", extract=Told(events))
            resolve(connection)
        publish(home)
    return home


@pytest.fixture(scope="module")
def site(home: Home, browser: Browser) -> Iterator[str]:
    with serving(home) as address:
        yield address


def addresses(home: Home) -> list[str]:
    ids = ask.sql(
        home, "SELECT event_id FROM contract_mentions UNION SELECT event_id FROM price_mentions"
    ).rows
    own = [f"/event/{event_id}" for (event_id,) in ids]
    pages = [
        "/",
        "/?lang=zh",
        "/contract/1",
        "/search?q=script",
        "/dictionary",
        "/feeds",
        "/api",
        "/view/documents",
    ]
    return [*own, *pages, "/sql?q=SELECT title, left(text, 900) AS text FROM documents", "/document?id=h1"]


def test_every_page_is_quiet_and_stays_at_home(browser: Browser, site: str, home: Home) -> None:
    browser.size(1000, 800)
    for address in addresses(home):
        browser.complaints()
        browser.asked()
        browser.open(site + address)
        assert browser.complaints() == [], address
        assert {a for a in browser.asked() if not a.startswith((site, "data:"))} == set(), address
        assert browser.run("return window.harmed === undefined"), address


def test_no_page_scrolls_sideways_on_a_phone(browser: Browser, site: str, home: Home) -> None:
    browser.size(360, 740)
    wide = {}
    for address in addresses(home):
        browser.open(site + address)
        wide[address] = browser.run("return document.documentElement.scrollWidth")
    browser.size(1000, 800)
    assert {a: w for a, w in wide.items() if w > 360} == {}


def test_the_sql_box(browser: Browser, site: str) -> None:
    browser.open(f"{site}/sql")
    browser.one("#query").send_keys("SELECT range AS n FROM range(3) ORDER BY n DESC")
    browser.one("form[action$='/sql'] button").click()
    browser.one("#result tbody td")
    script = "return [...document.querySelectorAll('#result tbody td')].map(c => c.textContent)"
    assert browser.run(script) == ["2", "1", "0"]
    browser.one("#result th button").click()
    assert browser.run(script) == ["0", "1", "2"]
    browser.one("#query").send_keys(" SELEC")
    browser.one("form[action$='/sql'] button").click()
    assert "Parser Error" in browser.one("[role=alert]").text


def test_the_keyboard_reaches_the_content(browser: Browser, site: str) -> None:
    browser.open(f"{site}/")
    browser.one("body").send_keys("\ue004")
    assert browser.run("return document.activeElement.className") == "skip"
    unnamed = "return [...document.querySelectorAll('input, textarea, button')].filter(e => !e.labels?.length && !e.textContent).length"
    assert browser.run(unnamed) == 0


def test_behind_a_prefix(browser: Browser, home: Home) -> None:
    with serving(home, "--prefix", "/paomo") as address:
        browser.complaints()
        browser.open(f"{address}/paomo/")
        assert browser.run("return document.styleSheets.length") == 1
        browser.one("nav a[href$='/sql']").click()
        assert browser.run("return location.pathname") == "/paomo/sql"
        assert browser.complaints() == []

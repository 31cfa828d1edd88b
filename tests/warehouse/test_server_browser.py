"""The server in a real browser: every page without a complaint, nothing asked outside, the SQL box, a phone."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.warehouse.browser import Browser, browsing
from tests.warehouse.hostile import told as hostile
from tests.warehouse.large import grow
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
        "/view/documents?find=script&sort=-title",
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


@pytest.fixture(scope="module")
def large(tmp_path_factory: Any, browser: Browser) -> Iterator[str]:
    """A site over 1,200 cancellations."""
    home = Home(tmp_path_factory.mktemp("large")).make()
    grow(home, contracts=1200, quotes=1200)
    with serving(home) as address:
        browser.open(f"{address}/feeds?lang=en")  # a cookie of another page may want Chinese
        yield address


def stay(browser: Browser) -> None:
    """Mark the window: the mark is gone where a page was loaded anew."""
    browser.run("window.stayed = true")


def numbers(browser: Browser) -> list[str]:
    cell = "[...document.querySelectorAll('#rows thead th')].findIndex(h => h.textContent === 'contract_no')"
    return list(
        browser.run(
            f"const i = {cell}; return [...document.querySelectorAll('#rows tbody tr')].map(r => r.cells[i].textContent)"
        )
    )


def test_a_view_is_filtered_sorted_and_turned_in_place(browser: Browser, large: str) -> None:
    browser.complaints()
    browser.open(f"{large}/view/contract_lifecycle")
    stay(browser)
    browser.one("#find").send_keys("公司17")
    browser.until(lambda: "find=" in browser.run("return location.search"))
    assert numbers(browser)
    assert all("公司17" in row.text for row in browser.all("#rows tbody tr"))
    browser.one("#find").clear()
    browser.one("#find").send_keys(" ")
    browser.until(lambda: len(numbers(browser)) == 100)
    browser.one("#rows th a[href*='sort=contract_no']").click()
    browser.until(lambda: numbers(browser)[:2] == ["1", "2"])
    browser.one("#rows th a[href*='sort=-contract_no']").click()
    browser.until(lambda: numbers(browser)[0] == "1200")
    browser.one("a[rel=next]").click()
    browser.until(lambda: numbers(browser)[0] == "1100")
    assert "101 to 200 of 1,200" in browser.one("#answer [role=status]").text
    browser.one("#find").send_keys("公司299")
    browser.until(lambda: numbers(browser) == ["1200", "900", "600", "300"])
    assert browser.run("return window.stayed") is True
    assert browser.complaints() == []
    browser.driver.back()
    browser.until(lambda: browser.all("#rows tbody tr"))
    assert browser.complaints() == []


def test_a_search_answers_while_one_types(browser: Browser, large: str) -> None:
    browser.open(f"{large}/search?q=算力")
    assert "newest 50 documents" in browser.one("#answer [role=status]").text
    stay(browser)
    browser.one("#q").send_keys("合同终止")
    browser.one("#q").clear()
    browser.one("#q").send_keys("第777份")
    browser.until(lambda: len(browser.all("#answer article")) == 1)
    assert browser.run("return window.stayed") is True


def test_an_answer_of_sql_comes_without_a_page(browser: Browser, large: str) -> None:
    browser.complaints()
    browser.open(f"{large}/sql")
    stay(browser)
    box = browser.one("#query")
    box.send_keys("SELECT 41 + 1 AS n")
    box.send_keys("\ue009\ue007")
    browser.until(lambda: [c.text for c in browser.all("#result tbody td")] == ["42"])
    browser.one("#result th button")
    box.send_keys(" FROM nowhere")
    browser.one("form[action$='/sql'] button").click()
    assert "nowhere" in browser.one("[role=alert]").text
    assert box.get_attribute("value") == "SELECT 41 + 1 AS n FROM nowhere"
    assert browser.run("return window.stayed") is True
    assert [c for c in browser.complaints() if "400 (Bad Request)" not in c] == []


def test_without_script_the_same_links_lead_to_pages(browser: Browser, large: str) -> None:
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.open(f"{large}/view/contract_lifecycle")
        browser.one("#find").send_keys("公司299")
        browser.one("#row-filter button").click()
        browser.until(lambda: len(browser.all("#rows tbody tr")) == 4)
        browser.one("#rows th a[href*='sort=contract_no']").click()
        browser.until(lambda: browser.all("#rows th[aria-sort=ascending]"))
        assert len(browser.all("#rows tbody tr")) == 4
        browser.open(f"{large}/sql")
        browser.one("#query").send_keys("SELECT 41 + 1 AS n")
        browser.one("form[action$='/sql'] button").click()
        assert browser.one("#result tbody td").text == "42"
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_the_keyboard_reaches_the_content(browser: Browser, site: str) -> None:
    browser.open(f"{site}/")
    browser.one("body").send_keys("\ue004")
    assert browser.run("return document.activeElement.className") == "skip"
    unnamed = "return [...document.querySelectorAll('input, textarea, button')].filter(e => !e.labels?.length && !e.textContent).length"
    assert browser.run(unnamed) == 0


def test_a_keyboard_need_not_pass_every_dot(browser: Browser, large: str) -> None:
    browser.open(f"{large}/")
    dots = "document.querySelectorAll('#rents svg a[href*=\"/event/\"]')"
    assert browser.run(f"return {dots}.length") == 300
    assert browser.run(f"return [...{dots}].filter(a => a.tabIndex >= 0).length") == 0
    in_table = "document.querySelectorAll('#quotes-table a.proof')"
    assert browser.run(f"return [...{in_table}].filter(a => a.tabIndex >= 0).length") == 300


def test_downloads_hold_what_the_page_has_no_room_for(browser: Browser, large: str) -> None:
    browser.open(f"{large}/sql?q=SELECT range AS n FROM range(3000)")
    links = {a.text: a.get_attribute("href") for a in browser.all("#answer [role=status] a")}
    assert set(links) == {"CSV", "JSON", "PARQUET"}
    with urllib.request.urlopen(links["JSON"]) as answer:
        assert len(json.load(answer)["rows"]) == 3000
    with urllib.request.urlopen(links["CSV"]) as answer:
        assert len(answer.read().split()) == 3001


def test_behind_a_prefix(browser: Browser, home: Home) -> None:
    with serving(home, "--prefix", "/paomo") as address:
        browser.complaints()
        browser.open(f"{address}/paomo/")
        assert browser.run("return document.styleSheets.length") == 1
        browser.one("nav a[href$='/sql']").click()
        assert browser.run("return location.pathname") == "/paomo/sql"
        assert browser.complaints() == []

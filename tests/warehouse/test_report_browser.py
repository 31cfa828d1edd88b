"""The report in a real browser: opened from disk, sorted, filtered, followed to its evidence, small and dark."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.browser import Browser, browsing
from tests.warehouse.conftest import Fill
from tests.warehouse.hostile import told as hostile
from tests.warehouse.large import grow
from warehouse.home import Home
from warehouse.report.write import write


@pytest.fixture(scope="module")
def browser(tmp_path_factory: Any) -> Iterator[Browser]:
    with browsing(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture(scope="module")
def page(tmp_path_factory: Any) -> Path:
    """Five thousand cancellations and twenty thousand quotes; as many projects, claims and conflicts."""
    home = Home(tmp_path_factory.mktemp("large")).make()
    grow(home, contracts=5000, quotes=20_000, others=5000)
    return write(home, home.root / "report.html").file


def cells(browser: Browser, column: int) -> list[str]:
    script = "return [...document.querySelectorAll('#contracts tbody tr')].filter(r => !r.hidden).map(r => r.cells[arguments[0]].textContent.trim())"
    return list(browser.run(script, column))


def test_it_opens_and_asks_for_nothing_outside(browser: Browser, page: Path, record_property: Any) -> None:
    browser.asked()
    begun = time.monotonic()
    browser.open(page.as_uri())
    ready = browser.run("return performance.timing.loadEventEnd - performance.timing.navigationStart")
    record_property("seconds_until_usable", round(time.monotonic() - begun, 2))
    print(
        f"\nreport with 5,000 cancellations and 20,000 quotes: load event after {ready} ms, {page.stat().st_size / 1e6:.2f} MB"
    )
    assert {address.split(":")[0] for address in browser.asked()} <= {"file", "data"}
    assert browser.complaints() == []
    assert len(browser.all("svg.marks")) >= 4


def test_sorting_by_a_head(browser: Browser, page: Path) -> None:
    browser.open(page.as_uri())
    head = browser.one("#contracts th:nth-child(4) button")
    head.click()
    amounts = [int(cell.replace(",", "")) for cell in cells(browser, 3)]
    assert amounts == sorted(amounts)
    assert browser.one("#contracts th:nth-child(4)").get_attribute("aria-sort") == "ascending"
    head.send_keys("\ue007")  # the keyboard does it too
    amounts = [int(cell.replace(",", "")) for cell in cells(browser, 3)]
    assert amounts == sorted(amounts, reverse=True)


def test_filtering_by_words(browser: Browser, page: Path) -> None:
    browser.open(page.as_uri())
    browser.one("#contracts-filter").send_keys("公司17 supply")
    seen = cells(browser, 1)
    assert seen
    assert all("公司17" in name for name in seen)
    assert set(cells(browser, 5)) == {"supply"}
    assert browser.one("[data-count=contracts]").text == f"{len(seen)} rows"


def test_a_row_and_a_dot_lead_to_their_sentence(browser: Browser, page: Path) -> None:
    browser.open(page.as_uri())
    link = browser.one("#contracts tbody tr:first-child a.proof")
    target = link.get_attribute("href").split("#")[1]
    browser.run("arguments[0].click()", link)
    assert browser.one("article:target").get_attribute("id") == target
    assert "算力合同终止" in browser.one("article:target mark").text
    dots = browser.run(
        "return [...document.querySelectorAll('#rents svg a')].map(a => a.getAttribute('href').slice(1))"
    )
    assert len(dots) == 300
    assert browser.run("return arguments[0].filter(d => !document.getElementById(d))", dots) == []


def test_a_province_leads_to_its_row_and_its_projects(browser: Browser, page: Path) -> None:
    browser.open(page.as_uri())
    regions = browser.all("#pipeline .chart:first-of-type svg a")
    assert len(regions) >= 10
    target = browser.run("return decodeURI(arguments[0].getAttribute('href'))", regions[0])
    assert not browser.one("#pipeline details").get_attribute("open")
    browser.run(
        "arguments[0].dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))", regions[0]
    )
    browser.until(lambda: browser.one("#pipeline tr:target").is_displayed())
    row = browser.one("#pipeline tr:target")
    assert target.endswith(row.get_attribute("id"))
    proof = row.find_element("css selector", "a.proof").get_attribute("href").split("#")[1]
    assert browser.one(f"[id='{proof}'] mark").text.startswith("公告称第")


@pytest.mark.parametrize("dark", [False, True])
def test_narrow_and_dark(browser: Browser, page: Path, dark: bool) -> None:
    browser.dark(dark)
    browser.size(360, 740)
    browser.open(page.as_uri())
    wide = browser.run("return document.documentElement.scrollWidth")
    ink, paper = browser.run("const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]")
    browser.size(1000, 800)
    browser.dark(False)
    assert wide <= 360, "the page scrolls sideways on a phone"
    assert contrast(ink, paper) >= 7


def contrast(one: str, other: str) -> float:
    """WCAG contrast of two colours as the browser prints them."""

    def light(colour: str) -> float:
        parts = [float(p) / 255 for p in colour[colour.index("(") + 1 : -1].split(",")[:3]]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_harmful_text_does_nothing(browser: Browser, fill: Fill, home: Home, tmp_path: Path) -> None:
    fill(*hostile())
    file = write(home, tmp_path / "report.html", language="zh").file
    browser.open(file.as_uri())
    assert browser.run("return window.harmed === undefined")
    assert browser.complaints() == []
    assert browser.run("return [...document.links].filter(a => !/^(https?|file):/.test(a.href)).length") == 0

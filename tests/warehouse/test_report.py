"""The report as a file: whole, small, harmless, the same in both languages, right at any size."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.warehouse.conftest import Fill
from tests.warehouse.hostile import told as hostile
from tests.warehouse.large import grow
from tests.warehouse.told import document, event
from warehouse import ask
from warehouse.cli import app
from warehouse.home import Home
from warehouse.report.panels import gather
from warehouse.report.safe import guarded, number, shown, web_address
from warehouse.report.words import _table
from warehouse.report.write import write

LIMIT = 3_000_000


class Page(HTMLParser):
    """Ids, links and whatever a browser would load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.handlers: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {k: v or "" for k, v in attrs}
        self.ids |= {found["id"]} if "id" in found else set()
        if tag == "a":
            self.links.append(found.get("href") or found.get("xlink:href", ""))
        elif tag in ("link", "img", "script", "iframe", "image", "use", "object", "embed"):
            self.loaded += [found[k] for k in ("href", "src", "xlink:href", "data") if k in found]
        self.handlers += [k for k in found if k.startswith("on")]


def written(home: Home, folder: Path, **options: Any) -> str:
    done = write(home, folder / "report.html", **options)
    assert done.size < LIMIT
    return done.file.read_text("utf-8")


def one_cancellation(fill: Fill) -> None:
    told = document(
        "n1",
        "澜石股份公告，与云栈科技的算力服务合同已于2025年3月1日终止。",
        published="2025-03-04",
        tier="official",
    )
    fill(
        [told],
        [
            event(
                told, "contract", "与云栈科技的算力服务合同已于2025年3月1日终止", action="terminated", status="effective",
                category="compute_rental", company="澜石股份", counterparty="云栈科技", amount=120000000, bound="exact",
                currency="CNY", event_date="2025-03-01", reason="demand",
            )
        ],
    )  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_empty_warehouse_makes_a_page_that_says_so(
    fill: Fill, home: Home, tmp_path: Path, language: Any
) -> None:
    fill([])
    html = written(home, tmp_path, language=language)
    assert "<svg" not in html
    assert html.count('class="none"') >= 10


def test_one_row_leads_to_its_sentence(fill: Fill, home: Home, tmp_path: Path) -> None:
    one_cancellation(fill)
    html = written(home, tmp_path)
    page = Page(html)
    assert "<mark>与云栈科技的算力服务合同已于2025年3月1日终止</mark>" in html
    inner = {link[1:] for link in page.links if link.startswith("#")}
    assert inner <= page.ids, "a link that leads nowhere"
    assert any(link.startswith("e-") for link in inner)
    assert "120,000,000" in html


def test_a_payback_leads_to_the_price_and_the_rents_behind_it(fill: Fill, home: Home, tmp_path: Path) -> None:
    told = [
        document(f"b{n}", text, published=f"2025-0{n}-05")
        for n, text in enumerate(
            ("RTX 4090单卡售价18万元。", "RTX 4090每卡时租金20元。", "RTX 4090每卡时租金5元。"), 1
        )
    ]
    shared = {"item": "RTX 4090", "unit": "card", "gpus": 1, "bound": "exact", "currency": "CNY"}
    bought = event(told[0], "price", kind="purchase", amount=180000, as_of="2025-01", **shared)
    rented = [
        event(
            d, "price", kind="rent", amount=rent, period="hour", as_of=month, cny_per_gpu_hour=rent, **shared
        )
        for d, rent, month in zip(told[1:], (20, 5), ("2025-02", "2025-03"), strict=True)
    ]
    fill(told, [bought, *rented])
    panels = gather(home)
    proofs = {row["basis"]: row["proofs"] for row in panels["payback"].rows}
    ids = [panels.evidence[one].quote for one in proofs["peak"]]
    assert ids == ["RTX 4090单卡售价18万元。", "RTX 4090每卡时租金20元。", "RTX 4090每卡时租金5元。"]
    page = Page(written(home, tmp_path))
    assert "#payback-table-RTX-4090" in page.links
    assert "payback-table-RTX-4090" in page.ids


def test_nothing_is_loaded_from_anywhere(fill: Fill, home: Home, tmp_path: Path) -> None:
    one_cancellation(fill)
    page = Page(written(home, tmp_path))
    assert page.loaded == ["data:,"]
    assert page.handlers == []


def test_every_word_is_there_in_both_languages() -> None:
    for kind, words in _table().items():
        for name, texts in words.items():
            assert set(texts) == {"en", "zh"}, f"{kind}.{name}"
            assert set(re.findall(r"\{(\w+)\}", texts["en"])) == set(re.findall(r"\{(\w+)\}", texts["zh"])), (
                name
            )


def test_it_says_what_changed_since_the_last_report(fill: Fill, home: Home, tmp_path: Path) -> None:
    first = document("p1", "尚无消息。", published="2025-01-01")
    fill([first])
    assert "since the last report" not in written(home, tmp_path)
    one_cancellation(fill)
    for _ in range(2):  # made again of the same snapshot, it says the same
        html = written(home, tmp_path)
        assert "+1 since the last report" in html
        assert "+120,000,000 since the last report" in html


def test_harmful_text_stays_text(fill: Fill, home: Home, tmp_path: Path) -> None:
    fill(*hostile())
    html = written(home, tmp_path)
    page = Page(html)
    assert "<script>window" not in html
    assert "onerror" not in page.handlers
    assert [link for link in page.links if link.lower().startswith("javascript")] == []
    assert "\u202e" not in html
    assert "[U+202E]" in html


@pytest.mark.slow
def test_a_hundred_thousand_rows_fit(home: Home, tmp_path: Path) -> None:
    grow(home, contracts=100_000, quotes=100_000, others=100_000)
    panels = gather(home)
    assert panels.figures["cancelled"] == 100_000
    for name in ("cancellations", "projects", "utilisation", "conflicts"):
        assert panels[name].total == 100_000, name
    html = written(home, tmp_path)
    assert "1,000 of 100,000 rows are shown" in html
    assert len(html.encode()) < LIMIT


def test_what_is_left_out_is_said_with_the_query_that_gives_it(home: Home, tmp_path: Path) -> None:
    grow(home, contracts=1200, quotes=1200, others=1200)
    panels = gather(home)
    html = written(home, tmp_path)
    limited = {n: p for n, p in {**panels.panels, "dots": panels.dots}.items() if p.total > len(p.rows)}
    assert set(limited) == {"cancellations", "projects", "utilisation", "conflicts", "dots"}
    said = re.findall(
        r'class="limited">([\d,]+) of ([\d,]+) rows are shown.*?<code>paomo sql "(.*?)"</code>', html
    )
    assert len(said) == len(limited)
    for shown_, all_, query in said:
        rows = ask.sql(home, unescape(query)).rows
        assert len(rows) == int(all_.replace(",", "")) > int(shown_.replace(",", ""))
    for panel in [*panels.panels.values(), panels.dots]:
        assert not {'"', "$"} & set(panel.query), "it has to live between a shell's quotes"
        assert len(ask.sql(home, panel.query).rows) == panel.total


def test_the_command_writes_file_and_charts(fill: Fill, home: Home, tmp_path: Path) -> None:
    one_cancellation(fill)
    ran = CliRunner().invoke(
        app, ["report", "--home", str(home.root), "--out", str(tmp_path / "r.html"), "--lang", "zh", "--charts", str(tmp_path / "c")]
    )  # fmt: skip
    assert ran.exit_code == 0, ran.output
    assert 'lang="zh"' in (tmp_path / "r.html").read_text("utf-8")
    assert {f.suffix for f in (tmp_path / "c").iterdir()} == {".svg", ".png"}
    assert (tmp_path / "c" / "monthly.png").read_bytes()[:4] == b"\x89PNG"


def test_a_language_that_is_not_spoken_is_a_usage_error(home: Home) -> None:
    assert CliRunner().invoke(app, ["report", "--home", str(home.root), "--lang", "fr"]).exit_code == 2


@pytest.mark.parametrize(
    ("address", "leads"),
    [
        ("https://example.com/a?b=1", True),
        ("http://example.com", True),
        ("javascript:alert(1)", False),
        (" JaVaScRiPt:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.com", False),
        ("https:///nowhere", False),
        ("https://[", False),
        ("file:///etc/passwd", False),
        ("https://a\u202eb", False),
        (None, False),
    ],
)
def test_only_addresses_of_the_web_are_links(address: str | None, leads: bool) -> None:
    assert (web_address(address) is not None) is leads


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "  =1"])
def test_no_csv_cell_is_a_formula(cell: str) -> None:
    assert guarded(cell) == "'" + cell


@pytest.mark.parametrize(("cell", "same"), [(-1, -1), (1.5, 1.5), ("算力", "算力"), ("", ""), (None, None)])
def test_csv_cells_that_are_none_stay_as_they_are(cell: Any, same: Any) -> None:
    assert guarded(cell) == same


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234567, "1,234,567"), (0.85616, "0.8562"), (2.5, "2.5"), (100.0, "100"), (None, ""), (0, "0")],
)
def test_numbers_are_for_reading(value: Any, text: str) -> None:
    assert number(value) == text


def test_control_marks_are_shown() -> None:
    assert shown("a\u202eb\x00c\ud800") == "a[U+202E]b[U+0000]c[U+D800]"

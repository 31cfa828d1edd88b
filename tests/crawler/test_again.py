"""What a later crawl does: nothing, ask with validators, store a new version; limits and dry runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from crawler.archive import documents, verify
from crawler.standin.speakers import Article, Cninfo, Feed, Pages
from tests.crawler.stand import (
    DAY,
    SOURCES,
    articles,
    asked_for,
    crawled,
    filings,
    ledger_rows,
    order,
    page,
    pdf,
    publishing,
    stored,
)


def test_a_page_is_asked_again_with_its_validators(tmp_path: Path) -> None:
    some = filings(4)
    with publishing(Cninfo(some)) as (base, publisher):
        crawled(order("cninfo", tmp_path, base, keywords=["算力"]))
        report = crawled(order("cninfo", tmp_path, base, keywords=["算力"], recheck=True))
        again = asked_for(publisher, ".PDF")[4:]
    assert (report.outcome, report.new, report.versions, report.unchanged) == ("ok", 0, 0, 4)
    assert len(again) == 4
    assert all(one.headers["if-none-match"] and one.headers["if-modified-since"] for one in again)
    assert set(stored(tmp_path).values()) == {1}


def test_the_same_bytes_from_a_server_without_validators_are_no_version(tmp_path: Path) -> None:
    class Plain(Cninfo):
        """Forgets what it was told: answers 200 always."""

        def __call__(self, asked: object) -> object:  # type: ignore[override]
            return super().__call__(replace(asked, method="POST") if asked.method == "GET" else asked)  # type: ignore[attr-defined, type-var]

    with publishing(Plain(filings(3))) as (base, _):
        crawled(order("cninfo", tmp_path, base, keywords=["算力"]))
        report = crawled(order("cninfo", tmp_path, base, keywords=["算力"], recheck=True))
    assert (report.versions, report.unchanged) == (0, 3)
    assert stored(tmp_path).total() == 3


def test_a_filing_replaced_at_its_address_is_a_new_version(tmp_path: Path) -> None:
    before = filings(3)
    after = [replace(before[0], body=pdf("filing 1, corrected", size=9000)), *before[1:]]
    with publishing(Cninfo(before)) as (base, publisher):
        crawled(order("cninfo", tmp_path, base, keywords=["算力"]))
        publisher.speakers = [Cninfo(after)]
        report = crawled(order("cninfo", tmp_path, base, keywords=["算力"]))
        files = len(asked_for(publisher, ".PDF"))
    assert (report.new, report.versions, report.skipped, files) == (0, 1, 2, 4), (
        "its size in the listing had changed"
    )
    bodies = [one.body for one in documents(tmp_path) if one.url.endswith(f"{before[0].id}.PDF")]
    assert bodies == [before[0].body, after[0].body]
    assert ledger_rows(tmp_path, "select versions from urls order by versions desc")[0] == (2,)


def test_a_page_is_rechecked_after_the_days_its_source_says(tmp_path: Path) -> None:
    source = tmp_path / "feed.yml"
    text = SOURCES["feed"].path.read_text("utf-8")
    source.write_text(text.replace("recheck: 7", "recheck: 0"), "utf-8")
    pages = Pages(articles(2))
    with publishing(Feed(pages), pages) as (base, _):
        told = order("feed", tmp_path, f"{base}/feed.xml") | {"source": str(source)}
        crawled(told)
        old = pages.articles["/a/0.html"]
        pages.articles["/a/0.html"] = replace(old, body=page(old.title, "更正：规模为九千P。"))
        pages.articles["/a/9.html"] = replace(old, path="/a/9.html", title="智算中心再动工")
        report = crawled(told)
    assert (report.new, report.versions, report.unchanged) == (1, 1, 1)


def test_a_document_is_stored_with_the_position_it_can_be_continued_from(tmp_path: Path) -> None:
    with publishing(Cninfo(filings(5)), Feed(Pages(articles(3))), Pages(articles(3))) as (base, _):
        crawled(order("cninfo", tmp_path, base, keywords=["算力"]))
        first = list(documents(tmp_path))
        crawled(order("feed", tmp_path, f"{base}/feed.xml"))
        crawled(order("cninfo", tmp_path, base, keywords=["算力"], until=date(2025, 1, 1)))
        rest = list(documents(tmp_path, since_position=first[-1].position))
    assert [one.source for one in rest] == ["feed"] * 3
    assert [one.position for one in documents(tmp_path)] == [one.position for one in [*first, *rest]]


def test_a_limit_cuts_and_the_next_crawl_goes_on(tmp_path: Path) -> None:
    with publishing(Cninfo(filings(70))) as (base, _):
        first = crawled(order("cninfo", tmp_path, base, keywords=["算力"], limit=12))
        states = ledger_rows(tmp_path, "select state from windows")
        second = crawled(order("cninfo", tmp_path, base, keywords=["算力"]))
    assert (first.outcome, first.new, first.windows_done) == ("limited", 12, 0)
    assert states == [("open",)]
    assert (second.outcome, second.new, second.skipped) == ("ok", 58, 12)


def test_a_dry_run_asks_listings_and_writes_nothing(tmp_path: Path) -> None:
    with publishing(Cninfo(filings(40))) as (base, publisher):
        report = crawled(order("cninfo", tmp_path, base, keywords=["算力"], dry_run=True))
        assert asked_for(publisher, ".PDF") == []
    assert (report.outcome, len(report.planned)) == ("ok", 40)
    assert not (tmp_path / "ledger.sqlite").exists()
    assert not (tmp_path / "archive").exists()


def test_without_days_a_crawl_begins_where_the_last_one_ended(tmp_path: Path) -> None:
    from crawler.windows import today

    with publishing(Cninfo([])) as (base, publisher):
        told = order("cninfo", tmp_path, base, since=None, until=None, keywords=[])
        first = crawled(told)
        spans = {one.form["seDate"] for one in asked_for(publisher, "query")}
        publisher.asked.clear()
        crawled(told)
        again = {one.form["seDate"] for one in asked_for(publisher, "query")}
    tomorrow = today() + timedelta(days=1)
    assert max(span.split("~")[1] for span in spans) == str(tomorrow), (
        "filings after hours carry the next day's date"
    )
    assert min(span.split("~")[0] for span in spans) == str(today() - timedelta(days=90))
    assert {*again} == {f"{tomorrow - timedelta(days=SOURCES['cninfo'].window.overlap)}~{tomorrow}"}
    assert first.outcome == "failed", "a month without any filing is not usual"
    assert first.reason is not None
    assert "at least 1 are usual" in first.reason


def test_a_failed_window_is_asked_again_and_then_is_off_the_list(tmp_path: Path) -> None:
    from crawler.standin.server import Answer

    some = [replace(f, day=date.today()) for f in filings(3)]

    class Down(Cninfo):
        up = False

        def __call__(self, asked: object) -> Answer | None:  # type: ignore[override]
            return super().__call__(asked) if self.up else Answer(status=403)  # type: ignore[arg-type]

    with publishing(server := Down(some)) as (base, _):
        told = order("cninfo", tmp_path, base, since=None, until=None)
        first = crawled(told)
        server.up = True
        second = crawled(told)
    assert (first.outcome, second.outcome, second.new) == ("failed", "ok", 3)
    states = {row[0] for row in ledger_rows(tmp_path, "select distinct state from windows")}
    assert states == {"done"}


@pytest.mark.parametrize("name", ["cninfo", "feed"])
def test_everything_a_crawl_wrote_is_below_its_home(name: str, tmp_path: Path) -> None:
    pages = Pages([*articles(2), Article("/x.html", "无关", DAY, page("无关"))])
    with publishing(Cninfo(filings(2)), Feed(pages), pages) as (base, _):
        crawled(
            order(name, tmp_path, base if name == "cninfo" else f"{base}/feed.xml", keywords=["算力", "智算"])
        )
    assert {one.name for one in tmp_path.iterdir()} <= {
        "archive", "ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm", "locks", "logs",
    }  # fmt: skip
    assert not verify(tmp_path).faults

"""`crawl` as the command line calls it: real subprocesses, the shipped stand-in, reports."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from crawler.archive import documents, verify
from crawler.errors import SourceError
from crawler.run import crawl
from crawler.standin import serve
from crawler.standin.server import Answer
from tests.crawler.stand import DAY, ledger_rows, publishing


def test_the_demo_crawl(tmp_path: Path) -> None:
    progress: Counter[str] = Counter()
    with serve() as standin:
        how: dict[str, Any] = {
            "home": tmp_path, "since": standin.since, "until": standin.until, "allow_private": True,
            "base_urls": standin.base_urls, "polite": standin.polite,
        }  # fmt: skip
        first = crawl(["cninfo", "feed"], on_progress=lambda name, _: progress.update([name]), **how)
        second = crawl(["cninfo", "feed"], **how)
    assert first.ok
    assert [(one.source, one.new) for one in first.sources] == [("cninfo", 5), ("feed", 3)]
    assert second.new == 0
    captures = list(documents(tmp_path))
    filings = [one for one in captures if one.kind == "filing"]
    for one in filings:
        text = pypdfium2.PdfDocument(one.body)[0].get_textpage().get_text_range()
        assert "演示文本（paomo stand-in）" in text, "no filing of the stand-in passes for a real one"
        assert "公告" in text
    assert {one.source for one in captures} == {"cninfo", "feed"}
    assert not verify(tmp_path).faults


def test_a_user_s_own_source_needs_one_file(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    with serve() as standin:
        (tmp_path / "sources" / "mine.yml").write_text(
            f"""
title: 我的订阅
publisher: 某社
kind: news
tier: media
cron: "0 * * * *"
spider: feed
entries: ["{standin.base_urls["feed"]}"]
polite: {{private: true, delay: 0}}
window: {{dated: false}}
""",
            "utf-8",
        )
        report = crawl(["mine"], home=tmp_path)
    assert (report.ok, report.new) == (True, 3)
    assert {one.source for one in documents(tmp_path)} == {"mine"}


def test_an_unknown_source_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no source is named"):
        crawl(["feed", "nosuch"], home=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_days_in_the_wrong_order(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="swap the two"):
        crawl(["feed"], home=tmp_path, since=DAY.replace(day=9), until=DAY)


def test_a_failing_source_is_reported_beside_a_good_one(tmp_path: Path) -> None:
    from crawler.standin import samples
    from crawler.standin.speakers import Feed, Pages

    pages = Pages(samples()[1])

    def down(asked: Any) -> Answer | None:
        return Answer(status=403) if asked.path.endswith("query") else None

    with publishing(down, Feed(pages), pages) as (base, _):
        report = crawl(
            ["cninfo", "feed"], home=tmp_path, since=DAY, until=DAY.replace(day=30), allow_private=True,
            base_urls={"cninfo": base, "feed": f"{base}/feed.xml"}, polite={"delay": 0, "backoff": 0.01},
        )  # fmt: skip
    bad, good = report.sources
    assert not report.ok
    assert (bad.outcome, good.outcome, good.new) == ("failed", "ok", 3)
    assert bad.failures[0][1] == "the listing answered HTTP 403"
    assert ledger_rows(tmp_path, "select source, outcome from crawls order by source") == [
        ("cninfo", "failed"), ("feed", "ok"),
    ]  # fmt: skip
    assert ledger_rows(tmp_path, "select count(*) from incidents where what='windows failed'") == [(5,)]


def test_a_spider_that_does_not_exist(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    text = (
        "title: a\npublisher: b\nkind: news\ntier: media\ncron: '0 * * * *'\nspider: nosuch\nentries: [x]\n"
    )
    (tmp_path / "sources" / "odd.yml").write_text(text)
    (report,) = crawl(["odd"], home=tmp_path).sources
    assert report.outcome == "failed"
    assert report.reason is not None
    assert "no spider 'nosuch'" in report.reason

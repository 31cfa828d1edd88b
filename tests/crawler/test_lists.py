"""Sources that are lists of their own: remote WARC files in pieces, feeds, sitemaps and list pages gone wrong."""

from __future__ import annotations

import gzip
import re
import time
from pathlib import Path
from typing import Any

import pytest

from crawler.standin.newsroom import ListPage, Sitemap
from crawler.standin.server import Answer, Asked
from crawler.standin.speakers import Feed, Pages
from tests.crawler.stand import (
    SOURCES,
    articles,
    asked_for,
    crawled,
    killed,
    ledger_rows,
    order,
    page,
    publishing,
    stored,
)

NEWS = articles(12)


class Shelf:
    """A WARC file given in ranges, and a list of it."""

    def __init__(self, data: bytes, *, ranges: bool = True) -> None:
        self.data, self.ranges = data, ranges

    def __call__(self, asked: Asked) -> Answer | None:
        if asked.path.endswith("warc.paths.gz"):
            lines = "crawl-data/CC-NEWS-20240101000000-00001.warc.gz\ncrawl-data/CC-NEWS-20241105000000-00002.warc.gz\n"
            return Answer(gzip.compress(lines.encode()), "application/gzip")
        if not asked.path.endswith(".warc.gz"):
            return None
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", asked.headers.get("range", ""))
        if wanted is None or not self.ranges:
            return Answer(self.data, "application/gzip")
        first, last = int(wanted[1]), min(int(wanted[2]), len(self.data) - 1)
        if first >= len(self.data):
            return Answer(b"", status=416)
        said = {"Content-Range": f"bytes {first}-{last}/{len(self.data)}"}
        return Answer(self.data[first : last + 1], "application/gzip", 206, said)


@pytest.fixture(scope="module")
def shelved(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A WARC file with twelve articles, some of them large."""
    home = tmp_path_factory.mktemp("there")
    pages = Pages(NEWS)
    with publishing(Feed(pages), pages) as (base, _):
        crawled(order("feed", home, f"{base}/feed.xml"))
    (file,) = (home / "archive").glob("*.warc.gz")
    return file.read_bytes()


def small_pieces(folder: Path, **changes: str) -> str:
    """The `warc` source with pieces of a few kilobytes."""
    text = SOURCES["warc"].path.read_text("utf-8").replace("piece: 16 ", "piece: 0.002 ")
    for old, new in changes.items():
        text = text.replace(old, new)
    path = folder / "warc.yml"
    path.write_text(text, "utf-8")
    return str(path)


def bodies(home: Path) -> list[bytes]:
    return sorted(body for _, body in stored(home))


@pytest.mark.parametrize("ranges", [True, False])
def test_a_remote_warc_comes_in_pieces_or_whole(ranges: bool, shelved: bytes, tmp_path: Path) -> None:
    with publishing(Shelf(shelved, ranges=ranges)) as (base, publisher):
        told = order("warc", tmp_path, f"{base}/x.warc.gz", since=None, until=None, keywords=["智算中心"])
        report = crawled(told | {"source": small_pieces(tmp_path)})
        pieces = len(asked_for(publisher, ".warc.gz"))
    assert (report.outcome, report.new) == ("ok", 12), report
    assert bodies(tmp_path) == sorted(a.body for a in NEWS)
    assert pieces > 3 if ranges else pieces == 1
    assert list((tmp_path / "incoming").iterdir()) == [], "it is not kept twice"


def test_a_remote_warc_goes_on_where_it_was_killed(shelved: bytes, tmp_path: Path) -> None:
    with publishing(Shelf(shelved)) as (base, publisher):
        told = order("warc", tmp_path, f"{base}/x.warc.gz", since=None, until=None, keywords=["智算中心"])
        told |= {"source": small_pieces(tmp_path), "polite": told["polite"] | {"delay": 0.05}}

        def after_two_pieces(_: int) -> None:
            end = time.monotonic() + 10
            while len(asked_for(publisher, ".warc.gz")) < 3 and time.monotonic() < end:
                time.sleep(0.005)

        assert killed(told, after_two_pieces)
        before = len(asked_for(publisher, ".warc.gz"))
        report = crawled(told)
        resumed = asked_for(publisher, ".warc.gz")[before].headers["range"]
    assert (report.outcome, report.new) == ("ok", 12)
    assert not resumed.startswith("bytes=0-")


def test_a_list_of_warc_files_is_chosen_from_by_day(shelved: bytes, tmp_path: Path) -> None:
    with publishing(Shelf(shelved)) as (base, publisher):
        told = order("warc", tmp_path, f"{base}/2024/11/warc.paths.gz", keywords=["智算中心"])
        source = small_pieces(tmp_path, **{"https://data.commoncrawl.org/\n": f"{base}/\n"})
        told["job"] |= {"since": None, "until": None}
        report = crawled(told | {"source": source, "job": told["job"] | {"until": "2024-11-06"}})
        asked = {one.path for one in asked_for(publisher, ".warc.gz")}
    assert asked <= {"/crawl-data/CC-NEWS-20241105000000-00002.warc.gz"}, "not the file of January"
    assert report.windows_failed == 0


def test_a_warc_that_is_torn_fails_its_window(shelved: bytes, tmp_path: Path) -> None:
    file = tmp_path / "torn.warc.gz"
    file.write_bytes(shelved[:-50])
    report = crawled(
        order("warc", tmp_path / "home", str(file), since=None, until=None, keywords=["智算中心"])
    )
    assert (report.outcome, report.windows_failed) == ("failed", 1)
    assert "is torn" in report.failures[0][1]


def test_a_warc_that_is_not_there(tmp_path: Path) -> None:
    report = crawled(order("warc", tmp_path, str(tmp_path / "no.warc.gz"), since=None, until=None))
    assert report.outcome == "failed"
    assert "No such file" in report.failures[0][1]


BROKEN: dict[str, tuple[str, str, bytes, str]] = {
    "a feed that is a page": ("feed", "/feed.xml", page("首页"), "not_xml"),
    "a feed that is another XML": ("feed", "/feed.xml", b"<?xml version='1.0'?><opml/>", "neither RSS nor Atom"),
    "a feed that is cut before its first element": ("feed", "/feed.xml", b"<?xml version='1.0'?><", "readable XML"),
    "a feed that is cut between two entries": (
        "feed", "/feed.xml", b"<rss><channel><item><title>x</title><link>/a</link></item>", "end of <rss> is missing",
    ),
    "a sitemap that is a page": ("sitemap", "/sitemap.xml", b"<html><body>x</body></html>", "neither a urlset"),
    "a sitemap whose gzip is broken": ("sitemap", "/sitemap.xml", b"\x1f\x8b\x08\x00broken", "can't be unpacked"),
    "a sitemap that is a bomb": ("sitemap", "/sitemap.xml", gzip.compress(b" " * 9_000_000), "more than 1"),
    "a list page without rows": ("listing", "/list.html", page("列表"), "look at the selectors again"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_list_fails_and_says_why(name: str, tmp_path: Path) -> None:
    source, path, body, complaint = BROKEN[name]

    def broken(asked: Asked) -> Answer | None:
        return Answer(body, "text/html") if asked.path == path else None

    with publishing(broken) as (base, _):
        polite = {"max_megabytes": 1.0, "retries": 0}
        report = crawled(order(source, tmp_path, base + path, polite=polite))
    assert (report.outcome, report.windows_done) == ("failed", 0)
    assert complaint in report.failures[0][1]


def test_atom_and_odd_entries_are_read(tmp_path: Path) -> None:
    some = articles(3)
    atom = f"""<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>
    <entry><title>智算中心一</title><link rel="self" href="/x"/><link href="{some[0].path}"/>
      <updated>2024-11-01T23:30:00Z</updated></entry>
    <entry><title type="html">智算中心&lt;b&gt;二&lt;/b&gt;</title><link rel="alternate" href="{some[1].path}"/></entry>
    <entry><title>没有链接</title></entry></feed>"""

    def feed(asked: Asked) -> Answer | None:
        return Answer(atom.encode(), "application/atom+xml") if asked.path == "/feed.xml" else None

    with publishing(feed, Pages(some)) as (base, _):
        report = crawled(order("feed", tmp_path, f"{base}/feed.xml"))
    assert (report.outcome, report.new) == ("ok", 2)
    from crawler.archive import documents

    found = {one.title: one.published for one in documents(tmp_path)}
    assert {title: str(day) for title, day in found.items()} == {
        "智算中心一": "2024-11-02",
        "智算中心二": "None",
    }


def test_selectors_past_their_day_are_told(tmp_path: Path) -> None:
    text = (
        SOURCES["listing"]
        .path.read_text("utf-8")
        .replace("valid_until: 2027-06-30", "valid_until: 2024-06-30")
    )
    (tmp_path / "listing.yml").write_text(text, "utf-8")
    with publishing(ListPage(NEWS), Sitemap(NEWS), Pages(NEWS)) as (base, _):
        told = order("listing", tmp_path, f"{base}/list.html")
        report = crawled(told | {"source": str(tmp_path / "listing.yml")})
    assert report.counts["expired"] == 1
    assert ledger_rows(tmp_path, "select detail from incidents where what='expired'")[0][0].endswith(
        "2024-06-30"
    )


def test_external_entities_of_a_feed_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("geheim")
    body = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]><rss><channel>'
        "<item><title>智算中心&x;</title><link>/a/0.html</link></item></channel></rss>"
    ).encode()

    def feed(asked: Asked) -> Answer | None:
        return Answer(body, "application/rss+xml") if asked.path == "/feed.xml" else None

    with publishing(feed, Pages(NEWS)) as (base, _):
        crawled(order("feed", tmp_path / "home", f"{base}/feed.xml"))
    from crawler.archive import documents

    titles: list[Any] = [one.title for one in documents(tmp_path / "home")]
    assert titles == ["智算中心&x;"], "left as it stands"

"""Every source against a server that speaks its endpoint as recorded."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from crawler.archive import documents
from crawler.reading.captured import read_capture
from crawler.reply import ReplyError, day_of_ms
from crawler.spiders import cls, sina_roll
from crawler.spiders.cls import sign
from crawler.standin.exchanges import Bse, Eastmoney, Sse, Szse
from crawler.standin.newsroom import Cls, Flash, Gdelt, ListPage, SinaRoll, Sitemap
from crawler.standin.speakers import Cninfo, Feed, Pages
from tests.crawler.stand import DAY, SOURCES, articles, asked_for, crawled, filings, order, publishing, stored

MANY = filings(70)  # 14 days of five
NEWS = articles(30)
PAGES = Pages(NEWS)
EXCHANGES = {"cninfo": Cninfo(MANY), "sse": Sse(MANY), "szse": Szse(MANY), "bse": Bse(MANY)}


@pytest.mark.parametrize("name", EXCHANGES)
def test_an_exchange_gives_every_filing_once_and_then_none(name: str, tmp_path: Path) -> None:
    with publishing(EXCHANGES[name]) as (base, publisher):
        told = order(name, tmp_path, base, keywords=["算力"])
        first = crawled(told)
        files = len(
            [one for one in publisher.asked if one.method == "GET" and one.path.lower().endswith(".pdf")]
        )
        second = crawled(told)
        again = len(
            [one for one in publisher.asked if one.method == "GET" and one.path.lower().endswith(".pdf")]
        )
    assert (first.outcome, first.new, first.promised, first.received) == ("ok", 70, 70, 70)
    assert sorted(body for _, body in stored(tmp_path)) == sorted(f.body for f in MANY)
    assert set(stored(tmp_path).values()) == {1}
    assert (second.outcome, second.new, second.skipped) == ("ok", 0, 70)
    assert files == again == 70, "a second crawl of the same window asks listings and nothing else"


def test_what_the_listing_said_goes_with_the_document(tmp_path: Path) -> None:
    with publishing(EXCHANGES["cninfo"]) as (base, _):
        crawled(order("cninfo", tmp_path, base, keywords=["算力"], limit=1))
    capture = next(documents(tmp_path))
    assert (capture.source, capture.kind, capture.tier) == ("cninfo", "filing", "official")
    assert capture.title is not None
    assert capture.title.startswith("关于算力租赁合同的公告"), "the marks of the hit are gone"
    assert capture.listing["announcementTitle"] == capture.title.replace("算力", "<em>算力</em>")
    assert capture.published == date.fromisoformat(str(capture.listing["adjunctUrl"]).split("/")[1])


def test_a_company_is_asked_for_by_its_org_id(tmp_path: Path) -> None:
    other = filings(5, code="002229", start=900)
    with publishing(Cninfo(MANY + other)) as (base, publisher):
        report = crawled(order("cninfo", tmp_path, base, stocks=["002229"]))
    assert report.new == 5
    assert {one.form["stock"] for one in asked_for(publisher, "query")} == {"002229,99002229"}


def test_a_company_without_org_id_fails_the_crawl(tmp_path: Path) -> None:
    with publishing(Cninfo(MANY)) as (base, _):
        report = crawled(order("cninfo", tmp_path, base, stocks=["999999"]))
    assert report.outcome == "failed"
    assert report.reason is not None
    assert "could not be asked" in report.reason


def test_a_window_deeper_than_the_site_shows_is_split(tmp_path: Path) -> None:
    shallow = tmp_path / "cninfo.yml"
    shallow.write_text(SOURCES["cninfo"].path.read_text("utf-8").replace("depth: 3000", "depth: 20"), "utf-8")
    sz = filings(30, a_day=15)
    sh = [replace(f, code="600186", id=f"8{f.id}") for f in filings(20, a_day=10)]
    deep = [replace(f, id=f"7{f.id}", category="category_fxts_szsh") for f in filings(12, a_day=12)]
    everything = sz + sh + deep
    with publishing(Cninfo(everything)) as (base, publisher):
        told = order("cninfo", tmp_path, base, keywords=["算力"]) | {"source": str(shallow)}
        report = crawled(told)
    assert (report.outcome, report.new, report.windows_failed) == ("ok", 62, 0)
    forms = [one.form for one in asked_for(publisher, "query")]
    assert report.windows_split == 4, "the window, its two full days, and one plate of the first"
    assert {form["plate"] for form in forms} == {"", "sz", "sh", "bj"}
    assert "category_fxts_szsh" in {form["category"] for form in forms}


@pytest.mark.parametrize("whole_market", [True, False])
def test_sse_with_and_without_the_whole_market(whole_market: bool, tmp_path: Path) -> None:
    watched = [replace(f, code="603220") for f in filings(8)]
    with publishing(Sse(watched, whole_market=whole_market)) as (base, _):
        report = crawled(order("sse", tmp_path, base, keywords=["算力"]))
    assert (report.outcome, report.new) == ("ok", 8)
    assert bool(report.counts.get("whole market not answered")) is not whole_market


def test_szse_codes_written_as_a_text(tmp_path: Path) -> None:
    with publishing(Szse(MANY, odd_codes=True)) as (base, _):
        report = crawled(order("szse", tmp_path, base, keywords=["算力"], stocks=["300798"]))
    assert (report.outcome, report.new, report.rejected) == ("ok", 70, 0)


def test_eastmoney_joins_the_pages_of_a_text(tmp_path: Path) -> None:
    some = filings(6)
    texts = {f.id: "".join(f"第{n}段，合同金额为{n}万元。" for n in range(40)) + f.id for f in some[:5]}
    with publishing(Eastmoney(some, texts, size=120)) as (base, _):
        report = crawled(order("eastmoney", tmp_path, base))
        again = crawled(order("eastmoney", tmp_path, base, recheck=True))
    assert (report.outcome, report.new) == ("ok", 6)
    assert (again.outcome, again.new, again.versions) == ("ok", 0, 0)
    read = [read_capture(capture) for capture in documents(tmp_path) if not capture.body.startswith(b"%PDF")]
    assert sorted(getattr(one, "text", "") for one in read) == sorted(texts.values())
    papers = [capture for capture in documents(tmp_path) if capture.body.startswith(b"%PDF")]
    assert [one.listing["art_code"] for one in papers] == [f"AN{some[5].id}"], "no text: its PDF"


ROLLS = {
    "cls": Cls(NEWS),
    "eastmoney_flash": Flash(NEWS),
    "sina_roll": SinaRoll(NEWS),
    "gdelt": Gdelt(NEWS),
}


@pytest.mark.parametrize("name", ROLLS)
def test_a_roll_gives_the_articles_of_the_days(name: str, tmp_path: Path) -> None:
    with publishing(ROLLS[name], PAGES) as (base, _):
        told = order(name, tmp_path, base, until=DAY + timedelta(days=3), keywords=["智算中心"])
        report = crawled(told)
        again = crawled(told)
    assert (report.outcome, report.new) == ("ok", 12)
    assert (again.outcome, again.new, again.skipped) == ("ok", 0, 12)
    for capture in documents(tmp_path):
        document = read_capture(capture)
        assert "今天动工" in getattr(document, "text", ""), document


def test_a_day_with_more_hits_than_gdelt_shows_is_noted(tmp_path: Path) -> None:
    with publishing(Gdelt(articles(600, a_day=300), most=250), Pages(articles(600, a_day=300))) as (base, _):
        told = order("gdelt", tmp_path, base, until=DAY, keywords=["智算中心"], dry_run=True)
        report = crawled(told)
    assert report.counts["more than shown"] == 1
    assert report.counts["would fetch"] == 250


@pytest.mark.parametrize(
    ("name", "entry"), [("feed", "/feed.xml"), ("sitemap", "/sitemap.xml"), ("listing", "/list.html")]
)
def test_a_news_site_by_its_feed_sitemap_or_list_page(name: str, entry: str, tmp_path: Path) -> None:
    site = (Feed(PAGES), Sitemap(NEWS), ListPage(NEWS, size=10), PAGES)
    with publishing(*site) as (base, publisher):
        told = order(name, tmp_path, base + entry, until=DAY + timedelta(days=30), keywords=["智算中心"])
        report = crawled(told)
        again = crawled(told)
    assert (report.outcome, report.new, again.new) == ("ok", 30, 0)
    assert asked_for(publisher, "robots.txt")
    assert {capture.published for capture in documents(tmp_path)} == {a.day for a in NEWS}


def test_a_feed_that_has_not_changed_is_not_read_again(tmp_path: Path) -> None:
    with publishing(Feed(PAGES), PAGES) as (base, publisher):
        told = order("feed", tmp_path, f"{base}/feed.xml", since=None, until=None)
        crawled(told)
        again = crawled(told)
    assert again.counts == {"archived robots": 1, "listings unchanged": 1}
    assert asked_for(publisher, "feed.xml")[-1].headers["if-none-match"]


def test_keywords_choose_by_title_where_a_listing_cant_search(tmp_path: Path) -> None:
    with publishing(Feed(PAGES), PAGES) as (base, _):
        report = crawled(order("feed", tmp_path, f"{base}/feed.xml", keywords=["第7期", "第8期"]))
    assert report.new == 2
    assert report.counts["off subject"] == 28


def test_a_warc_is_taken_over(tmp_path: Path) -> None:
    with publishing(Feed(PAGES), PAGES) as (base, _):
        crawled(order("feed", tmp_path / "there", f"{base}/feed.xml"))
    (file,) = (tmp_path / "there" / "archive").glob("*.warc.gz")
    told = order("warc", tmp_path / "here", str(file), since=None, until=None, keywords=["智算中心"])
    report = crawled(told)
    assert (report.outcome, report.new) == ("ok", 30)
    assert stored(tmp_path / "here") == stored(tmp_path / "there")
    assert {c.fetched_at for c in documents(tmp_path / "here")} == {
        c.fetched_at for c in documents(tmp_path / "there")
    }
    assert crawled(told).new == 0


def test_the_signature_of_cls_is_the_recorded_one() -> None:
    query = {
        "appName": "CailianpressWeb", "last_time": "", "os": "web", "refresh_type": "1", "rn": "50", "sv": "7.7.5",
    }  # fmt: skip
    assert sign(query) == "b849fe86598f3ceca205eda7b33a49a1"


@pytest.mark.parametrize("read", [cls.day_of_moment, sina_roll.day_of_moment, day_of_ms])
@pytest.mark.parametrize("moment", [1731340800_000_000_000, -(10**17), 10**30])
def test_a_moment_that_cannot_be_is_said(read: Callable[[int], date], moment: int) -> None:
    """A site that changes to milliseconds fails its crawl in one line, as every changed field does."""
    with pytest.raises(ReplyError, match=str(moment)):
        read(moment)


def test_every_shipped_source_is_whole() -> None:
    assert set(SOURCES) == {
        "cninfo", "sse", "szse", "bse", "eastmoney", "feed", "sitemap", "cls", "eastmoney_flash", "sina_roll",
        "gdelt", "listing", "warc",
    }  # fmt: skip
    for source in SOURCES.values():
        assert (source.path.parent / f"{source.spider}.py").exists()
        assert not source.polite.private
        assert source.polite.delay >= 1
        assert source.polite.robots or source.kind == "filing" or source.name == "warc", source.name


RECORDED = Path(__file__).parents[3] / "shared" / "data" / "endpoints"


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded replies (../shared) are not here")
@pytest.mark.parametrize(
    ("name", "file", "wrap"),
    [
        ("cninfo", "cninfo_hisAnnouncement_2020_em_and_ST.json", "{}"),
        ("cninfo", "cninfo_hisAnnouncement_2022_sse.json", "{}"),
        ("cninfo", "cninfo_hisAnnouncement_2023-09.json", "{}"),
        ("cninfo", "cninfo_hisAnnouncement_2026_row.json", "{}"),
        ("sse", "sse_queryCompanyBulletinNew.json", "callback({})"),
        ("szse", "szse_annList.json", "{}"),
        ("bse", "bse_infoResult.json", "null({})"),
        ("eastmoney", "eastmoney_security_ann.json", "{}"),
        ("cls", "cls_roll_data.json", "{}"),
        ("eastmoney_flash", "eastmoney_fastNewsList.json", "{}"),
        ("gdelt", "gdelt_doc_artlist.json", "{}"),
    ],
)
def test_a_recorded_reply_is_read(name: str, file: str, wrap: str) -> None:
    from scrapy import Request
    from scrapy.http import TextResponse

    from crawler.errand import Job, Question
    from crawler.journal import Journal
    from crawler.run import spider_class

    source = SOURCES[name]
    journal = Journal(Path("nowhere"), source, job={}, dry=True)
    spider = spider_class(source)(journal=journal, job=Job())
    question = Question(since=date(2016, 1, 1), until=date(2026, 12, 31), keyword="算力")
    body = (RECORDED / file).read_text("utf-8")
    text = wrap.replace("{}", body)
    if name == "sse":
        callback = spider.ask(question, None).url.split("jsonCallBack=")[1].split("&")[0]
        text = text.replace("callback", callback, 1)
    request = Request("http://example.com")
    shown = spider.read(TextResponse(request.url, request=request, body=text.encode()), question, None)
    assert shown.rows
    assert not shown.unknown, "a recorded field nobody knows"
    for row in shown.rows:
        assert row.title
        assert row.url.startswith("http")
        assert "<em>" not in row.title
    assert json.loads(body)

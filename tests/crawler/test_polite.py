"""Waiting: what Retry-After asks, how far back-off goes, who is asking."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path
from threading import Lock
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.polite import backoff, crawl_delay, retry_after
from crawler.source import Politeness
from crawler.standin.server import Answer, Asked, send
from crawler.standin.speakers import Cninfo, Feed, Pages
from tests.crawler.stand import SOURCES, articles, asked_for, crawled, filings, order, publishing


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120.0), ("0", 0.0), ("99999", 300.0), ("-5", 0.0), ("soon", None), ("", None), (None, None)],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, ceiling=300) == seconds


def test_retry_after_as_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    found = retry_after(later, ceiling=300)
    assert found is not None
    assert 90 < found <= 100
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT", ceiling=300) == 0


@given(tried=st.integers(0, 500), jitter=st.floats(0, 1), base=st.floats(0, 100), ceiling=st.floats(0, 1000))
def test_back_off_never_passes_its_ceiling(tried: int, jitter: float, base: float, ceiling: float) -> None:
    wait = backoff(Politeness(backoff=base, backoff_ceiling=ceiling), tried, jitter=jitter)
    assert 0 <= wait <= ceiling


@given(jitter=st.floats(0, 1))
def test_back_off_grows(jitter: float) -> None:
    waits = [backoff(Politeness(backoff=1, backoff_ceiling=1e9), n, jitter=jitter) for n in range(12)]
    assert all(later >= 1.9 * earlier for earlier, later in pairwise(waits))


def test_a_whole_host_waits_when_one_answer_asks_for_it(tmp_path: Path) -> None:
    """After a 429 no other request reaches the host before its time is over, not even one already queued."""
    told: list[float] = []
    early: list[Asked] = []

    def once(handler: BaseHTTPRequestHandler, asked: Asked, answer: Answer) -> bool:
        if asked.path.endswith(".PDF") and not told:
            told.append(monotonic())
            send(handler, Answer(status=429, headers={"Retry-After": "1"}))
            return True
        if told and monotonic() < told[0] + 0.9:
            early.append(asked)
        return False

    with publishing(Cninfo(filings(20)), fault=once) as (base, _):
        polite = {"backoff_ceiling": 5.0, "concurrency": 1}
        report = crawled(order("cninfo", tmp_path, base, keywords=["算力"], polite=polite))
    assert (report.outcome, report.new) == ("ok", 20)
    assert len(early) <= 1, "one may have been on its way"


def test_not_more_requests_at_once_than_the_source_says(tmp_path: Path) -> None:
    lock, under_way, most = Lock(), [0], [0]

    def counting(handler: BaseHTTPRequestHandler, asked: Asked, answer: Answer) -> bool:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        send(handler, answer)
        with lock:
            under_way[0] -= 1
        return True

    with publishing(Cninfo(filings(60)), fault=counting) as (base, _):
        crawled(order("cninfo", tmp_path, base, keywords=["算力"], polite={"concurrency": 2}))
    assert most[0] <= 3, "two, and one whose answer has been read but not counted"


def test_the_user_agent_names_the_contact_the_user_sets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAOMO_CONTACT", "research@example.org")
    with publishing(Cninfo(filings(1))) as (base, publisher):
        crawled(order("cninfo", tmp_path, base, keywords=["算力"]))
    (agent,) = {one.headers["user-agent"] for one in asked_for(publisher)}
    assert agent.startswith("Mozilla/5.0 (compatible; paomo/")
    assert "(+research@example.org)" in agent


def test_real_sites_are_asked_slowly() -> None:
    for source in SOURCES.values():
        assert source.polite.delay >= 1.0
        assert source.polite.concurrency <= 2
        assert source.polite.backoff_ceiling >= 60


@pytest.mark.parametrize(
    ("robots", "seconds"),
    [
        ("User-agent: *\nCrawl-delay: 5\n", 5.0),
        ("User-agent: paomo\nCrawl-delay: 2.5\n\nUser-agent: *\nCrawl-delay: 9\n", 2.5),
        ("User-agent: otherbot\nCrawl-delay: 30\n", 0.0),
        ("User-agent: *\nCrawl-delay: 86400\n", 60.0),
        ("User-agent: *\nCrawl-delay: soon\n", 0.0),
        ("", 0.0),
        ("<html>not here</html>", 0.0),
    ],
)
def test_crawl_delay(robots: str, seconds: float) -> None:
    assert crawl_delay(robots, ceiling=60) == seconds


def test_a_crawl_delay_of_robots_txt_is_kept(tmp_path: Path) -> None:
    pages = Pages(articles(4), robots="User-agent: *\nCrawl-delay: 0.2\n")
    told: list[float] = []

    def timed(handler: BaseHTTPRequestHandler, asked: Asked, answer: Answer) -> bool:
        told.append(monotonic())
        return False

    with publishing(Feed(pages), pages, fault=timed) as (base, _):
        report = crawled(order("feed", tmp_path, f"{base}/feed.xml", keywords=["智算中心"]))
    assert (report.outcome, report.new) == ("ok", 4)
    assert len(told) == 6  # robots.txt, the feed, four pages
    assert told[-1] - told[1] >= 4 * 0.2 - 0.1, "eight may be asked at once, but for robots.txt"

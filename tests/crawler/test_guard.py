"""Private addresses are refused: spelled out, behind a name, behind a redirect."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crawler.archive import documents
from crawler.guard import Refused, check_url, is_public, literal
from crawler.standin.server import Answer, Publisher, listening
from crawler.standin.speakers import Cninfo, Feed, Pages
from tests.crawler.stand import articles, asked_for, crawled, filings, order, publishing
from tests.crawler.test_faults import answering, each

PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "::1",
    "fe80::1", "fc00::1", "::ffff:10.0.0.1", "2002:0a00:0001::", "224.0.0.1", "255.255.255.255", "198.18.0.1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "120.26.1.1", "2400:3200::1"])
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "[::1]",
        "127.0.0.1.",
        "017700000001",
    ],
)
def test_every_spelling_of_this_machine(host: str) -> None:
    assert literal(host) in ("127.0.0.1", "::1")
    with pytest.raises(Refused):
        check_url(f"http://{host}/", private=False)


@pytest.mark.parametrize(
    "host", ["www.cninfo.com.cn", "4090.com", "example.0x", "a.b.c.d.e", "1.2.3.4.5", "999.1.1.1"]
)
def test_names_are_no_addresses(host: str) -> None:
    assert literal(host) is None


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.com/", "data:text/plain,x", "http://localhost/"]
)
def test_other_schemes_and_localhost_are_refused(url: str) -> None:
    with pytest.raises(Refused):
        check_url(url, private=False)


def test_a_source_at_home_may_be_private() -> None:
    check_url("http://127.0.0.1:8080/", private=True)


def test_a_crawl_of_a_private_address_asks_nothing(tmp_path: Path) -> None:
    with publishing(Cninfo(filings(3))) as (base, publisher):
        report = crawled(order("cninfo", tmp_path, base, keywords=["算力"], polite={"private": False}))
    assert (report.outcome, report.new) == ("failed", 0)
    assert "not a public address" in report.failures[0][1]
    assert publisher.asked == []


def test_a_name_that_leads_to_a_private_address_is_refused(tmp_path: Path) -> None:
    """`ip6-localhost` and the machine's own name are in no list of names; what they lead to is what counts."""
    import socket

    name = socket.gethostname()
    try:
        if is_public(socket.gethostbyname(name)):
            pytest.skip("this machine's own name leads to a public address")
    except OSError:
        pytest.skip("this machine's own name leads nowhere")
    with publishing(Cninfo(filings(3))) as (base, publisher):
        named = base.replace("127.0.0.1", name)
        report = crawled(order("cninfo", tmp_path, named, keywords=["算力"], polite={"private": False}))
    assert "which is not a public address" in report.failures[0][1]
    assert publisher.asked == []


def redirected(to: str) -> Any:
    return answering(Answer(status=302, headers={"Location": to}))


def test_a_redirect_to_a_file_is_not_followed(tmp_path: Path) -> None:
    some = articles(3)
    moved = each(9, some[0].path, redirected("file:///etc/hostname"))
    with publishing(Feed(Pages(some)), Pages(some), fault=moved) as (base, _):
        report = crawled(order("feed", tmp_path, f"{base}/feed.xml"))
    assert (report.outcome, report.new) == ("failed", 2)
    assert not any(capture.url.startswith("file:") for capture in documents(tmp_path))


def test_a_redirect_into_the_private_network_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """127.0.0.1 plays the public network here, 127.0.0.2 the private one."""
    monkeypatch.setattr("crawler.guard.is_public", lambda address: address == "127.0.0.1")
    some = articles(3)
    secret = Publisher([Pages(some)])
    with listening(secret, host="127.0.0.2") as inside:
        moved = each(9, some[0].path, redirected(inside + some[0].path))
        with publishing(Feed(Pages(some)), Pages(some), fault=moved) as (base, _):
            told = order("feed", tmp_path, f"{base}/feed.xml", polite={"private": False})
            report = crawled(told)
    assert (report.outcome, report.new, report.refused) == ("ok", 2, 1)
    assert "127.0.0.2" in report.failures[0][1]
    assert secret.asked == []


def test_robots_are_obeyed_for_news(tmp_path: Path) -> None:
    some = [*articles(3), replace(articles(1)[0], path="/closed/1.html")]
    pages = Pages(some, robots="User-agent: *\nDisallow: /closed/\n")
    with publishing(Feed(pages), pages) as (base, publisher):
        report = crawled(order("feed", tmp_path, f"{base}/feed.xml"))
        again = crawled(order("feed", tmp_path, f"{base}/feed.xml"))
        assert asked_for(publisher, "/closed/1.html") == []
    assert (report.outcome, report.new, report.refused) == ("ok", 3, 1)
    assert "robots.txt" in report.failures[0][1]
    assert again.refused == 0, "settled: not asked for again"


def test_a_feed_whose_robots_forbid_it_fails(tmp_path: Path) -> None:
    pages = Pages(articles(2), robots="User-agent: paomo\nDisallow: /\n")
    with publishing(Feed(pages), pages) as (base, _):
        report = crawled(order("feed", tmp_path, f"{base}/feed.xml"))
    assert (report.outcome, report.new) == ("failed", 0)
    assert "robots.txt" in report.failures[0][1]

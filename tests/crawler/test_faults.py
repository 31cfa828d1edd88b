"""Servers that misbehave as real ones have: each fault is seen, counted, and never becomes a document."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from crawler.archive import documents, verify
from crawler.reading.captured import read_capture
from crawler.run import SourceReport
from crawler.standin.exchanges import Bse, Eastmoney, Sse, Szse
from crawler.standin.newsroom import Cls, Flash
from crawler.standin.server import Answer, Asked, send
from crawler.standin.speakers import Article, Cninfo, Feed, Pages
from tests.crawler.stand import (
    DAY,
    articles,
    asked_for,
    crawled,
    filings,
    ledger_rows,
    order,
    page,
    publishing,
    stored,
)

Handler = BaseHTTPRequestHandler
CHALLENGE = b"""<html><script>var arg1='6BA1F0E9D3C24B77A1B5D8C0E4F6A2938D7C6B5A';
document.cookie="acw_sc__v2="+arg1;location.reload();</script><noscript>please enable javascript</noscript></html>"""
LOGIN = page("登录", "请输入账号").replace(b"</body>", b'<form><input type="password"></form></body>')
TABLE: list[str] = []


@pytest.fixture(scope="module", autouse=True)
def shown(request: pytest.FixtureRequest) -> Any:
    yield
    assert request.config.cache is not None
    head = f"{'fault':<44} {'outcome':<8} {'stored':>6} {'retried':>7} {'deceived':>8}  what came of it"
    request.config.cache.set("paomo/faults", [head, *sorted(TABLE)])


def note(fault: str, report: SourceReport, home: Path) -> None:
    why = "; ".join(dict.fromkeys(reason for _, reason in report.failures)) or "all came"
    count = stored(home).total() if (home / "ledger.sqlite").exists() else 0
    TABLE.append(
        f"{fault:<44} {report.outcome:<8} {count:>6} {report.retried:>7} {report.deceived:>8}  {why[:110]}"
    )


# what a server can do to one answer ---------------------------------------------------------------------


def each(times: int, end: str, spoil: Callable[[Handler, Asked, Answer], bool]) -> Any:
    """Spoil the first `times` answers for each path that ends so."""
    seen: dict[str, int] = {}

    def fault(handler: Handler, asked: Asked, answer: Answer) -> bool:
        if not asked.path.endswith(end):
            return False
        seen[asked.path] = seen.get(asked.path, 0) + 1
        return seen[asked.path] <= times and spoil(handler, asked, answer)

    return fault


def answering(answer: Answer) -> Callable[[Handler, Asked, Answer], bool]:
    def spoil(handler: Handler, asked: Asked, _: Answer) -> bool:
        send(handler, answer)
        return True

    return spoil


def cut(handler: Handler, asked: Asked, answer: Answer) -> bool:
    """Half the body, then the connection is closed."""
    handler.send_response(200)
    handler.send_header("Content-Type", answer.content_type)
    handler.send_header("Content-Length", str(len(answer.body)))
    handler.end_headers()
    handler.wfile.write(answer.body[: len(answer.body) // 2])
    handler.wfile.flush()
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)
    return True


def stated_short(handler: Handler, asked: Asked, answer: Answer) -> bool:
    """A Content-Length that is less than the body: a client takes the shorter one."""
    handler.send_response(200)
    handler.send_header("Content-Type", answer.content_type)
    handler.send_header("Content-Length", str(len(answer.body) - 60))
    handler.end_headers()
    handler.wfile.write(answer.body[:-60])
    handler.wfile.flush()
    return True


def reset(handler: Handler, asked: Asked, answer: Answer) -> bool:
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True
    return True


def slow(seconds: float) -> Callable[[Handler, Asked, Answer], bool]:
    def spoil(handler: Handler, asked: Asked, answer: Answer) -> bool:
        time.sleep(seconds)
        return False

    return spoil


# faults that pass: everything comes in the end ----------------------------------------------------------

PASSING = {
    "429 with Retry-After": answering(Answer(b"", status=429, headers={"Retry-After": "0"})),
    "503": answering(Answer(b"busy", "text/html", 503)),
    "500": answering(Answer(b"oops", "text/html", 500)),
    "cut in mid-body": cut,
    "Content-Length too small (torn PDF)": stated_short,
    "connection closed without an answer": reset,
    "challenge page with HTTP 200": answering(Answer(CHALLENGE, "text/html")),
    "empty body": answering(Answer(b"", "application/pdf")),
    "slower than the timeout": slow(1.0),
}


@pytest.mark.parametrize("where", ["listing", "document"])
@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_costs_nothing(fault: str, where: str, tmp_path: Path) -> None:
    if "PDF" in fault and where == "listing":
        pytest.skip("a JSON listing cut short is not JSON: that is 'cut in mid-body'")
    some = filings(6)
    end = "query" if where == "listing" else ".PDF"
    with publishing(Cninfo(some), fault=each(2, end, PASSING[fault])) as (base, _):
        polite = {"timeout": 0.4, "breaker": 40}
        report = crawled(order("cninfo", tmp_path, base, keywords=["算力"], polite=polite))
    note(f"{fault}, {where}", report, tmp_path)
    assert (report.outcome, report.new) == ("ok", 6)
    assert report.retried >= 2
    assert set(stored(tmp_path)) == {(f"finalpage/{f.day}/{f.id}.PDF", f.body) for f in some}
    assert not verify(tmp_path).faults


# faults that stay: no document, the window fails, the next crawl tries again ----------------------------

BAD_DOCUMENTS = {
    "challenge page in place of a PDF": (Answer(CHALLENGE, "text/html"), "challenge"),
    "login wall in place of a PDF": (Answer(LOGIN, "text/html"), "login_wall"),
    "HTML page in place of a PDF": (Answer(page("公告"), "application/pdf"), "pdf_is_html"),
    "something else in place of a PDF": (Answer(b"\x89PNG" + b"0" * 99, "application/pdf"), "not_pdf"),
}


@pytest.mark.parametrize("fault", BAD_DOCUMENTS)
def test_a_deception_never_becomes_a_document(fault: str, tmp_path: Path) -> None:
    answer, verdict = BAD_DOCUMENTS[fault]
    some = filings(3)
    bad = each(99, f"{some[0].id}.PDF", answering(answer))
    with publishing(Cninfo(some), fault=bad) as (base, publisher):
        report = crawled(order("cninfo", tmp_path, base, keywords=["算力"]))
        note(fault, report, tmp_path)
        publisher.fault = None
        again = crawled(order("cninfo", tmp_path, base, keywords=["算力"]))
    assert (report.outcome, report.new, report.failed) == ("failed", 2, 1)
    assert report.counts[f"deceived {verdict}"] >= 1
    assert report.failures[0][1] == f"deceived: {verdict}"
    archived = ledger_rows(tmp_path, "select verdict from captures where role='deceived'")
    assert (verdict,) in archived, "archived, for whoever wants to look"
    assert (again.outcome, again.new, again.skipped) == ("ok", 1, 2)
    assert stored(tmp_path).total() == 3


BAD_PAGES = {
    "soft 404": (page("页面不存在", "您访问的页面不存在或已删除"), "soft_404"),
    "a page of question marks": (page("????????????", "?" * 200, "??, ????????"), "question_marks"),
    "login wall": (LOGIN, "login_wall"),
    "challenge page": (CHALLENGE, "challenge"),
    "empty page": (b"  \n", "empty"),
}


@pytest.mark.parametrize("fault", BAD_PAGES)
def test_a_deceiving_page_never_becomes_a_document(fault: str, tmp_path: Path) -> None:
    body, verdict = BAD_PAGES[fault]
    some = articles(3)
    some[1] = replace(some[1], body=body)
    pages = Pages(some)
    with publishing(Feed(pages), pages) as (base, _):
        report = crawled(order("feed", tmp_path, f"{base}/feed.xml"))
    note(fault, report, tmp_path)
    assert (report.outcome, report.new, report.failed) == ("failed", 2, 1)
    assert report.failures == ((f"{base}{some[1].path}", f"deceived: {verdict}"),)


def test_an_article_about_challenges_is_no_challenge(tmp_path: Path) -> None:
    words = "有些网站要求浏览器 enable JavaScript，并用 document.cookie = 记下访客；智算中心的官网也是如此。"
    pages = Pages([replace(articles(1)[0], body=page("智算中心官网打不开", words, words, words))])
    with publishing(Feed(pages), pages) as (base, _):
        report = crawled(order("feed", tmp_path, f"{base}/feed.xml"))
    assert (report.outcome, report.new) == ("ok", 1)


TEXT = "智算中心第九期今天动工，服务器已经到货。"
ODD_PAGES = {
    "GB18030 labelled UTF-8": (
        Article(
            "/g.html", "智算中心", DAY, page("智算中心", TEXT, charset="gb18030"), "text/html; charset=utf-8"
        ),
        "noted mislabelled:utf-8",
    ),
    "UTF-8 with a BOM": (
        Article("/b.html", "智算中心", DAY, b"\xef\xbb\xbf" + page("智算中心", TEXT), "text/html"),
        "noted bom",
    ),
}


@pytest.mark.parametrize("fault", ODD_PAGES)
def test_a_wrong_label_is_noted_and_read_past(fault: str, tmp_path: Path) -> None:
    article, noted = ODD_PAGES[fault]
    pages = Pages([article])
    with publishing(Feed(pages), pages) as (base, _):
        report = crawled(order("feed", tmp_path, f"{base}/feed.xml"))
    note(fault, report, tmp_path)
    assert (report.outcome, report.counts[noted]) == ("ok", 1)
    (capture,) = documents(tmp_path)
    assert TEXT in getattr(read_capture(capture), "text", ""), "its own charset, not its label's"


# listings that do not keep their word -------------------------------------------------------------------


class Spoilt:
    """A speaker whose listing's reply is changed before it is sent."""

    def __init__(self, speaker: Any, path: str, change: Callable[[bytes, Asked], bytes | Answer]) -> None:
        self.speaker, self.path, self.change = speaker, path, change

    def __call__(self, asked: Asked) -> Answer | None:
        answer = self.speaker(asked)
        if answer is None or not asked.path.endswith(self.path):
            return answer
        changed = self.change(answer.body, asked)
        return changed if isinstance(changed, Answer) else replace(answer, body=changed)


def first_page_again(body: bytes, asked: Asked) -> bytes:
    again = replace(asked, form={**asked.form, "pageNum": "1"})
    answer = Cninfo(filings(70))(again)
    assert answer is not None
    return answer.body.replace(b'"hasMore":false', b'"hasMore":true')


LISTINGS: dict[str, tuple[str, Any, str, Any, str]] = {
    "promises 528 rows, gives 70": (
        "cninfo", Cninfo(filings(70)), "query",
        lambda body, _: body.replace(b'"totalAnnouncement":70', b'"totalAnnouncement":528'),
        "528 rows promised, 70 received",
    ),
    "the same page again and again": (
        "cninfo", Cninfo(filings(70)), "query", first_page_again, "70 rows promised, 30 received",
    ),
    "a field was renamed": (
        "cninfo", Cninfo(filings(3)), "query", lambda body, _: body.replace(b"adjunctUrl", b"attachUrl"),
        "has no field 'adjunctUrl'",
    ),
    "a field has another type": (
        "cninfo", Cninfo(filings(3)), "query",
        lambda body, _: body.replace(b'"secCode":"300798"', b'"secCode":["300798"]'), "field 'secCode'",
    ),
    "JSONP with a changed callback": (
        "sse", Sse(filings(3)), ".do", lambda body, _: b"other123" + body[body.index(b"(") :], "'other123'",
    ),
    "JSONP that is plain JSON": (
        "sse", Sse(filings(3)), ".do", lambda body, _: body[body.index(b"(") + 1 : -1], "is not a call of",
    ),
    "the exchange's reply is a page": (
        "szse", Szse(filings(3)), "annList", lambda body, _: page("系统维护"), "deceived: not_json",
    ),
    "a reply that is cut": (
        "bse", Bse(filings(3)), ".do", lambda body, _: body[:-40], "null",
    ),
    "errno in place of a roll": (
        "cls", Cls(articles(3)), "list", lambda body, _: b'{"errno":10012,"msg":"no","data":{}}', "errno 10012",
    ),
    "a cursor that does not move": (
        "eastmoney_flash", Flash(articles(900)), "List",
        lambda body, _: body.replace(b'"sortEnd":"400"', b'"sortEnd":"200"'), "stays at the cursor",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", LISTINGS)
def test_a_listing_that_breaks_its_word_fails_the_window(fault: str, tmp_path: Path) -> None:
    name, speaker, path, change, expected = LISTINGS[fault]
    with publishing(Spoilt(speaker, path, change)) as (base, _):
        report = crawled(order(name, tmp_path, base, keywords=["算力", "智算"][:1], polite={"retries": 1}))
    note(fault, report, tmp_path)
    assert (report.outcome, report.windows_done, report.windows_failed) == ("failed", 0, 1)
    assert expected in report.failures[0][1]
    assert ledger_rows(tmp_path, "select state from windows") == [("failed",)]


GOOD_LISTINGS: dict[str, tuple[str, Any, str, Any, int]] = {
    "totalpages is floored": ("cninfo", Cninfo(filings(70)), "query", lambda body, _: body, 70),
    "an empty list is null": ("cninfo", Cninfo([]), "query", lambda body, _: body, 0),
    "totalAnnouncement is null, hasMore is missing": (
        "cninfo", Cninfo(filings(20)), "query",
        lambda body, _: body.replace(b'"totalAnnouncement":20', b'"totalAnnouncement":null')
        .replace(b'"hasMore":false,', b""), 20,
    ),
    "`{}` past the end": ("szse", Szse(filings(50)), "annList", lambda body, _: body, 50),
    "`{}` for nothing": ("szse", Szse([]), "annList", lambda body, _: b"{}", 0),
    "a BOM before the JSON": ("cninfo", Cninfo(filings(3)), "query", lambda b, _: b"\xef\xbb\xbf" + b, 3),
    "a field nobody knows": (
        "cninfo", Cninfo(filings(3)), "query", lambda body, _: body.replace(b'"id":null', b'"neu":1'), 3,
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", GOOD_LISTINGS)
def test_an_oddity_of_a_listing_is_understood(fault: str, tmp_path: Path) -> None:
    name, speaker, path, change, count = GOOD_LISTINGS[fault]
    with publishing(Spoilt(speaker, path, change)) as (base, _):
        report = crawled(order(name, tmp_path, base, keywords=["算力"]))
    note(fault, report, tmp_path)
    assert (report.outcome, report.new) == ("ok", count)
    if "nobody knows" in fault:
        assert report.counts["unknown field neu"] == 1, "once a page"


def test_rows_of_another_company_are_rejected_and_counted(tmp_path: Path) -> None:
    def any_company(body: bytes, asked: Asked) -> bytes:
        return (
            body if not asked.form["stock"] else body.replace(b'"secCode":"300798"', b'"secCode":"600519"', 2)
        )

    with publishing(Spoilt(Cninfo(filings(9)), "query", any_company)) as (base, _):
        report = crawled(order("cninfo", tmp_path, base, stocks=["300798"]))
    note("rows of another company", report, tmp_path)
    assert (report.outcome, report.new, report.rejected) == ("ok", 7, 2)
    assert report.counts["rejected wrong company"] == 2


def test_rows_of_another_day_are_rejected_and_counted(tmp_path: Path) -> None:
    early = filings(3, day=DAY - timedelta(days=40))

    class Careless(Cninfo):
        def matching(self, form: Any) -> Any:
            return self.filings

    with publishing(Careless(filings(4) + early)) as (base, _):
        report = crawled(order("cninfo", tmp_path, base, keywords=["算力"]))
    note("rows of another day", report, tmp_path)
    assert (report.new, report.rejected) == (4, 3)


def test_a_listing_without_end_is_left(tmp_path: Path) -> None:
    class Endless(Cninfo):
        def listing(self, form: Any) -> Any:
            number = int(form["pageNum"])
            fresh = filings(30, a_day=30, start=number * 30)
            self.filings = [*self.filings, *fresh]
            return Cninfo(fresh).listing({**form, "pageNum": "1"}) | {
                "hasMore": True,
                "totalAnnouncement": 9**9,
            }

    with publishing(Endless([])) as (base, _):
        told = order("cninfo", tmp_path, base, keywords=["算力"], polite={"max_pages": 4})
        source = tmp_path / "cninfo.yml"
        source.write_text(
            Path(told["source"]).read_text("utf-8").replace("depth: 3000", "depth: null"), "utf-8"
        )
        report = crawled(told | {"source": str(source)})
    note("a listing without end", report, tmp_path)
    assert (report.outcome, report.new, report.windows_failed) == ("failed", 120, 1)
    assert "more than 4 pages" in report.failures[0][1]


# bounds -------------------------------------------------------------------------------------------------


def test_a_gzip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = Answer(
        gzip.compress(b"0" * 30_000_000, 9), "application/pdf", headers={"Content-Encoding": "gzip"}
    )
    some = filings(3)
    with publishing(Cninfo(some), fault=each(99, f"{some[0].id}.PDF", answering(bomb))) as (base, _):
        polite = {"max_megabytes": 1.0}
        report = crawled(order("cninfo", tmp_path, base, keywords=["算力"], polite=polite))
    note("gzip bomb", report, tmp_path)
    assert (report.outcome, report.new, report.failed) == ("failed", 2, 1)
    assert "exceeded" in report.failures[0][1]


def test_a_body_too_large_is_left(tmp_path: Path) -> None:
    some = filings(3)
    large = answering(Answer(b"%PDF" + b"0" * 3_000_000, "application/pdf"))
    with publishing(Cninfo(some), fault=each(99, f"{some[0].id}.PDF", large)) as (base, publisher):
        told = order("cninfo", tmp_path, base, keywords=["算力"], polite={"max_megabytes": 1.0})
        report = crawled(told)
        asked = len(asked_for(publisher, f"{some[0].id}.PDF"))
    note("body larger than the bound", report, tmp_path)
    assert (report.new, report.failed, asked) == (2, 1, 1), "not asked again in the same crawl"


def test_a_redirect_loop_ends(tmp_path: Path) -> None:
    some = filings(3)

    def loop(handler: Handler, asked: Asked, answer: Answer) -> bool:
        send(handler, Answer(b"", status=302, headers={"Location": asked.path}))
        return True

    with publishing(Cninfo(some), fault=each(99, f"{some[0].id}.PDF", loop)) as (base, publisher):
        report = crawled(order("cninfo", tmp_path, base, keywords=["算力"]))
        asked = len(asked_for(publisher, f"{some[0].id}.PDF"))
    note("redirect loop", report, tmp_path)
    assert (report.new, report.failed, asked) == (2, 1, 6)
    assert "redirections" in report.failures[0][1]


def test_a_redirect_home_is_a_soft_404(tmp_path: Path) -> None:
    some = articles(3)
    pages = Pages([*some, Article("/", "首页", DAY, page("首页"))])
    home = answering(Answer(b"", status=302, headers={"Location": "/"}))
    with publishing(Feed(Pages(some)), pages, fault=each(9, some[0].path, home)) as (base, _):
        report = crawled(order("feed", tmp_path, f"{base}/feed.xml"))
    note("redirect to the front page", report, tmp_path)
    assert report.failures == ((f"{base}{some[0].path}", "deceived: soft_404"),)


def test_a_filing_that_is_gone_is_not_asked_for_ever(tmp_path: Path) -> None:
    some = filings(3)
    with publishing(Cninfo(some), fault=each(99, f"{some[0].id}.PDF", answering(Answer(status=404)))) as (
        base,
        p,
    ):
        report = crawled(order("cninfo", tmp_path, base, keywords=["算力"]))
        again = crawled(order("cninfo", tmp_path, base, keywords=["算力"]))
        asked = len(asked_for(p, f"{some[0].id}.PDF"))
    note("404 for a filing", report, tmp_path)
    assert (report.outcome, report.new, report.gone) == ("ok", 2, 1)
    assert report.failures[0][1] == "HTTP 404"
    assert (again.outcome, asked) == ("ok", 1)


def test_a_host_that_only_fails_is_left_alone(tmp_path: Path) -> None:
    down = each(999, ".PDF", answering(Answer(b"", status=503)))
    with publishing(Cninfo(filings(60)), fault=down) as (base, publisher):
        polite = {"breaker": 5, "retries": 2, "concurrency": 1}
        report = crawled(order("cninfo", tmp_path, base, keywords=["算力"], polite=polite))
        asked = len(asked_for(publisher, ".PDF"))
    note("a host that only fails", report, tmp_path)
    assert (report.outcome, report.new) == ("failed", 0)
    assert asked <= 8, "the circuit opened"
    assert any("left alone" in reason for _, reason in report.failures)


def test_empty_pages_of_a_text_come_and_go(tmp_path: Path) -> None:
    some = filings(4)
    texts = {f.id: f"算力租赁合同第{f.id}号。" * 30 for f in some}
    empty = Eastmoney(some, {})
    calls: dict[str, int] = {}

    def sometimes(body: bytes, asked: Asked) -> bytes:
        key = str(asked.query)
        calls[key] = calls.get(key, 0) + 1
        answer = empty(asked)
        assert answer is not None
        return answer.body if calls[key] == 1 else body

    with publishing(Spoilt(Eastmoney(some, texts, size=150), "/content/ann", sometimes)) as (base, _):
        report = crawled(order("eastmoney", tmp_path, base))
    note("empty pages of a text that come and go", report, tmp_path)
    assert (report.outcome, report.new) == ("ok", 4)
    assert report.counts["text page empty"] >= 4


def test_a_repeated_page_of_a_text_is_no_document(tmp_path: Path) -> None:
    some = filings(2)
    texts = {f.id: "".join(f"第{n}句。" for n in range(90)) for f in some}
    speaker = Eastmoney(some, texts, size=150)

    def stuck(body: bytes, asked: Asked) -> bytes:
        answer = speaker(replace(asked, query={**asked.query, "page_index": "1"}))
        assert answer is not None
        return answer.body

    with publishing(Spoilt(speaker, "/content/ann", stuck)) as (base, _):
        report = crawled(order("eastmoney", tmp_path, base))
    note("a text whose pages are all the same", report, tmp_path)
    assert (report.outcome, report.new, report.failed) == ("failed", 0, 2)

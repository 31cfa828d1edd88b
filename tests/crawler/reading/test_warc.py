"""WARC files written by warcio, as Common Crawl and paomo write them."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zlib
from datetime import date
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.document import Document
from crawler.reading import read_path
from crawler.reading.rejected import Rejected
from crawler.warc import Record
from tests.crawler.reading.printing import filing

FIRST = (
    "某某科技公告，全资子公司与云服务商签订的算力服务协议已经解除，涉及金额约9亿元，双方互不承担违约责任。"
)
PAGE = f"<html><head><title>算力协议解除</title></head><body><article><p>{FIRST}</p></article></body></html>"
Response = tuple[str, bytes, list[tuple[str, str]]]


def archive(*responses: Response, packed: bool = True, status: str = "200 OK") -> bytes:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=packed)
    writer.write_record(writer.create_warcinfo_record("x.warc", {"software": "a test"}))
    for url, body, headers in responses:
        http = StatusAndHeaders(status, headers, protocol="HTTP/1.1")
        payload = io.BytesIO(body)
        record = writer.create_warc_record(
            url, "response", payload=payload, length=len(body), http_headers=http
        )
        writer.write_record(record)
    return out.getvalue()


def read(tmp_path: Path, data: bytes, name: str = "in.warc.gz") -> list[Document | Rejected]:
    file = tmp_path / name
    file.write_bytes(data)
    return list(read_path(file))


HTML = ("Content-Type", "text/html; charset=gbk")


@pytest.mark.parametrize("packed", [True, False])
def test_pages_and_filings(tmp_path: Path, *, packed: bool) -> None:
    data = archive(
        ("https://example.com/1", PAGE.encode("gb18030"), [HTML]),
        ("https://example.com/2.PDF", filing(FIRST), [("Content-Type", "text/html")]),  # the header lies
        ("https://example.com/logo.png", b"\x89PNG\r\n", [("Content-Type", "image/png")]),
        packed=packed,
    )
    page, printed = read(tmp_path, data, "in.warc.gz" if packed else "in.warc")
    assert isinstance(page, Document)
    assert (page.doc_id, page.url, page.text, page.title) == ("https://example.com/1",) * 2 + (
        FIRST,
        "算力协议解除",
    )
    assert page.fetched_at is not None
    assert isinstance(printed, Document)
    assert (printed.text, printed.media_type, printed.pages) == (FIRST, "application/pdf", (0,))


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n%x;ext=1\r\n%s\r\n0\r\n\r\n" % (30, body[:30], len(body) - 30, body[30:])


CODED = [
    ([HTML, ("Content-Encoding", "gzip")], gzip.compress),
    ([HTML, ("Content-Encoding", "deflate")], zlib.compress),
    ([HTML, ("Content-Encoding", "gzip")], bytes),  # the archive unpacked it and kept the header
    ([HTML, ("Transfer-Encoding", "chunked")], chunked),
    ([HTML, ("Transfer-Encoding", "chunked")], bytes),
    (
        [HTML, ("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")],
        lambda body: chunked(gzip.compress(body)),
    ),
]


@pytest.mark.parametrize(("headers", "code"), CODED)
def test_codings(tmp_path: Path, headers: list[tuple[str, str]], code) -> None:  # type: ignore[no-untyped-def]
    (page,) = read(tmp_path, archive(("https://example.com/1", code(PAGE.encode("gbk")), headers)))
    assert isinstance(page, Document)
    assert page.text == FIRST


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("share", [0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95])
def test_a_torn_archive_gives_its_whole_records(tmp_path: Path, share: float, *, packed: bool) -> None:
    responses = [(f"https://example.com/{at}", PAGE.encode("gbk"), [HTML]) for at in range(3)]
    data = archive(*responses, packed=packed)
    *whole, last = read(tmp_path, data[: int(share * len(data))], "in.warc.gz" if packed else "in.warc")
    assert whole
    assert all(isinstance(document, Document) for document in whole)
    assert isinstance(last, Rejected)
    assert last.reason == "truncated"


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("length", ["99999", "22222222222222", "9" * 30, "9" * 5000])
def test_a_length_that_lies_costs_no_memory(tmp_path: Path, length: str, *, packed: bool) -> None:
    """Found by fuzzing: so many bytes were asked for at once, and got MemoryError."""
    record = f"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: {length}\r\n\r\nHTTP/1.1 200 OK\r\n\r\n<p>x"
    data = gzip.compress(record.encode()) if packed else record.encode()
    tracemalloc.start()
    try:
        (only,) = read(tmp_path, data, "in.warc.gz" if packed else "in.warc")
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
    assert isinstance(only, Rejected)
    assert only.reason in ("truncated", "no-documents")


def test_error_pages_and_walls_are_rejects(tmp_path: Path) -> None:
    wall = b"<html><script>document.cookie='acw_sc__v2=1'</script></html>"
    (first,) = read(tmp_path, archive(("https://example.com/1", wall, [HTML])))
    (second,) = read(
        tmp_path, archive(("https://example.com/2", PAGE.encode("gbk"), [HTML]), status="503 Busy")
    )
    assert isinstance(first, Rejected)
    assert isinstance(second, Rejected)
    assert (first.reason, first.where) == ("blocked", "https://example.com/1")
    assert second.reason == "blocked"


def test_an_archive_without_pages_says_so(tmp_path: Path) -> None:
    (only,) = read(tmp_path, archive())
    assert isinstance(only, Rejected)
    assert only.reason == "no-documents"


def test_what_our_own_crawler_knew_is_kept(tmp_path: Path) -> None:
    record = Record("https://example.com/1", "2024-11-12T12:00:00Z")
    facts = {"source": "feed", "kind": "news", "tier": "media", "title": "标题", "published": "2024-11-12"}
    data = record.info("x") + record.response(PAGE.encode("gbk"), 200, [HTML]) + record.metadata(facts)
    (page,) = read(tmp_path, data)
    assert isinstance(page, Document)
    assert (page.source, page.kind, page.tier, page.title) == ("feed", "news", "media", "标题")
    assert page.published == date(2024, 11, 12)

"""Captured responses: the bytes decide what they are, the listing what they are called."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from crawler.capture import Capture
from crawler.document import Document
from crawler.reading import read_capture
from crawler.reading.rejected import Rejected
from tests.crawler.reading.printing import filing

FIRST = (
    "某某科技公告，全资子公司与云服务商签订的算力服务协议已经解除，涉及金额约9亿元，双方互不承担违约责任。"
)
PAGE = f"<html><head><title>算力协议解除</title></head><body><time>2024-11-13</time><article><p>{FIRST}</p></article></body></html>"
URL = "http://static.cninfo.com.cn/finalpage/2024-11-13/1.PDF"
NOON = datetime(2024, 11, 13, 4, tzinfo=UTC)


def test_a_filing_keeps_what_the_listing_said() -> None:
    capture = Capture(
        url=URL, body=filing(FIRST, "2024年11月12日"), content_type="application/octet-stream", fetched_at=NOON,
        source="cninfo", kind="filing", tier="official", title="关于&ldquo;算力&rdquo;协议的公告", published=date(2024, 11, 13),
    )  # fmt: skip
    document = read_capture(capture)
    assert isinstance(document, Document)
    assert (document.doc_id, document.url) == (URL, URL)
    assert document.title == "关于“算力”协议的公告"
    assert document.published == date(2024, 11, 13)  # the listing's day, not the signature's
    assert document.published_text == "2024年11月12日"
    assert (document.source, document.kind, document.tier, document.fetched_at) == (
        "cninfo",
        "filing",
        "official",
        NOON,
    )
    assert (document.media_type, document.reader) == ("application/pdf", "pdf/1")


def test_the_text_fills_what_the_listing_left_out() -> None:
    document = read_capture(
        Capture(url="https://example.com/1", body=PAGE.encode(), content_type="text/plain")
    )
    assert isinstance(document, Document)
    assert (document.text, document.title, document.published) == (FIRST, "算力协议解除", date(2024, 11, 13))
    assert document.media_type == "text/html"


def test_plain_text() -> None:
    document = read_capture(Capture(url="https://example.com/1.txt", body=FIRST.encode("gb18030")))
    assert isinstance(document, Document)
    assert (document.text, document.media_type) == (FIRST, "text/plain")


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"", 200, "empty"),
        (PAGE.encode(), 404, "blocked"),
        (b"<html><script>acw_sc__v2</script></html>", 200, "blocked"),
        (b"\x89PNG\r\n\x1a\n", 200, "binary"),
        (filing(FIRST)[:-900], 200, "truncated"),
        (b'{"data": {"list": []}}', 200, "no-documents"),
        (b'{"errno": 10012}', 200, "blocked"),
    ],
)
def test_rejects_name_the_address(body: bytes, status: int, reason: str) -> None:
    rejected = read_capture(Capture(url=URL, body=body, status=status))
    assert isinstance(rejected, Rejected)
    assert (rejected.where, rejected.reason) == (URL, reason)

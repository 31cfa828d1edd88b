"""Bytes that are, or are not, what was asked for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.deception import look
from tests.crawler.stand import page, pdf

LONG = ("智算中心已经完工，服务器已经上架。" * 30,) * 40
LOOKS: dict[str, tuple[bytes, dict[str, Any], str | None]] = {
    "a PDF": (pdf("x"), {"expect": "pdf"}, None),
    "a PDF after some blanks": (b"\r\n\r\n" + pdf("x"), {"expect": "pdf"}, None),
    "a PDF with much after its end": (pdf("x") + b"\0" * 900, {"expect": "pdf"}, None),
    "half a PDF": (pdf("x")[:200], {"expect": "pdf"}, "torn_pdf"),
    "HTML for a PDF": (page("公告正在加载"), {"expect": "pdf"}, "pdf_is_html"),
    "HTML with a BOM and a comment for a PDF": (
        b"\xef\xbb\xbf <!-- x --><!DOCTYPE html><p>", {"expect": "pdf"}, "pdf_is_html",
    ),
    "a GIF for a PDF": (b"GIF89a" + b"\0" * 50, {"expect": "pdf"}, "not_pdf"),
    "nothing": (b"", {"expect": "html"}, "empty"),
    "blanks": (b" \r\n\t ", {"expect": "json"}, "empty"),
    "JSON": (b'{"a": 1}', {"expect": "json"}, None),
    "JSON with a BOM": (b"\xef\xbb\xbf[1]", {"expect": "json"}, None),
    "JSONP": (b"jsonpCallback12({})", {"expect": "json"}, None),
    "JSONP by null": (b"null([{}])", {"expect": "json"}, None),
    "HTML for JSON": (page("维护中"), {"expect": "json"}, "not_json"),
    "words for JSON": (b"Please limit requests to one every 5 seconds", {"expect": "json"}, "not_json"),
    "words of the source's own block page": (
        b"Please limit requests to one every 5 seconds", {"expect": "json", "markers": ("Please limit",)}, "blocked",
    ),
    "a block page in GB18030": (
        page("提示", "您的操作太频繁", charset="gb18030"), {"expect": "html", "markers": ("操作太频繁",)}, "blocked",
    ),
    "RSS": (b'<?xml version="1.0"?><rss/>', {"expect": "xml"}, None),
    "HTML for RSS": (page("首页"), {"expect": "xml"}, "not_xml"),
    "words for RSS": (b"forbidden", {"expect": "xml"}, "not_xml"),
    "an article": (page("智算中心动工"), {"expect": "html"}, None),
    "an article that quotes a question mark or two": (page("谁来用？", "谁来用? 不知道? 也许?"), {"expect": "html"}, None),
    "an article with a log-in box in its head": (
        page("智算中心", *LONG).replace(b"<body>", b"<body><input type=password>"), {"expect": "html"}, None,
    ),
    "a long page that carries a challenge's script": (
        page("智算中心", *LONG).replace(b"<body>", b"<body><script>document.cookie='a'</script>"),
        {"expect": "html"}, None,
    ),
    "a log-in page": (page("登录", "账号").replace(b"</body>", b"<INPUT TYPE='password'>"), {"expect": "html"}, "login_wall"),
    "a challenge": (b"<html><script>document.cookie='a=1'</script></html>", {"expect": "html"}, "challenge"),
    "a challenge in Chinese": ("<html><title>安全验证</title></html>".encode(), {"expect": "json"}, "challenge"),
    "404 in the title": (page("404 Not Found", "x"), {"expect": "html"}, "soft_404"),
    "gone, in Chinese": (page("页面不存在"), {"expect": "html"}, "soft_404"),
    "gone, in traditional Chinese and GB18030": (page("該頁面不存在", charset="gb18030"), {"expect": "html"}, "soft_404"),
    "an article about 404 servers": (page("机房新到404台服务器"), {"expect": "html"}, None),
    "redirected to the front page": (
        page("首页"), {"expect": "html", "asked": "http://a.cn/1.html", "answered": "http://a.cn/"}, "soft_404",
    ),
    "redirected to its new address": (
        page("动工"), {"expect": "html", "asked": "http://a.cn/1.html", "answered": "https://a.cn/1.html"}, None,
    ),
    "a page of question marks": (page("??? ????", "?" * 90), {"expect": "html"}, "question_marks"),
    "a page of replacement characters": (page("\ufffd" * 9, "\ufffd" * 90), {"expect": "html"}, "question_marks"),
    "a script full of question marks": (
        page("动工", *LONG).replace(b"<body>", b"<body><script>" + b"a?b:c;" * 900 + b"</script>"),
        {"expect": "html"}, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOKS)
def test_verdict(name: str) -> None:
    body, how, verdict = LOOKS[name]
    assert look(body, **how).verdict == verdict


@pytest.mark.parametrize(
    ("body", "content_type", "notes"),
    [
        (page("动工"), "text/html; charset=utf-8", ()),
        (page("动工", charset="gb18030", meta=""), "text/html", ()),
        (page("动工", charset="gb18030", meta=""), "text/html; charset=UTF-8", ("mislabelled:utf-8",)),
        (page("动工", charset="gb18030"), "text/html", ("mislabelled:utf-8",)),
        (b"\xef\xbb\xbf" + page("动工"), "text/html", ("bom",)),
        (page("动工")[:-1] + "动".encode()[:2], "text/html; charset=utf-8", ()),
    ],
)
def test_notes(body: bytes, content_type: str, notes: tuple[str, ...]) -> None:
    found = look(body, expect="html", content_type=content_type)
    assert (found.verdict, found.notes) == (None, notes)


@given(body=st.binary(max_size=3000), expect=st.sampled_from(["pdf", "html", "json", "xml", "any"]))
def test_no_bytes_are_too_strange(body: bytes, expect: Any) -> None:
    look(body, expect=expect, content_type="text/html; charset=utf-8", markers=("验证",))

"""Seeing through answers that are not what was asked for: a pure look at bytes, no network, no Scrapy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal
from urllib.parse import urlsplit

Expect = Literal["pdf", "html", "json", "xml", "any"]
"""What kind of body an answer should have."""

HEAD = 64 * 1024
"""Bytes looked at for markers: block pages are short, and say so early."""
BLOCK_PAGE = 24 * 1024
"""A page longer than this that shows a challenge's words is an article about it or carries a script."""

CHALLENGES = (
    b"acw_sc__v2",
    b"document.cookie",
    b"enable javascript",
    b"/cdn-cgi/challenge",
    b"cf-chl-",
    b"captcha",
    "安全验证".encode(),
    "滑动验证".encode(),
    "访问过于频繁".encode(),
)
"""Words of block pages, in lower case; looked for one by one because that is ten times a pattern's speed."""
ENOUGH = 3
"""Paragraphs that make a page an article, whatever else it shows."""
PASSWORD = re.compile(rb"<input[^>]+type\s*=\s*['\"]?password", re.IGNORECASE)
ARTICLE = re.compile(rb"<article|id=['\"]?artibody|<p[\s>]", re.IGNORECASE)
# "404 Not Found - 某某网", "页面不存在", "您访问的页面不存在或已删除", "該頁面不存在"
MISSING = re.compile(
    r"^\W*404\b|\b404 not found|not found|(页面|頁面|网页|網頁|文章|内容|內容|新闻|新聞)"
    r"(不存在|未找到|已被?[删刪]除|找不到)|找不到.{0,6}(页面|頁面|网页|網頁)|出错[啦了]",
    re.IGNORECASE,
)
TAGS = re.compile(rb"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
HTML = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|script)",
    re.I | re.S,
)
CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
UTF8_BOM = b"\xef\xbb\xbf"


PASSING = frozenset({"challenge", "blocked", "empty", "torn_pdf", "not_pdf", "not_json", "not_xml"})
"""Verdicts that may be another one a minute later: worth asking again in the same crawl."""

VAGUE = frozenset({None, "pdf_is_html", "not_pdf", "not_json", "not_xml"})
"""Verdicts that a word of the source's own block pages makes more exact."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at an answer found."""

    verdict: str | None = None
    """challenge, login_wall, soft_404, pdf_is_html, not_pdf, torn_pdf, not_json, not_xml, question_marks,
    empty, blocked (one of the source's own markers), or None: it is what was asked for."""
    notes: tuple[str, ...] = ()
    """Oddities a reader must know but may read past: bom, mislabelled:<charset it says>."""


def look(
    body: bytes,
    *,
    expect: Expect,
    content_type: str = "",
    markers: tuple[str, ...] = (),
    asked: str = "",
    answered: str = "",
) -> Look:
    """Judge one body of HTTP status 200.

    `markers` are words of this source's block pages; `asked` and `answered` are the addresses before and
    after redirects.
    """
    verdict = _verdict(body, expect, markers, asked, answered)
    return Look(verdict, _notes(body, expect, content_type) if verdict is None else ())


def _verdict(body: bytes, expect: Expect, markers: tuple[str, ...], asked: str, answered: str) -> str | None:
    if not body.strip():
        return "empty"
    head = body[:HEAD]
    verdict = _by_kind(body, head, expect, asked, answered)
    small = verdict in VAGUE and len(body) < BLOCK_PAGE
    return "blocked" if small and any(marker in head for marker in _encoded(markers)) else verdict


@cache
def _encoded(markers: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(marker.encode(code) for marker in markers for code in ("utf-8", "gb18030"))


def _by_kind(body: bytes, head: bytes, expect: Expect, asked: str, answered: str) -> str | None:
    if expect == "pdf":
        return _not_a_pdf(body, head)
    page = HTML.match(head) is not None
    if expect == "json":
        return _hidden_page(head, len(body)) or "not_json" if page or not _looks_json(head) else None
    if expect == "xml":
        return _hidden_page(head, len(body)) or "not_xml" if page or b"<" not in head else None
    if expect == "html":
        return _hidden_page(head, len(body)) or _soft_404(body, asked, answered) or _question_marks(body)
    return None


def _not_a_pdf(body: bytes, head: bytes) -> str | None:
    if b"%PDF-" in head[:1024]:
        return None if b"%%EOF" in body[-2048:] or b"startxref" in body[-2048:] else "torn_pdf"
    if HTML.match(head):
        return _hidden_page(head, len(body)) or "pdf_is_html"
    return "not_pdf"


def _looks_json(head: bytes) -> bool:
    """Whether it begins as JSON or as a JSONP call does."""
    start = head.removeprefix(UTF8_BOM).lstrip()
    return (
        start[:1] in (b"{", b"[")
        or re.match(rb"(/\*\*/)?[\w$.]+\s*\(", start) is not None
        or start[:4] == b"null"
    )


def _hidden_page(head: bytes, size: int) -> str | None:
    small = head.lower()
    if small.count(b"<p>") >= ENOUGH:  # nearly every article, so that its words need not be looked for
        return None
    if size < BLOCK_PAGE and any(word in small for word in CHALLENGES):
        return "challenge" if _paragraphs(small) < ENOUGH else None
    if b"password" in small and PASSWORD.search(small) and _paragraphs(small) < ENOUGH:
        return "login_wall"
    return None


def _paragraphs(small: bytes) -> int:
    return len(ARTICLE.findall(small))


def _soft_404(body: bytes, asked: str, answered: str) -> str | None:
    if answered and answered != asked and urlsplit(asked).path not in ("", "/"):
        landed = urlsplit(answered)
        if landed.path in ("", "/") and not landed.query:
            return "soft_404"
    if len(body) > 4 * BLOCK_PAGE:
        return None
    for name in (b"title", b"h1"):
        if MISSING.search(_decoded(_first(body, name)).strip()):
            return "soft_404"
    return None


def _first(body: bytes, name: bytes) -> bytes:
    """What the first element of this name holds; b'' where there is none."""
    for opening in (b"<" + name, b"<" + name.upper()):
        start = body.find(opening)
        if start >= 0:
            inner = body[start : start + 500].partition(b">")[2]
            return TAGS.sub(b"", inner.partition(b"</" + opening[1:])[0])
    return b""


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("gb18030", "replace")


def _question_marks(body: bytes) -> str | None:
    """A page whose characters were lost to `?` on the publisher's side."""
    if body.count(b"?") + body.count(b"\xef\xbf\xbd") < 30:
        return None
    text = b"".join(TAGS.sub(b" ", body).split())
    lost = text.count(b"?") + 3 * text.count(b"\xef\xbf\xbd")
    return "question_marks" if len(text) and lost / len(text) >= 0.3 else None


def _notes(body: bytes, expect: Expect, content_type: str) -> tuple[str, ...]:
    if expect == "pdf":
        return ()
    notes = ["bom"] if body.startswith((UTF8_BOM, b"\xff\xfe", b"\xfe\xff")) else []
    said = CHARSET.search(content_type.encode("latin-1", "replace")) or CHARSET.search(body[:2048])
    if said and said.group(1).lower().replace(b"-", b"") == b"utf8" and not _is_utf8(body):
        notes.append("mislabelled:utf-8")
    return tuple(notes)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        # one cut character at the end, or a stray byte in a long page, is not another charset
        return error.start > len(body) - 4
    return True

"""HTML → the article's text, one paragraph a line, with its title, printed date, author and source.

A site we name is read by its selectors (`sites.yml`); any other by the containers most content systems
share, and then by trafilatura. Menus, 为你推荐 and the like never reach the text: their headlines would be
read as events of this page.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

import lxml.html
from lxml import etree

from crawler.reading.printed_date import first_printed, parse_printed
from crawler.reading.rejected import ReadingError, in_time
from crawler.reading.sites import Layout, sites
from crawler.reading.text import decode

READER = "html/1"

_META_CHARSET = re.compile(
    rb"""(?:<meta[^>]{0,200}?charset\s*=\s*|encoding\s*=\s*)["']?\s*([\w.:-]+)""", re.I
)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.I)
_BLOCKS = frozenset(
    """address article blockquote caption center dd div dl dt fieldset figcaption figure h1 h2 h3 h4 h5 h6
    header hr li main ol p pre section table tbody td th tr ul""".split()  # noqa: SIM905
)
_SPACE = re.compile(r"[ \t\r\n\f\v\xa0\u3000]+")
_SITE_SUFFIX = re.compile(r"\s*(?:[-_|–—]\s*|_)[^-_|–—]{2,20}$")
_WALL = re.compile(
    r"acw_sc__v2|_cf_chl|cf-challenge|enable javascript|请开启JavaScript|访问验证|滑动验证", re.I
)
_SCRIPTED = re.compile(r"document\.cookie|location\.(?:href|reload|replace)|http-equiv=.?refresh", re.I)
_PUBLISHED = (
    "article:published_time", "og:published_time", "publishdate", "pubdate", "datePublished",
    "weibo: article:create_at",
)  # fmt: skip
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")  # lxml refuses a str that declares an encoding
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # lxml reads but never writes them
_CHARACTER = re.compile(r"&#(\d{1,9}|[xX][0-9a-fA-F]{1,8});?")
_SENTENCE = re.compile(r"[。！？；]|[.!?;]\s")
_SHORTEST_BODY = 40  # characters; a container with less is a caption or an empty shell, not the article
_SHORTEST_PAGE = 200  # characters; a page with less that speaks of JavaScript is the wall, not the article
_DEEPEST = 100  # elements in one another; real pages have up to 40
_HOLDERS = frozenset(("div", "section", "ul", "dl", "aside", "table"))
_LIST_BLOCK = 1500  # characters; longer than this a block that starts with 相关阅读 holds the article as well

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it warns of every page that is not an article


@dataclass(frozen=True, slots=True)
class Page:
    """What one HTML page says. `text` is never empty; every other field is None where the page is silent."""

    text: str
    title: str | None
    published: date | None
    published_text: str | None
    source: str | None
    author: str | None


@in_time
def read_html(data: bytes, *, url: str | None = None, content_type: str | None = None) -> Page:
    """Read one article page. Raises ReadingError: `empty`, `binary`, `encoding`, `blocked`, `no-text` …"""
    markup = decode(data, declared=_declared(data, content_type)).text
    tree = _parse(markup)
    layout = sites().of(_host(url))
    about = _Facts(tree, layout)
    text = _article(tree, layout, about.title)
    if not text or (len(text) < _SHORTEST_PAGE and _WALL.search(markup)):
        raise _nothing(markup)
    return Page(text, about.title, about.published, about.published_text, about.source, about.author)


def _host(url: str | None) -> str:
    try:
        return urlsplit(url or "").hostname or ""
    except ValueError:  # http://[bad: an address from a foreign archive
        return ""


def _declared(data: bytes, content_type: str | None) -> str | None:
    """The encoding the header names, else the page's own meta tag; neither is believed blindly."""
    if found := _HEADER_CHARSET.search(content_type or ""):
        return found[1]
    if tag := _META_CHARSET.search(data[:4096]):
        return tag[1].decode("ascii")
    return None


def _parse(markup: str) -> lxml.html.HtmlElement:
    markup = _NOT_XML.sub("", _DECLARATION.sub("", markup))
    markup = _CHARACTER.sub(_printable, markup)
    try:
        return lxml.html.document_fromstring(
            markup, parser=lxml.html.HTMLParser(remove_comments=True, huge_tree=True)
        )
    except (etree.ParserError, ValueError, AssertionError) as error:
        raise ReadingError(
            "no-text", "an HTML page without content; open it in a browser and save it again"
        ) from error


def _printable(reference: re.Match[str]) -> str:
    """A numeric reference as it is, or nothing for control characters and surrogates."""
    digits = reference[1].lower()
    code = int(digits[1:], 16) if digits.startswith("x") else int(digits)
    is_control = code < 32 and code not in (9, 10, 13)
    return "" if is_control or 0xD800 <= code < 0xE000 else reference[0]


def _nothing(markup: str) -> ReadingError:
    if _WALL.search(markup) or _SCRIPTED.search(markup):
        return ReadingError("blocked", "a challenge page, not the article; slow down and fetch it again")
    return ReadingError(
        "no-text", "an HTML page whose text is all menus; name its layout in sites.yml if it is an article"
    )


# The article


def _article(tree: lxml.html.HtmlElement, layout: Layout | None, title: str | None) -> str:
    for body in _bodies(tree, layout):
        _prune(body, layout)
        text = "\n".join(_after_title(list(_paragraphs(body)), title))
        if len(text) >= _SHORTEST_BODY:
            return text
    _prune(tree, layout)
    whole = list(_paragraphs(tree.body if tree.body is not None else tree))  # trafilatura eats the tree
    return _by_trafilatura(tree, title) or _if_prose(_after_title(whole, title))


def _if_prose(lines: list[str]) -> str:
    """The lines as a text, or nothing where not one of them is a sentence: a shell of menus."""
    kept = [line for line in lines if line and not _is_boilerplate(line)]
    return "\n".join(kept) if any(_SENTENCE.search(line) for line in kept) else ""


def _bodies(tree: lxml.html.HtmlElement, layout: Layout | None) -> Iterator[lxml.html.HtmlElement]:
    """Containers that may hold the article, best first; matches of one selector by their length."""
    for known in (layout, sites().anywhere):
        for select in known.body if known else ():
            yield from sorted(select(tree), key=lambda element: -len(element.text_content()))


def _by_trafilatura(tree: lxml.html.HtmlElement, title: str | None) -> str:
    import trafilatura  # 0.3 s to import, and pages of sites we name never need it

    for table in tree.xpath("//table"):
        _flatten(table)
    try:
        found = trafilatura.bare_extraction(tree, fast=True, include_comments=False, include_tables=True)
    except RecursionError:  # markup nested a thousand deep
        found = None
    lines = [_SPACE.sub(" ", line).strip() for line in (getattr(found, "text", None) or "").splitlines()]
    return _if_prose(_after_title(lines, title))


def _after_title(lines: list[str], title: str | None) -> list[str]:
    """What follows the headline: before it stand menus, right below it lines of date and source."""
    if title not in lines[:20]:
        return lines
    rest = lines[lines.index(title) + 1 :]
    first = next((at for at, line in enumerate(rest) if _SENTENCE.search(line)), 0)
    while first and len(rest[first - 1]) > 25:
        first -= 1  # a paragraph without a full stop, not a name or a date
    return rest[first:]


def _flatten(table: lxml.html.HtmlElement) -> None:
    """A table becomes paragraphs, one a row, in place; one that only lays out the page becomes blocks."""
    if table.getparent() is None:
        return
    if not _is_data(table):
        for part in table.iter("table", "tbody", "tr", "td", "th"):
            part.tag = "div"
        return
    rows = lxml.html.Element("div")
    for row in _rows(table):
        paragraph = etree.SubElement(rows, "p")
        paragraph.text = row
    rows.tail = table.tail
    table.getparent().replace(table, rows)


def _prune(body: lxml.html.HtmlElement, layout: Layout | None) -> None:
    for known in (layout, sites().anywhere):
        for select in known.drop if known else ():
            for element in select(body):
                _remove(element, keep=body)
    for block in _blocks(body):
        if block.getparent() is not None and _is_link_list(block):
            _remove(block, keep=body)


def _blocks(body: lxml.html.HtmlElement) -> list[lxml.html.HtmlElement]:
    """Every block that may be a list of links, but for those below the depth that pages have.

    Each is weighed with all it holds: thousands in one another would cost the square of the page.
    """
    found, depth = [], 0
    for event, element in etree.iterwalk(body, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if event == "start" and depth <= _DEEPEST and element is not body and element.tag in _HOLDERS:
            found.append(element)
    return found


def _is_link_list(block: lxml.html.HtmlElement) -> bool:
    """为你推荐 and its items: begins with such a heading, or is three and more links and little else."""
    text = _SPACE.sub("", block.text_content())
    if text.startswith(sites().lists) and len(text) < _LIST_BLOCK:
        return True
    links = block.xpath(".//a")
    linked = sum(len(_SPACE.sub("", link.text_content())) for link in links)
    return len(links) >= 3 and linked > 0.8 * len(text)


def _remove(element: lxml.html.HtmlElement, *, keep: lxml.html.HtmlElement) -> None:
    """Drop an element but not the text behind it, and never the body itself."""
    if element is not keep and element.getparent() is not None:
        element.drop_tree()


# Elements to lines


def _paragraphs(body: lxml.html.HtmlElement) -> Iterator[str]:
    after_list = False
    for line in _lines(body):
        if _is_list_heading(line):
            after_list = True  # 相关阅读 as a paragraph of the body: what follows is headlines to the end
        if not after_list and not _is_boilerplate(line):
            yield line


def _lines(body: lxml.html.HtmlElement) -> Iterator[str]:
    pieces: list[str] = []
    for piece in _pieces(body):
        if piece == "\n":
            if line := _SPACE.sub(" ", "".join(pieces)).strip():
                yield line
            pieces.clear()
        else:
            pieces.append(piece)
    if line := _SPACE.sub(" ", "".join(pieces)).strip():
        yield line


def _pieces(body: lxml.html.HtmlElement) -> Iterator[str]:
    """The element's text in order, a newline at every block border; a data table comes as its rows.

    Walked, not recursed into: pages of broken markup nest thousands deep.
    """
    walk = etree.iterwalk(body, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        border = tag in _BLOCKS or tag == "br"
        if border:
            yield "\n"
        if event == "end":
            yield element.tail or "" if element is not body else ""
        elif tag in ("", "script", "style"):
            walk.skip_subtree()
        elif tag == "table" and _is_data(element):
            yield from (piece for row in _rows(element) for piece in (row, "\n"))
            walk.skip_subtree()
        else:
            yield element.text or ""


def _is_data(table: lxml.html.HtmlElement) -> bool:
    """Not one that lays out the page: those hold tables, headings or the article's paragraphs."""
    return not table.xpath("(.//table | .//p[3] | .//h1)[1]")


def _rows(table: lxml.html.HtmlElement) -> Iterator[str]:
    """Rows as 标的 | 金额; an empty cell keeps its place, an empty row is left out."""
    for row in table.iter("tr"):
        cells = [_SPACE.sub(" ", cell.text_content()).strip() for cell in row.iterchildren("td", "th")]
        if any(cells):
            yield " | ".join(cells)


def _is_list_heading(line: str) -> bool:
    bare = line.strip(" 【】[]:：>》|-—·▼↓")
    return bare in sites().lists


def _is_boilerplate(line: str) -> bool:
    return len(line) < 40 and line.lstrip(" （(【[").startswith(sites().boilerplate)


# What the page says of itself


class _Facts:
    """Title, date, source, author: by the site's selectors, then the page's metadata, then guesses."""

    def __init__(self, tree: lxml.html.HtmlElement, layout: Layout | None) -> None:
        self._tree = tree
        self._layouts = [known for known in (layout, sites().anywhere) if known]
        self._linked = _json_ld(tree)
        self.title = self._title()
        self.published_text = self._published_text()
        self.published = parse_printed(self.published_text)
        self.source = self._clean(
            self._selected("source") or self._meta("og:site_name", "mediaid", "source"), "来源來源"
        )
        self.author = self._clean(self._author(), "作者文记記")

    def _title(self) -> str | None:
        stated = (
            self._selected("title") or self._meta("og:title", "twitter:title") or self._linked.get("headline")
        )
        if stated:
            return stated
        tag = self._tree.findtext(".//title") or ""
        return _SITE_SUFFIX.sub("", _SPACE.sub(" ", tag).strip()) or None

    def _published_text(self) -> str | None:
        """The first with a date: a printed one before metadata, which may say when a page was moved."""
        for text in self._all("published"):
            if parse_printed(text):
                return first_printed(text) or text
        times: list[str] = self._tree.xpath("//time/@datetime")
        for stated in (self._meta(*_PUBLISHED), self._linked.get("datePublished"), *times):
            if parse_printed(stated):
                return stated
        head = _SPACE.sub(" ", " ".join(_lines(self._tree)))[:1500]
        return first_printed(head)

    def _author(self) -> str | None:
        return (
            self._selected("author") or self._meta("author", "article:author") or self._linked.get("author")
        )

    def _selected(self, field: str) -> str | None:
        return next(self._all(field), None)

    def _all(self, field: str) -> Iterator[str]:
        for layout in self._layouts:
            for select in getattr(layout, field):
                for element in select(self._tree):
                    text: str = _SPACE.sub(" ", element.text_content() or "").strip()
                    if text := text or str(element.get("datetime") or ""):
                        yield text

    def _meta(self, *names: str) -> str | None:
        wanted = {name.lower() for name in names}
        for tag in self._tree.iter("meta"):
            label = (tag.get("property") or tag.get("name") or tag.get("itemprop") or "").lower()
            if label in wanted and (content := (tag.get("content") or "").strip()):
                return content
        return None

    @staticmethod
    def _clean(text: str | None, labels: str) -> str | None:
        """来源：证券时报 → 证券时报; what is too long to be a name is none."""
        bare = re.sub(rf"^[{labels}/]{{1,4}}\s*[:：]?\s*", "", text or "").strip(" ：:|()（）")
        return bare if 0 < len(bare) <= 40 and not parse_printed(bare) else None


def _json_ld(tree: lxml.html.HtmlElement) -> dict[str, str]:
    """headline, datePublished, author of the first schema.org article; empty where there is none."""
    for script in tree.xpath("//script[@type='application/ld+json']/text()"):
        try:
            stated = json.loads(script, strict=False)
        except (ValueError, RecursionError):  # a thousand brackets
            continue
        items = (
            stated
            if isinstance(stated, list)
            else stated.get("@graph", [stated])
            if isinstance(stated, dict)
            else []
        )
        for item in items:
            if isinstance(item, dict) and ("headline" in item or "datePublished" in item):
                return _plain(item)
    return {}


def _plain(item: dict[str, object]) -> dict[str, str]:
    author = item.get("author")
    if isinstance(author, list):
        author = author[0] if author else None
    if isinstance(author, dict):
        author = author.get("name")
    found = {"headline": item.get("headline"), "datePublished": item.get("datePublished"), "author": author}
    return {key: value.strip() for key, value in found.items() if isinstance(value, str) and value.strip()}

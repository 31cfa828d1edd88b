"""HTML → the article's text, one paragraph a line, with its title, printed date, author and source.

A site we name is read by its selectors (`sites.yml`); any other by the containers most content systems
share and by where its prose is densest, and then by trafilatura. Menus, 为你推荐 and the like never reach
the text: their headlines would be read as events of this page.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

import lxml.html
from lxml import etree

from crawler.reading.densest import densest, is_imprint
from crawler.reading.facts import Facts
from crawler.reading.lines import SPACE, is_data, lines, table_rows
from crawler.reading.rejected import ReadingError, in_time
from crawler.reading.sites import Layout, sites
from crawler.reading.text import decode

READER = "html/2"

_META_CHARSET = re.compile(
    rb"""(?:<meta[^>]{0,200}?charset\s*=\s*|encoding\s*=\s*)["']?\s*([\w.:-]+)""", re.I
)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.I)
_WALL = re.compile(
    r"acw_sc__v2|_cf_chl|cf-challenge|enable javascript|请开启JavaScript|访问验证|滑动验证", re.I
)
_SCRIPTED = re.compile(r"document\.cookie|location\.(?:href|reload|replace)|http-equiv=.?refresh", re.I)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")  # lxml refuses a str that declares an encoding
_END = re.compile(r"</(?:html|body)\s*>", re.I)  # lxml stops at the first; an included header brings one
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
    layout = sites().of(_host(url)) or sites().of(_host(_stated_address(tree)))
    about = Facts(tree, layout)
    text = _article(tree, layout, about.title)
    if not text or (len(text) < _SHORTEST_PAGE and _WALL.search(markup)):
        raise _nothing(markup)
    return Page(text, about.title, about.published, about.published_text, about.source, about.author)


def _host(url: str | None) -> str:
    try:
        return urlsplit(url or "").hostname or ""
    except ValueError:  # http://[bad: an address from a foreign archive
        return ""


def _stated_address(tree: lxml.html.HtmlElement) -> str | None:
    """Where the page says it stands: one saved to a file, or read from a mirror, has no other address."""
    stated: list[str] = tree.xpath(
        "(//link[@rel='canonical']/@href | //meta[@property='og:url']/@content)[normalize-space()]"
    )
    return stated[0] if stated else None


def _declared(data: bytes, content_type: str | None) -> str | None:
    """The encoding the header names, else the page's own meta tag; neither is believed blindly."""
    if found := _HEADER_CHARSET.search(content_type or ""):
        return found[1]
    if tag := _META_CHARSET.search(data[:4096]):
        return tag[1].decode("ascii")
    return None


def _parse(markup: str) -> lxml.html.HtmlElement:
    markup = _END.sub("", _NOT_XML.sub("", _DECLARATION.sub("", markup)))
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
        text = _text(body, title)
        if len(text) >= _SHORTEST_BODY:
            return text
    for body in _likely(tree):
        _prune(body, layout)
        text = _text(body, title)
        if len(text) >= _SHORTEST_BODY:
            return text
    _prune(tree, layout)
    whole = list(_paragraphs(tree.body if tree.body is not None else tree))  # trafilatura eats the tree
    return _by_trafilatura(tree, title) or _if_prose(_after_title(whole, title))


def _text(body: lxml.html.HtmlElement, title: str | None) -> str:
    return "\n".join(_after_title(list(_paragraphs(body)), title))


def _likely(tree: lxml.html.HtmlElement) -> Iterator[lxml.html.HtmlElement]:
    """Where the article of a site nobody named may stand, best first: a common container, the densest prose.

    The container may hold comments and a bar at its side, too, and the prose no table: see which is in which.
    """
    prose = densest(tree)
    for select in sites().anywhere.body:
        for body in sorted(select(tree), key=lambda element: -len(element.text_content())):
            inside = prose is not None and (prose is body or body in prose.iterancestors())
            if inside and prose is not None and _tables(body) == _tables(prose):
                yield prose
            yield body
    if prose is not None:
        yield prose


def _tables(body: lxml.html.HtmlElement) -> int:
    return sum(is_data(table) for table in body.iter("table"))


def _if_prose(lines: list[str]) -> str:
    """The lines as a text, or nothing where not one of them is a sentence: a shell of menus."""
    kept = [line for line in lines if line and not _is_boilerplate(line)]
    return "\n".join(kept) if any(_SENTENCE.search(line) for line in kept) else ""


def _bodies(tree: lxml.html.HtmlElement, layout: Layout | None) -> Iterator[lxml.html.HtmlElement]:
    """Containers of a site we name, best first; matches of one selector by their length."""
    for select in layout.body if layout else ():
        yield from sorted(select(tree), key=lambda element: -len(element.text_content()))


def _by_trafilatura(tree: lxml.html.HtmlElement, title: str | None) -> str:
    import trafilatura  # 0.3 s to import, and pages of sites we name never need it

    for table in tree.xpath("//table"):
        _flatten(table)
    try:
        found = trafilatura.bare_extraction(tree, fast=True, include_comments=False, include_tables=True)
    except RecursionError:  # markup nested a thousand deep
        found = None
    lines = [SPACE.sub(" ", line).strip() for line in (getattr(found, "text", None) or "").splitlines()]
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
    if not is_data(table):
        for part in table.iter("table", "tbody", "tr", "td", "th"):
            part.tag = "div"
        return
    rows = lxml.html.Element("div")
    for row in table_rows(table):
        paragraph = etree.SubElement(rows, "p")
        paragraph.text = row
    rows.tail = table.tail
    table.getparent().replace(table, rows)


def _prune(body: lxml.html.HtmlElement, layout: Layout | None) -> None:
    for known in (layout, sites().anywhere):
        for select in known.drop if known else ():
            for element in select(body):
                if not _is_most(element, body):
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
    text = SPACE.sub("", block.text_content())
    if text.startswith(sites().lists) and len(text) < _LIST_BLOCK and not _tells(block, len(text)):
        return True
    links = block.xpath(".//a")
    linked = sum(len(SPACE.sub("", link.text_content())) for link in links)
    return len(links) >= 3 and linked > 0.8 * len(text)


def _tells(block: lxml.html.HtmlElement, length: int) -> bool:
    """Whether most of it is sentences without links: an article below a list's heading."""
    plain = (p.text_content() for p in block.iter("p") if p.find(".//a") is None)
    return 2 * sum(len(SPACE.sub("", text)) for text in plain if _SENTENCE.search(text)) > length


def _is_most(element: lxml.html.HtmlElement, body: lxml.html.HtmlElement) -> bool:
    """Whether it holds most of the text: ASP.NET puts a whole page into one form."""
    if element.tag in ("script", "style", "noscript"):
        return False
    inside = element.text_content()
    long = len(inside) > _SHORTEST_PAGE or (element.tag == "form" and _SENTENCE.search(inside) is not None)
    return long and 2 * len(inside) > len(body.text_content())


def _remove(element: lxml.html.HtmlElement, *, keep: lxml.html.HtmlElement) -> None:
    """Drop an element but not the text behind it, and never the body itself."""
    if element is not keep and element.getparent() is not None:
        element.drop_tree()


# Elements to lines


def _paragraphs(body: lxml.html.HtmlElement) -> Iterator[str]:
    told = False
    for line in lines(body):
        if _is_list_heading(line):
            if told:
                return  # 相关阅读 as a paragraph of the body: what follows is headlines to the end
        elif not _is_boilerplate(line):
            told = told or _SENTENCE.search(line) is not None
            yield line


def _is_list_heading(line: str) -> bool:
    bare = line.strip(" 【】[]:：>》|-—·▼↓")
    return bare in sites().lists


def _is_boilerplate(line: str) -> bool:
    begun = len(line) < 40 and line.lstrip(" （(【[").startswith(sites().boilerplate)
    return begun or is_imprint(line)

"""What a page says of itself: its headline, printed date, source and author."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import lxml.html

from crawler.reading.lines import SPACE, lines
from crawler.reading.printed_date import first_printed, parse_printed
from crawler.reading.sites import Layout, sites

# 标题-证券时报网, 标题_新浪财经_新浪网; but not 1-10月固定资产投资: a dash between digits parts nothing
_SITE_SUFFIX = re.compile(r"\s*(?:(?<!\d)[-|–—]+\s*|[-|–—]+\s*(?!\d)|_+)[^-_|–—]{2,20}_?$")
_FOLDED = re.compile(r"[\W_]+")
_HEADLINE = 6
"""Characters of a headline; less in an <h1> is a channel's name or a logo."""
_PUBLISHED = (
    "article:published_time", "og:published_time", "publishdate", "pubdate", "datePublished", "og:time",
    "apub:time", "weibo: article:create_at", "dateUpdate",
)  # fmt: skip
_STAMP = re.compile(r"""["'](20\d\d[-/]\d\d?[-/]\d\d?[^"']{0,20}|1[3-9]\d{8}(?:\d{3})?)["']""")
# pubtime: "2019-09-07 19:02:26", "newsTime":"2019-11-25 16:04:30", ptime: '…', WeChat's ct = "1581517074"
_PUBLISHED_AT = re.compile(
    r"""\b(?:page)?(?:(?:pub(?:lish(?:ed)?)?|news|release)_?(?:time|date)|ptime|ct)["']?\s*[:=]\s*$""", re.I
)
_SCRIPT, _HEAD = 50_000, 1_500
"""Characters of a script, and of the page's text, in which its time stands."""
_LABELS = {
    "source": re.compile(r"^(?:信息|文章|新闻|新聞|稿件|稿源)?\s*(?:来源|來源|稿源|出处|出處)\s*[/:：\s]\s*"),
    "author": re.compile(r"^(?:作者|撰文|文|记者|記者)\s*[/:：\s]\s*"),
}
_NO_NAME = re.compile(r"@|^\d+$|\d\d[:：]\d\d|发布时间|發布時間|发表于|浏览|编辑|責編|责编|^相关")
"""name, email@gmail.com (a template's), 104363 (an editor's number), 发布时间：10-08 12:00 (a time)."""
_TRIMMED = " ：:|()（）⋅·•"


class Facts:
    """Title, date, source, author: by the site's selectors, then the page's metadata, then guesses."""

    def __init__(self, tree: lxml.html.HtmlElement, layout: Layout | None) -> None:
        self._tree = tree
        self._layouts = [known for known in (layout, sites().anywhere) if known]
        self._linked = _json_ld(tree)
        self.title = self._title()
        self.published_text = self._published_text()
        self.published = parse_printed(self.published_text)
        self.source = _named(
            "source", (*self._all("source"), self._meta("mediaid", "source", "og:site_name"))
        )
        self.author = _named("author", (*self._all("author"), *self._authors()))

    def _title(self) -> str | None:
        """A heading that <title> repeats, what the metadata state, <title> itself, any heading."""
        tag = SPACE.sub(" ", self._tree.findtext(".//title") or "").strip()
        stated = self._meta("og:title", "twitter:title") or self._linked.get("headline")
        headings = [found for found in self._all("title") if len(found) >= 2]
        told = _folded(f"{tag} {stated or ''}")
        bare = _without_site(tag)
        for heading in headings:
            # 新闻中心 and 某某人民政府网站 are headings, too, and the end of <title>
            if len(heading) >= _HEADLINE and told.startswith(_folded(heading)[:30]):
                return heading
        if stated:
            return stated
        if bare and headings and not self._stands(bare):
            return headings[0]
        return bare or next(iter(headings), None)

    def _stands(self, title: str) -> bool:
        """Whether <title> is printed in the page, too: an <h1> that differs is not the headline then."""
        wanted = _folded(title)
        printed = _folded(
            " ".join(self._tree.body.itertext("h1", "h2", "h3", "h4", "p", "div", "td", "span"))
        )
        return len(wanted) >= _HEADLINE and wanted in printed

    def _published_text(self) -> str | None:
        """The first with a date: a printed one before metadata, which may say when a page was moved."""
        for text in self._all("published"):
            if parse_printed(text):
                return first_printed(text) or text
        times: list[str] = self._tree.xpath("//time/@datetime")
        for stated in (self._meta(*_PUBLISHED), self._linked.get("datePublished"), *times):
            if parse_printed(stated):
                return stated
        return self._in_script() or first_printed(_head(self._tree))

    def _in_script(self) -> str | None:
        """The time a script of the page holds; None where several differ: those are of other articles."""
        scripts: list[str] = self._tree.xpath("//script[not(@src)]/text()")
        found = [
            _printed(time[1])
            for script in scripts
            for time in _STAMP.finditer(script[:_SCRIPT])
            if _PUBLISHED_AT.search(script[max(0, time.start() - 30) : time.start()])
        ]
        days = {parse_printed(stated) for stated in found}
        return found[0] if len(days) == 1 else None

    def _authors(self) -> tuple[str | None, ...]:
        return self._meta("author", "article:author"), self._linked.get("author")

    def _all(self, field: str) -> Iterator[str]:
        for layout in self._layouts:
            for select in getattr(layout, field):
                for element in select(self._tree):
                    text: str = SPACE.sub(" ", element.text_content() or "").strip()
                    if text := text or str(element.get("datetime") or ""):
                        yield text

    def _meta(self, *names: str) -> str | None:
        wanted = {name.lower() for name in names}
        for tag in self._tree.iter("meta"):
            label = (tag.get("property") or tag.get("name") or tag.get("itemprop") or "").lower().strip()
            if label in wanted and (content := (tag.get("content") or "").strip()):
                return content
        return None


def _head(tree: lxml.html.HtmlElement) -> str:
    """The page's first words."""
    head: list[str] = []
    length = 0
    for line in lines(tree):
        head.append(line)
        length += len(line) + 1
        if length > _HEAD:
            break
    return " ".join(head)[:_HEAD]


def _folded(text: str) -> str:
    return _FOLDED.sub("", text).casefold()


def _without_site(tag: str) -> str | None:
    """<title> without the site's name at its end."""
    bare = tag
    for _ in range(3):
        shorter = _SITE_SUFFIX.sub("", bare)
        if len(shorter) < _HEADLINE or shorter == bare:
            break
        bare = shorter
    return bare.strip(" -_|–—") or None


def _printed(stated: str) -> str:
    """A script's time as it is printed; a number counts seconds or milliseconds since 1970."""
    if not stated.isdecimal():
        return stated.strip()
    return datetime.fromtimestamp(int(stated[:10]), UTC).isoformat()


def _named(field: str, found: Iterable[str | None]) -> str | None:
    """来源：证券时报 → 证券时报, the first that is a name: not too long, no date, no placeholder."""
    for text in found:
        bare = _LABELS[field].sub("", (text or "").strip(_TRIMMED)).strip(_TRIMMED)
        if 0 < len(bare) <= 40 and not _NO_NAME.search(bare) and not parse_printed(bare):
            return bare
    return None


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

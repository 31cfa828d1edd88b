"""Any sitemap or sitemap index, gzipped or not, and the pages it lists."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from scrapy.http import Response

from crawler.deception import Expect
from crawler.errand import Page, Question, Row
from crawler.reply import ReplyError
from crawler.spiders.feed import Spider as FeedSpider
from crawler.spiders.feed import day_of, local_name, parsed


class Spider(FeedSpider):
    """An index is replaced by the sitemaps it lists that changed since the first day."""

    listing: ClassVar[Expect] = "any"  # a gzipped file is no XML yet

    def read(self, response: Response, question: Question, cursor: Any) -> Page:
        """Pages of a urlset; an index has none of its own."""
        root = parsed(self._plain(response.body))
        kind = local_name(root)
        if kind == "sitemapindex":
            maps = [_facts(one) for one in root if local_name(one) == "sitemap"]
            self._children = [one["loc"] for one in maps if "loc" in one and self._fresh(one, question)]
            return Page(rows=[])
        if kind != "urlset":
            raise ReplyError(f"{response.url}: neither a urlset nor an index but <{kind}>")
        self._children = []
        pages = [_facts(one) for one in root if local_name(one) == "url"]
        return Page(rows=[_row(one) for one in pages if "loc" in one and self._fresh(one, question)])

    def instead(self, question: Question, page: Page) -> list[Question]:
        """The sitemaps of an index."""
        return [replace(question, entry=one) for one in self._children if one != question.entry]

    def wanted(self, row: Row) -> bool:
        """By the title, if there is one."""
        return super().wanted(row) if row.title else bool(self.source.facts["untitled"])

    def _plain(self, body: bytes) -> bytes:
        """A `.xml.gz` sitemap's text, not more of it than any body may have."""
        if not body.startswith(b"\x1f\x8b"):
            return body
        inflate = zlib.decompressobj(31)
        try:
            plain = inflate.decompress(body, self.source.polite.max_bytes)
        except zlib.error as error:
            raise ReplyError(f"a gzipped sitemap that can't be unpacked: {error}") from error
        if inflate.unconsumed_tail:
            raise ReplyError(f"a gzipped sitemap of more than {self.source.polite.max_megabytes} MB")
        if not inflate.eof:
            raise ReplyError("a gzipped sitemap that can't be unpacked: its end is missing")
        return plain

    @staticmethod
    def _fresh(facts: dict[str, str], question: Question) -> bool:
        """Whether it was published or changed since the question's first day; what has no date is taken."""
        day = day_of(facts.get("publication_date") or facts.get("lastmod") or "")
        return day is None or day >= question.since


def _facts(element: Any) -> dict[str, str]:
    """Texts of an element and its children's children, by local name (news:publication_date, news:title)."""

    def walk(one: Any) -> Iterator[tuple[str, str]]:
        for child in one:
            yield local_name(child), "".join(child.itertext()).strip()
            yield from walk(child)

    facts: dict[str, str] = {}
    for name, text in walk(element):
        if name and text:
            facts.setdefault(name, text)
    return facts


def _row(facts: dict[str, str]) -> Row:
    return Row(
        url=facts["loc"],
        title=facts.get("title", ""),
        published=day_of(facts.get("publication_date", "")),
        listing={k: facts[k] for k in ("loc", "lastmod", "publication_date", "title", "name") if k in facts},
        expect="html",
        stamp=facts.get("lastmod", ""),
    )

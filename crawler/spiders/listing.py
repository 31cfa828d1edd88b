"""Any list page: selectors in the yml say where its rows, links, titles and dates are."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, ClassVar

from scrapy import Request, Selector
from scrapy.http import Response, TextResponse

from crawler.deception import Expect
from crawler.errand import Page, Question, Row
from crawler.reply import ReplyError
from crawler.spiders.feed import Spider as FeedSpider

# "2024-11-12", "2024/11/12 09:30", "2024年11月12日"
DAY = re.compile(r"(20\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})")


class Spider(FeedSpider):
    """Walks from page to page by the selector `next`, `pages` of them at most."""

    listing: ClassVar[Expect] = "html"

    def ask(self, question: Question, cursor: Any) -> Request:
        """The entry, or the page `next` led to."""
        return Request(question.entry if cursor is None else cursor[1])

    def read(self, response: Response, question: Question, cursor: Any) -> Page:
        """Rows with a link and a title. A page without one no longer looks as it did."""
        number = 1 if cursor is None else cursor[0]
        facts = self.source.facts
        if not isinstance(response, TextResponse):
            raise ReplyError(f"{response.url}: not a text")
        selector = Selector(response=response)
        rows = [row for item in selector.css(facts["item"]) if (row := self._row_of(item, response))]
        if not rows:
            raise ReplyError(f"{response.url}: nothing fits {facts['item']!r}; look at the selectors again")
        link = selector.css(facts["next"]).get() if facts.get("next") else None
        more = link is not None and number < int(facts.get("pages", 1))
        return Page(rows=rows, following=(number + 1, response.urljoin(link)) if more and link else None)

    def _row_of(self, item: Any, response: Response) -> Row | None:
        facts = self.source.facts
        link = (item.css(facts["link"]).get() or "").strip()
        title = " ".join("".join(item.css(facts["title"]).getall()).split())
        if not link or link.startswith(("javascript:", "#", "mailto:")) or not title:
            return None
        printed = " ".join(item.css(facts["date"]).getall()) if facts.get("date") else ""
        return Row(
            url=response.urljoin(link),
            title=title,
            published=day_in(printed),
            listing={"link": link, "title": title, "date": printed.strip()},
            expect="html",
        )


def day_in(printed: str) -> date | None:
    """The first full date of a printed text; None where there is none."""
    found = DAY.search(printed)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None

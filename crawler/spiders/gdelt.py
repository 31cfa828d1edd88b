"""GDELT: an index of the world's news by keyword; its hits' pages are fetched from wherever they are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response

from crawler.errand import Page, Question, Row
from crawler.reply import Fields, day_of_text, json_of
from crawler.spider import SourceSpider

KEPT = ("url", "title", "seendate", "domain", "language", "sourcecountry")


class Spider(SourceSpider):
    """One answer has 250 hits at most and no second page: a fuller window is asked by day."""

    searches = True

    def ask(self, question: Question, cursor: Any) -> Request:
        """Every hit of a window."""
        form = {
            "query": f'"{question.keyword}" {self.source.facts["language"]}'.strip(),
            "mode": "artlist",
            "format": "json",
            "maxrecords": self.source.facts["records"],
            "startdatetime": f"{question.since:%Y%m%d}000000",
            "enddatetime": f"{question.until + timedelta(days=1):%Y%m%d}000000",
        }
        return Request(f"{self.source.urls['listing']}?{urlencode(form)}")

    def read(self, response: Response, question: Question, cursor: Any) -> Page:
        """Hits. `seendate` is when GDELT saw a page first, not when it was published."""
        records = Fields(json_of(response.body), "GDELT's reply").maybe("articles", list) or []
        rows = []
        for record in records:
            fields = Fields(record, "GDELT's hit")
            day_of_text(fields.take("seendate", str))
            rows.append(
                Row(
                    url=fields.take("url", str),
                    title=" ".join((fields.maybe("title", str) or "").split()),
                    published=None,
                    listing={name: record[name] for name in KEPT if name in record},
                    expect="html",
                )
            )
        return Page(rows=rows)

    def instead(self, question: Question, page: Page) -> list[Question]:
        """The days of a window that has more hits than are shown."""
        if len(page.rows) < int(self.source.facts["records"]):
            return []
        parts = self.split(question)
        if not parts:
            self.journal.incident("", "more than shown", f"{question.key}: {len(page.rows)} hits in one day")
        return parts

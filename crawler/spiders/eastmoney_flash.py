"""东方财富快讯: short news walked backwards with the cursor `sortEnd`; each row is the document itself."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response

from crawler.errand import Page, Question, Row
from crawler.reply import Fields, ReplyError, day_of_text, json_of
from crawler.spider import SourceSpider

KEPT = frozenset({"code", "title", "summary", "showTime", "stockList"})


class Spider(SourceSpider):
    """Always begins at the newest: there is no way to ask for a day."""

    def ask(self, question: Question, cursor: Any) -> Request:
        """Rows older than the cursor."""
        query = {
            "client": "web",
            "biz": "web_724",
            "fastColumn": self.source.facts["column"],
            "sortEnd": cursor or "",
            "pageSize": self.source.facts["page_size"],
            "req_trace": f"{question.since.toordinal()}{cursor or ''}",
        }
        return Request(f"{self.source.urls['listing']}?{urlencode(query)}")

    def read(self, response: Response, question: Question, cursor: Any) -> Page:
        """Rows of the question's days; older ones end the walk."""
        reply = Fields(json_of(response.body), "eastmoney's reply")
        if str(reply.take("code", str, int)) != "1":
            raise ReplyError(f"eastmoney's flash says {reply.maybe('message')!r}")
        data = Fields(reply.take("data", dict), "eastmoney's data")
        records = data.take("fastNewsList", list, type(None)) or []
        following = data.maybe("sortEnd", str, int)
        days = [day_of_text(Fields(record, "a flash").take("showTime", str)) for record in records]
        rows = [
            self._row_of(record, day)
            for record, day in zip(records, days, strict=True)
            if question.since <= day <= question.until
        ]
        older = bool(days) and min(days) < question.since
        if records and cursor is not None and str(following) == str(cursor):
            raise ReplyError(f"eastmoney's flash stays at the cursor {cursor}")
        return Page(rows=rows, following=None if older or not records else following)

    def _row_of(self, record: Any, day: Any) -> Row:
        fields = Fields(record, "a flash")
        code, summary = fields.take("code", str), fields.take("summary", str)
        kept = {name: value for name, value in record.items() if name in KEPT}
        reply = {"code": "1", "data": {"fastNewsList": [kept]}}
        return Row(
            url=f"{self.source.urls['page']}{code}.html",
            title=fields.maybe("title", str) or summary[:60],
            published=day,
            listing=kept,
            expect="json",
            stamp=hashlib.sha256(summary.encode()).hexdigest(),
            text=json.dumps(reply, ensure_ascii=False, sort_keys=True).encode(),
        )

"""新浪财经: a roll of headlines in pages, newest first, and the articles they lead to."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response

from crawler.errand import Page, Question, Row
from crawler.reply import Fields, ReplyError, json_of, unmarked
from crawler.source import SHANGHAI
from crawler.spider import SourceSpider, page_of

KEPT = ("title", "intro", "url", "media_name", "ctime", "docid", "keywords")


class Spider(SourceSpider):
    """Walks back until a page is older than the first day."""

    def ask(self, question: Question, cursor: Any) -> Request:
        """One page of 50 headlines."""
        facts = self.source.facts
        query = {
            "pageid": facts["pageid"],
            "lid": facts["lid"],
            "num": facts["page_size"],
            "page": page_of(cursor),
        }
        return Request(f"{self.source.urls['listing']}?{urlencode(query)}")

    def read(self, response: Response, question: Question, cursor: Any) -> Page:
        """Rows of the question's days; older ones end the walk."""
        result = Fields(Fields(json_of(response.body), "sina's reply").take("result", dict), "sina's result")
        state = result.maybe("status", dict)
        if state and state.get("code") not in (0, "0", None):
            raise ReplyError(f"sina answers {state}")
        records = result.take("data", list, type(None)) or []
        days = [day_of_moment(Fields(record, "sina's row").take("ctime", str, int)) for record in records]
        rows = [
            _row(record, day)
            for record, day in zip(records, days, strict=True)
            if question.since <= day <= question.until
        ]
        older = bool(days) and min(days) < question.since
        return Page(rows=rows, following=None if older or not records else page_of(cursor) + 1)


def day_of_moment(moment: str | int) -> Any:
    """Day in Shanghai of epoch seconds. Raises ReplyError for what is no moment."""
    try:
        return datetime.fromtimestamp(int(moment), SHANGHAI).date()
    except (ValueError, OverflowError, OSError) as error:
        raise ReplyError(f"field 'ctime' of sina's row is {moment!r}, not seconds") from error


def _row(record: Any, day: Any) -> Row:
    fields = Fields(record, "sina's row")
    kept = {name: record[name] for name in KEPT if name in record}
    return Row(
        url=fields.take("url", str),
        title=unmarked(fields.take("title", str)),
        published=day,
        listing=kept | {"summary": fields.maybe("intro", str) or ""},
        expect="html",
    )

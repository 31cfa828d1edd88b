"""财联社: a roll of short news, walked backwards in time; each row is the document itself."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response

from crawler.errand import Page, Question, Row
from crawler.reply import Fields, ReplyError, json_of
from crawler.source import SHANGHAI
from crawler.spider import SourceSpider


class Spider(SourceSpider):
    """The cursor is the time of the oldest row shown."""

    def ask(self, question: Question, cursor: Any) -> Request:
        """Rows older than the cursor; the first page begins at the end of the last day."""
        end = datetime.combine(question.until + timedelta(days=1), time(), SHANGHAI)
        last = int(end.timestamp()) if cursor is None and end < datetime.now(SHANGHAI) else cursor or ""
        query = {
            "appName": "CailianpressWeb",
            "last_time": str(last),
            "os": "web",
            "refresh_type": "1",
            "rn": str(self.source.facts["page_size"]),
            "sv": self.source.facts["version"],
        }
        url = f"{self.source.urls['listing']}?{urlencode(query)}&sign={sign(query)}"
        return Request(url, headers={"Referer": self.source.urls["referer"]})

    def read(self, response: Response, question: Question, cursor: Any) -> Page:
        """Rows of the question's days; older ones end the walk."""
        reply = Fields(json_of(response.body), "CLS's reply")
        error = reply.take("errno", int, str)
        if str(error) != "0":
            raise ReplyError(
                f"CLS answers errno {error}: {reply.maybe('msg')}; was the signature's recipe changed?"
            )
        records = Fields(reply.take("data", dict), "CLS's data").take("roll_data", list, type(None)) or []
        times = [Fields(record, "CLS's row").take("ctime", int) for record in records]
        days = [day_of_moment(moment) for moment in times]
        rows = [
            row_of(record, day)
            for record, day in zip(records, days, strict=True)
            if question.since <= day <= question.until
        ]
        older = bool(days) and min(days) < question.since
        stuck = cursor is not None and bool(times) and min(times) >= int(cursor)
        if stuck:
            raise ReplyError(f"CLS shows nothing older than {cursor}, though asked for it")
        return Page(rows=rows, following=None if older or not times else min(times))


def day_of_moment(moment: int) -> date:
    """Day in Shanghai of epoch seconds. Raises ReplyError for a number that is no moment."""
    try:
        return datetime.fromtimestamp(moment, SHANGHAI).date()
    except (ValueError, OverflowError, OSError) as error:
        raise ReplyError(f"field 'ctime' of CLS's row is {moment!r}, not seconds") from error


def row_of(record: Any, day: Any) -> Row:
    """A row whose document is itself, in the reply's own form."""
    fields = Fields(record, "CLS's row")
    number, content = fields.take("id", int, str), fields.take("content", str)
    title = fields.maybe("title", str) or fields.maybe("brief", str) or content[:60]
    return Row(
        url=fields.maybe("shareurl", str) or f"https://www.cls.cn/detail/{number}",
        title=title,
        published=day,
        # the counts of its readers change by the minute and are no part of the text
        listing={k: v for k, v in record.items() if k in KEPT} | {"summary": content},
        expect="json",
        stamp=hashlib.sha256(content.encode()).hexdigest(),
        text=json.dumps(
            {"errno": 0, "data": {"roll_data": [{k: v for k, v in record.items() if k in KEPT}]}},
            ensure_ascii=False,
            sort_keys=True,
        ).encode(),
    )


KEPT = frozenset({"id", "ctime", "level", "title", "content", "brief", "shareurl", "subjects"})


def sign(query: dict[str, str]) -> str:
    """md5 of the hex sha1 of the query, sorted by key."""
    text = "&".join(f"{name}={query[name]}" for name in sorted(query))
    digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    return hashlib.md5(digest.encode(), usedforsecurity=False).hexdigest()

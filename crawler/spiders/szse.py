"""深交所: JSON by POST; a page past the end is `{}`."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import Response

from crawler.errand import Page, Question, Row
from crawler.reply import Fields, ReplyError, day_of_text, json_of, unmarked
from crawler.spider import SourceSpider, page_of

UNUSED = (
    "annId", "content", "secName", "bondType", "bigIndustryCode", "bigCategoryId", "smallCategoryId",
    "channelCode", "_index", "attachFormat",
)  # fmt: skip


class Spider(SourceSpider):
    """Asks by title keyword and days."""

    searches = True

    def questions(self) -> Iterator[Question]:
        """The whole market, or the companies that were named."""
        for question in super().questions():
            for stock in self.job.stocks or ("",):
                yield replace(question, stock=stock)

    def ask(self, question: Question, cursor: Any) -> Request:
        """One page of 50 rows; the site adds a random number against caches."""
        page = page_of(cursor)
        form: dict[str, Any] = {
            "seDate": [str(question.since), str(question.until)],
            "channelCode": [self.source.facts["channel"]],
            "pageSize": self.source.facts["page_size"],
            "pageNum": page,
        }
        if question.stock:
            form["stock"] = [question.stock]
        if question.keyword:
            form["searchKey"] = [question.keyword]
        headers = {
            "Content-Type": "application/json",
            "Referer": self.source.urls["referer"],
            "Origin": self.source.urls["origin"].rstrip("/"),
            "X-Requested-With": "XMLHttpRequest",
        }
        url = f"{self.source.urls['listing']}?random=0.{question.since.toordinal()}{page:04d}"
        return Request(url, method="POST", body=json.dumps(form), headers=headers)

    def read(self, response: Response, question: Question, cursor: Any) -> Page:
        """Rows, and how many there are in all."""
        value = json_of(response.body)
        if value == {}:
            return Page(rows=[])
        reply = Fields(value, "the SZSE's reply")
        total = reply.take("announceCount", int)
        rows, unknown = [], set()
        for record in reply.take("data", list, type(None)) or []:
            row, left = self._row_of(record)
            rows.append(row)
            unknown.update(left)
        page = page_of(cursor)
        more = bool(rows) and page * int(self.source.facts["page_size"]) < total
        return Page(rows=rows, promised=total, following=page + 1 if more else None, unknown=sorted(unknown))

    def _row_of(self, record: Any) -> tuple[Row, list[str]]:
        fields = Fields(record, "the SZSE's row")
        path = fields.take("attachPath", str)
        codes = codes_of(fields.take("secCode", list, str))
        row = Row(
            url=urljoin(self.source.urls["files"], path.lstrip("/")),
            title=unmarked(fields.take("title", str)),
            published=day_of_text(fields.take("publishTime", str)),
            listing=record,
            expect="pdf" if path.lower().endswith(".pdf") else "any",
            stock=codes[0] if len(codes) == 1 else "",
            stamp=f"{fields.take('id', str)} {fields.maybe('attachSize', int, float)}",
        )
        fields.ignore(UNUSED)
        return row, fields.left()


def codes_of(value: Any) -> list[str]:
    """Codes of a row: a list, or a list written as a text ("['002670']" has been seen)."""
    if isinstance(value, str):
        try:
            value = ast.literal_eval(value) if value.startswith("[") else [value]
        except (SyntaxError, ValueError) as error:
            raise ReplyError(f"field 'secCode' is {value!r}: no list of codes") from error
    return [str(code) for code in value]

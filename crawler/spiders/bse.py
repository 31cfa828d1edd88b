"""北交所: a form by POST, pages from 0, the reply wrapped in `null(…)`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import Response

from crawler.errand import Page, Question, Row
from crawler.reply import Fields, ReplyError, day_of_text, jsonp_of, unmarked
from crawler.spider import SourceSpider, form_request, page_of

UNUSED = (
    "companyName",
    "disclosurePostTitle",
    "fileExt",
    "disclosureType",
    "xxfcbj",
    "upDate",
    "disclosureCode",
)


class Spider(SourceSpider):
    """Asks by keyword and days; codes moved from 83, 87 and 43 to 920, so codes are not checked."""

    searches = True

    def questions(self) -> Iterator[Question]:
        """The whole market, or the companies that were named."""
        for question in super().questions():
            for stock in self.job.stocks or ("",):
                yield replace(question, stock=stock)

    def ask(self, question: Question, cursor: Any) -> Request:
        """One page of 20 rows."""
        form = {
            "disclosureType": "5",
            "page": str(page_of(cursor, first=0)),
            "companyCd": question.stock,
            "startTime": str(question.since),
            "endTime": str(question.until),
            "keyword": question.keyword,
            "sortfield": "publishDate",
            "sorttype": "desc",
            "xxfcbj[]": "2",
        }
        headers = {"Referer": self.source.urls["referer"], "X-Requested-With": "XMLHttpRequest"}
        return form_request(self.source.urls["listing"], form, headers)

    def read(self, response: Response, question: Question, cursor: Any) -> Page:
        """The one element's `listInfo`."""
        value = jsonp_of(response.body, "null")
        if not isinstance(value, list) or not value:
            raise ReplyError(f"the BSE's reply is {str(value)[:80]!r}, not a list of one")
        info = Fields(Fields(value[0], "the BSE's reply").take("listInfo", dict), "the BSE's listInfo")
        total, last = info.take("totalElements", int), info.take("lastPage", bool)
        rows, unknown = [], set()
        for record in info.take("content", list, type(None)) or []:
            row, left = self._row_of(record)
            rows.append(row)
            unknown.update(left)
        following = None if last or not rows else page_of(cursor, first=0) + 1
        return Page(rows=rows, promised=total, following=following, unknown=sorted(unknown))

    def _row_of(self, record: Any) -> tuple[Row, list[str]]:
        fields = Fields(record, "the BSE's row")
        path = fields.take("destFilePath", str)
        row = Row(
            url=urljoin(self.source.urls["files"], path.lstrip("/")),
            title=unmarked(fields.take("disclosureTitle", str)),
            published=day_of_text(fields.take("publishDate", str)),
            listing=record,
            expect="pdf" if path.lower().endswith(".pdf") else "any",
        )
        fields.take("companyCd", str)
        fields.ignore(UNUSED)
        return row, fields.left()

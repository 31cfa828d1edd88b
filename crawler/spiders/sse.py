"""上交所: JSONP; each result is a group of one main document and its attachments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urljoin

from scrapy import Request
from scrapy.http import Response

from crawler.errand import Page, Question, Row
from crawler.reply import Fields, ReplyError, day_of_text, jsonp_of, unmarked
from crawler.spider import SourceSpider, page_of

CALLBACK = "jsonpCallback"
UNUSED = (
    "SECURITY_NAME",
    "BULLETIN_TYPE_DESC",
    "BULLETIN_TYPE",
    "ORG_FILE_TYPE",
    "BULLETIN_YEAR",
    "IS_HOLDER_DISCLOSE",
)


class Spider(SourceSpider):
    """Asks by title and days; by company where the whole market is not answered."""

    searches = True

    def questions(self) -> Iterator[Question]:
        """The whole market, or the companies that were named."""
        for question in super().questions():
            for stock in self.job.stocks or ("",):
                yield replace(question, stock=stock)

    def ask(self, question: Question, cursor: Any) -> Request:
        """One page of 25 groups."""
        page = page_of(cursor)
        form = {
            "jsonCallBack": f"{CALLBACK}{_number(question, page)}",
            "isPagination": "true",
            "pageHelp.pageSize": self.source.facts["page_size"],
            "pageHelp.cacheSize": 1,
            "pageHelp.pageNo": page,
            "pageHelp.beginPage": page,
            "pageHelp.endPage": page,
            "START_DATE": question.since,
            "END_DATE": question.until,
            "SECURITY_CODE": question.stock,
            "TITLE": question.keyword,
            "BULLETIN_TYPE": "",
            "stockType": "",
        }
        url = f"{self.source.urls['listing']}?{urlencode(form)}"
        return Request(url, headers={"Referer": self.source.urls["referer"]})

    def read(self, response: Response, question: Question, cursor: Any) -> Page:
        """Groups; `pageHelp.total` counts them."""
        page = page_of(cursor)
        reply = Fields(jsonp_of(response.body, f"{CALLBACK}{_number(question, page)}"), "the SSE's reply")
        groups = reply.take("result", list, type(None)) or []
        helped = Fields(reply.take("pageHelp", dict), "the SSE's pageHelp")
        total = helped.take("total", int)
        rows, unknown = [], set()
        for group in groups:
            for record in group if isinstance(group, list) else [group]:
                row, left = self._row_of(record)
                rows.append(row)
                unknown.update(left)
        more = page * int(self.source.facts["page_size"]) < total and bool(groups)
        return Page(rows=rows, promised=total, following=page + 1 if more else None, unknown=sorted(unknown))

    def _row_of(self, record: Any) -> tuple[Row, list[str]]:
        fields = Fields(record, "the SSE's row")
        path = fields.take("URL", str)
        if not path:
            raise ReplyError(f"a row of the SSE has no URL: {record}")
        row = Row(
            url=urljoin(self.source.urls["files"], path.lstrip("/")),
            title=unmarked(fields.take("TITLE", str)),
            published=day_of_text(fields.take("SSEDATE", str)),
            listing=record,
            expect="pdf" if path.lower().endswith(".pdf") else "any",
            stock=fields.take("SECURITY_CODE", str),
            group=str(fields.take("ORG_BULLETIN_ID", str, int)),
        )
        fields.ignore(UNUSED)
        return row, fields.left()

    def instead(self, question: Question, page: Page) -> list[Question]:
        """The watched companies, where the whole market gives nothing for a week or more."""
        days = (question.until - question.since).days
        if page.rows or page.promised or question.stock or days < 7:
            return []
        self.journal.counts["whole market not answered"] += 1
        return [replace(question, stock=stock) for stock in self.source.facts["watch"]]


def _number(question: Question, page: int) -> int:
    """Digits for the callback's name: the same question calls the same name."""
    return question.since.toordinal() * 10000 + page

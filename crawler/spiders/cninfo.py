"""巨潮资讯: the official disclosure site for all A-shares. Listing by POST, PDF files behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import Response

from crawler.errand import Errand, Page, Question, Row
from crawler.reply import Fields, day_of_ms, day_of_text, json_of, unmarked
from crawler.spider import SourceSpider, form_request, page_of, reason_of

UNUSED = (
    "id", "storageTime", "columnId", "pageColumn", "announcementType", "associateAnnouncement", "important",
    "batchNum", "announcementContent", "orgName", "tileSecName", "shortTitle", "announcementTypeName",
    "secNameList", "orgId", "secName",
)  # fmt: skip


class Spider(SourceSpider):
    """Asks by title keyword and days; a window of more than 3,000 rows by day, plate and category."""

    searches = True

    async def start(self) -> AsyncIterator[Request]:
        """With stock codes, learn their orgId first: the code alone returns no rows."""
        if not self.job.stocks:
            async for request in super().start():
                yield request
            return
        errand = Errand(role="lookup", expect="json", why="lookup")
        yield Request(
            self.source.urls["stocks"],
            callback=self._stocks,
            errback=self._no_stocks,
            meta={"errand": errand},
            dont_filter=True,
        )

    def _stocks(self, response: Response) -> Iterator[Request]:
        found = Fields(json_of(response.body), "the list of stocks").take("stockList", list)
        orgs = {str(one["code"]): str(one["orgId"]) for one in found}
        for stock in self.job.stocks:
            if stock not in orgs:
                self.journal.incident(self.source.urls["stocks"], "not asked", f"no orgId of {stock}")
                continue
            for question in self.questions():
                yield self._open(replace(question, stock=stock, org=orgs[stock]))

    def _no_stocks(self, failure: Any) -> None:
        self.journal.incident(self.source.urls["stocks"], "not asked", reason_of(failure))

    @property
    def keywords(self) -> tuple[str, ...]:
        """Of a company that was named everything is asked, unless the user says what."""
        return self.job.keywords or ("",) if self.job.stocks else super().keywords

    def ask(self, question: Question, cursor: Any) -> Request:
        """One page of 30 rows."""
        facts = self.source.facts
        form = {
            "pageNum": str(page_of(cursor)),
            "pageSize": str(facts["page_size"]),
            "column": str(facts["column"]),
            "tabName": "fulltext",
            "plate": question.plate,
            "stock": f"{question.stock},{question.org}" if question.stock else "",
            "searchkey": question.keyword,
            "secid": "",
            "category": question.category,
            "trade": "",
            "seDate": f"{question.since}~{question.until}",
            "sortName": "",
            "sortType": "",
            "isHLtitle": "true",
        }
        headers = {"X-Requested-With": "XMLHttpRequest", "Referer": self.source.urls["referer"]}
        return form_request(self.source.urls["listing"], form, headers)

    def read(self, response: Response, question: Question, cursor: Any) -> Page:
        """`totalpages` is floored in recorded replies (528 rows, 17 pages): hasMore decides."""
        reply = Fields(json_of(response.body), "cninfo's reply")
        announcements = reply.take("announcements", list, type(None)) or []
        total = reply.maybe("totalAnnouncement", int)
        if total is None:
            total = reply.maybe("totalRecordNum", int)
        more = reply.maybe("hasMore", bool)
        rows, unknown = [], set()
        for record in announcements:
            row, left = self._row_of(record)
            rows.append(row)
            unknown.update(left)
        page = page_of(cursor)
        if more is None:
            more = total is not None and page * int(self.source.facts["page_size"]) < total
        return Page(rows=rows, promised=total, following=page + 1 if more else None, unknown=sorted(unknown))

    def _row_of(self, record: Any) -> tuple[Row, list[str]]:
        fields = Fields(record, "cninfo's row")
        number = fields.take("announcementId", str, int)
        title = unmarked(fields.take("announcementTitle", str))
        path = fields.take("adjunctUrl", str)
        # the recorded row of 2026 has no time: the path holds the same day
        moment = fields.maybe("announcementTime", int, float)
        published = day_of_ms(moment) if moment is not None else _day_in(path)
        row = Row(
            url=urljoin(self.source.urls["files"], path),
            title=title,
            published=published,
            listing=record,
            expect="pdf" if str(fields.maybe("adjunctType", str) or "PDF").upper() == "PDF" else "any",
            stock=fields.take("secCode", str),
            stamp=f"{number} {fields.maybe('adjunctSize', int, float)}",
        )
        fields.ignore(UNUSED)
        return row, fields.left()

    def split(self, question: Question) -> list[Question]:
        """By day; one day by plate; one plate of a day by category."""
        if question.until > question.since:
            return question.days()
        if not question.plate:
            return [replace(question, plate=plate) for plate in self.source.facts["plates"]]
        if not question.category:
            return [replace(question, category=one) for one in self.source.facts["categories"]]
        return []


def _day_in(path: str) -> date:
    """The day in `finalpage/2026-03-21/1225022887.PDF`."""
    return day_of_text(path.split("/")[1] if path.count("/") == 2 else "")

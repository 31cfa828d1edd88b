"""东方财富: the listing, and a filing's text in pages of 5,000 characters; the PDF where there is no text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urljoin

from scrapy import Request
from scrapy.http import Response

from crawler.errand import Errand, Page, Question, Row
from crawler.ledger import Known
from crawler.reply import Fields, ReplyError, day_of_text, json_of, unmarked
from crawler.spider import DOCUMENT_PRIORITY, SourceSpider, page_of

UNUSED = ("columns", "eiTime", "language", "title_ch", "title_en", "sort_date", "source_type", "product_code")


class Spider(SourceSpider):
    """A document is its text's pages joined: archived each as it came, and once as a whole."""

    date_slack = timedelta(days=1)  # `notice_date` is the next day's after hours, `begin_time` goes by either

    def questions(self) -> Iterator[Question]:
        """The whole market, or the companies that were named."""
        for question in super().questions():
            for stock in self.job.stocks or ("",):
                yield replace(question, stock=stock)

    def ask(self, question: Question, cursor: Any) -> Request:
        """One page of the listing."""
        facts = self.source.facts
        form = {
            "sr": -1,
            "page_size": facts["page_size"],
            "page_index": page_of(cursor),
            "ann_type": facts["ann_type"],
            "client_source": "web",
            "f_node": facts["f_node"],
            "s_node": facts["s_node"],
            "begin_time": question.since,
            "end_time": question.until,
        }
        if question.stock:
            form["stock_list"] = question.stock
        return Request(f"{self.source.urls['listing']}?{urlencode(form)}")

    def read(self, response: Response, question: Question, cursor: Any) -> Page:
        """Rows; `total_hits` counts them."""
        data = _data(json_of(response.body), "eastmoney's reply")
        total = data.take("total_hits", int)
        rows, unknown = [], set()
        for record in data.take("list", list, type(None)) or []:
            row, left = self._row_of(record)
            rows.append(row)
            unknown.update(left)
        page = page_of(cursor)
        more = bool(rows) and page * int(self.source.facts["page_size"]) < total
        return Page(rows=rows, promised=total, following=page + 1 if more else None, unknown=sorted(unknown))

    def _row_of(self, record: Any) -> tuple[Row, list[str]]:
        fields = Fields(record, "eastmoney's row")
        art_code = fields.take("art_code", str)
        codes = [one.get("stock_code", "") for one in fields.take("codes", list, type(None)) or []]
        row = Row(
            url=f"{self.source.urls['text']}?{urlencode({'art_code': art_code, 'client_source': 'web'})}",
            title=unmarked(fields.take("title", str)),
            published=day_of_text(fields.take("notice_date", str)),
            listing=record,
            expect="json",
            stock=codes[0] if len(codes) == 1 else "",
            # "2022-04-26 22:53:19:020": a colon before the milliseconds, so it is kept as a text
            stamp=fields.maybe("display_time", str) or "",
        )
        fields.ignore(UNUSED)
        return row, fields.left()

    # the text ---------------------------------------------------------------------------------

    def document(self, row: Row) -> Request:
        """The first page of the text."""
        return Request(f"{row.url}&page_index=1")

    def _errand(self, request: Request, errand: Errand, known: Known | None) -> Request:
        return self._part(request.url, errand, texts=[], tried=0)

    def _part(self, url: str, errand: Errand, *, texts: list[str], tried: int) -> Request:
        return Request(
            url,
            callback=self._part_came,
            errback=self._not_documented,
            dont_filter=True,
            priority=DOCUMENT_PRIORITY,
            meta={"errand": replace(errand, role="part", known_sha256=None), "document": errand},
            cb_kwargs={"texts": texts, "tried": tried},
        )

    def _part_came(self, response: Response, texts: list[str], tried: int) -> Iterator[Request]:
        errand: Errand = response.meta["document"]
        assert errand.row is not None
        try:
            data, text, pages = _text(response, errand.row)
        except ReplyError as error:
            self.lose(self.settled(errand), errand, str(error), state="failed")
            return
        repeated = bool(texts) and text == texts[-1]
        if not text or repeated:
            yield from self._again(response, errand, texts, tried, "repeated" if repeated else "empty")
            return
        texts = [*texts, text]
        if len(texts) < pages:
            url = f"{errand.row.url}&page_index={len(texts) + 1}"
            yield self._part(url, errand, texts=texts, tried=0)
            return
        self.settled(errand)
        whole = {"data": {**data, "notice_content": "".join(texts)}}
        self.keep_text(errand, json.dumps(whole, ensure_ascii=False, sort_keys=True).encode())

    def _again(
        self, response: Response, errand: Errand, texts: list[str], tried: int, fault: str
    ) -> Iterator[Request]:
        """An empty or repeated page once more; a text that has none stays for its PDF."""
        assert errand.row is not None
        self.journal.incident(response.url, f"text page {fault}", f"try {tried + 1}")
        if tried + 1 < int(self.source.facts["empty_tries"]):
            yield self._part(response.url, errand, texts=texts, tried=tried + 1)
        elif texts:
            reason = f"page {len(texts) + 1} of the text stays {fault}"
            self.lose(self.settled(errand), errand, reason, state="failed")
        else:
            art_code = errand.row.listing["art_code"]
            file = urljoin(self.source.urls["files"], f"H2_{art_code}_1.pdf")
            paper = replace(errand, expect="pdf", row=replace(errand.row, expect="pdf"))
            yield super()._errand(Request(file), paper, None)


def _data(value: Any, what: str) -> Fields:
    reply = Fields(value, what)
    if reply.maybe("success") in (0, False):
        raise ReplyError(f"{what} says {reply.maybe('error')!r}")
    return Fields(reply.take("data", dict), f"{what}'s data")


def _text(response: Response, row: Row) -> tuple[dict[str, Any], str, int]:
    """(the page's data, its text, number of pages of the whole)."""
    if response.status != 200:
        raise ReplyError(f"the text answered HTTP {response.status}")
    value = json_of(response.body)
    data = _data(value, "eastmoney's text")
    text = data.maybe("notice_content", str) or ""
    answered = data.maybe("art_code", str)
    if answered is not None and answered != row.listing["art_code"]:
        raise ReplyError(f"the text of {answered} came for {row.listing['art_code']}")
    # `page_size` is the number of pages, and 0 has been seen for one
    return value["data"], text, max(1, data.maybe("page_size", int) or 1)

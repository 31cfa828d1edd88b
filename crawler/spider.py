"""The one base class of all spiders: questions, completeness, what is new, what came of it.

A source's own spider says how to ask for a page of the listing (`ask`) and how to read it (`read`).
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

import scrapy
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawler.deception import Expect
from crawler.errand import Errand, Job, Page, Question, Row
from crawler.guard import Refused
from crawler.journal import Journal
from crawler.ledger import Known
from crawler.pipelines import UNCHANGED
from crawler.polite import CircuitOpen, Deceived
from crawler.reply import ReplyError, conditional, validators_of
from crawler.shared.unit import Unit
from crawler.windows import Tally, today, windows

GONE = frozenset({404, 410, 451})
ATTEMPTS = 6
"""Crawls that try an address before it is given up."""
DOCUMENT_PRIORITY = 10
"""Documents go before the next listing page, so that few wait in memory."""


class SourceSpider(scrapy.Spider):
    """One source's spider; `ask` and `read` are its own, `split`, `questions` and `document` may be."""

    listing: ClassVar[Expect] = "json"
    """What a listing's reply should be."""
    searches: ClassVar[bool] = False
    """Whether the listing can be asked for a keyword; if not, titles are looked at here."""
    date_slack: ClassVar[timedelta] = timedelta(days=0)
    """Days a row's date may lie outside the window that was asked for."""
    shareable: ClassVar[bool] = True
    """Whether several machines can share its crawl."""

    def __init__(self, *, journal: Journal, job: Job, **more: Any) -> None:
        super().__init__(name=journal.source.name, **more)
        self.journal = journal
        self.source = journal.source
        self.job = job
        self.tallies: dict[str, Tally] = {}
        self._asked: set[str] = set()
        self._fetching = 0

    # what the source's own spider says ----------------------------------------------------------

    def ask(self, question: Question, cursor: Any) -> Request:
        """The request for one page of the listing; `cursor` is None for the first."""
        raise NotImplementedError

    def read(self, response: Response, question: Question, cursor: Any) -> Page:
        """One page of the listing. Raises ReplyError where it does not look as it should."""
        raise NotImplementedError

    def split(self, question: Question) -> list[Question]:
        """Smaller questions for one that has more rows than can be shown; by day, unless it is one day."""
        return question.days() if question.until > question.since else []

    def instead(self, question: Question, page: Page) -> list[Question]:
        """Questions to ask in the place of one, seen its page; the question itself is dropped."""
        return []

    def questions(self) -> Iterator[Question]:
        """Every question of this crawl."""
        for keyword in self.keywords if self.searches else ("",):
            for since, until in windows(self.source, self.job, self.journal.ledger, keyword):
                yield Question(since=since, until=until, keyword=keyword)

    def wanted(self, row: Row) -> bool:
        """Whether a row of a listing that can't search is about our subject."""
        text = f"{row.title} {row.listing.get('summary') or ''}".casefold()
        return not self.keywords or any(keyword.casefold() in text for keyword in self.keywords)

    def document(self, row: Row) -> Request:
        """The request for a row's document."""
        return Request(row.url)

    # what all of them do ------------------------------------------------------------------------

    @property
    def keywords(self) -> tuple[str, ...]:
        """The user's keywords, else the source's."""
        return self.job.keywords or self.source.keywords

    async def start(self) -> AsyncIterator[Request]:
        """Ask every question."""
        if self.source.valid_until is not None and today() > self.source.valid_until:
            self.journal.incident("", "expired", f"the selectors were good until {self.source.valid_until}")
        for question in self.questions():
            if not self._limited:
                yield self._open(question)

    def _open(self, question: Question) -> Request:
        self.tallies[question.key] = Tally(question)
        self._note_window(self.tallies[question.key], finished=False)
        return self._ask(question, None)

    def _ask(self, question: Question, cursor: Any) -> Request:
        errand = Errand(role="listing", expect=self.listing, question=question, cursor=cursor, why="listing")
        request = self.ask(question, cursor).replace(
            callback=self._listed, errback=self._not_listed, dont_filter=True
        )
        request.meta["errand"] = errand
        if cursor is None and not self.source.window.dated and self.journal.ledger and not self.journal.share:
            conditional(request, *self.journal.ledger.validators(self.source.name, request.url))
        return request

    def _listed(self, response: Response) -> Iterator[Request]:
        errand: Errand = response.meta["errand"]
        assert errand.question is not None
        tally = self._tally(errand.question)
        if response.status == 304:
            self.journal.counts["listings unchanged"] += 1
            tally.complete = True
            return
        if response.status != 200:
            self._fail(tally, f"the listing answered HTTP {response.status}")
            return
        try:
            page = self.read(response, errand.question, errand.cursor)
        except ReplyError as error:
            self._fail(tally, str(error))
            return
        if errand.cursor is None:
            tally.validators = validators_of(response)
        yield from self._paged(tally, page)

    def _paged(self, tally: Tally, page: Page) -> Iterator[Request]:
        tally.take(page)
        self.journal.counts["listing pages"] += 1
        for name in page.unknown:
            self.journal.counts[f"unknown field {name}"] += 1
        if others := self.instead(tally.question, page):
            tally.split = True
            for other in others:
                yield self._open(other)
            return
        depth = self.source.window.depth
        if depth is not None and page.promised is not None and page.promised > depth:
            yield from self._split(tally, page.promised, depth)
            return
        before = tally.received
        for row in page.rows:
            yield from self._row(tally, row)
        self.journal.breathe()
        if page.following is None or (tally.received == before and page.rows):
            yield from self._end_of_listing(tally, repeats=page.following is not None)
        elif tally.pages >= self.source.polite.max_pages:
            self._fail(tally, f"the listing has more than {tally.pages} pages")
        elif not self._limited:
            yield self._ask(tally.question, page.following)
        else:
            tally.cut = True

    def _split(self, tally: Tally, promised: int, depth: int) -> Iterator[Request]:
        parts = self.split(tally.question)
        if not parts:
            self._fail(
                tally, f"{promised} rows promised, {depth} can be shown, and it can't be split further"
            )
            return
        tally.split = True
        self.journal.counts["windows split"] += 1
        for part in parts:
            yield self._open(part)

    def _end_of_listing(self, tally: Tally, *, repeats: bool) -> Iterator[Request]:
        tally.tries += 1
        if not tally.short and not repeats:
            tally.complete = True
        elif tally.tries < 2 and not self._limited:
            # rows shift while a listing is read: once more before it counts as a fault
            tally.pages = 0
            yield self._ask(tally.question, None)
        elif tally.short:
            self._fail(tally, f"{tally.promised} rows promised, {tally.received} received")
        else:
            self._fail(tally, "the listing shows the same page again and again")

    def _row(self, tally: Tally, row: Row) -> Iterator[Request]:
        if row.url in tally.seen:
            return
        if fault := self._stranger(tally.question, row):
            if tally.reject(row):
                self.journal.incident(
                    row.url, f"rejected {fault}", f"asked {tally.question.key}: {row.title}"
                )
            return
        tally.add(row)
        self.journal.counts["rows"] += 1
        if not self.searches and not self.wanted(row):
            self.journal.counts["off subject"] += 1
        elif not self._in_span(row):
            self.journal.counts["out of span"] += 1
        elif row.url not in self._asked:
            self._asked.add(row.url)
            yield from self._document(tally, row)

    def _stranger(self, question: Question, row: Row) -> str | None:
        if question.stock and row.stock and row.stock != question.stock:
            return "wrong company"
        if row.published is not None and self.source.window.dated:
            slack = self.date_slack
            if not question.since - slack <= row.published <= question.until + slack:
                return "wrong date"
        return None

    def _in_span(self, row: Row) -> bool:
        """Whether a row of an undated listing lies in the days the user chose."""
        if self.source.window.dated or row.published is None:
            return True
        late = self.job.until is not None and row.published > self.job.until
        return not late and not (self.job.since is not None and row.published < self.job.since)

    def _document(self, tally: Tally, row: Row) -> Iterator[Request]:
        known = self.journal.known(row.url)
        why = self._why(row, known)
        if why is None:
            self.journal.counts["known"] += 1
        elif self._limited:
            tally.cut = True
        else:
            self._fetching += 1
            yield from self._fetch(tally, row, known, why)

    def request_for(self, unit: Unit) -> Request | None:
        """The request for what lies in a shared queue; None: a ledger has the document by now."""
        question, row = unit.question, unit.row
        if row is None:
            return self._open(question)
        known = self.journal.known(row.url)
        why = self._why(row, known)
        if why is None:
            self.journal.counts["known"] += 1
            return None
        return self._errand(self.document(row), self._document_errand(question, row, known, why), known)

    def _fetch(self, tally: Tally, row: Row, known: Known | None, why: str) -> Iterator[Request]:
        if self.job.dry_run:
            self.journal.counts["would fetch"] += 1
            self.journal.planned.append(row.url)
            return
        errand = self._document_errand(tally.question, row, known, why)
        if row.text is not None:
            self.keep_text(errand, row.text)
            return
        if known is None and self.journal.ledger is not None and self.journal.share is None:
            self.journal.ledger.want(self.source.name, row.url)
        tally.pending += 1
        yield self._errand(self.document(row), errand, known)

    @staticmethod
    def _document_errand(question: Question, row: Row, known: Known | None, why: str) -> Errand:
        return Errand(
            role="document",
            expect=row.expect,
            question=question,
            row=row,
            known_sha256=known.sha256 if known else None,
            why=why,
        )

    def _errand(self, request: Request, errand: Errand, known: Known | None) -> Request:
        made = request.replace(
            callback=self._documented,
            errback=self._not_documented,
            dont_filter=True,
            priority=DOCUMENT_PRIORITY,
        )
        made.meta["errand"] = errand
        if known is not None and known.sha256 is not None:
            conditional(made, known.etag, known.modified)
        return made

    def _why(self, row: Row, known: Known | None) -> str | None:
        """Why a row's document is asked for; None: it need not be."""
        if known is None:
            return "new"
        if known.sha256 is None:
            tired = known.attempts >= ATTEMPTS or known.state in ("gone", "refused")
            return None if tired and not self.job.recheck else "retry"
        if known.row_digest != row.digest:
            return "changed"
        if self.job.recheck:
            return "recheck"
        days = self.source.window.recheck
        if days is None or known.checked is None:
            return None
        age = datetime.now(UTC) - datetime.fromisoformat(known.checked)
        return "recheck" if age >= timedelta(days=days) else None

    def _documented(self, response: Response) -> Any:
        errand: Errand = response.meta["errand"]
        tally = self.settled(errand)
        if response.status == 304 or 200 <= response.status < 300:
            self._stored(errand, response)
            return
        state = "gone" if response.status in GONE else "failed"
        self.lose(tally, errand, f"HTTP {response.status}", state=state, status=response.status)

    def _stored(self, errand: Errand, response: Response) -> None:
        ledger = self.journal.ledger
        assert ledger is not None
        assert errand.row is not None
        if response.status == 304:
            self.journal.counts["not modified"] += 1
            ledger.unchanged(self.source.name, errand.row.url, errand.row.digest)
            return
        if response.meta[UNCHANGED]:
            etag, modified = validators_of(response)
            sha256 = response.meta["sha256"]
            self.journal.stored(errand, sha256=sha256, status=response.status, etag=etag, modified=modified)

    def keep_text(self, errand: Errand, body: bytes) -> None:
        """Archive a document made of a listing's row or of several answers, as a JSON body."""
        assert errand.row is not None
        sha256 = hashlib.sha256(body).hexdigest()
        if sha256 == errand.known_sha256:
            self.journal.stored(errand, sha256=sha256, status=200)
        else:
            self.journal.keep(errand, errand.row.url, body=body, status=200, content_type="application/json")

    # what goes wrong ----------------------------------------------------------------------------

    def _not_listed(self, failure: Any) -> None:
        errand: Errand = failure.request.meta["errand"]
        assert errand.question is not None
        self._fail(self._tally(errand.question), f"the listing did not come: {reason_of(failure)}")

    def _not_documented(self, failure: Any) -> None:
        errand: Errand = failure.request.meta["errand"]
        refused = failure.check(Refused) or "robots.txt" in str(failure.value)
        self.lose(self.settled(errand), errand, reason_of(failure), state="refused" if refused else "failed")

    def settled(self, errand: Errand) -> Tally:
        """The tally of a document that is no longer under way."""
        assert errand.question is not None
        tally = self._tally(errand.question)
        tally.pending -= 1
        return tally

    def _tally(self, question: Question) -> Tally:
        """How a question stands here; a shared crawl's document may be of one that another worker asked."""
        return self.tallies.setdefault(question.key, Tally(question))

    def lose(
        self, tally: Tally, errand: Errand, reason: str, *, state: str, status: int | None = None
    ) -> None:
        """Note a document that did not come; `state` as in `Journal.failed`."""
        assert errand.row is not None
        tally.lost += state == "failed"
        if self.journal.share is not None and state == "failed":
            self.journal.share.lose(errand)
        self.journal.failed(errand.row.url, reason, state=state, status=status)

    def _fail(self, tally: Tally, reason: str) -> None:
        tally.reason = reason
        self.journal.incident(tally.question.key, "windows failed", reason)

    @property
    def _limited(self) -> bool:
        return self.job.limit is not None and self._fetching >= self.job.limit

    # how it ended -------------------------------------------------------------------------------

    def conclude(self, *, finished: bool) -> None:
        """Note every window's state; only a crawl that finished makes one done."""
        if self.journal.share is not None and finished:  # whoever is there at the end notes them all
            self.tallies = self.journal.share.tallies()
            self.journal.counts["rows"] = sum(t.received - len(t.rejected) for t in self.tallies.values())
        for tally in self.tallies.values():
            self._note_window(tally, finished=finished)
        ledger = self.journal.ledger
        if ledger is None or self.job.dry_run or not finished:
            return
        for keyword in {tally.question.keyword for tally in self.tallies.values()}:
            mine = [tally for tally in self.tallies.values() if tally.question.keyword == keyword]
            if all(tally.state(finished=True) in ("done", "split") for tally in mine):
                since = min(tally.question.since for tally in mine)
                until = max(tally.question.until for tally in mine)
                ledger.supersede(self.source.name, keyword, since, until, self.journal.crawl)
        self.journal.commit()

    def _note_window(self, tally: Tally, *, finished: bool) -> None:
        ledger = self.journal.ledger
        if ledger is None or self.job.dry_run:
            return
        state, question = tally.state(finished=finished), tally.question
        ledger.window(
            self.source.name,
            question.key,
            since=question.since,
            until=question.until,
            keyword=question.keyword,
            state=state,
            crawl=self.journal.crawl,
            promised=tally.promised,
            received=tally.received,
            rejected=len(tally.rejected),
            reason=tally.reason or (f"{tally.lost} documents did not come" if tally.lost else None),
        )
        if state == "done" and not self.source.window.dated and any(tally.validators):
            ledger.keep_validators(self.source.name, self.ask(question, None).url, *tally.validators)


def reason_of(failure: Any) -> str:
    """One line about a failed request."""
    error = failure.value
    if isinstance(error, Deceived):
        return f"deceived: {error.verdict}"
    if isinstance(error, CircuitOpen | Refused | IgnoreRequest):
        return str(error)
    return f"{type(error).__name__}: {error}"[:300]


def form_request(url: str, form: dict[str, str], headers: dict[str, str]) -> Request:
    """A POST as a browser's form sends it."""
    kind = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    return Request(url, method="POST", body=urlencode(form), headers=kind | headers)


def page_of(cursor: Any, first: int = 1) -> int:
    """A cursor that is a page number."""
    return first if cursor is None else int(cursor)

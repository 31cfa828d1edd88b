"""Which questions a crawl asks, and how each of them stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from crawler.errand import Job, Page, Question, Row
from crawler.ledger import Ledger
from crawler.source import SHANGHAI, Source


def today() -> date:
    """The day it is in Shanghai."""
    return datetime.now(SHANGHAI).date()


def span(source: Source, job: Job, ledger: Ledger | None, keyword: str) -> tuple[date, date]:
    """(first, last) day to ask for: as told, else from where the last finished crawl ended."""
    until = job.until or today() + timedelta(days=source.window.ahead)
    return job.since or min(_begin(source, ledger, keyword), until), until


def _begin(source: Source, ledger: Ledger | None, keyword: str) -> date:
    first = today() - timedelta(days=source.window.first)
    done = ledger.done_until(source.name, keyword) if ledger else None
    if ledger is None or done is None:
        return first
    again = done - timedelta(days=source.window.overlap)
    unfinished = ledger.unfinished_since(source.name, keyword)
    return min(again, unfinished) if unfinished else again


def windows(source: Source, job: Job, ledger: Ledger | None, keyword: str) -> Iterator[tuple[date, date]]:
    """The days of `span` in pieces of the source's size, newest first: news is worth more than the past."""
    since, until = span(source, job, ledger, keyword)
    step = timedelta(days=max(1, source.window.days) - 1)
    while since <= until:
        begin = max(since, until - step)
        yield begin, until
        until = begin - timedelta(days=1)


@dataclass
class Tally:
    """How one question stands while the crawl runs."""

    question: Question
    promised: int | None = None
    seen: set[str] = field(default_factory=set)
    """Addresses of its rows."""
    groups: set[str] = field(default_factory=set)
    """Names of the groups some listings count instead of documents."""
    single: int = 0
    """Rows that are in no group."""
    rejected: set[str] = field(default_factory=set)
    """Rows that answer another question, counted so, too."""
    pages: int = 0
    pending: int = 0
    """Documents under way."""
    lost: int = 0
    """Documents that did not come and are to be tried again."""
    tries: int = 0
    """Times its listing was read to the end."""
    complete: bool = False
    """Whether the listing gave what it promised."""
    split: bool = False
    cut: bool = False
    """Whether the limit left some of its documents unasked."""
    reason: str | None = None
    """Why it failed."""
    validators: tuple[str | None, str | None] = (None, None)

    @property
    def received(self) -> int:
        """Different rows the listing gave, rejected ones too."""
        return self.single + len(self.groups | self.rejected)

    def add(self, row: Row) -> None:
        """Note a row of the question."""
        self.seen.add(row.url)
        if row.group:
            self.groups.add(row.group)
        else:
            self.single += 1

    def reject(self, row: Row) -> bool:
        """Note a row of another question; whether it was not noted before."""
        before = len(self.rejected)
        self.rejected.add(row.group or row.url)
        return len(self.rejected) > before

    def take(self, page: Page) -> None:
        """Note a page's promise."""
        self.pages += 1
        if page.promised is not None:
            self.promised = page.promised

    @property
    def short(self) -> bool:
        """Whether less came than was promised."""
        return self.promised is not None and self.received < self.promised

    def state(self, *, finished: bool) -> str:
        """open, done, failed or split."""
        if self.split:
            return "split"
        if self.reason is not None or self.lost:
            return "failed"
        return "done" if finished and self.complete and not self.pending and not self.cut else "open"

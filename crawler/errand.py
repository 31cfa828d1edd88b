"""What a crawl asks for and what it is shown: questions, rows, pages, and the errand of one request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Literal

from crawler.deception import Expect

Role = Literal["listing", "document", "part", "lookup", "robots"]


@dataclass(frozen=True, kw_only=True)
class Question:
    """One window of one listing."""

    since: date
    until: date
    """Last day, included."""
    keyword: str = ""
    plate: str = ""
    category: str = ""
    stock: str = ""
    """Six digits. '': the whole market."""
    org: str = ""
    """cninfo's id of the company."""
    entry: str = ""
    """The address asked, for sources that have several."""

    @property
    def key(self) -> str:
        """Its name in the ledger: the same question has the same name in every crawl."""
        more = "".join(
            f" {name}={value}"
            for name, value in (
                ("keyword", self.keyword),
                ("plate", self.plate),
                ("category", self.category),
                ("stock", self.stock),
                ("entry", self.entry),
            )
            if value
        )
        return f"{self.since}~{self.until}{more}"

    def days(self) -> list[Question]:
        """The same question day by day."""
        count = (self.until - self.since).days + 1
        return [
            replace(self, since=day, until=day)
            for day in (self.since + timedelta(days=n) for n in range(count))
        ]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a listing: a document that is there to be had."""

    url: str
    title: str
    published: date | None
    listing: Mapping[str, Any]
    """The row as it was received."""
    expect: Expect = "html"
    stock: str = ""
    """Six digits of the company it is about, where the listing names one."""
    stamp: str = ""
    """What changes when the document changes: a size, a time. The title and date count anyway."""
    group: str = ""
    """What the listing counts as one row, where that has several documents. '': this document."""
    text: bytes | None = None
    """The document itself where the listing holds it (flash news), as JSON; None: it lies at `url`."""

    @property
    def digest(self) -> str:
        """Name of this row's state, to see that it changed."""
        state = json.dumps([self.title, str(self.published), self.stamp], ensure_ascii=False)
        return hashlib.blake2b(state.encode(), digest_size=12).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a listing, read."""

    rows: list[Row]
    promised: int | None = None
    """Rows the listing says the whole question has. None: it does not say."""
    following: Any = None
    """Page number or cursor of the next page. None: this is the last."""
    unknown: list[str] = field(default_factory=list)
    """Fields of its rows that nobody knew when the spider was written."""


@dataclass(frozen=True, kw_only=True)
class Errand:
    """Why a request is made; travels in its meta and into the archive."""

    role: Role
    expect: Expect
    question: Question | None = None
    cursor: Any = None
    row: Row | None = None
    known_sha256: str | None = None
    """Digest of the version already stored."""
    kept: bool = True
    """Whether the answer goes into the archive; not so for a piece of somebody else's archive."""
    why: str = "new"
    """new, changed (its row did), recheck, retry, listing."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What one crawl of one source was told to do."""

    since: date | None = None
    """First day. None: where the last finished crawl ended, less the source's overlap."""
    until: date | None = None
    """Last day. None: today and the source's `ahead`."""
    keywords: tuple[str, ...] = ()
    """Instead of the source's own."""
    stocks: tuple[str, ...] = ()
    """Six-digit codes to ask for one by one, where the source can be asked so."""
    limit: int | None = None
    """Documents to fetch at most; windows cut short by it stay open."""
    dry_run: bool = False
    """Ask listings, count what is new, write nothing."""
    recheck: bool = False
    """Ask every stored page again, with its validators."""

    @property
    def usual(self) -> bool:
        """Whether it is the source's own daily crawl rather than a window somebody chose."""
        return not (self.since or self.until or self.keywords or self.stocks or self.limit or self.dry_run)

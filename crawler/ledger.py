"""What was asked, fetched, skipped and failed: SQLite in WAL mode, safe under kill -9.

The ledger decides what the archive holds: bytes of an archive file beyond the length the ledger committed
do not count and are cut off at the next start. So a page is written first and committed second, and a crawl
killed between the two asks for that page again.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from crawler.errors import LedgerError

VERSION = 1
BATCH = 64
"""Captures buffered before one short transaction; at most these are asked again after a kill."""

SCHEMA = """
create table crawls (          -- one run of one source
  id integer primary key, source text not null, pid integer not null, job text not null,
  started text not null, finished text,   -- UTC; finished is null while running, and for ever after kill -9
  outcome text,                           -- ok, failed, limited, stopped; null with finished
  reason text, report text);
create index crawls_source on crawls (source, started);
create table windows (         -- one question: dates, keyword, plate, category
  source text not null, question text not null, since text not null, until text not null,
  keyword text not null, state text not null,   -- open, done, failed, split, superseded
  promised integer, received integer not null default 0, rejected integer not null default 0,
  reason text, crawl integer not null, changed text not null,
  primary key (source, question)) without rowid;
create table urls (            -- one document's address
  source text not null, url text not null, state text not null,   -- wanted, fetched, failed, gone, refused
  attempts integer not null default 0, status integer, etag text, modified text, sha256 text,
  versions integer not null default 0, row_digest text, reason text,
  first_seen text not null, checked text,       -- UTC of the last answer, 304 included
  primary key (source, url)) without rowid;
create table captures (        -- one response in the archive
  id integer primary key, source text not null, url text not null, role text not null,
  status integer not null, file text not null, "offset" integer not null, length integer not null,
  meta_length integer not null,
  sha256 text not null, verdict text, fetched text not null, crawl integer not null);
create index captures_url on captures (url);
create table files (           -- one archive file; bytes beyond `length` do not count
  name text primary key, source text not null, length integer not null, closed integer not null default 0)
  without rowid;
create table validators (      -- of listings, kept only once the listing's documents were all settled
  source text not null, url text not null, etag text, modified text, primary key (source, url)) without rowid;
create table incidents (       -- what went wrong or was seen through, one row each
  id integer primary key, crawl integer not null, source text not null, url text not null, what text not null,
  detail text not null, at text not null);
create index incidents_crawl on incidents (crawl);
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows of one document's address."""

    state: str
    attempts: int
    etag: str | None
    modified: str | None
    sha256: str | None
    versions: int
    row_digest: str | None
    checked: str | None
    """UTC moment of the last answer."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a capture lies."""

    file: str
    offset: int
    length: int
    """Bytes of the response record, gzip member and all."""
    meta_length: int
    """Bytes of the metadata record right after it."""
    sha256: str
    """Of the payload."""

    @property
    def end(self) -> int:
        """Offset just past both records."""
        return self.offset + self.length + self.meta_length


def now() -> str:
    """This moment in UTC, to the microsecond."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


class Ledger:
    """One process's hold on the ledger file.

    Raises LedgerError where the file is newer than this program, not a ledger, or locked for longer than
    `wait` seconds.
    """

    def __init__(self, path: Path, *, wait: float = 30.0, readonly: bool = False) -> None:
        self.path = path
        self._pending: list[tuple[str, tuple[Any, ...]]] = []
        self._pending_captures = 0
        try:
            if readonly:
                self._db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=wait)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._db = sqlite3.connect(path, timeout=wait)
            self._db.isolation_level = None
            self._prepare(readonly, wait)
        except sqlite3.Error as error:
            raise LedgerError(f"{path}: {error}; is it a paomo ledger, and does nothing hold it?") from error

    def _to_wal(self, wait: float) -> None:
        """Two processes that begin a ledger together: SQLite does not wait for its lock here, so we do."""
        until = time.monotonic() + wait
        while True:
            try:
                self._db.execute("pragma journal_mode=wal")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > until:
                    raise
                time.sleep(0.02)

    def _prepare(self, readonly: bool, wait: float) -> None:
        version = self._db.execute("pragma user_version").fetchone()[0]
        if version > VERSION:
            raise LedgerError(f"{self.path}: written by a newer paomo (ledger {version}); update this one")
        if readonly:
            return
        self._to_wal(wait)
        self._db.execute("pragma synchronous=normal")
        if version == 0:
            with self.transaction():
                # another process may have made it between the look and the lock
                if self._db.execute("pragma user_version").fetchone()[0] == 0:
                    for statement in SCHEMA.split(";\n"):
                        self._db.execute(statement)
                    self._db.execute(f"pragma user_version={VERSION}")

    def close(self) -> None:
        """Let go of the file; what was not flushed is lost, as it would be by a kill."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, written at once."""
        try:
            self._db.execute("begin immediate")
        except sqlite3.OperationalError as error:
            raise LedgerError(f"{self.path}: held by another process: {error}; try again") from error
        try:
            yield self._db
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    def rows(self, sql: str, *given: Any) -> list[tuple[Any, ...]]:
        """Rows of a question to the ledger."""
        return self._db.execute(sql, given).fetchall()

    def stream(self, sql: str, *given: Any) -> Iterator[tuple[Any, ...]]:
        """The same, row by row: the ledger may be larger than memory."""
        return self._db.execute(sql, given)

    # crawls ---------------------------------------------------------------------------------------

    def begin(self, source: str, pid: int, job: Mapping[str, Any]) -> int:
        """A new crawl's id."""
        with self.transaction() as db:
            cursor = db.execute(
                "insert into crawls (source, pid, job, started) values (?, ?, ?, ?)",
                (source, pid, json.dumps(job, ensure_ascii=False, default=str), now()),
            )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def finish(self, crawl: int, outcome: str, reason: str | None, report: Mapping[str, Any]) -> None:
        """Say how a crawl ended."""
        with self.transaction() as db:
            db.execute(
                "update crawls set finished=?, outcome=?, reason=?, report=? where id=?",
                (now(), outcome, reason, json.dumps(report, ensure_ascii=False, default=str), crawl),
            )

    def incident(self, crawl: int, source: str, url: str, what: str, detail: str) -> None:
        """Note one thing that went wrong (with the next batch)."""
        self._later(
            "insert into incidents (crawl, source, url, what, detail, at) values (?, ?, ?, ?, ?, ?)",
            (crawl, source, url, what, detail[:1000], now()),
        )

    # documents ------------------------------------------------------------------------------------

    def known(self, source: str, url: str) -> Known | None:
        """What is known of an address; None: never seen."""
        found = self._db.execute(
            "select state, attempts, etag, modified, sha256, versions, row_digest, checked from urls"
            " where source=? and url=?",
            (source, url),
        ).fetchone()
        if found is None:
            return None
        return Known(*found)

    def want(self, source: str, url: str) -> None:
        """Note an address that a listing showed (with the next batch)."""
        self._later(
            "insert or ignore into urls (source, url, state, first_seen) values (?, ?, 'wanted', ?)",
            (source, url, now()),
        )

    def fetched(
        self,
        source: str,
        url: str,
        *,
        status: int,
        etag: str | None,
        modified: str | None,
        sha256: str,
        row_digest: str,
        new: bool,
    ) -> None:
        """Note a document's answer; `new` if its bytes were archived as a new version."""
        self._later(
            "insert into urls (source, url, state, attempts, status, etag, modified, sha256, versions,"
            " row_digest, first_seen, checked) values (?1, ?2, 'fetched', 1, ?3, ?4, ?5, ?6, 1, ?7, ?8, ?8)"
            " on conflict (source, url) do update set state='fetched', attempts=attempts+1, status=?3,"
            " etag=?4, modified=?5, sha256=?6, versions=versions+?9, row_digest=?7, reason=null, checked=?8",
            (source, url, status, etag, modified, sha256, row_digest, now(), int(new)),
        )

    def unchanged(self, source: str, url: str, row_digest: str) -> None:
        """Note a 304."""
        self._later(
            "update urls set attempts=attempts+1, row_digest=?, checked=? where source=? and url=?",
            (row_digest, now(), source, url),
        )

    def settle(self, source: str, url: str, state: str, *, status: int | None, reason: str) -> None:
        """Note an address that gave no document: failed (tried again), gone, refused. A stored one stays."""
        self._later(
            "insert into urls (source, url, state, attempts, status, reason, first_seen, checked)"
            " values (?1, ?2, ?3, 1, ?4, ?5, ?6, ?6) on conflict (source, url) do update set"
            " state=case state when 'fetched' then state else ?3 end, attempts=attempts+1, status=?4,"
            " reason=?5, checked=?6",
            (source, url, state, status, reason[:500], now()),
        )

    def capture(
        self,
        source: str,
        url: str,
        role: str,
        status: int,
        placed: Placed,
        verdict: str | None,
        fetched: str,
        crawl: int,
    ) -> None:
        """Note a response in the archive (with the next batch)."""
        self._pending.append(
            (
                'insert into captures (source, url, role, status, file, "offset", length, meta_length,'
                " sha256, verdict, fetched, crawl) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    source,
                    url,
                    role,
                    status,
                    placed.file,
                    placed.offset,
                    placed.length,
                    placed.meta_length,
                    placed.sha256,
                    verdict,
                    fetched,
                    crawl,
                ),
            )
        )
        self._pending_captures += 1

    # files ----------------------------------------------------------------------------------------

    def open_files(self, source: str) -> list[tuple[str, int]]:
        """(name, committed length) of the source's files that may still grow."""
        return self.rows("select name, length from files where source=? and not closed order by name", source)

    # windows --------------------------------------------------------------------------------------

    def window(
        self,
        source: str,
        question: str,
        *,
        since: date,
        until: date,
        keyword: str,
        state: str,
        crawl: int,
        promised: int | None = None,
        received: int = 0,
        rejected: int = 0,
        reason: str | None = None,
    ) -> None:
        """Note one question's state (with the next batch)."""
        self._later(
            "insert or replace into windows values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                source,
                question,
                since.isoformat(),
                until.isoformat(),
                keyword,
                state,
                promised,
                received,
                rejected,
                reason,
                crawl,
                now(),
            ),
        )

    def done_until(self, source: str, keyword: str) -> date | None:
        """Last day of the newest done window that reached its own present; None: there is none.

        A window of the past that somebody chose says nothing about where the daily crawl stands.
        """
        found = self.rows(
            "select max(until) from windows where source=? and keyword=? and state='done'"
            " and until >= substr(changed, 1, 10)",
            source,
            keyword,
        )
        return date.fromisoformat(found[0][0]) if found[0][0] is not None else None

    def unfinished_since(self, source: str, keyword: str) -> date | None:
        """First day of the oldest window that is not done; None: there is none."""
        found = self.rows(
            "select min(since) from windows where source=? and keyword=? and state in ('open', 'failed')",
            source,
            keyword,
        )
        return date.fromisoformat(found[0][0]) if found[0][0] is not None else None

    def supersede(self, source: str, keyword: str, since: date, until: date, crawl: int) -> None:
        """Take the older unfinished windows within days that are all done now off the list."""
        self._later(
            "update windows set state='superseded' where source=? and keyword=?"
            " and state in ('open', 'failed') and since >= ? and until <= ? and crawl < ?",
            (source, keyword, since.isoformat(), until.isoformat(), crawl),
        )

    # validators of listings -----------------------------------------------------------------------

    def validators(self, source: str, url: str) -> tuple[str | None, str | None]:
        """(ETag, Last-Modified) of a listing whose documents were all settled."""
        found = self.rows("select etag, modified from validators where source=? and url=?", source, url)
        return (found[0][0], found[0][1]) if found else (None, None)

    def keep_validators(self, source: str, url: str, etag: str | None, modified: str | None) -> None:
        """Note a listing's validators (with the next batch)."""
        self._later("insert or replace into validators values (?, ?, ?, ?)", (source, url, etag, modified))

    # batches --------------------------------------------------------------------------------------

    def _later(self, sql: str, given: tuple[Any, ...]) -> None:
        self._pending.append((sql, given))

    @property
    def full(self) -> bool:
        """Whether the batch should be flushed now."""
        return self._pending_captures >= BATCH or len(self._pending) >= 16 * BATCH

    def flush(self, files: Iterable[tuple[str, str, int, bool]] = ()) -> None:
        """Commit the batch with (name, source, length, closed) of the archive files it speaks of."""
        known = list(files)
        if not self._pending and not known:
            return
        batch, self._pending, self._pending_captures = self._pending, [], 0
        try:
            with self.transaction() as db:
                for sql, given in batch:
                    db.execute(sql, given)
                db.executemany("insert or replace into files values (?, ?, ?, ?)", known)
        except BaseException:
            self._pending = batch + self._pending
            raise

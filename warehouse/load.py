"""Documents and what was read in them into the warehouse: idempotent, one transaction a batch."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from itertools import islice
from typing import TypeAlias

import duckdb
import pyarrow as pa

from crawler.document import Document
from crawler.reading.rejected import Rejected
from warehouse.crew import INLINE, Crew
from warehouse.extraction import (
    Extract,
    Extracted,
    Refused,
    attempt,
    extract_one,
    extractor_version,
    refusal,
    unstorable,
)
from warehouse.rows import (
    DOCUMENTS,
    Mentions,
    digest,
    document_row,
    fingerprint,
    mention_tables,
    naive_utc,
    registered,
)
from warehouse.store import MENTIONS, closing, set_state, transaction

BATCH = 128
"""Documents a transaction: small enough to lose little to kill -9, large enough for Arrow to pay."""
SHARE, LARGEST = 100, 10_000
"""A batch is a hundredth of what is held, so that a load costs what it brings; never more than this."""
CHARACTERS = 30_000_000
"""Text of one batch, after which it is full: prospectuses are a thousand times as long as flashes."""

Item: TypeAlias = Document | Rejected


@dataclass(slots=True)
class Loaded:
    """What a load did."""

    seen: int = 0
    """Items that came in, rejected ones too."""
    documents: int = 0
    """Document versions new or read again."""
    mentions: int = 0
    rejected: list[Refused] = field(default_factory=list)
    """Everything rejected in this run, known before or not."""
    dropped: list[Refused] = field(default_factory=list)
    """Events that cannot be true; their documents are stored without them."""
    new_rejects: int = 0

    def take(self, stored: _Stored, *, seen: int) -> None:
        """Add what one batch did."""
        self.seen += seen
        self.documents += stored.documents
        self.mentions += stored.mentions
        self.rejected += stored.rejected
        self.dropped += stored.dropped
        self.new_rejects += stored.new_rejects

    @property
    def changed(self) -> bool:
        """Whether the warehouse is another one than before."""
        return bool(self.documents or self.new_rejects)


def load(
    connection: duckdb.DuckDBPyConnection,
    items: Iterable[Item],
    *,
    source: str,
    version: str | None = None,
    extract: Extract = extract_one,
    again: bool = False,
    jobs: int | None = None,
    batch: int | None = None,
    watch: Callable[[Item], None] = lambda item: None,
    refuse: Callable[[Refused], None] = lambda refused: None,
) -> Loaded:
    """Store what is new in `items`; `again` reads known documents anew. `source` goes into `loads`.

    Each batch is one transaction: documents, their mentions and rejects come together or not at all. `batch`
    is its size; None: `BATCH`, and more where much is held already.
    """
    done = Loaded()
    processes = jobs or os.cpu_count() or 1
    run = _Run(connection, source, version or extractor_version(), datetime.now(UTC).replace(tzinfo=None))
    stream = iter(items)
    held = _held(connection)

    def finish(writing: tuple[list[Item], Future[_Stored]] | None) -> None:
        if writing is None:
            return
        chunk, future = writing
        stored = future.result()
        done.take(stored, seen=len(chunk))
        for item in chunk:
            watch(item)
        for refused in stored.rejected:
            refuse(refused)

    with ExitStack() as stack:
        # a batch is written while the next one is read: DuckDB and the extractor each have work all the time
        writer = stack.enter_context(ThreadPoolExecutor(1, "writer"))
        crew: Crew | None = None
        before = None
        while chunk := _next(stream, batch or _size(held + done.documents)):
            wanted = run.sift(chunk, again=again)
            if crew is None and before and len(wanted.fresh) > INLINE and processes > 1:
                crew = stack.enter_context(Crew(processes, extract))
            read = crew.read if crew else partial(_read_here, extract=extract)
            ready = run.prepare(wanted, read(wanted.fresh))
            finish(before)
            before = chunk, writer.submit(run.store, ready)
        finish(before)
    return done


def _held(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("SELECT count(*) FROM documents").fetchone()
    return int(row[0]) if row else 0


def _size(held: int) -> int:
    """Documents of the next batch: it is compared with all that is held, so it grows with that."""
    return min(max(BATCH, held // SHARE), LARGEST)


def _next(stream: Iterator[Item], count: int) -> list[Item]:
    """At most `count` items, fewer where their texts are long."""
    chunk: list[Item] = []
    characters = 0
    for item in islice(stream, count):
        chunk.append(item)
        characters += len(item.text) if isinstance(item, Document) else 0
        if characters >= CHARACTERS:
            break
    return chunk


def _read_here(documents: Sequence[Document], *, extract: Extract) -> list[Extracted | Refused]:
    return [attempt(document, extract) for document in documents]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A batch, sorted by what there is to do."""

    fresh: list[Document]
    """To be extracted and stored."""
    known: list[Document]
    """Stored before and unchanged; only seen again."""
    order: list[Document]
    """Both, as they came."""
    rejected: list[Refused]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A batch as rows."""

    documents: pa.Table | None
    mentions: list[Mentions]
    known: list[Document]
    settled: list[Document]
    """Of these one version each is to count."""
    rejected: list[Refused]
    dropped: list[Refused]


@dataclass(frozen=True, slots=True)
class _Stored:
    """What one batch changed."""

    documents: int
    mentions: int
    rejected: list[Refused]
    dropped: list[Refused]
    new_rejects: int


Versions: TypeAlias = dict[tuple[str, str], tuple[str, str]]
"""Document and its sha256 to its fingerprint and the extractor's version."""


@dataclass(slots=True)
class _Run:
    """One load: its connection and what all its batches share."""

    connection: duckdb.DuckDBPyConnection
    source: str
    version: str
    now: datetime
    load_id: int | None = None
    ahead: Versions = field(default_factory=dict)
    """Documents of the batch that is being written."""

    def sift(self, items: Sequence[Item], *, again: bool) -> _Wanted:
        """Tell new documents from known ones and from rejects."""
        rejected = [refusal(i) for i in items if isinstance(i, Rejected)]
        # the last of two equal versions in one batch counts: it has the later metadata
        documents: dict[tuple[str, str], Document] = {}
        for document in items:
            if isinstance(document, Document):
                if refused := unstorable(document):
                    rejected.append(refused)
                else:
                    documents.pop((document.doc_id, document.sha256), None)
                    documents[document.doc_id, document.sha256] = document
        stored = self._stored(documents.values())
        fresh: list[Document] = []
        known: list[Document] = []
        for key, document in documents.items():
            same = stored.get(key) == (fingerprint(document), self.version) and not again
            (known if same else fresh).append(document)
        return _Wanted(fresh, known, list(documents.values()), rejected)

    def _stored(self, documents: Iterable[Document]) -> Versions:
        cursor = self.connection.cursor()  # of its own: the batch before may still be in its transaction
        with closing(cursor), registered(cursor, _keys(documents)):
            rows = cursor.execute(
                "SELECT d.doc_id, d.sha256, d.fingerprint, d.extractor_version"
                " FROM documents d JOIN incoming i USING (doc_id, sha256)"
            ).fetchall()
        return {(doc_id, sha): (mark, version) for doc_id, sha, mark, version in rows} | self.ahead

    def prepare(self, wanted: _Wanted, results: Sequence[Extracted | Refused]) -> _Ready:
        """What was read as rows; nothing is written yet."""
        good = [r for r in results if isinstance(r, Extracted)]
        rejected = wanted.rejected + [r for r in results if isinstance(r, Refused)]
        refused = {r.location for r in rejected}
        rows = [document_row(e.document, now=self.now, version=self.version) for e in good]
        self.ahead = {
            (row["doc_id"], row["sha256"]): (row["fingerprint"], row["extractor_version"]) for row in rows
        }
        return _Ready(
            pa.Table.from_pylist(rows, DOCUMENTS) if rows else None,
            mention_tables(good, version=self.version),
            wanted.known,
            [d for d in wanted.order if d.doc_id not in refused],
            rejected,
            [refused for e in good for refused in e.dropped],
        )

    def store(self, ready: _Ready) -> _Stored:
        """Write one batch in one transaction."""
        read, mentions, new_rejects = 0, 0, 0
        refused = ready.rejected + ready.dropped
        with transaction(self.connection):
            if ready.documents is not None:
                read = ready.documents.num_rows
                mentions = self._replace(ready.documents, ready.mentions)
                with registered(self.connection, ready.documents.select(["doc_id"])):
                    self.connection.execute(_MENDED)
            if ready.known:
                self._seen_again(ready.known)
            self._settle_current(ready.settled)
            if refused:
                new_rejects = self._reject(refused)
            if read or new_rejects:
                set_state(self.connection, "resolved", "no")
                self._note(read, mentions, new_rejects)
        return _Stored(read, mentions, ready.rejected, ready.dropped, new_rejects)

    def _replace(self, documents: pa.Table, mentions: Sequence[Mentions]) -> int:
        with registered(self.connection, documents):
            replaced = self.connection.execute(
                "SELECT count(*) FROM documents JOIN incoming USING (doc_id, sha256)"
            ).fetchall()[0][0]
            self.connection.execute(_KEEP_SEEN if replaced else _ADD_DOCUMENTS)
            if replaced:
                for table in ("documents", "document_marks", *MENTIONS.values()):
                    self.connection.execute(f"DELETE FROM {table} t USING incoming i WHERE {_SAME}")
                self.connection.execute("INSERT INTO documents BY NAME FROM merged; DROP TABLE merged")
        return store_mentions(self.connection, mentions)

    def _seen_again(self, documents: Sequence[Document]) -> None:
        captured = [d for d in documents if d.fetched_at is not None]
        if not captured:
            return
        with registered(self.connection, _keys(captured)):
            self.connection.execute(
                "UPDATE documents d SET last_seen = greatest(d.last_seen, i.fetched_at),"
                " first_seen = least(d.first_seen, i.fetched_at),"
                " fetched_at = greatest(d.fetched_at, i.fetched_at)"
                " FROM (SELECT doc_id, sha256, max(fetched_at) AS fetched_at FROM incoming GROUP BY ALL) i"
                " WHERE d.doc_id = i.doc_id AND d.sha256 = i.sha256"
                " AND (d.last_seen < i.fetched_at OR d.first_seen > i.fetched_at OR d.fetched_at IS NULL)"
            )

    def _settle_current(self, documents: Sequence[Document]) -> None:
        """Of a document's versions the one captured last counts; of a user's files, the one loaded last."""
        with registered(self.connection, _keys({d.doc_id: d for d in documents}.values())):
            self.connection.execute(_SETTLE)

    def _reject(self, rejected: Sequence[Refused]) -> int:
        rows = {
            digest(r.location, r.reason, r.message): {
                "reject_id": digest(r.location, r.reason, r.message),
                "location": r.location.encode("utf-8", "replace").decode(),
                "stage": r.stage,
                "reason": r.reason,
                "message": r.message.encode("utf-8", "replace").decode(),
                "first_seen": self.now,
            }
            for r in rejected
        }
        with registered(self.connection, pa.Table.from_pylist(list(rows.values()))):
            return int(
                self.connection.execute(
                    "INSERT INTO rejects BY NAME SELECT * FROM incoming ANTI JOIN rejects USING (reject_id)"
                ).fetchall()[0][0]
            )

    def _note(self, documents: int, mentions: int, rejects: int) -> None:
        if self.load_id is None:
            last = self.connection.execute("SELECT coalesce(max(load_id), 0) FROM loads").fetchall()[0][0]
            self.load_id = last + 1
            self.connection.execute(
                "INSERT INTO loads VALUES (?, ?, NULL, ?, 0, 0, 0, ?, ?)",
                [self.load_id, self.now, self.source, self.version, program_version()],
            )
        self.connection.execute(
            "UPDATE loads SET finished = now()::TIMESTAMP, documents = documents + ?,"
            " mentions = mentions + ?, rejects = rejects + ? WHERE load_id = ?",
            [documents, mentions, rejects, self.load_id],
        )


_SAME = "t.doc_id = i.doc_id AND t.sha256 = i.sha256"
_ADD_DOCUMENTS = "INSERT INTO documents BY NAME FROM incoming"
_KEEP_SEEN = """
    CREATE TEMP TABLE merged AS
    SELECT i.* REPLACE (
        least(i.first_seen, coalesce(d.first_seen, i.first_seen)) AS first_seen,
        CASE WHEN i.fetched_at IS NULL THEN coalesce(d.last_seen, i.last_seen)
             ELSE greatest(i.last_seen, coalesce(d.last_seen, i.last_seen)) END AS last_seen,
        greatest(i.fetched_at, d.fetched_at) AS fetched_at)
    FROM incoming i LEFT JOIN documents d USING (doc_id, sha256)
"""
_MENDED = r"""
    DELETE FROM rejects
    WHERE regexp_replace(location, '#page=\d+$', '') IN (SELECT doc_id FROM incoming)
"""
"""What was wrong with a document before it was read (again) is wrong no longer, or is entered anew."""
_SETTLE = """
    UPDATE documents d SET is_current = w.wins
    FROM (
        SELECT d.doc_id, d.sha256,
               row_number() OVER (
                   PARTITION BY d.doc_id
                   ORDER BY CASE WHEN i.fetched_at IS NULL THEN i.sha256 = d.sha256 END DESC,
                            d.last_seen DESC, i.sha256 = d.sha256 DESC, d.sha256
               ) = 1 AS wins
        FROM documents d JOIN incoming i ON d.doc_id = i.doc_id
    ) w
    WHERE d.doc_id = w.doc_id AND d.sha256 = w.sha256 AND d.is_current <> w.wins
"""


def store_mentions(connection: duckdb.DuckDBPyConnection, batch: Sequence[Mentions]) -> int:
    """Append mentions with their ids and derived dates; the number of rows."""
    for mentions in batch:
        with registered(connection, mentions.rows):
            columns = tuple(mentions.rows.column_names)
            connection.execute(_insert_mentions(mentions.table, columns, mentions.crowded))
    return sum(mentions.rows.num_rows for mentions in batch)


@cache
def _insert_mentions(table: str, columns: tuple[str, ...], crowded: bool) -> str:
    """The statement that stores one kind of mention.

    An id depends on the document's version and on what was read in it, and on nothing else, so it is the same
    in every warehouse; two equal readings of one place are told apart by number.
    """
    told = sorted(set(columns) - {"extractor_version", "page"})
    content = ", ".join(f"""coalesce("{column}"::VARCHAR, '')""" for column in told)
    dates = [column for column in columns if column.endswith("_date") or column == "as_of"]
    derived = "".join(
        f", iso_from({c}) AS {c.removesuffix('_date')}_from, iso_to({c}) AS {c.removesuffix('_date')}_to"
        for c in dates
    )
    hashed = f"SELECT *, md5(concat_ws(chr(31), {content})) AS content{derived} FROM incoming"
    if not crowded:
        return f"""
            INSERT INTO {table} BY NAME
            SELECT * EXCLUDE (content), content[:16] AS event_id FROM ({hashed})
        """
    return f"""
        INSERT INTO {table} BY NAME
        WITH hashed AS ({hashed}),
        numbered AS (SELECT *, row_number() OVER (PARTITION BY content) AS n FROM hashed)
        SELECT * EXCLUDE (content, n),
            (CASE n WHEN 1 THEN content ELSE md5(content || n) END)[:16] AS event_id
        FROM numbered
    """


def _keys(documents: Iterable[Document]) -> pa.Table:
    documents = list(documents)
    return pa.table(
        {
            "doc_id": pa.array([d.doc_id for d in documents], pa.string()),
            "sha256": pa.array([d.sha256 for d in documents], pa.string()),
            "fetched_at": pa.array([naive_utc(d.fetched_at) for d in documents], pa.timestamp("us")),
        }
    )


def program_version() -> str:
    """Version of this program, as installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("paomo")
    except PackageNotFoundError:  # run from a source folder that was never installed
        return "0+source"

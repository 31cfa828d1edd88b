"""What the pages ask: one thing, one page of a view, one query of the user's; each bounded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import duckdb

from crawler.errors import QueryError
from warehouse import ask
from warehouse.hints import SHORT, explained
from warehouse.home import Home
from warehouse.sandbox import Answer, run
from warehouse.server.cache import stamp
from warehouse.store import MENTIONS

QUERY = 10_000
"""Characters a query may have."""
SECONDS = 10.0
"""Time a query may take here."""
WINDOW = 6000
"""Code points of a document shown on either side of what is looked at."""
WORDS = 10
"""Words of a filter that count."""
WEIGHT = 30_000_000
"""Characters an answer may have in all."""


@dataclass(frozen=True, slots=True)
class Bounded:
    """An answer of at most so many rows; `more`: there were others; `total`: how many, if counted."""

    answer: Answer
    more: bool
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """Which rows of a view.

    `where`: columns and the text their value must print as; `find`: words that a row must hold in any column;
    `sort`: a column, `-column` for the other way round, empty for the view's own order.
    """

    limit: int
    offset: int = 0
    where: Mapping[str, str] = field(default_factory=dict)
    find: str = ""
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """Part of a document; `marked` says for each piece which event's evidence it is, if any."""

    document: dict[str, Any]
    pieces: list[tuple[str, str | None]]
    events: Answer
    versions: Answer
    shown: int


def users(home: Home, query: str, *, limit: int, seconds: float = SECONDS) -> Bounded:
    """One query of the user's; QueryError where it is none, more than one, wrong, or too much."""
    if len(query) > QUERY:
        raise QueryError(f"a query may have {QUERY:,} characters; this one has {len(query):,}")
    with ask.reader(home) as connection:
        bounded = _bounded(connection, query.strip().rstrip(";"), limit + 1)
        answer = run(connection, bounded, seconds=seconds)
    return _cut(answer, limit)


def _bounded(connection: duckdb.DuckDBPyConnection, query: str, limit: int) -> str:
    try:
        statements = connection.extract_statements(query)
    except duckdb.Error as error:
        raise explained(connection, error) from error
    if len(statements) != 1:
        raise QueryError("one query at a time" if statements else "there is no query")
    kind = statements[0].type
    if kind == duckdb.StatementType.EXPLAIN:
        return query
    if kind != duckdb.StatementType.SELECT:
        raise QueryError("only questions can be asked here: SELECT, FROM, WITH, DESCRIBE, SUMMARIZE, EXPLAIN")
    return f"SELECT * FROM (\n{query}\n) LIMIT {limit}"


def _cut(answer: Answer, limit: int) -> Bounded:
    rows = answer.rows[:limit]
    weight = sum(len(value) for row in rows for value in row if isinstance(value, str | bytes))
    if weight > WEIGHT:
        raise QueryError(f"the answer has {weight:,} characters; select fewer rows or columns")
    return Bounded(Answer(answer.columns, rows), len(answer.rows) > limit)


def view(home: Home, name: str, wanted: Slice, *, count: bool = False) -> Bounded:
    """Rows of a view; KeyError where there is none of this name, QueryError where it has no such column."""
    with ask.reader(home) as connection:
        name = SHORT.get(name, name)
        known = _columns(stamp(home), home, name)
        sort = wanted.sort.removeprefix("-")
        if unknown := {*wanted.where, *filter(None, [sort])} - set(known):
            raise QueryError(f"{name} has no column {min(unknown)}; it has: {', '.join(known)}")
        words = wanted.find.lower().split()[:WORDS]
        rows = f'FROM "{name}"' + _conditions(known, wanted.where, words)
        given = [*wanted.where.values(), *words]
        order = _order(known, sort, descending=wanted.sort.startswith("-")) if sort else ""
        page = [*given, wanted.limit + 1, wanted.offset]
        answer = run(connection, f"{rows}{order} LIMIT ? OFFSET ?", page, seconds=SECONDS)
        total = (
            run(connection, f"SELECT count(*) {rows}", given, seconds=SECONDS).rows[0][0] if count else None
        )
    bounded = _cut(answer, wanted.limit)
    return Bounded(bounded.answer, bounded.more, total)


@lru_cache(maxsize=256)
def _columns(_: str, home: Home, name: str) -> tuple[str, ...]:
    """Columns of a view in the state of this stamp; KeyError where there is no such view."""
    with ask.reader(home) as connection:
        if name not in ask.views(connection):
            raise KeyError(name)
        return tuple(c for c, *_ in connection.execute(f'DESCRIBE "{name}"').fetchall())


def _conditions(known: Sequence[str], where: Iterable[str], words: Sequence[str]) -> str:
    row = "lower(concat_ws(' ', " + ", ".join(f'"{column}"::VARCHAR' for column in known) + "))"
    conditions = [f'"{column}"::VARCHAR = ?' for column in where] + [f"contains({row}, ?)" for _ in words]
    return " WHERE " + " AND ".join(conditions) if conditions else ""


def _order(known: Sequence[str], sort: str, *, descending: bool) -> str:
    # rows that are alike in what they are sorted by must not change places from page to page
    others = [f'"{c}"' for c in (*known[:3], *({"event_id", "doc_id"} & set(known))) if c != sort]
    first = f'"{sort}" {"DESC" if descending else "ASC"} NULLS LAST'
    return " ORDER BY " + ", ".join([first, *others])


def dictionary(home: Home) -> dict[str, dict[str, Any]]:
    """Every view and table: its comment, and its columns with type and comment."""
    with ask.reader(home) as connection:
        named = run(
            connection,
            "SELECT name, comment, rank FROM ("
            "SELECT view_name AS name, comment, 0 AS rank FROM duckdb_views()"
            " WHERE NOT internal AND schema_name = 'main'"
            " UNION ALL SELECT table_name, comment, 1 FROM duckdb_tables()"
            " WHERE NOT internal AND schema_name = 'main' AND comment IS NOT NULL)"
            " ORDER BY starts_with(name, 'stage_'), rank, name",
        )
        columns = run(
            connection,
            "SELECT table_name, column_name, data_type, comment FROM duckdb_columns()"
            " WHERE NOT internal AND schema_name = 'main' ORDER BY table_name, column_index",
        )
    found: dict[str, dict[str, Any]] = {n: {"comment": c or "", "columns": []} for n, c, _ in named.rows}
    for table, name, kind, comment in columns.rows:
        if table in found:
            found[table]["columns"].append({"name": name, "type": kind, "comment": comment or ""})
    return found


_MARKS = " UNION ALL ".join(
    f'SELECT event_id, event, start, "end", left(quote, 300) AS quote FROM {table}'
    " WHERE doc_id = $1 AND sha256 = $2"
    for table in MENTIONS.values()
)


def passage(home: Home, doc_id: str, *, sha256: str | None = None, at: int = 0, end: int = 0) -> Passage:
    """A document around the code points `at` to `end`, its evidence marked; KeyError where there is none."""
    with ask.reader(home) as connection:
        found = run(
            connection,
            "SELECT doc_id, sha256, url, title, source, tier, kind, published, fetched_at, reader,"
            " characters, copies_of, substring(text, $3 + 1, $4) AS text FROM documents"
            " WHERE doc_id = $1 AND (sha256 = $2 OR ($2 IS NULL AND is_current))",
            [doc_id, sha256, first := max(0, at - WINDOW), max(end, at) - first + WINDOW],
        )
        if not found.rows:
            raise KeyError(doc_id)
        (document,) = found.records()
        events = run(connection, f"FROM ({_MARKS}) ORDER BY start, event_id", [doc_id, document["sha256"]])
        versions = run(
            connection,
            "SELECT sha256, first_seen, last_seen, is_current, reader, extractor_version FROM documents"
            " WHERE doc_id = ? ORDER BY first_seen, sha256",
            [doc_id],
        )
    text = document.pop("text")
    marks = [(e["start"] - first, e["end"] - first, e["event_id"]) for e in events.records()]
    return Passage(document, list(pieces(text, marks)), events, versions, len(text))


def pieces(text: str, marks: Iterable[tuple[int, int, str]]) -> Iterable[tuple[str, str | None]]:
    """The text in pieces, each with the event it is evidence of; of marks that overlap the first counts."""
    position = 0
    for start, end, event_id in sorted(marks):
        if start < position or end > len(text):
            continue
        if start > position:
            yield text[position:start], None
        yield text[start:end], event_id
        position = end
    if position < len(text):
        yield text[position:], None


def reviews(home: Home, event_id: str) -> Answer:
    """What reviewers said of this event, in their order."""
    with ask.reader(home) as connection:
        return run(
            connection,
            "SELECT verb, field, value, reviewer, note, made_at FROM reviews"
            " WHERE event_id = ? OR other_event_id = ? ORDER BY review_no",
            [event_id, event_id],
        )


def place_of(home: Home, event_id: str) -> tuple[int, int] | None:
    """Number of the contract and of its event that a mention means; None: it is of another kind."""
    return _whole_of(home, "SELECT contract_no, event_no FROM contract_sources WHERE event_id = ?", event_id)


def project_of(home: Home, event_id: str) -> int | None:
    """Number of the project that a mention means; None: it is of another kind."""
    found = _whole_of(home, "SELECT project_no, 0 FROM project_sources WHERE event_id = ?", event_id)
    return found[0] if found else None


def _whole_of(home: Home, query: str, event_id: str) -> tuple[int, int] | None:
    with ask.reader(home) as connection:
        rows = run(connection, query, [event_id]).rows
    return (int(rows[0][0]), int(rows[0][1])) if rows else None


OF_A_COMPANY = 1000
"""Contracts and projects shown of one."""
_COMPANY = {
    "exposure": "FROM company_exposure WHERE company_code = $1 OR company = $1",
    "contracts": (
        "SELECT contract_no, counterparty, category, amount, currency, signed, state, cancelled, reason,"
        " steps, sources FROM contract_lifecycle WHERE company_code = $1 OR company = $1"
        f" LIMIT {OF_A_COMPANY}"
    ),
    "projects": (
        "SELECT project_no, name, province, stage, sources, project_id AS event_id FROM projects"
        " WHERE operator = $1 OR operator IN (SELECT company FROM contracts WHERE company_code = $1)"
        f" LIMIT {OF_A_COMPANY}"
    ),
}


def company(home: Home, who: str) -> dict[str, Answer]:
    """A company by code or name: exposure, contracts, projects; KeyError where nothing is known of it."""
    with ask.reader(home) as connection:
        found = {name: run(connection, query, [who]) for name, query in _COMPANY.items()}
    if not any(answer.rows for answer in found.values()):
        raise KeyError(who)
    return found

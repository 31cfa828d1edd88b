"""The questions. The command line, the report and the server call nothing else; all read a snapshot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb

from crawler.errors import QueryError
from warehouse.home import Home
from warehouse.publish import readable
from warehouse.sandbox import MEMORY, SECONDS, Answer, opened, run
from warehouse.store import MENTIONS

SHORT = {
    "cancellations": "cancellations",
    "prices": "price_quotes",
    "projects": "project_sizes",
    "utilisation": "utilisation_rates",
}
"""What `show` calls the panels for short."""

AT_A_GLANCE = {
    "cancellations": (
        "company, company_code AS code, party, counterparty, contract, bound, amount, currency, signed,"
        " cancelled, reason, sources, quote, event_id"
    ),
    "price_quotes": (
        "kind, item, unit, gpus, bound, amount, amount_max, currency, period, as_of, qualifier,"
        " cny_per_gpu_hour, quote, event_id"
    ),
    "project_sizes": (
        "place, project, operator, stage, measure, bound, amount, amount_max, unit, as_of, quote, event_id"
    ),
    "utilisation_rates": "metric, scope, bound, rate, rate_max, as_of, status, quote, event_id",
}
"""Columns of a panel that a table shows; the other formats give all."""


@contextmanager
def reader(home: Home, *, memory: str = MEMORY) -> Iterator[duckdb.DuckDBPyConnection]:
    """The snapshot that counts, for reading only."""
    with opened(readable(home), memory=memory) as connection:
        yield connection


def sql(home: Home, query: str, *, seconds: float = SECONDS, memory: str = MEMORY) -> Answer:
    """Any query of the user's; QueryError says in one line what is wrong with it."""
    with reader(home, memory=memory) as connection:
        return run(connection, query, seconds=seconds)


def show(
    home: Home, view: str, *, glance: bool = False, where: str | None = None, limit: int | None = None
) -> Answer:
    """A panel by its name or short name; `glance` leaves out the columns a table has no room for."""
    with reader(home) as connection:
        name = SHORT.get(view, view)
        known = views(connection)
        if name not in known:
            raise QueryError(f"no view named {view}; there are: {', '.join([*SHORT, *sorted(known)])}")
        columns = AT_A_GLANCE.get(name, "*") if glance else "*"
        condition = f" WHERE {where}" if where else ""
        bound = "" if limit is None else f" LIMIT {int(limit)}"
        return run(connection, f'SELECT {columns} FROM "{name}"{condition}{bound}')


def views(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Views and tables `show` can print."""
    rows = connection.execute(
        "SELECT view_name FROM duckdb_views() WHERE NOT internal"
        " UNION SELECT table_name FROM duckdb_tables() WHERE NOT internal"
    ).fetchall()
    return {name for (name,) in rows}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One mention with its document: what `explain` shows."""

    row: dict[str, Any]
    source: dict[str, Any]
    before: str
    """The sentence up to the quote."""
    quote: str
    after: str


_SENTENCE_END = re.compile(r"[。！？!?；;\n]")
CONTEXT = 160
"""Code points of context shown where no sentence ends earlier."""


def evidence(home: Home, event_id: str) -> Evidence:
    """The mention of this id (or its beginning); QueryError where none or several have it."""
    with reader(home) as connection:
        row = _mention(connection, event_id)
        answer = run(
            connection,
            "SELECT doc_id, url, title, source, tier, kind, published, fetched_at, reader, sha256, text"
            " FROM documents WHERE doc_id = ? AND sha256 = ?",
            [row["doc_id"], row["sha256"]],
        )
    (source,) = answer.records()
    text, start, end = source.pop("text"), row["start"], row["end"]
    before, after = sentence_around(text, start, end)
    return Evidence(row, source, before, text[start:end], after)


def _mention(connection: duckdb.DuckDBPyConnection, event_id: str) -> dict[str, Any]:
    if len(event_id) < 4 or not re.fullmatch(r"[0-9a-f]+", event_id):
        raise QueryError(
            f"{event_id}: not an event id; `paomo show cancellations` prints them in its last column"
        )
    found = [
        record
        for table in MENTIONS.values()
        for record in run(
            connection, f"SELECT * FROM {table} WHERE starts_with(event_id, ?) LIMIT 2", [event_id]
        ).records()
    ]
    if not found:
        raise QueryError(f"{event_id}: no event has this id; `paomo show cancellations` prints ids")
    if len(found) > 1:
        raise QueryError(f"{event_id}: several events begin so; give more of the id")
    return found[0]


def sentence_around(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after `text[start:end]` in its sentence."""
    head = text[max(0, start - CONTEXT) : start]
    cuts = [m.end() for m in _SENTENCE_END.finditer(head)]
    tail = text[end : end + CONTEXT]
    stop = None if text[end - 1 : end] in "。！？!?；;\n" else _SENTENCE_END.search(tail)
    closed = 0 if text[end - 1 : end] in "。！？!?；;\n" else (stop.end() if stop else len(tail))
    return head[cuts[-1] if cuts else 0 :].lstrip(), tail[:closed].rstrip()


def status(home: Home) -> Answer:
    """Row counts, the newest document and the last load."""
    with reader(home) as connection:
        tables = ("documents", *MENTIONS.values(), "rejects", "loads")
        counts = " UNION ALL ".join(
            f"SELECT {i} AS n, '{t}' AS what, count(*)::VARCHAR AS value FROM {t}"
            for i, t in enumerate(tables)
        )
        return run(
            connection,
            f"SELECT what, value FROM ({counts}"
            " UNION ALL SELECT 90, 'newest document', max(published)::VARCHAR FROM documents"
            " UNION ALL SELECT 91, 'last load (UTC)', strftime(max(finished), '%Y-%m-%d %H:%M:%S') FROM loads"
            ") ORDER BY n",
        )

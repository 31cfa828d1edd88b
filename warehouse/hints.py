"""What to do about a query that went wrong: the nearest name, the right quotes, where columns are listed."""

from __future__ import annotations

import re
from difflib import get_close_matches

import duckdb

from crawler.errors import QueryError
from warehouse.store import first_line

LONGEST = 300
"""Characters of DuckDB's own words that are kept: it lists every form of a function."""
_TABLE = re.compile(r"Table with name (?P<name>.+?) does not exist")
_COLUMN = re.compile(
    r'Referenced column "(?P<name>.+?)" not found|does not have a column named "(?P<other>.+?)"'
)
_FILE = re.compile(r"[/\\]|\.(csv|parquet|json|jsonl|txt|duckdb|db)$")
LISTED = "`paomo show` lists the views, docs/dictionary.md their columns"


def explained(connection: duckdb.DuckDBPyConnection, error: duckdb.Error) -> QueryError:
    """A DuckDB error as ours, in one line: what was wrong and what to write instead."""
    line = first_line(error)
    if isinstance(error, duckdb.PermissionException):
        return QueryError(
            f"a query reaches no file, no network and no extension, only the snapshot; {LISTED}"
        )
    if "read-only" in line or "read only" in line:
        return QueryError(
            "a query only reads; correct a row with `paomo review`, add documents with `paomo load`"
        )
    if isinstance(error, duckdb.ParserException):
        return QueryError(f"{line}; write SELECT company, amount FROM cancellations, for example; {LISTED}")
    if found := _TABLE.search(line):
        return QueryError(_no_table(connection, found["name"]))
    if found := _COLUMN.search(line):
        return QueryError(_no_column(connection, line, found["name"] or found["other"]))
    return QueryError(line if len(line) <= LONGEST else f"{line[:LONGEST]}…")


def _no_table(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    if _FILE.search(name):
        return f"{name}: a query reaches no file, only the snapshot; add documents with `paomo load`"
    rows = connection.execute(
        "SELECT view_name FROM duckdb_views() WHERE NOT internal"
        " UNION SELECT table_name FROM duckdb_tables() WHERE NOT internal AND schema_name = 'main'"
    ).fetchall()
    return f"no table or view named {name}{_nearest(name, [n for (n,) in rows])}; {LISTED}"


def _no_column(connection: duckdb.DuckDBPyConnection, line: str, name: str) -> str:
    if not name.isascii() or " " in name:
        return f"no column named {name}; text stands in single quotes: '{name}'"
    rows = connection.execute(
        "SELECT DISTINCT column_name FROM duckdb_columns() WHERE NOT internal AND schema_name = 'main'"
    ).fetchall()
    candidates = re.search(r"Candidate bindings: (.+)", line)
    near = f"; there: {candidates[1]}" if candidates else _nearest(name, [n for (n,) in rows])
    return f"no column named {name} in what the query reads{near}; {LISTED}"


def _nearest(name: str, known: list[str]) -> str:
    near = get_close_matches(name.lower(), sorted(known), n=3, cutoff=0.5)
    return f"; nearest: {', '.join(near)}" if near else ""

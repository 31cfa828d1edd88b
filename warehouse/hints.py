"""What to do about a query that went wrong: the nearest name, the right quotes, where columns are listed."""

from __future__ import annotations

import re
from difflib import get_close_matches

import duckdb

from crawler.errors import QueryError
from warehouse.store import first_line

LONGEST = 300
"""Characters of DuckDB's own words that are kept: it lists every form of a function."""
SHORT = {
    "cancellations": "cancellations",
    "prices": "price_quotes",
    "utilisation": "utilisation_rates",
}
"""What `show` calls the panels for short."""
_TABLE = re.compile(r"Table with name (?P<name>.+?) does not exist")
_COLUMN = re.compile(
    r'Referenced column "(?P<name>.+?)" not found|does not have a column named "(?P<other>.+?)"'
    r'|Column "(?P<joined>.+?)" does not exist on (?:left|right) side of join'
)
_FILE = re.compile(r"[/\\]|\.(csv|parquet|json|jsonl|txt|duckdb|db)$")
_TEXT_AS_DATE = re.compile(
    r"VARCHAR.*\b(?:DATE|TIMESTAMP\w*)\b|\b(?:DATE|TIMESTAMP\w*)\b.*VARCHAR"
    r"|types '(?:-|\+|year|quarter|month|day|week|date_?\w*|strftime)\(.*VARCHAR"
)
LISTED = "`paomo show` lists the views, docs/dictionary.md their columns"
READS_ONLY = "a query only reads; correct a row with `paomo review`, add documents with `paomo load`"
EVENT_IDS = "`paomo show cancellations` prints them in its last column"
TIMEOUT, NARROWER = "narrow the query or raise --timeout", "narrow the query or raise --memory"
LESS = "add LIMIT, raise --memory or use `paomo export`"
_DATES = (
    "dates such as cancelled, signed and as_of are text, as precise as their source (2024-10); compare"
    " cancelled_from, signed_from, as_of_from, which are dates: cancelled_from >= DATE '2024-10-01'"
)
_VALUES = (
    "write a date as DATE '2024-10-01', a number without quotes; TRY_CAST gives NULL for what is neither"
)
_WEB = {
    LISTED: "{prefix}/dictionary lists the views and their columns",
    READS_ONLY: "a query only reads",
    EVENT_IDS: "{prefix}/view/cancellations has them in its column event_id",
    TIMEOUT: "narrow the query",
    NARROWER: "narrow the query",
    LESS: "add LIMIT, or ask for fewer columns",
    "; add documents with `paomo load`": "",
    "see `paomo show ": "see {prefix}/view/",
}
"""What a message advises at the shell, and what it advises in a browser."""


def on_the_web(message: str, prefix: str = "") -> str:
    """A message for who has no shell: its advice leads to addresses of the site under `prefix`."""
    for shell, web in _WEB.items():
        message = message.replace(shell, web.format(prefix=prefix))
    return message.replace("`", "")


def explained(connection: duckdb.DuckDBPyConnection, error: duckdb.Error) -> QueryError:
    """A DuckDB error as ours, in one line: what was wrong and what to write instead."""
    line = first_line(error)
    if isinstance(error, duckdb.PermissionException):
        return QueryError(
            f"a query reaches no file, no network and no extension, only the snapshot; {LISTED}"
        )
    if "read-only" in line or "read only" in line:
        return QueryError(READS_ONLY)
    if isinstance(error, duckdb.ParserException):
        return QueryError(f"{line}; write SELECT company, amount FROM cancellations, for example; {LISTED}")
    if found := _TABLE.search(line):
        return QueryError(_no_table(connection, found["name"]))
    if found := _COLUMN.search(line):
        return QueryError(_no_column(connection, line, found["name"] or found["other"] or found["joined"]))
    short = line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
    if _TEXT_AS_DATE.search(line):
        return QueryError(f"{short}; {_DATES}")
    if isinstance(error, duckdb.ConversionException):
        return QueryError(f"{short}; {_VALUES}")
    return QueryError(f"{short}; {LISTED}")


def no_view(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """What to say of a view `show` has not: the nearest names, of views and of their short names."""
    return f"no view named {name}{_nearest(name, [*SHORT, *_named(connection)])}; {LISTED}"


def _no_table(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    if _FILE.search(name):
        return f"{name}: a query reaches no file, only the snapshot; add documents with `paomo load`"
    if whole := SHORT.get(name.lower()):
        return f"no table or view named {name}: in SQL that panel is called {whole}; {LISTED}"
    return f"no table or view named {name}{_nearest(name, _named(connection))}; {LISTED}"


def _named(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "SELECT view_name FROM duckdb_views() WHERE NOT internal"
        " UNION SELECT table_name FROM duckdb_tables() WHERE NOT internal AND schema_name = 'main'"
    ).fetchall()
    return [name for (name,) in rows]


def _no_column(connection: duckdb.DuckDBPyConnection, line: str, name: str) -> str:
    if not name.isascii() or " " in name:
        return f"no column named {name}; text stands in single quotes: '{name}'"
    rows = connection.execute(
        "SELECT DISTINCT column_name FROM duckdb_columns() WHERE NOT internal AND schema_name = 'main'"
    ).fetchall()
    candidates = re.search(r"Candidate bindings: (.+)", line)
    there = re.findall(r'"([^"]+)"', candidates[1]) if candidates else [n for (n,) in rows]
    near = _nearest(name, there)
    if not near and candidates:
        near = f"; there, among others: {', '.join(there)}"
    return f"no column named {name} in what the query reads{near}; {LISTED}"


def _nearest(name: str, known: list[str]) -> str:
    near = get_close_matches(name.lower(), sorted(set(known)), n=3, cutoff=0.5)
    return f"; nearest: {', '.join(near)}" if near else ""

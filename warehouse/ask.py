"""The questions. The command line, the report and the server call nothing else; all read a snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from crawler.errors import QueryError
from warehouse.hints import SHORT, no_view
from warehouse.home import Home
from warehouse.publish import readable
from warehouse.sandbox import MEMORY, SECONDS, Answer, in_bytes, opened, run
from warehouse.store import MENTIONS

AT_A_GLANCE = {
    "cancellations": (
        "company, company_code AS code, party, counterparty, contract, bound, amount, currency, signed,"
        " cancelled, reason, sources, quote, event_id"
    ),
    "price_quotes": (
        "kind, item, unit, gpus, bound, amount, amount_max, currency, period, as_of, qualifier,"
        " cny_per_gpu_hour, quote, event_id"
    ),
    "contract_lifecycle": (
        "contract_no, company, party, counterparty, category, amount, currency, steps, sources, conflicts"
    ),
    "projects": (
        "project_no, name, operator, province, stage, compute_pflops_planned, compute_pflops_standing,"
        " investment_cny_planned, investment_cny_standing, centres_planned, centres_standing, sources"
    ),
    "price_exclusions": "observation_no, reason, item, unit, gpus, amount, currency, period, quote, event_id",
    "project_sizes": (
        "place, project, operator, stage, measure, bound, amount, amount_max, unit, as_of, quote, event_id"
    ),
    "utilisation_rates": "metric, scope, bound, rate, rate_max, as_of, status, quote, event_id",
}
"""Columns of a panel that a table shows; the other formats give all."""


@contextmanager
def reader(home: Home, *, memory: str = MEMORY, alone: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """The snapshot that counts, for reading only; `alone` as `sandbox.opened` has it."""
    with opened(_standing(home), memory=memory, alone=alone) as connection:
        yield connection


def _standing(home: Home) -> Path:
    """The snapshot's file; asked again where it was retired between the pointer and the file."""
    path = readable(home)
    for _ in range(100):
        if path.exists():
            break
        path = readable(home)
    return path


def sql(home: Home, query: str, *, seconds: float = SECONDS, memory: str = MEMORY) -> Answer:
    """Any query of the user's; QueryError says in one line what is wrong with it."""
    in_bytes(memory)
    with reader(home, memory=memory, alone=True) as connection:
        _refuse_several(connection, query)
        return run(connection, query, seconds=seconds, memory=memory)


def _refuse_several(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """DuckDB would run all and answer the last."""
    try:
        # DuckDB 1.5 makes two statements of a PIVOT, neither with a text of its own
        found = sum(bool(statement.query.strip()) for statement in connection.extract_statements(query))
    except duckdb.Error:
        return  # who runs it says what is wrong with it
    if found > 1:
        raise QueryError(
            f"one query at a time; here are {found}, with ; between them: ask one after the other"
        )


def show(
    home: Home, view: str, *, glance: bool = False, where: str | None = None, limit: int | None = None
) -> Answer:
    """A panel by its name or short name; `glance` leaves out the columns a table has no room for."""
    if any(mark in (where or "") for mark in (";", "--", "/*")):
        raise QueryError("--where takes one condition; write a whole query with `paomo sql`")
    with reader(home) as connection:
        name = SHORT.get(view, view)
        known = views(connection)
        if name not in known:
            raise QueryError(no_view(connection, view))
        columns = AT_A_GLANCE.get(name, "*") if glance else "*"
        condition = f" WHERE {where}" if where else ""
        bound = "" if limit is None else f" LIMIT {int(limit)}"
        return run(connection, f'SELECT {columns} FROM "{name}"{condition}{bound}')


def views(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Views and tables `show` can print."""
    rows = connection.execute(
        "SELECT view_name FROM duckdb_views() WHERE NOT internal"
        " UNION SELECT table_name FROM duckdb_tables() WHERE NOT internal AND schema_name = 'main'"
    ).fetchall()
    return {name for (name,) in rows}


def listed(home: Home) -> Answer:
    """Every view and table `show` can print, with what it holds."""
    with reader(home) as connection:
        return run(connection, _LISTED)


_LISTED = """
    SELECT view_name AS name, 'view' AS what, comment AS holds FROM duckdb_views()
    WHERE NOT internal AND NOT starts_with(view_name, 'stage_')
    UNION ALL VALUES ('prices', 'short name', 'What `paomo show` also calls price_quotes.'),
        ('utilisation', 'short name', 'What `paomo show` also calls utilisation_rates.')
    UNION ALL
    SELECT table_name, 'table', comment FROM duckdb_tables() WHERE NOT internal AND schema_name = 'main'
    ORDER BY what DESC, name
"""


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

"""The user's SQL: read only, no file, no network, no extension, bounded in time and memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from crawler.errors import QueryError, WarehouseError
from warehouse.store import closing, connect, query_error, refuse_newer

SECONDS = 60.0
"""Time limit of one query."""
MEMORY = "1GB"


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows with the names of their columns."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def records(self) -> Iterator[dict[str, Any]]:
        """Each row as a dict."""
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)


_HELD: dict[str, tuple[duckdb.DuckDBPyConnection, int]] = {}
"""Databases open in this process, each with the number of its readers."""
_DOOR = threading.Lock()


@contextmanager
def opened(path: Path, *, memory: str = MEMORY) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database for reading only, with the doors locked behind it.

    DuckDB opens a file once a process and its locked settings hold for all: readers of one file at the same
    time share it, each through a cursor of its own, and the memory limit of the first counts.
    """
    name = str(path)
    with _DOOR:
        connection, readers = _HELD.get(name) or (_locked_in(path, memory), 0)
        _HELD[name] = connection, readers + 1
        cursor = connection.cursor()
    try:
        yield cursor
    finally:
        with closing(cursor), _DOOR:
            connection, readers = _HELD.pop(name)
            if readers > 1:
                _HELD[name] = connection, readers - 1
            else:
                connection.close()


def _locked_in(path: Path, memory: str) -> duckdb.DuckDBPyConnection:
    connection = connect(path, read_only=True)
    try:
        if refuse_newer(connection, path) == 0:
            raise WarehouseError(f"{path}: a DuckDB database, but not one of paomo's; use another --home")
        for setting in (
            "SET GLOBAL TimeZone = 'UTC'",
            "SET autoinstall_known_extensions = false",
            "SET autoload_known_extensions = false",
            f"SET memory_limit = '{memory}'",
            "SET temp_directory = ''",
            "SET enable_external_access = false",
            "SET lock_configuration = true",
        ):
            connection.execute(setting)
    except BaseException:
        connection.close()
        raise
    return connection


def run(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    parameters: Sequence[Any] = (),
    *,
    seconds: float = SECONDS,
) -> Answer:
    """All rows of one query; QueryError in one line where it is wrong or takes too long."""
    late = threading.Event()

    def stop() -> None:
        late.set()
        connection.interrupt()

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        result = connection.execute(query, list(parameters) or None)
        # what DuckDB answers to no statement at all: "", ";" or "-- only a remark"
        if result is None:
            raise QueryError("there is no statement in this query; ask one, such as FROM cancellations")
        if result.description is None:
            return Answer((), [])
        return Answer(tuple(column[0] for column in result.description), result.fetchall())
    except duckdb.InterruptException as error:
        if late.is_set():
            raise QueryError(
                f"stopped after {seconds:g} seconds; narrow the query or raise --timeout"
            ) from error
        raise
    except duckdb.OutOfMemoryException as error:
        raise QueryError("needs more memory than it may have; narrow the query or raise --memory") from error
    except duckdb.Error as error:
        raise query_error(error) from error
    finally:
        timer.cancel()

"""The user's SQL: read only, no file, no network, no extension, bounded in time and memory."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from sys import getsizeof
from typing import Any

import duckdb

from crawler.errors import QueryError, WarehouseError
from warehouse.hints import explained
from warehouse.store import closing, connect, refuse_newer

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
    memory: str = MEMORY,
) -> Answer:
    """All rows of one query; QueryError in one line where it is wrong, takes too long or answers too much."""
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
        return Answer(tuple(column[0] for column in result.description), _fetched(result, memory))
    except duckdb.InterruptException as error:
        if late.is_set():
            raise QueryError(
                f"stopped after {seconds:g} seconds; narrow the query or raise --timeout"
            ) from error
        raise
    except duckdb.OutOfMemoryException as error:
        raise QueryError("needs more memory than it may have; narrow the query or raise --memory") from error
    except duckdb.Error as error:
        raise explained(connection, error) from error
    finally:
        timer.cancel()
        timer.join()  # or it could interrupt the query that comes after this one


def _fetched(result: duckdb.DuckDBPyConnection, memory: str) -> list[tuple[Any, ...]]:
    """The rows; the database's own limit does not count what is handed over."""
    most, held, size = in_bytes(memory), 0.0, FIRST
    rows: list[tuple[Any, ...]] = []
    while part := result.fetchmany(size):
        rows += part
        sample = part[:: len(part) // 50 + 1]
        row = sum(getsizeof(row) + sum(map(getsizeof, row)) for row in sample) / len(sample)
        held += len(part) * row
        if held > most:
            raise QueryError(
                f"the answer needs more memory than {memory}; add LIMIT, raise --memory or use `paomo export`"
            )
        size = max(1, min(AT_ONCE, int(most / 10 / row)))
    return rows


FIRST, AT_ONCE = 50, 10_000
"""Rows handed over at first, when nothing is known of their size, and at most."""
_UNITS = {"KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}


def in_bytes(memory: str) -> float:
    """A memory limit as DuckDB writes it (1GB, 512 MiB) in bytes; QueryError where it is none."""
    found = re.fullmatch(r"([\d.]+) ?([KMGT]i?B)", memory.strip(), re.IGNORECASE)
    if found is None:
        raise QueryError(f"{memory}: not a memory limit; write 500MB or 2GB")
    return float(found[1]) * _UNITS[found[2].upper()]

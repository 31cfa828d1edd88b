"""The user's SQL: read only, no file, no network, no extension, bounded in time and memory."""

from __future__ import annotations

import atexit
import os
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from sys import getsizeof
from typing import Any

import duckdb

from crawler.errors import QueryError
from warehouse.hints import LESS, NARROWER, TIMEOUT, explained
from warehouse.store import connect, refuse_other

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


@dataclass(slots=True)
class _Held:
    """A database open in this process."""

    connection: duckdb.DuckDBPyConnection
    readers: int = 0
    idle: list[duckdb.DuckDBPyConnection] = field(default_factory=list)
    """Cursors that nobody uses at the moment; a new one costs a quarter of a short query."""


_HELD: dict[str, _Held] = {}
_DOOR = threading.Lock()
IDLE = 8
"""Cursors kept of one database."""


@contextmanager
def opened(path: Path, *, memory: str = MEMORY, alone: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database for reading only, with the doors locked behind it.

    DuckDB opens a file once a process and its locked settings hold for all: readers of one file at the same
    time share it, each through a cursor of its own, and the memory limit of the first counts. `alone`: nobody
    gets this cursor afterwards, for statements that may leave something behind (BEGIN, CREATE TEMP TABLE).
    """
    name = str(path)
    with _DOOR:
        held = _HELD.get(name) or _Held(_locked_in(path, memory))
        _HELD[name] = held
        held.readers += 1
        cursor = held.idle.pop() if held.idle and not alone else held.connection.cursor()
    try:
        yield cursor
    except BaseException:
        alone = True
        raise
    finally:
        with _DOOR:
            held.readers -= 1
            if alone or len(held.idle) >= IDLE:
                cursor.close()
            else:
                held.idle.append(cursor)
            if held.readers == 0:
                del _HELD[name]
                for one in (*held.idle, held.connection):
                    one.close()


def _locked_in(path: Path, memory: str) -> duckdb.DuckDBPyConnection:
    connection = connect(path, read_only=True)
    try:
        refuse_other(connection, path)
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


@dataclass(eq=False, slots=True)
class _Turn:
    """One query under way."""

    connection: duckdb.DuckDBPyConnection
    until: float
    """Moment of the monotonic clock."""
    late: bool = False
    """Whether it was interrupted for its time."""


class _Watch:
    """One thread that interrupts what takes too long: a timer each would cost more than a short query."""

    def __init__(self) -> None:
        self._begin_anew()
        if hasattr(os, "register_at_fork"):  # a child has the lock as it was and no thread
            os.register_at_fork(after_in_child=self._begin_anew)
        atexit.register(self._stop)  # a thread that lives on keeps DuckDB's module from being taken down

    def _begin_anew(self) -> None:
        self._turns: set[_Turn] = set()
        self._news = threading.Condition()
        self._wakes = 0.0
        self._thread: threading.Thread | None = None
        self._over = False

    def begin(self, connection: duckdb.DuckDBPyConnection, seconds: float) -> _Turn:
        """Watch a query that starts now."""
        turn = _Turn(connection, time.monotonic() + seconds)
        with self._news:
            self._turns.add(turn)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="query limits", daemon=True)
                self._thread.start()
            elif turn.until < self._wakes:
                self._news.notify()
        return turn

    def end(self, turn: _Turn) -> None:
        """No longer: the next query of this connection can't be meant."""
        with self._news:
            self._turns.discard(turn)

    def _stop(self) -> None:
        with self._news:
            self._over = True
            self._news.notify()
        if self._thread:
            self._thread.join()

    def _watch(self) -> None:
        with self._news:
            while not self._over:
                now = time.monotonic()
                for turn in [turn for turn in self._turns if turn.until <= now]:
                    self._turns.discard(turn)
                    turn.late = True
                    turn.connection.interrupt()
                self._wakes = min((turn.until for turn in self._turns), default=now + threading.TIMEOUT_MAX)
                self._news.wait(min(self._wakes - now, threading.TIMEOUT_MAX))


_WATCH = _Watch()


def run(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    parameters: Sequence[Any] = (),
    *,
    seconds: float = SECONDS,
    memory: str = MEMORY,
) -> Answer:
    """All rows of one query; QueryError in one line where it is wrong, takes too long or answers too much."""
    turn = _WATCH.begin(connection, seconds)
    try:
        result = connection.execute(query, list(parameters) or None)
        # what DuckDB answers to no statement at all: "", ";" or "-- only a remark"
        if result is None:
            raise QueryError("there is no statement in this query; ask one, such as FROM cancellations")
        if result.description is None:
            return Answer((), [])
        return Answer(tuple(column[0] for column in result.description), _fetched(result, memory))
    except duckdb.InterruptException as error:
        if turn.late:
            raise QueryError(f"stopped after {seconds:g} seconds; {TIMEOUT}") from error
        raise
    except duckdb.OutOfMemoryException as error:
        raise QueryError(f"needs more memory than it may have; {NARROWER}") from error
    except duckdb.Error as error:
        raise explained(connection, error) from error
    finally:
        _WATCH.end(turn)


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
            raise QueryError(f"the answer needs more memory than {memory}; {LESS}")
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

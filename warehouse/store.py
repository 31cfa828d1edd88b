"""The warehouse file: opened by one writer, migrated forwards, refused in plain words."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import duckdb

from crawler.errors import WarehouseError
from warehouse.home import Home

HERE = Path(__file__).parent
MENTIONS = {
    "contract": "contract_mentions",
    "price": "price_mentions",
    "project": "project_mentions",
    "utilisation": "utilisation_mentions",
}
"""Kind of event to the table of its mentions."""


@cache
def migrations() -> tuple[tuple[int, Path], ...]:
    """Numbered schema files in their order."""
    files = sorted((HERE / "schema").glob("[0-9]*.sql"))
    return tuple((int(file.name.split("_")[0]), file) for file in files)


@cache
def view_files() -> tuple[Path, ...]:
    """View files in the order they are built: stage, fact, panel; inside each by number."""
    return tuple(
        f for folder in ("stage", "fact", "panel") for f in sorted((HERE / "views" / folder).glob("*.sql"))
    )


def newest_schema() -> int:
    """Number of the last schema file this program knows."""
    return migrations()[-1][0]


@contextmanager
def writing(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse opened by its one writer, migrated and with its views; WarehouseError says why not.

    The caller holds `locked(home)`.
    """
    with writing_to(home.warehouse) as connection:
        yield connection


@contextmanager
def writing_to(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Any warehouse file, migrated and with its views."""
    with closing(connect(path)) as connection:
        # a large load would otherwise stop every 16 MB to fold the log into the file
        connection.execute("SET checkpoint_threshold = '256MB'")
        migrate(connection, path)
        yield connection


@contextmanager
def closing(connection: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """Close whatever happens."""
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of it or nothing."""
    connection.execute("BEGIN TRANSACTION")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def locked(home: Home) -> Iterator[None]:
    """Be the one writer of this data folder; WarehouseError names the process that is already."""
    path = home.make().lock
    with path.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            handle.seek(0)
            owner = handle.read().strip() or "unknown"
            raise WarehouseError(
                f"{path.parent}: another process (pid {owner}) is writing there;"
                " wait for it or use another --home"
            ) from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def connect(path: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file; times are UTC. WarehouseError where it is held, newer, broken or missing."""
    if read_only and not path.exists():
        raise WarehouseError(f"{path}: there is no warehouse yet; fill one with `paomo load`")
    try:
        connection = duckdb.connect(str(path), read_only=read_only)
    except duckdb.Error as error:
        raise WarehouseError(_why_not(path, str(error))) from error
    try:
        connection.execute("SET TimeZone = 'UTC'")
    except duckdb.Error:
        connection.close()
        raise
    return connection


def _why_not(path: Path, message: str) -> str:
    if "lock" in message.lower():
        owner = re.search(r"PID (\d+)", message)
        pid = f" (pid {owner[1]})" if owner else ""
        return f"{path}: held by another process{pid}; wait for it to end or use another --home"
    if "version number" in message or "newer version" in message:
        return f"{path}: written by a newer DuckDB than {duckdb.__version__}; update duckdb"
    if "not a valid DuckDB" in message or "orrupt" in message:
        return f"{path}: not a DuckDB database, or a broken one; move it away and run `paomo rebuild`"
    return f"{path}: cannot be opened: {message.splitlines()[0]}"


def schema_of(connection: duckdb.DuckDBPyConnection) -> int:
    """Number of the last schema file applied; 0 for an empty database."""
    tables = connection.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal").fetchall()
    if ("schema_version",) not in tables:
        return 0
    (row,) = connection.execute("SELECT coalesce(max(version), 0) FROM schema_version").fetchall()
    return int(row[0])


def refuse_newer(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """The schema number, if this program knows it; else WarehouseError."""
    version = schema_of(connection)
    if version > newest_schema():
        raise WarehouseError(
            f"{path}: made by a newer paomo (schema {version}, this one knows {newest_schema()});"
            " update paomo"
        )
    return version


def refuse_other(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """For readers, who can't migrate: WarehouseError where the schema is not the one this program asks by."""
    version = refuse_newer(connection, path)
    if version == 0:
        raise WarehouseError(f"{path}: a DuckDB database, but not one of paomo's; use another --home")
    if version < newest_schema():
        raise WarehouseError(
            f"{path}: made by an older paomo (schema {version}, this one asks by {newest_schema()});"
            " `paomo publish` makes it anew"
        )


def migrate(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Apply the schema files that are missing, each in a transaction, then the views if they changed."""
    version = refuse_newer(connection, path)
    if version == 0:
        _begin(connection, path)
    for number, file in migrations():
        if number > version:
            with transaction(connection):
                connection.execute(file.read_text("utf-8"))
                connection.execute("INSERT INTO schema_version VALUES (?, now()::TIMESTAMP)", [number])
    _build_views(connection)


def migrate_in_memory(connection: duckdb.DuckDBPyConnection) -> None:
    """The whole schema and all views in a database that is kept nowhere."""
    migrate(connection, Path(":memory:"))


def _begin(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    tables = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE NOT internal").fetchall()
    if tables[0][0] and schema_of(connection) == 0:
        names = connection.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal").fetchall()
        if ("schema_version",) not in names:
            raise WarehouseError(f"{path}: a DuckDB database, but not one of paomo's; use another --home")
    with transaction(connection):
        connection.execute((HERE / "schema" / "begin.sql").read_text("utf-8"))


def _build_views(connection: duckdb.DuckDBPyConnection) -> None:
    scripts = [file.read_text("utf-8") for file in view_files()]
    digest = hashlib.sha256("\0".join(scripts).encode()).hexdigest()
    known = connection.execute("SELECT digest FROM view_version").fetchall()
    if known == [(digest,)]:
        return
    with transaction(connection):
        for (name,) in connection.execute(
            "SELECT view_name FROM duckdb_views() WHERE NOT internal"
        ).fetchall():
            connection.execute(f'DROP VIEW IF EXISTS "{name}"')
        for file, script in zip(view_files(), scripts, strict=True):
            try:
                connection.execute(script)
            except duckdb.Error as error:
                raise WarehouseError(f"{file.name}: this view cannot be built: {error}") from error
        _inherit_comments(connection)
        connection.execute("DELETE FROM view_version")
        connection.execute("INSERT INTO view_version VALUES (?)", [digest])


def _inherit_comments(connection: duckdb.DuckDBPyConnection) -> None:
    """A view's column without a comment means what the table column of that name means."""
    rows = connection.execute(
        """
        SELECT v.table_name, v.column_name, min_by(t.comment, t.table_oid)
        FROM duckdb_columns() v
        JOIN duckdb_views() w ON w.view_name = v.table_name AND NOT w.internal
        JOIN duckdb_columns() t
            ON t.column_name = v.column_name AND t.comment IS NOT NULL AND t.schema_name = 'main'
        WHERE v.comment IS NULL
        GROUP BY ALL ORDER BY ALL
        """
    ).fetchall()
    for view, column, comment in rows:
        text = comment.replace("'", "''")
        connection.execute(f"""COMMENT ON COLUMN "{view}"."{column}" IS '{text}'""")


def get_state(connection: duckdb.DuckDBPyConnection, name: str) -> str | None:
    """What was remembered under this name; None: nothing."""
    rows = connection.execute("SELECT value FROM state WHERE name = ?", [name]).fetchall()
    return str(rows[0][0]) if rows else None


def set_state(connection: duckdb.DuckDBPyConnection, name: str, value: str) -> None:
    """Remember a value; inside the caller's transaction, if there is one."""
    if get_state(connection, name) != value:
        connection.execute("DELETE FROM state WHERE name = ?", [name])
        connection.execute("INSERT INTO state VALUES (?, ?)", [name, value])


def first_line(error: Exception) -> str:
    """DuckDB's message in one line: the kind of error and the hint, without the caret drawing."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    kept = [line for line in lines if not set(line) <= {"^", " "} and not line.startswith("LINE ")]
    return " ".join(kept) or type(error).__name__

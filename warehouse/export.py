"""The ledger as files: Parquet, CSV, JSON Lines, XLSX, SQLite, with a manifest of what they hold."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from crawler.errors import WarehouseError
from warehouse.home import Home
from warehouse.lake import put_in_place, write_lake
from warehouse.plain import as_json, plain
from warehouse.publish import readable
from warehouse.store import closing, connect, newest_schema, refuse_other

FORMATS = ("parquet", "csv", "jsonl", "xlsx", "sqlite")
SHEET_ROWS = 1_048_575
"""Rows a worksheet has below its header."""
CELL = 32_767
"""Characters a cell of a worksheet holds."""
LAYOUTS = ("files", "lake")
NOT_EXPORTED = {"document_marks", "state", "view_version", "schema_version"}
"""Tables that mean nothing outside."""


def export(
    home: Home, folder: Path, formats: Sequence[str], *, layout: str = "files"
) -> list[dict[str, Any]]:
    """Write every table and panel of the snapshot into `folder`; the manifest's entries.

    `layout` is files, one a table and format, or lake (warehouse/lake.py): Parquet, whatever `formats` says.
    Files appear whole or not at all: they are written beside and moved when complete, the manifest last.
    """
    path = readable(home)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".export-", dir=folder))
    except OSError as error:
        raise WarehouseError(
            f"{folder}: cannot write there ({error.strerror}); name another folder"
        ) from error
    try:
        with closing(connect(path, read_only=True)) as connection:
            refuse_other(connection, path)
            names = _tables(connection)
            tables: dict[str, Any] = {}
            if layout == "lake":
                entries, tables = write_lake(connection, names, aside)
            else:
                entries = [e for form in formats for e in _WRITERS[form](connection, names, aside)]
        for entry in entries:
            entry["sha256"] = _sha256(aside / entry["file"])
        _write_manifest(aside, path, names, entries, tables)
        if layout == "lake":
            put_in_place(aside, folder)
            return entries
        for file in sorted(aside.iterdir(), key=lambda f: f.name == "manifest.json"):
            file.replace(folder / file.name)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return entries


def _tables(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    rows = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND schema_name = 'main'"
        " UNION SELECT view_name FROM duckdb_views()"
        " WHERE NOT internal AND NOT starts_with(view_name, 'stage_') ORDER BY 1"
    ).fetchall()
    names = [name for (name,) in rows if name not in NOT_EXPORTED]
    return {n: connection.execute(f'SELECT count(*) FROM "{n}"').fetchall()[0][0] for n in names}


Entries = list[dict[str, Any]]


def _copied(
    suffix: str, options: str
) -> Callable[[duckdb.DuckDBPyConnection, dict[str, int], Path], Entries]:
    def write(connection: duckdb.DuckDBPyConnection, names: dict[str, int], aside: Path) -> Entries:
        for name in names:
            target = str(aside / f"{name}.{suffix}").replace("'", "''")
            connection.execute(f"COPY (FROM \"{name}\") TO '{target}' ({options})")
        return [{"file": f"{n}.{suffix}", "table": n, "rows": rows} for n, rows in names.items()]

    return write


def _jsonl(connection: duckdb.DuckDBPyConnection, names: dict[str, int], aside: Path) -> Entries:
    for name in names:
        with (aside / f"{name}.jsonl").open("w", encoding="utf-8") as out:
            cursor = connection.execute(f'FROM "{name}"')
            columns = [c[0] for c in cursor.description or ()]
            while rows := cursor.fetchmany(1000):
                out.writelines(as_json(dict(zip(columns, row, strict=True))) + "\n" for row in rows)
    return [{"file": f"{n}.jsonl", "table": n, "rows": rows} for n, rows in names.items()]


def _xlsx(connection: duckdb.DuckDBPyConnection, names: dict[str, int], aside: Path) -> Entries:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    entries = []
    for name, rows in names.items():
        sheet = book.create_sheet(name[:31])
        cursor = connection.execute(f'FROM "{name}" LIMIT {SHEET_ROWS}')
        sheet.append([c[0] for c in cursor.description or ()])
        while part := cursor.fetchmany(1000):
            for row in part:
                sheet.append([_cell(value) for value in row])
        entries.append({"file": "paomo.xlsx", "table": name, "rows": min(rows, SHEET_ROWS)})
    book.save(aside / "paomo.xlsx")
    return entries


def _cell(value: Any) -> Any:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    flat = plain(value)
    if isinstance(flat, list | dict):
        flat = json.dumps(flat, ensure_ascii=False)
    if not isinstance(flat, str):
        return flat
    text = ILLEGAL_CHARACTERS_RE.sub("", flat)[:CELL]
    # a text that begins like a formula must stay a text in whatever opens the file
    return f"'{text}" if text[:1] in "=+-@" and text else text


def _sqlite(connection: duckdb.DuckDBPyConnection, names: dict[str, int], aside: Path) -> Entries:
    with sqlite3.connect(aside / "paomo.sqlite") as target:
        for name in names:
            cursor = connection.execute(f'FROM "{name}"')
            columns = [f'"{c[0]}"' for c in cursor.description or ()]
            target.execute(f'CREATE TABLE "{name}" ({", ".join(columns)})')
            insert = f'INSERT INTO "{name}" VALUES ({", ".join("?" for _ in columns)})'
            while rows := cursor.fetchmany(1000):
                target.executemany(insert, [[_sqlite_value(v) for v in row] for row in rows])
    target.close()
    return [{"file": "paomo.sqlite", "table": n, "rows": rows} for n, rows in names.items()]


def _sqlite_value(value: Any) -> Any:
    flat = plain(value)
    return json.dumps(flat, ensure_ascii=False) if isinstance(flat, list | dict) else flat


_WRITERS: dict[str, Callable[[duckdb.DuckDBPyConnection, dict[str, int], Path], Entries]] = {
    "parquet": _copied("parquet", "FORMAT parquet, COMPRESSION zstd"),
    "csv": _copied("csv", "FORMAT csv, HEADER true"),
    "jsonl": _jsonl,
    "xlsx": _xlsx,
    "sqlite": _sqlite,
}


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _write_manifest(
    aside: Path, snapshot: Path, names: dict[str, int], entries: Entries, tables: dict[str, Any]
) -> None:
    from warehouse.load import program_version

    manifest = {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "snapshot": snapshot.name,
        "paomo": program_version(),
        "schema": newest_schema(),
        "duckdb": duckdb.__version__,
        "rows": names,
        "files": entries,
        **({"tables": tables} if tables else {}),
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (aside / "manifest.json").write_text(text + "\n", "utf-8")

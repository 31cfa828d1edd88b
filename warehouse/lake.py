"""The ledger as a lake: a folder of Parquet a table, laid out as DuckLake, Spark, Trino and Iceberg read it.

    DIR/documents/published_year=2024/published_month=10/part-0.parquet
    DIR/contract_mentions/published_year=2024/part-0.parquet
    DIR/rent_index/part-0.parquet
    DIR/ducklake.sql
    DIR/trino.sql
    DIR/manifest.json

Partition columns stand in the path and not in the file, as Hive has it. Their value
`__HIVE_DEFAULT_PARTITION__` means that the document has no date. `ducklake.sql` loads it all into a DuckLake,
`trino.sql` says to Trino's Hive connector what lies where.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb

from crawler.errors import WarehouseError

SCRIPT, TRINO = "ducklake.sql", "trino.sql"
ROWS, TEXT_ROWS = 122_880, 8_192
"""Rows of a row group; fewer where each has a whole text: a reader holds a group in memory."""
YEAR, MONTH = "published_year", "published_month"
DATES = "(SELECT doc_id, max(published) AS published FROM documents WHERE is_current GROUP BY doc_id)"
MONTHLY = frozenset({"documents"})
"""Tables large enough to be cut by month."""

TYPES = {
    "BOOLEAN": "BOOLEAN",
    "TINYINT": "INTEGER",
    "SMALLINT": "INTEGER",
    "INTEGER": "INTEGER",
    "BIGINT": "BIGINT",
    "UTINYINT": "INTEGER",
    "USMALLINT": "INTEGER",
    "UINTEGER": "BIGINT",
    "UBIGINT": "DECIMAL(20,0)",
    "HUGEINT": "DECIMAL(38,0)",
    "FLOAT": "DOUBLE",
    "DOUBLE": "DOUBLE",
    "DATE": "DATE",
    "TIMESTAMP": "TIMESTAMP WITH TIME ZONE",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP WITH TIME ZONE",
    "VARCHAR": "VARCHAR",
    "UUID": "VARCHAR",
    "JSON": "VARCHAR",
    "BLOB": "BLOB",
}
"""DuckDB's type -> the one written, which Spark, Trino and Iceberg all have. Moments are UTC, and say so."""


def lake_type(given: str) -> str:
    """The type a column is written with. Raises WarehouseError for one that not every reader has."""
    if given.endswith("[]"):
        return f"{lake_type(given[:-2])}[]"
    if given.startswith("DECIMAL("):
        return given
    if given not in TYPES:
        raise WarehouseError(
            f"type {given} is not one every reader of a lake has; add it to TYPES in lake.py"
        )
    return TYPES[given]


def write_lake(
    connection: duckdb.DuckDBPyConnection, names: dict[str, int], aside: Path
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Write every table below `aside`; (entry a file, what the manifest says of each table)."""
    entries, tables = [], {}
    for name, rows in names.items():
        columns = {
            column: (kind, lake_type(kind))
            for column, kind, *_ in connection.execute(f'DESCRIBE "{name}"').fetchall()
        }
        parts = _partitions(name, columns)
        (aside / name).mkdir()
        _write(connection, name, columns, parts, rows, aside / name)
        entries += [_entry(file, name, aside) for file in sorted((aside / name).rglob("*.parquet"))]
        tables[name] = {"partitioned_by": parts, "columns": {c: t for c, (_, t) in columns.items()}}
    (aside / SCRIPT).write_text(_script(tables), "utf-8")
    (aside / TRINO).write_text(_trino(tables), "utf-8")
    return entries, tables


def _script(tables: dict[str, Any]) -> str:
    """SQL that loads the export into a DuckLake attached as `lake`; the variable `export` is the folder."""
    lines = [
        "-- SET VARIABLE export = 'DIR'; ATTACH 'ducklake:…' AS lake (DATA_PATH '…'); see docs/lake.md",
        "BEGIN;",
    ]
    for name, told in tables.items():
        parts = told["partitioned_by"]
        kinds = "".join(f", '{part}': INTEGER" for part in parts)[2:]
        hive = f", hive_partitioning = true, hive_types = {{{kinds}}}" if parts else ""
        files = f"read_parquet(getvariable('export') || '/{name}/**/*.parquet'{hive})"
        lines.append(f"CREATE OR REPLACE TABLE lake.{name} AS FROM {files} LIMIT 0;")
        if parts:
            lines.append(f"ALTER TABLE lake.{name} SET PARTITIONED BY ({', '.join(parts)});")
        lines.append(f"INSERT INTO lake.{name} FROM {files};")
    return "\n".join([*lines, "COMMIT;", ""])


def _trino(tables: dict[str, Any]) -> str:
    """SQL that makes the export's tables known to Trino; {LOCATION} is the folder as Trino reaches it."""
    lines = [
        "-- sed 's#{LOCATION}#s3://bucket/DIR#' trino.sql | trino --catalog hive",
        "CREATE SCHEMA IF NOT EXISTS paomo;",
    ]
    for name, told in tables.items():
        parts = told["partitioned_by"]
        columns = {**told["columns"], **dict.fromkeys(parts, "INTEGER")}
        listed = ",\n".join(f'  "{column}" {_trino_type(kind)}' for column, kind in columns.items())
        options = ["format = 'PARQUET'", f"external_location = '{{LOCATION}}/{name}'"]
        if parts:
            options.append("partitioned_by = ARRAY[" + ", ".join(f"'{part}'" for part in parts) + "]")
        lines.append(f"CREATE TABLE paomo.{name} (\n{listed}\n) WITH ({', '.join(options)});")
        if parts:
            lines.append(f"CALL system.sync_partition_metadata('paomo', '{name}', 'FULL');")
    return "\n".join([*lines, ""])


def _trino_type(kind: str) -> str:
    """The Hive connector's name of a lake type; its timestamps carry no zone: they are UTC."""
    if kind.endswith("[]"):
        return f"array({_trino_type(kind[:-2])})"
    others = {"TIMESTAMP WITH TIME ZONE": "timestamp", "BLOB": "varbinary"}
    return others.get(kind, kind.lower())


def _partitions(name: str, columns: dict[str, tuple[str, str]]) -> list[str]:
    """What a table is cut by: when its document was published; [] for what is computed from many."""
    if name in MONTHLY:
        return [YEAR, MONTH]
    return [YEAR] if name.endswith("_mentions") and "doc_id" in columns else []


def _write(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: dict[str, tuple[str, str]],
    parts: list[str],
    rows: int,
    folder: Path,
) -> None:
    options = [
        "FORMAT parquet",
        "COMPRESSION zstd",
        f"ROW_GROUP_SIZE {TEXT_ROWS if 'text' in columns else ROWS}",
    ]
    target = folder
    if parts and rows:
        options += [f"PARTITION_BY ({', '.join(parts)})", "FILENAME_PATTERN 'part-{i}'"]
    else:  # an empty partitioned table has a file, too: readers learn its columns and partitions from it
        target = folder.joinpath(*(f"{part}=0" for part in parts), "part-0.parquet")
        target.parent.mkdir(parents=True, exist_ok=True)
    chosen = [_column(column, *kinds) for column, kinds in columns.items()]
    moment = "t.published" if "published" in columns else "d.published"
    cuts = {YEAR: f"year({moment})", MONTH: f"month({moment})"} if parts and rows else {}
    chosen += [f"{cut} AS {part}" for part, cut in cuts.items() if part in parts]
    documents = f" LEFT JOIN {DATES} d USING (doc_id)" if cuts and "published" not in columns else ""
    order = f"{moment}, t.doc_id" if cuts else "ALL"
    query = f'SELECT {", ".join(chosen)} FROM "{name}" t{documents} ORDER BY {order}'
    place = str(target).replace("'", "''")
    connection.execute(f"COPY ({query}) TO '{place}' ({', '.join(options)})")


def _column(name: str, given: str, wanted: str) -> str:
    if given == "TIMESTAMP":  # ours are UTC without saying so
        return f'timezone(\'UTC\', t."{name}") AS "{name}"'
    return f't."{name}"' if given == wanted else f't."{name}"::{wanted} AS "{name}"'


def _entry(file: Path, table: str, aside: Path) -> dict[str, Any]:
    import pyarrow.parquet as pq

    return {
        "file": file.relative_to(aside).as_posix(),
        "table": table,
        "rows": pq.read_metadata(file).num_rows,
    }


def put_in_place(aside: Path, folder: Path) -> None:
    """Move what was written into `folder`, the manifest last; an earlier lake there goes.

    Raises WarehouseError where a folder of a table's name is none that an export made.
    """
    before = _earlier(folder)
    new = [path for path in aside.iterdir() if path.is_dir()]
    if strange := [path.name for path in new if (folder / path.name).exists() and path.name not in before]:
        raise WarehouseError(
            f"{folder / strange[0]}: is there and is no export of paomo; name another folder"
        )
    # until the lake is whole again its manifest names no file, and still says which folders are an export's
    names: dict[str, Any] = {name: {} for name in (*before, *(path.name for path in new))}
    (folder / "manifest.json").write_text(json.dumps({"files": [], "tables": names}), "utf-8")
    for name in before:
        shutil.rmtree(folder / name, ignore_errors=True)
    for path in new:
        path.replace(folder / path.name)
    for name in (SCRIPT, TRINO, "manifest.json"):
        (aside / name).replace(folder / name)


def _earlier(folder: Path) -> list[str]:
    """Tables of the lake that lies there."""
    try:
        told = json.loads((folder / "manifest.json").read_text("utf-8"))
        return [name for name in told["tables"] if "/" not in name and name not in ("", ".", "..")]
    except (OSError, ValueError, KeyError, TypeError):
        return []

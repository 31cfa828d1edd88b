"""The table as Parquet files: written whole or not at all, read back in the order of the archive."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
from pyarrow.parquet import ParquetWriter, read_schema

from crawler.errors import WarehouseError
from warehouse.engine.table import TABLE

DONE = "_SUCCESS"
"""Empty file that ends a folder of Parquet files, as Spark and Hadoop have it."""
GROUP = 64 * 1024 * 1024
"""Bytes of a row group, in memory."""
MEMORY = "1GB"
"""What sorting may take; beyond it goes to the disk."""


def write(out: Path, batches: Iterable[pa.RecordBatch]) -> None:
    """Batches of TABLE into a new file, if its name ends in .parquet, else a new folder of one file.

    It appears when it is whole. WarehouseError where something is there already.
    """
    refuse_existing(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise WarehouseError(f"{out}: cannot write there ({error.strerror}); name another place") from error
    try:
        file = aside / "part-00000.parquet"
        _write(file, batches)
        if out.suffix == ".parquet":
            file.replace(out)
        else:
            (aside / DONE).touch()
            aside.chmod(0o755)
            aside.rename(out)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def refuse_existing(out: Path, paths: Iterable[str] = ()) -> None:
    """WarehouseError where something bears that name already, or it lies in a folder that is read."""
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise WarehouseError(f"{out}: is there already; name another --out or remove it")
    for path in paths:
        if Path(path).resolve() in out.resolve().parents:
            raise WarehouseError(f"{out}: lies in {path}, which is read; name an --out outside of it")


def _write(file: Path, batches: Iterable[pa.RecordBatch]) -> None:
    held: list[pa.RecordBatch] = []
    with ParquetWriter(file, TABLE, compression="zstd") as writer:
        for batch in batches:
            held.append(batch)
            if sum(b.nbytes for b in held) > GROUP:
                writer.write_table(pa.Table.from_batches(held))
                held = []
        if held:
            writer.write_table(pa.Table.from_batches(held))


def is_table(path: Path) -> bool:
    """Whether this file, or this folder of files, was written by `paomo extract --out`.

    WarehouseError for a folder that a run has begun and not ended.
    """
    if path.is_dir() and (path / "_temporary").exists():
        raise WarehouseError(f"{path}: the run that wrote it did not end; remove it and run it again")
    files = _files(path)
    if not files or not _has_columns(files[0]):
        return False
    if path.is_dir() and not (path / DONE).exists():
        raise WarehouseError(f"{path}: has no {DONE}, so it is not whole; copy it again or run it again")
    return True


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path] if path.is_file() else []
    return sorted(file for file in path.glob("*.parquet") if not file.name.startswith((".", "_")))


def _has_columns(file: Path) -> bool:
    with file.open("rb") as stream:
        if stream.read(4) != b"PAR1":
            return False
    try:
        return set(TABLE.names) <= set(read_schema(file).names)
    except (pa.ArrowException, OSError):
        return False  # a torn file; who reads it will say so


def batches(path: Path, *, rows: int = 128) -> Iterator[pa.RecordBatch]:
    """The table's rows in the order of the archive, so many at a time."""
    with (
        tempfile.TemporaryDirectory(prefix="paomo-sort-") as spill,
        duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": spill}) as connection,
    ):
        connection.execute("SET TimeZone = 'UTC'")
        columns = ", ".join(f'"{name}"' for name in TABLE.names)
        rows_in_order = connection.sql(
            f"SELECT {columns} FROM read_parquet(?, union_by_name = true) ORDER BY shard, position, part",
            params=[[str(file) for file in _files(path)]],
        )
        for batch in rows_in_order.to_arrow_reader(rows):
            yield pa.Table.from_batches([batch]).cast(TABLE).combine_chunks().to_batches()[0]

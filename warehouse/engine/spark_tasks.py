"""What Spark's workers run: functions from record batches to record batches for `mapInArrow`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, chdir, nullcontext
from dataclasses import asdict
from functools import cache
from io import BytesIO
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa

from crawler.document import Document
from crawler.reading import parquet
from crawler.reading.rejected import Rejected
from crawler.reading.sniff import sniff
from crawler.reading.warc import items_in
from nlp.batches import settle
from warehouse.crew import Crew
from warehouse.engine.table import read_batches
from warehouse.engine.work import Here, Piece, cut, extract_rows, read_piece
from warehouse.extraction import Extract

Batches: TypeAlias = Iterable[pa.RecordBatch]
Names: TypeAlias = Mapping[str, tuple[int, str]]
"""A file's URI → its number and its name."""

CUT = pa.schema(
    [
        ("shard", pa.int32()),
        ("file", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("reason", pa.string()),
        ("message", pa.string()),
    ]
)
"""A piece, or what is wrong with a whole file."""


def on_files(numbers: Batches, *, files: Sequence[Piece], size: int, base: str) -> Iterator[pa.RecordBatch]:
    """Numbers of whole files to their pieces as CUT; relative paths are below `base`, the driver's folder."""
    for file in _chosen(files, numbers):
        with _inside(base):
            pieces, wrong = cut(file.shard, Path(file.file), size=size)
        rows: list[dict[str, object]] = [asdict(piece) for piece in pieces]
        if wrong is not None:
            rows.append(asdict(file) | {"reason": wrong.reason, "message": wrong.message})
        yield pa.RecordBatch.from_pylist(rows, CUT)


def on_pieces(
    numbers: Batches, *, pieces: Sequence[Piece], extract: Extract, base: str
) -> Iterator[pa.RecordBatch]:
    """Numbers of pieces to TABLE."""
    batches = (batch for piece in _chosen(pieces, numbers) for batch in read_piece(piece))
    return _extracted(_read_inside(base, batches), extract)


def _chosen(pieces: Sequence[Piece], numbers: Batches) -> Iterator[Piece]:
    return (pieces[number] for batch in numbers for number in batch.column("id").to_pylist())


def _read_inside(base: str, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    while True:
        with _inside(base):
            batch = next(batches, None)
        if batch is None:
            return
        yield batch


def _inside(base: str) -> AbstractContextManager[None]:
    """Relative paths mean what they mean to the driver, and documents bear the names they have there."""
    return chdir(base) if Path(base).is_dir() else nullcontext()


def on_documents(batches: Batches, *, names: Names, extract: Extract) -> Iterator[pa.RecordBatch]:
    """Rows of Parquet files, `file_path` and `row_index` beside them, to TABLE."""
    return _extracted(_documents(batches, names), extract)


def on_contents(batches: Batches, *, names: Names, extract: Extract) -> Iterator[pa.RecordBatch]:
    """WARC files, `content` and `file_path`, to TABLE."""
    return _extracted(_contents(batches, names), extract)


def _documents(batches: Batches, names: Names) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for key, rows in groupby(batch.to_pylist(), itemgetter("file_path")):
            shard, name = names[key]
            placed = ((row["row_index"], row) for row in rows)
            items = ((at, parquet.document_of(row, f"{name}#row={at}")) for at, row in placed)
            yield from read_batches(items, shard=shard, file=name)


def _contents(batches: Batches, names: Names) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for content, key in zip(batch.column("content"), batch.column("file_path").to_pylist(), strict=True):
            shard, name = names[key]
            yield from read_batches(_items(content.as_buffer().to_pybytes(), name), shard=shard, file=name)


def _items(content: bytes, name: str) -> Iterator[tuple[int, Document | Rejected]]:
    if not content:
        message = "the file is empty; fetch or export it again"
        yield 0, Rejected(where=name, reason="empty", message=message)
    elif sniff(content[:1024]) not in ("warc", "gzip"):
        message = "not a WARC file; give its path without a scheme"
        yield 0, Rejected(where=name, reason="unsupported", message=message)
    else:
        yield from items_in(BytesIO(content), name)


def _extracted(batches: Batches, extract: Extract) -> Iterator[pa.RecordBatch]:
    """READ to TABLE. A task that failed before has its documents read by a process that may die of one."""
    from pyspark import TaskContext

    context = TaskContext.get()
    if context is None or context.attemptNumber() == 0:
        _settled()
        yield from (extract_rows(batch, Here(extract)) for batch in batches)
        return
    with Crew(1, extract) as crew:
        yield from (extract_rows(batch, crew.read) for batch in batches)


@cache
def _settled() -> None:
    """Make this process ready for long work, once; Spark gives it task after task."""
    settle()

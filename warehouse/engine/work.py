"""What every engine runs: record batches in, record batches out.

`extract_rows` is the pure function, a batch of READ to a batch of TABLE. In front of it stands whatever makes
batches of READ: `read_piece` where the archive's files can be opened by their path.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa

from crawler.document import Document
from crawler.reading.files import files_at, ranges, read_range
from crawler.reading.rejected import Rejected
from warehouse.engine.table import documents_in, read_batches, with_events
from warehouse.extraction import Extracted, Refused, attempt, extract_one, storable

Read: TypeAlias = Callable[[Sequence[Document]], Sequence[Extracted | Refused]]
"""Documents to what was read in each, in their order."""

URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
"""A path with a scheme, which an engine reads that knows it."""
PIECE = 32 * 1024 * 1024
"""Bytes after which a file is cut: so much is read again when a process dies."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A range of one file, as `crawler.reading.files.ranges` cuts it."""

    shard: int
    """Number of the file in the order of the command."""
    file: str
    start: int = 0
    end: int | None = None
    """None: to the end."""


def shards(paths: Iterable[str]) -> Iterator[tuple[int, Path | Rejected]]:
    """The files at these paths, numbered; a folder with nothing to read is a reject in its place."""
    found = (file for path in paths for file in files_at(Path(path)))
    yield from enumerate(found)


def cut(shard: int, file: Path, *, size: int) -> tuple[list[Piece], Rejected | None]:
    """A file's pieces, and what is wrong with the whole of it."""
    places, wrong = ranges(file, size=size)
    return [Piece(shard, str(file), start, end) for start, end in places], wrong


def reject_batches(shard: int, rejected: Rejected) -> list[pa.RecordBatch]:
    """A reject that stands for a whole file or folder, as READ."""
    return list(read_batches([(0, rejected)], shard=shard, file=storable(rejected.where)))


def read_piece(piece: Piece) -> Iterator[pa.RecordBatch]:
    """The documents of one piece as batches of READ."""
    items = read_range(Path(piece.file), start=piece.start, end=piece.end)
    return read_batches(items, shard=piece.shard, file=storable(piece.file))


def extract_rows(batch: pa.RecordBatch, read: Read) -> pa.RecordBatch:
    """A batch of READ to a batch of TABLE: the same rows, each with its events or why there are none."""
    documents = documents_in(batch)
    return with_events(batch, documents, read([document for document in documents if document is not None]))


@dataclass(frozen=True, slots=True)
class Here:
    """Documents are read in this process."""

    extract: Callable[[Document], Sequence[object]] = extract_one

    def __call__(self, documents: Sequence[Document]) -> list[Extracted | Refused]:
        """What was read in each."""
        return [attempt(document, self.extract) for document in documents]  # type: ignore[arg-type]

"""What Spark's driver does: find the files, spread the work, count what came out.

A path without a scheme is opened by the workers themselves, in pieces, so it must be there under the same
name on every machine. A URI (file:, hdfs:, s3a:) is read by Spark: Parquet as a table, a WARC file as one
value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial, reduce
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

from crawler.errors import EngineError
from crawler.reading import parquet
from crawler.reading.files import SUFFIXES
from crawler.reading.rejected import ReadingError, Rejected
from warehouse.engine import spark_tasks as tasks
from warehouse.engine.spark import told_by
from warehouse.engine.table import TABLE, Tally
from warehouse.engine.work import URI, Here, Piece, extract_rows, reject_batches, shards
from warehouse.extraction import Extract, Refused

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

BY_SPARK = (".warc", ".warc.gz", ".parquet")
"""What is read from a URI."""
LARGEST = 2**31 - 1024
"""Bytes one value can have in Spark."""
TASK = 8
"""Pieces of a task, at most."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file that Spark reads."""

    shard: int
    key: str
    """Its URI as `_metadata.file_path` has it."""
    name: str
    """Its path as Spark shows it."""

    @property
    def is_parquet(self) -> bool:
        """By its name; anything else is taken for WARC."""
        return self.name.lower().endswith(".parquet")


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a job, numbered in the order of the command."""

    own: list[tuple[int, Path]]
    """Opened by the workers."""
    foreign: list[Found]
    wrong: list[pa.RecordBatch]
    """Batches of READ."""


def extracted(spark: SparkSession, paths: list[str], *, extract: Extract, size: int) -> DataFrame:
    """TABLE for all that lies at these paths; files are listed and large ones cut, the rest is yet to run."""
    listing = _list(spark, paths)
    frames: list[DataFrame] = []
    wrong = listing.wrong
    if listing.own:
        pieces, more = _cut(spark, listing.own, size=size)
        wrong = wrong + more
        run = partial(tasks.on_pieces, pieces=pieces, extract=extract, base=str(Path.cwd()))
        frames.append(_mapped(_numbers(spark, len(pieces)), run))
    if found := [file for file in listing.foreign if file.is_parquet]:
        frames.append(_parquet(spark, found, extract))
    if found := [file for file in listing.foreign if not file.is_parquet]:
        frames.append(_contents(spark, found, extract))
    if wrong or not frames:
        rows = pa.Table.from_batches([extract_rows(batch, Here(extract)) for batch in wrong], TABLE)
        frames.append(spark.createDataFrame(rows, schema=from_arrow_schema(TABLE)))
    return reduce(lambda one, other: one.unionByName(other), frames)


def _mapped(frame: DataFrame, run: Callable[[tasks.Batches], Iterator[pa.RecordBatch]]) -> DataFrame:
    return frame.mapInArrow(run, from_arrow_schema(TABLE))


# listing ------------------------------------------------------------------------------------------------


def _list(spark: SparkSession, paths: list[str]) -> Listing:
    listing = Listing([], [], [])
    shard = 0
    for path in paths:
        for found in _listed(spark, path) if URI.match(path) else (file for _, file in shards([path])):
            if isinstance(found, Rejected):
                listing.wrong.extend(reject_batches(shard, found))
            elif isinstance(found, Path):
                listing.own.append((shard, found))
            else:
                listing.foreign.append(Found(shard, *found))
            shard += 1
    return listing


def _listed(spark: SparkSession, path: str) -> Iterator[tuple[str, str] | Rejected]:
    """(key, name) of the files at a URI that Spark reads; the others that we know are rejects."""
    from pyspark.errors import AnalysisException

    files = spark.read.format("binaryFile").option("recursiveFileLookup", "true")
    try:
        rows = files.load(path).select("_metadata.file_path", "path", "length").collect()
    except AnalysisException as error:
        message = f"can't be listed ({told_by(error)}); check the name"
        yield Rejected(where=path, reason="unreadable", message=message)
        return
    known = [row for row in rows if row.path.lower().endswith(SUFFIXES)] if len(rows) > 1 else rows
    for key, name, length in sorted(known, key=lambda row: row.path):
        if name.lower().endswith(SUFFIXES) and not name.lower().endswith(BY_SPARK):
            message = f"only {' '.join(BY_SPARK)} are read from a URI; give its path without a scheme"
            yield Rejected(where=name, reason="unsupported", message=message)
        elif length > LARGEST and not name.lower().endswith(".parquet"):
            message = "more than 2 GB, the most Spark reads as one value; give its path without a scheme"
            yield Rejected(where=name, reason="too-large", message=message)
        else:
            yield key, name
    if not known:
        message = f"no document in this folder; from a URI are read {' '.join(BY_SPARK)}"
        yield Rejected(where=path, reason="no-documents", message=message)


# paths that the workers open ----------------------------------------------------------------------------


def _cut(
    spark: SparkSession, files: list[tuple[int, Path]], *, size: int
) -> tuple[list[Piece], list[pa.RecordBatch]]:
    """The files' pieces, and what is wrong with a whole file; the large ones are walked by the workers."""
    whole = [Piece(shard, str(file)) for shard, file in files]
    large = [piece for piece, (_, file) in zip(whole, files, strict=True) if _is_large(file, size)]
    pieces = [piece for piece in whole if piece not in large] if large else whole
    wrong: list[pa.RecordBatch] = []
    if large:
        run = partial(tasks.on_files, files=large, size=size, base=str(Path.cwd()))
        frame = spark.range(0, len(large), 1, len(large)).mapInArrow(run, from_arrow_schema(tasks.CUT))
        for row in frame.toArrow().to_pylist():
            reason, message = row.pop("reason"), row.pop("message")
            if reason is None:
                pieces.append(Piece(**row))
            else:
                rejected = Rejected(where=row["file"], reason=reason, message=message)
                wrong.extend(reject_batches(row["shard"], rejected))
    return sorted(pieces, key=lambda piece: (piece.shard, piece.start)), wrong


def _is_large(file: Path, size: int) -> bool:
    return file.is_file() and file.stat().st_size > size


def _numbers(spark: SparkSession, count: int) -> DataFrame:
    """The numbers of so many pieces over as many tasks as keep every core busy to the end.

    What they stand for goes with the function: were they rows that are dealt out, a worker that dies would
    take the others' rows with it.
    """
    busy = min(count, 4 * spark.sparkContext.defaultParallelism)
    return spark.range(0, count, 1, max(busy, -(-count // TASK)))


# URIs that Spark reads ----------------------------------------------------------------------------------


def _parquet(spark: SparkSession, found: list[Found], extract: Extract) -> DataFrame:
    """Documents of Parquet files, each row with its place."""
    frame = spark.read.option("mergeSchema", "true").parquet(*(file.name for file in found))
    try:
        columns = parquet.columns_of(to_arrow_schema(frame.schema))
    except ReadingError as error:
        raise EngineError(f"{found[0].name}: {error}") from error
    placed = frame.select(*columns, "_metadata.file_path", "_metadata.row_index")
    return _mapped(placed, partial(tasks.on_documents, names=_names(found), extract=extract))


def _contents(spark: SparkSession, found: list[Found], extract: Extract) -> DataFrame:
    """WARC files, each as one value."""
    frame = spark.read.format("binaryFile").load([file.name for file in found])
    contents = frame.select("content", "_metadata.file_path")
    return _mapped(contents, partial(tasks.on_contents, names=_names(found), extract=extract))


def _names(found: list[Found]) -> tasks.Names:
    return {file.key: (file.shard, file.name) for file in found}


# what came out ------------------------------------------------------------------------------------------


def tally(spark: SparkSession, target: str, refuse: Callable[[Refused], None]) -> Tally:
    """What the job wrote, counted from its files."""
    frame = spark.read.schema(from_arrow_schema(TABLE)).parquet(target)
    columns = ("count(events)", "coalesce(sum(size(events)), 0)", "count_if(events IS NULL)")
    (counts,) = frame.selectExpr(*columns).collect()
    wrong = frame.filter("size(rejects) > 0").select("shard", "position", "part", "rejects").toArrow()
    for rejects in wrong.sort_by([(name, "ascending") for name in wrong.column_names[:3]])[
        "rejects"
    ].to_pylist():
        for reject in rejects:
            refuse(Refused(**reject))
    return Tally(*counts)

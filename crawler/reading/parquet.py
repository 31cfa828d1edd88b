"""Parquet → Documents: one row a document, its columns the fields of a Document by their names.

Only `doc_id` and `text` must be there; columns we do not know do no harm. A file that `paomo extract`
wrote is one of these, too: its rows without a document say in `rejects` why there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from crawler.document import Document, Kind, Tier
from crawler.reading.rejected import ReadingError, Rejected

if TYPE_CHECKING:
    import pyarrow as pa

READER = "parquet/1"
FIELDS = tuple(f.name for f in fields(Document))
"""Columns that are read."""

_BATCH = 64  # rows in memory at a time: a page of an annual report may have a million characters
_NAMES = {"kind": get_args(Kind), "tier": get_args(Tier)}


def rows_in(
    file: Path, *, start: int = 0, end: int | None = None
) -> Iterator[tuple[int, Document | Rejected]]:
    """(number of the row from 0, document) for the rows [start, end), which are whole row groups."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(file) as parquet:
            columns = columns_of(parquet.schema_arrow)
            groups = [g for g, first in _groups(parquet) if start <= first and (end is None or first < end)]
            if not parquet.metadata.num_rows:
                raise ReadingError("empty", "no row in this file; export it again")
            batches = parquet.iter_batches(_BATCH, row_groups=groups, columns=columns)
            rows = (row for batch in batches for row in batch.to_pylist())
            for at, row in enumerate(rows, start):
                yield at, document_of(row, f"{file}#row={at}")
    except (pa.ArrowException, ValueError, OverflowError) as error:  # bytes that are no text, the year 40000
        said = str(error).splitlines()[0]
        raise ReadingError("broken", f"not a whole Parquet file ({said}); copy it again") from error


def pieces(file: Path, *, size: int) -> list[tuple[int, int | None]]:
    """Ranges of rows, whole row groups of together at least `size` bytes; the last has no end."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    starts, held = [0], 0
    try:
        with ParquetFile(file) as parquet:
            for group, first in _groups(parquet):
                if held >= size:
                    starts.append(first)
                    held = 0
                held += parquet.metadata.row_group(group).total_byte_size
    except pa.ArrowException:
        return [(0, None)]  # who reads it will say what is wrong
    return list(zip(starts, [*starts[1:], None], strict=True))


def _groups(parquet: Any) -> Iterator[tuple[int, int]]:
    """(number, first row) of the row groups of a ParquetFile."""
    first = 0
    for group in range(parquet.num_row_groups):
        yield group, first
        first += parquet.metadata.row_group(group).num_rows


def columns_of(schema: pa.Schema) -> list[str]:
    """The columns to read; ReadingError where one that must be there is not, or one is of another type."""
    for name in ("doc_id", "text"):
        if name not in schema.names:
            raise ReadingError("unsupported", f"no column `{name}`; a document needs `doc_id` and `text`")
    known = [name for name in FIELDS if name in schema.names]
    for name in known:
        if not _fits(name)(schema.field(name).type):
            message = (
                f"column `{name}` is {schema.field(name).type}, not {_wanted(name)}; cast it and export again"
            )
            raise ReadingError("unsupported", message)
    return [*known, "rejects"] if "rejects" in schema.names else known


def _fits(name: str) -> Callable[[pa.DataType], bool]:
    import pyarrow.types as types

    def fits(kind: pa.DataType) -> bool:
        if types.is_null(kind):
            return name not in ("doc_id", "text")
        if name == "published":
            return bool(types.is_date(kind))
        if name == "fetched_at":
            return bool(types.is_timestamp(kind))
        if name == "pages":
            return bool(types.is_list(kind) and types.is_integer(kind.value_type))
        return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_dictionary(kind))

    return fits


def _wanted(name: str) -> str:
    return {"published": "a date", "fetched_at": "a timestamp", "pages": "a list of integers"}.get(
        name, "text"
    )


def document_of(row: Mapping[str, Any], where: str) -> Document | Rejected:
    """A row as the document it holds, or what is wrong with it."""
    if row.get("text") is None and row.get("rejects"):
        known = row["rejects"][0]
        return Rejected(where=known["location"], reason=known["reason"], message=known["message"])
    try:
        return _document(row)
    except ReadingError as error:
        return error.at(where)


def _document(row: Mapping[str, Any]) -> Document:
    for name in ("doc_id", "text"):
        if row[name] is None:
            raise ReadingError("bad-line", f"`{name}` is null; give the document one or leave the row out")
    if not row["doc_id"]:
        raise ReadingError("bad-line", "`doc_id` is empty; give the document a name")
    if not row["text"].strip():
        raise ReadingError("empty", "`text` is empty; leave the row out or give it its text")
    for name, known in _NAMES.items():
        if row.get(name) and row[name] not in known:
            raise ReadingError("bad-line", f"`{name}` is {row[name]!r}; use {' or '.join(known)}, or null")
    values = {name: value for name in FIELDS if (value := row.get(name)) not in (None, "", [])}
    if "fetched_at" in values:
        values["fetched_at"] = _utc(values["fetched_at"])
    return Document(**{"reader": READER, **values, "pages": tuple(values.get("pages", ()))})


def _utc(moment: datetime) -> datetime:
    """Times without a zone are UTC here, as in the warehouse."""
    exact = datetime.fromisoformat(
        moment.isoformat(timespec="microseconds")
    )  # of nanoseconds pandas makes its own
    return exact.replace(tzinfo=UTC) if exact.tzinfo is None else exact.astimezone(UTC)

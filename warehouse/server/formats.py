"""Answers as JSON, CSV and Parquet."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import Any

import orjson

from warehouse.plain import plain
from warehouse.report.safe import guarded
from warehouse.sandbox import Answer
from warehouse.server.questions import Bounded

KINDS = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
"""Format to media type."""


def as_bytes(bounded: Bounded, form: str) -> bytes:
    """An answer in one of KINDS."""
    if form == "csv":
        return _csv(bounded.answer)
    if form == "parquet":
        return _parquet(bounded.answer)
    rows = list(bounded.answer.records())
    return to_json({"columns": bounded.answer.columns, "rows": rows, "more": bounded.more})


def to_json(value: Any) -> bytes:
    """JSON, Chinese as it is; what JSON has no word for (NaN, infinity) is null."""
    try:
        return orjson.dumps(value, default=plain)
    except TypeError:  # a HUGEINT past 64 bits, a lone surrogate, a MAP with keys that are no text
        text = json.dumps(_finite(plain(value)), ensure_ascii=False, allow_nan=False)
        return text.encode("utf-8", "backslashreplace")


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [_finite(v) for v in value]
    if isinstance(value, dict):
        return {str(k): _finite(v) for k, v in value.items()}
    return value


def _csv(answer: Answer) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([guarded(name) for name in answer.columns])
    writer.writerows([guarded(value) for value in row] for row in answer.rows)
    # Excel takes a file without this mark for one in the code page of its country
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def _parquet(answer: Answer) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = [_column([row[i] for row in answer.rows]) for i in range(len(answer.columns))]
    names = [
        name if answer.columns.index(name) == i else f"{name}_{i}" for i, name in enumerate(answer.columns)
    ]
    out = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(columns, names=names), out, compression="zstd")
    return out.getvalue()


def _column(values: list[Any]) -> Any:
    import pyarrow as pa

    try:
        return pa.array(values)
    except (pa.ArrowException, TypeError, ValueError):  # types that Parquet has no column for
        return pa.array([None if v is None else str(plain(v)) for v in values])

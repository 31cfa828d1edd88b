"""Documents and events as Arrow tables that fit the schema."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from operator import attrgetter
from typing import Any

import duckdb
import pyarrow as pa

from crawler.document import Document
from nlp.event import ContractEvent, Event, PriceEvent, ProjectEvent, UtilisationEvent
from warehouse.extraction import Extracted
from warehouse.store import MENTIONS

CLASSES: tuple[type[Event], ...] = (ContractEvent, PriceEvent, ProjectEvent, UtilisationEvent)
AMOUNT = pa.decimal128(28, 6)
_TYPES = {
    "start": pa.int32(),
    "end": pa.int32(),
    "confidence": pa.float64(),
    "gpus": pa.int32(),
    "amount": AMOUNT,
    "amount_max": AMOUNT,
    "cny_per_gpu_hour": AMOUNT,
    "quantity": pa.decimal128(18, 4),
    "term_months": pa.decimal128(12, 4),
    "rate": pa.decimal128(12, 6),
    "rate_max": pa.decimal128(12, 6),
}
"""Arrow type of every field that is not text; the scales are those of schema/002_mentions.sql."""
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)


def digest(*parts: object) -> str:
    """Sixteen hex digits that depend on these values and on nothing else."""
    return hashlib.blake2b(
        "\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass"), digest_size=8
    ).hexdigest()


def fingerprint(document: Document) -> str:
    """Digest of what extraction and ranking can depend on beside the text."""
    d = document
    return digest(d.title, d.published, d.source, d.kind, d.tier, d.url, d.reader, d.pages)


_FIELDS = {kind: tuple(f.name for f in fields(kind)) for kind in CLASSES}
_VALUES = {kind: attrgetter(*names) for kind, names in _FIELDS.items()}
"""All fields of an event at once, in the order of _FIELDS."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """Events of one kind as rows; ids and derived dates are the database's work."""

    table: str
    rows: pa.Table
    crowded: bool
    """Whether two may have the same evidence: only these can be equal, and are told apart by number."""


def mention_tables(batch: Iterable[Extracted], *, version: str) -> list[Mentions]:
    """The events of these documents, as many tables as are needed."""
    grouped: dict[tuple[type[Event], bool], tuple[list[Event], list[str], list[int | None]]] = {}
    for extracted in batch:
        document = extracted.document
        sha256, page_of = document.sha256, document.page_of
        places = Counter((event.start, event.end) for event in extracted.events)
        for event in extracted.events:
            key = type(event), places[event.start, event.end] > 1
            if key not in grouped:
                grouped[key] = [], [], []
            events, versions, pages = grouped[key]
            events.append(event)
            versions.append(sha256)
            pages.append(page_of(event.start) if document.pages else None)
    return [
        Mentions(
            MENTIONS[kind.event],
            mention_table(kind, events, sha256=versions, pages=pages, version=version),
            crowded,
        )
        for (kind, crowded), (events, versions, pages) in grouped.items()
    ]


def mention_table(
    kind: type[Event],
    events: Sequence[Event],
    *,
    sha256: Sequence[str],
    pages: Sequence[int | None],
    version: str,
) -> pa.Table:
    """Events of one kind as Arrow; fields keep their names."""
    columns: dict[str, pa.Array] = {
        "event": pa.repeat(pa.scalar(kind.event), len(events)),
        "sha256": pa.array(sha256, pa.string()),
        "extractor_version": pa.repeat(pa.scalar(version), len(events)),
        "page": pa.array(pages, pa.int32()),
    }
    values = zip(*map(_VALUES[kind], events), strict=True)
    for name, column in zip(_FIELDS[kind], values, strict=True):
        columns[name] = _column(column, _TYPES.get(name, pa.string()))
    return pa.table(columns)


def _column(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    return decimals(values, kind) if pa.types.is_decimal(kind) else pa.array(values, kind)


def decimals(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Exact numbers, rounded where the column has fewer places (a rent an hour may have no end)."""
    try:
        return pa.array(values, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # more places than the column has, or a float
        step = Decimal(1).scaleb(-kind.scale)
        return pa.array(
            [None if v is None else Decimal(v).quantize(step, context=_EXACT) for v in values], kind
        )


DOCUMENTS = pa.schema(
    [
        ("doc_id", pa.string()),
        ("sha256", pa.string()),
        ("text", pa.string()),
        ("characters", pa.int32()),
        ("url", pa.string()),
        ("title", pa.string()),
        ("published", pa.date32()),
        ("published_text", pa.string()),
        ("source", pa.string()),
        ("kind", pa.string()),
        ("tier", pa.string()),
        ("author", pa.string()),
        ("media_type", pa.string()),
        ("reader", pa.string()),
        ("pages", pa.list_(pa.int32())),
        ("fetched_at", pa.timestamp("us")),
        ("first_seen", pa.timestamp("us")),
        ("last_seen", pa.timestamp("us")),
        ("is_current", pa.bool_()),
        ("fingerprint", pa.string()),
        ("extractor_version", pa.string()),
    ]
)


def document_row(document: Document, *, now: datetime, version: str) -> dict[str, Any]:
    """One document as a row; `now` (UTC, naive) stands in where there was no capture."""
    fetched = naive_utc(document.fetched_at)
    row = {name: getattr(document, name, None) for name in DOCUMENTS.names}
    return row | {
        "characters": len(document.text),
        "pages": list(document.pages),
        "fetched_at": fetched,
        "first_seen": fetched or now,
        "last_seen": fetched or now,
        "is_current": True,
        "fingerprint": fingerprint(document),
        "extractor_version": version,
    }


FILE_COLUMNS = (
    "doc_id",
    "text",
    "url",
    "title",
    "published",
    "published_text",
    "source",
    "kind",
    "tier",
    "author",
    "media_type",
    "reader",
    "pages",
)
"""Columns of a document that no capture brought; with them it can be made again."""


def document_of(row: Sequence[Any]) -> Document:
    """A row of FILE_COLUMNS as the document it was."""
    values = dict(zip(FILE_COLUMNS, row, strict=True))
    return Document(**{**values, "pages": tuple(values["pages"])})


def naive_utc(moment: datetime | None) -> datetime | None:
    """The moment in UTC without its zone, as TIMESTAMP columns hold it."""
    if moment is None or moment.tzinfo is None:
        return moment
    return moment.astimezone(UTC).replace(tzinfo=None)


class registered:  # noqa: N801 - reads as a word: `with registered(...)`
    """An Arrow table under the name `incoming` for one statement or two."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, rows: pa.Table) -> None:
        self.connection, self.rows = connection, rows

    def __enter__(self) -> None:
        self.connection.register("incoming", self.rows)

    def __exit__(self, *_: object) -> None:
        self.connection.unregister("incoming")

"""The table that extraction over an archive writes: one row a document or reject, in Parquet.

Every engine writes the same rows. Where a row lies in the archive (`shard`, `position`, `part`) is its key
and gives back the order in which one machine would have read it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import MISSING, dataclass, fields
from decimal import Decimal
from typing import Any, TypeAlias

import pyarrow as pa

from crawler.document import Document
from crawler.reading.parquet import FIELDS
from crawler.reading.rejected import Rejected
from nlp.batches import EVENTS
from nlp.event import ContractEvent, Event, PriceEvent, ProjectEvent, UtilisationEvent
from warehouse.extraction import Extracted, Given, Refused, extractor_version, refusal, unstorable

_REJECTS = pa.list_(pa.struct([(name, pa.string()) for name in ("location", "stage", "reason", "message")]))
_EVENTS = pa.list_(pa.struct([field for field in EVENTS if field.name != "doc_id"]))
_TYPES = {
    "published": pa.date32(),
    "fetched_at": pa.timestamp("us", "UTC"),
    "pages": pa.list_(pa.int32()),
}
READ = pa.schema(
    [
        ("shard", pa.int32()),
        ("file", pa.string()),
        ("position", pa.int64()),
        ("part", pa.int32()),
        *((name, _TYPES.get(name, pa.string())) for name in FIELDS),
        ("rejects", _REJECTS),
    ]
)
"""What was read, before extraction: where it lies, the fields of a Document, or why there is none.

`shard` is the number of the file in the order of the command, `position` the offset of the WARC record, the
number of the Parquet row, else a number in order; `part` tells apart what comes from one record.
"""
TABLE = pa.schema([*READ, ("extractor_version", pa.string()), ("sha256", pa.string()), ("events", _EVENTS)])
"""The same, after it. `events` is null where the document was refused; each `record` holds exact numbers."""

CLASSES: dict[str, type[Event]] = {
    kind.event: kind for kind in (ContractEvent, PriceEvent, ProjectEvent, UtilisationEvent)
}
_NUMBERS: dict[str, Callable[[Decimal], Any]] = {
    **dict.fromkeys(("start", "end", "gpus"), int),
    **dict.fromkeys(("amount", "amount_max", "quantity", "cny_per_gpu_hour", "term_months"), Decimal),
    **dict.fromkeys(("rate", "rate_max"), Decimal),
    "confidence": float,
}
"""The fields that are no text."""
_DIGITS = 40
"""More than any number has; int() of 1e999999999 would take all memory."""

Item: TypeAlias = Document | Rejected


@dataclass(slots=True)
class Tally:
    """What a table holds."""

    documents: int = 0
    events: int = 0
    rejected: int = 0
    """Documents that were refused, and what could not become one."""

    def take(self, batch: pa.RecordBatch) -> Iterator[Refused]:
        """Count a batch of TABLE; what is wrong with its rows."""
        for events, rejects in zip(
            *(batch.column(n).to_pylist() for n in ("events", "rejects")), strict=True
        ):
            self.documents += events is not None
            self.events += len(events or ())
            self.rejected += events is None
            yield from (Refused(**reject) for reject in rejects)


def read_batches(
    items: Iterable[tuple[int, Item]], *, shard: int, file: str, rows: int = 64, characters: int = 4_000_000
) -> Iterator[pa.RecordBatch]:
    """(position, document or reject) of one file as batches of READ, cut at so many rows or characters."""
    held: list[dict[str, Any]] = []
    size, part, before = 0, 0, None
    for position, item in items:
        part = part + 1 if position == before else 0
        before = position
        place = {"shard": shard, "file": file, "position": position, "part": part}
        held.append(place | _read_row(item))
        size += len(item.text) if isinstance(item, Document) else 0
        if len(held) == rows or size > characters:
            yield pa.RecordBatch.from_pylist(held, READ)
            held, size = [], 0
    if held:
        yield pa.RecordBatch.from_pylist(held, READ)


def _read_row(item: Item) -> dict[str, Any]:
    refused = refusal(item) if isinstance(item, Rejected) else unstorable(item)
    if refused is not None or isinstance(item, Rejected):
        assert refused is not None
        return {"rejects": [_reject_row(refused)]}
    return {name: getattr(item, name) for name in FIELDS} | {"pages": list(item.pages), "rejects": []}


def _reject_row(refused: Refused) -> dict[str, str]:
    return {name: getattr(refused, name) for name in ("location", "stage", "reason", "message")}


def documents_in(batch: pa.RecordBatch) -> list[Document | None]:
    """The document of each row of READ or TABLE; None: a reject."""
    rows = batch.select(list(FIELDS)).to_pylist()
    return [None if row["text"] is None else Document(**row | {"pages": tuple(row["pages"])}) for row in rows]


def with_events(
    batch: pa.RecordBatch, documents: Sequence[Document | None], results: Iterable[Extracted | Refused]
) -> pa.RecordBatch:
    """A batch of READ as one of TABLE, given what came out for each of its documents."""
    done = iter(results)
    events: list[list[dict[str, Any]] | None] = []
    rejects: list[list[dict[str, str]]] = []
    for document, known in zip(documents, batch.column("rejects").to_pylist(), strict=True):
        result = next(done) if document is not None else None
        if isinstance(result, Extracted):
            events.append([_event_row(event) for event in result.events])
            rejects.append([_reject_row(dropped) for dropped in result.dropped])
        else:
            events.append(None)
            rejects.append(known if result is None else [_reject_row(result)])
    columns = {name: batch.column(name) for name in READ.names} | {
        "rejects": pa.array(rejects, _REJECTS),
        "extractor_version": pa.repeat(pa.scalar(extractor_version()), batch.num_rows),
        "sha256": pa.array([document and document.sha256 for document in documents], pa.string()),
        "events": pa.array(events, _EVENTS),
    }
    return pa.RecordBatch.from_arrays([columns[name] for name in TABLE.names], schema=TABLE)


def _event_row(event: Event) -> dict[str, Any]:
    common = {name: getattr(event, name) for name in EVENTS.names if name not in ("doc_id", "record")}
    return common | {"record": record_of(event)}


def record_of(event: Event) -> str:
    """The event as a JSON object with its numbers exact: a rent an hour may have 28 digits, a float 16."""
    values = {"event": event.event} | {f.name: getattr(event, f.name) for f in fields(event)}
    return "{" + ", ".join(f'"{name}": {_json(value)}' for name, value in values.items()) + "}"


def _json(value: Any) -> str:
    if not isinstance(value, Decimal):
        return json.dumps(value, ensure_ascii=False)
    return str(int(value)) if value == value.to_integral_value() else format(value, "f")


def event_of(record: str, document: Document) -> Event:
    """The event such a record holds. An error of value, type, key, attribute or arithmetic: it holds none."""
    told = json.loads(record, parse_float=Decimal, parse_int=Decimal)
    kind = CLASSES[told.pop("event")]
    known = {f.name: f.default is MISSING for f in fields(kind)}
    values = {name: _typed(name, value, needed=known[name]) for name, value in told.items()}
    event = kind(**values | {"doc_id": document.doc_id})
    if not (0 <= event.start < event.end and 0 <= event.confidence <= 1):
        raise ValueError(f"evidence {event.start}:{event.end}, confidence {event.confidence}")
    return event


def _typed(name: str, value: Any, *, needed: bool) -> Any:
    """A value of JSON as the field has it; TypeError where it is of another kind, or null and must not be."""
    if value is None and not needed:
        return None
    if name not in _NUMBERS:
        value.encode("utf-8")  # half a surrogate pair is no text
        return value
    if not isinstance(value, Decimal) or value.adjusted() > _DIGITS:
        raise TypeError(f"{name} is {str(value)[:40]}, no number of ours")
    return _NUMBERS[name](value)


def items_of(batch: pa.RecordBatch) -> Iterator[Item]:
    """A batch of TABLE as what can be loaded: Given where the extractor at hand read it, else a Document."""
    columns = ("extractor_version", "events", "rejects")
    rows = zip(documents_in(batch), *(batch.column(name).to_pylist() for name in columns), strict=True)
    for document, version, events, rejects in rows:
        refused = tuple(Refused(**reject) for reject in rejects)
        if document is None:
            known = refused[0] if refused else _EMPTY
            yield Rejected(where=known.location, reason=known.reason, message=known.message)  # type: ignore[arg-type]
        elif version != extractor_version():
            yield document
        else:
            yield _given(document, events, refused)


_EMPTY = Refused("", "bad-line", "a row without a document and without a reason; extract the archive again")


def _given(document: Document, rows: list[dict[str, Any]] | None, refused: tuple[Refused, ...]) -> Given:
    values = {name: getattr(document, name) for name in FIELDS}
    try:
        events = None if rows is None else tuple(event_of(row["record"], document) for row in rows)
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as error:
        message = f"an event of it is none of ours ({error}); run `paomo extract` on its text again"
        return Given(**values, events=None, refused=(Refused(document.doc_id, "bad-event", message),))
    return Given(**values, events=events, refused=refused)

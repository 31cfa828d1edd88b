"""Batches in, batches out: the extractor for any engine that speaks Arrow (DuckDB, Spark's mapInArrow, Ray).

A batch of documents has the columns of `DOCUMENTS`, one of events those of `EVENTS`: what every kind of event
has, and the whole event as JSON, as `paomo extract` prints it. Pure: the same batch gives the same events.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice

import pyarrow as pa

from crawler.document import Document
from nlp.event import Event
from nlp.extract import extract

DOCUMENTS = pa.schema(
    [
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("title", pa.string()),
        pa.field("published", pa.date32()),
        pa.field("kind", pa.string()),
    ]
)
"""What is read of a document; further columns do no harm, and only `doc_id` and `text` must be there."""
EVENTS = pa.schema(
    [
        pa.field("event", pa.string(), nullable=False),
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("start", pa.int64(), nullable=False),
        pa.field("end", pa.int64(), nullable=False),
        pa.field("quote", pa.string(), nullable=False),
        pa.field("confidence", pa.float64(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("record", pa.string(), nullable=False),
    ]
)
"""`start` and `end` are code points of the document's text; `record` is the event as a JSON object."""


def batch_of(documents: Iterable[Document]) -> pa.RecordBatch:
    """Documents as one record batch. UnicodeEncodeError for half a surrogate pair, which Arrow can't hold."""
    rows = [{name: getattr(d, name) for name in DOCUMENTS.names} for d in documents]
    return pa.RecordBatch.from_pylist(rows, schema=DOCUMENTS)


def extract_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The events of one batch of documents, in their order. What the extractor raises names the document."""
    known = [name for name in DOCUMENTS.names if name in batch.schema.names]
    rows: list[dict[str, object]] = []
    for record in batch.select(known).to_pylist():
        try:
            rows.extend(_row(event) for event in extract(Document(**record)))
        except Exception as error:
            error.add_note(f"while document {record['doc_id']} was read; leave it out and report it")
            raise
    return pa.RecordBatch.from_pylist(rows, schema=EVENTS)


def extract_batches(batches: Iterable[pa.RecordBatch], *, processes: int = 1) -> Iterator[pa.RecordBatch]:
    """One batch of events a batch of documents, in their order; no more than a few are in memory at once.

    `processes` are started anew, not forked, and load the lexicons once each (two seconds).
    """
    if processes < 2:
        yield from map(extract_batch, batches)
        return
    stream = iter(batches)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=spawn, initializer=settle) as workers:
        ahead: deque[Future[pa.RecordBatch]] = deque(
            workers.submit(extract_batch, batch) for batch in islice(stream, AHEAD * processes)
        )
        while ahead:
            done = ahead.popleft().result()
            ahead.extend(workers.submit(extract_batch, batch) for batch in islice(stream, 1))
            yield done


def settle() -> None:
    """Make this process ready for long work: lexicons loaded, and left alone by the garbage collector.

    They never die, and every full collection would walk them all.
    """
    text = "某公司签订算力租赁合同,H100月租7万元,智算中心规划1000P,上架率32%。"
    extract(Document(doc_id="warm", text=text))
    gc.freeze()


AHEAD = 3
"""Batches handed out for each process, so that none waits for the slowest."""


def _row(event: Event) -> dict[str, object]:
    common = {name: getattr(event, name) for name in EVENTS.names[:-1]}
    return common | {"record": json.dumps(event.record(), ensure_ascii=False)}

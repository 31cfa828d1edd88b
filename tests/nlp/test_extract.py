"""The pure function: documents in, events out; the same through batches and through other processes."""

from __future__ import annotations

import json
from datetime import date

import pyarrow as pa
import pytest

from crawler.document import Document
from nlp.batches import DOCUMENTS, EVENTS, batch_of, extract_batch, extract_batches
from nlp.extract import EXTRACTORS, events_of, extract, extract_all
from nlp.reading import read

TEXTS = [
    "云岫股份(300000)公告,与深湾科技签订的算力服务合同已经终止,合同金额约4.94亿元。",
    "H100八卡服务器的月租已降到7.5万元。",
    "湖北宜昌的东山智算中心规划算力1万P,一期已建成2000P。",
    "全国智算中心的平均利用率不足三成。",
    "孩子们放学以后在河边放风筝。",
]
DOCUMENTS_IN = [
    Document(doc_id=f"d{i}", text=text, published=date(2024, 10, 25)) for i, text in enumerate(TEXTS)
]
EXPECTED = [event.record() for event in extract_all(DOCUMENTS_IN)]


def records(batches: list[pa.RecordBatch]) -> list[object]:
    return [json.loads(line) for batch in batches for line in batch.column("record").to_pylist()]


def test_each_kind_comes_from_its_own_document() -> None:
    kinds = [{event.event for event in extract(document)} for document in DOCUMENTS_IN]
    assert kinds == [{"contract"}, {"price"}, {"project"}, {"utilisation"}, set()]


def test_the_scan_turns_no_event_away() -> None:
    for document in DOCUMENTS_IN:
        assert extract(document) == events_of(read(document))


def test_every_extractor_stands_in_the_list_once() -> None:
    assert len({extractor.__module__ for extractor in EXTRACTORS}) == len(EXTRACTORS) == 4


def test_extraction_is_pure() -> None:
    assert [e.record() for e in extract_all(reversed(DOCUMENTS_IN))] == [
        r for d in reversed(DOCUMENTS_IN) for r in EXPECTED if r["doc_id"] == d.doc_id
    ]


def test_a_batch_gives_the_events_of_its_documents() -> None:
    events = extract_batch(batch_of(DOCUMENTS_IN))
    assert events.schema == EVENTS
    assert records([events]) == EXPECTED
    assert [t[s:e] for t, s, e in _evidence(events)] == events.column("quote").to_pylist()


def _evidence(events: pa.RecordBatch) -> list[tuple[str, int, int]]:
    texts = {d.doc_id: d.text for d in DOCUMENTS_IN}
    columns = (events.column(name).to_pylist() for name in ("doc_id", "start", "end"))
    return [(texts[doc_id], start, end) for doc_id, start, end in zip(*columns, strict=True)]


def test_a_batch_without_events_and_one_without_documents_have_the_schema() -> None:
    for batch in (batch_of(DOCUMENTS_IN[-1:]), batch_of([])):
        assert extract_batch(batch).schema == EVENTS
        assert extract_batch(batch).num_rows == 0


def test_only_id_and_text_must_be_there_and_more_does_no_harm() -> None:
    batch = pa.RecordBatch.from_pylist([{"doc_id": "a", "text": TEXTS[1], "language": "zh"}])
    assert [r["doc_id"] for r in records([extract_batch(batch)])] == ["a"]  # type: ignore[index]


@pytest.mark.parametrize("processes", [1, 2])
def test_batches_come_in_order_whoever_reads_them(processes: int) -> None:
    batches = [batch_of([document]) for document in DOCUMENTS_IN] * 3
    assert records(list(extract_batches(batches, processes=processes))) == EXPECTED * 3


def test_a_failure_names_the_document() -> None:
    batch = pa.RecordBatch.from_pylist([{"doc_id": "torn", "text": None}], schema=_nullable())
    with pytest.raises(TypeError) as raised:
        extract_batch(batch)
    assert "torn" in raised.value.__notes__[0]


def _nullable() -> pa.Schema:
    return pa.schema([pa.field(f.name, f.type) for f in DOCUMENTS])

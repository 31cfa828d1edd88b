"""Parquet that any program may have written: a row is a document or says why not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.document import Document
from crawler.reading import Rejected, read_path
from crawler.reading.files import ranges, read_range

TEXT = "某某科技公告,算力服务协议已经解除。"


def read(tmp_path: Path, table: pa.Table) -> list[Document | Rejected]:
    file = tmp_path / "in.parquet"
    pq.write_table(table, file)
    return list(read_path(file))


def rows(tmp_path: Path, *rows: dict[str, Any]) -> list[Document | Rejected]:
    return read(tmp_path, pa.Table.from_pylist(list(rows)))


def test_only_the_id_and_the_text_must_be_there(tmp_path: Path) -> None:
    assert rows(tmp_path, {"doc_id": "a", "text": TEXT}) == [
        Document(doc_id="a", text=TEXT, reader="parquet/1")
    ]


def test_every_field_of_a_document(tmp_path: Path) -> None:
    whole = {
        "doc_id": "a",
        "text": TEXT,
        "url": "https://example.com/a",
        "title": "公告",
        "published": date(2024, 11, 1),
        "published_text": "2024年11月1日",
        "source": "feed",
        "kind": "news",
        "tier": "media",
        "author": "记者",
        "fetched_at": datetime(2024, 11, 2, 3, 4, 5, 678, UTC),
        "media_type": "text/html",
        "reader": "html/7",
        "pages": [0, 5],
    }
    (read_back,) = rows(tmp_path, {**whole, "language": "zh"})
    assert read_back == Document(**{**whole, "pages": (0, 5)})
    (naive,) = rows(tmp_path, {"doc_id": "a", "text": TEXT, "fetched_at": datetime(2024, 11, 2, 3)})
    assert isinstance(naive, Document)
    assert naive.fetched_at == datetime(2024, 11, 2, 3, tzinfo=UTC)


NANOSECONDS = pa.table(
    {
        "doc_id": pa.array(["a"]).dictionary_encode(),
        "text": pa.array([TEXT], pa.large_string()),
        "fetched_at": pa.array([1_730_516_645_000_000_001], pa.timestamp("ns", "Asia/Shanghai")),
    }
)


def test_the_types_other_programs_use(tmp_path: Path) -> None:
    (document,) = read(tmp_path, NANOSECONDS)
    assert isinstance(document, Document)
    assert document.fetched_at == datetime(2024, 11, 2, 3, 4, 5, tzinfo=UTC)


BAD_ROWS = [
    ({"doc_id": None, "text": TEXT}, "bad-line", "`doc_id` is null"),
    ({"doc_id": "", "text": TEXT}, "bad-line", "`doc_id` is empty"),
    ({"doc_id": "a", "text": None}, "bad-line", "`text` is null"),
    ({"doc_id": "a", "text": " \n"}, "empty", "`text` is empty"),
    ({"doc_id": "a", "text": TEXT, "kind": "rumour"}, "bad-line", "use filing or news"),
    ({"doc_id": "a", "text": TEXT, "tier": "best"}, "bad-line", "use official"),
]


@pytest.mark.parametrize(("row", "reason", "word"), BAD_ROWS)
def test_a_bad_row_costs_one_row(tmp_path: Path, row: dict[str, Any], reason: str, word: str) -> None:
    good = {"doc_id": "b", "text": TEXT, "kind": "news", "tier": "media"}
    first, second = rows(tmp_path, row, good)
    assert isinstance(first, Rejected)
    assert (first.where, first.reason) == (f"{tmp_path}/in.parquet#row=0", reason)
    assert word in first.message
    assert isinstance(second, Document)


BAD_FILES = [
    (pa.table({"id": ["a"], "text": [TEXT]}), "unsupported", "no column `doc_id`"),
    (pa.table({"doc_id": [1], "text": [TEXT]}), "unsupported", "`doc_id` is int64, not text"),
    (
        pa.table({"doc_id": ["a"], "text": [TEXT], "published": ["2024-11-01"]}),
        "unsupported",
        "`published` is string, not a date",
    ),
    (pa.table({"doc_id": pa.array([], pa.string()), "text": pa.array([], pa.string())}), "empty", "no row"),
]


@pytest.mark.parametrize(("table", "reason", "word"), BAD_FILES)
def test_a_file_that_is_none_of_ours_is_one_reject(
    tmp_path: Path, table: pa.Table, reason: str, word: str
) -> None:
    (reject,) = read(tmp_path, table)
    assert isinstance(reject, Rejected)
    assert reject.reason == reason
    assert word in reject.message


def test_bytes_that_are_no_text_are_a_reject(tmp_path: Path) -> None:
    raw = pa.array([b"\xff\xfe\xfa"], pa.binary()).view(pa.string())
    (reject,) = read(tmp_path, pa.table({"doc_id": pa.array(["a"]), "text": raw}))
    assert isinstance(reject, Rejected)
    assert reject.reason == "broken"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_file_that_was_damaged_raises_nothing(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    file = tmp_path_factory.mktemp("damaged") / "x.parquet"
    pq.write_table(pa.Table.from_pylist([{"doc_id": f"d{n}", "text": TEXT * n} for n in range(1, 20)]), file)
    whole = bytearray(file.read_bytes())
    at = data.draw(st.integers(4, len(whole) - 1))
    if data.draw(st.booleans()):
        del whole[at:]
    else:
        whole[at] ^= data.draw(st.integers(1, 255))
    file.write_bytes(whole)
    items = list(read_path(file))
    assert items
    assert all(isinstance(item, Document | Rejected) for item in items)


def test_pieces_are_row_groups(tmp_path: Path) -> None:
    file = tmp_path / "x.parquet"
    pq.write_table(
        pa.Table.from_pylist([{"doc_id": f"d{n}", "text": TEXT} for n in range(50)]), file, row_group_size=7
    )
    places, wrong = ranges(file, size=300)
    assert len(places) > 3
    assert wrong is None
    pieces = [item for start, end in places for item in read_range(file, start=start, end=end)]
    assert pieces == list(read_range(file))
    assert [at for at, _ in pieces] == list(range(50))

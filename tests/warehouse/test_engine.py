"""Extraction over an archive into Parquet: the same rows however the work is cut, and the same warehouse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.document import Document
from crawler.errors import WarehouseError
from crawler.reading import Rejected, read_path
from nlp.event import PriceEvent
from tests.hostile.command import paomo, rows
from tests.warehouse.shards import MORTAL, SLOW, Clumsy, build, crawled, sentence
from warehouse import tasks
from warehouse.engine import pool, stored
from warehouse.engine.table import TABLE, documents_in, event_of, items_of, read_batches, record_of
from warehouse.engine.work import Here, extract_rows
from warehouse.extraction import Given, Refused, attempt
from warehouse.home import Home
from warehouse.sandbox import opened
from warehouse.store import MENTIONS

SMALL = 2_000
"""Bytes of a piece: every shard is cut."""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("engine") / "archive")


def table(folder: Path) -> list[dict[str, Any]]:
    return [row for batch in stored.batches(folder) for row in batch.to_pylist()]


@pytest.fixture(scope="module")
def whole(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("whole") / "table"
    pool.extract([str(archive)], out, jobs=1, extract=Clumsy())
    return out


def test_the_table_holds_what_reading_the_archive_gives(archive: Path, whole: Path) -> None:
    given = [
        (item.where, item.reason) if isinstance(item, Rejected) else (item.doc_id, item.text)
        for item in read_path(archive)
    ]
    held = [
        (row["rejects"][0]["location"], row["rejects"][0]["reason"])
        if row["text"] is None
        else (row["doc_id"], row["text"])
        for row in table(whole)
    ]
    halves = [("half", "encoding"), ("half?", "encoding")]
    assert len(held) == len(given) > 100
    assert [h for h, g in zip(held, given, strict=True) if h != g] == halves
    assert {"slow", "torn.warc.gz", "f.pdf", "pictures.warc.gz"} <= {
        Path(reject["location"].partition("#")[0]).name for row in table(whole) for reject in row["rejects"]
    }
    assert sum(len(row["events"] or ()) for row in table(whole)) > 100


@pytest.mark.parametrize("jobs", [1, 2])
def test_pieces_and_processes_change_no_row(archive: Path, whole: Path, tmp_path: Path, jobs: int) -> None:
    refused: list[Refused] = []
    out = tmp_path / "table.parquet"
    done = pool.extract([str(archive)], out, jobs=jobs, extract=Clumsy(), size=SMALL, refuse=refused.append)
    assert len(list(pool.tasks([str(archive)], size=SMALL))) > 25
    assert table(out) == table(whole)
    assert (done.documents, done.events) == (
        sum(row["events"] is not None for row in table(whole)),
        sum(len(row["events"] or ()) for row in table(whole)),
    )
    assert [r.location for r in refused] == [x["location"] for row in table(whole) for x in row["rejects"]]


def test_a_process_that_dies_takes_one_document_with_it(archive: Path, whole: Path, tmp_path: Path) -> None:
    pool.extract([str(archive)], tmp_path / "out", jobs=2, extract=Clumsy(mortal=True), size=SMALL)
    expected = table(whole)
    got = table(tmp_path / "out")
    (died,) = [n for n, (one, other) in enumerate(zip(expected, got, strict=True)) if one != other]
    assert MORTAL in got[died]["text"]
    assert got[died]["events"] is None
    assert [reject["reason"] for reject in got[died]["rejects"]] == ["extractor-died"]


def dump(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    """Every table a load fills; a moment that is that of the load is left out."""
    file = home.published / (home.published / "CURRENT").read_text().strip()
    now = {
        "documents": " REPLACE (if(fetched_at IS NULL, NULL, first_seen) AS first_seen,"
        " if(fetched_at IS NULL, NULL, last_seen) AS last_seen)",
        "rejects": " EXCLUDE (first_seen)",
        "loads": " EXCLUDE (started, finished, input)",
    }
    with opened(file) as connection:
        return {
            name: connection.execute(f"SELECT *{now.get(name, '')} FROM {name} ORDER BY ALL").fetchall()
            for name in ("documents", "rejects", "loads", "contracts", *MENTIONS.values())
        }


def test_loading_the_table_is_loading_the_archive(archive: Path, whole: Path, tmp_path: Path) -> None:
    direct, by_table = Home(tmp_path / "direct"), Home(tmp_path / "table")
    one = tasks.fill(direct, [archive], extract=Clumsy(), jobs=1)
    other = tasks.fill(by_table, [whole], extract=Clumsy(), jobs=1)
    assert dump(by_table) == dump(direct)
    assert (one.seen, one.documents, one.mentions) == (other.seen, other.documents, other.mentions)
    assert one.mentions > 100
    again = tasks.fill(by_table, [whole], extract=Clumsy(), jobs=1)
    assert (again.documents, again.new_rejects) == (0, 0)
    assert tasks.fill(direct, [whole], extract=Clumsy(), jobs=1).documents == 0


def test_what_another_extractor_read_is_read_anew(whole: Path) -> None:
    (batch, *_) = stored.batches(whole, rows=1000)
    index = TABLE.get_field_index("extractor_version")
    old = batch.set_column(index, TABLE.field(index), pa.repeat(pa.scalar("0"), batch.num_rows))
    assert any(isinstance(item, Given) for item in items_of(batch))
    assert not any(isinstance(item, Given) for item in items_of(old))
    assert [d.doc_id for d in items_of(old) if isinstance(d, Document)] == [
        d.doc_id for d in documents_in(batch) if d is not None
    ]


def one(text: str) -> pa.RecordBatch:
    (batch,) = read_batches([(0, Document(doc_id="a", text=text))], shard=0, file="f")
    return extract_rows(batch, Here())


WRONG_RECORDS = [
    ("{}", ""),
    ("[]", ""),
    ('"event": "contract"', '"event": "party"'),
    ('"start": ', '"start": 1'),  # evidence that is not in the text
    ('"start": ', '"start": -'),
    ('"confidence": 0', '"confidence": 7'),
    ('"amount": ', '"amount": "1", "term_months": '),
    ('"amount": ', '"amount": NaN, "term_months": '),
    ('"amount": ', '"amount": 1e99, "term_months": '),
    ('"company": "', '"company": "\\ud83d'),
    ('"amount": ', '"amount": 1e999999999, "term_months": '),
    ('"start": ', '"start": 1e999999999, "term_months": '),
    ('"action": "terminated"', '"action": null'),
    ('"action": "terminated"', '"action": "terminated", "owner": "me"'),
]


@pytest.mark.parametrize(("old", "new"), WRONG_RECORDS)
def test_a_table_is_not_believed(old: str, new: str) -> None:
    row = one(sentence(1)).to_pylist()[0]
    (event, *_) = row["events"]
    record = event["record"].replace(old, new) if new else old
    assert record != event["record"]
    batch = pa.RecordBatch.from_pylist([row | {"events": [event | {"record": record}]}], TABLE)
    (item,) = items_of(batch)
    assert isinstance(item, Given)
    result = attempt(item)
    dropped = [result] if isinstance(result, Refused) else result.dropped
    assert [refused.reason for refused in dropped] == ["bad-event"]


def test_a_row_of_nothing_is_a_reject() -> None:
    row = one(sentence(1)).to_pylist()[0]
    empty = pa.RecordBatch.from_pylist([row | {"text": None, "rejects": []}], TABLE)
    assert [type(item) for item in items_of(empty)] == [Rejected]


@given(st.decimals(0, 10**12, allow_nan=False, places=None), st.integers(1, 100_000), st.floats(0, 1))
def test_a_record_is_exact(amount: Any, gpus: int, confidence: float) -> None:
    document = Document(doc_id="d\"'\\", text="x\u2028\0" * 9)
    event = PriceEvent(
        doc_id=document.doc_id,
        start=1,
        end=7,
        quote=document.text[1:7],
        confidence=confidence,
        rule="r",
        kind="rent",
        item="H100",
        gpus=gpus,
        amount=amount,
        cny_per_gpu_hour=amount / 730,
    )
    assert event_of(record_of(event), document) == event


def test_what_is_there_is_not_overwritten(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine").touch()
    with pytest.raises(WarehouseError, match="is there already"):
        pool.extract([str(archive / "e.txt")], out)
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    with pytest.raises(WarehouseError, match="which is read"):
        pool.extract([str(archive)], archive / "deep" / "out.parquet")


def test_a_run_that_did_not_end_is_not_loaded(whole: Path, tmp_path: Path) -> None:
    torn = tmp_path / "torn"
    torn.mkdir()
    (torn / "part-00000.parquet").write_bytes((whole / "part-00000.parquet").read_bytes())
    with pytest.raises(WarehouseError, match="_SUCCESS"):
        stored.is_table(torn)
    (torn / "_temporary").mkdir()
    with pytest.raises(WarehouseError, match="did not end"):
        stored.is_table(torn)


def test_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(crawled(0, 9))
    done = paomo("extract", tmp_path / "a.warc.gz", "--out", tmp_path / "out")
    assert done.returncode == 1, "the empty page is a reject"
    assert done.stdout == ""
    assert [line.partition(": ")[0] for line in done.stderr.splitlines()] == [
        "https://example.com/7",
        "7 documents, 12 events, 1 rejected",
    ]
    assert paomo("load", tmp_path / "out", home=tmp_path / "home").returncode == 1
    assert rows(tmp_path / "home", "SELECT count(*) AS n FROM documents") == [{"n": 7}]
    for wrong in (["--engine", "flink"], ["--engine", "spark"], ["--master", "local"]):
        assert paomo("extract", tmp_path / "a.warc.gz", *wrong).returncode == 2


def test_the_rows_of_a_piece_are_told_by_their_place(whole: Path) -> None:
    places = [(row["shard"], row["position"], row["part"]) for row in table(whole)]
    assert places == sorted(set(places))
    schema = pq.read_schema(whole / "part-00000.parquet")
    assert schema.names == TABLE.names
    assert SLOW in {row["text"] for row in table(whole)}, "a refused document's text is kept"

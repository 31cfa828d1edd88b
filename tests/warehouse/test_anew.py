"""Read anew: by several processes, replaced whole, and rebuilt to the same rows, while readers go on reading."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from crawler.document import Document
from nlp.event import Event
from tests.warehouse.pooled import by_process, one_price
from tests.warehouse.told import document, event
from warehouse import ask, tasks
from warehouse.home import Home
from warehouse.load import load
from warehouse.resolve import TABLES
from warehouse.store import MENTIONS, locked, writing

DOCUMENTS = [
    document(f"d{i:03}", f"{chr(0x6000 + i) * 9}，一张A100卡{i + 1000}元。", published="2024-06-01")
    for i in range(300)
]


class Prices:
    """So many prices a document."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __call__(self, read: Document) -> Sequence[Event]:
        return [
            event(read, "price", kind="purchase", item="A100", unit="card", amount=n + 1)
            for n in range(self.count)
        ]


_STATES = """
    SELECT list(DISTINCT m.extractor_version), count(*), any_value(d.extractor_version)
    FROM documents d LEFT JOIN price_mentions m USING (doc_id, sha256)
    GROUP BY d.doc_id
"""


def test_a_newer_version_replaces_each_document_whole_and_a_reader_sees_no_half(home: Home) -> None:
    documents, seen, over = DOCUMENTS[:60], [], threading.Event()
    with locked(home), writing(home) as connection:
        load(connection, documents, source="t", version="v1", extract=Prices(2))
        first = connection.execute("SELECT doc_id, first_seen FROM documents ORDER BY ALL").fetchall()
        reading = connection.cursor()

        def watch() -> None:
            while not over.is_set():
                rows = reading.execute(_STATES).fetchall()
                seen.append({(tuple(versions), count, version) for versions, count, version in rows})

        watcher = threading.Thread(target=watch)
        watcher.start()
        load(connection, documents, source="t", version="v2", extract=Prices(3), batch=3)
        over.set()
        watcher.join()
        last = connection.execute("SELECT doc_id, first_seen FROM documents ORDER BY ALL").fetchall()
    assert set().union(*seen) <= {(("v1",), 2, "v1"), (("v2",), 3, "v2")}
    assert any(len(states) == 2 for states in seen), "it was looked at while the two stood side by side"
    assert last == first


def test_readers_of_a_snapshot_see_the_old_rows_until_the_new_are_published(home: Home, fill: Any) -> None:
    fill(DOCUMENTS[:40], version="v1")
    query = "SELECT count(*), max(extractor_version) FROM documents"
    answers = []
    with locked(home), writing(home) as connection:
        for part in range(40, 120, 20):
            load(connection, DOCUMENTS[: part + 20], source="t", version="v2", extract=Prices(1), batch=16)
            answers += ask.sql(home, query).rows
    assert set(answers) == {(40, "v1")}
    tasks.publish_now(home)
    assert ask.sql(home, query).rows == [(120, "v2")]


@pytest.fixture
def filled(home: Home, tmp_path: Path) -> Home:
    """Files of the user's own, loaded in two goes and corrected by hand."""
    lines = [json.dumps({"id": d.doc_id, "text": d.text, "published": str(d.published)}) for d in DOCUMENTS]
    random.Random(3).shuffle(lines)
    for name, part in (("one.jsonl", lines[:200]), ("two.jsonl", lines[150:])):
        (tmp_path / name).write_text("\n".join(part) + "\n", "utf-8")
        tasks.fill(home, [tmp_path / name], extract=one_price, jobs=2)
    ((event_id,),) = ask.sql(home, "SELECT event_id FROM price_mentions WHERE amount = 1007").rows
    tasks.add_review(home, "edit", event_id, field="amount", value="2007")
    return home


ROWS = ("documents", "document_marks", *MENTIONS.values(), *TABLES, "contract_survival", "reviews", "rejects")


def everything(home: Home) -> dict[str, list[Any]]:
    with writing(home) as connection:
        return {table: connection.execute(f"FROM {table} ORDER BY ALL").fetchall() for table in ROWS}


def test_a_rebuild_is_the_same_row_for_row(filled: Home) -> None:
    before = everything(filled)
    assert len(before["documents"]) == len(before["price_mentions"]) == len(DOCUMENTS)
    for _ in range(2):
        tasks.rebuild(filled, extract=one_price)
        after = everything(filled)
        assert [table for table in ROWS if after[table] != before[table]] == []


def test_load_again_reads_everything_by_several_processes(filled: Home) -> None:
    done = tasks.fill(filled, again=True, jobs=2, extract=by_process)
    assert done.documents == len(DOCUMENTS)
    readers = ask.sql(filled, "SELECT rule, count(*) FROM price_mentions GROUP BY rule").rows
    assert len(readers) >= 2
    assert sum(n for _, n in readers) == len(DOCUMENTS)

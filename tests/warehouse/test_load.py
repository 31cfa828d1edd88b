"""Loading: idempotent by content, one transaction a batch, replaced atomically, nothing dropped without a row."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.document import Document
from crawler.reading import Rejected
from nlp.event import Event
from tests.warehouse.told import Told, document, event
from warehouse.home import Home
from warehouse.load import load
from warehouse.store import MENTIONS, locked, writing

TABLES = ("documents", "document_marks", *MENTIONS.values(), "rejects", "loads")
CANCELLED = "青石股份与白杨云的算力租赁合同于2024年10月25日终止，金额1.5亿元。"
RENT = "一台8卡H100服务器月租8万元。"


def dump(home: Home) -> dict[str, list[Any]]:
    with writing(home) as connection:
        return {t: sorted(connection.execute(f"FROM {t}").fetchall(), key=str) for t in TABLES}


def count(home: Home, query: str) -> Any:
    with writing(home) as connection:
        return connection.execute(query).fetchall()[0][0]


def told() -> tuple[list[Document], list[Event]]:
    a = document("a", CANCELLED, published="2024-10-26", kind="news")
    b = document("b", RENT, published="2024-06-01")
    return [a, b], [
        event(
            a,
            "contract",
            action="terminated",
            company="青石股份",
            counterparty="白杨云",
            event_date="2024-10-25",
            amount=150_000_000,
            bound="exact",
            currency="CNY",
        ),
        event(a, "contract", "算力租赁合同", action="signed", company="青石股份", counterparty="白杨云"),
        event(
            b,
            "price",
            kind="rent",
            item="H100",
            unit="server",
            gpus=8,
            amount=80000,
            currency="CNY",
            period="month",
        ),
    ]


def test_mentions_hold_every_field_as_told(home: Home, fill: Any) -> None:
    fill(*told())
    with writing(home) as connection:
        rows = connection.execute(
            'SELECT doc_id, start, "end", quote, company, amount, event_date, event_from, event_to, extractor_version'
            " FROM contract_mentions WHERE action = 'terminated'"
        ).fetchall()
    day = date(2024, 10, 25)
    amount = Decimal("150000000")
    assert rows == [("a", 0, len(CANCELLED), CANCELLED, "青石股份", amount, "2024-10-25", day, day, "t1")]


def test_loading_twice_changes_nothing(home: Home, fill: Any) -> None:
    documents, events = told()
    items = [*documents, Rejected(where="x.pdf", reason="empty", message="the file is empty")]
    first = fill(items, events)
    before = dump(home)
    second = fill(items, events)
    assert dump(home) == before
    assert (first.documents, first.mentions, first.new_rejects) == (2, 3, 1)
    assert (second.documents, second.mentions, second.new_rejects) == (0, 0, 0)
    assert [r.location for r in second.rejected] == ["x.pdf"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 4), max_size=12), st.integers(1, 4))
def test_any_order_and_batch_gives_the_same_rows(tmp_path_factory: Any, order: list[int], batch: int) -> None:
    documents = [document(f"d{i}", f"第{i}份合同终止。", published="2024-01-01") for i in range(5)]
    events = [event(d, "contract", action="terminated", company=f"公司{i}") for i, d in enumerate(documents)]
    home = Home(tmp_path_factory.mktemp("any")).make()
    with locked(home), writing(home) as connection:
        load(
            connection,
            [documents[i] for i in order],
            source="t",
            version="1",
            extract=Told(events),
            batch=batch,
        )
        stored = connection.execute("SELECT doc_id FROM documents ORDER BY 1").fetchall()
        mentions = connection.execute("SELECT doc_id FROM contract_mentions ORDER BY 1").fetchall()
    assert stored == mentions == [(f"d{i}",) for i in sorted(set(order))]


def test_a_newer_extractor_replaces_what_the_old_one_read(home: Home, fill: Any) -> None:
    documents, events = told()
    fill(documents, events)
    seen = count(home, "SELECT first_seen FROM documents WHERE doc_id = 'a'")
    fill(documents, events[:1], version="t2")
    assert count(home, "SELECT count(*) FROM contract_mentions") == 1
    assert count(home, "SELECT count(*) FROM price_mentions") == 0
    assert count(home, "SELECT string_agg(DISTINCT extractor_version) FROM documents") == "t2"
    assert count(home, "SELECT first_seen FROM documents WHERE doc_id = 'a'") == seen


def test_a_later_capture_of_the_same_text_moves_last_seen_only(home: Home, fill: Any) -> None:
    def capture(day: int) -> Document:
        return document("u", RENT, fetched_at=datetime(2024, 6, day, tzinfo=UTC))

    fill([capture(3)])
    fill([capture(9)])
    fill([capture(1)])
    with writing(home) as connection:
        rows = connection.execute("SELECT first_seen, last_seen FROM documents").fetchall()
    assert rows == [(datetime(2024, 6, 1), datetime(2024, 6, 9))]


def test_the_version_captured_last_counts_whatever_is_loaded_last(home: Home, fill: Any) -> None:
    old = document("u", "旧的文本。", fetched_at=datetime(2024, 6, 1, tzinfo=UTC))
    new = document("u", "新的文本。", fetched_at=datetime(2024, 6, 2, tzinfo=UTC))
    fill([new])
    fill([old])
    assert count(home, "SELECT string_agg(text) FROM documents WHERE is_current") == "新的文本。"
    assert count(home, "SELECT count(*) FROM documents") == 2


def test_of_a_users_files_the_one_loaded_last_counts(home: Home, fill: Any) -> None:
    first, second = document("f.txt", "第一版。"), document("f.txt", "第二版。")
    for each in (first, second, first):
        fill([each])
    assert count(home, "SELECT string_agg(text) FROM documents WHERE is_current") == "第一版。"


def test_the_same_text_with_another_date_is_read_again(home: Home, fill: Any) -> None:
    fill([document("a", CANCELLED)])
    done = fill([document("a", CANCELLED, published="2024-10-26")])
    assert done.documents == 1
    assert count(home, "SELECT published FROM documents") == date(2024, 10, 26)
    assert count(home, "SELECT count(*) FROM documents") == 1


def test_an_extractor_that_fails_costs_one_document(home: Home) -> None:
    documents, events = told()

    class Broken(Told):
        def __call__(self, read: Document) -> Any:
            if read.doc_id == "a":
                raise ZeroDivisionError("division by zero")
            return super().__call__(read)

    with locked(home), writing(home) as connection:
        done = load(connection, documents, source="t", version="1", extract=Broken(events))
        stored = connection.execute("SELECT doc_id FROM documents").fetchall()
        rejects = connection.execute("SELECT location, stage, reason FROM rejects").fetchall()
    assert (done.documents, stored) == (1, [("b",)])
    assert rejects == [("a", "extract", "extractor-failed")]


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"amount": -5}, "amount"),
        ({"amount": "1e30"}, "amount"),
        ({"amount": 9, "amount_max": 3}, "below"),
        ({"amount": 5, "event_date": "2031-01-01"}, "after"),
    ],
)
def test_an_impossible_event_is_dropped_with_a_row(home: Home, fill: Any, fields: Any, word: str) -> None:
    a = document("a", CANCELLED, published="2024-10-26")
    good = event(a, "contract", action="signed", company="青石股份")
    bad = event(a, "contract", action="terminated", company="青石股份", **fields)
    done = fill([a], [good, bad])
    assert done.mentions == 1
    assert done.rejected == []
    assert [d.reason for d in done.dropped] == ["bad-event"]
    assert word in count(home, "SELECT message FROM rejects")


def test_a_document_that_was_mended_is_no_reject_any_more(home: Home, fill: Any) -> None:
    for where in ("a.pdf", "a.pdf#page=12", "b.pdf"):
        fill([Rejected(where=where, reason="scanned", message="a picture")])
    fill([document("a.pdf", "如今读得出来了")])
    with writing(home) as connection:
        assert connection.execute("SELECT location FROM rejects").fetchall() == [("b.pdf",)]


def test_half_a_surrogate_pair_is_a_reject(home: Home, fill: Any) -> None:
    done = fill([document("a", "坏\ud83d字"), document("b", RENT)])
    assert [(r.location, r.reason) for r in done.rejected] == [("a", "encoding")]
    assert count(home, "SELECT count(*) FROM documents") == 1


def test_a_batch_that_fails_leaves_nothing_half_loaded(home: Home, fill: Any, monkeypatch: Any) -> None:
    documents, events = told()
    fill(documents[:1], events)
    before = dump(home)

    def full(*_: object, **__: object) -> int:
        raise duckdb.IOException("No space left on device")

    monkeypatch.setattr("warehouse.load.store_mentions", full)
    with pytest.raises(duckdb.IOException):
        fill(documents, events, version="t2")
    monkeypatch.undo()
    assert dump(home) == before


def test_ids_are_the_same_in_every_warehouse(tmp_path: Any) -> None:
    documents, events = told()
    ids = []
    for name in ("one", "two"):
        home = Home(tmp_path / name).make()
        with locked(home), writing(home) as connection:
            load(
                connection,
                documents if name == "one" else documents[::-1],
                source="t",
                version=name,
                extract=Told(events),
            )
            ids.append(connection.execute("SELECT event_id FROM contract_mentions ORDER BY 1").fetchall())
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


def test_two_equal_readings_have_two_ids(home: Home, fill: Any) -> None:
    a = document("a", CANCELLED)
    twice = [event(a, "contract", action="terminated", company="青石股份")] * 2
    fill([a], twice)
    first = count(home, "SELECT list(event_id ORDER BY event_id) FROM contract_mentions")
    fill([a], twice, version="t2")
    assert count(home, "SELECT list(event_id ORDER BY event_id) FROM contract_mentions") == first
    assert len(set(first)) == 2


def test_many_documents_are_read_by_several_processes(home: Home) -> None:
    from tests.warehouse.pooled import one_price

    documents = [document(f"d{i}", f"一张A100卡{i + 1000}元。") for i in range(60)]
    with locked(home), writing(home) as connection:
        done = load(connection, documents, source="t", version="1", extract=one_price, jobs=2, batch=20)
        amounts = connection.execute("SELECT amount::INTEGER FROM price_mentions ORDER BY 1").fetchall()
    assert done.mentions == 60
    assert amounts == [(i + 1000,) for i in range(60)]


def test_an_emoji_does_not_shift_the_evidence(home: Home, fill: Any) -> None:
    a = document("a", "🚀👨‍👩‍👧 é\u0301 青石股份终止合同。", published="2024-01-02")
    fill([a], [event(a, "contract", "青石股份终止合同", action="terminated", company="青石股份")])
    assert (
        count(
            home,
            'SELECT array_slice(d.text, m.start + 1, m."end") FROM contract_mentions m'
            " JOIN documents d USING (doc_id)",
        )
        == "青石股份终止合同"
    )

"""Corrections by people: applied to all views, found again after re-extraction, exported and restored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crawler.errors import QueryError
from tests.warehouse.told import Told, document, event
from warehouse import ask, tasks
from warehouse.home import Home

A = document("a", "青石股份与白杨云的算力租赁合同金额1.5亿元，已经终止。", published="2025-01-12")
B = document("b", "青石股份与紫藤网络的算力租赁合同金额2.7亿元，已经终止。", published="2025-01-13")
TOLD = {"action": "terminated", "company": "青石股份", "company_code": "309001", "currency": "CNY"}
ENDED_A = event(A, "contract", counterparty="白杨云", amount=150000000, event_date="2025-01-10", **TOLD)
ENDED_B = event(B, "contract", counterparty="紫藤网络", amount=270000000, event_date="2025-01-11", **TOLD)


@pytest.fixture
def filled(home: Home, fill: Any) -> Home:
    fill([A, B], [ENDED_A, ENDED_B])
    return home


def cancellations(home: Home) -> list[tuple[Any, ...]]:
    query = "SELECT counterparty, amount::BIGINT, event_id FROM cancellations ORDER BY counterparty"
    return ask.sql(home, query).rows


def ids(home: Home) -> tuple[str, str]:
    a, b = ask.sql(home, "SELECT event_id FROM contract_mentions ORDER BY doc_id").rows
    return a[0], b[0]


def test_reject_takes_an_event_out_of_all_views(filled: Home) -> None:
    tasks.add_review(filled, "reject", ids(filled)[0], note="a plan")
    assert [row[0] for row in cancellations(filled)] == ["紫藤网络"]
    assert ask.sql(filled, "SELECT count(*) FROM contract_mentions").rows == [(2,)]


def test_edit_corrects_a_value_and_keeps_what_was_read(filled: Home) -> None:
    tasks.add_review(filled, "edit", ids(filled)[0], field="amount", value="160000000")
    assert cancellations(filled)[0][:2] == ("白杨云", 160000000)
    assert ask.sql(filled, "SELECT amount::BIGINT FROM contract_mentions WHERE doc_id = 'a'").rows == [
        (150000000,)
    ]


def test_edit_of_a_date_moves_its_days(filled: Home) -> None:
    tasks.add_review(filled, "edit", ids(filled)[0], field="event_date", value="2024-12")
    rows = ask.sql(
        filled, "SELECT cancelled, cancelled_to::VARCHAR FROM cancellations ORDER BY cancelled"
    ).rows
    assert rows[0] == ("2024-12", "2024-12-31")


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("quote", "x", "no field"),
        ("amount", "much", "cannot be"),
        ("nothing", "1", "there are action, amount"),
        ("action", "ended", "one of signed"),
        ("status", "", "one of effective"),
        ("event_date", "2024-13", "write 2024"),
        ("reason", "bad luck", "one of supply"),
    ],
)
def test_an_edit_that_could_never_be_is_refused(filled: Home, field: str, value: str, word: str) -> None:
    with pytest.raises(QueryError, match=word):
        tasks.add_review(filled, "edit", ids(filled)[0], field=field, value=value)
    assert ask.sql(filled, "SELECT count(*) FROM reviews").rows == [(0,)]


def test_merge_and_split(filled: Home) -> None:
    a, b = ids(filled)
    tasks.add_review(filled, "merge", a, other=b)
    assert ask.sql(filled, "SELECT count(*) FROM contracts").rows == [(1,)]
    assert (
        ask.sql(filled, "SELECT list(DISTINCT why) FROM contract_sources")
        .rows[0][0]
        .count("joined by a reviewer")
        == 1
    )


def test_split_parts_what_would_be_one(home: Home, fill: Any) -> None:
    copy = document("c", A.text + "又及。", published="2025-02-20")
    again = event(
        copy, "contract", A.text, counterparty="白杨云", amount=150000000, event_date="2025-01-10", **TOLD
    )
    fill([A, copy], [ENDED_A, again])
    assert ask.sql(home, "SELECT count(*) FROM contracts").rows == [(1,)]
    a, c = ids(home)
    tasks.add_review(home, "split", a, other=c)
    assert ask.sql(home, "SELECT count(*) FROM contracts").rows == [(2,)]


def test_reviews_survive_a_new_extractor(filled: Home, fill: Any) -> None:
    tasks.add_review(filled, "edit", ids(filled)[0], field="amount", value="160000000")
    tasks.add_review(filled, "reject", ids(filled)[1])
    sharper = [
        event(d, "contract", e.quote[3:], event_date="2025-01-09", amount=e.amount, **TOLD)  # type: ignore[attr-defined]
        for d, e in ((A, ENDED_A), (B, ENDED_B))
    ]
    before = ids(filled)
    fill([A, B], sharper, version="t2")
    assert set(before).isdisjoint(ids(filled))
    assert [row[1] for row in cancellations(filled)] == [160000000]


def test_reviews_are_exported_and_restored_once(filled: Home, tmp_path: Path, fill: Any) -> None:
    tasks.add_review(filled, "reject", ids(filled)[0], note="说明")
    lines = filled.reviews.read_text("utf-8").splitlines()
    assert tasks.import_reviews(filled, lines) == 0
    assert len(lines) == 1


def test_rebuild_keeps_files_reviews_and_every_row(filled: Home) -> None:
    tasks.add_review(filled, "reject", ids(filled)[0])
    tables = ("documents", "contract_mentions", "contracts", "contract_events", "reviews", "rejects")
    before = {t: ask.sql(filled, f"FROM {t} ORDER BY ALL").rows for t in tables}
    done = tasks.rebuild(filled, extract=Told([ENDED_A, ENDED_B]), version="t1")
    assert done.documents == 2
    assert {t: ask.sql(filled, f"FROM {t} ORDER BY ALL").rows for t in tables} == before


def test_an_unknown_event_is_refused(filled: Home) -> None:
    with pytest.raises(QueryError, match="no event has this id"):
        tasks.add_review(filled, "reject", "ffffffff")


def test_reviews_of_another_folder_come_after_ones_own(filled: Home) -> None:
    a, b = ids(filled)
    tasks.add_review(filled, "reject", a)
    (line,) = filled.reviews.read_text("utf-8").splitlines()
    other = line.replace(a, b).replace('"doc_id": "a"', '"doc_id": "b"')
    assert tasks.import_reviews(filled, [other]) == 1
    assert ask.sql(filled, "SELECT review_no, event_id FROM reviews ORDER BY 1").rows == [(1, a), (2, b)]
    assert cancellations(filled) == []


@pytest.mark.parametrize(
    "line", ["nonsense", "{}", '{"review_no": 1, "verb": "drop", "event_id": "a"}', "[1]"]
)
def test_a_line_that_is_no_review_is_refused(filled: Home, line: str) -> None:
    with pytest.raises(QueryError, match="review export"):
        tasks.import_reviews(filled, [line])

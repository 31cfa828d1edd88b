"""A document that takes too long, or kills the process that reads it, is a reject; the rest goes on."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from crawler.document import Document
from crawler.overtime import Overtime, limited
from crawler.reading import html, read_path, rejected
from crawler.reading.rejected import Rejected
from nlp.event import Event
from tests.hostile.command import documents, paomo, rows
from warehouse.crew import INLINE, Crew, attempt_all
from warehouse.extraction import Extracted, Refused, attempt
from warehouse.timely import Timely

LONG = "鸿博股份公告,与客户签订的算力租赁合同于2024年10月11日解除,金额1亿元。" * 20_000


def killer(document: Document) -> Sequence[Event]:
    """An extractor that the system kills on one document."""
    if document.text == "mortal":
        os.kill(os.getpid(), signal.SIGKILL)
    return []


def test_a_regular_expression_at_work_is_stopped() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(Overtime), limited(0.2):
        re.match(r"(a|a)*$", "a" * 60 + "b")
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_what_ends_in_time_is_not_touched() -> None:
    with limited(5):
        found = re.match("a*", "aaa")
    assert found
    with limited(None):
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_thread_has_no_limit_but_reads() -> None:
    found: list[int] = []

    def read() -> None:
        with limited(0.01):
            found.append(sum(range(2_000_000)))

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert len(found) == 1


def test_a_document_past_the_limit_is_a_reject() -> None:
    result = attempt(Document(doc_id="long", text=LONG), Timely(0.05))
    assert isinstance(result, Refused)
    assert (result.location, result.reason) == ("long", "too-slow")
    assert "--time-limit" in result.message


def test_a_page_past_the_limit_is_a_reject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejected, "SECONDS", 0.001)
    page = tmp_path / "slow.html"
    page.write_text("<p>" + "<div><a href=x>合同</a>" * 2_000, "utf-8")
    (row,) = read_path(page)
    assert isinstance(row, Rejected)
    assert row.reason == "too-slow"
    assert html.READER


def test_a_process_that_dies_costs_one_document() -> None:
    texts = ["one", "two", "mortal", "three", "four", "mortal", "five"]
    with Crew(2, killer) as crew:
        results = crew.read([Document(doc_id=str(n), text=text) for n, text in enumerate(texts)])
        again = crew.read([Document(doc_id="x", text="alive")])
    assert [getattr(r, "reason", "read") for r in results] == [
        "extractor-died" if text == "mortal" else "read" for text in texts
    ]
    assert isinstance(again[0], Extracted)


def test_many_are_read_in_the_order_they_came() -> None:
    items = [Document(doc_id=str(n), text="\ud83d" if n % 7 == 0 else "x") for n in range(INLINE * 2 + 9)]
    results = list(attempt_all(items, jobs=2, extract=killer))
    assert [r.location if isinstance(r, Refused) else r.document.doc_id for r in results] == [
        item.doc_id for item in items
    ]


def test_the_command_line_goes_on(tmp_path: Path) -> None:
    long = json.dumps({"id": "long", "text": LONG * 6}, ensure_ascii=False)
    (tmp_path / "a.jsonl").write_text(long + "\n" + documents(3), "utf-8")
    printed = paomo("extract", tmp_path / "a.jsonl", "--time-limit", "3")
    assert printed.returncode == 1
    assert [line.partition(":")[0] for line in printed.stderr.splitlines()] == ["long"]
    assert {json.loads(line)["doc_id"] for line in printed.stdout.splitlines()} == {"d0", "d1", "d2"}
    home = tmp_path / "home"
    assert paomo("load", tmp_path / "a.jsonl", "--time-limit", "3", home=home).returncode == 1
    assert rows(home, "SELECT location, reason FROM rejects") == [{"location": "long", "reason": "too-slow"}]
    assert rows(home, "SELECT count(*) AS n FROM documents") == [{"n": 3}]

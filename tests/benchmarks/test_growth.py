"""How cost grows: the exponent is the exponent, and made-up documents are what they are said to be."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import made
from benchmarks.growth import Clock, Cost, apart, exponents, slope, verdict
from crawler.reading.html import read_html
from nlp.extract import extract
from nlp.topic import may_hold_event
from warehouse.extraction import wrong_with


@given(st.floats(-1, 3), st.floats(0.001, 1000), st.lists(st.integers(2, 10), min_size=1, max_size=5))
def test_the_slope_of_a_power_is_its_exponent(power: float, factor: float, steps: list[int]) -> None:
    sizes = [100]
    for step in steps:
        sizes.append(sizes[-1] * step)
    assert slope([(n, factor * n**power) for n in sizes]) == pytest.approx(power, abs=1e-6)


def test_one_point_has_no_slope() -> None:
    assert math.isnan(slope([(10, 1.0)]))
    assert math.isnan(slope([(10, 1.0), (100, 0.0)]))


@pytest.mark.parametrize(
    ("times", "memory", "said"),
    [
        ([1, 10, 100], [5, 5, 5], "linear or better"),
        ([1, 10, 1000], [5, 5, 5], "faster than linearly: time"),
        (
            [1, 5, 90],
            [5, 5, 5],
            "faster than linearly: time",
        ),  # what is constant hides it from the whole line
        ([1, 10, 100], [5, 500, 50_000], "faster than linearly: memory"),
    ],
)
def test_what_grows_faster_than_linearly_is_said(times: list[float], memory: list[float], said: str) -> None:
    rows = zip((1000, 10_000, 100_000), times, memory, strict=True)
    costs = [Cost("views", n, t, t, m) for n, t, m in rows]
    assert said in verdict("views", costs)
    assert len(exponents(costs)) == 3


def test_the_making_of_items_is_taken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    for name in ("perf_counter", "process_time", "thread_time"):
        monkeypatch.setattr(f"benchmarks.growth.time.{name}", lambda: now)

    def costly() -> Iterator[int]:
        nonlocal now
        for n in range(3):
            now += 10
            yield n

    clock, other = Clock(), Clock()
    with clock:
        for _ in clock.apart(costly()):
            now += 1
    with other:
        for _ in other.apart(costly(), hidden=True):
            now += 1
    assert (clock.seconds, clock.busy) == (3, 3)
    assert (other.seconds, other.busy) == (33, 3)  # by the clock it cost nothing, so nothing is taken off


def test_a_stage_that_fails_is_said_and_the_others_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert apart("publish", 10, tmp_path) is None  # nothing was loaded there
    assert "failed: " in capsys.readouterr().out
    cost = apart("archive", 10, tmp_path)
    assert cost
    assert (cost.stage, cost.documents) == ("archive", 10)
    assert cost.stored > 0


def test_documents_are_the_same_in_every_process_and_one_in_ten_is_a_copy() -> None:
    documents = [made.document(n, 400) for n in range(400)]
    assert documents == [made.document(n, 400) for n in range(400)]
    assert len({document.doc_id for document in documents}) == 400
    for number in range(9, 400, made.COPIED):
        assert documents[number].text.endswith(documents[made.origin(number)].text)
    days = [document.published for document in documents]
    assert all(a <= b for a, b in pairwise(days) if a and b)


def test_one_document_in_twenty_is_on_the_topic_and_says_what_can_be_read() -> None:
    documents = [made.document(n, 1000) for n in range(1000)]
    assert {n for n, document in enumerate(documents) if may_hold_event(document.text)} == {
        n for n in range(1000) if made.origin(n) % made.ON_TOPIC == 0
    }
    found = {event.event for document in documents for event in extract(document)}
    assert found == {"contract", "price", "project", "utilisation"}


def test_made_up_mentions_are_evidence_that_the_warehouse_takes() -> None:
    for number in range(300):
        document = made.document(number, 300, on_topic=1)
        (event,) = made.mentions(document, 300)
        assert document.text[event.start : event.end] == event.quote
        assert wrong_with(event, document) is None


def test_a_page_reads_back_as_its_document() -> None:
    for heavy in (0, 50):
        page = made.page(20, 100, menu=40 + heavy, script=heavy)
        assert read_html(page).text == made.document(20, 100).text.rstrip()

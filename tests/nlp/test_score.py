"""The measure: small cases by hand, and the same figures as the script of the labelled sets."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.errors import UnreadableError
from nlp.score import (
    Record,
    measure,
    read_found,
    read_labels,
    read_lines,
    same_name,
    same_number,
    same_slot,
)

SHARED = Path(__file__).parents[2].parent / "shared"

GOLD: list[Record] = [
    {
        "id": "a",
        "text": "甲公司终止合同。利用率三成。",
        "events": [
            {"event": "contract", "action": "terminated", "company": "甲公司", "amount": 100},
            {"event": "utilisation", "metric": "utilisation", "rate": 30},
            {"event": "price", "kind": "rent", "item": "H100", "amount": 5, "optional": True},
        ],
    }
]
RIGHT: Record = {
    "event": "contract", "doc_id": "a", "action": "terminated", "company": "甲公司", "amount": 100.5,
    "start": 0, "end": 7, "quote": "甲公司终止合同",
}  # fmt: skip


def test_a_hit_a_miss_and_an_extra() -> None:
    score = measure(GOLD, [RIGHT, {"event": "project", "doc_id": "a", "measure": "compute", "amount": 1}])
    assert (score.all.tp, score.all.fp, score.all.fn) == (1, 1, 1)
    assert score.all.f1 == pytest.approx(0.5)
    assert score.slots["contract.amount"] == [1, 1]
    assert score.evidence == [1, 2]


def test_optional_and_self_denied_events_cost_nothing() -> None:
    found = [RIGHT, {**RIGHT, "status": "rumoured"}, {"event": "price", "doc_id": "a", "kind": "rent", "item": "H100",
             "amount": 5}]  # fmt: skip
    assert measure(GOLD, found).all.fp == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ("[1]", "one object a line"),
        ('{"id": "a", "text": "t"}', "has no events"),
        ('{"text": "t", "events": []}', "has no id"),
        ('{"id": "a", "text": 1, "events": []}', "`text` must be a text"),
        ('{"id": "a", "text": "t", "events": {}}', "`events` a list"),
        ('{"id": "a", "text": "t", "events": [1]}', "kind None; choose contract"),
        ('{"id": "a", "text": "t", "events": [{"event": "sale"}]}', "kind 'sale'; choose contract"),
        ('{"id": "a", "text": "t", "events": [{"event": "contract"}]}', "has no action"),
        (
            '{"id": "a", "text": "t", "events": [{"event": "utilisation", "metric": "vacancy", "rate": "三成"}]}',
            "write a number",
        ),
    ],
)
def test_a_line_that_is_no_label_says_what_it_lacks(line: str, said: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_labels(f'\n{{"id": 1, "text": "t", "events": []}}\n{line}\n', "gold.jsonl")
    assert str(caught.value).startswith("gold.jsonl:3: ")
    assert said in str(caught.value)


def test_events_that_are_none_are_named() -> None:
    assert read_found('{"event": "price", "doc_id": "a"}\n', "found.jsonl")
    with pytest.raises(UnreadableError, match=r"found\.jsonl:1: no event"):
        read_found('{"id": "a", "text": "t"}', "found.jsonl")


def test_the_label_on_the_page_is_one() -> None:
    page = (Path(__file__).parents[2] / "docs" / "events.md").read_text("utf-8")
    (line,) = [line for line in page.splitlines() if '"events": [{' in line]
    (label,) = read_labels(line.strip(), "docs/events.md")
    found = {"doc_id": "a", **label["events"][0]}
    assert measure([label], [found]).all.tp == 1


def test_a_vacancy_pairs_with_the_use_it_leaves() -> None:
    found = {"event": "utilisation", "doc_id": "a", "metric": "vacancy", "rate": 70}
    assert measure(GOLD, [found]).kinds["utilisation"].tp == 1


@pytest.mark.parametrize(
    ("slot", "gold", "found", "same"),
    [
        ("amount", 100, 101, True),
        ("amount", 100, 102, False),
        ("event_date", "2024-10", "2024-10-11", True),
        ("event_date", "2024-10-11", "2024-10", False),
        ("party", "英博数科", "北京英博数科科技有限公司", True),
        ("bound", "over", "about", False),
        ("bound", "over", None, False),
    ],
)
def test_slots(slot: str, gold: object, found: object, same: bool) -> None:
    assert same_slot(slot, gold, found) is same


def test_names_and_numbers() -> None:
    assert same_name("缔息云联（北京）科技有限公司", "缔息云联")
    assert not same_name(None, "缔息云联")
    assert not same_number("much", 3)


def test_the_same_figures_as_the_script(tmp_path: Path) -> None:
    script, gold = SHARED / "eval" / "score.py", SHARED / "gold" / "dev.jsonl"
    if not script.exists():
        pytest.skip("../shared is not there")
    documents = read_lines(gold.read_text("utf-8"))
    chance = random.Random(5)
    events = []
    for document in documents:
        for label in document["events"]:
            event = {**label, "doc_id": document["id"]}
            event.pop(chance.choice(sorted(event)), None)
            if chance.random() < 0.8 and "event" in event and "doc_id" in event:
                events.append(event)
    predicted = tmp_path / "predicted.jsonl"
    predicted.write_text("\n".join(json.dumps(e, ensure_ascii=False) for e in events), "utf-8")
    command = [sys.executable, str(script), str(gold), str(predicted), "--json"]
    theirs = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    ours = json.loads(measure(documents, events).as_json())
    assert ours == theirs

"""Projects: figures marked inline in sentences of our own (examples/project*.yml), measured as a reader would."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from crawler.document import Document
from nlp.event import ProjectEvent
from nlp.extractors.project import extract
from nlp.reading import read

EXAMPLES = Path(__file__).parent / "examples"
NAMES = {"project", "operator", "place"}


def load(name: str) -> list[dict[str, Any]]:
    return list(yaml.load((EXAMPLES / name).read_text(encoding="utf-8"), Loader=yaml.BaseLoader))


def unmark(marked: str) -> tuple[str, dict[str, tuple[int, int]]]:
    """The text without its marks, and where each mark stood."""
    text, spans, opened = "", {}, {}
    for piece in re.split(r"(</?\d+>)", marked):
        mark = re.fullmatch(r"<(/?)(\d+)>", piece)
        if not mark:
            text += piece
        elif mark[1]:
            spans[mark[2]] = (opened[mark[2]], len(text))
        else:
            opened[mark[2]] = len(text)
    return text, spans


def events_of(example: dict[str, Any]) -> list[ProjectEvent]:
    published = example.get("published")
    document = Document(
        doc_id="x",
        text=unmark(example["text"])[0],
        title=example.get("title"),
        published=date.fromisoformat(published) if published else None,
        kind=example.get("kind"),
    )
    return list(extract(read(document)))


def same(slot: str, want: str, got: Any) -> bool:
    if slot == "amount":
        return got is not None and abs(float(want) - float(got)) <= 0.001 * float(want)
    if slot in NAMES:
        return got is not None and (want in got or (len(got) >= 2 and got in want))
    if slot == "as_of":
        return got is not None and (got == want or got.startswith(want + "-"))
    return bool(want == got)


def faults(example: dict[str, Any]) -> list[str]:
    """What is wrong with what was read from one example: figures missed, slots wrong, events too many."""
    text, spans = unmark(example["text"])
    found = events_of(example)
    wrong = []
    for mark, want in (example["events"] or {}).items():
        start, end = spans[mark]
        slots = {k: v for k, v in want.items() if k != "optional"}
        match = [
            e
            for e in found
            if e.start <= start
            and end <= e.end
            and e.measure == want["measure"]
            and same("amount", want["amount"], e.amount)
        ]
        if not match:
            if "optional" not in want:
                wrong.append(f"missed {text[start:end]}")
            continue
        found.remove(match[0])
        if "optional" not in want:
            wrong += [
                f"{text[start:end]}: {slot} {getattr(match[0], slot)!r}, not {value!r}"
                for slot, value in slots.items()
                if not same(slot, value, getattr(match[0], slot))
            ]
    return wrong + [f"extra {e.measure} {e.amount} {e.quote!r}" for e in found]


@pytest.mark.parametrize("example", load("project_unseen.yml"), ids=lambda e: e["text"][:18])
def test_unseen_sentences(example: dict[str, Any]) -> None:
    assert faults(example) == []


def test_quotes_are_the_text() -> None:
    for example in load("project_unseen.yml"):
        text = unmark(example["text"])[0]
        assert all(text[e.start : e.end] == e.quote for e in events_of(example))

"""Contracts: every example in examples/contracts*.yml comes out with the fields it names, and nothing else does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from crawler.document import Document
from nlp.event import ContractEvent
from nlp.extractors.contract import extract
from nlp.reading import read

EXAMPLES: list[dict[str, Any]] = [
    example
    for path in sorted((Path(__file__).parent / "examples").glob("contracts*.yml"))
    for example in yaml.safe_load(path.read_text(encoding="utf-8"))
]


def found(example: dict[str, Any]) -> list[ContractEvent]:
    document = Document(
        doc_id=example["id"],
        text=example["text"],
        title=example.get("title"),
        published=example.get("published"),
        kind=example.get("kind"),
    )
    return list(extract(read(document)))


def shown(event: ContractEvent, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields an example names, dates as text."""
    return {name: getattr(event, name) for name in fields}


def as_text(fields: dict[str, Any]) -> dict[str, Any]:
    return {k: str(v) if k.endswith("date") and v is not None else v for k, v in fields.items()}


def known(example: dict[str, Any]) -> Any:
    marks = [pytest.mark.xfail(reason=example["xfail"], strict=True)] if "xfail" in example else []
    return pytest.param(example, id=example["id"], marks=marks)


@pytest.mark.parametrize("example", [known(e) for e in EXAMPLES])
def test_example(example: dict[str, Any]) -> None:
    events = found(example)
    told = [e for e in events if e.status not in {"denied", "rumoured"}]
    for wanted in map(as_text, example["events"]):
        match = next((e for e in told if e.action == wanted["action"] and shown(e, wanted) == wanted), None)
        nearest = [shown(e, wanted) for e in told if e.action == wanted["action"]] or told
        assert match, f"wanted {wanted}\nfound  {nearest}"
        told.remove(match)
    assert [(e.action, e.status, e.quote) for e in told] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e["id"])
def test_evidence_is_exact(example: dict[str, Any]) -> None:
    for event in found(example):
        assert event.quote
        assert example["text"][event.start : event.end] == event.quote

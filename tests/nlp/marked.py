"""Sentences with their figures marked inline, <1>6.8万元</1>, and the events that must come out of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from crawler.document import Document

EXAMPLES = Path(__file__).parent / "examples"
_MARK = re.compile(r"<(\d+)>(.*?)</\1>", re.DOTALL)


@dataclass(frozen=True)
class Example:
    """One marked text: the document without marks, and number of mark -> what its event must say."""

    document: Document
    events: Mapping[int, Mapping[str, Any]]
    spans: Mapping[int, tuple[int, int]]

    def __str__(self) -> str:
        return self.document.text[:30]


def examples(*names: str) -> list[Example]:
    """The examples of examples/NAME.yml, in their order."""
    found = []
    for name in names:
        for entry in yaml.safe_load((EXAMPLES / f"{name}.yml").read_text(encoding="utf-8")):
            text, spans = unmarked(entry["text"])
            document = Document(
                doc_id=name,
                text=text,
                title=entry.get("title"),
                published=entry.get("published"),
                kind=entry.get("kind"),
            )
            found.append(Example(document, entry["events"], spans))
    return found


def unmarked(marked: str) -> tuple[str, dict[int, tuple[int, int]]]:
    """The text without its marks, and where each marked stretch stands in it."""
    text, end, spans = "", 0, {}
    for m in _MARK.finditer(marked):
        text += marked[end : m.start()]
        spans[int(m[1])] = (len(text), len(text) + len(m[2]))
        text += m[2]
        end = m.end()
    return text + marked[end:], spans


def differences(example: Example, found: list[dict[str, Any]], *, figure: str) -> list[str]:
    """What is wrong: events missing, slots that differ, events nobody asked for. `figure`: the slot that is marked."""
    wrong: list[str] = []
    left = list(found)
    for number, wanted in example.events.items():
        # A figure that is not marked (a cell of a table) may stand anywhere.
        start, end = example.spans.get(number, (0, len(example.document.text)))
        here = [
            e
            for e in left
            if _same(figure, wanted[figure], e[figure]) and start < e["end"] and e["start"] < end + 12
        ]
        here.sort(key=lambda e: -sum(_same(k, v, e.get(k)) for k, v in wanted.items()))
        if here:
            left.remove(here[0])
            wrong += [
                f"{number}: {slot} should be {value!r}, is {here[0].get(slot)!r}"
                for slot, value in wanted.items()
                if slot != "optional"
                and not wanted.get("optional")
                and not _same(slot, value, here[0].get(slot))
            ]
        elif not wanted.get("optional"):
            wrong.append(f"{number}: missing {dict(wanted)}")
    return wrong + [f"not asked for: {e['quote']!r} {e['rule']}" for e in left]


def _same(slot: str, wanted: Any, found: Any) -> bool:
    if isinstance(wanted, int | float) and found is not None:
        return abs(float(found) - wanted) <= 0.001 * abs(wanted)
    if not isinstance(found, str):
        return bool(found == wanted)
    # 2025 is right where the text has 2025-03, and 新加坡 where it has 新加坡数据中心.
    return found == str(wanted) or found.startswith(f"{wanted}-") or (slot == "scope" and wanted in found)

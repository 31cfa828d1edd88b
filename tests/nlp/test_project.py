"""Projects: figures marked inline in sentences of our own (examples/project*.yml), measured as a reader would."""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from opencc import OpenCC

from crawler.document import Document, Kind
from nlp.event import ProjectEvent
from nlp.extractors.project import extract
from nlp.extractors.project_name import project_names
from nlp.extractors.project_stage import stage_in
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
    text = unmark(example["text"])[0]
    return list(read_events(text, example.get("title"), example.get("published"), example.get("kind")))


@cache
def read_events(
    text: str, title: str | None, published: str | None, kind: Kind | None
) -> tuple[ProjectEvent, ...]:
    day = date.fromisoformat(published) if published else None
    document = Document(doc_id="x", text=text, title=title, published=day, kind=kind)
    return tuple(extract(read(document)))


def same(slot: str, want: str, got: Any) -> bool:
    if want == "null":
        return got is None
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


EXAMPLE_FILES = sorted(path.name for path in EXAMPLES.glob("project_*.yml"))
ALL = [example for name in EXAMPLE_FILES for example in load(name)]
MARKED = [
    pytest.param(example, marks=pytest.mark.xfail(reason=example["xfail"])) if "xfail" in example else example
    for example in ALL
]


@pytest.mark.parametrize("example", MARKED, ids=lambda e: e["text"][:18])
def test_figures_are_read_as_a_reader_would(example: dict[str, Any]) -> None:
    assert faults(example) == []


@pytest.mark.parametrize("example", ALL, ids=lambda e: e["text"][:18])
def test_quotes_are_the_text(example: dict[str, Any]) -> None:
    text = unmark(example["text"])[0]
    assert all(text[e.start : e.end] == e.quote != "" for e in events_of(example))


@pytest.mark.parametrize("example", ALL, ids=lambda e: e["text"][:18])
def test_script_does_not_change_what_is_read(example: dict[str, Any]) -> None:
    """The same sentence in traditional characters tells the same measures of the same amounts."""
    text = unmark(example["text"])[0]
    traditional = OpenCC("s2t").convert(text)
    measures = [(e.measure, e.amount) for e in events_of({**example, "text": text})]
    assert [(e.measure, e.amount) for e in events_of({**example, "text": traditional})] == measures


NAMES_IN_TEXT = [
    ("九江的<鄱湖智算中心>由电信投建", ["鄱湖智算中心"]),
    ("叫“<灰雀>”的智算中心停了", ["灰雀智算中心"]),
    ("拟投资建设<远岚智能计算中心项目>,另建大型数据中心", ["远岚智能计算中心项目"]),
    ("本地一座新建的数据中心、三个智算中心、数据中心业务", []),
    ("“<西坡算力基地二期项目>”延期", ["西坡算力基地项目"]),
    ("某某(浙江)数据中心有限公司签约", []),
]


@pytest.mark.parametrize(("marked", "names"), NAMES_IN_TEXT)
def test_project_names(marked: str, names: list[str]) -> None:
    text = re.sub("[<>]", "", marked)
    assert [n.name for n in project_names(text, 0, len(text), ()) if not n.weak] == names


STAGES = [
    ("项目已于8月投产", "operating"),
    ("预计明年投产", "announced"),
    ("建成后可提供2000P算力", None),
    ("尚需取得备案、能评等批复", None),
    ("取得企业投资项目备案证", "approved"),
    ("主体已完工,其余在建", "under_construction"),
    ("封顶后停工至今", "suspended"),
    ("公司决定不再推进", "cancelled"),
    ("开工时间未定", None),
    ("建成一年多,设备闲置", "idle"),
    ("由运营商负责", None),
]


@pytest.mark.parametrize(("text", "stage"), STAGES)
def test_stages(text: str, stage: str | None) -> None:
    assert stage_in(text) == stage


def test_a_text_without_our_words_is_left_alone() -> None:
    document = Document(doc_id="x", text="全市小麦种植面积300万亩,总投资12亿元。" * 50)
    assert list(extract(read(document))) == []


@pytest.mark.parametrize("name", ["dev", "seeds"])
def test_floors_on_the_labelled_texts(name: str) -> None:
    """F1 of projects by measure and amount, one to one, on ../shared/gold."""
    gold = Path(__file__).parents[3] / "shared" / "gold" / f"{name}.jsonl"
    if not gold.exists():
        pytest.skip(f"labelled texts are not here: {gold.name}")
    right = wrong = missed = 0
    for line in gold.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        want = [e for e in record["events"] if e["event"] == "project"]
        for event in events_of(record):
            match = next((e for e in want if is_same_measure(e, event)), None)
            want = [e for e in want if e is not match]
            right += bool(match and not match.get("optional"))
            wrong += match is None
        missed += sum(not e.get("optional") for e in want)
    assert 2 * right / (2 * right + wrong + missed) >= 0.9


def is_same_measure(gold: dict[str, Any], event: ProjectEvent) -> bool:
    return gold["measure"] == event.measure and same("amount", gold["amount"], event.amount)

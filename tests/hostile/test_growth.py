"""Twice the text is twice the work: what projects and rates cost is counted, not timed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import date
from types import FrameType
from typing import Any

import pytest

from crawler.document import Document
from nlp.event import Event
from nlp.extractors import project, utilisation
from nlp.organisation import cast
from nlp.reading import Reading, read

SHAPES = {
    "names and figures in one chain": "鹿鸣智算中心总投资1亿元,机柜2000个,算力500P;",
    "one sentence without end": "北京鹿鸣智算中心总投资12亿元,",
    "a site, its racks and its rate": "位于兰州新区的松石数据中心一期已投产,机柜3000架,上架率62%。",
    "places and their rates": "北京、上海、兰州上架率分别为61%、62%、63%,",
    "figures of nothing": "机柜3000架,",
    "regions and a reporter": "甘肃算力500P,全国算力9000P,公司在宁夏建设智算中心。",
    "a chain of racks": "华海集团机柜3000架;",
    "a fate told again and again": "本项目已获批。鹿鸣智算中心算力500P。",
    "a chain of rates": "松石数据中心上架率61%;",
    "a plan at the head of a chain": "2027年目标:松石数据中心上架率61%;鹿鸣智算中心算力500P;",
    "a rate and no mark": "松石数据中心上架率61%",
}
SHORT, TIMES = 2_400, 4
HAN = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"


def repeated(shape: str, length: int) -> str:
    return shape * (length // len(shape))


def renamed(_: str, length: int) -> str:
    """A new name for every project: nothing can be remembered from one to the next."""
    names = (a + b + c for a in HAN for b in HAN for c in HAN)
    told = (f"{name}山智算中心总投资{7 + at}亿元,机柜{2000 + at}个。" for at, name in enumerate(names))
    return "".join(next(told) for _ in range(length // 24))


def prepared(text: str) -> Reading:
    """A document whose shared mentions have been found: what follows is the extractor's own work."""
    reading = read(Document(doc_id="x", text=text, title="算力", published=date(2024, 11, 12)))
    for mentions in ("sentences", "quantities", "periods", "companies", "places", "title"):
        getattr(reading, mentions)
    cast(reading)
    return reading


def bytecodes(work: Callable[[], object]) -> int:
    """How many instructions of Python the work takes: the same on every machine, busy or not."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("extractor", [project.extract, utilisation.extract], ids=["project", "utilisation"])
@pytest.mark.parametrize(
    ("make", "shape"),
    [*((repeated, shape) for shape in SHAPES.values()), (renamed, "")],
    ids=[*SHAPES, "a new name each time"],
)
def test_four_times_the_text_is_four_times_the_work(
    extractor: Callable[[Reading], Iterator[Event]], make: Callable[[str, int], str], shape: str
) -> None:
    """A scan of all mentions for each figure would make it sixteen times."""
    extractor_of_a_line = prepared(make(shape, SHORT // TIMES))
    list(extractor(extractor_of_a_line))  # patterns are compiled once, by the first
    short, long = (prepared(make(shape, length)) for length in (SHORT, SHORT * TIMES))
    least = bytecodes(lambda: list(extractor(short)))
    most = bytecodes(lambda: list(extractor(long)))
    assert most < 1.25 * TIMES * least + 20_000

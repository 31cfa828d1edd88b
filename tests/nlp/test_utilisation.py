"""Rates of use: batches of sentences that were written before the extractor was run on them, and its laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.document import Document
from nlp.event import UtilisationEvent
from nlp.extractors.utilisation import extract
from nlp.reading import read
from tests.nlp.marked import Example, differences, examples

BATCHES = (
    "utilisation_unseen",
    "utilisation_unseen_2",
    "utilisation_unseen_3",
    "utilisation_unseen_4",
    "utilisation_unseen_5",
    "utilisation_unseen_6",
    "utilisation_unseen_7",
    "utilisation_unseen_8",
    "utilisation_unseen_9",
    "utilisation_unseen_10",
)


def rates(text: str) -> list[UtilisationEvent]:
    return list(extract(read(Document(doc_id="x", text=text))))


@pytest.mark.parametrize("example", examples(*BATCHES), ids=str)
def test_every_marked_rate_comes_out_and_no_other(example: Example) -> None:
    found = [event.record() for event in extract(read(example.document))]
    assert not differences(example, found, figure="rate")


@pytest.mark.parametrize("example", examples(*BATCHES), ids=str)
def test_the_evidence_is_the_text(example: Example) -> None:
    for event in extract(read(example.document)):
        assert example.document.text[event.start : event.end] == event.quote != ""


@given(
    st.integers(min_value=1, max_value=100),
    st.sampled_from(
        [
            ("利用率", "utilisation"),
            ("空置率", "vacancy"),
            ("上架率", "rack_rate"),
            ("出租率", "rental_rate"),
            ("点亮率", "lit_rate"),
        ]
    ),
)
def test_a_named_rate_is_read_whatever_its_figure(rate: int, named: tuple[str, str]) -> None:
    word, metric = named
    (event,) = rates(f"该智算中心目前{word}为{rate}%。")
    assert (event.metric, event.rate, event.status) == (metric, rate, "observed")


@pytest.mark.parametrize("other", ["产能利用率", "写字楼空置率", "固废综合利用率", "酒店入住率"])
def test_the_rates_of_other_things_are_left_out(other: str) -> None:
    assert not rates(f"{other}为63%,算力板块上涨。")


@pytest.mark.parametrize("change", ["提高了四成", "下降15个百分点", "提升约30%"])
def test_by_how_much_a_rate_changed_is_no_rate(change: str) -> None:
    assert not rates(f"调度之后,集群利用率{change}。")


WORDS = [
    *(
        "全国",
        "庆阳",
        "智算中心",
        "机房",
        "利用率",
        "上架率",
        "空置率",
        "出租率",
        "机柜",
        "算力",
        "卡",
        "闲置",
        "空着",
        "租出去",
    ),
    *(
        "三成",
        "近半",
        "80%",
        "20%-30%",
        "不到一半",
        "由",
        "升至",
        "分别为",
        "目标",
        "到2026年",
        "2024年一至四季度",
        "目前",
        "其中",
    ),
    *("、", "和", ",", "。", ";", "\n", "的", "提高", "写字楼", "如果"),
]


@given(st.lists(st.sampled_from(WORDS), max_size=40).map("".join))
def test_whatever_the_words_the_evidence_is_exact_and_rates_are_shares(text: str) -> None:
    for event in rates(text):
        assert text[event.start : event.end] == event.quote != ""
        assert 0 <= event.rate <= 100
        assert event.status in ("observed", "target")

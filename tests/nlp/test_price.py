"""Prices: five batches of sentences that were written before the extractor was run on them, and its laws."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.document import Document
from nlp.event import HOURS_A_PERIOD, PriceEvent
from nlp.extractors.price import extract
from nlp.reading import read
from tests.nlp.marked import Example, differences, examples

BATCHES = (
    "price_unseen",
    "price_unseen_2",
    "price_unseen_3",
    "price_unseen_4",
    "price_unseen_5",
    "price_more",
    "price_sixth",
    "price_seventh",
    "price_eighth",
    "price_ninth",
    "price_tenth",
    "price_eleventh",
)
WORDS = [
    *(
        "H100",
        "RTX 4090",
        "GB200 NVL72",
        "昇騰910B",
        "服务器",
        "GPU",
        "机柜",
        "8卡",
        "一台",
        "单卡",
        "每P",
        "冷板",
        "电价",
    ),
    *(
        "每月",
        "月租",
        "一小时",
        "售价",
        "二手",
        "从",
        "降到",
        "分别为",
        "合计",
        "标的为",
        "假设",
        "黑市",
        "低于",
        "、",
        "和",
    ),
    *(
        "2万元",
        "7.5万",
        "3美元",
        "1.2元/卡时",
        "约18万元",
        "6000-7000元/月",
        "32台",
        "40%",
        "2024年10月",
        "目前",
        "元/台/月",
    ),
    *(",", "。", ";", "\n", "\t", "　", "|", "(", ")", "“", "”", " "),
]


def prices(text: str) -> list[PriceEvent]:
    return list(extract(read(Document(doc_id="x", text=text))))


@pytest.mark.parametrize(
    "example",
    examples(
        "price_unseen",
        "price_unseen_2",
        "price_unseen_3",
        "price_unseen_4",
        "price_unseen_5",
        "price_more",
        "price_sixth",
        "price_seventh",
        "price_eighth",
        "price_ninth",
        "price_tenth",
        "price_eleventh",
    ),
    ids=lambda e: str(e),
)
def test_every_marked_price_comes_out_and_no_other(example: Example) -> None:
    found = [event.record() for event in extract(read(example.document))]
    assert not differences(example, found, figure="amount")


@pytest.mark.parametrize(
    "example",
    examples(
        "price_unseen",
        "price_unseen_2",
        "price_unseen_3",
        "price_unseen_4",
        "price_unseen_5",
        "price_more",
        "price_sixth",
        "price_seventh",
        "price_eighth",
        "price_ninth",
        "price_tenth",
        "price_eleventh",
    ),
    ids=lambda e: str(e),
)
def test_the_evidence_is_the_text_and_holds_the_figure(example: Example) -> None:
    text = example.document.text
    for event in extract(read(example.document)):
        assert text[event.start : event.end] == event.quote != ""
        marks = example.spans.values()
        assert not marks or any(event.start <= start < event.end for start, _ in marks)


@pytest.mark.parametrize(
    ("text", "gpus", "period"),
    [
        ("8卡H100服务器月租58400元", 8, "month"),
        ("H100单卡每小时10元", 1, "hour"),
        ("8卡A800整机一年租金70.08万元", 8, "year"),
        ("单卡4090一天24元", 1, "day"),
    ],
)
def test_a_rent_in_yuan_is_derived_per_gpu_and_hour(text: str, gpus: int, period: str) -> None:
    (event,) = prices(text)
    assert (event.gpus, event.period) == (gpus, period)
    hours = HOURS_A_PERIOD[period]
    assert event.cny_per_gpu_hour == (event.amount / gpus / hours).quantize(Decimal("0.0001"))


@pytest.mark.parametrize("text", ["H100每小时2美元", "8卡H100服务器售价200万元", "H100月租2万元"])
def test_nothing_is_derived_abroad_for_sales_or_for_unknown_gpus(text: str) -> None:
    (event,) = prices(text)
    assert event.cny_per_gpu_hour is None


@given(st.integers(min_value=2, max_value=60), st.sampled_from(["H100", "A800", "H20", "L40S", "MI300X"]))
def test_a_price_is_read_the_same_whatever_its_figure(amount: int, item: str) -> None:
    (event,) = prices(f"目前{item}单卡每小时{amount}元。")
    assert (event.kind, event.item, event.unit, event.amount, event.period) == (
        "rent",
        item,
        "card",
        amount,
        "hour",
    )


@given(st.integers(min_value=3, max_value=20), st.integers(min_value=3, max_value=20))
def test_both_ends_of_a_movement_are_prices(before: int, after: int) -> None:
    found = prices(f"8卡H800整机的月租从{before}万元变到{after}万元。")
    assert [event.amount for event in found] == [before * 10_000, after * 10_000]
    assert {(event.unit, event.gpus, event.period) for event in found} == {("server", 8, "month")}


def test_what_is_carried_from_afar_is_less_sure() -> None:
    near, far = prices("H100单卡每小时10元。A100便宜一半,只要5元。")
    assert near.confidence > far.confidence


@given(st.lists(st.sampled_from(WORDS), max_size=40).map("".join))
def test_whatever_the_words_the_evidence_is_exact_and_the_fields_are_of_the_contract(text: str) -> None:
    for event in prices(text):
        assert text[event.start : event.end] == event.quote != ""
        assert event.kind in ("rent", "purchase", "resale", "cost")
        assert event.unit in (None, "card", "server", "PFLOPS", "kW", "kWh", "rack", "lot")
        assert event.period in (None, *HOURS_A_PERIOD)
        assert (event.unit == "lot") == (event.quantity is not None)
        assert 0 < event.confidence <= 1


def test_a_headline_tells_the_model_only_where_the_text_names_none() -> None:
    document = Document(doc_id="x", title="H200租金跌破3美元", text="海外平台单卡每小时已降到2.8美元。")
    (event,) = extract(read(document))
    assert (event.item, event.unit, event.currency) == ("H200", "card", "USD")


def test_a_number_too_big_for_a_price_leaves_no_trace() -> None:
    (event,) = prices("H100服务器累计投入九亿元,月租5万元。")
    assert (event.kind, event.amount, event.period) == ("rent", 50_000, "month")

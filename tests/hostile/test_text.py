"""Any text whatever through the extractor: it ends, its cost does not explode, its evidence is exact."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.document import Document
from crawler.overtime import limited
from nlp.extract import extract
from nlp.topic import may_hold_event

WORDS = """算力租赁合同 签订 解除 终止 合同 客户 与 、 ， 。 ： ； （ ） ( ) 《 》 “ ” " ' | \n \t 公司 股份 有限公司 鸿博股份 002229 (300536.SZ)
英博数科 子公司 以下简称 甲方 乙方 2024年 10月11日 2024年1月1日 去年 今年 民国113年 1亿元 4.94亿 两成 三到五个点 50% 7.5万元/台/月 元/月
每卡时 H100 RTX 4090 昇腾910B 8卡 服务器 伺服器 数据中心 資料中心 智算中心 北京 乌兰察布 总投资 机柜 1万个 上架率 利用率 不足 超过 约 - ~ 至
1000P MW PUE 租金 价格 跌至 仲裁 诉讼 公告 据报道 传闻 否认 拟 将 已 未 不 该 上述 一期 二期 項目 機櫃 籤訂 解約""".split()  # noqa: SIM905
ODD = [
    "\x00",
    "\ufeff",
    "\u200b",
    "\u202e",
    "\u2066",
    "\ud83d",
    "\udc00",
    "😀",
    "𠮷",
    "\u3000",
    "\xa0",
    "\x85",
    "\u2028",
    "\r\n",
]
ODD += [
    "9" * 60,
    "1," * 20,
    "0." + "0" * 40,
    "Ⅷ",
    "①",
    "²",
    "٣",
    "१",
    "½",
    "亿" * 9,
    "《" * 30,
    "(" * 30,
    "一" * 30,
    "e9",
    "1e400",
]
UNITS = [*(word for word in WORDS if word.strip()), "\n", " ", "a", "1", "1亿元的合同,", "1万个机柜,", "投资100亿元建设", "H100每台",
         "公司与客户签订合同,", "甲方:客户|", "于2024年1月1日", "http://a.b/", "(以下简称“", "北京智算中心总投资1亿元。", "wo "]  # fmt: skip
OPENING = "鸿博股份(002229)公告,其子公司英博数科与紫光晓通签订的算力设备采购合同于2024年10月11日解除,合同金额4.94亿元。\n"

texts = st.lists(st.one_of(st.sampled_from(WORDS + ODD), st.text(max_size=4)), max_size=80).map("".join)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.booleans(), texts, st.sampled_from([None, "", "鸿博股份:算力租赁合同解除", "《" * 40]), st.dates())
def test_whatever_is_written_the_evidence_is_exact(
    told: bool, text: str, title: str | None, published: date
) -> None:
    whole = (OPENING if told else "") + text
    document = Document(doc_id="x", text=whole, title=title, published=published)
    for event in extract(document):
        assert 0 <= event.start < event.end <= len(whole)
        assert whole[event.start : event.end] == event.quote


@pytest.mark.parametrize("unit", UNITS, ids=repr)
def test_a_unit_repeated_a_thousand_times_is_read_within_the_limit(unit: str) -> None:
    """A cost that grows with the square of the length takes minutes here; what is linear, a tenth of a second."""
    text = OPENING + (unit * (24_000 // len(unit))) + "\n" + OPENING
    with limited(20):
        events = extract(Document(doc_id="x", text=text, published=date(2024, 11, 12)))
    assert all(text[event.start : event.end] == event.quote for event in events)
    assert any(event.event == "contract" for event in events)


FOUND = [
    "；“乓乓乓乓有限公司甲方，签订合同" + "于2024年1月1日" * 40 + "；“算力租赁合同甲方，",
    "合同；" + "2024年1月1日" * 26 + "算力租赁合同" * 5 + "有限公司",
    ("算力租赁合同、北京智算中心" + "9" * 60 + "北京智算中心总投资1亿元。伺服器机柜\n") * 10,
    ("解除北京智算中心总投资1亿元。" + "一" * 60 + "北京智算中心总投资1亿元。\n") * 10,
]
"""By guided fuzzing (`python -m tests.hostile.fuzz text`): each took minutes, or for ever."""


@pytest.mark.parametrize("text", FOUND, ids=range(len(FOUND)))
def test_what_fuzzing_found_is_read_within_the_limit(text: str) -> None:
    with limited(20):
        events = extract(Document(doc_id="x", text=text, published=date(2024, 11, 12)))
    assert all(text[event.start : event.end] == event.quote for event in events)


@pytest.mark.parametrize(
    "line", ["a" * 50_000_000, "\x00" * 50_000_000, "公司" * 25_000_000], ids=["a", "NUL", "公司"]
)
def test_fifty_million_characters_without_a_subject_cost_a_glance(line: str) -> None:
    with limited(20):
        assert not may_hold_event(line)
        assert extract(Document(doc_id="x", text=line)) == []


def test_a_sentence_without_end_still_gives_what_it_says() -> None:
    text = "其他事项," * 500 + OPENING.strip() + "其他事项," * 500
    (event,) = extract(Document(doc_id="x", text=text, published=date(2024, 11, 12)))[:1]
    assert "紫光晓通" in event.quote

"""The first look: no document with an event is turned away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlp.topic import may_hold_event

SHARED = Path(__file__).resolve().parents[3] / "shared"


@pytest.mark.parametrize(
    "text",
    [
        "公司解除了与客户的合同。",
        "公司終止與客戶的協議。",
        "一张4090卡涨到两万元。",
        "RTX 4090一天涨三千。",
        "機櫃空置率八成。",
        "就业器涨了。",
        "合(hé)同(tóng)已经解(jiě)除(chú)。",
        "合\u200b同已经解\u200b除。",
        "合 同 已 经 解 除。",
        "联通中标某地工程。",
        "GH200便宜了。",
        "RTX-A6000缺货。",
    ],
)
def test_an_event_is_possible(text: str) -> None:
    assert may_hold_event(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "今天天气很好,孩子们在公园里放风筝。",
        "他赢得冠军,现场观众欢呼。",
        "股价上涨3.2%,成交额12亿元。",
        "图片地址为https://example.com/i/20240904090512.jpg。",
        "合同法是一门课。" + "学生们认真听讲。" * 10 + "放学以后大家签到。",
    ],
)
def test_no_event_is_possible(text: str) -> None:
    assert not may_hold_event(text)


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared, which is not part of the project")
def test_no_labelled_document_is_turned_away() -> None:
    for name in ("dev", "seeds"):
        for line in (SHARED / "gold" / f"{name}.jsonl").read_text().splitlines():
            document = json.loads(line)
            assert not document["events"] or may_hold_event(document["text"]), document["id"]

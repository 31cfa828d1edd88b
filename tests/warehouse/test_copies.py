"""Copies: plain, converted, shortened and spun ones; and what only looks like one."""

from __future__ import annotations

from typing import Any

import opencc

from tests.warehouse.told import document
from warehouse.copies import minhash, searchable, tokens
from warehouse.home import Home
from warehouse.store import writing

ARTICLE = (
    "青石股份（309001）3月5日晚公告，公司与白杨云终止了2023年签订的算力租赁合同，合同总金额为3.62亿元，"
    "此前已收到租金2718.5万元，预付款1350万元将在30日内退还。公告显示，公司2024年营业收入为12.47亿元，"
    "同比下降8.3%，净利润为-1.06亿元。合同涉及的256台H800服务器将转租给其他客户，租金为每台每月7.2万元。"
)
SPUN = (
    "青石股份（309001）3月5日晚布告，公司同白杨云停止了2023年签定的算力租借左券，左券总额度为3.62亿元，"
    "先前已收到房钱2718.5万元，预支金1350万元将于30日内返还。布告披露，公司2024年生意收益为12.47亿元，"
    "同比着落8.3%，净收益为-1.06亿元。左券触及的256台H800就业器会转租予别的客户，房钱为每台每月7.2万元。"
)
OTHER = (
    "紫藤网络（309005）4月9日公告，公司中标某地智算中心项目，中标金额为5.18亿元，工期420天，"
    "项目规划算力3200P，一期800P将于2025年6月投入运行，配套机柜1500架，建设地点为西部某市。"
)


def copies_of(home: Home, fill: Any, *texts: tuple[str, str, str]) -> dict[str, str | None]:
    fill([document(name, text, published=day, tier="media") for name, text, day in texts])
    with writing(home) as connection:
        return dict(connection.execute("SELECT doc_id, copies_of FROM documents").fetchall())


def test_copies_of_every_sort_have_one_original(home: Home, fill: Any) -> None:
    traditional = opencc.OpenCC("s2t").convert(ARTICLE)
    found = copies_of(
        home,
        fill,
        ("spun", SPUN, "2025-03-08"),
        ("first", ARTICLE, "2025-03-06"),
        ("plain", ARTICLE + "（来源：网络）", "2025-03-07"),
        ("traditional", traditional, "2025-03-07"),
        ("other", OTHER, "2025-03-07"),
    )
    assert found == {"first": None, "plain": "first", "traditional": "first", "spun": "first", "other": None}


def test_a_better_source_is_the_original_even_if_it_came_later(home: Home, fill: Any) -> None:
    fill([
        document("paper", ARTICLE, published="2025-03-06", tier="media"),
        document("filing", ARTICLE + "特此公告。", published="2025-03-07", tier="official"),
    ])  # fmt: skip
    with writing(home) as connection:
        rows = dict(connection.execute("SELECT doc_id, copies_of FROM documents").fetchall())
    assert rows == {"paper": "filing", "filing": None}


def test_next_years_report_with_the_same_sentences_is_no_copy(home: Home, fill: Any) -> None:
    found = copies_of(home, fill, ("2024", ARTICLE, "2024-03-06"), ("2025", ARTICLE, "2025-03-06"))
    assert found == {"2024": None, "2025": None}


def test_marks_of_texts_that_are_short_or_empty_of_words() -> None:
    assert len(minhash("")) == len(minhash("算")) == 64
    assert tokens("没有数字") == []
    assert tokens("3.62亿 h800 h800 7") == tokens("h800，3.62")


def test_the_text_that_is_searched_keeps_its_offsets() -> None:
    text = "終止算力租賃合約İ GPU"
    assert len(searchable(text)) == len(text)
    assert searchable("終止算力租賃合約GPU") == "终止算力租赁合约gpu"

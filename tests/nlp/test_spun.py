"""Spun text: told from honest text, and made readable where events stand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from crawler.errors import LexiconError
from nlp.normalise import normalise
from nlp.spun import Dictionary, dictionary

SHARED = Path(__file__).resolve().parents[3] / "shared"

# A sentence as a spinner prints it (written for this test), and what the view must hold.
SPUN = [
    (
        "两边坚硬的算力就业左券已被捣毁，东谈主士默示并无争议。",
        ["双方签订的算力服务合同已被解除", "人士表示"],
    ),
    ("公司旧年9月与客户顽强《智算做事公约》，作念了五年规画。", ["公司去年9月与客户签订《智算服务协议》"]),
    (
        "松手2024年底，寰球机架最初900万架，哄骗率唯独三成傍边。",
        ["截至2024年底,全国机架超过900万架,利用率只有三成左右"],
    ),
    (
        "一台就业器的房钱惟有2.5万元把握，价钱还在着落，好意思元也跌。",
        ["一台服务器的租金只有2.5万元左右,价格"],
    ),
    (
        "智算中默总投资30亿元，项想法一期诞生2000P，就业器已进场。",
        ["智算中心总投资30亿元,项目的一期建设2000P,服务器"],
    ),
    (
        "全资子公司云智翻新与客户的租赁合同完了，云智翻新称东说念主员未变。",
        ["全资子公司云智创新与客户的租赁合同终止,云智创新称人员"],
    ),
    (
        "中贝通讯的子公司坚硬框架左券，作念算力业务，金额1000万好意思元。",
        ["中贝通信的子公司签订框架协议,做算力业务,金额1000万美元"],
    ),
    ("大鼓动减执不及5%，就业器的托福过时两个月，作念法未变。", ["大股东减持不足5%,服务器的交付逾期两个月"]),
    ("主淌若算力开辟的采购，中枢是好意思国禁令，东谈主民币结算。", ["主要是算力设备的采购", "人民币"]),
    ("阛阓瞻望来岁干涉使用，占大地积60亩，就业器1000台。", ["市场预计明年投入使用,占地面积60亩"]),
]

HONEST = [
    "公司与客户签订的算力服务合同已于10月11日解除,双方互不承担责任。",
    "他性格坚硬而顽强,不好意思开口,左右为难,一心想做好意思想工作。",
    "会议强调,要最初就把握方向,目下形势不及预期,但不必远离目标。",
    "就业与劳动合同司:稳定就业,开辟新岗位,翻新旧厂房,诞生于战争年代。",
    "这个市集里的商场价钱公道,房钱便宜,惟有旧年的存货还没有卖完了。",
    "国际公约与条约的规定:利用率不足的,应当提升;超过三年的,可以终止。",
]


@pytest.mark.parametrize(("text", "expected"), SPUN)
def test_a_spun_text_is_told_and_repaired(text: str, expected: list[str]) -> None:
    normalised = normalise(text)
    assert normalised.spun
    for piece in expected:
        assert piece in normalised.view.text


@pytest.mark.parametrize("text", HONEST)
def test_an_honest_text_comes_through_untouched(text: str) -> None:
    normalised = normalise(text)
    assert not normalised.spun
    assert normalised.view.text == text.replace("，", ",")


def test_a_repaired_word_points_at_what_was_printed() -> None:
    text = "子公司旧年坚硬了左券，东谈主士说作价500万好意思元。"
    view = normalise(text).view
    for word, printed in (("去年", "旧年"), ("签订", "坚硬"), ("人", "东谈主"), ("美元", "好意思元")):
        start = view.text.index(word)
        assert view.origin(start, start + len(word)).of(text) == printed


def test_the_honest_half_of_a_spun_page_keeps_its_words() -> None:
    spun = "两边坚硬的算力就业左券已被捣毁，东谈主士默示并无争议。"
    traditional = "公司將開闢新市場,並在當地誕生第一座實驗室。"
    view = normalise(f"{spun}\n{traditional}").view.text
    assert view.endswith("公司将开辟新市场,并在当地诞生第一座实验室。")


def test_a_short_text_is_repaired_when_its_document_is_known() -> None:
    assert normalise("两亿元算力公约远离").view.text == "两亿元算力公约远离"
    assert normalise("两亿元算力公约远离", spun=True).view.text == "两亿元算力协议终止"


def test_every_pair_can_be_found_and_changes_no_number() -> None:
    for word, pairs in dictionary().pairs.items():
        assert not any(character.isdigit() for character in word)
        assert len(word) >= 2
        assert pairs


def test_a_malformed_row_is_named() -> None:
    with pytest.raises(LexiconError, match="终止"):
        Dictionary([("远离", "终止", "1", "(", "", "seed")])


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared, which is not part of the project")
def test_honest_news_is_not_called_spun() -> None:
    paths = sorted((SHARED / "data" / "news").glob("*.jsonl.gz"))
    lines = [line for path in paths for line in gzip.decompress(path.read_bytes()).splitlines()]
    texts = [json.loads(line)["text"] for line in lines]
    called = sum(normalise(text).spun for text in texts)
    print(f"called spun: {called} of n={len(texts)} honest documents")
    assert called * 1000 <= len(texts)

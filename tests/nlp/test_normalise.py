"""The normalised view: what real pages do to a text, and what comes out."""

from __future__ import annotations

import unicodedata

import opencc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp import noise, script
from nlp.normalise import normalise

NOISE = [
    # what is done to the text, the text, the view
    ("full width", "１．５亿元，（含税）：ＧＰＵ！？％", "1.5亿元,(含税):GPU!?%"),
    ("corner brackets", "「算力」與『雲』", "“算力”与‘云’"),
    ("radicals of a PDF file", "⾦额⼒", "金额力"),
    ("zero width and byte order mark", "\ufeff算\u200b力\u2060合\u00ad同\ue000", "算力合同"),
    ("pinyin in a traditional page", "服務(wù)器採購(gòu)協(xié)議進(jìn)展", "服务器采购协议进展"),
    ("pinyin with spaces", "科(kē) 技的(de) 公 司", "科技的公司"),
    ("pinyin of a word", "算力(suàn lì)租赁(zūlìn)", "算力租赁"),
    ("pinyin, decomposed", "服务(wu\u0300)器", "服务器"),
    ("Latin brackets", "显卡(GPU)的精度(FP16)和品牌(café)", "显卡(GPU)的精度(FP16)和品牌(café)"),
    ("a neutral syllable is a word", "模型(de novo)用法(a)", "模型(de novo)用法(a)"),
    ("defended rights", "鸿博股份(维权)公告", "鸿博股份公告"),
    ("quote with code", "奥飞数据(行情300738,诊股)涨停", "奥飞数据(300738)涨停"),
    ("price in a name", "孚日股份(5.960,-0.31,-4.94%)跌停", "孚日股份跌停"),
    ("a code is no noise", "锦鸡股份(300798)与(含税)及(20%)", "锦鸡股份(300798)与(含税)及(20%)"),
    ("footnotes", "总算力246EFLOPS[17],价格[3]。", "总算力246EFLOPS,价格。"),
    ("a torn quotation mark", "他说不买了。?！惯合同终止", "他说不买了。”合同终止"),
    ("bullets as question marks", "?合同金额\n?租期三年", "合同金额\n租期三年"),
    ("spaces in numbers and dates", "2024 年 10 月 11 日，涨 3.5 %", "2024年10月11日,涨3.5%"),
    ("spaces between Latin words stay", "一张 RTX 4090 与 NVIDIA H100", "一张RTX 4090与NVIDIA H100"),
    ("spaces that part a headline", "跨界重组失败　某某股份跌停", "跨界重组失败,某某股份跌停"),
    ("letterspacing", "关 于 终 止 合 同", "关于终止合同"),
    ("blank lines and line ends", "一段 \r\n \r\n\r\n　　二段", "一段\n二段"),
    ("a torn word", "公司与客户签订的算力服\n务合同已终止", "公司与客户签订的算力服务合同已终止"),
    ("a torn title", "公司近日与客户签订《算力\n服务合同》", "公司近日与客户签订《算力服务合同》"),
    ("a torn amount", "该合同的总金额合计为11.5\n亿元", "该合同的总金额合计为11.5亿元"),
    ("a heading stays", "关于终止合同的公告\n同日,公司召开董事会", "关于终止合同的公告\n同日,公司召开董事会"),
    ("table rows stay", "A800服务器(8卡) 40 265.00\n2 A800服务器", "A800服务器(8卡) 40 265.00\n2 A800服务器"),
    ("entities", "合同&nbsp;终止", "合同终止"),
    ("masked words", "与***签订合同", "与***签订合同"),
    ("a page of question marks", "????????", "????????"),
    ("two scripts in one page", "資料中心與伺服器\n数据中心和服务器", "资料中心与伺服器\n数据中心和服务器"),
    ("Hong Kong", "衞星及數碼港", "卫星及数码港"),
    ("Taiwan", "面臨著缺貨，著名品牌", "面临着缺货,著名品牌"),
    ("characters of both scripts", "昇腾与乾隆，瞭望东方", "昇腾与乾隆,瞭望东方"),
    ("a name in traditional characters", "昇騰晶片與伺服器", "昇腾晶片与伺服器"),
    ("lone surrogates", "算\ud800力😀", "算\ufffd力😀"),
]


@pytest.mark.parametrize(("text", "view"), [case[1:] for case in NOISE], ids=[case[0] for case in NOISE])
def test_noise(text: str, view: str) -> None:
    assert normalise(text).view.text == view


def test_a_text_wrapped_at_a_width_is_joined() -> None:
    sentence = "本公司董事会及全体董事保证本公告内容不存在任何虚假记载、误导性陈述或者重大遗漏,并承担责任。"
    lines = "\n".join(sentence[at : at + 16] for at in range(0, len(sentence), 16))
    assert normalise(lines + "\n" + lines).view.text == f"{sentence}\n{sentence}"


TOKENS = [
    "算力", "服务", "服務", "协议", "協議", "(wù)", "(suàn lì)", "(GPU)", "１２", "4.94", "亿元", "，", "。", "(", ")", "\n",
    "\r\n", " ", "\u3000", "\u200b", "\ud800", "😀", "(维权)", "(行情300738,诊股)", "[3]", "?！惯", "東谈主", "东谈主",
    "就业器", "好意思元", "左券", "坚硬", "中贝通讯", "NVIDIA", "\xa0", "&nbsp;", "《", "》",
]  # fmt: skip
PIECES = st.lists(st.sampled_from(TOKENS) | st.text(max_size=3), max_size=40).map("".join)


@settings(deadline=None)
@given(PIECES, st.booleans())
def test_every_range_points_at_the_characters_it_came_from(text: str, spun: bool) -> None:
    view = normalise(text, spun=spun).view
    end = 0
    for at in range(len(view.text)):
        origin = view.origin(at, at + 1)
        assert 0 <= origin.start < origin.end <= len(text)
        assert origin.start >= end or origin.end == end, "later text never came from earlier source"
        end = max(end, origin.end)
    covers = [view.cover(at, at + 1) for at in range(len(view.text))]
    assert not covers or "".join(cover.of(text) for cover in covers) == text


@settings(deadline=None)
@given(PIECES)
def test_what_the_view_promises(text: str) -> None:
    view = normalise(text, spun=False).view.text
    assert not any(
        "\uff01" <= character <= "\uff5e" or character in "\u200b\ufeff\r\u3000" for character in view
    )
    assert script.simplified(view) == view
    for before, between, after in zip(view, view[1:], view[2:], strict=False):
        han = [unicodedata.category(one) == "Lo" for one in (before, after)]
        assert not (between == " " and any(han))


@given(st.text())
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(noise.fold(text)) == len(text)


@given(st.lists(st.sampled_from(sorted(script.traditional()) + list("乾後著裡發麵 ，\n一的"))).map("".join))
def test_script_conversion_keeps_every_offset(text: str) -> None:
    assert len(script.simplified(text)) == len(text)


def test_no_entry_of_the_dictionaries_changes_a_length() -> None:
    """A view exchanges character for character, so a new OpenCC that breaks this must not pass unnoticed."""
    characters = "".join(sorted(script.traditional()))
    for config in ("t2s", "tw2s", "hk2s"):
        assert len(opencc.OpenCC(config).convert(characters)) == len(characters)


def test_simplified_text_is_not_touched() -> None:
    text = "显著的著作,什么都看着办:干净的后台发布了里程碑,系统于周三复盘,乾坤未定,岳阳楼瞭望。"
    assert normalise(text).view.text == text


def test_clean_text_is_one_run() -> None:
    assert len(normalise("公司公告，合同总价1亿元。\n合同已终止。").view.runs) == 1


@pytest.mark.parametrize("text", ["", " ", "\n", "\ud800", "(wù)", "，", "\u200b"])
def test_next_to_nothing(text: str) -> None:
    view = normalise(text).view
    assert view.source == text
    assert view.cover(0, len(view.text)).end == (len(text) if view.text else view.cover(0, 0).end)

"""The normalised view: what real pages do to a text, and what comes out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import opencc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.noise import table
from nlp import noise, script
from nlp.normalise import normalise

EXAMPLES = Path(__file__).parent / "examples" / "noise.jsonl"
NOISE = [json.loads(line) for line in EXAMPLES.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", NOISE, ids=[case["kind"] for case in NOISE])
def test_noise(case: dict[str, str]) -> None:
    assert normalise(case["printed"]).view.text == case["view"]


def test_the_table_in_the_docs_is_what_comes_out() -> None:
    """`python -m benchmarks.noise > docs/noise.md` writes it anew."""
    page = Path(__file__).parents[2] / "docs" / "noise.md"
    assert page.read_text(encoding="utf-8") == table()


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
        chinese = [re.match(f"[{noise.HAN}]", one) for one in (before, after)]  # Thai letters are "Lo", too
        assert not (between == " " and any(chinese))


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

"""Segmentation: rjieba does what jieba does, names stay whole, and offsets are the text's."""

from __future__ import annotations

import subprocess
import sys

import jieba
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp import segment

SENTENCES = [
    "公司全资子公司与供应商签订的设备采购合同于去年十月解除",
    "一台服务器的租金从每月十八万元跌到七万五千元左右",
    "全国数据中心布局更加合理整体上架率不低于百分之六十",
    "董事会审议通过了关于终止对外投资事项的议案",
    "业内人士认为目前的供需关系很难在短期内改变",
]


@pytest.mark.parametrize("text", SENTENCES)
def test_rjieba_cuts_as_jieba_does(text: str) -> None:
    jieba.setLogLevel(60)
    assert segment.plain().cut(text, True) == jieba.lcut(text)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("锦鸡股份与缔息云联的算力租赁合同终止", ["锦鸡股份", "算力租赁合同"]),
        ("智算中心的冷板式液冷服务器", ["智算中心", "冷板式液冷", "服务器"]),
        ("中贝通信集团股份有限公司的数据中心", ["中贝通信集团股份有限公司", "数据中心"]),
        ("空置率与上架率", ["空置率", "上架率"]),
    ],
)
def test_names_and_terms_stay_whole(text: str, whole: list[str]) -> None:
    tokens = segment.cut(text)
    assert [token for token in tokens if token in whole] == whole


@given(st.text())
def test_words_joined_are_the_text(text: str) -> None:
    joined = "".join(segment.cut(text))
    assert len(joined) == len(text)
    assert joined == segment._SURROGATE.sub("\ufffd", text)


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["锦鸡股份", "算力", " ", "  ", "\n", "。", "!", "”", "RTX 4090", "😀", "7.5万元"])
    )
)
def test_a_doc_has_the_offsets_of_the_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    doc = segment.language()(text)
    assert doc.text == text
    assert all(text[token.idx : token.idx + len(token)] == token.text for token in doc)


def test_sentences_of_a_doc() -> None:
    doc = segment.language()("锦鸡股份公告。合同“终止。”租金7.5万元;\n标题\n完")
    assert [sentence.text for sentence in doc.sents] == [
        "锦鸡股份公告。",
        "合同“终止。”",
        "租金7.5万元;\n",
        "标题\n",
        "完",
    ]


def test_nothing_heavy_is_loaded_at_import() -> None:
    """The command line answers --help without a dictionary or spaCy."""
    code = "import sys, nlp.segment, nlp.company, nlp.normalise; print({'spacy', 'rjieba', 'jieba'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_lone_surrogate_keeps_the_offsets() -> None:
    assert [token.idx for token in segment.language()("合\ud800同")] == [0, 1, 2]


WITHOUT_RJIEBA = """
import sys
sys.modules["rjieba"] = None
from nlp import segment
print(segment.cut(sys.argv[1]), segment.plain().tag(sys.argv[1], False), type(segment.plain()).__module__)
"""


@pytest.mark.parametrize(
    "text", [*SENTENCES, "锦鸡股份与缔息云联的算力租赁合同终止,智算中心的冷板式液冷服务器空置"]
)
def test_a_machine_without_rjieba_gets_the_same_words_from_jieba(text: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_RJIEBA, text], capture_output=True, text=True, check=True
    )
    ours = f"{segment.cut(text)} {segment.plain().tag(text, False)}"
    assert done.stdout.strip() == f"{ours} nlp.words_of_jieba"

"""Sentences around quotes, and the file formats of numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.look import sentence_around
from warehouse.plain import as_json, plain
from warehouse.render import grouped


@pytest.mark.parametrize(
    ("marked", "before", "after"),
    [
        ("前一句。公司<终止了合同>，特此公告。后一句。", "公司", "，特此公告。"),
        ("<终止了合同。>后一句。", "", ""),
        ("标题\n公司<终止>", "公司", ""),
        ("他问：<终止了吗？>是的。", "他问：", ""),
    ],
)
def test_the_sentence_around_a_quote(marked: str, before: str, after: str) -> None:
    start, end = marked.index("<"), marked.index(">") - 1
    text = marked.replace("<", "").replace(">", "")
    assert sentence_around(text, start, end) == (before, after)


@given(st.text(min_size=1, max_size=80), st.data())
def test_sentence_and_quote_are_a_piece_of_the_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    before, after = sentence_around(text, start, end)
    assert before + text[start:end] + after in text


@pytest.mark.parametrize(
    ("value", "printed"),
    [(Decimal("5.000000"), 5), (Decimal("2.33"), 2.33), (None, None), ([Decimal(1)], [1]), ("a", "a")],
)
def test_plain(value: object, printed: object) -> None:
    assert plain(value) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [(1100000000, "1,100,000,000"), (2.3288, "2.3288"), (0.0, "0"), (0.00001, "1e-05"), (12.50, "12.5")],
)
def test_grouped(value: float, printed: str) -> None:
    assert grouped(value) == printed


def test_a_line_of_json_can_always_be_printed() -> None:
    assert as_json({"a": "好"}) == '{"a": "好"}'
    as_json({"a": "\ud83d"}).encode("utf-8")

"""Numerals: examples, and that every way of writing a number reads back as that number."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nlp import numeral
from nlp.numeral import NUMBER, fold, parse_number, read

EXAMPLES = yaml.safe_load((Path(__file__).parent / "examples" / "numerals.yml").read_text(encoding="utf-8"))
LINES = [(text, value) for group in EXAMPLES.values() for text, value in group.items()]


@pytest.mark.parametrize(("text", "value"), LINES)
def test_example(text: str, value: str) -> None:
    assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "万科",
        "一些",
        "abc",
        "三元",
        "1.2.3",
        "十点",
        "一二三万四万五",
        "统一",
        "--3",
        "百分之",
        "十一十二",
        "三百五百",
    ],
)
def test_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="is no number"):
        parse_number(text)


@pytest.mark.parametrize(
    ("run", "low", "high", "bound"),
    [
        ("七八千", 7000, 8000, "range"),
        ("几千万", 10**7, 10**8, "range"),
        ("十几", 11, 20, "range"),
        ("一百多", 100, None, "over"),
        ("百余", 100, None, "over"),
        ("数十亿", 10**9, 10**10, "range"),
        ("二十七八", 27, 28, "range"),
        ("一万七八", 17000, 18000, "range"),
    ],
)
def test_what_the_number_leaves_open(run: str, low: int, high: int | None, bound: str) -> None:
    found = read(run)
    assert found is not None
    assert (found.low, found.high, found.bound) == (low, high, bound)


DIGITS = "零一二三四五六七八九"
CAPITALS = "零壹贰叁肆伍陆柒捌玖"


def section(n: int, digits: str, units: str) -> str:
    """0 to 9999 in characters."""
    out, zero = "", False
    for place, unit in ((1000, units[2]), (100, units[1]), (10, units[0]), (1, "")):
        digit, n = divmod(n, place)
        if digit:
            out += ("零" if zero and out else "") + digits[digit] + unit
            zero = False
        else:
            zero = True
    return out


def spelt(n: int, digits: str = DIGITS, units: str = "十百千") -> str:
    """A whole number below 10^16 as a careful writer spells it."""
    if n == 0:
        return digits[0]
    out, n_left = "", n
    for big, name in ((10**12, "万亿"), (10**8, "亿"), (10**4, "万"), (1, "")):
        part, n_left = divmod(n_left, big)
        if part:
            zero = "零" if out and part < 1000 else ""
            out += (
                zero
                + section(part, digits, units)
                + (name if name != "万亿" or n % 10**12 // 10**8 == 0 else "万")
            )
        elif out.endswith("万") and name == "亿":
            out += name
    return out


@given(st.integers(0, 10**12 - 1))
def test_spelt_out_numbers_read_back(n: int) -> None:
    assert parse_number(spelt(n)) == n


@given(st.integers(0, 10**12 - 1))
def test_capital_numbers_read_back(n: int) -> None:
    assert parse_number(spelt(n, CAPITALS, "拾佰仟")) == n


@given(st.integers(0, 10**8 - 1), st.text("0123456789", min_size=1, max_size=8))
def test_decimals_read_back(n: int, fraction: str) -> None:
    chinese = spelt(n) + "点" + "".join(DIGITS[int(c)] for c in fraction)
    assert parse_number(chinese) == Decimal(f"{n}.{fraction}")


@given(
    st.decimals(min_value=0, max_value=10**9, places=4),
    st.sampled_from([("万", 10**4), ("亿", 10**8), ("万亿", 10**12)]),
)
def test_arabic_with_a_multiplier_is_exact(value: Decimal, scale: tuple[str, int]) -> None:
    assert parse_number(f"{value:f}{scale[0]}") == value * scale[1]
    assert parse_number(f"{value:,f}{scale[0]}") == value * scale[1]


@given(st.integers(0, 10**10))
def test_full_width_digits_are_digits(n: int) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in str(n))
    assert parse_number(wide) == n


@given(st.text("０１２萬億兩約，。ABC一二三 \u3000%％", max_size=40))
def test_folding_keeps_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


@given(st.text(numeral.DIGIT + "十百千万亿几数多余来个点、.,0123456789", min_size=1, max_size=12))
def test_whatever_is_scanned_is_read_or_refused(text: str) -> None:
    for m in re.finditer(NUMBER, text):
        found = read(m.group())
        assert found is None or found.high is None or found.low < found.high


@given(st.integers(1, 10**12 - 1), st.integers(0, 2**40))
def test_a_number_spread_out_by_spaces_is_the_same_number(n: int, gaps: int) -> None:
    assert parse_number("".join(c + " " * (gaps >> i & 1) for i, c in enumerate(spelt(n)))) == n


@given(st.integers(2, 999), st.integers(1, 999))
def test_a_fraction_reads_back_in_either_order(below: int, above: int) -> None:
    share = parse_number(f"{above}/{below}")
    assert parse_number(f"{spelt(below)}分之{spelt(above)}") == share
    assert parse_number(f"7 {above}/{below}") == parse_number(f"七又{below}分之{above}")

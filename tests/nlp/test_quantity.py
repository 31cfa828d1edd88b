"""Quantities: the examples are the specification."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nlp.quantity import Quantity, as_money, find_quantities, parse_money

EXAMPLES = yaml.safe_load((Path(__file__).parent / "examples" / "quantities.yml").read_text(encoding="utf-8"))
LINES = [(kind, line) for kind, lines in EXAMPLES.items() if kind != "nothing" for line in lines]
WANTED = re.compile(
    r"(?P<low>-?[\d.]+?)(?:\.\.(?P<high>-?[\d.]+))? (?P<unit>\S+)(?: (?P<bound>[a-z]+))?(?: (?P<per>/\S+))?"
)


def unmarked(marked: str) -> tuple[str, list[str]]:
    """The text without its marks, and what they enclose."""
    return re.sub("[‹›]", "", marked), re.findall("‹(.*?)›", marked)


def told(quantity: Quantity) -> str:
    """A quantity as the examples write it."""
    high = f"..{quantity.high:f}" if quantity.high is not None else ""
    plain = "range" if high else "exact"
    bound = "" if quantity.bound == plain else f" {quantity.bound}"
    per = " /" + "/".join(quantity.per) if quantity.per else ""
    return f"{quantity.low:f}{high} {quantity.unit or '-'}{bound}{per}"


@pytest.mark.parametrize(("kind", "line"), LINES, ids=[line for _, line in LINES])
def test_example(kind: str, line: str) -> None:
    marked, _, wanted = line.rpartition(" | ")
    text, spans = unmarked(marked)
    found = find_quantities(text)
    assert [(q.text, told(q)) for q in found] == list(
        zip(spans, map(str.strip, wanted.split(";")), strict=True)
    )


@pytest.mark.parametrize("text", EXAMPLES["nothing"])
def test_nothing(text: str) -> None:
    assert [q.text for q in find_quantities(text) if q.kind != "duration"] == []


def test_precision_is_kept_beside_compute() -> None:
    texts = {
        "300P(FP16)": "FP16",
        "FP32算力达300P": "FP32",
        "INT8算力600TOPS": "INT8",
        "300P": None,
        "FP16训练占300张": None,
    }
    for text, precision in texts.items():
        assert [q.precision for q in find_quantities(text)] == [precision], text


def test_duration_before_an_amount_becomes_its_rate() -> None:
    (quantity,) = find_quantities("要价一个月八千元")
    assert (quantity.text, quantity.core.of("要价一个月八千元"), quantity.per) == (
        "一个月八千元",
        "八千元",
        ("month",),
    )


def test_bare_number_is_money_only_where_the_caller_says_so() -> None:
    (quantity,) = find_quantities("能省20万")
    assert (quantity.kind, quantity.unit) == ("number", "")
    assert as_money(quantity, currency="TWD").unit == "TWD"


@pytest.mark.parametrize(
    ("text", "low", "unit"),
    [
        ("三百五十万", "3500000", "CNY"),
        ("５,０００圓", "5000", "CNY"),
        ("USD 1,299.50", "1299.5", "USD"),
        ("港幣三億", "300000000", "HKD"),
        ("18", "18", "CNY"),
        ("$0.99", "0.99", "USD"),
        ("叁角", "0.3", "CNY"),
        ("七分", "0.07", "CNY"),
        ("负贰元", "-2", "CNY"),
    ],
)
def test_parse_money(text: str, low: str, unit: str) -> None:
    quantity = parse_money(text)
    assert quantity is not None
    assert (quantity.low, quantity.unit) == (Decimal(low), unit)


@pytest.mark.parametrize("text", ["面议", "三分之二", "1/3", "七成"])
def test_parse_money_of_no_money_is_none(text: str) -> None:
    assert parse_money(text) is None


PIECES = [
    "约",
    "近",
    "1.5",
    "300",
    "万",
    "亿",
    "元",
    "美元",
    "P",
    "台",
    "/月",
    "-",
    "到",
    "%",
    "成",
    "2024年",
    "10月",
    "一",
    "个",
]
NOISE = st.lists(
    st.sampled_from([*PIECES, "千瓦", "半", "每", "卡", "(", ")", ",", "。", "H100", " ", "\n", "７", "萬"])
)


@given(NOISE.map("".join))
def test_spans_lie_in_the_text_and_cover_what_they_say(text: str) -> None:
    found = find_quantities(text)
    for q in found:
        assert q.span.of(text) == q.text
        assert q.span.contains(q.core)
        assert q.high is None or q.low < q.high
        assert (q.bound == "range") == (q.high is not None)
    assert all(a.core.end <= b.core.start for a, b in pairwise(found))


@given(st.decimals(min_value="0.01", max_value="99999.99", places=2), st.sampled_from(["", "万", "亿"]))
def test_money_is_exact(value: Decimal, scale: str) -> None:
    (quantity,) = find_quantities(f"总价{value:,}{scale}元,已付清")
    assert quantity.low == value * {"": 1, "万": 10**4, "亿": 10**8}[scale]


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_range_never_falls(low: int, high: int) -> None:
    found = find_quantities(f"租金{low}-{high}元/月")
    if low < high:
        assert [(q.low, q.high, q.bound) for q in found] == [(low, high, "range")]
    else:
        assert all(q.high is None for q in found)


@given(st.integers(0, 10**6), st.integers(1, 9), st.integers(1, 9))
def test_coins_add_up_however_they_are_printed(yuan: int, tenths: int, cents: int) -> None:
    wanted = yuan + Decimal(10 * tenths + cents) / 100
    for printed in (f"{yuan}元{tenths}角{cents}分", f"{yuan}块{tenths}毛{cents}", f"{wanted}元"):
        (quantity,) = find_quantities(printed)
        assert (quantity.low, quantity.text) == (wanted, printed)
    (quantity,) = find_quantities(f"{yuan}元零{cents}分")
    assert quantity.low == yuan + Decimal(cents) / 100


@given(st.integers(10, 99).filter(lambda n: n % 10 and n % 11))
def test_a_discount_of_two_digits_is_a_share(n: int) -> None:
    for printed in (f"{n}折", f"{n / 10}折"):
        assert [q.low for q in find_quantities("打" + printed)] == [n]


@given(NOISE.map("".join), NOISE.map("".join))
def test_spaces_inside_a_numeral_move_no_other_quantity(before: str, after: str) -> None:
    text = f"{before}。共一 百 五 十台。{after}"
    found = find_quantities(text)
    assert all(q.span.of(text) == q.text for q in found)
    assert "一 百 五 十台" in [q.text for q in found if q.low == 150]

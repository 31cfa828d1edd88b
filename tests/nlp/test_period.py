"""Periods: the examples are the specification."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nlp.period import Period, find_periods, parse_period

EXAMPLES = yaml.safe_load((Path(__file__).parent / "examples" / "periods.yml").read_text(encoding="utf-8"))
LINES = [
    (group["anchor"], line)
    for name, group in EXAMPLES.items()
    if name != "nothing"
    for line in group["lines"]
]


@pytest.mark.parametrize(("anchor", "line"), LINES, ids=[line for _, line in LINES])
def test_example(anchor: date | None, line: str) -> None:
    marked, _, wanted = line.rpartition(" | ")
    text, spans = re.sub("[‹›]", "", marked), re.findall("‹(.*?)›", marked)
    found = [(p.text, p.value or "?") for p in find_periods(text, anchor=anchor)]
    assert found == list(zip(spans, map(str.strip, wanted.split(";")), strict=True))


@pytest.mark.parametrize("text", EXAMPLES["nothing"]["lines"])
def test_nothing(text: str) -> None:
    assert find_periods(text, anchor=EXAMPLES["nothing"]["anchor"]) == []


def test_parse_period_takes_the_first() -> None:
    assert parse_period("去年3月和今年5月", date(2024, 12, 6)) == Period((0, 4), "2023-03", True, "去年3月")  # type: ignore[arg-type]
    assert parse_period("近日") is None


DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2069, 12, 31))
DIGITS = "〇一二三四五六七八九"


def spelt(n: int) -> str:
    """1 to 31 in characters."""
    tens, ones = divmod(n, 10)
    return ("" if tens == 0 else "十" if tens == 1 else DIGITS[tens] + "十") + (DIGITS[ones] if ones else "")


@given(DAYS)
def test_a_full_date_reads_back_however_it_is_written(day: date) -> None:
    chinese = "".join(DIGITS[int(c)] for c in str(day.year)) + f"年{spelt(day.month)}月{spelt(day.day)}日"
    for text in (
        f"于{day.year}年{day.month}月{day.day}日公告",
        f"于{day.year} 年 {day.month} 月 {day.day} 日公告",
        f"于{day.isoformat()}公告",
        f"于{day:%Y/%m/%d}公告",
        f"于{day.year}.{day.month}.{day.day}公告",
        f"于{chinese}公告",
    ):
        assert [p.value for p in find_periods(text, anchor=None)] == [day.isoformat()], text


@given(DAYS, DAYS)
def test_a_day_without_a_year_is_the_latest_but_for_the_next_ten_days(day: date, anchor: date) -> None:
    (period,) = find_periods(f"{day.month}月{day.day}日,公司公告", anchor=anchor)
    if period.anchored:  # a 29 February may not exist
        found = date.fromisoformat(period.value)
        assert (found.month, found.day) == (day.month, day.day)
        assert timedelta(days=-10) <= anchor - found <= timedelta(days=366)
    else:
        assert (day.month, day.day) == (2, 29)


@given(DAYS)
def test_nothing_anchored_no_year(day: date) -> None:
    (period,) = find_periods(f"{day.month}月{day.day}日公告", anchor=None)
    assert (period.value, period.anchored) == ("", False)


@given(DAYS, st.integers(1, 400))
def test_so_many_days_ago_is_where_the_last_so_many_days_begin(anchor: date, count: int) -> None:
    ago, near = (parse_period(text, anchor) for text in (f"{count}天前", f"近{count}天"))
    assert ago
    assert near
    assert (ago.window, near.window) == (False, True)
    assert date.fromisoformat(ago.value) == anchor - timedelta(days=count)
    assert near.value == f"{ago.value}/{anchor.isoformat()}"


@given(DAYS, DAYS)
def test_a_range_of_days_with_one_year_ends_within_a_year_of_its_first(first: date, last: date) -> None:
    text = f"{first.year}年{first.month}月{first.day}日至{last.month}月{last.day}日"
    found = [
        date.fromisoformat(day) for p in find_periods(text, anchor=None) for day in p.value.split("/") if day
    ]
    assert found[0] == first
    if len(found) == 2 and (last.month, last.day) != (2, 29):
        assert timedelta(0) <= found[1] - first <= timedelta(days=366)
        assert (found[1].month, found[1].day) == (last.month, last.day)


@given(st.integers(1950, 2049), st.integers(1, 12))
def test_a_year_of_two_digits_with_a_month_reads_back(year: int, month: int) -> None:
    printed = "".join(DIGITS[int(c)] for c in str(year)[2:])
    for text in (f"{year % 100:02}年{month}月", f"{printed}年{spelt(month)}月"):
        assert [p.value for p in find_periods(text, anchor=None)] == [f"{year}-{month:02}"], text


PIECES = [
    "2024年",
    "10月",
    "25日",
    "去年",
    "同日",
    "至",
    "-",
    "上",
    "半年",
    "年底",
    "三季度",
    "次",
    "周",
    "五",
    "、",
    "前",
    "后",
    "近三年",
    "九百年",
    "两天",
    "个月",
    "过",
    "90年代",
    "与",
    "之间",
    "公元9999年12月31日",
    "公元1年1月1日",
    "前一天",
    "次日",
    "本周末",
]


@given(
    st.lists(
        st.sampled_from([*PIECES, "。", "\n", " ", "0", "13月", "民国", "Q3", "24H1", "预计", "2月30日"])
    ),
    st.none() | DAYS,
)
def test_spans_lie_in_the_text_in_order(pieces: list[str], anchor: date | None) -> None:
    text = "".join(pieces)
    found = find_periods(text, anchor=anchor)
    for p in found:
        assert p.span.of(text) == p.text
        assert p.anchored == bool(p.value)
    assert all(a.span.end <= b.span.start for a, b in pairwise(found))


@pytest.mark.parametrize("piece", ["、一", "10月", "2024年", "1-", "26日", "同日", "年", "2024、"])
def test_a_long_run_of_anything_is_read(piece: str) -> None:
    """These once took time squared: eight thousand 、一 four seconds."""
    found = find_periods(piece * 8000, anchor=date(2024, 12, 6))
    assert all(p.span.end <= 8000 * len(piece) for p in found)

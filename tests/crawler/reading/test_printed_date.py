"""Printed dates of pages and filings."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.reading.printed_date import first_printed, last_date_line, parse_printed

EXAMPLES = [
    ("2024年11月12日 08:30", date(2024, 11, 12)),
    ("2024-11-12 23:59:59", date(2024, 11, 12)),
    ("2024/1/5", date(2024, 1, 5)),
    ("2024.10.31", date(2024, 10, 31)),
    ("２０２４年１０月２５日", date(2024, 10, 25)),
    ("2025 年 4 月 28 日", date(2025, 4, 28)),
    ("二〇二四年十月二十五日", date(2024, 10, 25)),
    ("二零二四年十二月三十一日", date(2024, 12, 31)),
    ("二〇二五年八月廿六日", date(2025, 8, 26)),
    ("2024-11-11T23:30:00Z", date(2024, 11, 12)),  # already the 12th in Shanghai
    ("2024-11-12T00:30:00+08:00", date(2024, 11, 12)),
    ("2024-11-12T23:30:00-0500", date(2024, 11, 13)),
    ("Tue, 12 Nov 2024 16:10:00 GMT", date(2024, 11, 13)),
    ("Tue, 12 Nov 2024 15:10:00 +0800", date(2024, 11, 12)),
    ("2022-04-26 22:53:19:020", date(2022, 4, 26)),  # eastmoney's display_time
    ("发布时间：2024-11-12 来源：某报", date(2024, 11, 12)),
    ("2024年13月40日", None),
    ("2024-02-30", None),
    ("近日", None),
    ("10月25日", None),  # a year is never made up
    ("", None),
    (None, None),
]


@pytest.mark.parametrize(("printed", "day"), EXAMPLES)
def test_parse(printed: str | None, day: date | None) -> None:
    assert parse_printed(printed) == day


def test_first_printed_keeps_the_print() -> None:
    assert first_printed("某报讯 2024年11月12日 08:30 记者") == "2024年11月12日 08:30"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("2024年1月签订。\n董事会\n2024年11月12日", "2024年11月12日"),
        ("董事会\n二〇二四年十月二十五日\n附件：合同", "二〇二四年十月二十五日"),
        ("合并资产负债表\n2025 年 3 月 31 日\n编制单位：某某科技\n货币资金", None),
        ("董事会\n2025年4月28日\n合并利润表\n2025年3月31日\n编制单位：某某科技", "2025年4月28日"),
        ("公告于2024年11月12日发布，合同终止。", None),
    ],
)
def test_the_date_a_filing_is_signed_with(text: str, line: str | None) -> None:
    assert last_date_line(text) == line

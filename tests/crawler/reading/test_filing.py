"""What a filing prints of itself."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.reading.filing import headline, read_heading

CODES = "证券代码：300798 证券简称：某某科技 公告编号：2024-099"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (
            "证券代码：300798 证券简称：某某科技\n某某科技股份有限公司\n关于合同终止的公告\n正文。",
            "某某科技股份有限公司关于合同终止的公告",
        ),
        (
            "某某科技股份有限公司 2025 年半年度报告摘要\n一、重要提示",
            "某某科技股份有限公司 2025 年半年度报告摘要",
        ),
        ("本公司董事会保证内容真实。\n关于合同终止的公告", None),
        ("", None),
    ],
)
def test_a_filings_headline(text: str, title: str | None) -> None:
    assert headline(text) == title


def test_the_day_it_is_signed() -> None:
    text = f"{CODES}\n关于合同终止的公告\n2023年7月1日\n签订的合同已终止。\n董事会\n2024年11月12日\n"
    heading = read_heading(text)
    assert (heading.title, heading.published, heading.kind) == (
        "关于合同终止的公告",
        date(2024, 11, 12),
        "filing",
    )
    assert heading.published_text == "2024年11月12日"


def test_a_news_text_has_no_heading() -> None:
    heading = read_heading("某某科技关于合同终止的公告\n引发关注。\n2024年11月12日")
    assert (heading.title, heading.published, heading.kind) == (None, None, None)

"""What a filing says of itself in print: its headline, and the day it is signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from crawler.document import Kind
from crawler.reading.printed_date import last_date_line, parse_printed

_HEADED = ("证券代码", "股票代码", "公司代码", "证券简称", "股票简称")
_CODES = (*_HEADED, "公告编号", "债券", "A股", "A 股", "H股")
_LAST_WORDS = ("公告", "报告", "摘要", "函", "通知", "意见", "说明", "书", "公告（更正后）", "决议", "纪要")
_HEAD = 300  # characters of a filing that hold its code line
_LONGEST_LINE = 60  # characters; longer lines are text


@dataclass(frozen=True, slots=True)
class Heading:
    """Each field is None where the text does not print it."""

    title: str | None = None
    published: date | None = None
    published_text: str | None = None
    kind: Kind | None = None


def read_heading(text: str, *, printed: bool = False) -> Heading:
    """Headline and day of a filing. What has no code line (证券代码：…) is none, unless `printed`.

    The day is the one it is signed with, its last line that is nothing but a date: a day or two before the
    exchange published it, so a listing's own day goes before it.
    """
    is_filing = any(line.strip().startswith(_HEADED) for line in text[:_HEAD].splitlines())
    if not is_filing and not printed:
        return Heading()
    signed = last_date_line(text)
    return Heading(headline(text), parse_printed(signed), signed, "filing" if is_filing else None)


def headline(text: str) -> str | None:
    """A filing's headline: its first lines up to the one that ends in 公告, 报告 … None if there is none."""
    found: list[str] = []
    lines = [line.strip() for line in text[:1200].splitlines() if line.strip()]
    for line in lines[:8]:
        if line.startswith(_CODES):
            found.clear()  # 证券代码：603127 证券简称：昭衍新药, and what stood above it
        elif len(line) > _LONGEST_LINE or line.endswith(("。", "；", "：", "，")):
            return None
        else:
            found.append(line)
            if line.endswith(_LAST_WORDS):
                return "".join(found)
    return None

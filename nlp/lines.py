"""Hard line breaks: lines that a page or a PDF file cut in the middle of a sentence become one again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from nlp import segment
from nlp.aligned import Edit
from nlp.lexicon import words
from nlp.noise import HAN

_CLOSED = '。!?;…:”’"》】)'
"""A line that ends with one of these ends a sentence, a heading or a table cell."""

_CLOSING = ",、。;:)》”’!?%"
"""No paragraph begins with one of these."""

_NUMERAL = "一二三四五六七八九十"
_OPENING = re.compile(
    rf"第[{_NUMERAL}\d]+[章节条]|[{_NUMERAL}]{{1,3}}[、.]|\([{_NUMERAL}\d]{{1,2}}\)|\d{{1,2}}[、.)](?!\d)"
    rf"|[•●◆■▪·*#>|\-【]|特此公告|附件|备查文件|证券代码|[{HAN}]{{1,8}}:"
)
"""What begins a paragraph: numbering, bullets, labels."""

_LINE_FEED = re.compile(r"\n(?=[^\n])")
_NUMBER_GOES_ON = re.compile(r"[\d.,]*[亿万千百元年月日%台张个PMGk]")
_RATE_OPEN = re.compile(r"每(?:个)?(?:[月年天日台张卡架柜套P]|小时){1,2}(?:为|是|约)?$")
"""Per what, and no sum yet: 每台每月↵人民币6.2万元."""
_DAY_FOLLOWS = re.compile(r"\d{1,2}[月日]")
_NARROWEST, _WIDEST = 32, 140
"""Columns (an ideograph takes two) between which a text may be wrapped; a wider line is a paragraph."""
_SLACK = 4
"""Columns by which a wrapped line may be short: no line begins with a comma, and a number is not torn."""
_REASON = ("理由", "事由", "缘由", "自由")
"""二、案件的事实与理由: no 由 that waits for its noun."""
_TITLE = 8
"""Characters; a shorter line is a heading or a cell, whatever it ends with."""


def breaks(text: str) -> Iterator[Edit]:
    """Line feeds inside of a sentence go; between two Latin words they become a space."""
    wrap: tuple[int | None, int | None] = None, None
    seen = False
    for m in _LINE_FEED.finditer(text, 1):
        at = m.start()
        last, first = text[at - 1], text[at + 1]
        if (last in _CLOSED and first not in _CLOSING) or last == "\n":
            continue
        if not seen:
            lines = text.split("\n")
            wrap, seen = (_wrapped_at(lines, _columns, _SLACK), _wrapped_at(lines, len, 1)), True
        start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at + 1)
        if _goes_on(text[start:at], text[at + 1 : end if end >= 0 else len(text)], wrap):
            latin = (last + first).isascii() and last.isalnum() and first.isalpha()
            yield at, at + 1, " " if latin else ""


def _goes_on(line: str, following: str, wrap: tuple[int | None, int | None]) -> bool:
    """Whether the next line goes on with this one; `wrap`: the full width, in columns and in characters."""
    last, first = line[-1], following[0]
    if first in _CLOSING and last not in "。!?;…":
        return True
    if last in _CLOSED or len(line) < _TITLE or _OPENING.match(following):
        return False
    if last in ",、(《“‘" or _unclosed(line) or _RATE_OPEN.search(line):
        return True
    if last.isdigit() and not line.isascii():
        return bool(_NUMBER_GOES_ON.match(following))
    if last in "年月" and _DAY_FOLLOWS.match(following):
        return True
    columns, characters = wrap
    if columns is not None and _columns(line) >= columns - _SLACK:
        return True
    if characters is not None and len(line) >= characters - 1:
        return True
    return (
        (last in _dangling() and not line.endswith(_REASON))
        or first in "的了"
        or _tears_word(line, following)
    )


def _unclosed(line: str) -> bool:
    """Whether a title mark or bracket that opened near the end of the line is still open."""
    tail = line[-40:]
    return tail.rfind("《") > tail.rfind("》") or tail.rfind("(") > tail.rfind(")")


@cache
def _dangling() -> frozenset[str]:
    return frozenset(words("noise")["dangling"])


def _tears_word(line: str, following: str) -> bool:
    """Whether a dictionary word reaches over the break, by the segmentation of what stands around it."""
    left, right = line[-5:], following[:5]
    if left[-1].isascii() or right[0].isascii():
        return False
    return len(left) not in segment.boundaries(left + right)


def _columns(line: str) -> int:
    """Width in print: one for a byte of ASCII, two for an ideograph, which is three bytes."""
    return (len(line) + len(line.encode())) // 2


def _wrapped_at(lines: list[str], width_of: Callable[[str], int], slack: int) -> int | None:
    """The width at which a text was wrapped, by columns (print) or characters (a program); None: it was not.

    It was, where no line is wider than print and at least three of the unfinished ones end within a few
    columns of the widest.
    """
    if max(map(len, lines)) > _WIDEST:
        return None
    widths = [(width_of(line), line[-1] in _CLOSED) for line in lines if line]
    widest = max(width for width, _ in widths)
    full = sum(not closed and width >= widest - slack for width, closed in widths)
    narrowest = _NARROWEST if width_of is _columns else _NARROWEST // 2
    return widest if narrowest <= widest <= _WIDEST and full >= 3 else None

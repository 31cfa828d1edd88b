"""Printed lines → paragraphs: what the margin broke is joined, what repeats on every page is dropped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from crawler.reading.pdf_page import Line

_EDGE = 0.1  # share of the page's height at top and bottom where headers and footers stand
_LONGEST_RUNNING = 60  # characters; a longer line is text that two pages happen to begin with
_PAGE_NUMBER = re.compile(
    r"[-—–·\s]*(?:第?\s*\d{1,4}\s*页?|第\s*[一二三四五六七八九十百]{1,5}\s*页)?"
    r"[-—–·\s]*(?:[/|,，]?\s*[共总]?\s*\d{1,4}\s*页?)?[-—–·\s]*|page\s*\d+(?:\s*of\s*\d+)?",
    re.I,
)
_DIGITS = re.compile(r"[\d\s]+")
_CODE_LINE = ("证券代码", "股票代码", "公司代码", "证券简称", "A股代码", "A 股代码", "公告编号")
_STARTS_ITEM = re.compile(
    r"[(（]?[一二三四五六七八九十]{1,3}[、)）.．]|第[一二三四五六七八九十百]{1,4}[章节条]|[(（]\d{1,2}[)）]"
    r"|\d{1,2}(?:、|[.．](?![\d万亿])|[)）])|[①-⑳]|附件|备查文件"
)
_STARTS_LINE = re.compile(r"[●■□√☑◆▲★•]|特此公告|注\d*[:：]")
_ENDS_SENTENCE = ("。", "；", "：", "！", "？", ":", ";", "…", "”", "）")
_NUMBER = re.compile(r"[-+(（]?[\d,.]*\d[%％)）]?")
_WORD = re.compile(r"[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell's text. `fills`: its last line reaches the right border, so it may go on overleaf."""

    text: str
    left: float
    right: float
    fills: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table: rows of cells from the top; a cell stands in the row where it begins."""

    rows: tuple[tuple[Cell, ...], ...]

    @property
    def text(self) -> str:
        """标的 | 金额, a row a line. An empty cell keeps its place among others, but nobody's alone."""
        return "\n".join(text for row in self.rows if (text := _row_text(row)))


def _row_text(row: Sequence[Cell]) -> str:
    filled = [cell.text for cell in row if cell.text]
    return filled[0] if len(filled) == 1 else " | ".join(cell.text for cell in row).rstrip(" |").lstrip()


Block = Line | Table


@dataclass(frozen=True, slots=True)
class Layout:
    """What is printed on one page, in reading order."""

    blocks: tuple[Block, ...]
    height: float


def without_running(pages: Sequence[Layout]) -> list[Layout]:
    """The pages without headers, footers and page numbers.

    A line at a page's edge is running if most pages repeat it there, digits aside. The filing's code line
    (证券代码：… 证券简称：…) is kept where it is first printed: nothing else may name the company.
    """
    repeated = _repeated(pages)
    named = False
    cleaned = []
    for page in pages:
        kept: list[Block] = []
        for block in page.blocks:
            if isinstance(block, Line) and _at_edge(block, page):
                codes = block.text.startswith(_CODE_LINE)
                if _is_page_number(block.text) or (_key(block) in repeated and (named or not codes)):
                    continue
                named = named or codes
            kept.append(block)
        cleaned.append(replace(page, blocks=tuple(kept)))
    return cleaned


def _repeated(pages: Sequence[Layout]) -> frozenset[tuple[str, int]]:
    """Keys of edge lines found on most pages, and on two at least."""
    seen: Counter[tuple[str, int]] = Counter()
    for page in pages:
        edge = (block for block in page.blocks if isinstance(block, Line) and _at_edge(block, page))
        seen.update({_key(line) for line in edge if len(line.text) < _LONGEST_RUNNING})
    return frozenset(key for key, times in seen.items() if times >= max(2, 0.5 * len(pages)))


def mended(pages: Sequence[Layout]) -> list[Layout]:
    """The pages with every table row that a page's end cut in two made whole, where it begins."""
    whole = list(pages)
    for at in range(1, len(whole)):
        above, below = whole[at - 1].blocks, whole[at].blocks
        if not above or not below or not isinstance(above[-1], Table) or not isinstance(below[0], Table):
            continue
        if row := _one_row(above[-1], below[0]):
            upper = replace(above[-1], rows=(*above[-1].rows[:-1], row))
            lower = replace(below[0], rows=below[0].rows[1:])
            whole[at - 1] = replace(whole[at - 1], blocks=(*above[:-1], upper))
            whole[at] = replace(whole[at], blocks=(lower, *below[1:]) if lower.rows else below[1:])
    return whole


def _one_row(upper: Table, lower: Table) -> tuple[Cell, ...] | None:
    """The last row of `upper` and the first of `lower` as one, if every cell of it goes on with one above."""
    whole = list(upper.rows[-1])
    for rest in (cell for cell in lower.rows[0] if cell.text):
        at = next((at for at, cell in enumerate(whole) if _overleaf(cell, rest)), None)
        if at is None:
            return None
        text = whole[at].text + _glue(whole[at].text, rest.text) + rest.text
        whole[at] = replace(rest, text=text)
    return tuple(whole)


def _overleaf(begun: Cell, rest: Cell) -> bool:
    if not begun.fills or begun.text.endswith(("。", "；")) or _NUMBER.fullmatch(begun.text):
        return False  # a number is whole, however narrow its column
    return abs(begun.left - rest.left) < 4 and abs(begun.right - rest.right) < 4


def _at_edge(line: Line, page: Layout) -> bool:
    return line.bottom > (1 - _EDGE) * page.height or line.top < _EDGE * page.height


def _key(line: Line) -> tuple[str, int]:
    """What is printed, digits aside, and at what height: □适用 √不适用 may top two pages by chance."""
    return _DIGITS.sub("#", line.text), round(line.bottom / 3)


def _is_page_number(text: str) -> bool:
    return len(text) <= 20 and bool(_PAGE_NUMBER.fullmatch(text.strip()))


@dataclass(frozen=True, slots=True)
class _Margins:
    left: float
    right: float
    indents: bool
    """Whether paragraphs begin indented, so that a line that is not goes on with the one before."""
    gap: float
    """The usual distance between the feet of two lines."""


def join(pages: Sequence[Layout]) -> tuple[str, tuple[int, ...]]:
    """The text of all pages, a paragraph a line, and the offset at which each page begins in it.

    A paragraph that runs over a page's end stays whole; the new page begins inside it.
    """
    margins = _margins(pages)
    parts: list[str] = []
    offsets: list[int] = []
    length = 0
    last: Block | None = None
    joined = False
    for page in pages:
        first = True
        for block in page.blocks:
            joined = last is not None and _continues(last, block, margins, new_page=first, joined=joined)
            between = "" if last is None else _glue(last.text, block.text) if joined else "\n"
            parts += [between, block.text]
            length += len(between)
            if first:
                offsets.append(length)
            length += len(block.text)
            first, last = False, block
        if first:
            offsets.append(length)  # nothing on this page
    return "".join(parts), tuple(offsets)


def _margins(pages: Sequence[Layout]) -> _Margins:
    lines = [block for page in pages for block in page.blocks if isinstance(block, Line)]
    long = [line for line in lines if len(line.text) >= 20] or lines
    if not long:
        return _Margins(0.0, 0.0, indents=False, gap=0.0)
    gaps = sorted(gap for page in pages for gap in _gaps(page.blocks))
    left = _usual(line.left for line in long)
    indented = sum(1.4 * line.em < line.left - left < 2.6 * line.em for line in long)
    return _Margins(
        left=left,
        right=_full(line.right for line in long),
        indents=indented >= max(1, 0.04 * len(long)),
        gap=gaps[len(gaps) // 2] if gaps else 0.0,
    )


def _usual(values: Iterable[float]) -> float:
    """The most frequent value, to two points."""
    rounded = Counter(round(value / 2) * 2 for value in values)
    return max(rounded, key=lambda value: (rounded[value] + rounded[value + 2] + rounded[value - 2], value))


def _full(rights: Iterable[float]) -> float:
    """Where full lines end: nine in ten end there or before it."""
    ends = sorted(rights)
    return ends[int(0.9 * (len(ends) - 1))]


def _gaps(blocks: Sequence[Block]) -> Iterable[float]:
    lines = [block for block in blocks if isinstance(block, Line)]
    for upper, lower in pairwise(lines):
        if 0 < (gap := upper.bottom - lower.bottom) < 40:
            yield gap


def _continues(last: Block, block: Block, margins: _Margins, *, new_page: bool, joined: bool) -> bool:
    """Whether `block` goes on with the paragraph of `last`; `joined`: `last` itself went on with one."""
    if isinstance(last, Table) or isinstance(block, Table):
        return False
    em = last.em or 10.0
    if abs(last.em - block.em) > 0.25 * em and len(block.text) > 4:
        return False  # a heading above its text
    if not new_page and margins.gap and last.bottom - block.bottom > 1.45 * margins.gap:
        return False
    fills = last.right > margins.right - 1.7 * em and last.left < margins.left + 4.5 * em
    return fills and _goes_on(last, block, margins, em=em, joined=joined)


def _goes_on(last: Line, block: Line, margins: _Margins, *, em: float, joined: bool) -> bool:
    ended = last.text.endswith(_ENDS_SENTENCE)
    if _STARTS_LINE.match(block.text) or (ended and _STARTS_ITEM.match(block.text)):
        return False
    if block.left < margins.left + em:
        return margins.indents or not ended
    level = abs(block.left - last.left) < 0.5 * em  # a block that is indented as a whole
    return level and not ended if not joined else not ended or level


def _glue(before: str, after: str) -> str:
    """A space between two Latin words, nothing in Chinese; a number broken by the margin is one number."""
    if not before or not after or not (_WORD.match(before[-1]) and _WORD.match(after[0])):
        return ""
    return "" if before[-1].isdigit() and after[0].isdigit() else " "


def join_cell(lines: Sequence[Line], *, left: float, right: float) -> Cell:
    """One table cell's lines as one text; a line that ends early with a full stop ends a paragraph."""
    text = lines[0].text if lines else ""
    for last, line in pairwise(lines):
        ends = last.text.endswith(("。", "；", "：")) and right - last.right > 3 * last.em
        text += ("\n" if ends else _glue(last.text, line.text)) + line.text
    fills = bool(lines) and right - lines[-1].right < 1.7 * lines[-1].em
    return Cell(text, left, right, fills)

"""An element's text as lines: one a block, a data table's rows one each."""

from __future__ import annotations

import re
from collections.abc import Iterator

import lxml.html
from lxml import etree

_BLOCKS = frozenset(
    """address article blockquote caption center dd div dl dt fieldset figcaption figure h1 h2 h3 h4 h5 h6
    header hr li main ol p pre section table tbody td th tr ul""".split()  # noqa: SIM905
)
SPACE = re.compile(r"[ \t\r\n\f\v\xa0\u3000]+")


def lines(body: lxml.html.HtmlElement) -> Iterator[str]:
    """The lines that are not empty, their blanks made one."""
    pieces: list[str] = []
    for piece in _pieces(body):
        if piece == "\n":
            if line := SPACE.sub(" ", "".join(pieces)).strip():
                yield line
            pieces.clear()
        else:
            pieces.append(piece)
    if line := SPACE.sub(" ", "".join(pieces)).strip():
        yield line


def _pieces(body: lxml.html.HtmlElement) -> Iterator[str]:
    """The element's text in order, a newline at every block border; a data table comes as its rows.

    Walked, not recursed into: pages of broken markup nest thousands deep.
    """
    walk = etree.iterwalk(body, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        border = tag in _BLOCKS or tag == "br"
        if border:
            yield "\n"
        if event == "end":
            yield element.tail or "" if element is not body else ""
        elif tag in ("", "script", "style"):
            walk.skip_subtree()
        elif tag == "table" and is_data(element):
            yield from (piece for row in table_rows(element) for piece in (row, "\n"))
            walk.skip_subtree()
        else:
            yield element.text or ""


def is_data(table: lxml.html.HtmlElement) -> bool:
    """Not one that lays out the page: those hold tables, headings or the article's paragraphs."""
    return not table.xpath("(.//table | .//p[3] | .//h1)[1]")


def table_rows(table: lxml.html.HtmlElement) -> Iterator[str]:
    """Rows as 标的 | 金额; an empty cell keeps its place, an empty row is left out."""
    for row in table.iter("tr"):
        cells = [SPACE.sub(" ", cell.text_content()).strip() for cell in row.iterchildren("td", "th")]
        if any(cells):
            yield " | ".join(cells)

"""PDF → text, as a reader would copy it out by hand: paragraphs whole, tables row by row, no page furniture.

PDFium gives characters and drawn lines; `ruled` finds tables among the lines, `paragraphs` joins the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from crawler.reading import ocr
from crawler.reading.paragraphs import Block, Cell, Layout, Table, join, join_cell, mended, without_running
from crawler.reading.pdf_page import Line, PrintedPage
from crawler.reading.pdf_stream import swells
from crawler.reading.rejected import ReadingError, Reason, in_time
from crawler.reading.ruled import Grid, find_grids

READER = "pdf/1"

_TAIL = 8192  # bytes; the end mark stands in the last line, but servers and signing tools add to files
_TORN: tuple[Reason, str] = ("truncated", "a PDF that ends before its end mark; fetch it again")


@dataclass(frozen=True, slots=True)
class Printed:
    """The text of a PDF and where each page begins in it."""

    text: str
    pages: tuple[int, ...]
    unread: tuple[tuple[int, Reason], ...]
    """(page number from 1, `scanned` or `broken`) of the pages whose text is missing."""
    reader: str
    """READER, or ocr.READER where a page had to be recognised."""


@in_time
def read_pdf(data: bytes) -> Printed:
    """Read a PDF. Raises ReadingError: `encrypted`, `truncated`, `broken`, `empty`, `scanned`,
    `too-large`, `too-slow`."""
    if swells(data):
        raise ReadingError("too-large", "a PDF that unpacks to hundreds of megabytes; leave it out")
    pdf = _open(data)
    try:
        layouts, unread = _layouts(pdf)
        scans = [at for at, reason in unread.items() if reason == "scanned"]
        recognised = ocr.read_pages(pdf, scans) if scans else {}
    finally:
        pdf.close()
    layouts = [recognised.get(at, layout) for at, layout in enumerate(layouts)]
    text, offsets = join(mended(without_running(layouts)))
    missing = tuple((at + 1, reason) for at, reason in unread.items() if at not in recognised)
    if not text.strip():
        raise _no_text(len(layouts), missing)
    return Printed(text, offsets, missing, ocr.READER if recognised else READER)


def _layouts(pdf: pypdfium2.PdfDocument) -> tuple[list[Layout], dict[int, Reason]]:
    """Every page's layout, and why there is nothing on some (by index, from 0)."""
    layouts: list[Layout] = []
    unread: dict[int, Reason] = {}
    for at in range(len(pdf)):
        try:
            page = PrintedPage(pdf[at])
        except pypdfium2.PdfiumError:
            unread[at] = "broken"
            layouts.append(Layout((), 0.0))
            continue
        layout, is_scan = _layout(page)
        layouts.append(layout)
        if is_scan:
            unread[at] = "scanned"
    return layouts, unread


def _layout(page: PrintedPage) -> tuple[Layout, bool]:
    """What is printed on a page, and whether it is a picture."""
    try:
        rules, covered = page.drawn()
        return Layout(tuple(_blocks(page, find_grids(rules))), page.height), page.is_scan(covered)
    finally:
        page.close()


def _blocks(page: PrintedPage, grids: list[Grid]) -> Iterator[Block]:
    """Lines and tables in the order the file draws them; a table stands where its first character does."""
    cells: list[dict[int, list[Line]]] = [{} for _ in grids]
    drawn: dict[Line | int, None] = {}  # an ordered set: a table is met once for each of its characters
    for start, end in page.spans():
        for table, line in _parts(page, grids, start, end, cells):
            drawn[table if line is None else line] = None
    for piece in drawn:
        if isinstance(piece, Line):
            yield piece
        elif rows := _rows(grids[piece], cells[piece]):
            yield Table(rows)


def _parts(
    page: PrintedPage, grids: list[Grid], start: int, end: int, cells: list[dict[int, list[Line]]]
) -> Iterator[tuple[int, Line | None]]:
    """A printed line cut at the borders it crosses: (-1, the line) outside tables, (table, None) inside one.

    PDFium takes what stands at one height for one line, across cells and beyond the table's edge.
    """
    whole = page.line(start, end)
    if not any(grid.ys[0] < whole.top and whole.bottom < grid.ys[-1] for grid in grids):
        yield -1, whole
        return
    for table, cell, first, after in _runs(page, grids, start, end):
        piece = page.line(first, after)
        if table < 0:
            yield -1, piece
        else:
            cells[table].setdefault(cell, []).append(piece)
            yield table, None


def _runs(page: PrintedPage, grids: list[Grid], start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """(table, cell, start, end) of every stretch of characters in one cell; table -1 outside all."""
    text = page.text
    here, first = (-2, -2), start
    for at in range(start, end):
        if text[at].isspace():
            continue
        left, bottom, right, top = page.box(at)
        place = _place(grids, (left + right) / 2, (bottom + top) / 2)
        if place != here:
            if here[0] != -2:
                yield *here, first, at
            here, first = place, at
    if here[0] != -2:
        yield *here, first, end


def _place(grids: list[Grid], x: float, y: float) -> tuple[int, int]:
    for table, grid in enumerate(grids):
        if grid.holds(x, y):
            return table, grid.cell_at(x, y)
    return -1, -1


def _rows(grid: Grid, cells: dict[int, list[Line]]) -> tuple[tuple[Cell, ...], ...]:
    """The table's rows that hold a character."""
    return tuple(
        tuple(_cell(grid, column, cell, cells.get(cell, ())) for column, cell in row)
        for row in grid.rows()
        if any(cell in cells for _, cell in row)
    )


def _cell(grid: Grid, column: int, cell: int, lines: Sequence[Line]) -> Cell:
    return join_cell(lines, left=grid.xs[column], right=grid.right_of(cell))


def _open(data: bytes) -> pypdfium2.PdfDocument:
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise _why_not(data) from error
    if b"%%EOF" not in data[-_TAIL:]:
        pdf.close()  # PDFium finds what pages it can in a torn file; half a filing is worse than none
        raise ReadingError(*_TORN)
    if len(pdf) == 0:
        raise ReadingError("empty", "a PDF without pages; fetch it again")
    return pdf


def _why_not(data: bytes) -> ReadingError:
    """PDFium's last error in words; a file that lost its end says so rather than just `broken`."""
    if pdfium.FPDF_GetLastError() in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
        return ReadingError(
            "encrypted", "a PDF that asks for a password; save it without one and load it again"
        )
    if b"%%EOF" not in data[-_TAIL:]:
        return ReadingError(*_TORN)
    return ReadingError("broken", "says it is a PDF but can't be opened as one; fetch it again")


def _no_text(count: int, missing: Sequence[tuple[int, Reason]]) -> ReadingError:
    if any(reason == "broken" for _, reason in missing):
        return ReadingError("broken", f"a PDF whose {count} pages can't be opened; fetch it again")
    if missing:
        return ReadingError("scanned", f"{count} pages, all pictures without text; {ocr.HINT}")
    return ReadingError("empty", f"a PDF of {count} pages with no text in it; fetch it again")

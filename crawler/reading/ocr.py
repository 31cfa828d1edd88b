"""Pictures of pages → lines, by RapidOCR, where the optional extra `ocr` is installed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from typing import Any

import pypdfium2

from crawler.reading.paragraphs import Layout
from crawler.reading.pdf_page import Line

READER = "pdf+ocr/1"
HINT = "pip install 'paomo[ocr]' and load it again"

_SCALE = 2.0  # 144 pixels an inch: 10-point Han characters are 20 pixels, enough for the recogniser
_SURE = 0.5  # below this the recogniser reads stamps and signatures


def read_pages(pdf: pypdfium2.PdfDocument, numbers: Sequence[int]) -> dict[int, Layout]:
    """The layouts of the pages (indices from 0) that could be recognised; empty without the extra."""
    engine = _engine()
    if engine is None:
        return {}
    return {number: layout for number in numbers if (layout := _recognise(engine, pdf[number])).blocks}


@cache
def _engine() -> Any:
    """The recogniser, loaded once (0.5 s), or None where the extra is not installed."""
    try:
        return import_module("rapidocr_onnxruntime").RapidOCR()
    except ImportError:
        return None


def _recognise(engine: Any, page: pypdfium2.PdfPage) -> Layout:
    height = page.get_height()
    picture = page.render(scale=_SCALE, grayscale=True).to_numpy()
    found, _ = engine(picture)
    lines = [_line(corners, text, height) for corners, text, sure in found or () if float(sure) >= _SURE]
    return Layout(tuple(_side_by_side(lines)), height)


def _side_by_side(pieces: list[Line]) -> Iterator[Line]:
    """What the recogniser found at one height as one line, left to right, as PDFium gives it."""
    row: list[Line] = []
    for piece in sorted(pieces, key=lambda piece: -piece.top):
        if row and piece.top < (row[0].bottom + row[0].top) / 2:
            yield _one_line(row)
            row = []
        row.append(piece)
    if row:
        yield _one_line(row)


def _one_line(row: list[Line]) -> Line:
    row = sorted(row, key=lambda piece: piece.left)
    text = " ".join(piece.text for piece in row)
    bottom, top = min(piece.bottom for piece in row), max(piece.top for piece in row)
    return Line(text, row[0].left, bottom, row[-1].right, top)


def _line(corners: Sequence[Sequence[float]], text: str, height: float) -> Line:
    xs, ys = [corner[0] / _SCALE for corner in corners], [corner[1] / _SCALE for corner in corners]
    return Line(text, min(xs), height - max(ys), max(xs), height - min(ys))

"""Pictures of pages → lines, by RapidOCR, where the optional extra `ocr` is installed."""

from __future__ import annotations

from collections.abc import Sequence
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
    lines.sort(key=_reading_order)
    return Layout(tuple(lines), height)


def _reading_order(line: Line) -> tuple[int, float]:
    return -round(line.top / 4), line.left  # 4 points: pieces of one line are not found at quite one height


def _line(corners: Sequence[Sequence[float]], text: str, height: float) -> Line:
    xs, ys = [corner[0] / _SCALE for corner in corners], [corner[1] / _SCALE for corner in corners]
    return Line(text, min(xs), height - max(ys), max(xs), height - min(ys))
